"""How far two sets of lines are apart: PSI and KS of lengths, spaces, characters and shapes."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from textlines.wording import Sentence, joined, say

Counts = npt.NDArray[np.int64]
"""How often each value stands in a set, by rising value."""

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


@dataclass(frozen=True, slots=True)
class Distance:
    """How far two distributions of a number are apart.

    Attributes:
        psi: population stability index; by custom below 0.1 is alike, from `PSI_FAR` on far.
        ks: Kolmogorov-Smirnov distance, 0..1.
        bins: that the index was taken over.
    """

    psi: float
    ks: float
    bins: int


def distance(counts: Counts, reference: Counts) -> Distance:
    """Compare how often each value stands in two sets; bins are tenths of the reference.

    Args:
        counts, reference: of the same values; neither is empty.

    >>> distance(np.array([5, 5, 0]), np.array([5, 5, 0]))
    Distance(psi=0.0, ks=0.0, bins=3)
    """
    ends = np.cumsum(reference)
    edges = np.unique(
        np.searchsorted(ends, int(ends[-1]) * np.arange(1, BINS) // BINS, side="right")
    )
    tenths = np.searchsorted(edges, np.arange(len(reference)))
    here, there = (
        np.bincount(tenths, sample, len(edges) + 1).tolist() for sample in (counts, reference)
    )
    return Distance(psi(here, there), ks(counts, reference), len(edges) + 1)


def share_distance(held: int, size: int, there: int, size_there: int) -> Distance:
    """Compare two shares: `held` of `size` against `there` of `size_there`."""
    gap = abs(held / size - there / size_there)
    return Distance(psi([held, size - held], [there, size_there - there]), gap, 2)


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


def ks(counts: Counts, reference: Counts) -> float:
    """Return the Kolmogorov-Smirnov distance, 0..1: the largest gap of the cumulated shares.

    >>> ks(np.array([1, 1, 1]), np.array([2, 2, 2])), ks(np.array([2, 0]), np.array([0, 2]))
    (0.0, 1.0)
    """
    here, there = (np.cumsum(sample) / sample.sum() for sample in (counts, reference))
    return min(1.0, round(float(np.abs(here - there).max()), 12))


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
    apart = distance(*counted(values, reference))
    means = say(
        "mean {mean:.2f}, there {there:.2f}",
        mean=sum(values) / len(values),
        there=sum(reference) / len(reference),
    )
    sizes = len(values), len(reference)
    chance = psi_by_chance(apart.bins, *sizes)
    return Drift(name, apart.psi, chance, apart.ks, ks_by_chance(*sizes), means)


def counted(values: Sequence[float], reference: Sequence[float]) -> tuple[Counts, Counts]:
    """Count each value that stands in either of two samples.

    >>> [counts.tolist() for counts in counted([3, 1, 1], [2])]
    [[2, 0, 1], [0, 1, 0]]
    """
    known, places = np.unique(np.array([*values, *reference]), return_inverse=True)
    here, there = (
        np.bincount(part, minlength=len(known)).astype(np.int64)
        for part in (places[: len(values)], places[len(values) :])
    )
    return here, there


def share_drift(name: str, held: int, size: int, there: int, size_there: int) -> Drift:
    """Compare two shares: `held` of `size` against `there` of `size_there`."""
    apart = share_distance(held, size, there, size_there)
    detail = say("{share:.1%}, there {there:.1%}", share=held / size, there=there / size_there)
    sizes = size, size_there
    chance = psi_by_chance(apart.bins, *sizes)
    return Drift(name, apart.psi, chance, apart.ks, ks_by_chance(*sizes), detail)


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
    spaced, there = (sum(" " in label for label in sample) for sample in (labels, reference))
    return (
        value_drift(
            "length", [len(label) for label in labels], [len(label) for label in reference]
        ),
        share_drift("space", spaced, len(labels), there, len(reference)),
        charset_drift(labels, reference),
    )
