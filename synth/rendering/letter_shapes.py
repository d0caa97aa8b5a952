"""Do letters still have their shapes: is each part of the ink seen, is each counter open?

Light, fading or glare may take a part away. The means of `legibility` take a step in the light (a
glare's edge, a shadow's) beside faded ink for contrast, and half a letter says nothing of one lost
segment. Here each pixel of ink is held against the ground as a morphological closing shows it
(Serra, Image Analysis and Mathematical Morphology, 1982; the opening where ink is lighter): it
fills what is dark and thinner than a stroke and follows the edges of all that is wider, so a step
in the light leaves no depth; nor has ink depth where bold or blurred strokes have run together into
something wider. How much of the ink has depth is then asked in small cells, each about a segment
long, and in a window of a hairline's length around every pixel.

A ring whose inside has filled is another letter: a clogged ㅁ or ㅇ, an `e` without its eye, a 6
that could be a 5; and a 0 whose dot has run into its sides is an 8. What is asked of ink is asked
of enclosed ground too: the clean coverage says where it lies, the image whether it still stands
apart from the ink right around it. Counters are the 4-connected parts of the ground that a fill
from outside does not reach (Rosenfeld & Pfaltz, Sequential Operations in Digital Picture
Processing, 1966); corners of crossing strokes are left out by their size.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from synth.rendering.line_mask import Boxes
from synth.rendering.looks import Params
from textlines.pixels.arrays import Grey, Image
from textlines.pixels.camera import CAMERA
from textlines.pixels.geometry import GEOMETRY
from textlines.pixels.light import LIGHT
from textlines.pixels.stroke import STROKE

Planes = tuple[Grey, Grey]
"""The ink, and what is seen of it."""

COLUMNS, ROWS = 3, 5
"""Cells of a cluster, fewer where they would be smaller than `LEAST_CELL`."""

LEAST_CELL = 4
"""Pixels along a side of a cell; and of a counter, pixels of ground from which a cell is asked."""

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
    """Return how much darker (lighter) each pixel is than the ground around thin strokes.

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
    """Return which of a line's ink is seen.

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


OPEN = 160
"""Coverage, 0..255, up to which ground counts as seen in the clean line. Beyond one half: what is
hardly open at the drawn size is asked for too, and closes first."""

SMALLEST = 14
"""The side of the smallest counter: the height of the image by this, 3 pixels of 48. The ring of ㅎ
is larger in heavy faces too, what serifs and segments leave between them is smaller."""

AROUND = 3
"""Pixels beyond a counter's box in which the ink stands that it is held against."""

ISLAND = 2.0
"""By how much more the ground around an island of ink (the dot of a 0) must be seen, in each of
3 x 3 cells: a bridge on either side makes another letter."""


def enclosed(mask: Grey) -> Grey:
    """Find the ground that ink encloses.

    Args:
        mask: H x W coverage.

    Returns:
        H x W of 0 and 255; a new array.
    """
    ground = cv2.threshold(mask, OPEN, 255, cv2.THRESH_BINARY_INV)[1]
    padded = cv2.copyMakeBorder(ground, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=255)
    cv2.floodFill(padded, None, (0, 0), 0)
    return np.ascontiguousarray(padded[1:-1, 1:-1])


def least_open(image: Image, mask: Grey, boxes: Boxes, darker: bool, contrast: float) -> float:
    """Find the counter that stands out least from the ink around it.

    Args:
        image: H x W x 3, BGR, as it will be encoded.
        mask: H x W coverage of the ink as it should be.
        boxes: clusters and their small marks.
        darker: whether ink is darker than its ground.
        contrast: mean distance of the line's ink from the ground around it, in levels.

    Returns:
        Share of the line's contrast: 1 where the counter is as light (dark) as the ground, 0 or
        less where it has closed; 1 as well without any counter.
    """
    holes = enclosed(mask)
    # Half of the time of labelled components; two that touch by a corner count as one.
    outlines, _ = cv2.findContours(holes, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    least = max(4, (mask.shape[0] / SMALLEST) ** 2)
    spots = [spot for spot in map(cv2.boundingRect, outlines) if spot[2] * spot[3] >= least]
    if not spots:
        return 1.0
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    ink = cv2.threshold(mask, OPEN, 255, cv2.THRESH_BINARY)[1]
    sign, weakest = 1 if darker else -1, float(contrast)
    for x, y, width, height in spots:
        inside = slice(y, y + height), slice(x, x + width)
        if cv2.countNonZero(holes[inside]) < least:
            continue
        around = (
            slice(max(0, y - AROUND), y + height + AROUND),
            slice(max(0, x - AROUND), x + width + AROUND),
        )
        near = cv2.mean(grey[around], ink[around])[0]
        apart = sign * (cv2.mean(grey[inside], holes[inside])[0] - near)
        if _holds_mark((x, y, x + width, y + height), boxes):
            apart = min(apart, _narrowest(grey[inside], holes[inside], near, sign) / ISLAND)
        weakest = min(weakest, apart)
    return weakest / max(contrast, 1.0)


def _narrowest(grey: Grey, holes: Grey, near: float, sign: int) -> float:
    """Find the cell of one counter that stands out least from a level of ink, in levels."""
    height, width = grey.shape
    weakest = 255.0
    for top, bottom in pairwise(_cuts(height)):
        for left, right in pairwise(_cuts(width)):
            cell = slice(top, bottom), slice(left, right)
            if cv2.countNonZero(holes[cell]) >= LEAST_CELL:
                weakest = min(weakest, sign * (cv2.mean(grey[cell], holes[cell])[0] - near))
    return weakest


def _cuts(size: int) -> list[int]:
    """Cut a length into up to three cells of `LEAST_CELL` pixels or more."""
    count = min(3, max(1, size // LEAST_CELL))
    return [size * number // count for number in range(count + 1)]


def _holds_mark(spot: tuple[int, int, int, int], boxes: Boxes) -> bool:
    """Whether a mark lies whole inside a counter's box: the dot in a 0."""
    inside = (boxes[:, :2] > spot[:2]) & (boxes[:, 2:] < spot[2:])
    return bool(np.any(np.all(inside, axis=1)))


TOO_LITTLE = 1.0
"""Pixels: strokes that are widened and softened by less close no counter of `SMALLEST` and no ring
around a dot."""

_WIDENS: Mapping[str, Callable[[Params], float]] = {
    "bold": lambda params: params["amount"],
    "inkjet": lambda params: TOO_LITTLE,
    "threshold": lambda params: TOO_LITTLE,
}
"""Pixels that ink may gain on each side. A step between ink and ground takes all of a half tone."""

_SOFTENS: Mapping[str, Callable[[Params], float]] = {
    "gaussian_blur": lambda params: params["sigma"],
    "defocus": lambda params: params["radius"] / 2,
    "motion_blur": lambda params: params["length"] / math.sqrt(12),
    # A box of 1 / factor pixels, and a triangle as wide when it is enlarged again.
    "downscale": lambda params: 0.5 / max(params["factor"], 0.01),
}
"""Standard deviation of the blur in pixels."""

_NEITHER = frozenset(STROKE) | frozenset(LIGHT) | frozenset(GEOMETRY) | frozenset(CAMERA)


def may_close(effects: Iterable[tuple[str, Params]]) -> bool:
    """Whether the effects of a line can have closed one of its counters."""
    widened = softened = 0.0
    for name, params in effects:
        if name in _WIDENS:
            widened += _WIDENS[name](params)
        elif name in _SOFTENS:
            softened += _SOFTENS[name](params) ** 2
        elif name not in _NEITHER:
            return True
    return widened + math.sqrt(softened) >= TOO_LITTLE
