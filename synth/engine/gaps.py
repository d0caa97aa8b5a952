"""Are the counters of a line still open: is the ground that strokes enclose told from the strokes?

A ring whose inside has filled is another letter: a clogged ㅁ or ㅇ, an `e` without its eye, a 6
that could be a 5; and a 0 whose dot has run into its sides is an 8. What is asked of ink (`parts`)
is asked of enclosed ground here: the clean coverage says where it lies, the image whether it still
stands apart from the ink right around it. Counters are the 4-connected parts of the ground that a
fill from outside does not reach (Rosenfeld & Pfaltz, Sequential Operations in Digital Picture
Processing, 1966); corners of crossing strokes are left out by their size.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise

import cv2
import numpy as np

from synth.engine.legibility import Boxes
from synth.engine.looks import Params
from textlines.pixels.arrays import Grey, Image
from textlines.pixels.camera import CAMERA
from textlines.pixels.geometry import GEOMETRY
from textlines.pixels.light import LIGHT
from textlines.pixels.stroke import STROKE

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

LEAST_CELL = 4
"""Pixels along a cell's side, and pixels of the counter from which it is asked."""


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
    """Tell by the effects of a line whether they can have closed one of its counters."""
    widened = softened = 0.0
    for name, params in effects:
        if name in _WIDENS:
            widened += _WIDENS[name](params)
        elif name in _SOFTENS:
            softened += _SOFTENS[name](params) ** 2
        elif name not in _NEITHER:
            return True
    return widened + math.sqrt(softened) >= TOO_LITTLE
