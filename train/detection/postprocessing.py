"""From a map of probabilities to boxes, as differentiable binarization is deployed.

The map is cut at a threshold; each connected outline becomes the smallest rectangle around it, its
score is the mean of the map inside, and it is grown by area x ratio / length (Vatti's clipping),
as much as training had shrunk it. Liao et al., "Real-time Scene Text Detection with Differentiable
Binarization", AAAI 2020, section 3.5; Vatti 1992. Where implementations are free (what is cut off,
what is rounded, in which precision), this does as paddlex 3.7.2, so that boxes are the same.

A region is also found as a polygon: its outline with the corners that a five-hundredth of its
length leaves, scored on itself and grown in the same way. What breaks apart while it grows is no
region.

Two steps, because a search tries many ratios and box thresholds on one map: `candidates` finds and
scores regions, `grown` makes boxes of them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import pyclipper

from textlines.regions.polygons import Detected, Polygon, smallest_rectangle
from train.detection.settings import PredictionSettings, ScoreMode

SIMPLIFIED_SHARE = 0.002
"""Of the length of an outline, how far it may run beside the polygon that stands for it."""

LEAST_CORNERS = 4
"""Of a polygon."""

ProbabilityMap = npt.NDArray[np.float32]
"""Height x width, 0..1: how likely each pixel of what the network saw is text."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A region of a map, before it is grown.

    Attributes:
        corners: of the smallest rectangle around it, or of its outline (`poly`), in pixels of the
            map.
        score: mean probability in it.
    """

    corners: Polygon
    score: float


def candidates(map_: ProbabilityMap, settings: PredictionSettings) -> list[Candidate]:
    """Find the regions of a map and score them; ratio and box threshold have no say yet.

    Returns:
        In the order of their outlines, which is that of the boxes.
    """
    text = (map_ > settings.thresh).astype(np.uint8)
    if settings.use_dilation:
        text = cv2.dilate(text, np.ones((2, 2), np.uint8))
    outlines, _ = cv2.findContours(text * 255, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    if settings.box_type == "poly":
        return [
            Candidate(corners, _score(map_, corners, corners, "fast"))
            for outline in outlines[: settings.max_candidates]
            if len(corners := _simplified(outline)) >= LEAST_CORNERS
        ]
    found = []
    for outline in outlines[: settings.max_candidates]:
        corners, side = smallest_rectangle(outline.reshape(-1, 2))
        if side >= settings.min_size:
            found.append(Candidate(corners, _score(map_, corners, outline, settings.score_mode)))
    return found


def grown(
    found: Sequence[Candidate],
    settings: PredictionSettings,
    *,
    map_size: tuple[int, int],
    page_size: tuple[int, int],
) -> list[Detected]:
    """Grow regions to boxes of the page.

    Args:
        found: by `candidates`.
        map_size, page_size: (height, width) in pixels.

    Returns:
        In whole pixels, cut off at the edges of the page. Quads from the upper left clockwise;
        polygons of four corners or more, of which one that growing or rounding laid upon another
        is kept, as paddlex keeps it.
    """
    # In double precision: a box is rounded to whole pixels, and single precision rounds halves
    # to the other side.
    scale = np.array([page_size[1] / map_size[1], page_size[0] / map_size[0]], np.float64)
    edges = np.array([page_size[1], page_size[0]], np.float64)
    boxes = []
    for region in found:
        if region.score < settings.box_thresh:
            continue
        outlines = _unclipped(region.corners, settings.unclip_ratio)
        if not outlines or (settings.box_type == "poly" and len(outlines) > 1):
            continue
        rectangle, side = smallest_rectangle(outlines[0])
        if side < settings.min_size + 2:
            continue
        corners = outlines[0] if settings.box_type == "poly" else rectangle
        polygon = np.clip(np.rint(corners * scale), 0, edges)
        boxes.append(Detected(polygon, region.score))
    return boxes


def _simplified(outline: npt.NDArray[np.generic]) -> Polygon:
    """Return the corners of an outline that a five-hundredth of its length leaves (n x 2)."""
    tolerance = SIMPLIFIED_SHARE * cv2.arcLength(outline, True)
    corners = cv2.approxPolyDP(outline, tolerance, True).reshape(-1, 2)
    return np.asarray(corners, np.float64)


def _unclipped(corners: Polygon, ratio: float) -> list[Polygon]:
    """Grow a region as `textlines.regions.polygons.unclip`, in a fifth of the time.

    A search grows every region some dozens of times. Lengths are OpenCV's, as in paddlex.
    """
    points = corners.astype(np.float32)
    distance = cv2.contourArea(points) * ratio / cv2.arcLength(points, True)
    offset = pyclipper.PyclipperOffset()
    offset.AddPath(points.tolist(), pyclipper.JT_ROUND, pyclipper.ET_CLOSEDPOLYGON)
    paths = offset.Execute(distance)
    return [np.array(path, np.float64) for path in paths]


def boxes_of(
    map_: ProbabilityMap, settings: PredictionSettings, page_size: tuple[int, int]
) -> list[Detected]:
    """Return the boxes that a map holds: `candidates`, then `grown`."""
    found = candidates(map_, settings)
    height, width = map_.shape
    return grown(found, settings, map_size=(height, width), page_size=page_size)


def _score(
    map_: ProbabilityMap, corners: Polygon, outline: npt.NDArray[np.generic], mode: ScoreMode
) -> float:
    """Return the mean of a map inside a region, corners cut down to whole pixels."""
    height, width = map_.shape
    points = corners if mode == "fast" else outline.reshape(-1, 2)
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    x0, x1 = (_within(edge, width) for edge in (math.floor(left), math.ceil(right)))
    y0, y1 = (_within(edge, height) for edge in (math.floor(top), math.ceil(bottom)))
    mask = np.zeros((y1 - y0 + 1, x1 - x0 + 1), np.uint8)
    inner = (points - np.array([x0, y0])).astype(np.int32)
    cv2.fillPoly(mask, [inner], 1)
    return float(cv2.mean(map_[y0 : y1 + 1, x0 : x1 + 1], mask)[0])


def _within(at: int, size: int) -> int:
    return max(0, min(at, size - 1))
