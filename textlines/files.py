"""Files that appear whole or not at all, and files read with a word on what is wrong.

Only regular files are read where a user names a folder of them: a FIFO would hang, a device never
ends. An error of the machine (memory, rights, a full disk) is told apart from one of the file.
"""

import errno
import hashlib
import os
import select
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import IO, Any

from textlines.encodings import guess_encoding
from textlines.errors import InputError, MachineError, MendError
from textlines.partials import partial_file

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS}
_OF_THE_MACHINE = {
    *_NO_ROOM,
    *_NOT_ALLOWED,
    errno.ENOMEM,
    errno.EMFILE,
    errno.ENFILE,
    errno.EIO,
    errno.ESTALE,
    errno.ETIMEDOUT,
}

_KINDS = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class NotRegularError(OSError):
    """A path leads to a pipe, a device or a socket where a file is asked for."""


class TooLongError(OSError):
    """A file holds more than what is read into memory, or a pipe does not end."""


MOST_BYTES = 1 << 30
"""Of a file that is read whole, and of what comes through a pipe."""

_WAITED_S = 5.0
"""For the first writer of a named pipe. One that lies in somebody's folder has none."""


def real_path(path: str | Path) -> Path:
    """Return the absolute path that all links lead to; of links in a loop, as far as they lead.

    `Path.resolve` raises RuntimeError at a loop, up to Python 3.12.
    """
    return Path(os.path.realpath(path))


def open_regular(path: Path) -> BufferedReader:
    """Open a regular file for reading; the caller closes it.

    It is opened without waiting and looked at afterwards, by its handle: a FIFO without a writer
    does not hang, and nothing can take the file's place between a look and the opening.

    Raises:
        IsADirectoryError, NotRegularError: the path leads to something else.
        OSError: it cannot be opened.
    """
    handle = _opened_at_once(path)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise _not_regular(path, status.st_mode)
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def open_named(path: Path) -> BufferedReader:
    """Open what a user names to be read once: a regular file, a pipe or a terminal.

    `<(head -100 train.txt)` and `/dev/stdin` are pipes. Reading more than `MOST_BYTES` of one
    raises `TooLongError`. `/dev/null` is an empty file. A link in somebody's folder that leads to
    a pipe or a terminal is refused.

    Raises:
        IsADirectoryError, NotRegularError: it is a folder, another device, a socket, or a pipe
            without a writer.
        OSError: it cannot be opened.
    """
    handle = _opened_at_once(path)
    try:
        status = os.fstat(handle)
        if stat.S_ISREG(status.st_mode) or _is_null(status):
            return os.fdopen(handle, "rb")
        is_given = os.fspath(path).startswith(("/dev/", "/proc/"))
        if not is_given and not stat.S_ISFIFO(path.lstat().st_mode):
            raise _not_regular(path, status.st_mode)
        if stat.S_ISFIFO(status.st_mode):
            first = _first_of_pipe(handle)
            if first is None:
                raise NotRegularError(
                    errno.EINVAL, "is a named pipe that nobody writes to", str(path)
                )
        elif os.isatty(handle):
            first = b""
        else:
            raise _not_regular(path, status.st_mode)
        os.set_blocking(handle, True)
        return BufferedReader(_Bounded(path, handle, first), 1 << 16)
    except BaseException:
        os.close(handle)
        raise


def read_regular(path: Path, most: int = MOST_BYTES) -> bytes:
    """Read a regular file of at most `most` bytes whole; else as `open_regular`.

    Raises:
        TooLongError: it holds more.
    """
    with open_regular(path) as file:
        return _whole(file, path, most)


def read_named(path: Path, most: int = MOST_BYTES) -> bytes:
    """Read what a user names whole, at most `most` bytes; else as `open_named`.

    Raises:
        TooLongError: it holds more.
    """
    with open_named(path) as file:
        return _whole(file, path, most)


def _whole(file: BufferedReader, path: Path, most: int) -> bytes:
    # Before it is read: a file with holes may be longer than any memory.
    if os.fstat(file.fileno()).st_size > most:
        raise _too_long(path, most)
    # Not read(most): that takes the memory first. A pipe is bounded where it is read.
    data = file.read()
    if len(data) > most:
        raise _too_long(path, most)
    return data


def _too_long(path: Path, most: int) -> TooLongError:
    return TooLongError(errno.EOVERFLOW, f"is longer than {most:,} bytes", str(path))


def _opened_at_once(path: Path) -> int:
    return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)


def _not_regular(path: Path, mode: int) -> OSError:
    if stat.S_ISDIR(mode):
        return IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    kind = next((name for is_kind, name in _KINDS if is_kind(mode)), "special")
    return NotRegularError(errno.EINVAL, f"is {kind} and no regular file", str(path))


def _is_null(status: os.stat_result) -> bool:
    null = Path(os.devnull).stat()
    return stat.S_ISCHR(status.st_mode) and status.st_rdev == null.st_rdev


def _first_of_pipe(handle: int) -> bytes | None:
    """Wait until a pipe has a writer or had one; return what was read on the way, or None."""
    watched = select.poll()
    watched.register(handle, select.POLLIN)
    end = time.monotonic() + _WAITED_S
    while True:
        if watched.poll(50):
            return b""  # something to read, or the end of what was written
        try:
            first = os.read(handle, 1)
        except BlockingIOError:
            return b""  # a writer that has not written yet
        if first:
            return first
        if time.monotonic() > end:
            return None


_through_pipes: "dict[str, hashlib._Hash]" = {}
"""What was read of each pipe, which nobody can read again."""


class _Bounded(RawIOBase):
    """What comes through a pipe or from a terminal, up to `MOST_BYTES`."""

    def __init__(self, path: Path, handle: int, first: bytes) -> None:
        super().__init__()
        self._path, self._handle, self._first, self._read = path, handle, first, 0
        self._hash = _through_pipes[os.fspath(path)] = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._handle

    def readinto(self, buffer: Any) -> int:
        data, self._first = self._first or os.read(self._handle, len(buffer)), b""
        self._read += len(data)
        if self._read > MOST_BYTES:
            raise _too_long(self._path, MOST_BYTES)
        self._hash.update(data)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            os.close(self._handle)
        super().close()


def is_of_the_machine(error: BaseException) -> bool:
    """Whether an error is the machine's and would meet a sound file as well.

    >>> is_of_the_machine(PermissionError(errno.EACCES, "")), is_of_the_machine(MemoryError())
    (True, True)
    >>> is_of_the_machine(FileNotFoundError(errno.ENOENT, "")), is_of_the_machine(ValueError())
    (False, False)
    """
    if isinstance(error, OSError):
        return error.errno in _OF_THE_MACHINE
    if isinstance(error, UnicodeEncodeError):
        # A path that the locale cannot write; half of a surrogate pair cannot be in UTF-8 either.
        return error.encoding.lower() not in ("utf-8", "utf8")
    return isinstance(error, ImportError | MachineError) or _is_out_of_memory(error)


_CV2_NO_MEMORY = -4
"""`cv::Error::StsNoMem`. OpenCV has one class for all its errors."""


def _is_out_of_memory(error: BaseException) -> bool:
    kind = type(error)
    if (kind.__module__, kind.__name__) == ("cv2", "error"):
        return getattr(error, "code", 0) == _CV2_NO_MEMORY
    # C++ without a class of its own in Python.
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and "std::bad_alloc" in str(error)
    )


def raise_if_of_the_machine(where: object, error: BaseException) -> None:
    """Let no failure of the machine be counted as one of a file.

    For the handlers that turn whatever a parser raised into "this file is broken".

    Raises:
        MachineError: the error `is_of_the_machine`.
    """
    if is_of_the_machine(error):
        raise machine_error(str(where), error) from error


def raise_unlisted(error: OSError) -> None:
    """Raise what `os.walk`, as its `onerror`, would pass over: a folder that may not be listed."""
    raise_if_of_the_machine(error.filename, error)


def files_below(folder: Path) -> list[Path]:
    """Return the files in a folder and all below it, sorted; links to folders are not followed.

    Raises:
        MachineError: a folder may not be listed, which `Path.rglob` does not tell.
    """
    return sorted(
        path
        for root, _, names in os.walk(folder, onerror=raise_unlisted)
        for path in (Path(root, name) for name in names)
        if path.is_file()
    )


def machine_error(where: str, error: BaseException) -> MachineError:
    """Return the error to raise for a failure that `is_of_the_machine`; `where` it was met."""
    if isinstance(error, MachineError):
        return error
    if _is_out_of_memory(error):
        return MachineError(
            where, "there is not enough memory", "Free some, or use fewer --workers."
        )
    if isinstance(error, UnicodeEncodeError):
        return MachineError(
            where, f"this locale ({error.encoding}) cannot write the name", "Set PYTHONUTF8=1."
        )
    if isinstance(error, ImportError):
        return MachineError(
            where, f"a library does not load ({error})", "`synth doctor` says what to install."
        )
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return MachineError(where, "the disk is full", "Free some space or write elsewhere.")
    if isinstance(error, OSError) and error.errno in _NOT_ALLOWED:
        return MachineError(where, "may not be read or written", "Change its permissions.")
    if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
        return MachineError(where, "too many files are open", "Raise the limit: ulimit -n 4096.")
    reason = getattr(error, "strerror", None) or str(error)
    return MachineError(where, f"the machine failed ({reason})", "Mend that and call again.")


@contextmanager
def replacing(path: Path) -> Iterator[IO[str]]:
    """Write a text file (UTF-8, LF) that appears whole or not at all.

    The folder is made if it is missing. What `path` held before stays until the new file is
    whole and on the disk. A device or pipe (`/dev/stdout`) is written to as it is.

    Raises:
        InputError: the folder cannot be written to, or the disk is full.
    """
    with _opened(path, "w", encoding="utf-8", newline="\n") as out:
        yield out


@contextmanager
def replacing_bytes(path: Path) -> Iterator[IO[bytes]]:
    """Write a binary file that appears whole or not at all; else as `replacing`."""
    with _opened(path, "wb") as out:
        yield out


@contextmanager
def _opened(
    path: Path, mode: str, encoding: str | None = None, newline: str | None = None
) -> Iterator[IO[Any]]:
    try:
        is_stream = path.exists() and not (path.is_file() or path.is_dir())
        # Through links, so that a link stays a link.
        target = path if is_stream else Path(os.path.realpath(path))
        if target.is_dir():
            raise InputError(str(path), "is a folder", "Name a file.")
        if not is_stream:
            target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(path, error) from error
    opened: Path | None = None
    try:
        if is_stream:
            with target.open(mode, encoding=encoding, newline=newline) as stream:
                opened = target
                yield stream
            return
        with partial_file(target, mode, encoding, newline) as (out, opened):
            yield out
            out.flush()
            os.fsync(out.fileno())
            opened.replace(target)
    except OSError as error:
        # An error with another file's name is the caller's own, about what it reads.
        named = (error.filename, error.filename2)
        if opened is None or error.filename is None or os.fspath(opened) in named:
            raise unwritable(path, error) from error
        raise


def unwritable(path: Path, error: OSError) -> MendError:
    """Return the error of a file or folder that cannot be written: why, and what to do about it.

    Returns:
        An `InputError`, or a `MachineError` where the path is not to blame.
    """
    if error.errno in _NO_ROOM:
        return MachineError(str(path), "the disk is full", "Free some space or write elsewhere.")
    if error.errno in _NOT_ALLOWED:
        return MachineError(
            str(path), "may not be written", "Change its permissions or write elsewhere."
        )
    reason = error.strerror or str(error)
    return InputError(str(path), f"cannot be written ({reason})", "Name another path.")


def unreadable(path: Path, error: OSError, what: str = "file") -> MendError:
    """Return the error of a file that cannot be read; `what` names its use ("the dictionary").

    Returns:
        An `InputError`, or a `MachineError` where the file is not to blame.
    """
    if is_of_the_machine(error) and error.errno not in _NOT_ALLOWED:
        return machine_error(str(path), error)
    if isinstance(error, PermissionError):
        return MachineError(str(path), f"{what} may not be read", "Change its permissions.")
    if isinstance(error, FileNotFoundError):
        return InputError(str(path), f"{what} is not there", "Check the path.")
    if isinstance(error, IsADirectoryError):
        return InputError(str(path), f"{what} is a folder", "Name a file in it.")
    if isinstance(error, NotRegularError | TooLongError):
        return InputError(str(path), f"{what} {error.strerror}", "Name a file.")
    reason = error.strerror or str(error)
    return InputError(str(path), f"{what} cannot be read ({reason})", "Check its permissions.")


def sha256_of(path: Path) -> str:
    """Hash a file's content, in pieces, so that its size does not matter.

    Of a pipe, what this process has read of it.

    Returns:
        64 hexadecimal digits.

    Raises:
        InputError: the file cannot be read.
    """
    try:
        with open_regular(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        if isinstance(error, NotRegularError) and os.fspath(path) in _through_pipes:
            return _through_pipes[os.fspath(path)].hexdigest()
        raise unreadable(path, error) from error


def read_text(path: Path, what: str) -> str:
    """Read a UTF-8 text file or pipe whole; a byte order mark at its start is left out.

    Line ends stay as they are. `what` names the file's use in messages ("the dictionary").

    Raises:
        InputError: the file cannot be read, holds more than `MOST_BYTES`, or is not UTF-8; says
            where and what it may be.
    """
    try:
        data = read_named(path)
    except OSError as error:
        raise unreadable(path, error, what) from error
    try:
        if not data.startswith((b"\xff\xfe", b"\xfe\xff")) and b"\0" not in data:
            return data.decode("utf-8-sig")
        at = max(data.find(b"\0"), 0)
    except UnicodeDecodeError as error:
        # "utf-8-sig" counts from behind the mark that it took off.
        at = error.start + 3 * data.startswith(b"\xef\xbb\xbf")
    raise not_utf8(path, data, at, what)


def not_utf8(path: Path, data: bytes, at: int, what: str) -> InputError:
    """Return the error of a file whose `data` stop being text in UTF-8 at byte `at`, from 0."""
    line = data.count(b"\n", 0, at) + 1
    where = f"{path}:{line}"
    try:
        data[at:].decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            return InputError(
                where, f"{what} ends inside a character (byte {at})", "Copy it again, whole."
            )
    # From the start of the line at fault: what is before it may be long and plain ASCII.
    guess = guess_encoding(data) if data[at] == 0 else ""
    guess = guess or guess_encoding(data[data.rfind(b"\n", 0, at) + 1 :])
    if not guess and data[at] == 0:
        return InputError(where, f"{what} holds a NUL at byte {at}: no text", "Name a text file.")
    looks = f"; it looks like {guess}" if guess else ""
    return InputError(
        where,
        f"{what} is not UTF-8 at byte {at} (0x{data[at]:02X}){looks}",
        f"Convert it: iconv -f {guess or 'ITS_ENCODING'} -t UTF-8 {path.name} > utf8-{path.name}",
    )
