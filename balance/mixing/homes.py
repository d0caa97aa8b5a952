"""Which folder the paths of a label file start from."""

import os
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import get_args

from textlines.errors import UsageError
from textlines.files import real_path
from textlines.formats.roles import Role
from textlines.labels.label_file import PLAIN, Dialect, LabelLine, read_labels
from textlines.labels.tally import Tally

ALL = ""
"""Stands for the roles that have no folder of their own."""

_TRIED = 20
"""Lines whose images tell which of two folders a file means."""


def read_images(values: Sequence[str]) -> dict[str, Path]:
    """Read `--images`: DIR for all roles, or ROLE=DIR for one; each once.

    Raises:
        UsageError: a role has two folders, or a folder is not there.

    >>> {role: str(folder) for role, folder in read_images([".", "new=./"]).items()}
    {'': '.', 'new': '.'}
    """
    # A folder that is really named "new=x" is reached as "./new=x".
    found: dict[str, Path] = {}
    for value in values:
        name, equals, rest = value.partition("=")
        role, folder = (name, rest) if equals and name in get_args(Role) else (ALL, value)
        if role in found:
            raise UsageError(
                "--images",
                f"{value} is a second folder for {role or 'all roles'}",
                "Say it once, or for a role: --images new=DIR.",
            )
        found[role] = Path(folder)
        if not found[role].is_dir():
            raise UsageError("--images", f"{found[role]} is no folder", "Name a folder.")
    return found


def home_of(path: Path, role: Role, images: Mapping[str, Path], dialect: Dialect = PLAIN) -> Path:
    """Find what the paths of a label file start from.

    The folder of its role, else the one for all roles, else the file's own. A file whose first
    images do not lie in the folder for all roles, but beside the file, starts from its own:
    rendered lines name their images from the folder they were made in.

    Raises:
        UsageError: images of one name lie in both: one of them is another line's.
    """
    if role in images:
        return images[role]
    if ALL not in images:
        return path.parent
    asked = images[ALL]
    beside, here = (
        [row for row in _first(path, folder, dialect) if _is_file(folder / row.path)]
        for folder in (path.parent, asked)
    )
    if not beside or real_path(asked) == real_path(path.parent):
        return asked
    if here:
        raise UsageError(
            "--images",
            f"{here[0].path} of {path} lies in {asked} and beside the file too",
            f"Say which is meant: --images {role}={path.parent} or {role}={asked}.",
        )
    return path.parent


def _first(path: Path, home: Path, dialect: Dialect) -> list[LabelLine]:
    rows = read_labels(path, tally=Tally(), need_label=False, home=home, dialect=dialect)
    return list(islice(rows, _TRIED))


def _is_file(path: Path) -> bool:
    # Not Path.is_file: it raises on a name that is too long.
    return os.path.isfile(path)  # noqa: PTH113
