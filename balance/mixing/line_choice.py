"""The new lines of each epoch, chosen beside all its other lines so that floors hold.

Prices rise until no frequent word is short. A floor is a constraint; its price is its multiplier. A
choice without prices is tried first, as large sets keep most of their floors by themselves. Where a
word or a character is short, an occurrence of it below its floor gets the worth of an average line,
and twice as much after each further try (dual ascent with doubling steps). Each try is a choice for
one concave objective and has that objective's guarantee. The last try prices what is still short
above all else; what is short then is mended line by line (`mended`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from balance.mixing.evening import EvenedChoice, Groups, Room, choose
from balance.mixing.label_blocks import Holding, lengths_of
from balance.mixing.likeness import FactTable, Reference
from balance.mixing.lots import Lot, Selection
from balance.mixing.mix_request import MixOptions
from balance.mixing.objective import (
    BINS,
    CharacterTarget,
    Coverage,
    Features,
    Floors,
    bins_of,
    make_coverage,
    make_features,
)
from balance.mixing.slices import Flags, Floats, Hashes, Ints, finish, hash_slices

LEAST_EVENING = 1e-3
"""In nats. Where evening gains less, what floors cost of it is not worth a word."""

_TRIES = 8
_ABOVE_ALL = 1.0
"""More than all characters of a line are worth, as the target's shares sum to 1."""


def choose_with_floors(
    features: Features,
    coverage: Coverage,
    base: Floats,
    amount: int,
    *,
    sizes: Ints,
    groups: Sequence[Groups] = (),
    preferred: Flags | None = None,
) -> EvenedChoice:
    """Choose lines so that all floors hold that any choice of all lines together would hold.

    Args:
        coverage: its prices are where the first try begins.
        groups: the caps, as in `Room`. The others as in `choose`.

    Returns:
        The choice with the fewest occurrences missing, the most even of those; beside it what
        is chosen without floors.
    """
    reachable = np.minimum(coverage.floors, base + features.totals())
    prices = coverage.prices.copy()
    free: EvenedChoice | None = None
    best: EvenedChoice | None = None
    least, step = np.inf, 0.0
    for number in range(_TRIES):
        choice = choose(
            features,
            replace(coverage, prices=prices, floors=reachable),
            base,
            amount,
            sizes=sizes,
            room=Room(groups),
            preferred=preferred,
        )
        free = free or choice
        counts = base + features.totals(choice.rows)
        short = np.maximum(reachable - counts, 0)
        # A later try that is no better gave evenness away for nothing.
        if best is None or short.sum() < least:
            best, least = choice, float(short.sum())
        if not least:
            break
        step = step or max(choice.mean_gain, 1e-12)
        raised = np.maximum(2 * prices, step)
        if number == _TRIES - 2:
            raised = np.full(len(prices), _ABOVE_ALL)
        prices = np.where(short > 0, np.maximum(prices, raised), prices)
    assert best is not None and free is not None
    if least:
        goal = replace(coverage, prices=prices, floors=reachable)
        best = replace(best, rows=mended(features, goal, base, best.rows, sizes, groups))
    return best if best.rows is free.rows else replace(best, free=free.rows)


def cost_of_floors(held: float, free: float, random: float) -> float:
    """Return the share of the evening that floors cost: 0 for none, 1 for all of it.

    The evening is how much nearer to the target the mix is than one of new lines drawn at random.

    Args:
        held, free, random: divergences from the target in nats, with floors, without them, and of
            a random mix.

    >>> cost_of_floors(0.3, 0.2, 0.4), cost_of_floors(0.2, 0.2, 0.4), cost_of_floors(0.4, 0.4, 0.4)
    (0.5, 0.0, 0.0)
    """
    evening = random - free
    return round(max(held - free, 0.0) / evening, 6) if evening >= LEAST_EVENING else 0.0


_MOST = 256
"""Exchanges at most: each looks at all lines once."""


def mended(
    features: Features,
    goal: Coverage,
    base: Floats,
    rows: Ints,
    sizes: Ints,
    groups: Sequence[Groups],
) -> Ints:
    """Exchange lines of a choice for others that bring what is short of its floor.

    Args:
        goal: its floors are what is to be held; all of them can be reached.
        base: how often each feature stands in the rest of the mix.
        rows: the choice. sizes: of all lines; the choice does not get longer.

    Returns:
        The choice with fewer or as many occurrences missing.
    """
    taken = np.zeros(len(features), np.bool_)
    taken[rows] = True
    line_of = np.repeat(np.arange(len(features)), np.diff(features.starts))
    counts = base + features.totals(rows)
    hopeless: set[int] = set()
    for _ in range(_MOST):
        short = [f for f in np.flatnonzero(counts < goal.floors).tolist() if f not in hopeless]
        if not short:
            break
        wanted = short[0]
        with_it = np.zeros(len(features), np.bool_)
        with_it[line_of[features.ids == wanted]] = True
        gains = features.sums(goal.gains(counts), len(features))
        pair = _pair(features, goal, counts, taken, with_it & ~taken, gains, line_of, sizes, groups)
        if pair is None:
            hopeless.add(wanted)
            continue
        coming, going = pair
        counts += features.totals(np.array([coming])) - features.totals(np.array([going]))
        taken[coming], taken[going] = True, False
    order = rows[taken[rows]]
    return np.concatenate((order, np.setdiff1d(np.flatnonzero(taken), order)))


def _pair(
    features: Features,
    goal: Coverage,
    counts: Floats,
    taken: Flags,
    fitting: Flags,
    gains: Ints,
    line_of: Ints,
    sizes: Ints,
    groups: Sequence[Groups],
) -> tuple[int, int] | None:
    """Find a line to come and one to go, or None."""
    candidates = np.flatnonzero(fitting)
    if not len(candidates):
        return None
    tight = (counts <= goal.floors) & (goal.floors > 0)
    bound = np.zeros(len(features), np.bool_)
    bound[line_of[tight[features.ids]]] = True
    leaving = np.flatnonzero(taken & ~bound)
    leaving = leaving[np.argsort(gains[leaving], kind="stable")]
    for coming in candidates[np.argsort(-gains[candidates], kind="stable")][:8].tolist():
        added = features.totals(np.array([coming]))
        for going in leaving[sizes[leaving] >= sizes[coming]][:32].tolist():
            after = counts + added - features.totals(np.array([going]))
            kept = np.minimum(after, goal.floors) >= np.minimum(counts, goal.floors)
            if kept.all() and _has_room(groups, taken, coming, going):
                return coming, going
    return None


def _has_room(groups: Sequence[Groups], taken: Flags, coming: int, going: int) -> bool:
    for kind in groups:
        mine = int(kind.of_line[coming])
        if mine < 0 or mine == kind.of_line[going]:
            continue
        if int(np.count_nonzero(taken & (kind.of_line == mine))) >= kind.limit:
            return False
    return True


def shares_of(lot: Lot, amount: int, epochs: int) -> Ints:
    """Deal the lines of a lot out to the epochs that can have lines of their own.

    If each epoch chose from all that is left, the first would take what is rare and the last find
    none of it. By a hash of the line, so that other lines change nothing.

    Returns:
        The number of the epoch that each line is kept for.
    """
    shares = np.uint64(max(1, min(epochs, lot.amount // max(amount, 1))))
    # Not the key itself: its order is that of drawing.
    return (finish(lot.keys) % shares).astype(np.int64)


def share_with_floors(
    features: Features, share: Ints, rows: Ints, base: Floats, coverage: Coverage
) -> Ints:
    """Add to an epoch's share those lines that hold what the share has too little of.

    Args:
        share: of `rows`, the lines that no epoch used yet.
    """
    short = np.flatnonzero(base + features.totals(share) < coverage.floors)
    if not len(short):
        return share
    weights = np.zeros(features.count, np.int64)
    weights[short] = 1
    holding = np.flatnonzero(features.sums(weights, len(features)))
    return np.union1d(share, np.intersect1d(rows, holding))


@dataclass(frozen=True, slots=True)
class NewLines:
    """All new lines of a mix, and what they are chosen by.

    Attributes:
        holding: what they hold together, of the target's characters and of these words.
    """

    lot: Lot
    options: MixOptions
    target: CharacterTarget
    words: Hashes
    holding: Holding


class Chooser:
    """Chooses the new lines of each epoch beside all its other lines.

    Grows by the lines that were used.

    Args:
        like: the lines that the mix should look like; None asks for no lengths.
    """

    def __init__(self, new: NewLines, facts: FactTable, like: Reference | None) -> None:
        self._new, self._facts, self._like = new, facts, like
        self._uses = np.zeros(len(new.lot), np.int64)
        self._features = self._find_features()
        self._shares = np.zeros(0, np.int64)

    def _find_features(self) -> Features:
        labels, size = self._new.lot.labels(slice(None))
        bins = None
        if self._like:
            bins = bins_of(*lengths_of(labels, size))
        return make_features(labels, size, self._new.target.codes, self._new.words, bins, BINS)

    def choose(
        self,
        number: int,
        rest: Holding,
        floors: Floors,
        amount: int,
        others: Sequence[Selection],
        preferred: Flags | None,
    ) -> EvenedChoice:
        """Choose among the epoch's share of the lines used least; if too few, go on to others.

        Args:
            rest: what the other lines of the epoch hold. others: these lines.
            preferred: lines to take before equally good ones.
        """
        if not len(self._shares):
            self._shares = shares_of(self._new.lot, amount, self._new.options.epochs)
        target, sizes = self._new.target, self._new.lot.sizes.astype(np.int64)
        parts = [rest.codes[target.codes], rest.words]
        if self._like:
            parts.append(sum((self._like.bins(p) for p in others), np.zeros(BINS, np.int64)))
        base = np.concatenate(parts).astype(np.float64)
        share = amount / max(self._new.lot.amount, 1)
        characters = float((rest.codes + share * self._new.holding.codes)[target.codes].sum())
        new_lines = int(share * len(self._new.lot))
        shares = self._like.shares if self._like else None
        coverage = make_coverage(
            target, floors, characters, shares, sum(map(len, others)) + new_lines
        )
        groups = self._groups(new_lines)
        taken, free = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        choices: list[EvenedChoice] = []
        here = np.zeros(len(self._new.lot), np.bool_)
        left = amount
        while left > 0:
            if here.all():
                here[:] = False
            turn = self._uses[~here].min()
            rows = np.flatnonzero(~here & (self._uses == turn))
            own_share = rows[self._shares[rows] == number]
            if turn == 0 and len(own_share):
                rows = share_with_floors(self._features, own_share, rows, base, coverage)
            chosen = unbound = rows
            if int(sizes[rows].sum()) > left:
                features = self._features if len(rows) == len(here) else self._features.take(rows)
                choice = choose_with_floors(
                    features,
                    coverage,
                    base,
                    left,
                    sizes=sizes[rows],
                    groups=[Groups(g.of_line[rows], g.limit) for g in groups],
                    preferred=None if preferred is None else preferred[rows],
                )
                choices.append(choice)
                chosen = unbound = rows[choice.rows]
                if choice.free is not None:
                    unbound = rows[choice.free]
            if not len(chosen):
                break
            self._uses[chosen] += 1
            here[chosen] = True
            base = base + self._features.totals(chosen)
            left -= int(sizes[chosen].sum())
            taken.append(chosen)
            free.append(unbound)
        return _together(np.concatenate(taken), np.concatenate(free), choices)

    def _groups(self, lines: int) -> list[Groups]:
        """Find the groups that are capped; a line is in one group of each kind at most."""
        groups = []
        for cap in self._new.options.caps:
            if cap.kind == "text":
                labels, size = self._new.lot.labels(slice(None))
                ends = np.flatnonzero(labels[:size] == 10)
                starts = np.concatenate(([0], ends[:-1] + 1))
                texts = hash_slices(labels, starts, ends - starts)
                of_line = np.unique(texts, return_inverse=True)[1].astype(np.int64)
            else:
                of_line = self._facts.of_kind(self._new.lot, cap.kind)
            groups.append(Groups(of_line, cap.limit(lines)))
        return groups


def _together(rows: Ints, free: Ints, choices: list[EvenedChoice]) -> EvenedChoice:
    return EvenedChoice(
        rows,
        sum(choice.rounds for choice in choices),
        max((choice.loss for choice in choices), default=0.0),
        min((choice.certain for choice in choices), default=1.0),
        sum(choice.over_caps for choice in choices),
        free=free if any(choice.free is not None for choice in choices) else None,
    )
