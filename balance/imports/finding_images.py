"""Where the pages of an annotation lie on the disk."""

import os
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from textlines.files import raise_unlisted, sha256_of
from textlines.pixels.decode import IMAGE_SUFFIXES


def _same(folder: str, name: str, other: Path) -> bool:
    return os.path.realpath(Path(folder, name)) == os.path.realpath(other)


def walked(root: Path, skip: Path | None = None) -> Iterator[Path]:
    """Yield the files in a folder and in depth below it, in the order of their names.

    Links to folders are not followed, so that a loop of links ends. `skip` is passed over with
    all below it: what an import writes is not what it reads, even in the same folder.
    """
    for folder, names, files in os.walk(root, onerror=raise_unlisted):
        names[:] = sorted(n for n in names if skip is None or not _same(folder, n, skip))
        for name in sorted(files):
            yield Path(folder, name)


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


def _key(name: str) -> str:
    """Return what a name is found by: composed (a Mac decomposes), and in small letters."""
    return unicodedata.normalize("NFC", name).casefold()


def _parts(path: str | Path) -> list[str]:
    return [_key(part) for part in str(path).replace("\\", "/").split("/") if part not in ("", ".")]


def _shared(ours: list[str], theirs: list[str]) -> int:
    """Count the last folders that two paths have in common."""
    count = 0
    for one, other in zip(reversed(ours), reversed(theirs), strict=False):
        if one != other:
            break
        count += 1
    return count


class ImageFinder:
    """The images below some folders, by name and by name without suffix.

    Of several images of one name the one whose folders fit best is meant: those that the
    annotation names, else those of the annotation's own file. Where that does not tell, images of
    one content are one image, and of others none is taken: a crop of the wrong page would have a
    wrong label. `unclear` holds the names that this was so of.
    """

    def __init__(self, folders: Iterable[Path], skip: Path | None = None) -> None:
        self.unclear: list[str] = []
        self._by_name: dict[str, list[Path]] = {}
        self._by_stem: dict[str, list[Path]] = {}
        self._count = 0
        for root in folders:
            for path in walked(root, skip):
                if path.name.casefold().endswith(IMAGE_SUFFIXES):
                    self._count += 1
                    self._by_name.setdefault(_key(path.name), []).append(path)
                    self._by_stem.setdefault(_key(path.stem), []).append(path)

    def __len__(self) -> int:
        return self._count

    def named(self, name: str, near: Path | None = None) -> Path | None:
        """Find an image by its file name, or a path that ends in it.

        Args:
            near: the annotation's file.
        """
        parts = _parts(name)
        found = self._by_name.get(parts[-1], []) if parts else []
        return self._best(found, name, parts[:-1], near)

    def of_stem(self, stem: str, near: Path | None = None) -> Path | None:
        """Find an image by its name without suffix; MTWI's `T1.jpg.txt` means `T1.jpg.jpg`."""
        parts = _parts(stem)
        if not parts:
            return None
        found = self._by_stem.get(parts[-1]) or self._by_name.get(parts[-1], [])
        return self._best(found, stem, parts[:-1], near)

    def of(self, name: str, near: Path) -> Path | None:
        """Find an image by its name with or without a suffix; "" is named as `near` is."""
        if not name:
            return self.of_stem(near.name.removesuffix(near.suffix), near)
        named = self.named(name, near)
        if named is not None or name.casefold().endswith(IMAGE_SUFFIXES):
            return named
        return self.of_stem(name, near)

    def _best(
        self, found: list[Path], name: str, folders: list[str], near: Path | None
    ) -> Path | None:
        if len(found) < 2:
            return found[0] if found else None
        last = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
        beside = _parts(near.absolute().parent) if near else []

        def fit(path: Path) -> tuple[int, bool, int]:
            ours = _parts(path.absolute().parent)
            is_exact = unicodedata.normalize("NFC", path.name) == last
            return _shared(ours, folders), is_exact, _shared(ours, beside)

        best = max(map(fit, found))
        fitting = [path for path in found if fit(path) == best]
        # KAIST has a mask beside each page, under its name: page.jpg, page.bmp.
        pages = [path for path in fitting if path.suffix.casefold() != ".bmp"]
        if pages and len({path.parent for path in fitting}) == 1:
            fitting = pages
        if len(fitting) > 1 and len({sha256_of(path) for path in fitting}) > 1:
            self.unclear.append(name)
            return None
        return fitting[0]
