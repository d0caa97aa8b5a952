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

from balance.mixing.arrays import Flags, Floats, Ints
from balance.mixing.caps import Groups, Room
from balance.mixing.coverage import Coverage
from balance.mixing.evening import Choice, choose
from balance.mixing.features import Features
from balance.mixing.swaps import mended

LEAST_EVENING = 1e-3
"""In nats. Where evening gains less, what floors cost of it is not worth a word."""

TRIES = 8
ABOVE_ALL = 1.0
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
) -> Choice:
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
    free: Choice | None = None
    best: Choice | None = None
    least, step = np.inf, 0.0
    for number in range(TRIES):
        found = choose(
            features,
            replace(coverage, prices=prices, floors=reachable),
            base,
            amount,
            sizes=sizes,
            room=Room(groups),
            preferred=preferred,
        )
        free = free or found
        counts = base + features.totals(found.rows)
        short = np.maximum(reachable - counts, 0)
        # A later try that is no better gave evenness away for nothing.
        if best is None or short.sum() < least:
            best, least = found, float(short.sum())
        if not least:
            break
        step = step or max(found.mean_gain, 1e-12)
        raised = np.maximum(2 * prices, step)
        if number == TRIES - 2:
            raised = np.full(len(prices), ABOVE_ALL)
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
