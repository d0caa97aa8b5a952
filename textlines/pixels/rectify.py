"""From a marked line on a page to an upright crop.

A quadrilateral becomes a rectangle as long as its longer sides, by the rule of PaddleOCR's
`get_rotate_crop_image` (ppocr/utils/utility.py): same interpolation, same border, same turn of
what is 1.5 times as high as wide. A polygon whose corners run along the top and back along the
bottom is laid out strip by strip; any other one is taken by its smallest rectangle.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from textlines.pixels.arrays import Image

Point = tuple[float, float]
"""Of a page, in pixels: from the left, from the top."""

TURN_FROM = 1.5
"""Heights to one width from which on a crop is turned: it is a vertical line."""

LARGEST = 32_000
"""In pixels, width or height: OpenCV's warps and JPEG end there."""

MOST_AREA = 4
"""Of a crop, as a multiple of its page's. A line turned by 45 degrees takes at most twice."""

LEAST = 3
"""In pixels. A crop of less width or height holds no character."""


class CannotRectifyError(ValueError):
    """The corners enclose no area, or lie outside the page."""


def rectify(image: Image, points: Sequence[Point]) -> tuple[Image, bool]:
    """Cut a marked line out of its page.

    Args:
        image: H x W x 3 uint8, BGR, the page. Left as it is.
        points: two corners of a box, four of a quadrilateral, more of a polygon; pixels.

    Returns:
        A new crop, and whether it was turned by 90 degrees anticlockwise.

    Raises:
        CannotRectifyError: nothing can be cut.
    """
    import cv2

    corners = [(float(x), float(y)) for x, y in points]
    if not all(math.isfinite(value) for corner in corners for value in corner):
        raise CannotRectifyError("a corner is no number")
    if len(corners) > 4 and corners[0] == corners[-1]:
        corners.pop()  # GeoJSON and many tools close the ring
    if len(corners) == 2:
        (left, top), (right, bottom) = corners
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    if len(corners) < 3:
        raise CannotRectifyError(f"{len(corners)} corners enclose nothing")
    _refuse_outside(image, corners)
    try:
        crop = _cut(image, corners)
    # Pages of more than 32,766 pixels a side are beyond what its warps take.
    except cv2.error as error:
        raise CannotRectifyError(f"cannot be cut ({error.err})") from error
    if crop.shape[0] >= TURN_FROM * crop.shape[1]:
        return np.ascontiguousarray(np.rot90(crop)), True
    return np.ascontiguousarray(crop), False


def _cut(image: Image, corners: Sequence[Point]) -> Image:
    if len(corners) == 4:
        return _cut_quad(image, clockwise(corners))
    strips = _strips(clockwise(corners))
    if not strips:
        return _cut_quad(image, smallest_box(corners))
    return _cut_strips(image, strips)


def area(points: Sequence[Point]) -> float:
    """Give the signed area in square pixels: above 0 when the corners go round clockwise on screen.

    >>> area([(0, 0), (4, 0), (4, 2), (0, 2)]), area([(0, 0), (0, 2), (4, 2), (4, 0)])
    (8.0, -8.0)
    """
    ring = [*points, points[0]]
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) / 2


def clockwise(points: Sequence[Point]) -> list[Point]:
    """Let the corners go round clockwise from the first one, which says where reading starts.

    MTWI goes round the other way; reversing all would move the start and turn the text.

    >>> clockwise([(0, 0), (0, 2), (4, 2), (4, 0)])
    [(0, 0), (4, 0), (4, 2), (0, 2)]
    """
    if area(points) >= 0:
        return list(points)
    return [points[0], *reversed(points[1:])]


def smallest_box(points: Sequence[Point]) -> list[Point]:
    """Give the smallest rectangle around the corners, from its upper left corner clockwise."""
    import cv2

    box = cv2.boxPoints(cv2.minAreaRect(np.array(points, np.float32)))
    by_x = sorted(((float(x), float(y)) for x, y in box), key=lambda point: point)
    left, right = sorted(by_x[:2], key=_down), sorted(by_x[2:], key=_down)
    return [left[0], right[0], right[1], left[1]]


def _down(point: Point) -> float:
    return point[1]


def _refuse_outside(image: Image, corners: Sequence[Point]) -> None:
    height, width = image.shape[:2]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    if max(xs) <= 0 or max(ys) <= 0 or min(xs) >= width or min(ys) >= height:
        raise CannotRectifyError(f"lies outside the page of {width} x {height}")
    span = max(max(xs) - min(xs), max(ys) - min(ys))
    if span > 4 * max(width, height):
        told = f"{span:.0f}" if span < 1e12 else f"{span:.3g}"
        raise CannotRectifyError(f"spans {told} pixels on a page of {width} x {height}")
    if abs(area(corners)) < 1:
        raise CannotRectifyError("encloses no area")


def _refuse_large(image: Image, wide: int, high: int) -> None:
    """Refuse a crop that could not lie on its page: it would cost memory and show no line."""
    if max(wide, high) > LARGEST or wide * high > MOST_AREA * image.shape[0] * image.shape[1]:
        raise CannotRectifyError(f"would be {wide} x {high} pixels")


def _cut_quad(image: Image, corners: Sequence[Point], height: int = 0) -> Image:
    """Rectify a quadrilateral; `height` in pixels is set for strips, else the longer side's."""
    import cv2

    a, b, c, d = corners
    wide = int(max(math.dist(a, b), math.dist(c, d)))
    high = height or int(max(math.dist(a, d), math.dist(b, c)))
    if not height and min(wide, high) < LEAST:
        raise CannotRectifyError(f"is {wide} x {high} pixels")
    wide = max(wide, 1)
    _refuse_large(image, wide, high)
    target = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    matrix = cv2.getPerspectiveTransform(np.array(corners, np.float32), target)
    return np.asarray(
        cv2.warpPerspective(
            image,
            matrix,
            (wide, high),
            borderMode=cv2.BORDER_REPLICATE,
            flags=cv2.INTER_CUBIC,
        ),
        np.uint8,
    )


def _cut_strips(image: Image, strips: Sequence[Sequence[Point]]) -> Image:
    """Lay strips side by side, all as high as the mean of their sides."""
    sides = [math.dist(strip[0], strip[3]) for strip in strips]
    sides.append(math.dist(strips[-1][1], strips[-1][2]))
    high = max(round(sum(sides) / len(sides)), LEAST)
    wide = sum(max(math.dist(a, b), math.dist(c, d)) for a, b, c, d in strips)
    _refuse_large(image, int(wide), high)
    return np.concatenate([_cut_quad(image, strip, high) for strip in strips], axis=1)


def _strips(corners: Sequence[Point]) -> list[list[Point]]:
    """Cut a polygon of 2k corners into k - 1 quadrilaterals from left to right.

    Its first k corners are taken for the top, the rest for the bottom, backwards: so do
    Total-Text, CTW-1500 and PPOCRLabel annotate. [] when the strips do not fit together.
    """
    if len(corners) % 2 or len(corners) < 6:
        return []
    half = len(corners) // 2
    top, bottom = list(corners[:half]), list(reversed(corners[half:]))
    strips = [[top[at], top[at + 1], bottom[at + 1], bottom[at]] for at in range(half - 1)]
    whole = area(corners)
    parts = [area(strip) for strip in strips]
    # Corners that start elsewhere give strips that cross or fold back.
    fits = all(part > 0.02 * whole / len(parts) for part in parts)
    heights = [math.dist(up, down) for up, down in zip(top, bottom, strict=True)]
    length = sum(math.dist(one, other) for one, other in pairwise(top))
    even = max(heights) <= 4 * max(min(heights), 1)
    return strips if fits and even and length >= max(heights) else []
