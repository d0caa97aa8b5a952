"""Lines parted among characters: by weights, and evenly among those that are named."""

from collections import Counter
from collections.abc import Sequence

from synth.corpus.character_classes import partners
from synth.plan.request import Pair, Refusal, TargetPlan
from textlines.errors import UsageError
from textlines.labels.canonical import LabelError, canonical, clusters

MOST_PARTNERS = 4
"""Of one character; the rarer confusions of a profile are chance."""

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


def read_chars(text: str) -> tuple[str, ...]:
    """Take the characters of `--chars` apart: clusters, each once, without spaces.

    Raises:
        UsageError: there is none, or one that no label can hold.

    >>> read_chars("0O 1l0")
    ('0', 'O', '1', 'l')
    """
    try:
        chars = tuple(dict.fromkeys(c for c in clusters(canonical(text)) if c.strip()))
    except LabelError as error:
        raise UsageError("--chars", error.what, "Name characters that a line may hold.") from None
    if not chars:
        raise UsageError("--chars", "names no character", "Name some, as in --chars 0O1l.")
    return chars


def parts_of(total: int, weights: Sequence[float]) -> list[int]:
    """Part a number by weights, to the last one (largest remainders; ties to the first).

    >>> parts_of(10, [1, 1, 1]), parts_of(2, [5, 0, 5])
    ([4, 3, 3], [1, 0, 1])
    """
    whole = sum(weights)
    if whole <= 0:
        return [0] * len(weights)
    exact = [total * weight / whole for weight in weights]
    counts = [int(value) for value in exact]
    rest = sorted(range(len(exact)), key=lambda k: (counts[k] - exact[k], k))
    for k in rest[: total - sum(counts)]:
        counts[k] += 1
    return counts


def plan_chars(chars: Sequence[str], rows: int, filler_share: float, refuse: Refusal) -> TargetPlan:
    """Part a run evenly among characters; partners among them stand in pairs.

    Every character gets the same number of lines, give or take one; as many of them as can be
    stand in pairs.
    """
    skipped = {char: why for char in chars if (why := refuse(char))}
    hard = tuple(char for char in chars if char not in skipped)
    filler = round(rows * filler_share) if hard else rows
    lines = dict(zip(hard, parts_of(rows - filler, [1.0] * len(hard)), strict=True))
    edges = partners(hard)
    degree = Counter(char for edge in edges for char in edge)
    pairs = []
    for first, second in edges:
        rounds = min(lines[first] // degree[first], lines[second] // degree[second])
        if rounds:
            pairs.append(Pair(first, second, rounds))
    in_pairs: Counter[str] = Counter()
    for pair in pairs:
        in_pairs[pair.one] += pair.rounds
        in_pairs[pair.other] += pair.rounds
    alone = {char: lines[char] - in_pairs[char] for char in hard}
    return TargetPlan(
        {char: count for char, count in alone.items() if count},
        tuple(pairs),
        filler,
        hard,
        skipped=skipped,
    )
