"""Pages of our own with text lines at known places, and a detector that finds what it is told."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from textlines.labels.tally import Tally
from textlines.pixels.arrays import Image
from textlines.regions import Detected, Polygon
from textlines.regions.matching import PageCounts
from textlines.regions.page_file import LabelledRegion, PageLabels, read_pages, write_pages
from train.detection.page_outcomes import PageOutcome

Line = tuple[str, tuple[float, float, float, float]]
"""A text, and left, top, width and height of its box."""


def box(left: float, top: float, width: float, height: float) -> Polygon:
    """The corners of a level box."""
    right, bottom = left + width, top + height
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64)


def write_page(path: Path, lines: Sequence[Line], *, ink: int = 20) -> None:
    """Write a page of 400 x 600 with a word drawn in each box."""
    image = np.full((400, 600, 3), 240, np.uint8)
    for text, (left, top, width, height) in lines:
        corner = (int(left) + 2, int(top + height * 0.8))
        scale = height / 30
        cv2.putText(image, text[:12], corner, cv2.FONT_HERSHEY_SIMPLEX, scale, (ink,) * 3, 2)
        del width
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", image)[1].tobytes())


def labelled(
    folder: Path, pages: Mapping[str, Sequence[Line]], *, ink: int = 20
) -> list[PageLabels]:
    """Write pages with their label file, and read it."""
    for name, lines in pages.items():
        write_page(folder / name, lines, ink=ink)
    rows = [
        (name, [LabelledRegion(box(*frame), text, "") for text, frame in lines])
        for name, lines in pages.items()
    ]
    write_pages(folder / "Label.txt", rows)
    return list(read_pages(folder, tally=Tally()))


class Told:
    """Finds boxes on the pages of a call, in its order."""

    def __init__(self, *pages: Sequence[Polygon]) -> None:
        self._pages = iter(pages)
        self.seen: list[tuple[int, ...]] = []

    def boxes(self, image: Image) -> list[Detected]:
        self.seen.append(image.shape)
        return [Detected(polygon, 0.9) for polygon in next(self._pages)]


class Words:
    """Reads each crop as the word of the box that is as wide, whatever stands there."""

    def __init__(self, words: Mapping[int, str]) -> None:
        self._words = words

    def __call__(self, crops: Sequence[Image]) -> list[str]:
        return [self._words.get(crop.shape[1], "?") for crop in crops]


def outcome(labels: int, boxes: int, matched: int, *read: bool) -> PageOutcome:
    """Return what became of a page; the first of its labels are paired."""
    right = tuple(at < matched for at in range(labels))
    return PageOutcome(PageCounts(labels, boxes, matched), right, read)
