"""Original lines that stand several times for the sake of their rare characters.

The repeat factor of LVIS (Gupta, Dollár, Girshick 2019): a line stands as often as its scarcest
character asks for, the root of target share by own share, and never more than the limit. Copies
of one image are worth less and less (Cui et al. 2019), hence the root and the limit.
"""

import numpy as np

from balance.mixing.arrays import Ints
from balance.mixing.hashing import finish
from balance.mixing.measure import scarcity
from balance.mixing.pool import Pool, order_of
from balance.mixing.screen import CODE_POINTS
from balance.mixing.target import Target


def repeated(pool: Pool, counts: Ints, target: Target, most: int) -> Pool:
    """Give the pool with some of its lines standing up to `most` times.

    Args:
        counts: by code point, how often each stands in the pool.

    Returns:
        The pool itself for `most` = 1. A part of a copy is decided by the line's hash.
    """
    if most <= 1 or not len(pool):
        return pool
    total = max(1, int(counts[target.codes].sum()))
    own = counts[target.codes] / total
    factors = np.zeros(CODE_POINTS)
    met = own > 0
    factors[target.codes[met]] = np.sqrt(target.shares[met] / own[met])
    wanted = np.clip(scarcity(pool, factors), 1, most)
    chance = (finish(pool.keys) >> np.uint64(11)).astype(np.float64) / float(1 << 53)
    copies = np.minimum((wanted + chance).astype(np.int64), most)
    if int(copies.max()) == 1:
        return pool
    index = np.repeat(np.arange(len(pool)), copies)
    number = np.arange(len(index)) - np.repeat(np.cumsum(copies) - copies, copies)
    keys = pool.keys[index]
    again = number > 0
    keys[again] = finish(keys[again] + number[again].astype(np.uint64))
    order = order_of(keys)
    index = index[order]
    return Pool(pool.sources, pool.of[index], pool.rows[index], keys[order], pool.sizes[index])
