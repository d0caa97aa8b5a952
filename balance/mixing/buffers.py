"""Label files brought into buffers, a block of lines after another."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import numpy as np

from balance.mixing.arrays import Bytes, Ints, with_slack
from balance.mixing.blocks import BLOCK, LineBlock, blocks
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
