"""The ratio is found again that a map was made by."""

import cv2
import numpy as np
import pytest

from textlines.regions import Detected
from textlines.regions.page_file import LabelledRegion
from train.page_tuning.fitted_ratio import UNFITTED, SeenPage, fitted_ratio
from train.page_tuning.shrunk_labels import target_of


def seen(ratio: float, lines: int = 6, scale: float = 2.0) -> SeenPage:
    """Return a page whose map holds the cores of its labels at a ratio, and boxes on them."""
    regions = []
    for at in range(lines):
        left, top, width, height = 20.0, 20.0 + 50 * at, 150.0 + 10 * at, 30.0
        corners = [[left, top], [left + width, top], [left + width, top + height]]
        corners.append([left, top + height])
        regions.append(LabelledRegion(np.array(corners, np.float64), f"값 {at}", ""))
    size = (int(340 * scale), int(300 * scale))
    target = target_of(regions, [region.polygon * scale for region in regions], size, ratio)
    map_ = cv2.GaussianBlur(target.core.astype(np.float32), (3, 3), 0)
    boxes = [Detected(region.polygon, 0.9) for region in regions]
    return SeenPage(regions, boxes, map_, (scale, scale))


@pytest.mark.parametrize("ratio", [0.44, 0.56, 0.62, 0.7, 0.82])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_ratio_of_a_map_is_found_again(ratio: float, scale: float) -> None:
    fitted = fitted_ratio([seen(ratio, scale=scale)], 0.5)

    assert fitted.ratio == pytest.approx(ratio, abs=0.04)
    assert fitted.overlap > 0.85
    assert fitted.lines == 6


def test_lines_that_are_not_found_say_nothing() -> None:
    page = seen(0.7)
    missed = SeenPage(page.regions, [], page.map_, page.scale)

    assert fitted_ratio([missed], 0.5).ratio == UNFITTED
    assert fitted_ratio([missed], 0.5).lines == 0


def test_few_lines_are_not_fitted_to() -> None:
    fitted = fitted_ratio([seen(0.8, lines=3)], 0.5)

    assert (fitted.ratio, fitted.overlap, fitted.lines) == (UNFITTED, 0.0, 3)
