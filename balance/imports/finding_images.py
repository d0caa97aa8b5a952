"""Where the pages of an annotation lie on the disk."""

import os
from collections.abc import Iterable
from pathlib import Path

from textlines.files import raise_unlisted
from textlines.pixels.decode import IMAGE_SUFFIXES


def _same(folder: str, name: str, other: Path) -> bool:
    return os.path.realpath(Path(folder, name)) == os.path.realpath(other)


class ImageFinder:
    """The images below some folders, by name and by name without suffix.

    Links to folders are not followed, so that a loop of links ends. Of images of one name in
    several folders the first in the order of paths is meant; `twice` counts the others.
    """

    def __init__(self, folders: Iterable[Path], skip: Path | None = None) -> None:
        self.twice = 0
        self._by_name: dict[str, Path] = {}
        self._by_stem: dict[str, Path] = {}
        for root in folders:
            for folder, names, files in os.walk(root, onerror=raise_unlisted):
                # What an import writes is not what it reads, even in the same folder.
                names[:] = sorted(n for n in names if skip is None or not _same(folder, n, skip))
                for name in sorted(files):
                    if name.casefold().endswith(IMAGE_SUFFIXES):
                        self._add(Path(folder, name))

    def _add(self, path: Path) -> None:
        if path.name in self._by_name:
            self.twice += 1
            return
        self._by_name[path.name] = path
        self._by_stem.setdefault(path.stem, path)

    def __len__(self) -> int:
        return len(self._by_name)

    def named(self, name: str) -> Path | None:
        """Find an image by its file name."""
        return self._by_name.get(name)

    def of_stem(self, stem: str) -> Path | None:
        """Find an image by its name without suffix; MTWI's `T1.jpg.txt` means `T1.jpg.jpg`."""
        return self._by_stem.get(stem) or self._by_name.get(stem)
