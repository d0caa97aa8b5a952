"""What the evened choice gains over random choice and over weighting by rarity.

    python -m benchmarks.even --seeds 20

One pool of lines and one set of originals, made from a fixed seed: words of Zipf's frequencies,
some lines with rare characters. For each seed three choices of the same number of new lines:
- evened: `balance.mixing.evening`, ties broken by the seed;
- random: by the seed;
- 1/count: without replacement, weighted by the sum of 1/count over a line's characters
  (SynthTIGER's corpus; Efraimidis and Spirakis 2006 for the draw).
Two contests: with new lines alone, and with as many copies of original lines beside, chosen by the
same three rules (`--repeat-originals 2`), so that each rule has the same freedom. Three things are
asked in each: no word below its floor, a divergence of the whole mix from the target at least a
fifth below the better baseline's, and over a sweep of alpha no baseline point (divergence, words
lost) that no evened point matches. The exit code is 0 if one contest meets all three; the verdict
on each is printed. For new lines alone a bound is printed too: what no choice at all gets below.
"""

import argparse
import sys
from dataclasses import dataclass

import numpy as np

from balance.mixing.evening import MOST_SHARE, choose_copies
from balance.mixing.label_blocks import Holding
from balance.mixing.line_choice import choose_with_floors
from balance.mixing.objective import (
    CharacterTarget,
    Features,
    divergence,
    make_coverage,
    make_features,
    make_floors,
    make_target,
)
from balance.mixing.slices import Floats, Ints, with_slack
from benchmarks.even_bound import least_divergence
from benchmarks.even_case import ORIGINALS, POOL, RATIO, Case, make_case

FLOOR = 0.9
ALPHAS = (0.0, 0.25, 0.5, 0.75)
FLOORS = (0.9, 0.95, 0.98, 0.99, 1.0)
GAIN = 0.2
"""By how much the divergence must be below the better baseline's."""

RULES = ("evened", "random", "weighted")


@dataclass(frozen=True)
class Outcome:
    """What one choice brings.

    Attributes:
        mix, new: divergence of the whole mix and of its new lines.
        below: words below their floor.
        lost: share of the expected occurrences of frequent words.
    """

    mix: float
    new: float
    below: int
    lost: float


class Contest:
    """One case at one alpha: what all choices are judged by.

    Args:
        most: how often an original line may stand.
    """

    def __init__(self, case: Case, alpha: float, floor: float = FLOOR, most: int = 1) -> None:
        self.case, self.floor, self.most = case, floor, most
        self.copies = int(MOST_SHARE * ORIGINALS) if most > 1 else 0
        self.taken = (ORIGINALS + self.copies) // RATIO
        natural = case.originals.codes + self.taken / POOL * case.pool.codes
        self.target: CharacterTarget = make_target(natural, alpha, None)
        self.own, self.features = self._features(case.own_labels), self._features(case.labels)
        self.base: Floats = np.concatenate(
            (case.originals.codes[self.target.codes], case.originals.words)
        ).astype(np.float64)

    def _features(self, labels: bytes) -> Features:
        codes, words = self.target.codes, self.case.words
        return make_features(with_slack(labels), len(labels), codes, words, None, 0)

    def run(self, rule: str, seed: int) -> Outcome:
        """Choose copies of originals and new lines by one of the rules, and measure them."""
        rng = np.random.default_rng(seed)
        copies = getattr(self, f"_copies_{rule}")(rng) if self.copies else np.zeros(0, np.int64)
        base = self.base + self.own.totals(copies)
        rest = Holding(self.case.originals.codes.copy(), base[self.characters :].astype(np.int64))
        rest.codes[self.target.codes] = base[: self.characters].astype(np.int64)
        share = self.taken / POOL
        floors = make_floors(rest, self.case.pool, share, self.target, self.floor, 200)
        if rule == "evened":
            expected = float((rest.codes + share * self.case.pool.codes)[self.target.codes].sum())
            lines = ORIGINALS + len(copies) + self.taken
            goal = make_coverage(self.target, floors, expected, None, lines)
            order, ones = rng.permutation(POOL), np.ones(POOL, np.int64)
            some = self.features.take(order)
            rows = order[choose_with_floors(some, goal, base, self.taken, sizes=ones).rows]
        elif rule == "random":
            rows = rng.permutation(POOL)[: self.taken]
        else:
            rows = self._weighted(self.features, self.taken, rng)
        added = self.features.totals(rows).astype(np.float64)
        counts = base + added
        words = counts[self.characters :]
        lost = np.maximum(floors.due_words - words, 0).sum()
        return Outcome(
            divergence(counts[: self.characters], self.target),
            divergence(added[: self.characters], self.target),
            int((words < floors.words).sum()),
            float(lost / floors.due_words.sum()),
        )

    @property
    def characters(self) -> int:
        """Count the target's characters."""
        return len(self.target.codes)

    def _copies_evened(self, rng: np.random.Generator) -> Ints:
        order = rng.permutation(ORIGINALS)
        base, ones = self.base[: self.characters], np.ones(ORIGINALS, np.int64)
        extra = choose_copies(self.own.take(order), base, self.target, self.most, ones)
        return np.repeat(order, extra)

    def _copies_random(self, rng: np.random.Generator) -> Ints:
        return np.tile(np.arange(ORIGINALS), self.most - 1)[
            rng.permutation(ORIGINALS * (self.most - 1))[: self.copies]
        ]

    def _copies_weighted(self, rng: np.random.Generator) -> Ints:
        rows = np.tile(np.arange(ORIGINALS), self.most - 1)
        return rows[self._weighted(self.own.take(rows), self.copies, rng)]

    def _weighted(self, features: Features, amount: int, rng: np.random.Generator) -> Ints:
        """Draw without replacement, weighted by the sum of 1/count over a line's characters."""
        counts = self.base[: self.characters] + self.case.pool.codes[self.target.codes]
        worth = np.concatenate((1 / counts, np.zeros(len(self.base) - self.characters)))
        sums = np.add.reduceat(worth[features.ids], features.starts[:-1])
        draws = np.log(rng.random(len(features))) / sums
        return np.argsort(-draws)[:amount]


def sweep(case: Case, most: int) -> int:
    """Print evenness against words lost, by alpha and by floor; count what is not matched.

    A baseline's point is matched by an evened one that is as even and loses no more words.
    """
    print("alpha: divergence of the mix and words lost; random, 1/count | evened, by floor")
    unmatched = 0
    for alpha in ALPHAS:
        one = Contest(case, alpha, most=most)
        bars = [one.run("random", 0), one.run("weighted", 0)]
        points = [Contest(case, alpha, floor, most).run("evened", 0) for floor in FLOORS]
        unmatched += sum(
            not any(p.mix <= bar.mix and p.lost <= bar.lost for p in points) for bar in bars
        )
        print(f"{alpha:.2f}: " + "  ".join(f"{o.mix:.4f} {o.lost:.2%}" for o in bars), end=" | ")
        print("  ".join(f"{o.mix:.4f} {o.lost:.2%}" for o in points))
    return unmatched


def compare(contest: Contest, seeds: range) -> tuple[float, int]:
    """Print the three rules side by side; gives the gain, and words below their floor at most."""
    means, worst = {}, 0
    for rule in RULES:
        found = [contest.run(rule, seed) for seed in seeds]
        means[rule] = np.mean([[o.mix, o.new, o.below, o.lost] for o in found], axis=0)
        mix, new, below, lost = means[rule]
        most = max(o.below for o in found)
        worst = most if rule == "evened" else worst
        print(
            f"{rule:9} mix {mix:.4f}, new lines {new:.4f}, words below floor {below:.1f} "
            f"(at most {most}), words lost {lost:.2%}"
        )
    better = np.minimum(means["random"], means["weighted"])
    gain = float(1 - means["evened"][0] / better[0])
    new_gain = 1 - means["evened"][1] / better[1]
    print(f"below the better baseline: mix {gain:.1%}, new lines {new_gain:.1%}")
    if not contest.copies:
        least = least_divergence(contest.features, contest.base, contest.target, contest.taken)
        print(
            f"no choice of new lines gets below {least:.4f}, floors left aside: "
            f"{1 - least / better[0]:.1%}"
        )
    return gain, worst


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--alpha", type=float, default=0.5)
    parser.add_argument("--repeats", type=int, default=2, help="Times that an original stands.")
    arguments = parser.parse_args()
    case, seeds = make_case(), range(arguments.seeds)
    verdicts = {}
    for name, most in (("new lines alone", 1), ("with copies", arguments.repeats)):
        contest = Contest(case, arguments.alpha, most=most)
        print(
            f"== {name}: {ORIGINALS:,} originals, {contest.copies:,} copies of them, "
            f"{contest.taken:,} of {POOL:,} new lines, alpha {arguments.alpha:g}"
        )
        gain, worst = compare(contest, seeds)
        unmatched = sweep(case, most)
        verdicts[name] = worst == 0 and gain >= GAIN and not unmatched
        print(
            f"{name}: {'all three met' if verdicts[name] else 'NOT all three met'}: at most "
            f"{worst} words below their floor (0 asked), divergence {gain:.1%} below the better "
            f"baseline ({GAIN:.0%} asked), {unmatched} baseline points that no evened point "
            "matches (0 asked)"
        )
    print("passed" if any(verdicts.values()) else "FAILED")
    sys.exit(not any(verdicts.values()))


if __name__ == "__main__":
    main()
