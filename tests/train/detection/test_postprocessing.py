from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from train.detection.postprocessing import ProbabilityMap, boxes_of, candidates, grown
from train.detection.settings import PredictionSettings

STOCK = PredictionSettings()


def map_with(*bars: tuple[int, int, int, int], share: float = 0.9) -> ProbabilityMap:
    """Return a map of 96 x 160; bars are (left, top, right, bottom), their ends left out."""
    map_ = np.zeros((96, 160), np.float32)
    for left, top, right, bottom in bars:
        map_[top:bottom, left:right] = share
    return map_


def test_a_bar_is_grown_by_its_ratio() -> None:
    (box,) = boxes_of(map_with((20, 40, 81, 51)), STOCK, (96, 160))
    # Corners at pixels: 60 x 10; 60 x 10 x 1.5 / 140 = 6.4 on all sides.
    assert np.abs(box.polygon - [[14, 34], [86, 34], [86, 56], [14, 56]]).max() <= 1
    assert box.score == pytest.approx(0.9)


def test_boxes_lie_where_the_page_is() -> None:
    map_ = map_with((20, 40, 81, 51))
    small, large = (boxes_of(map_, STOCK, size)[0] for size in ((96, 160), (192, 640)))
    assert np.abs(large.polygon - small.polygon * [4, 2]).max() <= 4


def test_boxes_are_cut_off_at_the_edges() -> None:
    (box,) = boxes_of(map_with((0, 0, 160, 20)), STOCK, (96, 160))
    assert box.polygon.min() == 0 and box.polygon[:, 0].max() == 160


def test_text_lines_come_from_the_bottom_up() -> None:
    boxes = boxes_of(map_with((20, 10, 80, 20), (20, 60, 80, 70)), STOCK, (96, 160))
    assert [round(float(box.polygon[:, 1].mean()), -1) for box in boxes] == [60, 10]


@pytest.mark.parametrize(
    ("changes", "count"),
    [({}, 1), ({"box_thresh": 0.95}, 0), ({"thresh": 0.95}, 0), ({"min_size": 12}, 0)],
)
def test_what_is_left_out(changes: dict[str, float], count: int) -> None:
    settings = replace(STOCK, **changes)  # type: ignore[arg-type]
    assert len(boxes_of(map_with((20, 40, 81, 51)), settings, (96, 160))) == count


def test_more_regions_than_candidates_are_dropped() -> None:
    map_ = map_with((10, 10, 60, 20), (10, 40, 60, 50), (10, 70, 60, 80))
    assert len(candidates(map_, replace(STOCK, max_candidates=2))) == 2


def test_dilation_joins_what_a_pixel_parts() -> None:
    map_ = map_with((20, 40, 50, 51), (51, 40, 81, 51))
    assert len(candidates(map_, STOCK)) == 2
    assert len(candidates(map_, replace(STOCK, use_dilation=True))) == 1


def test_the_slow_score_is_that_of_the_outline() -> None:
    map_ = map_with((20, 20, 80, 26), (20, 20, 26, 60))  # an angle: its rectangle is mostly empty
    (fast,) = candidates(map_, STOCK)
    (slow,) = candidates(map_, replace(STOCK, score_mode="slow"))
    assert fast.score < 0.3 and slow.score > 0.8


@given(
    left=st.integers(0, 100),
    top=st.integers(0, 70),
    width=st.integers(5, 60),
    height=st.integers(5, 26),
    low=st.floats(0.4, 2.0),
    more=st.floats(0.1, 2.0),
)
def test_a_greater_ratio_never_gives_a_smaller_box(
    left: int, top: int, width: int, height: int, low: float, more: float
) -> None:
    map_ = map_with((left, top, left + width, top + height))
    found = candidates(map_, STOCK)

    def sides(ratio: float) -> tuple[float, float]:
        settings = replace(STOCK, unclip_ratio=ratio)
        boxes = grown(found, settings, map_size=(96, 160), page_size=(96, 160))
        wide, tall = np.ptp(boxes[0].polygon, axis=0) if boxes else (0.0, 0.0)
        return float(wide), float(tall)

    (wide, tall), (wider, taller) = sides(low), sides(low + more)
    assert wider >= wide and taller >= tall
