"""How often the gate is right, on made-up candidates whose true change is known.

    python -m benchmarks.gate [--data DATA] [--count 400]
    python -m benchmarks.gate --rounds 3 [--count 4000]

Each row draws candidates of one true change and lets the gate's own code decide. Sizes are those
of the real labelled sets that the project is developed with; with `--data` their labels are used,
else made-up ones. `flips` is the share of general lines that flip for no reason, either way alike
(2 % of the target's too), on top of the true change.

Exit code 1 when a limit is missed: a true loss of 3 points in all general sets, or in one of
1,000 lines or more, passes in at most 5 of 100 cases; no loss at all and 10 points more on 98
target lines passes in at least 80 of 100, with 3,000 general lines and 2 % flips.

With `--rounds` one candidate after another is judged on the same lines (`benchmarks/gate_rounds.py`
says how), and exit code 1 tells that with looks paid for any of them passed more often than it may.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.gate_rounds import print_rounds
from benchmarks.gate_world import (
    METERS,
    MORE_RECEIPTS,
    MORE_SIGNS,
    RECEIPTS,
    SIGNS,
    Sort,
    World,
    candidate_of,
    world_of,
)
from train.judging.decision import decide

MOST_FALSE, LEAST_TRUE = 0.05, 0.80
TARGET_LINES, TARGET_FLIPS = 98, 0.02
FLIPS = (0.01, 0.02, 0.03, 0.04)

Sizes = tuple[tuple[Sort, int], ...]
DEV: Sizes = ((RECEIPTS, 1200), (SIGNS, 495))
THREE_THOUSAND: Sizes = (*DEV, (MORE_RECEIPTS, 900), (MORE_SIGNS, 405))
SHARED: Sizes = ((MORE_SIGNS, 1000), *DEV, (MORE_RECEIPTS, 3000))
MANY: Sizes = ((RECEIPTS, 1000), *((MORE_RECEIPTS, 1000) for _ in range(9)))


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of candidate.

    Attributes:
        gain, loss: true change of the target and of the general sets, shares.
        is_all: the loss is in all general sets; else in the first alone.
        most, least: how often it may, or must, pass; None for a row that is only shown.
    """

    name: str
    sizes: Sizes
    flips: float
    gain: float
    loss: float
    is_all: bool = True
    most: float | None = None
    least: float | None = None


def rows() -> list[Row]:
    """List what is simulated."""
    found = []
    for flips in FLIPS:
        for name, sizes in (("dev", DEV), ("3,000", THREE_THOUSAND)):
            must = LEAST_TRUE if sizes is THREE_THOUSAND and flips == 0.02 else None
            found += [
                Row(f"no change, {name}", sizes, flips, 0.10, 0, least=must),
                Row(f"nothing changed, {name}", sizes, flips, 0, 0),
                Row(f"-1 in all, {name}", sizes, flips, 0.10, -0.01),
                Row(f"-3 in all, {name}", sizes, flips, 0.10, -0.03, most=MOST_FALSE),
            ]
        for name, sizes in (
            ("of 3,000", THREE_THOUSAND),
            ("of 5,695", SHARED),
            ("of 10,000", MANY),
        ):
            found.append(
                # The loss is in the first set, of 1,000 or 1,200 lines.
                Row(f"-3 in one {name}", sizes, flips, 0.10, -0.03, False, most=MOST_FALSE)
            )
    return found


def simulate(
    row: Row, count: int, seed: int, data: Path | None
) -> tuple[Counter[str], Counter[str]]:
    """Draw and judge; gives outcomes, and the criteria that did not pass."""
    rng = np.random.default_rng(seed)
    outcomes: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for number in range(count):
        # New sets now and then: what holds for one set of labels may not for the next.
        if number % 50 == 0:
            worlds = _worlds(row, rng, data)
        general = [row.loss if row.is_all or k == 0 else 0.0 for k in range(len(row.sizes))]
        noise = [TARGET_FLIPS, *(row.flips for _ in general)]
        sets, characters = candidate_of(worlds, [row.gain, *general], noise, rng)
        decision = decide(sets, characters, seed=int(rng.integers(1 << 32)))
        outcomes[decision.outcome] += 1
        for one in decision.criteria:
            if one.status in ("failed", "cannot_tell"):
                reasons[f"{one.key} {one.status}"] += 1
    return outcomes, reasons


def _worlds(row: Row, rng: np.random.Generator, data: Path | None) -> Sequence[World]:
    general = [
        world_of(sort, size, rng, f"{sort.name} {k}", data)
        for k, (sort, size) in enumerate(row.sizes)
    ]
    return [world_of(METERS, TARGET_LINES, rng, data=data), *general]


def main() -> None:
    """Print the table and end with 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, help="folder of real labelled lines, for their labels")
    parser.add_argument("--count", type=int, default=400, help="candidates a row")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="rows whose name holds this")
    parser.add_argument(
        "--rounds", type=int, default=0, help="candidates judged one after another on one set"
    )
    options = parser.parse_args()
    if options.rounds:
        sys.exit(print_rounds(options.rounds, options.count, options.seed))
    missed = 0
    print(f"{'true change':26} flips   pass   fail  cannot tell   limit   what did not pass")
    for row in rows():
        if options.only not in row.name:
            continue
        outcomes, reasons = simulate(row, options.count, options.seed, options.data)
        shares = {name: outcomes[name] / options.count for name in ("passed", "failed")}
        is_missed = (row.most is not None and shares["passed"] > row.most) or (
            row.least is not None and shares["passed"] < row.least
        )
        missed += is_missed
        limit = "" if row.most is None else f"<= {row.most:.2f}"
        limit = limit if row.least is None else f">= {row.least:.2f}"
        why = ", ".join(f"{key} {n / options.count:.3f}" for key, n in reasons.most_common(4))
        print(
            f"{row.name:26} {row.flips:5.0%}  {shares['passed']:.3f}  {shares['failed']:.3f}  "
            f"{1 - sum(shares.values()):11.3f}  {limit:>8}{' MISSED' if is_missed else ''}  {why}",
            flush=True,
        )
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
