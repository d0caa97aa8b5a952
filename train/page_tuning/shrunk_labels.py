"""What a detector is taught of a page: the cores of its lines, and where nothing is said.

Source: Liao et al., "Real-time Scene Text Detection with Differentiable Binarization", AAAI 2020,
section 3.4, as PaddleOCR's `MakeShrinkMap` builds it. There the ratio by which lines are shrunk is
0.4 for every set of labels; here it is fitted to what the detector finds on these labels
(`fitted_ratio`): labels that are drawn looser ask for another one, and a ratio that is not the
detector's own moves every box that it has learnt.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from textlines.regions.page_file import LabelledRegion
from textlines.regions.polygons import Polygon, shrink

Mask = npt.NDArray[np.uint8]
"""Height x width, 0 or 1."""

LEAST_PX = 5
"""Lines lower or narrower than this, as the network sees them, are nothing that it could learn: a
box is not read out of fewer pixels (`PredictionSettings.min_size`, and two more once grown)."""

RATIOS = tuple(round(0.40 + 0.02 * step, 2) for step in range(30))
"""That a fit tries: .40 to .98."""

_SUB_PX = 4
"""By which polygons are enlarged before they are shrunk, as pyclipper takes whole pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class PageTarget:
    """What a network is to say of the pixels that it sees.

    Attributes:
        core: 1 where the core of a line is. counts: 1 where a pixel is judged at all.
    """

    core: Mask
    counts: Mask


def cores_of(polygon: Polygon, ratio: float) -> list[Polygon]:
    """Shrink a line, to a quarter of a pixel; nothing where nothing is left of it.

    Raises:
        ValueError: the ratio is out of range.
    """
    return [part / _SUB_PX for part in shrink(polygon * _SUB_PX, ratio) if len(part) > 2]


def target_of(
    regions: Sequence[LabelledRegion],
    polygons: Sequence[Polygon],
    size: tuple[int, int],
    ratio: float,
) -> PageTarget:
    """Draw what a network is to say.

    Args:
        regions: of the page. polygons: theirs, as the network sees them, in the same order.
        size: (height, width) of what it sees. ratio: by which lines are shrunk.

    Returns:
        Lines that nobody can read, and those too small to be learnt, do not count.
    """
    core, counts = np.zeros(size, np.uint8), np.ones(size, np.uint8)
    for region, polygon in zip(regions, polygons, strict=True):
        extent = np.ptp(polygon, axis=0)
        is_small = cv2.minAreaRect(polygon.astype(np.float32))[1]
        parts: list[Polygon] = []
        if not region.is_ignored and min(is_small) >= LEAST_PX and extent.min() > 0:
            parts = cores_of(polygon, ratio)
        if parts:
            fill(core, parts, 1)
        else:
            fill(counts, [polygon], 0)
    return PageTarget(core, counts)


def fill(mask: Mask, polygons: Sequence[Polygon], value: int) -> None:
    """Fill polygons in a mask, in place."""
    outlines = [np.rint(polygon).astype(np.int32).reshape(-1, 1, 2) for polygon in polygons]
    for outline in outlines:
        cv2.fillPoly(mask, [outline], value)


def moved(polygon: Polygon, matrix: npt.NDArray[np.float64]) -> Polygon:
    """Move corners by an affine transform, 2 x 3."""
    there: Polygon = polygon @ matrix[:, :2].T + matrix[:, 2]
    return there
