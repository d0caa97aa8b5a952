"""Lines that stand several times in an epoch: own lines, and originals with rare characters.

Own lines stand as often as it takes for few of them to weigh as much as a hundred: 25 of them, five
times each, taught what 1,200 drawn lines did (docs/decisions/009). Which originals stand again is
decided as for new lines, by what they add to the mix (`evening`), with two limits:
a line stands at most so often, as copies of one image are worth less and less (Cui et al. 2019),
and copies are at most `MOST_SHARE` of what they are copies of.
"""

import numpy as np

from balance.mixing.aims import Floors, make_coverage
from balance.mixing.arrays import Floats, Ints
from balance.mixing.caps import Room
from balance.mixing.evening import choose
from balance.mixing.features import Features, make_features
from balance.mixing.lots import Lot
from balance.mixing.target import Target

MOST_SHARE = 0.25
"""Of the original lines, how much may be added as copies."""


def repeated(lot: Lot, counts: Ints, target: Target, most: int) -> Lot:
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


def choose_copies(features: Features, base: Floats, target: Target, most: int, sizes: Ints) -> Ints:
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
    found = choose(features.take(rows), goal, start, amount, sizes=sizes[rows], room=Room(()))
    return np.bincount(rows[found.rows], minlength=len(features))
