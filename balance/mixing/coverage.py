"""The objective of the evened choice: concave in what the mix holds, so that greedy is near best.

F(S) = sum over features f of
         q(f) log(n(f) + 1)                 characters toward their target, lengths toward theirs
       + price(f) min(n(f), floor(f))       frequent words and characters up to their floor
       - rate x characters in S             what a character more costs all others
where n(f) counts f in the originals and in S. Up to terms that do not depend on S, the first
term less the last is -KL(q || mix), with the logarithm of the mix's size taken linear at its
expected size. F is submodular: a concave function of a count whose parts are never negative.
"""

from dataclasses import dataclass

import numpy as np

from balance.mixing.arrays import Floats, Ints
from balance.mixing.target import PSEUDO_COUNT

SCALE = float(1 << 52)
"""Worths are integers in units of 2^-52, so that sums do not depend on their order."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The objective, as a value.

    Attributes:
        shares: q(f) of each feature; 0 for one that only has a floor.
        floors: how often each is to stand in the mix at least; 0 for none.
        costs: by feature, what an occurrence costs.
        prices: by feature, what an occurrence below its floor is worth.
    """

    shares: Floats
    floors: Floats
    costs: Floats
    prices: Floats

    def worth(self, counts: Floats) -> float:
        """Give F for the counts of a mix."""
        grown = (self.shares * np.log(counts + PSEUDO_COUNT)).sum()
        held = (self.prices * np.minimum(counts, self.floors)).sum()
        return float(grown + held - (self.costs * counts).sum())

    def gains(self, counts: Floats) -> Ints:
        """Give what one more of each feature adds, in units of 2^-52.

        The sum over a line's features bounds what the line adds from above.
        """
        more = self.shares * np.log1p(1 / (counts + PSEUDO_COUNT))
        more += self.prices * np.clip(self.floors - counts, 0, 1)
        return np.rint((more - self.costs) * SCALE).astype(np.int64)

    def gain_of(self, counts: Floats, added: Floats) -> float:
        """Give what adding these counts adds to F, without the loss of digits of a difference."""
        some = np.flatnonzero(added)
        before, more = counts[some], added[some]
        grown = self.shares[some] * np.log1p(more / (before + PSEUDO_COUNT))
        held = np.minimum(before + more, self.floors[some]) - np.minimum(before, self.floors[some])
        return float((grown + self.prices[some] * held - self.costs[some] * more).sum())
