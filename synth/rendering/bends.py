"""Lines that are not straight: bent to an arc, or drawn out unevenly.

A bend moves the flat mask of a line, and the boxes with it, before the plane that it lies in is
turned. It is computed with the four basic operations on float64 and rounded to 32nds of a pixel,
the steps in which OpenCV moves pixels, so that every processor gives the same bytes.
"""

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from synth.rendering.line_mask import Boxes
from textlines.pixels.arrays import Grey
from textlines.pixels.noise import coarse_grid

Plane = npt.NDArray[np.float64]
"""H x W numbers."""

Box = tuple[int, int, int, int]


class Bend(NamedTuple):
    """Where the pixels of a bent line come from.

    Attributes:
        x, y: for each pixel of the bent line, its place in the flat one; H x W float64, pixels.
    """

    x: Plane
    y: Plane


def arc(height: int, width: int, box: Box, *, rise: float) -> Bend:
    """Bend a line to an arc, its letters upright to it, and keep it inside.

    The arc is a parabola. Where it would not fit, the line gets smaller.

    Args:
        height, width: of the mask in pixels.
        box: of the ink (x0, y0, x1, y1).
        rise: height of the arc as a share of the mask's height; above 0 the middle is high. A short
            line is bent less: no letter leans by more than `STEEPEST`.
    """
    x0, y0, x1, y1 = box
    half, tall = max(1.0, (x1 - x0) / 2), max(1.0, float(y1 - y0))
    lift = max(-STEEPEST * half / 2, min(STEEPEST * half / 2, rise * height))
    lean = 2 * abs(lift) / half
    # Letters at the ends lean outwards, by half of their height times the sine.
    wide = half + tall / 2 * lean / math.sqrt(1 + lean * lean)
    high = (tall + abs(lift)) / 2
    scale = min(1.0, (width - 2.0) / (2 * wide), (height - 2.0) / (2 * high))
    middle_x = _within((x0 + x1) / 2, wide * scale, width)
    middle_y = _within((y0 + y1) / 2, high * scale, height)
    x = (np.arange(width, dtype=np.float64)[None, :] + 0.5 - middle_x) / scale
    y = (np.arange(height, dtype=np.float64)[:, None] + 0.5 - middle_y) / scale
    # The place along the arc whose normal meets the pixel, by two steps of Newton's method from
    # the one straight above or below; then the distance along that normal.
    along = np.broadcast_to(x, (height, width))
    for _ in range(2):
        share = along / half
        slope = 2 * lift * share / half
        across, off = x - along, y - (lift / 2 - lift * (1 - share * share))
        along = along + (across + slope * off) / (1 + slope * slope)
    share = along / half
    slope = 2 * lift * share / half
    across, off = x - along, y - (lift / 2 - lift * (1 - share * share))
    down = (off - slope * across) / np.sqrt(1 + slope * slope)
    return Bend(along + (x0 + x1) / 2 - 0.5, down + (y0 + y1) / 2 - 0.5)


def _within(middle: float, half: float, size: int) -> float:
    """Move a middle so that half a length fits to either side of it, a pixel off the borders."""
    return min(max(middle, half + 1), max(size - half - 1, size / 2))


STEEPEST = 0.7
"""Rise over run at the ends of an arc, at most: 35 degrees."""


def elastic(
    height: int, width: int, box: Box, *, amount: float = 0.03, cell: float = 0.6, seed: int
) -> Bend:
    """Draw a line out unevenly, as print on cloth or a bag is; nothing leaves the image.

    Args:
        height, width: of the mask in pixels.
        box: of the ink; not asked.
        amount: greatest move of a point as a share of the mask's height, 0..0.06.
        cell: distance over which the moves change as a share of the mask's height, 0.4 or more.
        seed: decides the moves.
    """
    step = max(4.0, cell * height)
    rows, columns = max(2, round(height / step) + 1), max(2, round(width / step) + 1)
    grid = coarse_grid(2 * rows, columns, seed)
    x, y = np.arange(width, dtype=np.float64)[None, :], np.arange(height, dtype=np.float64)[:, None]
    places = []
    for at, size, part in ((x, width, grid[:rows]), (y, height, grid[rows:])):
        field = cv2.resize(part, (width, height), interpolation=cv2.INTER_LINEAR)
        move = (field.astype(np.float64) / 127.5 - 1) * amount * height
        # At the borders nothing moves, so that no ink is moved beyond them.
        most = np.minimum(at, size - 1 - at) / 2
        places.append(at + np.clip(move, -most, most))
    return Bend(*places)


BENDS: Mapping[str, Callable[..., Bend]] = {"arc": arc, "elastic": elastic}
"""In the order in which they come to a line."""


def bent(mask: Grey, bend: Bend) -> Grey:
    """Move the coverage of a line; a new array of the same shape."""
    x, y = (np.round(plane * 32) / 32 for plane in bend)
    return cv2.remap(
        mask, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR, borderValue=0
    )


def bent_boxes(boxes: Boxes, bend: Bend) -> Boxes:
    """Return the boxes around where a bend moves the clusters and marks.

    Each takes in all pixels that come out of it; one of which none is seen keeps its place.
    """
    found = []
    for x0, y0, x1, y1 in boxes.tolist():
        inside = (bend.x > x0 - 0.5) & (bend.x < x1 - 0.5) & (bend.y > y0 - 0.5)
        inside &= bend.y < y1 - 0.5
        columns, rows = np.flatnonzero(inside.any(axis=0)), np.flatnonzero(inside.any(axis=1))
        if len(columns):
            x0, x1 = int(columns[0]), int(columns[-1]) + 1
            y0, y1 = int(rows[0]), int(rows[-1]) + 1
        found.append((x0, y0, x1, y1))
    return np.array(found, np.int32).reshape(-1, 4)
