"""Images brought below the out folder, as links or copies."""

import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from balance.mixing.epoch import Epoch
from balance.mixing.lines import Source
from balance.mixing.lists import in_memory
from textlines.errors import InputError
from textlines.files import unwritable
from textlines.partials import partial_file


def link_folders(sources: Sequence[Source], heads: Sequence[str], out: Path) -> None:
    """Make a link to the folder of each source; one that points there already stays.

    Raises:
        InputError: something else stands in a link's place, or it cannot be made.
    """
    for source, head in zip(sources, heads, strict=True):
        place = out / head.rstrip("/")
        goal = os.path.relpath(source.folder.resolve(), place.parent.resolve())
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
    sources: Sequence[Source], heads: Sequence[str], epochs: Iterable[Epoch], out: Path
) -> int:
    """Copy the images that any list names; one that is there with the same size stays.

    Returns:
        How many images the lists name.

    Raises:
        InputError: an image cannot be read or written.
    """
    wanted = {id(source): np.zeros(len(source.lines), np.bool_) for source in sources}
    for epoch in epochs:
        for part in in_memory((*epoch.parts, epoch.distil)):
            for number, source in enumerate(part.pool.sources):
                own = part.pool.of[part.positions] == number
                wanted[id(source)][part.pool.rows[part.positions[own]]] = True
    count = 0
    for source, head in zip(sources, heads, strict=True):
        for row in np.flatnonzero(wanted[id(source)]).tolist():
            name = source.lines.text(row)[0]
            _copy(source.folder / name, out / (head + name))
            count += 1
    return count


def _copy(image: Path, place: Path) -> None:
    try:
        if place.is_file() and place.stat().st_size == image.stat().st_size:
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        with partial_file(place, "wb") as (out, partial), image.open("rb") as source:
            shutil.copyfileobj(source, out, 1 << 20)
            out.flush()
            partial.replace(place)
    except FileNotFoundError as error:
        raise InputError(str(image), "is not there", "Mix with --check-images listing.") from error
    except OSError as error:
        raise unwritable(place, error) from error
