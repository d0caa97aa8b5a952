"""What chosen lines hold: code points, known words, spaces."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from balance.mixing.arrays import Bytes, Hashes, Ints
from balance.mixing.hashing import hash_slices
from balance.mixing.screen import CODE_POINTS, decode
from balance.mixing.words import word_slices


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
        found = np.bincount(decode(labels[:size]))
        codes[: len(found)] += found
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

    >>> from balance.mixing.arrays import with_slack
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
