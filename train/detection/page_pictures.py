"""Pages and parts of pages as pictures with the labelled and the detected regions drawn over them.

The outlines are SVG over a small JPEG: they stay sharp, and their colours are those of the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from textlines.pages.environment import render
from textlines.pages.thumbnails import thumbnail
from textlines.pixels.arrays import Image
from textlines.regions import Polygon
from textlines.regions.matching import LabelOutcome
from textlines.wording import Sentence
from train.detection.judged_pages import JudgedPage

AREA_PX = (220, 440)
"""Largest height and width of the picture of a part of a page, in CSS pixels."""

PAGE_PX = (520, 440)

MOST_SCALE = 3.0
"""Small parts of a page are shown larger than they are."""

ROOM = 2.0
"""Around a failure, in heights of its smaller side, at least `LEAST_ROOM_PX`."""

LEAST_ROOM_PX = 24.0


@dataclass(frozen=True, slots=True)
class Outline:
    """A region in pixels of its picture.

    Attributes:
        points: as SVG has them. kind: names its style; "box" is a detected one.
    """

    points: str
    kind: str


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A picture with outlines.

    Attributes:
        source: its data address. width, height: in CSS pixels.
        caption: what stands under it. path: of the page.
    """

    source: str
    width: int
    height: int
    outlines: tuple[Outline, ...]
    caption: str | Sentence
    path: str


def area_picture(
    page: JudgedPage, image: Image, about: Sequence[Polygon], caption: str | Sentence
) -> PagePicture:
    """Show the part of a page around some regions.

    Args:
        image: of the page, H x W x 3 uint8 BGR. about: one region or more, in its pixels.
    """
    corners = np.concatenate(list(about))
    low, high = corners.min(axis=0), corners.max(axis=0)
    room = max(ROOM * float((high - low).min()), LEAST_ROOM_PX)
    size = np.array([page.width_px, page.height_px])
    left, top = np.clip(np.floor(low - room), 0, size - 1).astype(int)
    right, bottom = np.clip(np.ceil(high + room), 1, size).astype(int)
    frame = (int(left), int(top), int(max(right, left + 1)), int(max(bottom, top + 1)))
    return _picture(page, image, frame, AREA_PX, caption)


def page_picture(page: JudgedPage, image: Image, caption: str | Sentence) -> PagePicture:
    """Show a whole page."""
    return _picture(page, image, (0, 0, page.width_px, page.height_px), PAGE_PX, caption)


def _picture(
    page: JudgedPage,
    image: Image,
    frame: tuple[int, int, int, int],
    most: tuple[int, int],
    caption: str | Sentence,
) -> PagePicture:
    left, top, right, bottom = frame
    scale = min(MOST_SCALE, most[0] / (bottom - top), most[1] / (right - left))
    width, height = max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))
    # Twice the pixels, for dense screens; no more than there are.
    source = thumbnail(
        image[top:bottom, left:right], max_height=2 * height, max_width=2 * width, quality=72
    )
    boxes = [(one.polygon, "box") for one in page.detected]
    labels = [
        (region.polygon, _kind(outcome))
        for region, outcome in zip(page.labels.regions, page.matching.labels, strict=True)
    ]
    outlines = tuple(
        Outline(" ".join(f"{x:.1f},{y:.1f}" for x, y in (polygon - [left, top]) * scale), kind)
        for polygon, kind in (*labels, *boxes)
        if (polygon.max(axis=0) > [left, top]).all()
        and (polygon.min(axis=0) < [right, bottom]).all()
    )
    return PagePicture(source, width, height, outlines, caption, page.labels.path)


def _kind(outcome: LabelOutcome) -> str:
    return outcome if outcome in ("right", "ignored") else "failed"


def pictures_body(pictures: Sequence[PagePicture]) -> Markup:
    """Lay pictures side by side."""
    return render("train.detection", "pictures.html.j2", pictures=pictures)
