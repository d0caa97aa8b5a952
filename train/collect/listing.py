"""The crops of a folder, in the order of their paths."""

from pathlib import Path

from textlines.defects import of_queues
from textlines.errors import InputError
from textlines.files import files_below, real_path
from textlines.labels.label_paths import normal_path
from textlines.labels.tally import Tally
from textlines.pixels.decode import IMAGE_SUFFIXES


def list_crops(images: Path, tally: Tally, *, without: Path | None = None) -> list[str]:
    """List the images below a folder, by path.

    Hidden files and folders are passed over; links to folders are not followed.

    Args:
        without: a folder in it that is not looked into: that of the results.
        tally: grows by `of_queues.LISTING`.

    Returns:
        Paths from the folder on, with slashes.

    Raises:
        InputError: it is no folder, or holds no image.
    """
    if not images.is_dir():
        raise InputError(str(images), "is no folder", "Name the folder of the crops.")
    # Crops that were cut out of pages lie in the folder of the results.
    inside = without is not None and not real_path(images).is_relative_to(real_path(without))
    found = []
    for path in files_below(images):
        inner = path.relative_to(images)
        name = inner.as_posix()
        if any(part.startswith(".") for part in inner.parts) or (
            inside and without and path.is_relative_to(without)
        ):
            continue
        if path.suffix.lower() not in IMAGE_SUFFIXES:
            tally.add(of_queues.NO_IMAGE, name)
        elif any(char in name for char in "\t\r\n"):
            tally.add(of_queues.ODD_PATH, repr(name))
        else:
            found.append(normal_path(name))
    if not found:
        raise InputError(
            str(images),
            f"holds no image ({'; '.join(tally.lines(of_queues.LISTING)) or 'it is empty'})",
            "Name the folder of the crops; for whole pages there are --pages and --results.",
        )
    return sorted(found)
