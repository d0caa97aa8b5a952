"""Label files brought into buffers: whole, or a block of lines after another."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import numpy as np

from balance.mixing.arrays import SLACK, Bytes, Ints, with_slack
from balance.mixing.blocks import BLOCK, Block, blocks
from textlines.errors import InputError
from textlines.files import open_named, unreadable
from textlines.labels.label_file import (
    LONGEST_LINE,
    PLAIN,
    START_BYTES,
    Dialect,
    refuse_other_form,
)
from textlines.labels.label_paths import without_prefix


def load_whole(path: Path, dialect: Dialect = PLAIN) -> tuple[Bytes, int, str, int]:
    """Read a file whole, once, so that what is hashed is what is read.

    Returns:
        A buffer with slack, how many bytes of it are lines (all end in a line feed), the sha256
        of the file, and of how many lines the prefix of paths was cut.

    Raises:
        InputError: the file cannot be read or is of another form.
    """
    try:
        with open_named(path) as file:
            read = file.read()
    except OSError as error:
        raise unreadable(path, error, "the label file") from error
    refuse_other_form(path, read[:START_BYTES], dialect)
    sha256 = hashlib.sha256(read).hexdigest()
    cut = 0
    if dialect != PLAIN:
        read, cut = _in_form(read, path, dialect)
    content = np.frombuffer(read, np.uint8)
    size = len(content)
    has_end = not size or content[-1] == 10
    buffer = np.zeros(size + (not has_end) + SLACK, np.uint8)
    buffer[:size] = content
    if not has_end:
        buffer[size] = 10
        size += 1
    return buffer, size, sha256, cut


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

    Attributes:
        sha256: of what was read; whole when the last block was given.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._found = path, hashlib.sha256()

    @property
    def sha256(self) -> str:
        """Give 64 hexadecimal digits."""
        return self._found.hexdigest()

    def blocks(self) -> Iterator[tuple[Bytes, Block]]:
        """Give the lines in the blocks that the whole file would be cut into, each in its buffer.

        Raises:
            InputError: the file cannot be read or is UTF-16.
        """
        number = 1
        try:
            with open_named(self._path) as file:
                refuse_other_form(self._path, file.peek(START_BYTES)[:START_BYTES])
                while content := self._next(file):
                    for block in blocks(buffer := with_slack(content), len(content), number):
                        number += len(block.ends)
                        yield buffer, block
        except OSError as error:
            raise unreadable(self._path, error, "the label file") from error

    def _next(self, file: IO[bytes]) -> bytes:
        """Read about `BLOCK` bytes up to a line feed; of an endless line, enough to see that."""
        parts = [file.read(BLOCK)]
        self._found.update(parts[0])
        if len(parts[0]) == BLOCK:
            while rest := file.readline(LONGEST_LINE):
                self._found.update(rest)
                if len(parts) < 3 or rest.endswith(b"\n"):
                    parts.append(rest)
                if rest.endswith(b"\n"):
                    break
        content = b"".join(parts)
        return content if not content or content.endswith(b"\n") else content + b"\n"


def append_rows(
    buffer: Bytes, size: int, rows: Sequence[tuple[str, str]]
) -> tuple[Bytes, list[Ints]]:
    """Write mended lines behind the content; gives the buffer and the columns of the lines."""
    paths = [path.encode() for path, _ in rows]
    texts = [label.encode() for _, label in rows]
    path_lengths = np.fromiter(map(len, paths), np.int64, len(rows))
    lengths = path_lengths + 1 + np.fromiter(map(len, texts), np.int64, len(rows))
    starts = size + np.cumsum(lengths) - lengths
    if rows:
        tail = b"".join(p + b"\t" + t for p, t in zip(paths, texts, strict=True))
        whole = np.zeros(size + len(tail) + SLACK, np.uint8)
        whole[:size] = buffer[:size]
        whole[size : size + len(tail)] = np.frombuffer(tail, np.uint8)
        buffer = whole
    characters = np.fromiter((len(label) for _, label in rows), np.int64, len(rows))
    return buffer, [starts, path_lengths, lengths, characters]
