"""What every foreign format is read into: pages with marked lines."""

from dataclasses import dataclass
from pathlib import Path

from textlines.pixels.rectify import Point

Counts = list[tuple[str, str]]
"""What was left out or changed: reason and place."""

UNREADABLE = ("###", "***", "*")
"""What annotators write for a line that nobody can read."""


@dataclass(frozen=True, slots=True)
class Region:
    """One marked line of a page.

    Attributes:
        points: corners in pixels of the upright image, in the order of the annotation: four of
            them start where the reading starts and go round. () takes the whole image.
        text: as annotated.
        is_unreadable: the annotator said so.
        place: file:line or the like, for messages.
        page_size: (width, height) of the page that was annotated, where the source says so.
    """

    points: tuple[Point, ...]
    text: str
    is_unreadable: bool
    place: str
    page_size: tuple[int, int] | None = None


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
    """Tell the marks that stand for a line that nobody can read.

    >>> is_unreadable(" ### "), is_unreadable("#1")
    (True, False)
    """
    return text.strip() in UNREADABLE
