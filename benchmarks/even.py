"""What the evened choice gains over random choice and over weighting by rarity.

    python -m benchmarks.even --seeds 20

One pool of lines and one set of originals, made from a fixed seed: words of Zipf's frequencies,
some lines with rare characters. For each seed three choices of the same number of new lines:
- evened: `balance.mixing.evening`, ties broken by the seed;
- random: by the seed;
- 1/count: without replacement, weighted by the sum of 1/count over a line's characters
  (SynthTIGER's corpus; Efraimidis and Spirakis 2006 for the draw).
Printed: words below their floor, divergence of the whole mix and of the new lines alone from the
target, and for the sweep of alpha the curve of divergence against words lost.
"""

import argparse
import sys
from dataclasses import dataclass

import numpy as np

from balance.mixing.aims import make_coverage, make_floors
from balance.mixing.arrays import Floats, Ints, with_slack
from balance.mixing.features import Features, make_features
from balance.mixing.floors import choose_with_floors
from balance.mixing.measure import Holding, known_words
from balance.mixing.screen import CODE_POINTS
from balance.mixing.target import Target, divergence, make_target
from balance.mixing.words import count_words, most_frequent, word_hashes

ORIGINALS, POOL, RATIO = 16_000, 40_000, 5
FLOOR = 0.9
ALPHAS = (0.0, 0.25, 0.5, 0.75)
FLOORS = (0.9, 0.95, 0.98, 0.99, 1.0)
GAIN = 0.2
"""By how much the divergence must be below the better baseline's."""


@dataclass(frozen=True)
class Case:
    """Originals and a pool; `words` have a floor."""

    originals: Holding
    pool: Holding
    labels: bytes
    words: "np.ndarray[tuple[int], np.dtype[np.uint64]]"

    @property
    def taken(self) -> int:
        """Count the new lines of a mix."""
        return ORIGINALS // RATIO


def make_case() -> Case:
    """Make originals in natural frequencies, and a pool in which each rare character has lines."""
    rng = np.random.default_rng(5)
    signs = [chr(0xAC00 + 28 * k) for k in range(360)] + list("0123456789.,-ABCDEFGHIJKLMNOPQRST")
    rng.shuffle(signs)
    chance = 1 / np.arange(1, len(signs) + 1) ** 1.3
    chance /= chance.sum()
    even = np.full(len(signs), 1 / len(signs))
    words = ["".join(rng.choice(signs, rng.integers(1, 5), p=chance)) for _ in range(4000)]
    rare = ["".join(rng.choice(signs, rng.integers(1, 5), p=even)) for _ in range(4000)]
    use = 1 / np.arange(1, len(words) + 1)
    use /= use.sum()

    def lines(count: int, targeted: float) -> list[str]:
        found = []
        for _ in range(count):
            picks = rng.choice(len(words), rng.integers(1, 5), p=use)
            parts = [words[k] for k in picks]
            if rng.random() < targeted:
                parts[int(rng.integers(len(parts)))] = rare[int(rng.integers(len(rare)))]
            found.append(" ".join(parts))
        return found

    own, pool = lines(ORIGINALS, 0.0), lines(POOL, 0.5)
    texts = ["".join(f"{line}\n" for line in part).encode() for part in (own, pool)]
    met = [word_hashes(with_slack(text), len(text)) for text in texts]
    frequent = most_frequent(*count_words([met[0]]), 1000, 5)
    held = [
        Holding(_codes(part), known_words(hashes, frequent))
        for part, hashes in zip((own, pool), met, strict=True)
    ]
    return Case(held[0], held[1], texts[1], frequent)


def _codes(lines: list[str]) -> Ints:
    points = np.frombuffer("".join(lines).encode("utf-32-le"), np.uint32)
    return np.bincount(points, minlength=CODE_POINTS)


@dataclass(frozen=True)
class Outcome:
    """Of one choice: divergence of the whole mix and of its new lines; words below their floor,
    and the share of the expected occurrences of frequent words that is lost."""

    mix: float
    new: float
    below: int
    lost: float


class Contest:
    """One case at one alpha: what all choices are judged by."""

    def __init__(self, case: Case, alpha: float, floor: float = FLOOR) -> None:
        self.case = case
        share = case.taken / POOL
        natural = case.originals.codes + share * case.pool.codes
        self.target: Target = make_target(natural, alpha, None)
        codes = self.target.codes
        labels = with_slack(case.labels)
        self.features: Features = make_features(
            labels, len(case.labels), codes, case.words, None, 0
        )
        self.floors = make_floors(case.originals, case.pool, share, self.target, floor, 200)
        self.base: Floats = np.concatenate(
            (case.originals.codes[codes], case.originals.words)
        ).astype(np.float64)
        expected = float(natural[codes].sum())
        self.coverage = make_coverage(
            self.target, self.floors, expected, None, ORIGINALS + case.taken
        )

    def judge(self, rows: Ints) -> Outcome:
        """Measure a choice."""
        added = self.features.totals(rows).astype(np.float64)
        counts, chars = self.base + added, len(self.target.codes)
        words = counts[chars:]
        lost = np.maximum(self.floors.expected_words - words, 0).sum()
        return Outcome(
            divergence(counts[:chars], self.target),
            divergence(added[:chars], self.target),
            int((words < self.floors.words).sum()),
            float(lost / self.floors.expected_words.sum()),
        )

    def evened(self, seed: int) -> Outcome:
        """Choose by the optimiser."""
        order = np.random.default_rng(seed).permutation(POOL)
        found = choose_with_floors(
            self.features.take(order),
            self.coverage,
            self.base,
            self.case.taken,
            sizes=np.ones(POOL, np.int64),
        )
        return self.judge(order[found.rows])

    def random(self, seed: int) -> Outcome:
        """Choose by the seed alone."""
        return self.judge(np.random.default_rng(seed).permutation(POOL)[: self.case.taken])

    def weighted(self, seed: int) -> Outcome:
        """Choose with weights: the sum of 1/count over a line's characters."""
        chars = len(self.target.codes)
        counts = self.base[:chars] + self.case.pool.codes[self.target.codes]
        worth = np.concatenate((1 / counts, np.zeros(len(self.base) - chars)))
        sums = np.add.reduceat(worth[self.features.ids], self.features.starts[:-1])
        draws = np.log(np.random.default_rng(seed).random(POOL)) / sums
        return self.judge(np.argsort(-draws)[: self.case.taken])


def sweep(case: Case) -> int:
    """Print evenness against words lost, by alpha and by floor; count what is not matched.

    A baseline's point is matched by an evened one that is as even and loses no more words.
    """
    print("alpha: divergence of the mix and words lost; random, 1/count | evened, by floor")
    unmatched = 0
    for alpha in ALPHAS:
        one = Contest(case, alpha)
        bars = [one.random(0), one.weighted(0)]
        points = [Contest(case, alpha, floor).evened(0) for floor in FLOORS]
        unmatched += sum(
            not any(p.mix <= bar.mix and p.lost <= bar.lost for p in points) for bar in bars
        )
        print(f"{alpha:.2f}: " + "  ".join(f"{o.mix:.4f} {o.lost:.2%}" for o in bars), end=" | ")
        print("  ".join(f"{o.mix:.4f} {o.lost:.2%}" for o in points))
    return unmatched


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--alpha", type=float, default=0.5)
    arguments = parser.parse_args()
    case = make_case()
    seeds = range(arguments.seeds)
    contest = Contest(case, arguments.alpha)
    none = contest.judge(np.zeros(0, np.int64))
    print(f"{ORIGINALS:,} originals, {case.taken:,} of {POOL:,} new lines, alpha {arguments.alpha}")
    print(f"originals alone: divergence {none.mix:.4f}")
    means = {}
    for name in ("evened", "random", "weighted"):
        found = [getattr(contest, name)(seed) for seed in seeds]
        means[name] = np.mean([[o.mix, o.new, o.below, o.lost] for o in found], axis=0)
        mix, new, below, lost = means[name]
        worst = max(o.below for o in found)
        print(
            f"{name:9} mix {mix:.4f}, new lines {new:.4f}, words below floor {below:.1f} "
            f"(at most {worst}), words lost {lost:.2%}"
        )
        if name == "evened":
            held = worst == 0
    better = {k: min(means["random"][k], means["weighted"][k]) for k in (0, 1)}
    gains = {k: 1 - means["evened"][k] / better[k] for k in (0, 1)}
    print(f"below the better baseline: mix {gains[0]:.1%}, new lines {gains[1]:.1%}")
    dominated = sweep(case)
    print(f"baseline points that no evened point matches: {dominated}")
    sys.exit(not (held and gains[0] >= GAIN and not dominated))


if __name__ == "__main__":
    main()
