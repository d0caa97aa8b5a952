"""Which images are there: one listing a folder, compared by hash."""

import os
from pathlib import Path
from typing import Literal

import numpy as np

from balance.mixing.arrays import Bytes, Flags, Hashes, Ints, with_slack
from balance.mixing.hashing import hash_slices
from textlines.files import raise_if_of_the_machine

CheckImages = Literal["listing", "stat", "none"]

_SLASH = 47


class Images:
    """Tells of paths whether a file is there. Remembers the folders that it listed."""

    def __init__(self, folder: Path, how: CheckImages) -> None:
        self.folder, self.how = folder, how
        self._listed: dict[int, Hashes] = {}

    def present(self, buffer: Bytes, starts: Ints, lengths: Ints) -> Flags:
        """Tell for each path (a slice of the buffer) whether its file is there."""
        if self.how == "none" or not len(starts):
            return np.ones(len(starts), np.bool_)
        if self.how == "stat":
            paths = [
                os.fsdecode(buffer[start : start + length].tobytes())
                for start, length in zip(starts.tolist(), lengths.tolist(), strict=True)
            ]
            return np.fromiter((_is_file(self.folder / p) for p in paths), np.bool_, len(paths))
        sizes = folder_lengths(buffer, starts, lengths)
        folders, first = np.unique(hash_slices(buffer, starts, sizes), return_index=True)
        known = [
            self._names(int(key), buffer[starts[at] : starts[at] + sizes[at]].tobytes())
            for key, at in zip(folders, first, strict=True)
        ]
        there = np.sort(np.concatenate(known))
        asked = hash_slices(buffer, starts, lengths)
        if not len(there):
            return np.zeros(len(starts), np.bool_)
        found = np.minimum(np.searchsorted(there, asked), len(there) - 1)
        flags: Flags = there[found] == asked
        return flags

    def _names(self, key: int, folder: bytes) -> Hashes:
        """Hash the paths of all files in one folder; an absent folder has none."""
        found = self._listed.get(key)
        if found is None:
            place = self.folder / os.fsdecode(folder) if folder else self.folder
            head = folder + b"/" if folder else b""
            try:
                with os.scandir(place) as entries:
                    names = [head + os.fsencode(e.name) for e in entries if _is_file(e)]
            except OSError as error:
                # Its lines would be left out as lines without an image.
                raise_if_of_the_machine(place, error)
                names = []
            lengths = np.fromiter(map(len, names), np.int64, len(names))
            found = hash_slices(with_slack(b"".join(names)), np.cumsum(lengths) - lengths, lengths)
            self._listed[key] = found
        return found


def folder_lengths(buffer: Bytes, starts: Ints, lengths: Ints) -> Ints:
    """Find how long the folder of each path (a slice of the buffer) is, without its slash."""
    low = int(starts.min())
    slashes = np.flatnonzero(buffer[low : int((starts + lengths).max())] == _SLASH) + low
    last = np.searchsorted(slashes, starts + lengths) - 1
    ends = slashes[last] if len(slashes) else np.full(len(starts), -1, np.int64)
    sizes: Ints = np.where((last >= 0) & (ends >= starts), ends - starts, 0)
    return sizes


def _is_file(path: "Path | os.DirEntry[str]") -> bool:
    # A link to itself raises, and must not hide the files beside it.
    try:
        return path.is_file()
    except (OSError, ValueError) as error:
        raise_if_of_the_machine(os.fspath(path), error)
        return False
