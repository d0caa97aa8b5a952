"""What every foreign format is read into: pages with marked lines."""

from dataclasses import dataclass
from pathlib import Path

from textlines.defects import Defect
from textlines.pixels.rectify import Point

Counts = list[tuple[Defect, str]]
"""What was met in a source, and where."""

UNREADABLE = ("###", "***", "*")
"""What annotators write for a line that nobody can read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """What changes the outcome of an import beyond its source; all of it is in the import's key.

    Attributes:
        take_difficult: lines that are marked difficult are taken.
        upright: every box is read from its upper left, whatever corner it starts at.
        placeholders: texts that stand for none; None takes those that the format's tool writes.
        text_area: of Label Studio, the name of the text area that holds the labels; "" takes
            `transcription`, or the only one.
    """

    take_difficult: bool = False
    upright: bool = False
    placeholders: tuple[str, ...] | None = None
    text_area: str = ""


AS_USUAL = ImportOptions()


@dataclass(frozen=True, slots=True)
class Region:
    """One marked line of a page.

    Attributes:
        points: corners in pixels of the upright image, in the order of the annotation: four of
            them start where the reading starts and go round. () takes the whole image.
        text: as annotated.
        is_unreadable: the text is a mark for a line that nobody can read.
        place: file:line or the like, for messages.
        page_size: (width, height) of the page that was annotated, where the source says so.
        is_difficult: a flag beside the text says so (difficult, illegible); the text may be good.
        start_is_stated: the source says by an angle of its own where reading starts, so that the
            first corner is no accident of a drag.
        doubts: reasons to look at the line (of `of_annotations.DOUBTS`), met while the source was
            read.
    """

    points: tuple[Point, ...]
    text: str
    is_unreadable: bool
    place: str
    page_size: tuple[int, int] | None = None
    is_difficult: bool = False
    start_is_stated: bool = False
    doubts: tuple[Defect, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """An image with its marked lines.

    Attributes:
        name: what the crops are named by; unique in a source.
        image: the file; None when `data` holds its bytes.
    """

    name: str
    image: Path | None
    regions: tuple[Region, ...]
    data: bytes = b""


def is_unreadable(text: str) -> bool:
    """Return whether a text is a mark that stands for a line that nobody can read.

    >>> is_unreadable(" ### "), is_unreadable("#1")
    (True, False)
    """
    return text.strip() in UNREADABLE
