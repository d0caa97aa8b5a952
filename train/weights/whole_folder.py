"""A folder of files that appears whole or not at all."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from textlines.errors import InputError
from textlines.files import unwritable
from textlines.partials import partial_folder, sweep, take_place


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
    # A kill while one folder took another's place left the old one to be put back.
    sweep(target.parent)
    refuse_foreign(path, is_ours)
    partial = None
    try:
        with partial_folder(target) as partial:
            yield partial
            for file in sorted(partial.iterdir()):
                with file.open("rb") as written:
                    os.fsync(written.fileno())
            take_place(partial, target)
    except OSError as error:
        if partial is None or error.filename is None or str(partial) in str(error.filename):
            raise unwritable(path, error) from error
        raise
