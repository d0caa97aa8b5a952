"""How sure a change over several sets is: the paired, stratified bootstrap.

A line is drawn with both of its readings (paired), a document with all of its lines where groups
are named, and each set by itself (stratified), so that every draw holds as much of each set as
the sets themselves do.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Interval = tuple[float, float]
Changes = npt.NDArray[np.int8]
"""One number a line: 1 mended, -1 broken, 0 neither."""

DRAWS = 10_000
SEED = 1

HALF = 0.5
"""Flips of either kind that are added to what was seen, where an interval is to prove that
nothing happened. Lines without one flip would else prove that none ever flips, however few they
are. (Agresti and Min 2005 add a half to each cell of the pair's table.)"""


@dataclass(frozen=True, slots=True)
class Stratum:
    """The lines of one set.

    Attributes:
        change: of each line.
        groups: number of each line's group, from 0; None draws lines.
    """

    change: Changes
    groups: npt.NDArray[np.intp] | None = None

    def kinds(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
        """Give the units that are drawn, alike ones together: (sum of change, lines), and count."""
        if self.groups is None:
            broken, same, mended = np.bincount(self.change.astype(np.intp) + 1, minlength=3)[:3]
            rows = np.array([[-1.0, 1.0], [0.0, 1.0], [1.0, 1.0]])
            return rows, np.array([broken, same, mended], np.int64)
        count = int(self.groups.max(initial=-1)) + 1
        sums = np.bincount(self.groups, self.change, count).astype(np.float64)
        lines = np.bincount(self.groups, minlength=count).astype(np.float64)
        both = np.stack([sums, lines], axis=1)[lines > 0]
        rows, counts = np.unique(both, axis=0, return_counts=True)
        return rows, counts.astype(np.int64)


@dataclass(frozen=True, slots=True)
class Change:
    """A change of line accuracy over some sets, as a share (-1..1).

    Attributes:
        interval: two-sided, 95 %, percentiles of the bootstrap.
        flips: share of lines that changed either way.
        design: how much wider the groups make the variance than lines alone would, at least 1.
    """

    value: float
    interval: Interval
    lines: int
    flips: float
    design: float = 1.0

    @property
    def width(self) -> float:
        """Give the width of the interval."""
        return self.interval[1] - self.interval[0]


def change_over(strata: Sequence[Stratum], *, seed: int = SEED, added: float = 0.0) -> Change:
    """Measure the change over some sets, all lines weighing alike.

    Args:
        strata: each at least one line.
        added: flips of either kind, in lines over all sets, that the interval reckons with
            beyond those seen (`HALF`, or 0).

    Raises:
        ValueError: there is no line.
    """
    total = sum(len(one.change) for one in strata)
    if not total:
        raise ValueError("no line to measure a change on")
    random = np.random.Generator(np.random.PCG64(seed))
    drawn, by_line = np.zeros(DRAWS), 0.0
    for one in strata:
        kinds, counts = one.kinds()
        units, share = int(counts.sum()), len(one.change) / total
        sums = random.multinomial(units, counts / units, size=DRAWS).astype(np.float64) @ kinds
        drawn += share * sums[:, 0] / sums[:, 1]
        # From counts, so that the order of the lines leaves not one bit.
        mean, of = int(one.change.sum()) / len(one.change), len(one.change)
        by_line += share**2 * (np.count_nonzero(one.change) / of - mean * mean) / of
    spread = float(np.var(drawn))
    if added:
        noise = random.poisson(added, DRAWS) - random.poisson(added, DRAWS)
        drawn += noise / total
    low, high = np.percentile(drawn, [2.5, 97.5])
    changes = np.concatenate([one.change for one in strata])
    return Change(
        value=float(changes.mean()),
        interval=(float(low), float(high)),
        lines=total,
        flips=float(np.count_nonzero(changes)) / total,
        design=max(1.0, spread / by_line) if by_line else 1.0,
    )
