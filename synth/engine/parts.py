"""Is each part of a cluster's ink still there, or did light, fading or glare take one away?

The means of `legibility` take a step in the light (a glare's edge, a shadow's) beside faded ink
for contrast, and half a letter says nothing of one lost segment. Here each pixel of ink is held
against the ground as a morphological closing shows it (Serra, Image Analysis and Mathematical
Morphology, 1982; the opening where ink is lighter): it fills what is dark and thinner than a
stroke and follows the edges of all that is wider, so a step in the light leaves no depth; nor has
ink depth where bold or blurred strokes have run together into something wider. How much of the ink
has depth is then asked in small cells, each about a segment long, and in a window of a hairline's
length around every pixel.
"""

import math
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from synth.engine.legibility import Boxes
from textlines.pixels.arrays import Grey, Image

Planes = tuple[Grey, Grey]
"""The ink, and what is seen of it."""

COLUMNS, ROWS = 3, 5
"""Cells of a cluster, fewer where they would be smaller than `LEAST_CELL`."""

LEAST_CELL = 4
"""Pixels along a side of a cell."""

LEAST_INK = 6
"""Pixels of ink from which a cell or a window is asked."""

FAINTEST = 5.5
"""Ink that is less deep than the line's own mean by this factor looks unlit or unprinted, whatever
its levels."""

WINDOW = 7
"""A window's side is the image's height by this, in pixels, and at least 5."""

SOFT = 5
"""Pixels beyond a stroke's own width that soft edges take on its two sides together."""


_NEAR = np.ones((3, 3), np.uint8)


def ground_depth(image: Image, stroke: int, darker: bool) -> Grey:
    """Tell how much darker (lighter) each pixel is than the ground around thin strokes.

    Args:
        image: H x W x 3, BGR.
        stroke: width of the widest stroke in pixels.
        darker: whether ink is darker than its ground.

    Returns:
        H x W levels, 0..255; 0 on ground.
    """
    calm = cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), (3, 3), 0)
    kernel = _square(stroke + SOFT)
    if darker:
        return cv2.subtract(cv2.morphologyEx(calm, cv2.MORPH_CLOSE, kernel), calm)
    return cv2.subtract(calm, cv2.morphologyEx(calm, cv2.MORPH_OPEN, kernel))


def seen_ink(image: Image, mask: Grey, darker: bool, least: float, core: int = 128) -> Planes:
    """Tell which of a line's ink is seen.

    Ink is seen where it is `least` levels deep, and no less deep than the line's mean by
    `FAINTEST`.

    Args:
        image: H x W x 3, BGR, as it will be encoded.
        mask: H x W coverage of the ink as it should be.
        darker: whether ink is darker than its ground.
        core: least coverage that counts as ink.

    Returns:
        Two planes H x W uint8, of 0 and 1: the ink, and what is seen of it.
    """
    ink = cv2.threshold(mask, core - 1, 255, cv2.THRESH_BINARY)[1]
    inked = cv2.countNonZero(ink)
    if not inked:
        return ink, ink
    depth = cv2.min(ground_depth(image, 2 * _half_width(ink), darker), ink)
    mean = int(cv2.sumElems(depth)[0]) / inked
    asked_depth = max(1, math.ceil(max(least, mean / FAINTEST)))
    return ink & 1, cv2.threshold(depth, asked_depth - 1, 1, cv2.THRESH_BINARY)[1]


def least_seen(planes: Planes, boxes: Boxes) -> float:
    """Find the part of all clusters of whose ink the least is seen.

    Args:
        planes: of `seen_ink`.
        boxes: clusters and their small marks; what lies outside the image is left out.

    Returns:
        Share of the weakest cell's ink, 0..1; 0 where there is no ink at all.
    """
    height, width = planes[0].shape
    inked = cv2.countNonZero(planes[0])
    if not inked or not len(boxes):
        return 0.0
    sums = cv2.integral(cv2.merge(planes))
    clipped = np.minimum(np.maximum(boxes, 0), (width, height, width, height))
    x = _edges(clipped[:, 0], clipped[:, 2], COLUMNS)
    y = _edges(clipped[:, 1], clipped[:, 3], ROWS)
    at = sums[y[:, :, None], x[:, None, :]]
    cells = at[:, 1:, 1:] - at[:, :-1, 1:] - at[:, 1:, :-1] + at[:, :-1, :-1]
    asked = cells[cells[..., 0] >= LEAST_INK]
    if not len(asked):
        return int(sums[-1, -1, 1]) / inked
    return float((asked[:, 1] / asked[:, 0]).min())


def least_stroke(planes: Planes) -> float:
    """Find the window around a pixel of unseen ink in which the least ink is seen.

    Cells say little of a hairline that ends in a strong stroke, as those of serif Chinese do;
    here it stands in a window of its own.

    Args:
        planes: of `seen_ink`.

    Returns:
        Share of the ink in that window, 0..1; 1 where no window holds `LEAST_INK` pixels.
    """
    ink, seen = planes
    unseen = cv2.subtract(ink, seen)
    if not cv2.countNonZero(unseen):
        return 1.0
    side = max(5, ink.shape[0] // WINDOW | 1)
    size, border = (side, side), cv2.BORDER_CONSTANT
    held = cv2.boxFilter(ink, cv2.CV_16S, size, normalize=False, borderType=border)
    missed = cv2.boxFilter(unseen, cv2.CV_16S, size, normalize=False, borderType=border)
    at = np.flatnonzero(unseen)
    around = held.ravel()[at]
    shares = missed.ravel()[at][around >= LEAST_INK] / around[around >= LEAST_INK]
    return 1.0 - float(shares.max(initial=0.0))


@lru_cache(maxsize=64)
def _square(side: int) -> Grey:
    return np.ones((side, side), np.uint8)


def _half_width(ink: Grey) -> int:
    """Count the erosions that leave nothing: a stroke of 2n - 1 or 2n pixels takes n.

    Ink at the image's edge is taken to go on beyond it, so that where all is ink the image's size
    ends the count.
    """
    for steps in range(min(ink.shape)):
        if not cv2.countNonZero(ink):
            return steps
        ink = cv2.erode(ink, _NEAR)
    return min(ink.shape)


def _edges(
    start: npt.NDArray[np.int32], end: npt.NDArray[np.int32], most: int
) -> npt.NDArray[np.int64]:
    """Cut N spans into up to `most` cells; where there are fewer the last ones are empty."""
    size = end - start
    count = np.clip(size // LEAST_CELL, 1, most)[:, None]
    steps = np.minimum(np.arange(most + 1)[None, :], count)
    return np.asarray(start[:, None] + size[:, None] * steps // count, np.int64)
