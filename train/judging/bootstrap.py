"""How sure a change over several sets is: the paired, stratified bootstrap.

A line is drawn with both of its readings (paired), a document with all of its lines where groups
are named, and each set by itself (stratified), so that every draw holds as much of each set as
the sets themselves do. The interval holds Tango's of as many independent lines as these are worth
(`train.judging.intervals`): thirty lines without a flip prove as little of flips as thirty
lines can, and three mended ones of three prove no gain.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from textlines.wilson import Interval, paired
from train.judging.intervals import deviating_units, hull, reckoned_design

Changes = npt.NDArray[np.int8]
"""One number a line: 1 mended, -1 broken, 0 neither."""

DRAWS = 10_000
SEED = 1


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
        """Return what is drawn, alike units together: (sum of change, lines), and their count."""
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

    def units(self) -> int:
        """Count what is drawn: lines, or groups."""
        return len(self.change) if self.groups is None else len(np.unique(self.groups))


@dataclass(frozen=True, slots=True)
class Change:
    """A change of line accuracy over some sets, as a share (-1..1).

    Attributes:
        interval: two-sided, 95 %; holds the value.
        flips: share of lines that changed either way.
        design: how much wider the groups make the variance than lines alone would, at least 1;
            where hardly a group has a flip, what is reckoned with (`reckoned_design`).
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


def change_over(strata: Sequence[Stratum], *, seed: int = SEED) -> Change:
    """Measure the change over some sets, all lines weighing alike.

    Args:
        strata: each at least one line.

    Raises:
        ValueError: there is no line.
    """
    total = sum(len(one.change) for one in strata)
    if not total:
        raise ValueError("no line to measure a change on")
    random = np.random.Generator(np.random.PCG64(seed))
    drawn, by_line, worst, deviating = np.zeros(DRAWS), 0.0, 0.0, 0
    for one in strata:
        kinds, counts = one.kinds()
        units, share = int(counts.sum()), len(one.change) / total
        sums = random.multinomial(units, counts / units, size=DRAWS).astype(np.float64) @ kinds
        drawn += share * sums[:, 0] / sums[:, 1]
        # From counts, so that the order of the lines leaves not one bit.
        mean, of = int(one.change.sum()) / len(one.change), len(one.change)
        by_line += share**2 * (np.count_nonzero(one.change) / of - mean * mean) / of
        worst += share * of / one.units()
        deviating += deviating_units(one.change, one.groups)
    spread = float(np.var(drawn))
    design = reckoned_design(max(1.0, spread / by_line if by_line else 1.0), worst, deviating)
    changes = np.concatenate([one.change for one in strata])
    value, mended, broken = (
        float(changes.mean()),
        int((changes > 0).sum()),
        int((changes < 0).sum()),
    )
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Change(
        value=value,
        interval=hull(
            (float(low), float(high)),
            paired(mended / design, broken / design, total / design),
            value,
        ),
        lines=total,
        flips=(mended + broken) / total,
        design=design,
    )
