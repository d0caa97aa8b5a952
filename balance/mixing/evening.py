"""The evened choice: the lines that move a mix most toward its target, in checked batches.

Greedy for a monotone submodular function under a count of lines reaches 1 - 1/e of the best
(Nemhauser, Wolsey, Fisher 1978); gains only fall, so that an old gain is an upper bound (lazy
greedy: Minoux 1978). Taking lines one by one costs a Python step for each of a million, so they
are taken in batches of those with the highest gains. A batch loses what its lines take from each
other; it is halved until that loss is at most `LOSS` of what its lines promised one by one. Since
the best set cannot gain more than the highest gains promise, the induction of the proof holds
with the loss as a factor: 1 - exp(-(1 - loss)) of the best, 0.61 for the default. Limits for
groups (`caps`) are partition matroids, for which greedy holds 1 / (1 + number of kinds) (Fisher,
Nemhauser, Wolsey 1978). Batches do not get smaller than `LEAST_SHARE` of the choice; the loss
that this cost, and how near the choice certainly is to the best (Leskovec et al. 2007, online
bound), come back with it.

Costs make gains negative. As the number of lines is set, each line is credited with the cost of
the most costly one, which changes no order and makes the function monotone.
"""

from dataclasses import dataclass

import numpy as np

from balance.mixing.arrays import Flags, Floats, Ints
from balance.mixing.caps import Room
from balance.mixing.coverage import SCALE, Coverage
from balance.mixing.features import Features

LOSS = 0.05
LEAST_SHARE = 1 / 128
PREFERENCE = 4
"""A preferred line's gain counts for a quarter more."""

_NONE = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class Choice:
    """Chosen lines and how good the choice is.

    Attributes:
        rows: in the order they were taken.
        rounds: batches. loss: the largest share that a batch lost, 0..1.
        certain: the worth is at least this share of the best possible, whatever that is.
        over_caps: how many were taken although their group was full, for want of others.
        mean_gain: what a line added on average.
    """

    rows: Ints
    rounds: int
    loss: float
    certain: float
    over_caps: int
    mean_gain: float = 0.0


def choose(
    features: Features,
    coverage: Coverage,
    base: Floats,
    amount: int,
    *,
    sizes: Ints,
    room: Room,
    preferred: Flags | None = None,
) -> Choice:
    """Choose lines whose features, beside those of the base, are worth most.

    Args:
        features: of the candidates, in the order that ties are broken in.
        base: how often each feature stands in the rest of the mix.
        amount: how much to choose, in the unit of `sizes` (lines: 1 each; or characters).
        room: the caps; grows by what is taken.
        preferred: candidates to take before equally good others.

    Returns:
        As many as fit `amount`; fewer only if there are no more candidates.
    """
    work = _Work(features, coverage, base, sizes, room, preferred)
    return work.run(amount)


class _Work:
    """A choice in the making; its rows are sorted by falling first gain."""

    def __init__(
        self,
        features: Features,
        coverage: Coverage,
        base: Floats,
        sizes: Ints,
        room: Room,
        preferred: Flags | None,
    ) -> None:
        self.coverage, self.counts, self.room = coverage, base.astype(np.float64), room
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

    def run(self, amount: int) -> Choice:
        left, taken, rounds, loss = amount, [np.zeros(0, np.int64)], 0, 0.0
        mean = max(1.0, float(self.sizes.mean())) if len(self.sizes) else 1.0
        least = max(1, int(amount / mean * LEAST_SHARE))
        batch = max(least, 16)
        over = 0
        relaxed = False
        blocked = np.zeros(len(self.free), np.bool_)
        while left > 0:
            if not self.free.any():
                if relaxed or not blocked.any():
                    break
                # Only lines over a cap are left: better those than too few.
                self.free, relaxed = blocked, True
            top, gains = self._top(min(batch, max(1, int(left / mean + 1))))
            if not relaxed:
                allowed = self.room.allowed(self.order[top])
                if not allowed.any():
                    spent = self.room.spent(self.order) & self.free
                    blocked |= spent
                    self.free &= ~spent
                    continue
                top, gains = top[allowed], gains[allowed]
            fits = np.cumsum(self.sizes[top]) <= left
            if not fits[0]:
                # Too long for what is left: never again a candidate.
                self.free[top[0]] = False
                continue
            top, gains = top[fits], gains[fits]
            top, gains, lost = self._halve(top, gains, least)
            self.counts += self.features.totals(top)
            self.free[top] = False
            self.taken[top] = True
            self.room.take(self.order[top])
            taken.append(self.order[top])
            over += len(top) if relaxed else 0
            left -= int(self.sizes[top].sum())
            rounds, loss = rounds + 1, max(loss, lost)
            batch = max(least, 2 * len(top) if lost < LOSS / 2 else len(top))
        rows = np.concatenate(taken)
        certain = self._certain(len(rows))
        mean_gain = self._gained(len(rows)) / max(len(rows), 1)
        return Choice(rows, rounds, loss, certain, over, mean_gain)

    def _gains(self, rows: int) -> Ints:
        """Give the gains of the first rows as they are now; those not free have none."""
        found = self.features.sums(self.coverage.gains(self.counts), rows) + self.credit
        found[~self.free[:rows]] = _NONE
        return found

    def _top(self, most: int) -> tuple[Ints, Ints]:
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

    def _halve(self, top: Ints, gains: Ints, least: int) -> tuple[Ints, Ints, float]:
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

    def _certain(self, chosen: int) -> float:
        """Bound the worth from below as a share of the best possible."""
        if not chosen:
            return 1.0
        self.free = ~self.taken
        gains = np.maximum(self._gains(len(self.free)), 0)
        best = np.sort(gains)[-chosen:].sum() / SCALE
        return self._gained(chosen) / max(self._gained(chosen) + float(best), 1e-300)

    def _gained(self, chosen: int) -> float:
        taken = np.flatnonzero(self.taken)
        added = self.features.totals(taken).astype(np.float64)
        gained = self.coverage.gain_of(self.counts - added, added)
        return gained + self.credit / SCALE * chosen
