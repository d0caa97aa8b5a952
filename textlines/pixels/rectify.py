"""From a marked line on a page to an upright crop.

A quadrilateral becomes a rectangle as long as its longer sides, by the rule of PaddleOCR's
`get_rotate_crop_image` (ppocr/utils/utility.py): same interpolation, same border, same turn of
what is 1.5 times as high as wide. A polygon whose corners run along the top and back along the
bottom is laid out strip by strip; any other one is taken by its smallest rectangle.

The first corner says where reading starts, but for a level rectangle: that is drawn by a drag, and
a drag may begin at any corner (PPOCRLabel stores the corner where the mouse went down as the
first). So it is read from its upper left. Of a tilted shape nobody can tell a click that began
elsewhere from a line that stands on its head: it is cut as annotated, and `Crop.reads` tells.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

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

LEVEL_PX, LEVEL_SHARE = 1.0, 0.05
"""How far the corners of a level rectangle may lie from their upright frame: one pixel, as corners
are rounded, or this share of the shorter side. On a line ten times as long as high that is a tilt
of 0.3 degrees."""

SHARP_DEG = 50
"""By how much the outline of a bent line turns at its four corners, at least, and less between."""

Start = Literal["level", "annotated", "upright"]
"""Which corner reading starts at: the upper left of level rectangles and else the first one; always
the first one, where the source says so by an angle of its own; always the upper left."""

Direction = Literal["right", "down", "left", "up"]

_DIRECTIONS: tuple[Direction, ...] = ("right", "down", "left", "up")


class CannotRectifyError(ValueError):
    """The corners enclose no area, or lie outside the page."""


@dataclass(frozen=True, slots=True)
class Crop:
    """A line cut out of its page.

    Attributes:
        image: H x W x 3 uint8, BGR, new.
        reads: where the crop's left-to-right runs on the page, the nearest of four directions:
            "right" is upright, "down" a vertical line, "left" stands on its head on the page.
        height_to_width: of the crop before it was turned.
        is_turned: by 90 degrees anticlockwise, as vertical lines are.
        is_restarted: its first corner is another one, and it was read from its upper left.
    """

    image: Image
    reads: Direction
    height_to_width: float
    is_turned: bool
    is_restarted: bool


@dataclass(frozen=True, slots=True)
class _Layout:
    """Quadrilaterals side by side, in reading order, their corners clockwise from the start."""

    strips: Sequence[Sequence[Point]]
    is_restarted: bool = False


def rectify(
    image: Image,
    points: Sequence[Point],
    *,
    turn_from: float = TURN_FROM,
    start: Start = "level",
) -> Crop:
    """Cut a marked line out of its page.

    Args:
        image: H x W x 3 uint8, BGR, the page. Left as it is.
        points: two corners of a box, four of a quadrilateral, more of a polygon; pixels.
        turn_from: heights to one width from which on the crop is turned; `math.inf` for never.
        start: which corner reading starts at.

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
    layout = _lay_out(clockwise(corners), start)
    try:
        crop = _cut(image, layout.strips)
    # Pages of more than 32,766 pixels a side are beyond what its warps take.
    except cv2.error as error:
        raise CannotRectifyError(f"cannot be cut ({error.err})") from error
    ratio = crop.shape[0] / crop.shape[1]
    is_turned = ratio >= turn_from
    along, down = _axes(layout.strips)
    return Crop(
        np.ascontiguousarray(np.rot90(crop) if is_turned else crop),
        # Turned anticlockwise, the crop's top comes to its left.
        _direction(down if is_turned else along),
        ratio,
        is_turned,
        layout.is_restarted,
    )


def _lay_out(ring: Sequence[Point], start: Start) -> _Layout:
    """Lay corners that go round clockwise out for reading."""
    frame = None if start == "annotated" else _level_frame(ring)
    if frame:
        return _Layout([frame], frame[0] != ring[0])
    if len(ring) == 4:
        at = _uppermost(ring, range(4)) if start == "upright" else 0
        return _Layout([[*ring[at:], *ring[:at]]], at != 0)
    at = _start_of_strips(ring, start)
    strips = _strips([*ring[at:], *ring[:at]])
    return _Layout(strips, at != 0) if strips else _Layout([smallest_box(ring)])


def _cut(image: Image, strips: Sequence[Sequence[Point]]) -> Image:
    return _cut_quad(image, strips[0]) if len(strips) == 1 else _cut_strips(image, strips)


def _level_frame(ring: Sequence[Point]) -> list[Point] | None:
    """Return the corners of a level rectangle, clockwise from its upper left; else None.

    More corners may lie on its sides. The corners are those of the ring, not of its frame.
    """
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    left, top, right, bottom = min(xs), min(ys), max(xs), max(ys)
    slack = max(LEVEL_PX, LEVEL_SHARE * min(right - left, bottom - top))
    if any(min(x - left, right - x) > slack and min(y - top, bottom - y) > slack for x, y in ring):
        return None
    frame = [(left, top), (right, top), (right, bottom), (left, bottom)]
    nearest = [min(ring, key=lambda point: math.dist(point, corner)) for corner in frame]
    if len(set(nearest)) < 4 or any(
        max(abs(x - to_x), abs(y - to_y)) > slack
        for (x, y), (to_x, to_y) in zip(nearest, frame, strict=True)
    ):
        return None
    return nearest


def _uppermost(ring: Sequence[Point], starts: Sequence[int]) -> int:
    """Choose the start from which reading runs most nearly to the right."""
    half = len(ring) // 2

    def slope(at: int) -> float:
        turned = [*ring[at:], *ring[:at]]
        x = turned[half - 1][0] - turned[0][0] + turned[half][0] - turned[-1][0]
        y = turned[half - 1][1] - turned[0][1] + turned[half][1] - turned[-1][1]
        return x / (math.hypot(x, y) or 1)

    return max(starts, key=slope)


def _start_of_strips(ring: Sequence[Point], start: Start) -> int:
    """Return where the top of a bent line begins: 0, as annotated, unless its corners tell another.

    The outline turns sharply at the four ends of its top and bottom, and hardly elsewhere.
    """
    count = len(ring)
    if start == "annotated" or count % 2 or count < 6:
        return 0
    sharp = {at for at in range(count) if _bend_deg(ring, at) > SHARP_DEG}
    half = count // 2
    starts = [
        at
        for at in range(count)
        if sharp == {(at + step) % count for step in (0, half - 1, half, count - 1)}
    ]
    if not starts or (0 in starts and start != "upright"):
        return 0
    return _uppermost(ring, starts)


def _bend_deg(ring: Sequence[Point], at: int) -> float:
    """Return by how much the outline turns at a corner, 0..180 degrees."""
    (ax, ay), (bx, by), (cx, cy) = (ring[(at + step) % len(ring)] for step in (-1, 0, 1))
    turn = math.atan2(cy - by, cx - bx) - math.atan2(by - ay, bx - ax)
    return abs(math.degrees(math.remainder(turn, math.tau)))


def _axes(strips: Sequence[Sequence[Point]]) -> tuple[Point, Point]:
    """Return where the crop's left-to-right and its top-to-bottom run on the page."""
    a, d, b, c = strips[0][0], strips[0][3], strips[-1][1], strips[-1][2]
    return (
        (b[0] - a[0] + c[0] - d[0], b[1] - a[1] + c[1] - d[1]),
        (d[0] - a[0] + c[0] - b[0], d[1] - a[1] + c[1] - b[1]),
    )


def _direction(axis: Point) -> Direction:
    quarter = round(math.atan2(axis[1], axis[0]) / (math.pi / 2))
    return _DIRECTIONS[quarter % 4]


def area(points: Sequence[Point]) -> float:
    """Return the signed area in square pixels: above 0 when the corners go clockwise on screen.

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
    """Return the smallest rectangle around the corners, from its upper left corner clockwise."""
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
        span_px = f"{span:.0f}" if span < 1e12 else f"{span:.3g}"
        raise CannotRectifyError(f"spans {span_px} pixels on a page of {width} x {height}")
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
    upright = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    matrix = cv2.getPerspectiveTransform(np.array(corners, np.float32), upright)
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
    length = sum(math.dist(corner, next_corner) for corner, next_corner in pairwise(top))
    even = max(heights) <= 4 * max(min(heights), 1)
    return strips if fits and even and length >= max(heights) else []
