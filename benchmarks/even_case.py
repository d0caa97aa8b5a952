"""The lines that `even.py` chooses from, made from a fixed seed."""

from dataclasses import dataclass

import numpy as np

from balance.mixing.label_blocks import (
    CODE_POINTS,
    Holding,
    count_words,
    known_words,
    most_frequent,
    word_hashes,
)
from balance.mixing.slices import Hashes, Ints, with_slack

ORIGINALS, POOL, RATIO = 16_000, 40_000, 5


@dataclass(frozen=True)
class Case:
    """Originals and a pool; `words` have a floor."""

    originals: Holding
    pool: Holding
    own_labels: bytes
    labels: bytes
    words: Hashes

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
    frequent = most_frequent(count_words(met[0]), 1000, 5)
    held = [
        Holding(_codes(part), known_words(hashes, frequent))
        for part, hashes in zip((own, pool), met, strict=True)
    ]
    return Case(held[0], held[1], texts[0], texts[1], frequent)


def _codes(lines: list[str]) -> Ints:
    points = np.frombuffer("".join(lines).encode("utf-32-le"), np.uint32)
    return np.bincount(points, minlength=CODE_POINTS)
