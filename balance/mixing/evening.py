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
from balance.mixing.candidates import LOSS, Candidates
from balance.mixing.caps import Room
from balance.mixing.coverage import Coverage
from balance.mixing.features import Features

LEAST_SHARE = 1 / 128


@dataclass(frozen=True, slots=True)
class Choice:
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
    work = Candidates(features, coverage, base, sizes, preferred)
    left, taken, rounds, loss = amount, [np.zeros(0, np.int64)], 0, 0.0
    mean = max(1.0, float(work.sizes.mean())) if len(work.sizes) else 1.0
    least = max(1, int(amount / mean * LEAST_SHARE))
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
        batch = max(least, 2 * len(top) if lost < LOSS / 2 else len(top))
    rows = np.concatenate(taken)
    certain = work.certain(len(rows))
    mean_gain = work.gained(len(rows)) / max(len(rows), 1)
    return Choice(rows, rounds, loss, certain, over, mean_gain)
