"""Which lines a detector misses, and what they share: size, contrast, place on the page."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

import cv2
import numpy as np

from textlines.formats.missed_lines import PLACES, Place, Property
from textlines.pixels.arrays import Image
from textlines.regions import Polygon
from textlines.regions.matching import FAILURES, Failure, LabelOutcome
from textlines.regions.polygons import smallest_rectangle
from textlines.wilson import wilson
from train.detection.evaluation import DetEvaluation
from train.detection.judged_pages import JudgedPage
from train.detection.label_conventions import Convention, conventions_of
from train.judging.evaluation import Figure, StrictValue

SIZES_PX = (8, 12, 16, 24, 32, 48, 64, 96, 128)
"""Heights of lines, where one bin ends and the next begins."""

CONTRASTS = (0.2, 0.4, 0.6, 0.8)

EDGE_PX = 2.0
"""Within which of the border of its page a line is cut off by it."""

InputSize = Callable[[int, int], tuple[int, int]]
"""The (height, width) that a detector sees a page of (height, width) at, in pixels."""


@dataclass(frozen=True, slots=True)
class LineFacts:
    """A labelled line that is not ignored, and what may be why a detector misses it.

    Attributes:
        page, at: numbers of its page and of its label there.
        height_px: its shorter side on the page. seen_px: the same at the size that the detector
            sees the page at.
        contrast: between the 5th and the 95th percentile of its luminance, 0..1.
    """

    page: int
    at: int
    outcome: LabelOutcome
    height_px: float
    seen_px: float
    contrast: float
    place: Place


class Bin(StrictValue):
    """Lines that are alike in one property.

    Attributes:
        low, high: the range, low <= x < high; None at an end without a bound, and of a place.
        place: of lines by their place.
        failed: share of them without a box, with Wilson's interval.
        failures: of them, by class.
    """

    property: Property
    low: float | None = None
    high: float | None = None
    place: Place | None = None
    lines: int
    failed: Figure
    failures: Mapping[Failure, int]


class ConventionFigures(StrictValue):
    """A `Convention` as it is written."""

    kind: Literal["words", "lines"]
    is_one: bool
    groups: int
    failed: int
    failures: int
    labels: int
    gap: float
    hmean: float
    hmean_joined: float


class DetMined(StrictValue):
    """What `train det mine` tells.

    Attributes:
        evaluation: of all pages. conventions: words and lines, whether they are one or not.
        bins: by property; those without a line are left out.
    """

    version: Literal[1] = 1
    detector: str
    evaluation: DetEvaluation
    conventions: tuple[ConventionFigures, ...]
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Mined:
    """The figures, and what a page shows of them."""

    figures: DetMined
    pages: tuple[JudgedPage, ...]
    lines: tuple[LineFacts, ...]

    @property
    def convention(self) -> ConventionFigures | None:
        """The convention that is to be told first; None without one."""
        return next((one for one in self.figures.conventions if one.is_one), None)


def facts_of(page: JudgedPage, number: int, image: Image, input_size: InputSize) -> list[LineFacts]:
    """Return the facts of the lines of a page that are not ignored.

    Args:
        number: of the page. image: its pixels, H x W x 3 uint8 BGR.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    tall, wide = input_size(page.height_px, page.width_px)
    scale = sqrt(tall * wide / (page.height_px * page.width_px))
    found: list[LineFacts] = []
    for at, region in enumerate(page.labels.regions):
        if region.is_ignored:
            continue
        height = smallest_rectangle(region.polygon)[1]
        found.append(
            LineFacts(
                page=number,
                at=at,
                outcome=page.matching.labels[at],
                height_px=height,
                seen_px=height * scale,
                contrast=contrast_of(grey, region.polygon),
                place=place_of(region.polygon, page.height_px, page.width_px),
            )
        )
    return found


def contrast_of(grey: Image, polygon: Polygon) -> float:
    """Return how far apart the dark and the bright of a region lie, 0..1; 0 outside the page.

    Args:
        grey: H x W uint8.

    >>> page = np.full((20, 60), 200, np.uint8)
    >>> page[8:12, 10:50] = 50
    >>> round(contrast_of(page, np.array([[5, 5], [55, 5], [55, 15], [5, 15.0]])), 3)
    0.588
    """
    height, width = grey.shape[:2]
    left, top = np.clip(np.floor(polygon.min(axis=0)), 0, [width, height]).astype(int)
    right, bottom = np.clip(np.ceil(polygon.max(axis=0)) + 1, 0, [width, height]).astype(int)
    if right <= left or bottom <= top:
        return 0.0
    mask = np.zeros((bottom - top, right - left), np.uint8)
    cv2.fillPoly(mask, [np.rint(polygon - [left, top]).astype(np.int32)], 1)
    inside = grey[top:bottom, left:right][mask > 0]
    if not inside.size:
        return 0.0
    dark, bright = np.percentile(inside, [5, 95])
    return float(bright - dark) / 255


def place_of(polygon: Polygon, height_px: int, width_px: int) -> Place:
    """Return where on its page a region lies.

    >>> place_of(np.array([[300, 40], [390, 40], [390, 60], [300, 60.0]]), 600, 400)
    'upper_right'
    """
    low, high = polygon.min(axis=0), polygon.max(axis=0)
    if min(low) <= EDGE_PX or high[0] >= width_px - EDGE_PX or high[1] >= height_px - EDGE_PX:
        return "edge"
    x, y = polygon.mean(axis=0)
    column = min(int(3 * x / width_px), 2)
    row = min(int(3 * y / height_px), 2)
    return PLACES[1 + 3 * row + column]


def mine(
    pages: Sequence[JudgedPage], lines: Sequence[LineFacts], evaluation: DetEvaluation
) -> Mined:
    """Put lines into bins, and look whether labels and boxes follow one convention.

    Args:
        lines: of all pages, as `facts_of` gives them.
        evaluation: of these pages.
    """
    figures = DetMined(
        detector=evaluation.detector,
        evaluation=evaluation,
        conventions=tuple(map(_written, conventions_of(pages))),
        bins=(
            *_ranges("height", SIZES_PX, lines, lambda line: line.height_px),
            *_ranges("seen_height", SIZES_PX, lines, lambda line: line.seen_px),
            *_ranges("contrast", CONTRASTS, lines, lambda line: line.contrast),
            *_places(lines),
        ),
    )
    return Mined(figures, tuple(pages), tuple(lines))


def _written(convention: Convention) -> ConventionFigures:
    return ConventionFigures(
        kind=convention.kind,
        is_one=convention.is_one,
        groups=convention.groups,
        failed=convention.failed,
        failures=convention.failures,
        labels=convention.labels,
        gap=round(convention.gap, 3),
        hmean=round(convention.before.hmean, 6),
        hmean_joined=round(convention.joined.hmean, 6),
    )


def _ranges(
    name: Property,
    ends: Sequence[float],
    lines: Sequence[LineFacts],
    value: Callable[[LineFacts], float],
) -> list[Bin]:
    numbers = np.searchsorted(ends, [value(line) for line in lines], side="right")
    bins = []
    for number in range(len(ends) + 1):
        held = [line for line, at in zip(lines, numbers, strict=True) if at == number]
        if held:
            low = float(ends[number - 1]) if number else None
            high = float(ends[number]) if number < len(ends) else None
            bins.append(_bin(name, held, low=low, high=high))
    return bins


def _places(lines: Sequence[LineFacts]) -> list[Bin]:
    found = []
    for place in PLACES:
        held = [line for line in lines if line.place == place]
        if held:
            found.append(_bin("place", held, place=place))
    return found


def _bin(
    name: Property,
    lines: Sequence[LineFacts],
    *,
    low: float | None = None,
    high: float | None = None,
    place: Place | None = None,
) -> Bin:
    counts = Counter(line.outcome for line in lines)
    failed = len(lines) - counts["right"]
    return Bin(
        property=name,
        low=low,
        high=high,
        place=place,
        lines=len(lines),
        failed=Figure.of(failed / len(lines), wilson(failed, len(lines))),
        failures=_failures(counts),
    )


def _failures(counts: Mapping[LabelOutcome, int]) -> dict[Failure, int]:
    return {name: counts.get(name, 0) for name in FAILURES if name != "on_nothing"}


def standing_out(bins: Iterable[Bin], failed: float, most: int = 2) -> list[Bin]:
    """Return the bins whose lines surely fail more often than all do, one of a property at most.

    The first is the one that holds the most failures beyond that share. The two heights say one
    thing: of them the greater is told.

    Args:
        failed: share of all lines that fail. most: bins that are returned at most.
    """
    worse = [one for one in bins if one.failed.interval and one.failed.interval[0] > failed]
    found: dict[str, Bin] = {}
    for one in sorted(worse, key=lambda one: -(one.failed.value - failed) * one.lines):
        found.setdefault("height" if one.property == "seen_height" else one.property, one)
    return list(found.values())[:most]
