"""What labels hold: code points, and words (what stands between spaces) by their hash."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from balance.mixing.slices import Bytes, Hashes, Ints, hash_slices, runs

CODE_POINTS = 0x110000
Codes = npt.NDArray[np.uint8] | npt.NDArray[np.uint32]
"""Code points; a byte each where all are ASCII."""


def decode(text: Bytes) -> Codes:
    """Turn UTF-8 into code points; ASCII stays as it is.

    Raises:
        UnicodeDecodeError: it is not UTF-8.
    """
    if not len(text) or int(text.max()) < 128:
        return text
    return np.frombuffer(text.tobytes().decode().encode("utf-32-le"), np.uint32)


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
        >>> counted.of(np.array([3, 7], np.uint64)).tolist()
        [2, 0]
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


def most_frequent(counted: WordCounts, most: int, least_count: int = LEAST_WORD_COUNT) -> Hashes:
    """Return the most frequent words, sorted by hash; ties go to the smaller hash.

    Args:
        least_count: words that are rarer are never among them.
    """
    words, counts = counted.hashes, counted.counts
    enough = np.flatnonzero(counts >= least_count)
    if len(enough) > most:
        # The count of the last one that is in: all above it are in, ties by hash.
        bar = np.partition(counts[enough], len(enough) - most)[len(enough) - most]
        above = enough[counts[enough] > bar]
        ties = enough[counts[enough] == bar][: most - len(above)]
        enough = np.sort(np.concatenate((above, ties)))
    return words[enough]


@dataclass(frozen=True, slots=True)
class Holding:
    """How often code points (by their number) and known words (by their place) stand in lines."""

    codes: Ints
    words: Ints

    def plus(self, other: "Holding") -> "Holding":
        """Put two sets of lines together."""
        return Holding(self.codes + other.codes, self.words + other.words)

    def times(self, times: int) -> "Holding":
        """Return what so many copies of the lines hold."""
        return Holding(self.codes * times, self.words * times)


def hold(blocks: Iterable[tuple[Bytes, int]], words: Hashes) -> Holding:
    """Count what labels hold, given some at a time; a line that stands twice counts twice."""
    codes = np.zeros(CODE_POINTS, np.int64)
    counts = np.zeros(len(words), np.int64)
    for labels, size in blocks:
        points = np.bincount(decode(labels[:size]))
        codes[: len(points)] += points
        if len(words):
            met = hash_slices(labels, *word_slices(labels, size))
            counts += known_words(met, words)
    codes[10] = 0
    return Holding(codes, counts)


def known_words(met: Hashes, words: Hashes) -> Ints:
    """Count how often each of some words (rising hashes) was met."""
    if not len(words) or not len(met):
        return np.zeros(len(words), np.int64)
    at = np.minimum(np.searchsorted(words, met), len(words) - 1)
    return np.bincount(at[words[at] == met], minlength=len(words))


def lengths_of(labels: Bytes, size: int) -> tuple[Ints, Ints]:
    """Count the code points, and the spaces among them, of labels of one a line.

    >>> from balance.mixing.slices import with_slack
    >>> [found.tolist() for found in lengths_of(with_slack("값 1\\n7\\n".encode()), 8)]
    [[3, 1], [1, 0]]
    """
    codes = decode(labels[:size])
    ends = np.flatnonzero(codes == 10)
    lines = np.searchsorted(ends, np.flatnonzero(codes == 32))
    return np.diff(ends, prepend=-1) - 1, np.bincount(lines, minlength=len(ends))


def word_texts(blocks: Iterable[tuple[Bytes, int]], words: Hashes) -> list[str]:
    """Find the texts of words that stand in labels; "" for one that does not."""
    texts = [""] * len(words)
    missing = len(words)
    for labels, size in blocks:
        if not missing:
            break
        starts, lengths = word_slices(labels, size)
        met, first = np.unique(hash_slices(labels, starts, lengths), return_index=True)
        at = np.minimum(np.searchsorted(met, words), len(met) - 1) if len(met) else None
        if at is None:
            continue
        for place in np.flatnonzero(met[at] == words).tolist():
            if not texts[place]:
                k = first[at[place]]
                texts[place] = labels[starts[k] : starts[k] + lengths[k]].tobytes().decode()
                missing -= 1
    return texts
