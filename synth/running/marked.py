"""Samples that a person marked as bad on the page of `synth preview`: `bad.txt`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from textlines.errors import InputError
from textlines.files import read_text
from textlines.labels.label_paths import normal_path

HEADER = "image\tsha256"

_SHA256 = re.compile("[0-9a-f]{64}")
_AGAIN = "Save the list again from the page of synth preview, or write one image a line."


@dataclass(frozen=True, slots=True)
class Marked:
    """A sample that is to be left out.

    Attributes:
        place: where it is named, as file:line.
        sha256: of the image that was looked at, in hexadecimal; "" where the list names none.
    """

    place: str
    sha256: str = ""


def read_marked(path: Path) -> dict[str, Marked]:
    """Read a list of samples, by their image as the label file names it.

    A line holds the image, or `image<TAB>sha256` as the page of `synth preview` writes it. Names
    are the same in all runs; the hash tells whether this run's image is the one that was marked.
    The header and blank lines are passed over; a name may stand twice.

    Raises:
        InputError: the file cannot be read, or a line is of another form; names the line.
    """
    found: dict[str, Marked] = {}
    for number, line in enumerate(read_text(path, "the list of samples").split("\n"), 1):
        line = line.removesuffix("\r")
        if not line.strip() or (number == 1 and line == HEADER):
            continue
        place = f"{path}:{number}"
        name, tab, sha256 = line.partition("\t")
        if not name or (tab and not _SHA256.fullmatch(sha256)):
            raise InputError(place, "is neither image nor image<TAB>sha256", _AGAIN)
        name = normal_path(name.replace("\\", "/"))
        if name not in found or not found[name].sha256:
            found[name] = Marked(place, sha256)
    return found


def require_same(image: str, sha256: str, marked: Marked) -> None:
    """Refuse to leave out another image than the one that was looked at.

    Args:
        sha256: of the run's image.

    Raises:
        InputError: the list names another hash.
    """
    if marked.sha256 and marked.sha256 != sha256:
        raise InputError(
            marked.place,
            f"names {image!r}, and this run's image of that name is another one",
            "The list was saved from the preview of another run: name the one of this run.",
        )


def require_all_met(unmet: Mapping[str, Marked], out: Path) -> None:
    """Refuse names that no sample of a run has.

    Raises:
        InputError: names the first of them, its line, and how many more there are.
    """
    if not unmet:
        return
    name, marked = next(iter(unmet.items()))
    more = f" (and {len(unmet) - 1:,} more)" if len(unmet) > 1 else ""
    raise InputError(
        marked.place,
        f"names {name!r}, which is no sample of {out}{more}",
        "Take the line out, or name the list that was saved from the preview of this run.",
    )
