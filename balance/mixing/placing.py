"""Images brought below the out folder, as links or copies."""

import os
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from balance.mixing.arrays import Flags
from balance.mixing.epoch import Epoch
from balance.mixing.lots import Lot
from balance.mixing.sources import SourceFile
from textlines.errors import InputError
from textlines.files import NotRegularError, open_regular, real_path, unreadable, unwritable
from textlines.partials import partial_file
from textlines.pixels.decode import is_image


def link_folders(sources: Sequence[SourceFile], heads: Sequence[str], out: Path) -> None:
    """Make a link to the folder of each source; one that points there already stays.

    Raises:
        InputError: something else stands in a link's place, or it cannot be made.
    """
    for source, head in zip(sources, heads, strict=True):
        place = out / head.rstrip("/")
        goal = os.path.relpath(real_path(source.folder), real_path(place.parent))
        if place.is_symlink() and os.fspath(place.readlink()) == goal:
            continue
        if place.is_symlink():
            place.unlink()
        if place.exists():
            raise InputError(str(place), "is no link of ours", "Remove it or name another --out.")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(goal, target_is_directory=True)
        except OSError as error:
            raise unwritable(place, error) from error


def copy_images(
    sources: Sequence[SourceFile], heads: Sequence[str], epochs: Iterable[Epoch], out: Path
) -> int:
    """Copy the images that any list names; one that is there with the same size stays.

    Returns:
        How many images the lists name.

    Raises:
        InputError: an image cannot be read or written, lies elsewhere, or is none.
    """
    named = _named(epochs, len(sources))
    folders = [source.folder for source in sources]
    # All of them first: what is refused leaves no half of a copy.
    check_images(
        [(folder, name) for folder, names in zip(folders, named, strict=True) for name in names]
    )
    for folder, head, names in zip(folders, heads, named, strict=True):
        for name in names:
            _copy(folder / name, out / (head + name))
    return sum(map(len, named))


def _named(epochs: Iterable[Epoch], count: int) -> list[list[str]]:
    """List the images that any list names, by the number of their label file, as they lie there."""
    lots: dict[int, Lot] = {}
    wanted: dict[int, Flags] = {}
    for epoch in epochs:
        for part in (*epoch.parts, epoch.distil):
            key = id(lots.setdefault(id(part.lot), part.lot))
            flags = wanted.setdefault(key, np.zeros(len(part.lot), np.bool_))
            for index in part.blocks():
                flags[index] = True
    named: list[list[str]] = [[] for _ in range(count)]
    for key, lot in lots.items():
        lines = np.flatnonzero(wanted[key])
        origins = lot.origins[lines] >> 1
        for number in lot.roles:
            some = lines[origins == number]
            named[number] = lot.paths(some[np.argsort(lot.starts[some], kind="stable")])
            lot.let_go()
    return named


FAULTS = {
    "leads_out": "leads out of its folder by a link",
    "no_file": "is no regular file",
    "no_image": "is no image by its content",
}
"""Why the bytes behind a path are not copied, in words."""


def check_images(named: Sequence[tuple[Path, str]]) -> None:
    """Check that what is to be copied are images that lie in their folders.

    A label file from elsewhere may name `a.jpg`, a link to a key or to a device. What is not
    there at all is left to whoever reads it.

    Args:
        named: folders, and paths from them on.

    Raises:
        InputError: some are not; names the first, and counts all by reason.
    """
    faults: Counter[str] = Counter()
    first = ""
    homes: dict[Path, str] = {}
    for folder, name in named:
        home = homes.setdefault(folder, os.path.realpath(folder))
        if fault := _fault(home, folder / name):
            faults[fault] += 1
            first = first or f"{folder / name}"
    if faults:
        counted = "; ".join(f"{FAULTS[fault]}: {count:,}" for fault, count in faults.items())
        raise InputError(
            first,
            f"and others of the {len(named):,} images to be copied are not copied ({counted})"
            if faults.total() > 1
            else f"is not copied ({counted})",
            "Leave these lines out, or put the images themselves where the links are.",
        )


def _fault(home: str, image: Path) -> str:
    real = os.path.realpath(image)
    if os.path.commonpath((home, real)) != home:
        return "leads_out"
    try:
        with open_regular(Path(real)) as file:
            return "" if is_image(file) else "no_image"
    except (NotRegularError, IsADirectoryError):
        return "no_file"
    except OSError:
        return ""


def _copy(image: Path, place: Path) -> None:
    try:
        if place.is_file() and place.stat().st_size == image.stat().st_size:
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        with partial_file(place, "wb") as (out, partial), open_regular(image) as source:
            shutil.copyfileobj(source, out, 1 << 20)
            out.flush()
            partial.replace(place)
    except FileNotFoundError as error:
        raise InputError(str(image), "is not there", "Mix with --check-images listing.") from error
    except OSError as error:
        raise unreadable(image, error, "the image") from error
