"""Lines of one role, from one file or several, in the order that they are drawn in."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from balance.mixing.arrays import Hashes, Ints, runs
from balance.mixing.hashing import draw_keys
from balance.mixing.lines import Source
from balance.mixing.options import By


@dataclass(frozen=True, slots=True)
class Pool:
    """Lines by reference: `rows[k]` of `sources[of[k]]`, by rising key.

    Attributes:
        sizes: what each counts: 1, or the characters of its label.
    """

    sources: tuple[Source, ...]
    of: Ints
    rows: Ints
    keys: Hashes
    sizes: Ints

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def amount(self) -> int:
        """Add the sizes up."""
        return int(self.sizes.sum())

    def hashes(self) -> Hashes:
        """Give the hash of each line, which knows no seed and no role."""
        found = np.empty(len(self), np.uint64)
        for number, source in enumerate(self.sources):
            own = self.of == number
            found[own] = source.lines.hashes[self.rows[own]]
        return found


def make_pool(sources: Sequence[Source], seed: int, by: By) -> Pool:
    """Put the lines of sources in drawing order: by a hash of seed, source and line.

    What another source holds moves none of them: each key is the line's own.
    """
    keys = [draw_keys(s.lines.hashes, seed, s.name) for s in sources]
    sizes = [
        s.lines.characters if by == "characters" else np.ones(len(s.lines), np.int64)
        for s in sources
    ]
    counts = [len(s.lines) for s in sources]
    everything = np.concatenate([np.zeros(0, np.uint64), *keys])
    order = order_of(everything)
    of = np.repeat(np.arange(len(sources)), counts)
    rows = np.concatenate([np.zeros(0, np.int64), *(np.arange(n) for n in counts)])
    size = np.concatenate([np.zeros(0, np.int64), *sizes])
    return Pool(tuple(sources), of[order], rows[order], everything[order], size[order])


def order_of(keys: Hashes) -> Ints:
    """Sort keys and give their order, equal ones in the order given.

    Values sort six times as fast as an index does, so that the index goes into the low bits of
    the key; keys that differ only there are put right afterwards.

    >>> order_of(np.array([3 << 60, 1 << 60, 2, 1], np.uint64)).tolist()
    [3, 2, 1, 0]
    """
    bits = np.uint64(max(1, len(keys) - 1).bit_length())
    mask = (np.uint64(1) << bits) - np.uint64(1)
    packed = (keys & ~mask) | np.arange(len(keys), dtype=np.uint64)
    packed.sort()
    order = (packed & mask).astype(np.int64)
    edges = runs(packed >> bits)
    for at in np.flatnonzero(np.diff(edges) > 1).tolist():
        some = order[edges[at] : edges[at + 1]]
        order[edges[at] : edges[at + 1]] = some[np.argsort(keys[some], kind="stable")]
    return order


class Drawer:
    """Draws from a pool in its order, and starts again when all were drawn."""

    def __init__(self, sizes: Ints) -> None:
        self._sizes, self._next = sizes, 0
        self._total = int(sizes.sum())

    def draw(self, amount: int) -> Ints:
        """Give the positions of the next lines that together are at most `amount`.

        More than the pool holds gives lines several times, each as often as the others or once
        more.
        """
        if not self._total:
            return np.zeros(0, np.int64)
        count = len(self._sizes)
        order = (self._next + np.arange(count)) % count
        fitting = np.searchsorted(np.cumsum(self._sizes[order]), amount % self._total, "right")
        self._next = int((self._next + fitting) % count)
        return np.concatenate([*[order] * (amount // self._total), order[:fitting]])
