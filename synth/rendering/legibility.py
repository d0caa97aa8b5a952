"""Do the clusters and the small marks of a line stand out from their ground, after all effects?

Clusters are held against the ring of ground around them. That says little of small marks: a full
stop of five pixels may differ from the paper around it by as many levels as is asked of any cluster
and still be one fleck among others: `2.12` on a grainy ground is then read `2 12`. What is asked of
a mark is not how dark it is, but whether the ground between the letters has spots of its size that
are nearly as dark: Rose's criterion (The Sensitivity Performance of the Human Eye on an Absolute
Scale, 1948), by which a spot is told from noise at a contrast of 3 to 5 times the noise that is
left when it is averaged over the spot's area.
"""

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from synth.rendering.line_mask import Boxes
from textlines.pixels.arrays import Grey, Image

REACH = 3
"""Width of the ring around the ink, in pixels, after one pixel of soft edge."""

HALF_LEAST = 10
"""A cluster at least this wide (high) is also judged by its halves, so that a letter across
the edge between a black and a white stripe cannot hide one half behind its mean."""

HALF_SHARE = 0.6
"""The part of the threshold that a half must reach."""

_PAD = REACH + 1
"""Pixels around the image in the sums, so that the ring of a box never leaves them."""

_PARTS = ((0, 1, 2, 3), (0, 1, 4, 3), (4, 1, 2, 3), (0, 1, 2, 5), (0, 5, 2, 3))
"""Columns of (x0, y0, x1, y1, middle x, middle y): the box, its left, right, upper and lower
half, each as (left, top, right, bottom)."""

_GROWN = ((1, 1, 1, 1), (1, 1, 0, 1), (0, 1, 1, 1), (1, 1, 1, 0), (1, 0, 1, 1))
"""Where a part grows to hold its ring: a half never into the other half."""


def _corners() -> tuple[npt.NDArray[np.int64], ...]:
    """Return how boxes become places in sums: a column for each corner of each part.

    Columns come in fours: (right, bottom), (right, top), (left, bottom), (left, top).

    Returns:
        Which x and which y each column takes, and by how much its ring's corner lies beyond, in x
        and in y.
    """
    across = np.zeros((6, len(_PARTS) * 4), np.int64)
    down = np.zeros_like(across)
    shifts = np.zeros((2, len(_PARTS) * 4), np.int64)
    for part, ((x0, y0, x1, y1), (left, top, right, bottom)) in enumerate(
        zip(_PARTS, _GROWN, strict=True)
    ):
        for corner, (x, y, dx, dy) in enumerate(
            (
                (x1, y1, right, bottom),
                (x1, y0, right, -top),
                (x0, y1, -left, bottom),
                (x0, y0, -left, -top),
            )
        ):
            across[x, part * 4 + corner] = down[y, part * 4 + corner] = 1
            shifts[:, part * 4 + corner] = _PAD * dx, _PAD * dy
    return across, down, shifts[0], shifts[1]


_ACROSS, _DOWN, _BEYOND_X, _BEYOND_Y = _corners()

INNER = np.ones((3, 3), np.uint8)
OUTER = np.ones((2 * REACH + 3, 2 * REACH + 3), np.uint8)
"""What the ink is widened by: its soft edge, which the ring leaves out, and the ring's reach."""


class WeakestSpot(NamedTuple):
    """The weakest spot of a line.

    Attributes:
        contrast: least distance of mean luminance between ink and ring over all boxes, as a
            share of what was asked there times the threshold: at or above it, all is legible.
        inside: least share of a cluster's box inside the image, 0..1.
        cluster: the number of the box with the least contrast.
        mean: distance between all ink of the line and the ground right around it, in levels.
    """

    contrast: float
    inside: float
    cluster: int
    mean: float


def judge(
    image: Image,
    mask: Grey,
    boxes: Boxes,
    core: int = 128,
    drawn: Grey | None = None,
    darker: bool | None = None,
) -> WeakestSpot:
    """Compare the ink of every box with the ring around it.

    Sums come from one integral image over four planes, so the cost hardly grows with the
    number of boxes.

    Args:
        image: H x W x 3, BGR, as it will be encoded.
        mask: H x W coverage of the ink at the same place (after all geometry), as it should be.
        drawn: the same after faded or worn strokes, whose ink may lie beyond `mask`. What has
            faded away still counts as ink here, so that fading shows as lost contrast.
        boxes: clusters and their small marks, in pixels of the image.
        core: least coverage that counts as ink.
        darker: whether the ink was laid darker than its ground. Where it then shows lighter, a
            step in the light (glare, a shadow's edge) is what differs and not the ink: that
            counts as less than no contrast. None takes a difference either way.

    Returns:
        The weakest spot. A box without any ink pixel has contrast 0.
    """
    if len(boxes) == 0:
        return WeakestSpot(0.0, 0.0, -1, 0.0)
    height, width = mask.shape
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    ink = cv2.threshold(mask, core - 1, 255, cv2.THRESH_BINARY)[1]
    reach = mask if drawn is None else cv2.max(mask, drawn)
    support = cv2.threshold(reach, 23, 255, cv2.THRESH_BINARY)[1]
    ring = cv2.subtract(cv2.dilate(support, OUTER), cv2.dilate(support, INNER))
    planes = cv2.merge([ink & 1, ring & 1, cv2.min(grey, ink), cv2.min(grey, ring)])
    planes = cv2.copyMakeBorder(planes, _PAD, _PAD, _PAD, _PAD, cv2.BORDER_CONSTANT, value=0)
    sums = cv2.integral(planes).reshape(-1, 4)
    clipped, inside = boxes, 1.0
    low, high = boxes.min(0).tolist(), boxes.max(0).tolist()
    if min(low) < 0 or high[2] > width or high[3] > height:
        clipped = np.minimum(np.maximum(boxes, 0), (width, height, width, height))
        areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        kept = (clipped[:, 2] - clipped[:, 0]) * (clipped[:, 3] - clipped[:, 1])
        inside = float((kept / np.maximum(areas, 1)).min())
    places = np.empty((len(boxes), 6), np.int64)
    places[:, :4] = clipped
    places[:, 4:] = (clipped[:, :2] + clipped[:, 2:]) >> 1
    places += _PAD
    step = width + 2 * _PAD + 1
    at = places @ (_ACROSS + step * _DOWN)
    at = np.concatenate((at, at + (_BEYOND_X + step * _BEYOND_Y)), 1)
    corners = sums.take(at, 0).reshape(-1, 2 * len(_PARTS), 4, 4)
    columns = corners[:, :, :2] - corners[:, :, 2:]
    within = columns[:, :, 0] - columns[:, :, 1]
    total, rings = within[:, : len(_PARTS)], within[:, len(_PARTS) :]
    inked, ringed = total[..., 0], rings[..., 1]
    means = total[..., 2] / np.maximum(inked, 1)
    around = rings[..., 3] / np.maximum(ringed, 1)
    contrast = np.abs(means - around) if darker is None else around - means
    if darker is False:
        contrast = -contrast
    contrast[(inked == 0) | (ringed == 0)] = 0.0
    halves = contrast[:, 1:]
    halves /= HALF_SHARE
    # A half may hold no ink at all (the empty side of a 7): only whole boxes must. And a
    # small box is judged whole.
    halves[(inked[:, 1:] < 6) | (ringed[:, 1:] < 6)] = np.inf
    size = clipped[:, 2:] - clipped[:, :2]
    halves[size[:, 0] < HALF_LEAST, :2] = np.inf
    halves[size[:, 1] < HALF_LEAST, 2:] = np.inf
    weakest = contrast.min(1)
    cluster = int(weakest.argmin())
    ink_count, ring_count, ink_sum, ring_sum = sums[-1].tolist()
    mean = abs(ink_sum / max(ink_count, 1) - ring_sum / max(ring_count, 1))
    return WeakestSpot(float(weakest[cluster]), inside, cluster, mean)


SMALL = 6
"""A mark is small up to a square of the image's height by this, 8 pixels of 48; and it stands in no
cluster that is wider: what a wide one has lost, a dot of a matrix too, is asked by
`letter_shapes`."""

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
    """Return how far the small mark stands out that stands out least from the grain of the ground.

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
