"""Do the small marks of a line stand out from the grain of its ground?

A full stop of five pixels may differ from the paper around it by as many levels as is asked of any
cluster and still be one fleck among others: `2.12` on a grainy ground is then read `2 12`. What is
asked here is not how dark a mark is, but whether the ground between the letters has spots of its
size that are nearly as dark: Rose's criterion (The Sensitivity Performance of the Human Eye on an
Absolute Scale, 1948), by which a spot is told from noise at a contrast of 3 to 5 times the noise
that is left when it is averaged over the spot's area.
"""

import cv2
import numpy as np
import numpy.typing as npt

from synth.engine.legibility import Boxes
from textlines.pixels.arrays import Grey, Image

SMALL = 6
"""A mark is small up to a square of the image's height by this, 8 pixels of 48; and it stands in no
cluster that is wider: what a wide one has lost, a dot of a matrix too, is asked by `parts`."""

AROUND = 4
"""Pixels on each side of a spot that it is held against."""

SOFT = 24
"""Coverage from which on a pixel is no ground."""

INK = 128
"""Coverage from which on a pixel is ink."""

FEWEST = 100
"""Spots of ground from which their spread is told. A line that leaves fewer is not asked."""

_EDGE = np.ones((3, 3), np.uint8)

SPREAD = 1.4826
"""Standard deviations by one median absolute deviation, of a normal distribution. The median leaves
rules, edges of light and other structure aside, which no one takes for a mark."""


def least_over_grain(image: Image, mask: Grey, boxes: Boxes, darker: bool) -> float:
    """Find the small mark that stands out least from the grain of the ground.

    Args:
        image: H x W x 3, BGR, as it will be encoded.
        mask: H x W coverage of the ink as it should be.
        boxes: clusters and their small marks.
        darker: whether ink is darker than its ground.

    Returns:
        Contrast of the mark with the ground right around it, in standard deviations of spots of
        its size on the ground; infinity without a small mark or without ground to ask.
    """
    height, width = mask.shape
    clipped = np.minimum(np.maximum(boxes, 0), (width, height, width, height))
    small = _marks(clipped, height)
    if not len(small):
        return float("inf")
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    ink = cv2.threshold(mask, INK - 1, 1, cv2.THRESH_BINARY)[1]
    taken = cv2.dilate(cv2.threshold(mask, SOFT - 1, 1, cv2.THRESH_BINARY)[1], _EDGE)
    grains: dict[int, float] = {}
    least = float("inf")
    for x0, y0, x1, y1 in small.tolist():
        inside = slice(y0, y1), slice(x0, x1)
        side = round(cv2.countNonZero(ink[inside]) ** 0.5)
        around = (
            slice(max(0, y0 - AROUND), y1 + AROUND),
            slice(max(0, x0 - AROUND), x1 + AROUND),
        )
        free = 1 - taken[around]
        if not side or not cv2.countNonZero(free):  # shut in by other ink
            continue
        if side not in grains:
            grains[side] = _grain(grey, taken, side)
        contrast = cv2.mean(grey[around], free)[0] - cv2.mean(grey[inside], ink[inside])[0]
        least = min(least, (contrast if darker else -contrast) / max(grains[side], 1.0))
    return least


def _marks(boxes: Boxes, height: int) -> Boxes:
    """Pick the small boxes that stand alone, as a full stop, or in a narrow cluster."""
    sizes = boxes[:, 2:] - boxes[:, :2]
    small = boxes[(sizes.prod(1) * SMALL**2 <= height**2) & (sizes.min(1) > 0)]
    wide = boxes[sizes[:, 0] * SMALL > height]
    held = (wide[:, None, :2] <= small[:, :2]) & (small[:, 2:] <= wide[:, None, 2:])
    return np.asarray(small[~held.all(2).any(0)], np.int32)


def _grain(grey: Grey, taken: Grey, side: int) -> float:
    """Measure how much square spots of ground differ from what is around them, in levels.

    Sums are integers, so that every CPU gives the same; 0 where too few spots are free of ink.
    """
    wide = side + 2 * AROUND
    inner, outer = side**2, wide**2 - side**2
    spots = _sums(grey, side)[AROUND:-AROUND, AROUND:-AROUND]
    frames = _sums(grey, wide)
    if not frames.size:
        return 0.0
    free = _sums(taken, wide) == 0
    apart = (spots * outer - (frames - spots) * inner)[free]
    if len(apart) < FEWEST:
        return 0.0
    spread = float(np.median(np.abs(apart - np.median(apart))))
    return SPREAD * spread / (inner * outer)


def _sums(plane: Grey, side: int) -> npt.NDArray[np.int64]:
    """Add up every square that lies inside a plane: (H - side + 1) x (W - side + 1)."""
    total = cv2.integral(plane).astype(np.int64)
    rows = total[side:] - total[:-side]
    return np.asarray(rows[:, side:] - rows[:, :-side], np.int64)
