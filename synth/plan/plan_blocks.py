"""A run in blocks: the rows of each, its share of all that the run is for, and its seed.

A block is planned alone, by who draws it. What is decided for a run as a whole (which characters
get how many lines, the rounds of pairs, filler) costs the same for any number of rows; a block's
share of it is cut out of the run's schedule at two places, without the rest of it being made.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING

from synth.draws import Draws
from synth.plan.request import Pair, TargetPlan
from textlines.formats.manifest import SHARD

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Counts = npt.NDArray[np.int64]

BLOCK = 200_000
"""Rows of a block at most, a multiple of `SHARD`: some twenty seconds to plan, and many times as
long to draw. What is planned anew for each block (what a character may be served with, how texts
are indexed) costs a second or two of them (`benchmarks/plan_blocks.py`)."""

_TWO = 2
"""Rows of a round."""


def block_size(rows: int, most: int | None = None) -> int:
    """Return the rows of each block of a run but the last, which has what is left.

    As few blocks as hold the run, and these as even as whole shards let them be. A run of one block
    has one of its own size.

    Args:
        most: rows of a block; `BLOCK` where it is None.

    >>> block_size(150_000), block_size(200_001), block_size(10**9)
    (150000, 101000, 200000)
    """
    most = BLOCK if most is None else most
    if rows <= most:
        return rows
    return -(-rows // (-(-rows // most) * SHARD)) * SHARD


@dataclass(frozen=True, slots=True)
class PlanBlock:
    """Some rows of a run, planned by themselves.

    Attributes:
        number: from 0. count: blocks of the run. first: the index of its first row. rows: as many
            as it is to have.
    """

    number: int
    count: int
    first: int
    rows: int

    @classmethod
    def of(cls, rows: int, size: int, number: int) -> "PlanBlock":
        """Return a block of a run of so many rows, whose blocks have `size` rows each.

        >>> PlanBlock.of(450_000, 200_000, 2)
        PlanBlock(number=2, count=3, first=400000, rows=50000)
        """
        first = number * size
        return cls(number, -(-rows // size), first, min(size, rows - first))

    @property
    def is_whole(self) -> bool:
        """Whether the block is all of its run."""
        return self.count == 1

    def seed(self, seed: int) -> int:
        """Return the seed of the block's own draws; that of the run where it is all of it."""
        if self.is_whole:
            return seed
        key = f"{seed}/block {self.number}".encode()
        return int.from_bytes(blake2b(key, digest_size=8).digest(), "big")


def share_of(plan: TargetPlan, block: PlanBlock, seed: int) -> TargetPlan:
    """Return what of a run's lines a block is to have.

    The rows of the run are those of its schedule (`synth.plan.request.schedule`), cut every so many
    rows. So the shares of all blocks add up to the run, each job's to its own number, and any block
    is like the whole, as any part of the schedule is. Where a cut would part the lines of a round,
    the round stands before it and the last single line after it.

    Args:
        plan: of the whole run, of as many rows as the block's run.
        seed: of the run.
    """
    if block.is_whole:
        return plan
    counts = [plan.filler, *plan.alone.values(), *(pair.rounds for pair in plan.pairs)]
    alone_end = 1 + len(plan.alone)
    cuts = Cuts(counts, alone_end, seed)
    shares = (cuts.before(block.first + block.rows) - cuts.before(block.first)).tolist()
    alone = dict(zip(plan.alone, shares[1:alone_end], strict=True))
    rounds = zip(plan.pairs, shares[alone_end:], strict=True)
    return replace(
        plan,
        alone={char: count for char, count in alone.items() if count},
        pairs=tuple(Pair(pair.one, pair.other, count) for pair, count in rounds if count),
        filler=shares[0],
    )


class Cuts:
    """Where a schedule is cut: how many units of each job stand before a row.

    Args:
        counts: units of each job. singles: how many jobs, from the first on, have units of one row;
            those of the others have two. seed: of the run; places are those of the schedule.
    """

    def __init__(self, counts: Sequence[int], singles: int, seed: int) -> None:
        import numpy as np

        self._counts = np.array(counts, np.int64)
        self._rows = np.where(np.arange(len(counts)) < singles, 1, _TWO).astype(np.int64)
        self._singles = singles
        self._offsets = np.array(
            [Draws(seed, job, purpose="schedule").unit() for job in range(len(counts))], np.float64
        )

    def before(self, rows: int) -> "Counts":
        """Return the units of each job, int64, that stand in the first `rows` rows."""
        import numpy as np

        if rows >= int(self._rows @ self._counts):
            return self._counts.copy()
        low, high = 0.0, 2.0
        # Down to neighbours: what lies between these stands at one place, job by job.
        while (middle := (low + high) / 2) not in (low, high):
            if int(self._rows @ self._standing(middle)) <= rows:
                low = middle
            else:
                high = middle
        taken, tied = self._standing(low), self._standing(high)
        left = rows - int(self._rows @ taken)
        for job in np.flatnonzero(tied - taken):
            units = min(int(tied[job] - taken[job]), left // int(self._rows[job]))
            taken[job] += units
            left -= units * int(self._rows[job])
            if left and units < tied[job] - taken[job] + units:
                # A round, and room for one line: the last single line makes room for the other.
                taken[self._last_single(taken)] -= 1
                taken[job] += 1
                break
        return taken

    def _standing(self, place: float) -> "Counts":
        """Count the units of each job that stand before a place of the run, 0..1."""
        import numpy as np

        counts, offsets = self._counts, self._offsets
        units = np.clip(np.ceil(counts * place - offsets).astype(np.int64), 0, counts)
        whole = np.maximum(counts, 1)
        # As the schedule itself computes places: the last bit decides.
        units -= (units > 0) & ((units - 1 + offsets) / whole >= place)
        units += (units < counts) & ((units + offsets) / whole < place)
        return units

    def _last_single(self, taken: "Counts") -> int:
        import numpy as np

        jobs = np.flatnonzero(taken[: self._singles])
        places = (taken[jobs] - 1 + self._offsets[jobs]) / self._counts[jobs]
        # Of two at one place the later job comes later.
        return int(jobs[len(jobs) - 1 - int(np.argmax(places[::-1]))])
