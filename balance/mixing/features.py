"""What each candidate line would add to a mix: characters, frequent words, its length."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from balance.mixing.arrays import Bytes, Floats, Hashes, Ints, spread
from balance.mixing.hashing import hash_slices
from balance.mixing.screen import CODE_POINTS, decode
from balance.mixing.words import word_slices

Ids = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Features:
    """Features of lines in rows that stand one after another.

    Attributes:
        ids: the feature of each occurrence; a character that stands twice is there twice.
        starts: of each line in `ids`, and its length at the end.
        count: how many features there are.
    """

    ids: Ids
    starts: Ints
    count: int

    def __len__(self) -> int:
        return len(self.starts) - 1

    def totals(self, rows: Ints | None = None) -> Ints:
        """Count each feature in some lines, or in all of them."""
        if rows is None:
            return np.bincount(self.ids, minlength=self.count)
        lengths = self.starts[rows + 1] - self.starts[rows]
        return np.bincount(self.ids[spread(self.starts[rows], lengths)], minlength=self.count)

    def take(self, rows: Ints) -> "Features":
        """Give some lines, in the order given, as features of their own."""
        lengths = self.starts[rows + 1] - self.starts[rows]
        ids = self.ids[spread(self.starts[rows], lengths)]
        return Features(ids, np.concatenate(([0], np.cumsum(lengths))), self.count)

    def sums(self, weights: npt.NDArray[np.int64], rows: int) -> Ints:
        """Sum the weights of the features of each of the first lines.

        In integers, so that a sum is the same in whatever order and on whatever machine.
        """
        found = np.zeros(rows, np.int64)
        step = 1 << 17
        for low in range(0, rows, step):
            high = min(low + step, rows)
            start, end = int(self.starts[low]), int(self.starts[high])
            if end > start:
                # With a 0 at the end, so that empty lines there have a place to start at.
                values = np.append(weights[self.ids[start:end]], 0)
                sums = np.add.reduceat(values, self.starts[low:high] - start)
                # An empty line gets its neighbour's first value instead of nothing.
                empty = self.starts[low + 1 : high + 1] == self.starts[low:high]
                sums[empty] = 0
                found[low:high] = sums
        return found


def make_features(
    labels: Bytes, size: int, codes: Ints, words: Hashes, bins: Ints | None, bin_count: int
) -> Features:
    """Find the features of labels that stand one a line.

    Args:
        labels: with slack behind them. size: without it.
        codes: code points that are features, rising: the first ones.
        words: hashes of the words that are features, rising: behind the characters.
        bins: for each line its one bin (its length, say), 0..bin_count - 1; behind the words.
    """
    points = decode(labels[:size])
    table = np.full(CODE_POINTS, -1, np.int32)
    table[codes] = np.arange(len(codes), dtype=np.int32)
    table[10] = -2
    ids = table[points]
    ids = ids[ids != -1]
    ends = np.flatnonzero(ids == -2)
    chars_per_line = np.diff(ends, prepend=-1) - 1
    ids = ids[ids != -2]
    parts = [(ids, np.repeat(np.arange(len(ends)), chars_per_line))]
    if len(words):
        starts, lengths = word_slices(labels, size)
        found = hash_slices(labels, starts, lengths)
        at = np.minimum(np.searchsorted(words, found), len(words) - 1)
        known = words[at] == found
        line_ends = np.flatnonzero(labels[:size] == 10)
        lines = np.searchsorted(line_ends, starts[known])
        parts.append(((at[known] + len(codes)).astype(np.int32), lines))
    if bins is not None:
        shifted = (bins + len(codes) + len(words)).astype(np.int32)
        parts.append((shifted, np.arange(len(ends))))
    total = len(codes) + len(words) + (bin_count if bins is not None else 0)
    return _joined(parts, len(ends), total)


def _joined(parts: list[tuple[Ids, Ints]], lines: int, count: int) -> Features:
    """Put the features of several kinds line by line, each kind in its order."""
    sizes = [np.bincount(rows, minlength=lines) for _, rows in parts]
    starts = np.concatenate(([0], np.cumsum(np.sum(sizes, axis=0))))
    ids = np.empty(int(starts[-1]), np.int32)
    place = starts[:-1].copy()
    for (values, _), size in zip(parts, sizes, strict=True):
        ids[spread(place, size)] = values
        place += size
    return Features(ids, starts, count)


def as_counts(totals: Ints, target_codes: int) -> Floats:
    """Give the counts of the characters among all features."""
    return totals[:target_codes].astype(np.float64)
