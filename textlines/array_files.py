"""`.npy` and `.npz` files from anywhere: nothing is built before its size is held against the file.

numpy's own reader takes the memory that a header asks for, and unfolds a compressed member
however large it becomes.
"""

import math
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from textlines.errors import InputError
from textlines.files import open_regular, unreadable

Array = npt.NDArray[Any]

MOST_BYTES = 1 << 33
"""Of a file."""

_MOST_DIRECTORY = 1 << 24
"""Of the table of contents of an archive: 100,000 members."""

_END = b"PK\x05\x06"
_KINDS = "biuf"


def read_npy(path: Path, what: str, mend: str) -> Array:
    """Read an array of plain numbers.

    Args:
        what: its use ("the history"). mend: the way out, for messages.

    Raises:
        InputError: it cannot be read, is none, of another kind, or of another length than its
            header says.
    """
    with _opened(path, what) as (file, size), _named(path, what, mend):
        return _array(file, size)


def read_npz(path: Path, what: str, mend: str) -> dict[str, Array]:
    """Read the arrays of an archive by their names, as `numpy.savez` writes them.

    In all else as `read_npy`.

    Raises:
        InputError: also where a member is compressed, or the members are longer than the file.
    """
    found: dict[str, Array] = {}
    with _opened(path, what) as (file, size), _named(path, what, mend):
        _check_directory(file, size)
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            # Members may lie over each other.
            if sum(member.file_size for member in members) > size:
                raise ValueError("its members are longer than the file")
            for member in members:
                if member.compress_type != zipfile.ZIP_STORED or member.flag_bits & 1:
                    raise ValueError(f"its member {member.filename[:60]!r} is compressed")
                with archive.open(member) as opened:
                    name = member.filename.removesuffix(".npy")
                    try:
                        found[name] = _array(opened, member.file_size)
                    except ValueError as error:
                        raise ValueError(f"{name[:60]!r}: {error}") from error
    return found


@contextmanager
def _opened(path: Path, what: str) -> Iterator[tuple[BufferedReader, int]]:
    try:
        with open_regular(path) as file:
            size = file.seek(0, 2)
            file.seek(0)
            yield file, size
    except OSError as error:
        raise unreadable(path, error, what) from error


@contextmanager
def _named(path: Path, what: str, mend: str) -> Iterator[None]:
    """Name the file in whatever error a broken file led to."""
    try:
        yield
    except (OSError, InputError, MemoryError):
        raise
    # zipfile raises what a broken directory led it to: BadZipFile, struct.error, KeyError,
    # NotImplementedError, RuntimeError, EOFError.
    except Exception as error:
        reason = str(error) or type(error).__name__
        raise InputError(str(path), f"{what} cannot be read ({reason})", mend) from error


def _check_directory(file: BufferedReader, size: int) -> None:
    """Check the length of an archive's table of contents, of which an object is made a member."""
    if size > MOST_BYTES:
        raise ValueError(f"it has {size:,} bytes, more than {MOST_BYTES:,}")
    file.seek(max(0, size - 22))
    end = file.read(22)
    if len(end) < 22 or not end.startswith(_END):
        raise ValueError("it is no archive of arrays, or cut short")
    if int.from_bytes(end[12:16], "little") > _MOST_DIRECTORY:
        raise ValueError("its table of contents is longer than any of ours")
    file.seek(0)


def _array(file: IO[bytes], size: int) -> Array:
    """Read an array from a file of `size` bytes, to its end.

    Raises:
        ValueError: it is none, of another kind, or of another length.
    """
    try:
        version = np.lib.format.read_magic(file)  # type: ignore[no-untyped-call]
        read: Any = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }.get(version)
        if read is None:
            raise ValueError(f"an array of format {version}")
        shape, is_fortran, dtype = read(file)
    except ValueError:
        raise
    # The header is a Python literal: its parser has limits and errors of its own.
    except Exception as error:
        raise ValueError(f"its header is broken ({type(error).__name__})") from error
    if dtype.kind not in _KINDS or dtype.names or dtype.subdtype:
        raise ValueError(f"an array of {str(dtype)[:60]}, not of plain numbers")
    if any(type(n) is not int or n < 0 for n in shape):
        raise ValueError("its axes are no sizes")
    count = math.prod(shape)
    left = size - file.tell()
    if count * dtype.itemsize != left:
        raise ValueError(f"its header says {count * dtype.itemsize:,} bytes, it has {left:,}")
    raw = np.empty(left, np.uint8)
    view, at = memoryview(raw), 0  # type: ignore[arg-type]
    while at < left:
        read_now = file.readinto(view[at:])  # type: ignore[attr-defined]
        if not read_now:
            raise ValueError("it is cut short")
        at += read_now
    array: Array = raw.view(dtype).reshape(shape, order="F" if is_fortran else "C")
    return array
