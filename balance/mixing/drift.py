"""How far the lines of a mix are from the lines that the model will meet."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from balance.mixing.arrays import Floats, Ints

LEAST_SHARE = 1e-4
"""An empty bin counts as this share, so that the index stays finite."""

Verdict = str


@dataclass(frozen=True, slots=True)
class Drift:
    """Two distributions of one measure of a line.

    Attributes:
        psi: population stability index over the bins; by custom below 0.1 is alike, above 0.25
            is another population.
        ks: Kolmogorov-Smirnov distance, 0..1: the largest gap between the two cumulated shares.
        mean, like_mean: of the measure.
    """

    psi: float
    ks: float
    mean: float
    like_mean: float

    @property
    def verdict(self) -> Verdict:
        """Say it in a word."""
        return "alike" if self.psi < 0.1 else "drifting" if self.psi < 0.25 else "apart"


@dataclass(frozen=True, slots=True)
class Shape:
    """How often each value of a measure (0, 1, 2, ...) stands in a set of lines."""

    length: Ints
    space_percent: Ints
    width: Ints

    def plus(self, other: "Shape") -> "Shape":
        """Put two sets of lines together."""
        return Shape(
            _add(self.length, other.length),
            _add(self.space_percent, other.space_percent),
            _add(self.width, other.width),
        )


WIDTH_STEP = 16
"""Pixels at height 48 that are counted as one width."""


def shape_of(characters: Ints, spaces: Ints, widths: Ints) -> Shape:
    """Count lengths (characters), shares of spaces (percent) and known widths of lines.

    Args:
        widths: in pixels at height 48; -1 where not known.
    """
    percent = 100 * spaces // np.maximum(characters, 1)
    return Shape(
        np.bincount(characters),
        np.bincount(percent),
        np.bincount(widths[widths >= 0] // WIDTH_STEP),
    )


def drift(counts: Ints, like: Ints, bins: int = 10) -> Drift | None:
    """Compare two sets of counts by value; None if one of them holds nothing.

    Bins hold a tenth of the like set each, as far as whole values allow.

    >>> drift(np.array([0, 5, 5]), np.array([0, 10, 10])).psi
    0.0
    """
    if not counts.sum() or not like.sum():
        return None
    size = max(len(counts), len(like))
    mine, theirs = (_shares(part, size) for part in (counts, like))
    upto_mine, upto_theirs = np.cumsum(mine), np.cumsum(theirs)
    # A value belongs to the tenth that its middle falls into.
    middle = upto_theirs - theirs / 2
    tenth = np.minimum((middle * bins + 1e-9).astype(np.int64), bins - 1)
    a = np.maximum(np.bincount(tenth, mine, bins), LEAST_SHARE)
    b = np.maximum(np.bincount(tenth, theirs, bins), LEAST_SHARE)
    values = np.arange(size)
    return Drift(
        float(((a - b) * np.log(a / b)).sum()),
        float(np.abs(upto_mine - upto_theirs).max()),
        float((mine * values).sum()),
        float((theirs * values).sum()),
    )


def drifts(mix: Shape, like: Shape) -> Mapping[str, Drift]:
    """Compare all measures that both sets know."""
    pairs = {
        "length": (mix.length, like.length),
        "space share": (mix.space_percent, like.space_percent),
        "width": (mix.width, like.width),
    }
    found = {name: drift(a, b) for name, (a, b) in pairs.items()}
    return {name: one for name, one in found.items() if one is not None}


def _shares(counts: Ints, size: int) -> Floats:
    padded = np.zeros(size)
    padded[: len(counts)] = counts
    return padded / padded.sum()


def _add(one: Ints, other: Ints) -> Ints:
    total = np.zeros(max(len(one), len(other)), np.int64)
    total[: len(one)] += one
    total[: len(other)] += other
    return total
