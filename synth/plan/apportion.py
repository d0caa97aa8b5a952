"""Part lines among characters so that one that needs fewer never gets more."""

from collections.abc import Sequence

_STEPS = 200
"""Halvings of the divisor: beyond the last bit of a float."""


def apportion(total: int, weights: Sequence[float], most: Sequence[int]) -> list[int]:
    """Part a number by weights, none above its most; what the caps leave over is not parted.

    Webster's divisor method: each gets its weight over one common divisor, rounded. Where one
    weight or cap falls and the others stay, that one never gets more and no other gets less
    (largest remainders, as in `parts_of`, do not keep this). Equal weights go by position.

    >>> apportion(10, [1.0, 1.0, 1.0], [9, 9, 9]), apportion(10, [5.0, 1.0], [4, 9])
    ([4, 3, 3], [4, 6])
    >>> apportion(10, [5.0, 0.0], [4, 9])
    [4, 0]
    """
    # A hair apart, so that no two are rounded up at the same divisor.
    apart = [weight * (1 - 1e-9 * k / len(weights)) for k, weight in enumerate(weights)]
    caps = [cap if weight > 0 else 0 for weight, cap in zip(apart, most, strict=True)]
    if sum(caps) <= total:
        return caps

    def parted(divisor: float) -> list[int]:
        return [
            min(cap, int(weight / divisor + 0.5)) for weight, cap in zip(apart, caps, strict=True)
        ]

    low, high = 0.0, 4 * sum(apart)
    if total <= 0:
        return [0] * len(caps)
    while sum(parted(high)) > total:
        high *= 2
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if sum(parted(middle)) > total:
            low = middle
        else:
            high = middle
    return parted(high)
