"""The evened choice: the lines that move a mix most toward its target, in checked batches.

Greedy for a monotone submodular function under a count of lines reaches 1 - 1/e of the best
(Nemhauser, Wolsey, Fisher 1978); gains only fall, so that an old gain is an upper bound (lazy
greedy: Minoux 1978). Taking lines one by one costs a Python step for each of a million, so they
are taken in batches of those with the highest gains. A batch loses what its lines take from each
other; it is halved until that loss is at most `_LOSS` of what its lines promised one by one. Since
the best set cannot gain more than the highest gains promise, the induction of the proof holds
with the loss as a factor: 1 - exp(-(1 - loss)) of the best, 0.61 for the default. Limits for
groups (`caps`) are partition matroids, for which greedy holds 1 / (1 + number of kinds) (Fisher,
Nemhauser, Wolsey 1978). Batches do not get smaller than `_LEAST_SHARE` of the choice; the loss
that this cost, and how near the choice certainly is to the best (Leskovec et al. 2007, online
bound), come back with it.

Costs make gains negative. As the number of lines is set, each line is credited with the cost of
the most costly one, which changes no order and makes the function monotone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from balance.mixing.lots import Lot
from balance.mixing.objective import (
    SCALE,
    CharacterTarget,
    Coverage,
    Features,
    Floors,
    make_coverage,
    make_features,
)
from balance.mixing.slices import Flags, Floats, Ints, runs


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of one kind that lines are in: 0.. for each line, -1 for none, and the limit."""

    of_line: Ints
    limit: int


class Room:
    """How much of each cap is left while a choice grows. Changed by `take` alone."""

    def __init__(self, groups: Sequence[Groups]) -> None:
        self._groups = groups
        self._used = [np.zeros(int(g.of_line.max(initial=-1)) + 1, np.int64) for g in groups]

    def allowed(self, rows: Ints) -> Flags:
        """Return which lines may all be taken together, the first ones first."""
        keep = np.ones(len(rows), np.bool_)
        for groups, used in zip(self._groups, self._used, strict=True):
            mine = groups.of_line[rows]
            inside = np.flatnonzero((mine >= 0) & keep)
            if not len(inside):
                continue
            order = inside[np.argsort(mine[inside], kind="stable")]
            edges = runs(mine[order])
            rank = np.arange(len(order)) - np.repeat(edges[:-1], np.diff(edges))
            over = rank + used[mine[order]] >= groups.limit
            keep[order[over]] = False
        return keep

    def take(self, rows: Ints) -> None:
        """Count lines as taken."""
        for groups, used in zip(self._groups, self._used, strict=True):
            mine = groups.of_line[rows]
            np.add.at(used, mine[mine >= 0], 1)

    def spent(self, rows: Ints) -> Flags:
        """Return which of some lines stand in a group that has no room left."""
        gone = np.zeros(len(rows), np.bool_)
        for groups, used in zip(self._groups, self._used, strict=True):
            mine = groups.of_line[rows]
            gone |= (
                (mine >= 0) & (used[np.maximum(mine, 0)] >= groups.limit) if len(used) else False
            )
        return gone


_LOSS = 0.05
"""The share of what its lines promise one by one that a batch may lose."""

_PREFERENCE = 4
"""A preferred line's gain counts for a quarter more."""

_NONE = np.iinfo(np.int64).min


class _Candidates:
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
            first = first + (first // _PREFERENCE) * preferred
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
        """Return the gains of the first rows as they are now; those not free have none."""
        gains = self.features.sums(self.coverage.gains(self.counts), rows) + self.credit
        gains[~self.free[:rows]] = _NONE
        return gains

    def top(self, most: int) -> tuple[Ints, Ints]:
        """Find the rows with the highest gains now; ties go to the one further ahead."""
        rows = min(len(self.free), max(self.reach, 4 * most))
        while True:
            gains = self._gains(rows)
            ranked = gains
            if self.preferred is not None:
                bonus = (gains // _PREFERENCE) * self.preferred[:rows]
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
            if lost <= _LOSS or len(top) <= least:
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
        """Return the worth of the rows that were taken, so many."""
        taken = np.flatnonzero(self.taken)
        added = self.features.totals(taken).astype(np.float64)
        gained = self.coverage.gain_of(self.counts - added, added)
        return gained + self.credit / SCALE * chosen


_LEAST_SHARE = 1 / 128


@dataclass(frozen=True, slots=True)
class EvenedChoice:
    """Chosen lines and how good the choice is.

    Attributes:
        rows: in the order they were taken.
        rounds: batches. loss: the largest share that a batch lost, 0..1.
        certain: the worth is at least this share of the best possible, whatever that is.
        over_caps: how many were taken although their group was full, for want of others.
        mean_gain: what a line added on average.
        free: the rows that are taken where no floor is to hold; None where they are the same.
    """

    rows: Ints
    rounds: int
    loss: float
    certain: float
    over_caps: int
    mean_gain: float = 0.0
    free: Ints | None = None


def choose(
    features: Features,
    coverage: Coverage,
    base: Floats,
    amount: int,
    *,
    sizes: Ints,
    room: Room,
    preferred: Flags | None = None,
) -> EvenedChoice:
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
    work = _Candidates(features, coverage, base, sizes, preferred)
    left, taken, rounds, loss = amount, [np.zeros(0, np.int64)], 0, 0.0
    mean = max(1.0, float(work.sizes.mean())) if len(work.sizes) else 1.0
    least = max(1, int(amount / mean * _LEAST_SHARE))
    batch = max(least, 16)
    over = 0
    relaxed = False
    blocked = np.zeros(len(work.free), np.bool_)
    while left > 0:
        if not work.free.any():
            if relaxed or not blocked.any():
                break
            # Only lines over a cap are left: better those than too few.
            work.free, relaxed = blocked, True
        top, gains = work.top(min(batch, max(1, int(left / mean + 1))))
        if not relaxed:
            allowed = room.allowed(work.order[top])
            if not allowed.any():
                spent = room.spent(work.order) & work.free
                blocked |= spent
                work.free &= ~spent
                continue
            top, gains = top[allowed], gains[allowed]
        fits = np.cumsum(work.sizes[top]) <= left
        if not fits[0]:
            # Too long for what is left: never again a candidate.
            work.free[top[0]] = False
            continue
        top, gains = top[fits], gains[fits]
        top, gains, lost = work.halve(top, gains, least)
        work.take(top)
        room.take(work.order[top])
        taken.append(work.order[top])
        over += len(top) if relaxed else 0
        left -= int(work.sizes[top].sum())
        rounds, loss = rounds + 1, max(loss, lost)
        batch = max(least, 2 * len(top) if lost < _LOSS / 2 else len(top))
    rows = np.concatenate(taken)
    certain = work.certain(len(rows))
    mean_gain = work.gained(len(rows)) / max(len(rows), 1)
    return EvenedChoice(rows, rounds, loss, certain, over, mean_gain)


MOST_SHARE = 0.25
"""Of the original lines, how much may be added as copies."""


def repeated(lot: Lot, counts: Ints, target: CharacterTarget, most: int) -> Lot:
    """Return the lot with some of its lines standing up to `most` times.

    Args:
        counts: by code point, how often each stands in the lot, and in what stands beside it.

    Returns:
        The lot itself for `most` = 1. The same lines in another order give the same copies.
    """
    if most <= 1 or not len(lot) or not len(target.codes):
        return lot
    labels, size = lot.labels(slice(None))
    features = make_features(labels, size, target.codes, np.zeros(0, np.uint64), None, 0)
    base = counts[target.codes].astype(np.float64)
    copies = 1 + choose_copies(features, base, target, most, lot.sizes.astype(np.int64))
    return lot if int(copies.max()) == 1 else lot.copied(copies)


def choose_copies(
    features: Features, base: Floats, target: CharacterTarget, most: int, sizes: Ints
) -> Ints:
    """Choose how many copies to add of each line, 0..most - 1, by what they add to the mix.

    Args:
        features: of the lines: the target's characters first; others count nothing here.
        base: how often each of the target's characters stands in the lines.
        sizes: of the lines, in the unit of the mix.
    """
    amount = int(MOST_SHARE * int(sizes.sum()))
    characters = len(target.codes)
    none = Floors(
        np.zeros(features.count - characters, np.int64),
        np.zeros(characters, np.int64),
        np.zeros(features.count - characters),
    )
    goal = make_coverage(target, none, (1 + MOST_SHARE) * float(base.sum()), None, 0)
    rows = np.tile(np.arange(len(features)), most - 1)
    start = np.zeros(features.count)
    start[:characters] = base
    choice = choose(features.take(rows), goal, start, amount, sizes=sizes[rows], room=Room(()))
    return np.bincount(rows[choice.rows], minlength=len(features))
