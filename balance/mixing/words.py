"""Words of labels: what stands between spaces, by hash."""

from dataclasses import dataclass

import numpy as np

from balance.mixing.arrays import Bytes, Hashes, Ints, runs
from balance.mixing.hashing import hash_slices

_PENDING = 1 << 22
"""Words that are counted together."""

LEAST_WORD_COUNT = 5
"""A word that is rarer among the originals is not frequent, whatever its rank."""


def word_slices(labels: Bytes, size: int) -> tuple[Ints, Ints]:
    """Find the words in labels of one a line; starts and lengths in bytes.

    >>> [part.tolist() for part in word_slices(np.frombuffer(b"a bc\\nd\\n", np.uint8), 7)]
    [[0, 2, 5], [1, 2, 1]]
    """
    content = labels[:size]
    ends = np.flatnonzero((content == 32) | (content == 10))
    starts = np.concatenate(([0], ends[:-1] + 1)) if len(ends) else ends
    lengths = ends - starts
    kept = lengths > 0
    return starts[kept], lengths[kept]


def word_hashes(labels: Bytes, size: int) -> Hashes:
    """Hash the words of labels of one a line, in their order."""
    starts, lengths = word_slices(labels, size)
    return hash_slices(labels, starts, lengths)


@dataclass(frozen=True, slots=True)
class WordCounts:
    """Words by their hash, rising, and how often each stands in labels."""

    hashes: Hashes
    counts: Ints

    def of(self, words: Hashes) -> Ints:
        """Return how often each of some words stands there.

        >>> counted = count_words(np.array([3, 5, 3], np.uint64))
        >>> counted.of(np.array([3, 7], np.uint64))
        array([2, 0])
        """
        if not len(self.hashes):
            return np.zeros(len(words), np.int64)
        at = np.minimum(np.searchsorted(self.hashes, words), len(self.hashes) - 1)
        return np.where(self.hashes[at] == words, self.counts[at], 0)

    def plus(self, other: "WordCounts") -> "WordCounts":
        """Put two sets of labels together."""
        is_new = self.of(other.hashes) == 0
        counts = self.counts + other.of(self.hashes)
        if not is_new.any():
            return WordCounts(self.hashes, counts)
        added = other.hashes[is_new]
        at = np.searchsorted(self.hashes, added)
        return WordCounts(
            np.insert(self.hashes, at, added), np.insert(counts, at, other.counts[is_new])
        )

    def minus(self, other: "WordCounts") -> "WordCounts":
        """Take labels away that are among these."""
        counts = self.counts - other.of(self.hashes)
        return WordCounts(self.hashes[counts > 0], counts[counts > 0])


def count_words(hashes: Hashes) -> WordCounts:
    """Count equal words."""
    ordered = np.sort(hashes)
    edges = runs(ordered)
    return WordCounts(ordered[edges[:-1]], np.diff(edges))


class WordTable:
    """Counts words as they come. Grows by what is added, and holds each word once."""

    def __init__(self) -> None:
        self._counted = count_words(np.zeros(0, np.uint64))
        self._pending: list[Hashes] = []
        self._count = 0

    def add(self, hashes: Hashes) -> None:
        """Count words by their hashes."""
        self._pending.append(hashes)
        self._count += len(hashes)
        # As many as are known: each is moved a few times in all.
        if self._count > max(_PENDING, len(self._counted.hashes)):
            self.counted()

    def counted(self) -> WordCounts:
        """Return all that was counted so far."""
        if self._count:
            self._counted = self._counted.plus(count_words(np.concatenate(self._pending)))
            self._pending, self._count = [], 0
        return self._counted


def most_frequent(found: WordCounts, most: int, least_count: int = LEAST_WORD_COUNT) -> Hashes:
    """Return the most frequent words, sorted by hash; ties go to the smaller hash.

    Args:
        least_count: words that are rarer are never among them.
    """
    words, counts = found.hashes, found.counts
    enough = np.flatnonzero(counts >= least_count)
    if len(enough) > most:
        # The count of the last one that is in: all above it are in, ties by hash.
        bar = np.partition(counts[enough], len(enough) - most)[len(enough) - most]
        above = enough[counts[enough] > bar]
        ties = enough[counts[enough] == bar][: most - len(above)]
        enough = np.sort(np.concatenate((above, ties)))
    return words[enough]
