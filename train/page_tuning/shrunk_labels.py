"""What a detector is taught of a page: cores of lines, where nothing is said, and their edges.

Source: Liao et al., "Real-time Scene Text Detection with Differentiable Binarization", AAAI 2020,
section 3.4, as PaddleOCR's `MakeShrinkMap` and `MakeBorderMap` build it. There the ratio by which
lines are shrunk is 0.4 for every set of labels; here it is fitted to what the detector finds on
these labels (`fitted_ratio`): labels that are drawn looser ask for another one, and a ratio that is
not the detector's own moves every box that it has learnt. A branch of thresholds, where a run has
one, is taught a ridge along the edges of lines, as wide as they are shrunk by.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from textlines.regions.page_file import LabelledRegion
from textlines.regions.polygons import Polygon, shrink, shrink_distance, unclip

Mask = npt.NDArray[np.uint8]
"""Height x width, 0 or 1."""

LEAST_PX = 5
"""Lines lower or narrower than this, as the network sees them, are nothing that it could learn: a
box is not read out of fewer pixels (`PredictionSettings.min_size`, and two more once grown)."""

RATIOS = tuple(round(0.40 + 0.02 * step, 2) for step in range(30))
"""That a fit tries: .40 to .98."""

LOW, HIGH = 0.3, 0.7
"""Thresholds far from an edge, and on it."""

_SUB_PX = 4
"""By which polygons are enlarged before they are shrunk, as pyclipper takes whole pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class PageTarget:
    """What a network is to say of the pixels that it sees.

    Attributes:
        core: 1 where the core of a line is. counts: 1 where a pixel is judged at all.
    """

    core: Mask
    counts: Mask


@dataclass(frozen=True, slots=True, eq=False)
class BorderTarget:
    """What a branch of thresholds is to say; arrays of one page, or of several.

    Attributes:
        threshold: float32, .7 on the edge of a line, .3 as far from it as its core begins, on both
            sides. band: 1 where that is judged: within the lines, grown as far.
    """

    threshold: npt.NDArray[np.float32]
    band: npt.NDArray[np.float32]


def cores_of(polygon: Polygon, ratio: float) -> list[Polygon]:
    """Shrink a line, to a quarter of a pixel; nothing where nothing is left of it.

    Raises:
        ValueError: the ratio is out of range.
    """
    return [part / _SUB_PX for part in shrink(polygon * _SUB_PX, ratio) if len(part) > 2]


def target_of(
    regions: Sequence[LabelledRegion],
    polygons: Sequence[Polygon],
    size: tuple[int, int],
    ratio: float,
) -> PageTarget:
    """Draw what a network is to say.

    Args:
        regions: of the page. polygons: theirs, as the network sees them, in the same order.
        size: (height, width) of what it sees. ratio: by which lines are shrunk.

    Returns:
        Lines that nobody can read, and those too small to be learnt, do not count.
    """
    core, counts = np.zeros(size, np.uint8), np.ones(size, np.uint8)
    for region, polygon in zip(regions, polygons, strict=True):
        parts = _taught(region, polygon, ratio)
        if parts:
            fill(core, parts, 1)
        else:
            fill(counts, [polygon], 0)
    return PageTarget(core, counts)


def _taught(region: LabelledRegion, polygon: Polygon, ratio: float) -> list[Polygon]:
    """Return the cores of a line; nothing for one that does not count."""
    extent = np.ptp(polygon, axis=0)
    sides = cv2.minAreaRect(polygon.astype(np.float32))[1]
    if region.is_ignored or min(sides) < LEAST_PX or extent.min() <= 0:
        return []
    return cores_of(polygon, ratio)


def border_of(
    regions: Sequence[LabelledRegion],
    polygons: Sequence[Polygon],
    size: tuple[int, int],
    ratio: float,
) -> BorderTarget:
    """Draw what a branch of thresholds is to say; arguments as of `target_of`.

    The core counts too, as in the paper and in PaddleOCR: there the threshold is to be low. Where
    lines are near each other, the higher threshold holds. Lines that do not count have no edge.
    """
    near, band = np.zeros(size, np.float32), np.zeros(size, np.uint8)
    for region, polygon in zip(regions, polygons, strict=True):
        if not _taught(region, polygon, ratio):
            continue
        grown = [part / _SUB_PX for part in unclip(polygon * _SUB_PX, 1 - ratio**2)]
        fill(band, [part for part in grown if len(part) > 2], 1)
        reach = shrink_distance(polygon, ratio)
        low = np.maximum(np.floor(polygon.min(axis=0) - reach), 0).astype(int)
        high = np.minimum(np.ceil(polygon.max(axis=0) + reach) + 1, size[::-1]).astype(int)
        if reach <= 0 or (low >= high).any():  # at a ratio of 1, or beyond the crop
            continue
        there = near[low[1] : high[1], low[0] : high[0]]
        away = edge_distance(polygon, (low[0], low[1]), (there.shape[0], there.shape[1]))
        np.maximum(there, 1 - np.minimum(away / np.float32(reach), 1), out=there)
    threshold = (LOW + (HIGH - LOW) * near).astype(np.float32)
    return BorderTarget(threshold, band.astype(np.float32))


def edge_distance(
    polygon: Polygon, first: tuple[int, int], size: tuple[int, int]
) -> npt.NDArray[np.float32]:
    """Return how far pixels are from a polygon's edge, in pixels, height x width.

    Args:
        first: (x, y) of the upper left pixel. size: (height, width).

    >>> square = np.array([[0, 0], [4, 0], [4, 4], [0, 4.0]])
    >>> edge_distance(square, (0, 2), (1, 6)).tolist()
    [[0.0, 1.0, 2.0, 1.0, 0.0, 1.0]]
    """
    across = (first[0] + np.arange(size[1], dtype=np.float32))[None]
    down = (first[1] + np.arange(size[0], dtype=np.float32))[:, None]
    nearest = np.full(size, np.inf, np.float32)
    for start, end in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        x, y = (float(one) for one in start)
        way_x, way_y = (float(one) for one in end - start)
        length = way_x**2 + way_y**2
        if length == 0:
            continue
        along = np.clip(((across - x) * way_x + (down - y) * way_y) / length, 0, 1)
        apart = (across - x - along * way_x) ** 2 + (down - y - along * way_y) ** 2
        np.minimum(nearest, apart, out=nearest)
    return np.sqrt(nearest)


def fill(mask: Mask, polygons: Sequence[Polygon], value: int) -> None:
    """Fill polygons in a mask, in place."""
    outlines = [np.rint(polygon).astype(np.int32).reshape(-1, 1, 2) for polygon in polygons]
    for outline in outlines:
        cv2.fillPoly(mask, [outline], value)


def moved(polygon: Polygon, matrix: npt.NDArray[np.float64]) -> Polygon:
    """Move corners by an affine transform, 2 x 3."""
    there: Polygon = polygon @ matrix[:, :2].T + matrix[:, 2]
    return there
