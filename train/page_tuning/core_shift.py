"""The shift of a blend's logits that gives texts of other pages the size of their cores back.

What a detector learns of a scene lets the cores of other pages grow or shrink by a pixel here and
there, short texts first, and a box that has grown by a few pixels overlaps its label no more. Its
map is as sure of them as before; only where the map falls below the threshold has moved, and for
most texts alike. So what they have in common is taken back, by one number that is added to all
logits: the median, over cores that become boxes, of what brings a core to its area under the base.
Cores weigh alike, as in the loss that keeps them (`map_loss`). What a blend does not find any more
moves a median little, as what it finds new does.

No label is needed. The numbers come from pages that were held out: on pages that were trained on
maps are as the base has them sooner than elsewhere.
"""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from textlines.progress import Watching
from train.detection.detector import Detector
from train.detection.postprocessing import ProbabilityMap
from train.detection.settings import PredictionSettings
from train.detection.trial_maps import SizedPage
from train.judging.significance import ALPHA, mcnemar

REACH = 4.0
"""Pixels of the map around a core that its edge may move over."""

_SURE = 1e-6
"""Probabilities are as near to 0 and 1 as this at most: their logits are numbers."""


class Cores:
    """The cores of a page under the base that become boxes: found once, compared with any map."""

    def __init__(self, before: ProbabilityMap, settings: PredictionSettings) -> None:
        """Find the cores.

        Args:
            before: the base's map of a page, H x W, 0..1.
            settings: by which it becomes boxes: threshold and box threshold.
        """
        self._chosen = np.zeros(0, np.intp)
        outside = (before < settings.thresh).astype(np.uint8)
        if outside.all():
            return
        # Each pixel bears the number of the core that it is of, or else of the nearest, from 1 on.
        distance, named = cv2.distanceTransformWithLabels(
            outside, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_CCOMP
        )
        count = int(named.max()) + 1
        area = np.bincount(named[outside == 0], minlength=count)
        sums = np.bincount(named[outside == 0], weights=before[outside == 0], minlength=count)
        becomes_box = sums >= settings.box_thresh * np.maximum(area, 1)
        self._chosen = np.flatnonzero(becomes_box & (area > 0))
        self._near = distance <= REACH
        self._core, self._area = named[self._near], area[self._chosen]
        self._before = self._edges(before)

    def shifts(self, now: ProbabilityMap) -> npt.NDArray[np.float64]:
        """Return for each core what its logits lack in another map to be as large, in nats.

        Args:
            now: of the same page, H x W, 0..1.
        """
        return self._before - self._edges(now) if len(self._chosen) else np.zeros(0)

    def _edges(self, map_: ProbabilityMap) -> npt.NDArray[np.float64]:
        """Return of each core the logit from which on it is of its area."""
        likely = map_[self._near]
        order = np.lexsort((-likely, self._core))
        first = np.searchsorted(self._core[order], self._chosen)
        return _logit(likely[order][first + self._area - 1])


def common_shift(shifts: npt.NDArray[np.float64]) -> float:
    """Return the median of the cores' shifts; 0 where chance alone may have made it (sign test)."""
    fewer, more = int((shifts < 0).sum()), int((shifts > 0).sum())
    return float(np.median(shifts)) if mcnemar(fewer, more) < ALPHA else 0.0


def shifts_of(
    base: Detector,
    detectors: Sequence[Detector],
    pages: Sequence[SizedPage],
    watching: Watching,
) -> tuple[float, ...]:
    """Return the shift of each detector's logits in nats, by what the base finds on some pages.

    Args:
        base, detectors: with the settings as deployed, at which the pages go on being read.
        pages: of other scenes; without any nothing is shifted.
    """
    found: list[list[npt.NDArray[np.float64]]] = [[] for _ in detectors]
    with watching("general pages") as watch:
        for done, page in enumerate(pages, 1):
            image = page.image()
            cores = Cores(base.probability(image), base.settings)
            for shifts, detector in zip(found, detectors, strict=True):
                shifts.append(cores.shifts(detector.probability(image)))
            watch(done, len(pages), "")
    return tuple(common_shift(np.concatenate([np.zeros(0), *shifts])) for shifts in found)


def _logit(probability: npt.ArrayLike) -> npt.NDArray[np.float64]:
    within = np.clip(np.asarray(probability, np.float64), _SURE, 1 - _SURE)
    return np.log(within / (1 - within))
