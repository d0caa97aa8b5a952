"""Text lines of some roles in columns, in the order that they are drawn in; and some of them."""

import mmap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from balance.mixing.slices import (
    Bytes,
    Flags,
    Hashes,
    Ints,
    Shorts,
    finish,
    gather,
    hash_slices,
    runs,
)
from textlines.formats.roles import Role

Index = slice | Ints
"""Positions in a lot: neighbours, or any."""

_LINES = 1 << 18
"""Lines looked at together."""


@dataclass(frozen=True, eq=False)
class Lot:
    """All lines ("path, tab, label") of some label files, by rising key; equal ones as read.

    In memory, or mapped from files (`sorting`) whose pages are let go of after each block.

    Attributes:
        texts: the lines, with slack behind them.
        starts: of each line in `texts`, in bytes.
        path_lengths, lengths: of the path, and of path, tab and label together, in bytes.
        sizes: what each line counts: 1, or the characters of its label (`--by`).
        origins: twice the number of its label file, and 1 more for a rendered image.
        keys: what the lines are drawn by, rising (`draw_keys`).
        roles: of the label files, by their number.
        maps: of the columns and texts that lie in files.
    """

    texts: Bytes
    starts: Ints
    path_lengths: Shorts
    lengths: Shorts
    sizes: Shorts
    origins: Shorts
    keys: Hashes
    roles: Mapping[int, Role]
    maps: tuple[mmap.mmap, ...] = ()

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def amount(self) -> int:
        """Add the sizes up."""
        return int(self.sizes.sum(dtype=np.int64))

    def all(self) -> "Selection":
        """Return all lines, each once."""
        return Selection(self, (range(len(self)),))

    def drawer(self) -> "LotDrawer":
        """Start drawing."""
        return LotDrawer(self)

    def hashes(self) -> Hashes:
        """Hash each line, whatever the seed and its role."""
        return hash_slices(self.texts, self.starts, self.lengths)

    def paths(self, index: Index) -> list[str]:
        """Return the paths of some lines."""
        starts, lengths = self.starts[index].tolist(), self.path_lengths[index].tolist()
        return [
            self.texts[start : start + length].tobytes().decode()
            for start, length in zip(starts, lengths, strict=True)
        ]

    def labels(self, index: Index) -> tuple[Bytes, int]:
        """Copy labels out, one a line, in the order given: a buffer with slack, and its size."""
        heads = self.path_lengths[index] + 1
        lengths = self.lengths[index] - heads
        labels, _ = gather(self.texts, self.starts[index] + heads, lengths)
        return labels, int(lengths.sum(dtype=np.int64)) + len(lengths)

    def fitting(self, low: int, amount: int) -> int:
        """Count the lines from position `low` on that together are at most `amount`."""
        for at in range(low, len(self), _LINES):
            upto = np.cumsum(self.sizes[at : at + _LINES], dtype=np.int64)
            count = int(np.searchsorted(upto, amount, "right"))
            if count < len(upto):
                return at - low + count
            amount -= int(upto[-1])
        return len(self) - low

    def copied(self, copies: Ints) -> "Lot":
        """Return the lot with each line standing so often, copies far from each other."""
        index = np.repeat(np.arange(len(self)), copies)
        number = np.arange(len(index)) - np.repeat(np.cumsum(copies) - copies, copies)
        keys = self.keys[index]
        again = number > 0
        keys[again] = finish(keys[again] + number[again].astype(np.uint64))
        order = order_of(keys)
        return self._taken(index[order], keys[order])

    def kept(self, keep: Flags) -> "Lot":
        """Return the lot without some of its lines."""
        index = np.flatnonzero(keep)
        return self._taken(index, self.keys[index])

    def _taken(self, index: Ints, keys: Hashes) -> "Lot":
        return replace(
            self,
            starts=self.starts[index],
            path_lengths=self.path_lengths[index],
            lengths=self.lengths[index],
            sizes=self.sizes[index],
            origins=self.origins[index],
            keys=keys,
        )

    def let_go(self) -> None:
        """Hand mapped pages that were looked at back to the system."""
        for mapped in self.maps:
            mapped.madvise(mmap.MADV_DONTNEED)


@dataclass(frozen=True, eq=False)
class Selection:
    """Some lines of a lot; a line may stand among them several times.

    Attributes:
        pieces: positions in the lot, in the order that they were drawn in.
        numbers: the label files whose lines count; None for all.
    """

    lot: Lot
    pieces: tuple[range | Ints, ...]
    numbers: frozenset[int] | None = None

    def __len__(self) -> int:
        return self._sums[0]

    @property
    def amount(self) -> int:
        """Add the sizes up."""
        return self._sums[1]

    @cached_property
    def _sums(self) -> tuple[int, int]:
        lines = amount = 0
        for index in self.blocks():
            sizes = self.lot.sizes[index]
            lines, amount = lines + len(sizes), amount + int(sizes.sum(dtype=np.int64))
        return lines, amount

    @property
    def positions(self) -> Ints:
        """The positions of all lines, in the order that they were drawn in."""
        every = np.arange(len(self.lot))
        return np.concatenate([every[:0], *(every[index] for index in self.blocks())])

    def of_role(self, *roles: str) -> "Selection":
        """Return those that come from label files of these roles."""
        numbers = frozenset(n for n, role in self.lot.roles.items() if role in roles)
        if len(numbers) == len(self.lot.roles):
            return self
        return Selection(self.lot, self.pieces if numbers else (), numbers)

    def blocks(self) -> Iterator[Index]:
        """Yield the positions, some at a time."""
        for piece in self.pieces:
            for low in range(0, len(piece), _LINES):
                some = piece[low : low + _LINES]
                yield self.counting(
                    slice(some.start, some.stop) if isinstance(some, range) else some
                )
                self.lot.let_go()

    def counting(self, index: Index) -> Index:
        """Return those of some positions whose label file counts."""
        if self.numbers is None:
            return index
        counts = np.isin(self.lot.origins[index] >> 1, list(self.numbers))
        if isinstance(index, slice):
            return np.flatnonzero(counts) + index.start
        return index[counts]

    def label_blocks(self) -> Iterator[tuple[Bytes, int]]:
        """Yield the labels, one a line, some at a time: a buffer with slack, and its size."""
        return map(self.lot.labels, self.blocks())


class LotDrawer:
    """Draws lines in the order of their keys, and starts again when all were drawn."""

    def __init__(self, lot: Lot) -> None:
        self._lot, self._next = lot, 0

    def draw(self, amount: int) -> Selection:
        """Return the next lines that together are at most `amount`.

        More than there are gives lines several times, each as often as the others or once more.
        """
        lot, start, count = self._lot, self._next, len(self._lot)
        if not lot.amount:
            return Selection(lot, ())
        times, rest = divmod(amount, lot.amount)
        round_of_all = [range(start, count), range(start)]
        last = [range(start, start + lot.fitting(start, rest))]
        if last[0].stop == count:
            # On to the end of the order, and again from its start.
            rest -= int(lot.sizes[start:].sum(dtype=np.int64))
            last.append(range(min(start, lot.fitting(0, rest))))
        self._next = last[-1].stop % count
        return Selection(lot, tuple(filter(len, [*round_of_all * times, *last])))


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
