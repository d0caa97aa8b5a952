"""Candidates of a choice in the making: what each would gain now, and who gains most."""

import numpy as np

from balance.mixing.arrays import Flags, Floats, Ints
from balance.mixing.coverage import SCALE, Coverage
from balance.mixing.features import Features

LOSS = 0.05
"""The share of what its lines promise one by one that a batch may lose."""

PREFERENCE = 4
"""A preferred line's gain counts for a quarter more."""

_NONE = np.iinfo(np.int64).min


class Candidates:
    """Lines to choose from; the rows here are sorted by falling first gain.

    Changed by `take` alone, and by who sets `free`.

    Attributes:
        order: number of each row among the lines that were given.
        sizes: of each row. free: whether it may still be taken.
    """

    def __init__(
        self,
        features: Features,
        coverage: Coverage,
        base: Floats,
        sizes: Ints,
        preferred: Flags | None,
    ) -> None:
        self.coverage, self.counts = coverage, base.astype(np.float64)
        costs = np.rint(coverage.costs * SCALE).astype(np.int64)
        self.credit = int(features.sums(costs, len(features)).max(initial=0))
        first = features.sums(coverage.gains(self.counts), len(features)) + self.credit
        if preferred is not None:
            first = first + (first // PREFERENCE) * preferred
        self.order = np.argsort(-first, kind="stable")
        self.bound = first[self.order]
        self.features = features.take(self.order)
        self.sizes = sizes[self.order]
        self.preferred = preferred[self.order] if preferred is not None else None
        self.free = np.ones(len(features), np.bool_)
        self.taken = np.zeros(len(features), np.bool_)
        self.reach = 0

    def take(self, top: Ints) -> None:
        """Count rows as taken."""
        self.counts += self.features.totals(top)
        self.free[top] = False
        self.taken[top] = True

    def _gains(self, rows: int) -> Ints:
        """Give the gains of the first rows as they are now; those not free have none."""
        found = self.features.sums(self.coverage.gains(self.counts), rows) + self.credit
        found[~self.free[:rows]] = _NONE
        return found

    def top(self, most: int) -> tuple[Ints, Ints]:
        """Find the rows with the highest gains now; ties go to the one further ahead."""
        rows = min(len(self.free), max(self.reach, 4 * most))
        while True:
            gains = self._gains(rows)
            ranked = gains
            if self.preferred is not None:
                bonus = (gains // PREFERENCE) * self.preferred[:rows]
                ranked = np.where(gains == _NONE, _NONE, gains + bonus)
            bar = _NONE if most >= rows else int(np.partition(ranked, rows - most)[rows - most])
            # Behind the reach nobody's gain is above what it was at first.
            if rows == len(self.free) or (bar != _NONE and int(self.bound[rows]) <= bar):
                break
            rows = min(len(self.free), 2 * rows)
        self.reach = rows
        above = np.flatnonzero(ranked > bar)
        ties = np.flatnonzero((ranked == bar) & (ranked != _NONE))[: most - len(above)]
        top = np.concatenate((above, ties))
        top = top[np.lexsort((self.order[top], -ranked[top]))]
        return top, gains[top]

    def halve(self, top: Ints, gains: Ints, least: int) -> tuple[Ints, Ints, float]:
        """Shorten a batch until its lines take little from each other; also gives that loss."""
        while True:
            promise = float(gains.sum()) / SCALE
            credit = self.credit / SCALE * len(top)
            added = self.features.totals(top).astype(np.float64)
            gained = self.coverage.gain_of(self.counts, added) + credit
            lost = max(0.0, 1 - gained / promise) if promise > 0 else 0.0
            if lost <= LOSS or len(top) <= least:
                return top, gains, lost
            half = max(least, len(top) // 2)
            top, gains = top[:half], gains[:half]

    def certain(self, chosen: int) -> float:
        """Bound the worth from below as a share of the best possible."""
        if not chosen:
            return 1.0
        self.free = ~self.taken
        gains = np.maximum(self._gains(len(self.free)), 0)
        best = np.sort(gains)[-chosen:].sum() / SCALE
        return self.gained(chosen) / max(self.gained(chosen) + float(best), 1e-300)

    def gained(self, chosen: int) -> float:
        """Give the worth of the rows that were taken, so many."""
        taken = np.flatnonzero(self.taken)
        added = self.features.totals(taken).astype(np.float64)
        gained = self.coverage.gain_of(self.counts - added, added)
        return gained + self.credit / SCALE * chosen
