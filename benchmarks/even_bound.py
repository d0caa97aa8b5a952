"""How even a mix can get at all, whoever chooses."""

import numpy as np

from balance.mixing.objective import PSEUDO_COUNT, CharacterTarget, Features
from balance.mixing.slices import Floats

ROUNDS = 120


def least_divergence(
    features: Features, base: Floats, target: CharacterTarget, amount: int
) -> float:
    """Bound the divergence of every mix of the base and `amount` of the lines from below.

    Lines may be taken in part and floors are left aside, so that the divergence is convex in what
    is taken; the conditional gradient method (Frank and Wolfe 1956) then gives, with each step, a
    bound that no choice gets below. The bound is that of the last step.
    """
    characters = len(target.codes)
    kept = features.ids < characters
    line = np.repeat(np.arange(len(features)), np.diff(features.starts))[kept]
    ids = features.ids[kept]
    start, q = base[:characters] + PSEUDO_COUNT, target.shares
    wanted = q > 0

    def divergence(counts: Floats) -> float:
        shares = counts[wanted] / counts.sum()
        return float((q[wanted] * np.log(q[wanted] / shares)).sum())

    taken = np.bincount(ids, minlength=characters) * (amount / len(features))
    bound = -np.inf
    for number in range(ROUNDS):
        counts = start + taken
        slope = q / counts - 1 / counts.sum()
        gains = np.bincount(line, slope[ids], len(features))
        best = np.zeros(len(features))
        best[np.argpartition(-gains, amount)[:amount]] = 1
        corner = np.bincount(ids, best[line], characters)
        bound = max(bound, divergence(counts) - float((slope * (corner - taken)).sum()))
        steps = np.linspace(0, 1, 40)[1:] * min(1.0, 4 / (number + 2))
        step = min(steps, key=lambda s: divergence(start + taken + s * (corner - taken)))
        taken = taken + step * (corner - taken)
    return bound
