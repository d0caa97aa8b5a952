"""What a mix has room for, before it is written: the guide's rule in numbers."""

from dataclasses import dataclass
from math import ceil

import numpy as np

from balance.mixing.mix import Mix
from textlines.wording import Sentence, say_n

SAMPLES = 200
"""Of each hard character that users found to be enough (PaddleOCR issue 4909)."""


@dataclass(frozen=True, slots=True)
class Budget:
    """New lines of one epoch, and how many hard characters they can serve.

    Attributes:
        kept: own, original and distilled lines (or characters) of an epoch.
        least, most: new amounts that 10:1 and 5:1 allow. wanted: hard characters of the profile.
        met: of these, how many the new lines hold at all.
        hits: hard characters in a new line of the choice, on average.
        samples: of all hard characters together in one epoch.
        rounds: epochs with other lines until each has `SAMPLES`; None if no line holds one.
        lists_before_repeat: epochs until the first new line comes again.
    """

    kept: int
    new: int
    least: int
    most: int
    wanted: int
    met: int
    hits: float
    samples: int
    rounds: int | None
    lists_before_repeat: int

    def told_repeat(self) -> Sentence:
        """Say when new lines come again."""
        lists = self.lists_before_repeat
        return say_n("{n:,} epoch passes", "{n:,} epochs pass", lists)


def make_budget(mix: Mix) -> Budget:
    """Count what the first epoch gives the hard characters of the profile."""
    target, first = mix.target, mix.epochs[0]
    rest = first.holding.codes[target.codes[target.hard]]
    own = first.given[target.codes[target.hard]]
    new = rest - own
    lines = max(1, len(first.new))
    hits = float(new.sum()) / lines
    wanted = len(target.hard)
    rounds = ceil(wanted * SAMPLES / (hits * lines)) if hits and wanted else None
    least, most = mix.options.ratio.bounds(mix.amounts.kept)
    return Budget(
        mix.amounts.kept,
        mix.amounts.new,
        least,
        most,
        wanted,
        int(np.count_nonzero(new)),
        hits,
        int(new.sum()),
        rounds,
        max(1, mix.new_pool.amount // max(mix.amounts.new, 1)),
    )
