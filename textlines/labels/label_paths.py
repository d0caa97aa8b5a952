"""The path column of a label file: relative to the data folder, and never out of it."""

import os
import posixpath
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from textlines.errors import InputError
from textlines.parsing import parse_json

PathFault = Literal["empty_path", "absolute_path", "leaves_folder", "image_list_broken"]

_DRIVE = re.compile(r"[A-Za-z]:")
_NOT_NORMAL = re.compile(r"(^|/)\.{0,2}(/|$)")


def path_fault(path: str) -> PathFault | None:
    r"""Return why a label line may not name this path; None if it may.

    >>> path_fault("crops/a.jpg"), path_fault("../a.jpg"), path_fault("C:/a.jpg")
    (None, 'leaves_folder', 'absolute_path')
    """
    if not path.strip():
        return "empty_path"
    if path.startswith("/") or _DRIVE.match(path):
        return "absolute_path"
    normal = posixpath.normpath(path)
    if normal == ".." or normal.startswith("../"):
        return "leaves_folder"
    return "empty_path" if normal == "." else None


def normal_path(path: str) -> str:
    """Write a path without `.`, `..` and doubled slashes, so that equal paths are equal.

    >>> normal_path("./crops//a.jpg")
    'crops/a.jpg'
    """
    return posixpath.normpath(path) if _NOT_NORMAL.search(path) else path


ALL_FOLDERS = "*/"
"""In place of a prefix: all folders of a path, so that its file name is left."""


def prefix_of(text: str) -> str:
    r"""Write the prefix that paths are to lose as they are compared with it.

    >>> prefix_of("train_data/rec"), prefix_of("C:\\set\\"), prefix_of("")
    ('train_data/rec/', 'C:/set/', '')
    """
    text = text.replace("\\", "/")
    return text if not text or text.endswith("/") else f"{text}/"


def without_prefix(path: str, prefix: str) -> str | None:
    """Return a path without its prefix (`prefix_of`, or `ALL_FOLDERS`); None if it has another.

    >>> without_prefix("train_data/rec/a.jpg", "train_data/"), without_prefix("a/b.jpg", "*/")
    ('rec/a.jpg', 'b.jpg')
    >>> without_prefix("rec/a.jpg", "train_data/")
    """
    if prefix == ALL_FOLDERS:
        _, slash, name = path.rpartition("/")
        return name if slash else None
    return path.removeprefix(prefix) if prefix and path.startswith(prefix) else None


def names_of_folder(folder: Path) -> tuple[str, ...]:
    """Return how absolute paths of files in a folder may begin: as it was named, and as it lies."""
    named = (os.path.abspath(folder), os.path.realpath(folder))  # noqa: PTH100
    return tuple(dict.fromkeys(prefix_of(name) for name in named))


def from_folder(path: str, names: Sequence[str]) -> str | None:
    """Return an absolute path from a folder on; None if it lies elsewhere.

    Args:
        names: of `names_of_folder`.

    >>> from_folder("/data/ocr/train/0.jpg", ("/data/ocr/",)), from_folder("/data/x", ("/data/o/",))
    ('train/0.jpg', None)
    """
    path = normal_path(path)
    return next((path.removeprefix(name) for name in names if path.startswith(name)), None)


def image_list(column: str) -> tuple[str, ...] | None:
    """Read the list that PaddleOCR takes in place of a path; None if it is no list.

    Its reader draws one of the images each time (`["a.jpg", "b.jpg"]`, one text).

    Raises:
        ValueError: the column starts as a list and is none of strings.

    >>> image_list('["a.jpg", "b.jpg"]'), image_list("a.jpg")
    (('a.jpg', 'b.jpg'), None)
    """
    if not column.startswith("["):
        return None
    try:
        paths = parse_json(column, "image list", "the list", "")
    except InputError as error:
        raise ValueError(str(error)) from error
    if not isinstance(paths, list) or not paths or not all(isinstance(p, str) for p in paths):
        raise ValueError(f"{column!r} is no list of paths")
    return tuple(paths)


def on_disk(folder: Path, name: str) -> Path:
    """Return the path of a file whose name may be composed here and decomposed there."""
    if not is_file(folder / name):
        composed = folder / unicodedata.normalize("NFC", name)
        apart = folder / unicodedata.normalize("NFD", name)
        return next((path for path in (composed, apart) if is_file(path)), folder / name)
    return folder / name


def is_file(path: Path) -> bool:
    """Whether a path is a file's; False for a name that is too long for the disk."""
    return os.path.isfile(path)  # noqa: PTH113


def shown_path(path: str, most: int = 200) -> str:
    """Write a path into a message, cut after `most` characters.

    >>> shown_path("crops/a.jpg"), shown_path("x" * 300, most=4)
    ('crops/a.jpg', 'xxxx... (300 characters)')
    """
    return path if len(path) <= most else f"{path[:most]}... ({len(path)} characters)"
