"""The evened choice with floors that hold: prices rise until no frequent word is short.

A floor is a constraint; its price is its multiplier. A choice without prices is tried first, as
large sets keep most of their floors by themselves. Where a word or a character is short, an
occurrence of it below its floor gets the worth of an average line, and twice as much after each
further try (dual ascent with doubling steps). Each try is a choice for one concave objective and
has that objective's guarantee. The last try prices what is still short above all else; what is
short then is mended line by line (`swaps`).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from balance.mixing.evening import EvenedChoice, Groups, Room, choose
from balance.mixing.objective import Coverage, Features
from balance.mixing.slices import Flags, Floats, Ints

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
