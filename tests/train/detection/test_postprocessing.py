from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.regions.polygons import area
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


CURVED = replace(STOCK, box_type="poly")


def arc(page: tuple[int, int] = (96, 160)) -> ProbabilityMap:
    """Return a map of a line of text that is bent to half a circle, 9 pixels wide."""
    rows, columns = np.indices(page)
    far = np.hypot(rows - 90, columns - 80)
    return np.where((np.abs(far - 60) < 4.5) & (rows < 86), 0.9, 0.0).astype(np.float32)


def test_a_bent_line_is_found_as_its_outline() -> None:
    (poly,) = boxes_of(arc(), CURVED, (96, 160))
    assert len(poly.polygon) > 8 and poly.score > 0.8
    assert boxes_of(arc(), STOCK, (96, 160)) == []  # the rectangle around it is mostly empty
    (quad,) = boxes_of(arc(), replace(STOCK, box_thresh=0.1), (96, 160))
    assert len(quad.polygon) == 4 and area(poly.polygon) < area(quad.polygon) / 2


def test_polygons_lie_where_the_page_is_and_end_at_its_edges() -> None:
    small, large = (boxes_of(arc(), CURVED, size)[0].polygon for size in ((96, 160), (192, 640)))
    assert np.abs(large - small * [4, 2]).max() <= 4
    (edge,) = boxes_of(map_with((0, 0, 160, 20)), CURVED, (96, 160))
    assert edge.polygon.min() == 0 and edge.polygon[:, 0].max() == 160


def test_what_has_fewer_corners_than_four_is_no_polygon() -> None:
    map_ = np.zeros((96, 160), np.float32)
    cv2.fillPoly(map_, [np.array([[20, 20], [120, 20], [20, 80]])], 0.9)
    simple = candidates(map_, CURVED)
    assert all(len(one.corners) >= 4 for one in simple)
    assert candidates(map_with((20, 40, 81, 41)), CURVED) == []  # a line of one pixel: two corners
    assert boxes_of(map_with((20, 40, 24, 42)), CURVED, (96, 160)) == []  # grown, too narrow still


@pytest.mark.parametrize("share", [0.55, 0.9])
def test_a_bar_is_the_same_in_both_forms(share: float) -> None:
    map_ = map_with((20, 40, 81, 51), share=share)
    quads, polygons = (boxes_of(map_, settings, (96, 160)) for settings in (STOCK, CURVED))
    assert [one.score for one in quads] == [one.score for one in polygons]
    for quad, poly in zip(quads, polygons, strict=True):
        assert np.abs(np.ptp(quad.polygon, axis=0) - np.ptp(poly.polygon, axis=0)).max() <= 1


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
