"""How often any of several candidates passes by luck, judged one after another on the same lines.

No candidate is better than the base in truth; each flips some lines for no reason, either way
alike. Four ways to come to the next candidate:

* `until one passes`: it is made without the judged lines, and the first that passes ends it.
* `goes on from the better`: it starts from the candidate before, where that looked better on these
  lines, else from the base: it inherits the flips that made it look so.
* `mends what was shown`: it keeps the lines that the verdict before showed as mended and undoes
  those that it showed as broken. That is training on the judged lines, and no level pays for it:
  the row is there to be seen, and has no limit.
* `loses 1 point`: each gains 10 points of the target and loses in truth what may be lost just not.

Told apart: without paying; N looks planned; and none planned, the looks in a series. One look may
go wrong in 2.5 of 100 cases: the limit is that, and two standard errors of the count.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
import numpy.typing as npt

from train.judging.decision import decide
from train.judging.intervals import Stratum, change_over
from train.judging.look_spending import Levels, alpha_of
from train.judging.set_criteria import SetNumbers

MOST = 0.025
TARGET_LINES, TARGET_SHARE = 98, 0.684
GENERAL: tuple[tuple[str, int, float], ...] = (
    ("receipts", 2100, 0.683),
    ("signs", 900, 0.954),
)
GENERAL_FLIPS = 0.01
GAIN, LOSS = 0.10, 0.01

Way = Literal[
    "until one passes", "goes on from the better", "mends what was shown", "loses 1 point"
]
Right = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines that are judged on, and what the base reads right of them."""

    name: str
    is_target: bool
    share: float
    base: Right

    def candidate(
        self, parent: Right, flips: float, change: float, rng: np.random.Generator
    ) -> Right:
        """Draw a candidate that is trained from another: its flips come to those of that."""
        breaking = (flips / 2 + max(-change, 0.0)) / self.share
        mending = (flips / 2 + max(change, 0.0)) / (1 - self.share)
        drawn = rng.random(len(parent))
        return np.where(parent, drawn >= breaking, drawn < mending)

    def numbers(self, candidate: Right) -> SetNumbers:
        """Return what the gate sees of them."""
        return SetNumbers(self.name, self.is_target, self.base, candidate)


def passes(
    way: Way, rounds: int, flips: float, levels: Mapping[str, list[Levels | None]], seed: int
) -> dict[str, bool]:
    """Judge a row of candidates; return for each way to pay whether any of them passed.

    Args:
        flips: of the target. levels: of each look, by the way to pay.
    """
    rng = np.random.default_rng(seed)

    def lines(name: str, count: int, share: float, is_target: bool) -> Lines:
        return Lines(name, is_target, share, rng.random(count) < share)

    target = lines("meters", TARGET_LINES, TARGET_SHARE, True)
    general = [lines(*kind, False) for kind in GENERAL]
    is_loss = way == "loses 1 point"
    parents = [target.base, *(one.base for one in general)]
    passed = dict.fromkeys(levels, False)
    for look in range(rounds):
        read = [
            one.candidate(
                parent,
                flips if one.is_target else GENERAL_FLIPS,
                (GAIN if one.is_target else -LOSS) if is_loss else 0.0,
                rng,
            )
            for one, parent in zip((target, *general), parents, strict=True)
        ]
        sets = [one.numbers(right) for one, right in zip((target, *general), read, strict=True)]
        draws = int(rng.integers(1 << 32))
        # What no usual interval calls better, no wider one does.
        stratum: Stratum = sets[0].stratum()
        if change_over([stratum], seed=draws).interval[0] > 0:
            for name, of_looks in levels.items():
                verdict = decide(sets, (), seed=draws, levels=of_looks[look])
                passed[name] |= verdict.outcome == "passed"
        if way == "goes on from the better":
            is_better = np.count_nonzero(read[0]) > np.count_nonzero(target.base)
            parents = read if is_better else [target.base, *(one.base for one in general)]
        elif way == "mends what was shown":
            parents = [read[0] | target.base, *parents[1:]]
    return passed


def print_rounds(rounds: int, count: int, seed: int) -> int:
    """Print how often any candidate passed, and return 1 when a limit is missed, else 0."""
    levels: dict[str, list[Levels | None]] = {
        "not paid": [None] * rounds,
        f"{rounds} planned": [Levels(alpha_of(k + 1, rounds), alpha_of(k + 1, rounds))
                              for k in range(rounds)],
        "series": [Levels(alpha_of(k + 1, None), alpha_of(k + 1, None)) for k in range(rounds)],
    }  # fmt: skip
    missed = 0
    head = "  ".join(f"{name:>10}" for name in levels)
    print(f"{'next candidate':26} flips  {head}   limit where looks are paid for")
    ways: tuple[tuple[Way, tuple[float, ...]], ...] = (
        ("until one passes", (0.02, 0.06, 0.12)),
        ("goes on from the better", (0.02, 0.06, 0.12)),
        ("mends what was shown", (0.12,)),
        ("loses 1 point", (0.02,)),
    )
    for way, of_flips in ways:
        # Of these nearly all targets are better, and all sets have to be decided on.
        some = max(1, count // 10) if way in ("mends what was shown", "loses 1 point") else count
        most = MOST + 2 * sqrt(MOST * (1 - MOST) / some)
        for flips in of_flips:
            found = [
                passes(way, rounds, flips, levels, seed * 1_000_003 + number)
                for number in range(some)
            ]
            shares = {name: sum(one[name] for one in found) / some for name in levels}
            has_limit = way != "mends what was shown"
            is_missed = has_limit and any(
                share > most for name, share in shares.items() if name != "not paid"
            )
            missed += is_missed
            told = "  ".join(f"{share:10.4f}" for share in shares.values())
            limit = f"   {most:.4f}{' MISSED' if is_missed else ''}" if has_limit else ""
            print(f"{way:26} {flips:5.0%}  {told}{limit}", flush=True)
    return 1 if missed else 0
