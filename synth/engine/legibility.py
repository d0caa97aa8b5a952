"""Is every cluster of the label still to be read, after all effects?"""

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from textlines.pixels.arrays import Grey, Image

Boxes = npt.NDArray[np.int32]
"""N x 4 int32: x0, y0, x1, y1 in pixels, the upper bounds excluded."""

REACH = 3
"""Width of the ring around the ink, in pixels, after one pixel of soft edge."""

HALF_LEAST = 10
"""A cluster at least this wide (high) is also judged by its halves, so that a letter across
the edge between a black and a white stripe cannot hide one half behind its mean."""

HALF_SHARE = 0.6
"""The part of the threshold that a half must reach."""

_WHOLE_AND_HALVES = np.array([[0, 1, 2, 3], [0, 1, 4, 3], [4, 1, 2, 3], [0, 1, 2, 5], [0, 5, 2, 3]])
"""Columns of (x0, y0, x1, y1, middle x, middle y) that make a box and its four halves."""

_BOTTOM_TOP, _RIGHT_LEFT = np.array([3, 1, 3, 1]), np.array([2, 2, 0, 0])

_GROWN = np.array(
    [[-1, -1, 1, 1], [-1, -1, 0, 1], [0, -1, 1, 1], [-1, -1, 1, 0], [-1, 0, 1, 1]], np.int32
) * np.int32(REACH + 1)
"""What a box and its halves grow by to hold their rings: a half never into the other half."""

_INNER = np.ones((3, 3), np.uint8)
_OUTER = np.ones((2 * REACH + 3, 2 * REACH + 3), np.uint8)


class Verdict(NamedTuple):
    """The weakest spot of a line.

    Attributes:
        contrast: least distance of mean luminance between ink and ring over all boxes, as a
            share of what was asked there times the threshold: at or above it, all is legible.
        inside: least share of a cluster's box inside the image, 0..1.
        cluster: the number of the box with the least contrast.
    """

    contrast: float
    inside: float
    cluster: int


def judge(image: Image, mask: Grey, boxes: Boxes, core: int = 128) -> Verdict:
    """Compare the ink of every box with the ring around it.

    Sums come from one integral image over four planes, so the cost hardly grows with the
    number of boxes.

    Args:
        image: H x W x 3, BGR, as it will be encoded.
        mask: H x W coverage of the ink at the same place (after all geometry).
        boxes: clusters and their small marks, in pixels of the image.
        core: least coverage that counts as ink.

    Returns:
        The weakest spot. A box without any ink pixel has contrast 0.
    """
    if len(boxes) == 0:
        return Verdict(0.0, 0.0, -1)
    height, width = mask.shape
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    ink = cv2.threshold(mask, core - 1, 255, cv2.THRESH_BINARY)[1]
    support = cv2.threshold(mask, 23, 255, cv2.THRESH_BINARY)[1]
    ring = cv2.subtract(cv2.dilate(support, _OUTER), cv2.dilate(support, _INNER))
    planes = cv2.merge([ink & 1, ring & 1, cv2.min(grey, ink), cv2.min(grey, ring)])
    sums = cv2.integral(planes)
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    edges = np.array([width, height, width, height], np.int32)
    clipped = np.minimum(np.maximum(boxes, 0), edges)
    size = clipped[:, 2:] - clipped[:, :2]
    inside = float((size[:, 0] * size[:, 1] / np.maximum(areas, 1)).min())
    middles = (clipped[:, :2] + clipped[:, 2:]) >> 1
    parts = np.concatenate([clipped, middles], 1)[:, _WHOLE_AND_HALVES]  # N x 5 x 4
    both = np.empty((2, *parts.shape), np.int32)  # all boxes, then all rings
    both[0] = parts
    np.minimum(np.maximum(parts + _GROWN, 0), edges, out=both[1])
    # One look-up for the four corners of every box: (right, bottom) - (right, top)
    # - (left, bottom) + (left, top).
    corners = both[..., _BOTTOM_TOP] * np.int32(width + 1) + both[..., _RIGHT_LEFT]
    found = sums.reshape(-1, 4).take(corners, 0)
    total = found[..., 0, :] - found[..., 1, :] - found[..., 2, :] + found[..., 3, :]
    inked, ringed = total[0, ..., 0], total[1, ..., 1]
    means = total[0, ..., 2] / np.maximum(inked, 1)
    around = total[1, ..., 3] / np.maximum(ringed, 1)
    contrast = np.abs(means - around)
    contrast[(inked == 0) | (ringed == 0)] = 0.0
    halves = contrast[:, 1:]
    halves /= HALF_SHARE
    # A half may hold no ink at all (the empty side of a 7): only whole boxes must. And a
    # small box is judged whole.
    halves[(inked[:, 1:] < 6) | (ringed[:, 1:] < 6)] = np.inf
    halves[size[:, 0] < HALF_LEAST, :2] = np.inf
    halves[size[:, 1] < HALF_LEAST, 2:] = np.inf
    weakest = contrast.min(1)
    cluster = int(weakest.argmin())
    return Verdict(float(weakest[cluster]), inside, cluster)
