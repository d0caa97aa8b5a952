"""Files and folders in the making: held by a lock while they are written, swept when it is free.

A kill leaves them behind. Whoever writes into the same folder next deletes them, and no others:
names are of a form that only this module gives, and what is still being written stays.
"""

import fcntl
import hashlib
import itertools
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Container, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

_serial = itertools.count()

# Machines that share a folder may run processes of the same number, and so may containers of one
# machine: the second word is of this process alone. The first tells machines apart.
_HOST = hashlib.sha256(os.uname().nodename.encode()).hexdigest()[:8]
_process = os.urandom(4).hex()
_NAME = re.compile(r".+\.([0-9a-f]{8})-[0-9a-f]{8}-\d+-\d+\.part", re.DOTALL)
_MOST_BYTES = 200
"""Of a name that others are made of: file systems take 255 in all."""

_LOCK, _MADE, _OLD = "lock", "made", "old"
"""In the folder around one in the making."""

FORGOTTEN_S = 3600.0
"""After so long without a word, what another machine was writing counts as left behind."""

_swept: set[Path] = set()


def is_partial(name: str) -> bool:
    """Whether a file or folder of this name is one of ours in the making.

    >>> is_partial("train.txt.0a1b2c3d-4e5f6071-99-0.part"), is_partial("train.txt.part")
    (True, False)
    """
    return _NAME.fullmatch(name) is not None


def _fresh(target: Path) -> Path:
    name = os.fsencode(target.name)[:_MOST_BYTES].decode(errors="ignore")
    return target.with_name(f"{name}.{_HOST}-{_process}-{os.getpid()}-{next(_serial)}.part")


@contextmanager
def partial_file(
    target: Path, mode: str, encoding: str | None = None, newline: str | None = None
) -> Iterator[tuple[IO[Any], Path]]:
    """Open a file beside `target`, to be renamed to it; gone at the end if it was not.

    The first in a folder also sweeps it.

    Raises:
        OSError: as `open`.
    """
    sweep(target.parent)
    out, path = _opened(target, mode, encoding, newline)
    try:
        with out:
            yield out, path
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _opened(
    target: Path, mode: str, encoding: str | None, newline: str | None
) -> tuple[IO[Any], Path]:
    while True:
        path = _fresh(target)
        out = path.open(mode, encoding=encoding, newline=newline)
        # A sweep may have met the file before it was locked: then it is another's, or gone.
        if _hold(out.fileno()) is not False and os.fstat(out.fileno()).st_nlink:
            return out, path
        out.close()
        path.unlink(missing_ok=True)


@contextmanager
def partial_folder(target: Path) -> Iterator[Path]:
    """Make a folder beside `target`, to be renamed to it; gone at the end if it was not.

    It lies in another one with its lock, so that it can be held up to its renaming. The first in
    a folder also sweeps it.

    Raises:
        OSError: it cannot be made.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    sweep(target.parent)
    around, lock = _made_around(target)
    try:
        made = around / _MADE
        made.mkdir()
        yield made
    finally:
        shutil.rmtree(around, ignore_errors=True)
        os.close(lock)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a folder among the system's temporary ones; gone at the end, or with a later call."""
    with partial_folder(Path(tempfile.gettempdir()) / "ocr-mend") as made:
        yield made


def _made_around(target: Path) -> tuple[Path, int]:
    while True:
        around = _fresh(target)
        around.mkdir(mode=0o700)
        with suppress(FileExistsError, FileNotFoundError):  # a sweep was quicker
            lock = os.open(around / _LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            if _hold(lock) is not False and os.fstat(lock).st_nlink:
                return around, lock
            os.close(lock)


def take_place(made: Path, target: Path) -> None:
    """Rename what `partial_folder` gave to `target`; a folder that is there gives way to it.

    A kill between the two renamings leaves the old folder where the next sweep puts it back from.

    Raises:
        OSError: one cannot be renamed; the old folder is back.
    """
    old = made.parent / _OLD / target.name
    if target.exists():
        old.parent.mkdir()
        target.rename(old)
    try:
        made.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise


def sweep(folder: Path, *, again: bool = False) -> None:
    """Delete what killed processes left half made in a folder; once a process, unless `again`.

    What is still being written is known by its lock (`flock`), which the system takes from a
    process that ends however it ends, and which network file systems pass to their other
    machines. Where they do not, a free lock says nothing of another machine's files: those go
    once nothing was written to them for an hour. What cannot be deleted is left.
    """
    if folder in _swept and not again:
        return
    _swept.add(folder)
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            found = _NAME.fullmatch(entry.name)
            if found:
                with suppress(OSError):
                    _sweep_one(Path(entry.path), is_here=found[1] == _HOST)


def holds_anything(folder: Path, *, but: Container[str] = ()) -> bool:
    """Whether a folder is there and holds more than what a killed process left, which goes.

    Args:
        but: names of files that do not count.
    """
    if not folder.is_dir():
        return False
    sweep(folder)
    return any(not is_partial(one.name) and one.name not in but for one in folder.iterdir())


def forget_sweeps() -> None:
    """Let each folder be swept again: a command begins."""
    _swept.clear()


def _sweep_one(path: Path, *, is_here: bool) -> None:
    kind = path.lstat().st_mode
    if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
        return
    own = path / _LOCK if stat.S_ISDIR(kind) else path
    made = os.O_CREAT if stat.S_ISDIR(kind) else 0
    handle = os.open(own, os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC | made, 0o600)
    try:
        is_free = _hold(handle)
        if is_free is False:
            return
        is_old = time.time() - _last_written(path) > FORGOTTEN_S
        if not is_old and not (is_free and is_here):
            return
        if stat.S_ISREG(kind):
            path.unlink()
            return
        for old in (path / _OLD).glob("*"):
            if not (path.parent / old.name).exists():
                old.rename(path.parent / old.name)
        shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(handle)


def _last_written(path: Path) -> float:
    inside = path.rglob("*") if path.is_dir() else ()
    times: list[float] = [one.lstat().st_mtime for one in (path, *inside)]
    return max(times)


def _hold(handle: int) -> bool | None:
    """Lock an open file; False when another has it, None where there are no locks."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
