"""The part of the new lines that each epoch chooses from."""

import numpy as np

from balance.mixing.arrays import Floats, Ints
from balance.mixing.coverage import Coverage
from balance.mixing.features import Features
from balance.mixing.hashing import finish
from balance.mixing.lots import Lot


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
