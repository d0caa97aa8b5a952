"""LMDB files read page by page, with every number in them held against the file's length.

The library maps the file into memory and trusts it: a file that was cut while it was copied ends
the process by a bus error, and so do flipped bits. What is read here is what it writes (format 1,
64 bits, little-endian): two meta pages, and a tree of branch and leaf pages with long values on
pages of their own.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader

_MAGIC, _VERSION = 0xBEEFC0DE, 1
_HEADER, _META = struct.Struct("<QHHHH"), struct.Struct("<IIQQ48s48sQQ")
_TREE = struct.Struct("<IHHQQQQQ")
_NODE = struct.Struct("<HHHH")
_BRANCH, _LEAF, _OVERFLOW, _META_PAGE = 1, 2, 4, 8
_NO_ROOT = (1 << 64) - 1
_BIG_DATA = 1
_DEEPEST = 32
"""The library's own limit (CURSOR_STACK)."""


class BrokenStoreError(Exception):
    """A store is none, is cut short, or contradicts itself; says which."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A key and where its value lies: at `start` in the file, `size` bytes long.

    `is_plain` is false for what is no value: a database within the database.
    """

    key: bytes
    start: int
    size: int
    is_plain: bool = True


class Pages:
    """The main database of an LMDB file.

    Attributes:
        entries: how many keys it says to hold.
    """

    def __init__(self, file: BufferedReader) -> None:
        """Check the meta pages; `file` is a regular one and stays the caller's.

        Raises:
            BrokenStoreError: it is no LMDB, of another kind, or cut short.
        """
        self._file = file.fileno()
        self._length = os.fstat(self._file).st_size
        self._size = self._page_size()
        # The library writes the two in turn: the one of the later transaction holds.
        metas = [self._meta(number) for number in (0, 1)]
        tree, self._last, _ = max(metas, key=lambda meta: meta[2])
        _, flags, depth, _, _, _, self.entries, root = _TREE.unpack(tree)
        if flags:
            raise BrokenStoreError("its keys are of another kind than text")
        self._root, self._depth = root, depth
        if depth > _DEEPEST or (root == _NO_ROOT) != (self.entries == 0):
            raise BrokenStoreError("its meta page contradicts itself")
        if (self._last + 1) * self._size > self._length:
            # Pages at the end that were given up again need not be there: all others must.
            for _ in self.from_key(b""):
                pass

    def find(self, key: bytes) -> bytes | None:
        """Read the value of a key; None where there is none.

        Raises:
            BrokenStoreError: as `value`, and as `from_key`.
        """
        first = next(self.from_key(key), None)
        return self.value(first) if first is not None and first.key == key else None

    def from_key(self, start: bytes) -> Iterator[Entry]:
        """Yield the entries from a key on, in the order of their keys.

        Raises:
            BrokenStoreError: a page is none, lies beyond the file's end, or is out of order.
        """
        if self._root == _NO_ROOT:
            return
        before: bytes | None = None
        for entry in self._below(self._root, 1, start):
            # Also what ends a tree that leads back into itself.
            if before is not None and entry.key <= before:
                raise BrokenStoreError("its keys are out of order")
            before = entry.key
            if entry.key >= start:
                yield entry

    def value(self, entry: Entry) -> bytes:
        """Read a value.

        Raises:
            BrokenStoreError: it ends beyond the file's end, or is a database of its own.
        """
        if not entry.is_plain:
            raise BrokenStoreError(f"holds a database under {entry.key[:40]!r}")
        return self._at(entry.start, entry.size)

    def _page_size(self) -> int:
        """Read the size of the pages, which stands where the first meta page names its trees."""
        head = os.pread(self._file, 16 + _META.size, 0)
        if len(head) < 16 + _META.size:
            raise BrokenStoreError(f"it is cut short ({self._length:,} bytes)")
        magic, version = struct.unpack_from("<II", head, 16)
        if magic != _MAGIC:
            raise BrokenStoreError("it does not begin as one does")
        if version != _VERSION:
            raise BrokenStoreError(f"it is of format {version}, not {_VERSION}")
        size = int(struct.unpack_from("<I", head, 16 + 24)[0])
        if not 512 <= size <= 1 << 16 or size & (size - 1):
            raise BrokenStoreError(f"its pages are of {size:,} bytes")
        return size

    def _meta(self, number: int) -> tuple[bytes, int, int]:
        page = self._at(number * self._size, 16 + _META.size)
        flags = _HEADER.unpack_from(page)[2]
        magic, version, _, _, _, tree, last, transaction = _META.unpack_from(page, 16)
        if magic != _MAGIC or version != _VERSION or not flags & _META_PAGE:
            raise BrokenStoreError(f"its meta page {number} is broken")
        return tree, last, transaction

    def _at(self, start: int, size: int) -> bytes:
        if start + size > self._length:
            raise BrokenStoreError(
                f"it is cut short ({self._length:,} bytes, at least {start + size:,} are needed)"
            )
        data = os.pread(self._file, size, start)
        while len(data) < size:  # one call reads 2 GB at most
            more = os.pread(self._file, size - len(data), start + len(data))
            if not more:
                raise BrokenStoreError("it became shorter while it was read")
            data += more
        return data

    def _below(self, number: int, depth: int, start: bytes) -> Iterator[Entry]:
        """Yield the entries below a page, but for branches that lie before `start` whole."""
        if depth > self._depth:
            raise BrokenStoreError("its tree is deeper than its meta page says")
        page, flags, count = self._page(number)
        nodes = [self._node(page, place) for place in range(count)]
        if flags & _LEAF:
            for key, at, low, high, node_flags in nodes:
                yield self._entry(number, page, key, at, low | high << 16, node_flags)
            return
        # A branch's first key is empty or meaningless: all that is smaller lies there.
        first = 0
        while first + 1 < count and nodes[first + 1][0] <= start:
            first += 1
        for _, _, low, high, node_flags in nodes[first:]:
            yield from self._below(low | high << 16 | node_flags << 32, depth + 1, start)

    def _page(self, number: int) -> tuple[bytes, int, int]:
        """Read a branch or leaf page, its flags, and how many nodes it has."""
        page = self._at(number * self._size, self._size)
        held, _, flags, lower, upper = _HEADER.unpack_from(page)
        count = (lower - 16) >> 1
        kind = flags & (_BRANCH | _LEAF | _OVERFLOW | _META_PAGE)
        if held != number or kind not in (_BRANCH, _LEAF):
            raise BrokenStoreError(f"page {number:,} is none of its tree")
        if count < 1 or not lower <= upper <= self._size:
            raise BrokenStoreError(f"page {number:,} is broken")
        return page, flags, count

    def _node(self, page: bytes, place: int) -> tuple[bytes, int, int, int, int]:
        """Read a node: key, where what follows it begins, and its numbers."""
        (at,) = struct.unpack_from("<H", page, 16 + 2 * place)
        if at + 8 > self._size:
            raise BrokenStoreError("a node lies outside its page")
        low, high, flags, length = _NODE.unpack_from(page, at)
        end = at + 8 + length
        if end > self._size:
            raise BrokenStoreError("a key ends outside its page")
        return page[at + 8 : end], end, low, high, flags

    def _entry(self, number: int, page: bytes, key: bytes, at: int, size: int, flags: int) -> Entry:
        if flags == _BIG_DATA:
            if at + 8 > self._size:
                raise BrokenStoreError("a node ends outside its page")
            (first,) = struct.unpack_from("<Q", page, at)
            start = first * self._size + 16
            if start + size > self._length:
                self._at(start, size)  # raises
            held, _, kind, pages, more = _HEADER.unpack_from(self._at(start - 16, 16))
            whole = (pages | more << 16) * self._size - 16
            if held != first or not kind & _OVERFLOW or size > whole:
                raise BrokenStoreError(f"the value of {key[:40]!r} is broken")
            return Entry(key, start, size)
        if at + size > self._size:
            raise BrokenStoreError(f"the value of {key[:40]!r} ends outside its page")
        return Entry(key, number * self._size + at, size, is_plain=not flags)
