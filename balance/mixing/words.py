"""Words of labels: what stands between spaces, by hash."""

from collections.abc import Iterable

import numpy as np

from balance.mixing.arrays import Bytes, Hashes, Ints, runs
from balance.mixing.hashing import hash_slices

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


def count_words(parts: Iterable[Hashes]) -> tuple[Hashes, Ints]:
    """Count equal words: their hashes, rising, and how often each stands there."""
    everything = np.concatenate([np.zeros(0, np.uint64), *parts])
    everything.sort()
    edges = runs(everything)
    return everything[edges[:-1]], np.diff(edges)


def most_frequent(words: Hashes, counts: Ints, most: int, least_count: int) -> Hashes:
    """Give the most frequent words, sorted by hash; ties go to the smaller hash.

    Args:
        least_count: words that are rarer are never among them.
    """
    enough = np.flatnonzero(counts >= least_count)
    if len(enough) > most:
        # The count of the last one that is in: all above it are in, ties by hash.
        bar = np.partition(counts[enough], len(enough) - most)[len(enough) - most]
        above = enough[counts[enough] > bar]
        ties = enough[counts[enough] == bar][: most - len(above)]
        enough = np.sort(np.concatenate((above, ties)))
    return words[enough]
