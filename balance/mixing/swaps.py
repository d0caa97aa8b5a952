"""Lines exchanged until no floor is missed that an exchange can hold.

Greedy under prices may end an occurrence or two short of a floor. For each one that is short, the
line that holds it and adds most comes in, and the line whose loss costs least and breaks no floor
goes out.
"""

from collections.abc import Sequence

import numpy as np

from balance.mixing.arrays import Flags, Floats, Ints
from balance.mixing.caps import Groups
from balance.mixing.coverage import Coverage
from balance.mixing.features import Features

MOST = 256
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
    for _ in range(MOST):
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
    for one in groups:
        mine = int(one.of_line[coming])
        if mine < 0 or mine == one.of_line[going]:
            continue
        if int(np.count_nonzero(taken & (one.of_line == mine))) >= one.limit:
            return False
    return True
