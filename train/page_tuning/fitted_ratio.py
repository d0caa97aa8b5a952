"""The ratio by which labels are shrunk so that their cores are those that a detector finds.

Measured on stock maps: .68 to .73 on receipts, .57 on displays of meters, where PaddleOCR has 0.4.
A run that begins at another ratio spends its first steps on moving every box (a loss of 5.1 in the
first ten steps at .5, of 2.5 at .65) and leaves a detector whose unclip ratio is another one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from textlines.regions.matching import match
from textlines.regions.page_file import LabelledRegion
from textlines.regions.polygons import Detected, Polygon
from train.detection.postprocessing import ProbabilityMap
from train.page_tuning.shrunk_labels import RATIOS, cores_of, fill

UNFITTED = 0.65
"""Where no line is found that it could be fitted to: the middle of what was measured."""

LEAST_LINES = 5
"""That are found, or the ratio is not fitted."""


@dataclass(frozen=True, slots=True)
class SeenPage:
    """A page that a detector has seen: its map, and what was found on it.

    Attributes:
        scale: (x, y), pixels of the map for one of the page.
    """

    regions: Sequence[LabelledRegion]
    detected: Sequence[Detected]
    map_: ProbabilityMap
    scale: tuple[float, float]


@dataclass(frozen=True, slots=True)
class FittedRatio:
    """A ratio, and how well cores shrunk by it lie on what was found.

    Attributes:
        overlap: intersection over union, the mean of lines; 0 where nothing was fitted.
        lines: that were found, and fitted to.
    """

    ratio: float
    overlap: float
    lines: int


def fitted_ratio(pages: Iterable[SeenPage], threshold: float) -> FittedRatio:
    """Fit the ratio to the lines that are found.

    Args:
        threshold: above which a pixel of a map is text.
    """
    sums, lines = np.zeros(len(RATIOS)), 0
    for page in pages:
        text = page.map_ > threshold
        for polygon in _found(page):
            overlaps = _overlaps(polygon * np.array(page.scale), text)
            if overlaps is not None:
                sums += overlaps
                lines += 1
    if lines < LEAST_LINES:
        return FittedRatio(UNFITTED, 0.0, lines)
    best = int(sums.argmax())
    return FittedRatio(RATIOS[best], float(sums[best]) / lines, lines)


def _found(page: SeenPage) -> list[Polygon]:
    polygons = [region.polygon for region in page.regions]
    ignored = [region.is_ignored for region in page.regions]
    matching = match(polygons, ignored, [one.polygon for one in page.detected])
    return [
        polygon
        for polygon, outcome in zip(polygons, matching.labels, strict=True)
        if outcome == "right"
    ]


def _overlaps(polygon: Polygon, text: np.ndarray) -> np.ndarray | None:
    """Return how well the core of one line lies on a map, at each ratio; None for too small a one.

    The part of the map that is looked at is the line's frame, so that neighbours do not count.
    """
    height, width = text.shape
    left, top = np.maximum(np.floor(polygon.min(axis=0)).astype(int), 0)
    right, bottom = np.minimum(np.ceil(polygon.max(axis=0)).astype(int) + 1, (width, height))
    if min(right - left, bottom - top) < 4:
        return None
    inside = np.zeros((bottom - top, right - left), np.uint8)
    shifted = polygon - (left, top)
    fill(inside, [shifted], 1)
    seen = text[top:bottom, left:right] & (inside > 0)
    overlaps = np.zeros(len(RATIOS))
    for at, ratio in enumerate(RATIOS):
        core = np.zeros_like(inside)
        fill(core, cores_of(shifted, ratio), 1)
        union = int((seen | (core > 0)).sum())
        overlaps[at] = int((seen & (core > 0)).sum()) / union if union else 0.0
    return overlaps
