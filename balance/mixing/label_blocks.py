"""Labels in blocks of bytes: the lines of a file found in them, and what their labels hold.

Of each whole line: where it starts, has its tab, and ends. Of the labels of a block: code points,
and words (what stands between spaces) by their hash.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from balance.mixing.slices import Bytes, Flags, Hashes, Ints, hash_slices, runs, with_slack
from textlines.errors import InputError
from textlines.files import open_named, unreadable
from textlines.labels.label_file import LONGEST_LINE, PLAIN, START_BYTES, Dialect, refuse_other_form
from textlines.labels.label_paths import without_prefix

BLOCK = 1 << 22
"""Bytes looked at together: few enough for the cache, many enough for arrays."""

_TAB, _LINE_FEED, _BACKSLASH, _DELETE, _SLASH, _DOT = 9, 10, 92, 127, 47, 46


@dataclass(frozen=True, slots=True)
class LineBlock:
    """Some whole lines of a file: where each starts, has its tab, and ends (its line feed)."""

    starts: Ints
    tabs: Ints
    ends: Ints
    odd: Flags
    first_number: int


def blocks(buffer: Bytes, size: int, number: int = 1) -> Iterator[LineBlock]:
    """Cut the buffer after line feeds into blocks of about `BLOCK` bytes.

    Args:
        number: of the first line in its file.
    """
    start = 0
    while start < size:
        end = min(start + BLOCK, size)
        while end < size:
            feeds = np.flatnonzero(buffer[end : end + LONGEST_LINE] == _LINE_FEED)
            if len(feeds):
                end += int(feeds[0]) + 1
                break
            end = min(end + LONGEST_LINE, size)
        block = _find_lines(buffer[start:end], start, number)
        yield block
        number += len(block.ends)
        start = end


def _find_lines(content: Bytes, offset: int, number: int) -> LineBlock:
    ends = np.flatnonzero(content == _LINE_FEED)
    tabs = np.flatnonzero(content == _TAB)
    starts = np.concatenate(([0], ends[:-1] + 1))
    odd = np.zeros(len(ends), np.bool_)
    if len(tabs) != len(ends) or not bool(((tabs >= starts) & (tabs < ends)).all()):
        line = np.searchsorted(ends, tabs)
        odd |= np.bincount(line, minlength=len(ends)) != 1
        first = ends.copy()
        first[line[::-1]] = tabs[::-1]
        tabs = first
    odd |= ends - starts > LONGEST_LINE
    for place in _odd_places(content, len(ends), int(np.count_nonzero(content == _TAB))):
        odd[np.searchsorted(ends, place)] = True
    head = content[starts]
    # An absolute path, a list, a dot folder, blanks, a byte order mark, an empty path.
    for byte in (_SLASH, 0x5B, _DOT, 0x20, 0xEF, _TAB):
        odd |= head == byte
    second = content[np.minimum(starts + 1, len(content) - 1)]
    odd |= (second == 0x3A) | (tabs == starts)
    odd |= content[np.maximum(tabs - 1, 0)] == _SLASH
    return LineBlock(starts + offset, tabs + offset, ends + offset, odd, number)


def _odd_places(content: Bytes, lines: int, tabs: int) -> Iterator[Ints]:
    """Find the bytes that make a line odd; counting first, as most blocks have none."""
    if int(np.count_nonzero(content < 32)) != lines + tabs:
        yield np.flatnonzero((content < 32) & (content != _LINE_FEED) & (content != _TAB))
    for byte in (_BACKSLASH, _DELETE):
        places = content == byte
        if places.any():
            yield np.flatnonzero(places)
    following = content[1:]
    doubled = (content[:-1] == _SLASH) & ((following == _SLASH) | (following == _DOT))
    if doubled.any():
        yield np.flatnonzero(doubled)


def broken_lines(content: Bytes) -> Flags:
    """Whether each line is not UTF-8."""
    lines = content.tobytes().split(b"\n")[:-1]
    return np.fromiter((_is_broken(line) for line in lines), np.bool_, len(lines))


def _is_broken(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return True
    return False


def block_labels(content: Bytes, block: LineBlock, keep: Flags) -> Bytes:
    """Copy the labels of some lines of a block out, one a line."""
    sizes = np.empty(2 * len(keep), np.int64)
    sizes[::2] = block.tabs + 1 - block.starts
    sizes[1::2] = block.ends - block.tabs
    # A line without a tab has its tab at its line feed: nothing of it is a label.
    is_label = np.zeros(2 * len(keep), np.bool_)
    is_label[1::2] = keep
    sizes[::2] = np.minimum(sizes[::2], block.ends + 1 - block.starts)
    return content[np.repeat(is_label, sizes)]


def _in_form(content: bytes, path: Path, dialect: Dialect) -> tuple[bytes, int]:
    """Write a file of another dialect in PaddleOCR's form, line by line; also how many were cut."""
    try:
        text = content.decode(dialect.encoding) if dialect.encoding else ""
    except UnicodeError as error:
        raise InputError(
            str(path),
            f"is not {dialect.encoding} ({error})",
            "Name the encoding that the file was saved in: --encoding CP949, GBK, UTF-16.",
        ) from error
    rows = (text.encode() if dialect.encoding else content).split(b"\n")
    cut = 0
    for at, row in enumerate(rows if dialect.prefix else ()):
        column, tab, label = row.partition(b"\t")
        # A list of images is read line by line later on.
        if tab and not column.startswith(b"["):
            slashes = column.replace(b"\\", b"/").decode(errors="surrogateescape")
            rest = without_prefix(slashes, dialect.prefix)
            if rest is not None:
                rows[at] = rest.encode(errors="surrogateescape") + tab + label
                cut += 1
    return b"\n".join(rows), cut


class Stream:
    """A label file read block by block, so that its size does not matter; used once.

    What is hashed is what is read. A file of another dialect is brought into form whole.

    Attributes:
        cut: of how many lines the prefix of paths was cut; known with the first block.
        sha256: of the file; whole when the last block was given.
    """

    def __init__(self, path: Path, dialect: Dialect = PLAIN) -> None:
        self._path, self._dialect, self._hash = path, dialect, hashlib.sha256()
        self.cut = 0

    @property
    def sha256(self) -> str:
        """Return 64 hexadecimal digits."""
        return self._hash.hexdigest()

    def blocks(self) -> Iterator[tuple[Bytes, LineBlock]]:
        """Yield the lines in the blocks that the whole file would be cut into, with their buffers.

        Raises:
            InputError: the file cannot be read, is UTF-16, or not in the encoding of the dialect.
        """
        number = 1
        try:
            with open_named(self._path) as file:
                start = file.peek(START_BYTES)[:START_BYTES]
                refuse_other_form(self._path, start, self._dialect)
                content = self._next(file) if self._dialect == PLAIN else self._whole(file)
                while content:
                    for block in blocks(buffer := with_slack(content), len(content), number):
                        number += len(block.ends)
                        yield buffer, block
                    content = self._next(file)
        except OSError as error:
            raise unreadable(self._path, error, "the label file") from error

    def _whole(self, file: IO[bytes]) -> bytes:
        content = file.read()
        self._hash.update(content)
        content, self.cut = _in_form(content, self._path, self._dialect)
        return content if not content or content.endswith(b"\n") else content + b"\n"

    def _next(self, file: IO[bytes]) -> bytes:
        """Read about `BLOCK` bytes up to a line feed; of an endless line, enough to see that."""
        parts = [file.read(BLOCK)]
        self._hash.update(parts[0])
        if len(parts[0]) == BLOCK:
            while rest := file.readline(LONGEST_LINE):
                self._hash.update(rest)
                if len(parts) < 3 or rest.endswith(b"\n"):
                    parts.append(rest)
                if rest.endswith(b"\n"):
                    break
        content = b"".join(parts)
        return content if not content or content.endswith(b"\n") else content + b"\n"


def rows_buffer(rows: Sequence[tuple[str, str]]) -> tuple[Bytes, list[Ints]]:
    """Write paths and labels into a buffer with slack; also the columns of the lines."""
    paths = [path.encode() for path, _ in rows]
    labels = [label.encode() for _, label in rows]
    path_lengths = np.fromiter(map(len, paths), np.int64, len(rows))
    lengths = path_lengths + 1 + np.fromiter(map(len, labels), np.int64, len(rows))
    characters = np.fromiter((len(label) for _, label in rows), np.int64, len(rows))
    texts = b"".join(path + b"\t" + label for path, label in zip(paths, labels, strict=True))
    return with_slack(texts), [np.cumsum(lengths) - lengths, path_lengths, lengths, characters]


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
    r"""Find the words in labels of one a line; starts and lengths in bytes.

    >>> [part.tolist() for part in word_slices(np.frombuffer(b"a bc\nd\n", np.uint8), 7)]
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
    r"""Count the code points, and the spaces among them, of labels of one a line.

    >>> from balance.mixing.slices import with_slack
    >>> [found.tolist() for found in lengths_of(with_slack("값 1\n7\n".encode()), 8)]
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
