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

import cv2
import numpy as np
import numpy.typing as npt

from synth.engine.legibility import Boxes
from synth.engine.looks import Params
from synth.engine.parts import cell_edges
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
"""Pixels of a counter from which a cell is asked."""

_GROWN = (-AROUND, -AROUND, AROUND, AROUND)

Sums = npt.NDArray[np.int32]


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
    height, width = mask.shape
    least = max(4, (height / SMALLEST) ** 2)
    found = [(x, y, x + w, y + h) for x, y, w, h in map(cv2.boundingRect, outlines)]
    spots = np.array([spot for spot in found if _area(spot) >= least], np.int32).reshape(-1, 4)
    if not len(spots):
        return 1.0
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    ink = cv2.threshold(mask, OPEN, 255, cv2.THRESH_BINARY)[1]
    sums = cv2.integral(cv2.merge([holes & 1, cv2.min(grey, holes), ink & 1, cv2.min(grey, ink)]))
    within = _sums(sums, spots)
    large = np.flatnonzero(within[:, 0] >= least)
    if not len(large):
        return 1.0
    spots, within = spots[large], within[large]
    frame = (width, height, width, height)
    around = _sums(sums, np.clip(spots + _GROWN, 0, frame))
    near = around[:, 3] / np.maximum(around[:, 2], 1)
    sign = 1 if darker else -1
    apart = sign * (within[:, 1] / np.maximum(within[:, 0], 1) - near)
    weakest = float(apart.min())
    for at in _with_islands(spots, boxes):
        cells = _cells(sums, spots[at : at + 1])
        cells = cells[cells[:, 0] >= LEAST_CELL]
        if len(cells):
            seen = sign * (cells[:, 1] / cells[:, 0] - near[at])
            weakest = min(weakest, float(seen.min()) / ISLAND)
    return weakest / max(contrast, 1.0)


def _area(box: tuple[int, int, int, int]) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def _sums(sums: Sums, boxes: Boxes) -> Sums:
    """Sum up planes inside N boxes: N x planes."""
    x0, y0, x1, y1 = boxes.T
    return np.asarray(sums[y1, x1] - sums[y0, x1] - sums[y1, x0] + sums[y0, x0])


def _cells(sums: Sums, box: Boxes) -> Sums:
    """Sum up planes inside up to 3 x 3 cells of one box (1 x 4): cells x planes."""
    x, y = cell_edges(box[:, 0], box[:, 2], 3)[0], cell_edges(box[:, 1], box[:, 3], 3)[0]
    at = sums[y[:, None], x[None, :]]
    cells = at[1:, 1:] - at[:-1, 1:] - at[1:, :-1] + at[:-1, :-1]
    return np.asarray(cells.reshape(-1, sums.shape[2]))


def _with_islands(spots: Boxes, boxes: Boxes) -> list[int]:
    """Number the counters that hold a mark whole: the dot in a 0."""
    inside = (boxes[None, :, :2] > spots[:, None, :2]) & (boxes[None, :, 2:] < spots[:, None, 2:])
    return [int(at) for at in np.flatnonzero(np.any(np.all(inside, axis=2), axis=1))]


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
