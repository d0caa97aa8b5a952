"""Polygons on a page: area, overlap, shrinking and growing, order of corners, smallest rectangle.

Shapely measures and pyclipper offsets, as in PaddleOCR, so that figures can be compared with its
own; both come with the extra `detect` and are imported where they are needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Polygon: TypeAlias = npt.NDArray[np.float64]
"""(n >= 3, 2) float64: corners (x, y) in pixels of the upright (EXIF-applied) page, going round it
either way; not closed (the last corner is not the first one again)."""


@dataclass(frozen=True, slots=True, eq=False)
class Detected:
    """A region that a detector found.

    Attributes:
        polygon: its corners, as `Polygon`.
        score: of the detector, 0..1.
    """

    polygon: Polygon
    score: float


def polygon_of(points: Sequence[Sequence[float]]) -> Polygon:
    """Return corners as a polygon; a ring's closing corner is left out.

    Raises:
        ValueError: fewer than three corners, or one that is no pair of finite numbers.

    >>> polygon_of([(0, 0), (4, 0), (4, 2), (0, 0)]).tolist()
    [[0.0, 0.0], [4.0, 0.0], [4.0, 2.0]]
    """
    corners = np.asarray(points, np.float64)
    if corners.ndim != 2 or corners.shape[1] != 2:
        raise ValueError(f"corners have the shape {corners.shape}, need (n, 2)")
    if len(corners) > 3 and np.array_equal(corners[0], corners[-1]):
        corners = corners[:-1]
    if len(corners) < 3:
        raise ValueError(f"{len(corners)} corners enclose nothing")
    if not np.isfinite(corners).all():
        raise ValueError("a corner is no number")
    return corners


def is_valid(polygon: Polygon) -> bool:
    """Return whether the outline neither crosses nor touches itself and encloses an area.

    As OGC's simple features define it; what is not valid has no overlap that can be measured.

    >>> is_valid(np.array([[0, 0], [4, 0], [4, 2], [0, 2.0]]))
    True
    >>> is_valid(np.array([[0, 0], [4, 2], [4, 0], [0, 2.0]]))
    False
    """
    import shapely

    return bool(shapely.Polygon(polygon).is_valid)


def signed_area(polygon: Polygon) -> float:
    """Return the area in square pixels, above 0 when the corners go clockwise on screen.

    >>> signed_area(np.array([[0, 0], [4, 0], [4, 2], [0, 2.0]]))
    8.0
    """
    x, y = polygon[:, 0] - polygon[0, 0], polygon[:, 1] - polygon[0, 1]
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def area(polygon: Polygon) -> float:
    """Return the area of a valid polygon in square pixels."""
    return abs(signed_area(polygon))


def intersection_areas(
    first: Sequence[Polygon], second: Sequence[Polygon]
) -> npt.NDArray[np.float64]:
    """Return the areas that polygons of two lists share, (len(first), len(second)) float64.

    Args:
        first: valid polygons. second: valid polygons.
    """
    import shapely

    areas = np.zeros((len(first), len(second)))
    pairs, left, right = _meeting(first, second)
    areas[pairs] = shapely.area(shapely.intersection(left, right))
    return areas


def ious(first: Sequence[Polygon], second: Sequence[Polygon]) -> npt.NDArray[np.float64]:
    """Return intersection over union for polygons of two lists, (len(first), len(second)), 0..1.

    The union is measured, not reckoned, as in PaddleOCR's metric: at a threshold the last bit
    decides.

    Args:
        first: valid polygons. second: valid polygons.
    """
    import shapely

    overlaps = np.zeros((len(first), len(second)))
    pairs, left, right = _meeting(first, second)
    shared = shapely.area(shapely.intersection(left, right))
    overlaps[pairs] = shared / shapely.area(shapely.union(left, right))
    return overlaps


_Indices: TypeAlias = npt.NDArray[np.intp]


def _meeting(
    first: Sequence[Polygon], second: Sequence[Polygon]
) -> tuple[tuple[_Indices, _Indices], Any, Any]:
    """Return the pairs whose frames meet, found by a tree (STR), and the shapes of both sides."""
    import shapely

    left, right = (np.array([shapely.Polygon(one) for one in many]) for many in (first, second))
    at, to = shapely.STRtree(right).query(left) if left.size else np.zeros((2, 0), np.intp)
    return (at, to), left[at], right[to]


def iou(first: Polygon, second: Polygon) -> float:
    """Return intersection over union of two valid polygons, 0..1.

    >>> box = np.array([[0, 0], [4, 0], [4, 2], [0, 2.0]])
    >>> iou(box, box + [2, 0])
    0.3333333333333333
    """
    return float(ious([first], [second])[0, 0])


def shrink(polygon: Polygon, ratio: float) -> list[Polygon]:
    """Shrink a polygon by Vatti clipping, to what a detector of the DB kind is taught as its core.

    Source: Liao et al., "Real-time Scene Text Detection with Differentiable Binarization", AAAI
    2020, section 3.4: all sides move inwards by D = A(1 - r²)/L, with area A and perimeter L.

    Args:
        polygon: corners, which pyclipper cuts to whole pixels, here as in PaddleOCR.
        ratio: r, 0 < r <= 1; 1 leaves the polygon as it is.

    Returns:
        What is left, in whole pixels: nothing, one polygon, or several where it was thin inside.

    Raises:
        ValueError: the ratio is out of range.
    """
    if not 0 < ratio <= 1:
        raise ValueError(f"need 0 < ratio <= 1, got {ratio:g}")
    return _offset(polygon, -shrink_distance(polygon, ratio))


def shrink_distance(polygon: Polygon, ratio: float) -> float:
    """Return how far `shrink` moves the sides inwards, in pixels.

    >>> shrink_distance(np.array([[0, 0], [80, 0], [80, 40], [0, 40.0]]), 0.5)
    10.0
    """
    return area(polygon) * (1 - ratio**2) / _perimeter(polygon)


def unclip(polygon: Polygon, ratio: float) -> list[Polygon]:
    """Grow a polygon by Vatti clipping, as a detector of the DB kind grows the cores that it finds.

    Source: as `shrink`, section 3.4 ("box formation"): all sides move outwards by D' = A·r'/L;
    corners are round.

    Args:
        polygon: corners, which pyclipper cuts to whole pixels, here as in PaddleOCR.
        ratio: r', 0 or more; 0 leaves the polygon as it is.

    Returns:
        What comes of it, in whole pixels: one polygon; none or several where it was not valid.

    Raises:
        ValueError: the ratio is below 0.
    """
    if ratio < 0:
        raise ValueError(f"need ratio >= 0, got {ratio:g}")
    return _offset(polygon, area(polygon) * ratio / _perimeter(polygon))


def _perimeter(polygon: Polygon) -> float:
    return float(np.hypot(*(np.roll(polygon, -1, axis=0) - polygon).T).sum())


def _offset(polygon: Polygon, distance: float) -> list[Polygon]:
    import pyclipper

    offset = pyclipper.PyclipperOffset()
    offset.AddPath(polygon, pyclipper.JT_ROUND, pyclipper.ET_CLOSEDPOLYGON)
    return [np.array(path, np.float64) for path in offset.Execute(distance)]


def ordered_quad(quad: Polygon) -> Polygon:
    """Return four corners clockwise from the upper left one, by PaddleOCR's rule.

    Source: `order_points_clockwise` (ppocr/data/imaug/label_ops.py): the upper left has the least
    x + y, the lower right the greatest; of the other two the upper right has the least y - x.
    A quadrilateral that stands on a corner may lose one by it: for reading, leave the order to
    `textlines.pixels.rectify`.

    Args:
        quad: (4, 2). Left as it is.

    >>> ordered_quad(np.array([[4, 2], [0, 2], [0, 0], [4, 0.0]])).tolist()
    [[0.0, 0.0], [4.0, 0.0], [4.0, 2.0], [0.0, 2.0]]
    """
    sums = quad.sum(axis=1)
    upper_left, lower_right = int(sums.argmin()), int(sums.argmax())
    others = np.delete(quad, (upper_left, lower_right), axis=0)
    slopes = others[:, 1] - others[:, 0]
    return np.stack(
        [
            quad[upper_left],
            others[int(slopes.argmin())],
            quad[lower_right],
            others[int(slopes.argmax())],
        ]
    )


def smallest_rectangle(polygon: Polygon) -> tuple[Polygon, float]:
    """Return the rectangle of least area around a polygon, and its shorter side in pixels.

    Source: `get_mini_boxes` (ppocr/postprocess/db_postprocess.py), whose order of corners is kept:
    clockwise from the upper one of the two leftmost. In float32, as OpenCV computes it.
    """
    import cv2

    frame = cv2.minAreaRect(polygon.astype(np.float32).reshape(-1, 1, 2))
    corners = sorted(cv2.boxPoints(frame).tolist(), key=lambda corner: corner[0])
    first, last = (0, 1) if corners[1][1] > corners[0][1] else (1, 0)
    second, third = (2, 3) if corners[3][1] > corners[2][1] else (3, 2)
    ring = [corners[at] for at in (first, second, third, last)]
    return np.array(ring, np.float64), float(min(frame[1]))
