"""How far two sets of lines are apart: PSI and KS of lengths, spaces, characters and shapes."""

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from textlines.wording import Sentence, joined, say

PSI_FAR, KS_FAR = 0.25, 0.15
"""From here on two distributions differ much. 0.25 is the usual reading of a PSI."""

BINS = 10
CHARACTERS = 60
"""The characters that have a bin of their own: the most frequent of the reference."""


@dataclass(frozen=True, slots=True)
class Drift:
    """One figure's drift from a reference.

    Attributes:
        name: "length", "space", "charset" or "width".
        psi: population stability index, 0 for equal shares.
        psi_by_chance: what two samples of these sizes from one source stay below, all but
            once in a thousand times or so.
        ks: the largest gap between the cumulative shares, 0..1; None where there is no order.
        ks_by_chance: likewise.
        detail: the figures behind it.
    """

    name: str
    psi: float
    psi_by_chance: float
    ks: float | None
    ks_by_chance: float
    detail: Sentence

    @property
    def is_far(self) -> bool:
        """Whether the drift is large and no accident of sampling."""
        by_psi = self.psi > max(PSI_FAR, self.psi_by_chance)
        return by_psi or (self.ks is not None and self.ks > max(KS_FAR, self.ks_by_chance))


def psi(counts: Sequence[float], reference: Sequence[float]) -> float:
    """Return the population stability index: sum of (p - q) ln(p / q) over the bins.

    Half a count is added to every bin, so that an empty one gives no infinity.

    >>> psi([10, 20], [10, 20]), round(psi([10, 90], [50, 50]), 2)
    (0.0, 0.85)
    """
    p_all, q_all = sum(counts) + len(counts) / 2, sum(reference) + len(counts) / 2
    total = 0.0
    for left, right in zip(counts, reference, strict=True):
        p, q = (left + 0.5) / p_all, (right + 0.5) / q_all
        total += (p - q) * math.log(p / q)
    return total


def psi_by_chance(bins: int, size: int, other: int) -> float:
    """Return the PSI that two samples of one source hardly exceed.

    For samples of n and m it is about (1/n + 1/m) times a chi-square of bins - 1 degrees; mean
    plus 3 standard deviations of that.

    >>> round(psi_by_chance(10, 100, 100), 2)
    0.43
    """
    free = max(bins - 1, 1)
    return (1 / max(size, 1) + 1 / max(other, 1)) * (free + 3 * math.sqrt(2 * free))


def ks(values: Sequence[float], reference: Sequence[float]) -> float:
    """Return the Kolmogorov-Smirnov distance of two samples, 0..1.

    >>> ks([1, 2, 3], [1, 2, 3]), ks([1, 1], [2, 2])
    (0.0, 1.0)
    """
    one, other = Counter(values), Counter(reference)
    left = right = worst = 0.0
    for value in sorted({*one, *other}):
        left += one[value] / len(values)
        right += other[value] / len(reference)
        worst = max(worst, abs(left - right))
    return min(1.0, round(worst, 12))


def ks_by_chance(size: int, other: int) -> float:
    """Return the distance that two samples of one source exceed once in a thousand times."""
    return 1.95 * math.sqrt((size + other) / max(size * other, 1))


def value_drift(name: str, values: Sequence[float], reference: Sequence[float]) -> Drift:
    """Compare two samples of numbers; bins are tenths of the reference.

    Raises:
        ValueError: a sample is empty.
    """
    if not values or not reference:
        raise ValueError("an empty sample has no distribution")
    ranked = sorted(reference)
    edges = sorted({ranked[len(ranked) * at // BINS] for at in range(1, BINS)})
    p, q = ([0] * (len(edges) + 1) for _ in range(2))
    for value in values:
        p[bisect_left(edges, value)] += 1
    for value in reference:
        q[bisect_left(edges, value)] += 1
    means = say(
        "mean {mean:.2f}, there {there:.2f}",
        mean=sum(values) / len(values),
        there=sum(reference) / len(reference),
    )
    sizes = len(values), len(reference)
    chance = psi_by_chance(len(p), *sizes)
    return Drift(name, psi(p, q), chance, ks(values, reference), ks_by_chance(*sizes), means)


def share_drift(name: str, held: int, size: int, there: int, size_there: int) -> Drift:
    """Compare two shares: `held` of `size` against `there` of `size_there`."""
    found = psi([held, size - held], [there, size_there - there])
    gap = abs(held / size - there / size_there)
    detail = say("{share:.1%}, there {there:.1%}", share=held / size, there=there / size_there)
    sizes = size, size_there
    return Drift(name, found, psi_by_chance(2, *sizes), gap, ks_by_chance(*sizes), detail)


def charset_drift(labels: Sequence[str], reference: Sequence[str]) -> Drift:
    """Compare the shares of characters; rare ones of the reference are one bin."""
    here = Counter(chain.from_iterable(labels))
    there = Counter(chain.from_iterable(reference))
    here.pop(" ", None)
    there.pop(" ", None)
    ranked = sorted(there, key=lambda char: (-there[char], char))[:CHARACTERS]
    p = [here[char] for char in ranked] + [here.total() - sum(here[c] for c in ranked)]
    q = [there[char] for char in ranked] + [there.total() - sum(there[c] for c in ranked)]
    # Characters of one line hang together: lines, not characters, are the samples.
    chance = psi_by_chance(len(p), len(labels), len(reference))
    return Drift("charset", psi(p, q), chance, None, 0.0, _furthest(here, there))


def _furthest(here: Mapping[str, int], there: Mapping[str, int]) -> Sentence:
    """Name the characters whose shares differ most."""
    all_here, all_there = max(sum(here.values()), 1), max(sum(there.values()), 1)
    gaps = {c: here.get(c, 0) / all_here - there.get(c, 0) / all_there for c in {*here, *there}}
    ranked = sorted(gaps, key=lambda char: (-abs(gaps[char]), char))[:6]
    return joined(
        ", ",
        [say("{char!r} {points:+.1f} points", char=c, points=100 * gaps[c]) for c in ranked],
    )


def label_drifts(labels: Sequence[str], reference: Sequence[str]) -> tuple[Drift, ...]:
    """Compare two sets of labels: lengths, share with spaces, characters."""
    spaced, there = (sum(" " in label for label in one) for one in (labels, reference))
    return (
        value_drift("length", [len(one) for one in labels], [len(one) for one in reference]),
        share_drift("space", spaced, len(labels), there, len(reference)),
        charset_drift(labels, reference),
    )
