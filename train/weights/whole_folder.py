"""A folder of files that appears whole or not at all."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from textlines.errors import InputError
from textlines.files import unwritable


def refuse_foreign(path: Path, is_ours: Callable[[Path], bool]) -> None:
    """Refuse a place that a new folder may not take; called before the work as well.

    Raises:
        InputError: `path` is a file, or holds what `is_ours` does not tell to be of its kind.
    """
    if path.exists() and not path.is_dir():
        raise InputError(str(path), "is a file", "Name a folder with --out.")
    if path.is_dir() and any(path.iterdir()) and not is_ours(path):
        raise InputError(
            str(path), "holds other files, which would be lost", "Name a new or empty folder."
        )


@contextmanager
def appearing(path: Path, is_ours: Callable[[Path], bool]) -> Iterator[Path]:
    """Give a folder to fill that takes the place of `path` when the block ends well.

    What `path` held before stays until then: an empty folder, or one that `is_ours` tells to be
    of the same kind. After an error nothing of the new folder is left.

    Raises:
        InputError: `path` is a file or holds something else, or cannot be written.
    """
    target = Path(os.path.realpath(path))
    refuse_foreign(path, is_ours)
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    old = target.with_name(f".{target.name}.{os.getpid()}.old")
    try:
        for left in (partial, old):
            shutil.rmtree(left, ignore_errors=True)
        partial.mkdir(parents=True)
    except OSError as error:
        raise unwritable(path, error) from error
    try:
        yield partial
        for file in sorted(partial.iterdir()):
            with file.open("rb") as written:
                os.fsync(written.fileno())
        if target.exists():
            target.rename(old)
        try:
            partial.rename(target)
        except OSError:
            if old.exists():
                old.rename(target)
            raise
    except OSError as error:
        if error.filename is None or str(partial) in str(error.filename):
            raise unwritable(path, error) from error
        raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
