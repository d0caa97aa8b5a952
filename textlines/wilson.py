"""How far a share of few cases, or a change of it, can be trusted.

Both intervals are what a score test does not refuse. Unlike p ± 1.96 s, and unlike the bootstrap,
they keep their width where all cases agree: 3 of 3 is 0.438 to 1, and of 28 lines without a change
the change is -0.121 to 0.121, where resampling draws the same lines for ever.
"""

from collections.abc import Callable
from math import ceil, floor, sqrt
from statistics import NormalDist

Interval = tuple[float, float]

Z_95 = 1.959963984540054
"""The two-sided 95 % point of the normal distribution."""

ALPHA_95 = 0.05
"""What a 95 % interval leaves out, both sides together."""

_HALVINGS = 60
"""Of an interval of length 2: beyond the last bit of a double."""


def z_of(alpha: float) -> float:
    """Return the two-sided point of the normal distribution for intervals of 1 - alpha.

    Args:
        alpha: what is left out, both sides together, above 0 and below 1.

    >>> z_of(0.05) == Z_95, round(z_of(0.05 / 3), 3)
    (True, 2.394)
    """
    return Z_95 if alpha == ALPHA_95 else NormalDist().inv_cdf(1 - alpha / 2)


def wilson(right: float, of: float) -> Interval:
    """Bound the share behind `right` of `of` cases with 95 % confidence.

    Wilson's score interval (1927): it stays within 0..1 and keeps its width when all cases or none
    are right. Nothing seen gives (0, 1).

    Args:
        right, of: counts; fractions where cases that depend on each other count as fewer.

    Raises:
        ValueError: not 0 <= right <= of.

    >>> [round(bound, 3) for bound in wilson(123, 159)]
    [0.703, 0.832]
    >>> outward(wilson(3, 3)), wilson(0, 0)
    ((0.438, 1.0), (0.0, 1.0))
    """
    if not 0 <= right <= of:
        raise ValueError(f"need 0 <= right <= of, got {right} of {of}")
    if of == 0:
        return 0.0, 1.0
    share, z2 = right / of, Z_95 * Z_95
    middle = share + z2 / (2 * of)
    half = Z_95 * sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    low, high = (middle - half) / (1 + z2 / of), (middle + half) / (1 + z2 / of)
    # The formula gives 0, 1 and the share itself but for the last bit.
    return (
        0.0 if right == 0 else min(low, share),
        1.0 if right == of else max(high, share),
    )


def paired(mended: float, broken: float, of: float, *, alpha: float = ALPHA_95) -> Interval:
    """Bound a change of a share, where the same cases were judged twice: with 95 % confidence.

    Tango's score interval (1998), the counterpart of Wilson's: where no case changed it is as wide
    as Wilson's of 0 of so many, either way. It holds 0 unless McNemar's test without correction
    says otherwise. Nothing seen gives (-1, 1).

    Args:
        mended, broken: cases right the second time alone, or the first time alone.
        of: all cases. Fractions as for `wilson`.
        alpha: what the interval leaves out, both sides together.

    Raises:
        ValueError: a count is negative, or more changed than there are.

    >>> outward(paired(0, 0, 28)), outward(paired(15, 2, 98))
    ((-0.121, 0.121), (0.057, 0.221))
    """
    if mended < 0 or broken < 0 or mended + broken > of * (1 + 1e-9):
        raise ValueError(f"need 0 <= mended + broken <= of, got {mended} + {broken} of {of}")
    if of == 0:
        return -1.0, 1.0
    change = min(1.0, max(-1.0, (mended - broken) / of))
    reach = z_of(alpha)

    def score(true: float) -> float:
        """Return how many standard errors the change lies above a true one."""
        # The likeliest share of broken cases, were `true` the change: a root of a quadratic.
        b = -mended - broken + (2 * of - mended + broken) * true
        root = sqrt(max(0.0, b * b + 8 * of * broken * true * (1 - true)))
        share = max(0.0, (root - b) / (4 * of))
        variance = max(0.0, 2 * share + true * (1 - true)) / of
        if variance <= 0:
            return 0.0 if change == true else (1e9 if change > true else -1e9)
        return (change - true) / sqrt(variance)

    return (
        _last(change, -1.0, lambda true: score(true) <= reach),
        _last(change, 1.0, lambda true: score(true) >= -reach),
    )


def _last(inside: float, outside: float, holds: Callable[[float], bool]) -> float:
    """Return the value farthest from `inside`, towards `outside`, for which something holds."""
    if holds(outside):
        return outside
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if holds(middle) else (inside, middle)
    return inside


def outward(interval: Interval, digits: int = 3) -> Interval:
    """Round an interval so that none of it is lost: what is printed holds what was reckoned.

    >>> outward((0.4385, 0.9996)), outward((-0.0041, 0.29))
    ((0.438, 1.0), (-0.005, 0.29))
    """
    scale = 10.0**digits
    # 0.29 x 1000 is 290 but for the last bit.
    low, high = (round(bound * scale, 6) for bound in interval)
    return floor(low) / scale, ceil(high) / scale
