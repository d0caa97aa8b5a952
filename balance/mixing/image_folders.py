"""Folders of images: which one the paths of a label file start from, and what lies in it."""

import os
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

import numpy as np

from balance.mixing.mix_request import CheckImages
from balance.mixing.option_values import ALL_ROLES
from balance.mixing.slices import Bytes, Flags, Hashes, Ints, hash_slices, with_slack
from textlines.errors import UsageError
from textlines.files import raise_if_of_the_machine, real_path
from textlines.formats.rendered import RenderedFolder, rendered_folder
from textlines.formats.roles import Role
from textlines.labels.label_file import PLAIN, Dialect, LabelLine, read_labels
from textlines.labels.tally import Tally

_SLASH = 47


class Images:
    """Knows of paths whether a file is there. Remembers the folders that it listed."""

    def __init__(self, folder: Path, how: CheckImages) -> None:
        self.folder, self.how = folder, how
        self._listed: dict[int, Hashes] = {}

    def present(self, buffer: Bytes, starts: Ints, lengths: Ints) -> Flags:
        """Whether the file of each path (a slice of the buffer) is there."""
        if self.how == "none" or not len(starts):
            return np.ones(len(starts), np.bool_)
        if self.how == "stat":
            paths = [
                os.fsdecode(buffer[start : start + length].tobytes())
                for start, length in zip(starts.tolist(), lengths.tolist(), strict=True)
            ]
            return np.fromiter((_is_there(self.folder / p) for p in paths), np.bool_, len(paths))
        sizes = _folder_lengths(buffer, starts, lengths)
        folders, first = np.unique(hash_slices(buffer, starts, sizes), return_index=True)
        known = [
            self._names(int(key), buffer[starts[at] : starts[at] + sizes[at]].tobytes())
            for key, at in zip(folders, first, strict=True)
        ]
        there = np.sort(np.concatenate(known))
        asked = hash_slices(buffer, starts, lengths)
        if not len(there):
            return np.zeros(len(starts), np.bool_)
        places = np.minimum(np.searchsorted(there, asked), len(there) - 1)
        flags: Flags = there[places] == asked
        return flags

    def _names(self, key: int, folder: bytes) -> Hashes:
        """Hash the paths of all files in one folder; an absent folder has none."""
        hashes = self._listed.get(key)
        if hashes is None:
            place = self.folder / os.fsdecode(folder) if folder else self.folder
            head = folder + b"/" if folder else b""
            try:
                with os.scandir(place) as entries:
                    names = [head + os.fsencode(e.name) for e in entries if _is_there(e)]
            except OSError as error:
                # Its lines would be left out as lines without an image.
                raise_if_of_the_machine(place, error)
                names = []
            lengths = np.fromiter(map(len, names), np.int64, len(names))
            hashes = hash_slices(with_slack(b"".join(names)), np.cumsum(lengths) - lengths, lengths)
            self._listed[key] = hashes
        return hashes


def _folder_lengths(buffer: Bytes, starts: Ints, lengths: Ints) -> Ints:
    """Find how long the folder of each path (a slice of the buffer) is, without its slash."""
    low = int(starts.min())
    slashes = np.flatnonzero(buffer[low : int((starts + lengths).max())] == _SLASH) + low
    last = np.searchsorted(slashes, starts + lengths) - 1
    ends = slashes[last] if len(slashes) else np.full(len(starts), -1, np.int64)
    sizes: Ints = np.where((last >= 0) & (ends >= starts), ends - starts, 0)
    return sizes


def _is_there(path: "Path | os.DirEntry[str]") -> bool:
    # A link to itself raises, and must not hide the files beside it.
    try:
        return path.is_file()
    except (OSError, ValueError) as error:
        raise_if_of_the_machine(os.fspath(path), error)
        return False


_TRIED = 20
"""Lines whose images tell which of two folders a file means."""


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
    if ALL_ROLES not in images:
        return path.parent
    asked = images[ALL_ROLES]
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


class Provenance:
    """Knows of paths whether their images are rendered, as `textlines.formats.rendered` says.

    Remembers the folders that it asked. Links to single images are not followed: it would cost
    a look at every image.
    """

    def __init__(self, folder: Path) -> None:
        self._root = folder
        self._told: dict[str, RenderedFolder | None] = {}
        self._whole: dict[int, bool] = {}
        self._named: list[Hashes] = []

    def flags(self, buffer: Bytes, starts: Ints, lengths: Ints) -> Flags:
        """Whether the image of each path (a slice of the buffer) was rendered.

        Raises:
            InputError: a manifest or record on the way to an image is damaged.
        """
        if not len(starts):
            return np.zeros(0, np.bool_)
        sizes = _folder_lengths(buffer, starts, lengths)
        keys, first, of = np.unique(
            hash_slices(buffer, starts, sizes), return_index=True, return_inverse=True
        )
        for key, at in zip(keys.tolist(), first.tolist(), strict=True):
            if key not in self._whole:
                raw = buffer[starts[at] : starts[at] + sizes[at]].tobytes()
                self._whole[key] = self._ask(os.fsdecode(raw))
        whole = np.array([self._whole[key] for key in keys.tolist()], np.bool_)
        flags: Flags = whole[of.reshape(-1)]
        if self._named:
            asked = hash_slices(buffer, starts, lengths)
            flags |= np.isin(asked, np.concatenate(self._named))
        return flags

    def _ask(self, folder: str) -> bool:
        """Ask the folders from the root down to this one; whether all its images are rendered."""
        parts = folder.split("/") if folder else []
        whole = False
        for depth in range(len(parts) + 1):
            head = "/".join(parts[:depth])
            if head not in self._told:
                self._told[head] = rendered = rendered_folder(self._root / head)
                if rendered is not None and rendered.manifest is not None:
                    self._name(head, rendered)
            rendered = self._told[head]
            if rendered is not None and rendered.head is not None:
                whole |= f"{'/'.join(parts[depth:])}/".startswith(rendered.head)
        return whole

    def _name(self, folder: str, rendered: RenderedFolder) -> None:
        start = f"{folder}/" if folder else ""
        names = [os.fsencode(start + row.image) for row in rendered.rows()]
        lengths = np.fromiter(map(len, names), np.int64, len(names))
        buffer = with_slack(b"".join(names))
        self._named.append(hash_slices(buffer, np.cumsum(lengths) - lengths, lengths))
