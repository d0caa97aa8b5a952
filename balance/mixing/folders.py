"""The one folder that all paths of a mix start from."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from balance.mixing.options import Placing
from balance.mixing.sources import SourceFile
from textlines.errors import InputError
from textlines.files import real_path


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Where the images of a mix lie.

    Attributes:
        folder: what the paths of the lists start from.
        heads: for each source what stands before its own paths: "" or "train/".
    """

    folder: Path
    heads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """The data folder of a mix and the folder that its record lies in.

    All places are told as seen from the record, so that they hold wherever both are moved to.
    """

    folder: DataFolder
    out: Path

    def data_folder(self) -> str:
        """Say what the paths of the lists start from."""
        return self.seen(self.folder.folder)

    def seen(self, path: Path) -> str:
        """Say where a file or folder lies."""
        return Path(os.path.relpath(real_path(path), real_path(self.out))).as_posix()


def data_folder(sources: Sequence[SourceFile], out: Path, placing: Placing) -> DataFolder:
    """Find the folder that holds the images of all sources: the innermost common one.

    Links and copies lie in the out folder, under the name of their source.

    Raises:
        InputError: the folders have nothing in common (drives of Windows).
    """
    if placing != "in_place":
        return DataFolder(out, tuple(f"images/{name}/" for name in _names(sources)))
    places = [Path(os.path.abspath(source.folder)) for source in sources]  # noqa: PTH100
    try:
        common = Path(os.path.commonpath(places))
    except ValueError as error:
        raise InputError(
            ", ".join(map(str, places)), "have no folder in common", "Say --link or --copy."
        ) from error
    heads = [place.relative_to(common).as_posix() for place in places]
    return DataFolder(common, tuple("" if head == "." else f"{head}/" for head in heads))


def _names(sources: Sequence[SourceFile]) -> list[str]:
    """Name a folder for each source; one folder read twice has one name.

    By role and number, so that no name of this machine gets into the lists.
    """
    known: dict[Path, str] = {}
    for source in sources:
        place = real_path(source.folder)
        if place not in known:
            role = source.name.replace(":", "-")
            same = sum(name.rpartition("-")[0] == role for name in known.values())
            known[place] = f"{role}-{same + 1}"
    return [known[real_path(source.folder)] for source in sources]
