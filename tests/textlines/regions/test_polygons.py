import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.regions import Polygon
from textlines.regions.polygons import (
    area,
    intersection_areas,
    iou,
    ious,
    is_valid,
    ordered_quad,
    polygon_of,
    shrink,
    signed_area,
    smallest_rectangle,
    unclip,
)


def box(left: float, top: float, width: float, height: float, turn_deg: float = 0) -> Polygon:
    """A rectangle turned about its upper left corner."""
    angle = math.radians(turn_deg)
    along = np.array([math.cos(angle), math.sin(angle)])
    down = np.array([-math.sin(angle), math.cos(angle)])
    start = np.array([left, top], np.float64)
    return np.array(
        [start, start + along * width, start + along * width + down * height, start + down * height]
    )


boxes = st.builds(
    box,
    st.integers(0, 400),
    st.integers(0, 400),
    st.integers(12, 300),
    st.integers(12, 60),
    st.integers(-40, 40),
)


def filled(polygon: Polygon, scale: int = 4) -> np.ndarray:
    """Which pixels of a fourfold raster a polygon covers: a measure that uses no geometry."""
    canvas = np.zeros((scale * 900, scale * 900), np.uint8)
    corners = np.rint((polygon + 300) * scale).astype(np.int32)
    cv2.fillPoly(canvas, [corners], 1)
    return canvas > 0


@given(polygon=boxes)
def test_area_is_that_of_the_rectangle_whichever_way_it_goes_round(polygon: Polygon) -> None:
    sides = np.hypot(*(polygon[1] - polygon[0])), np.hypot(*(polygon[3] - polygon[0]))
    assert area(polygon) == pytest.approx(sides[0] * sides[1])
    assert signed_area(polygon) == pytest.approx(-signed_area(polygon[::-1]))
    assert area(np.roll(polygon, 1, axis=0)) == pytest.approx(area(polygon))


@pytest.mark.parametrize("turn", [0, 17, -33])
def test_iou_is_what_two_filled_pictures_share(turn: int) -> None:
    first, second = box(100, 100, 200, 60, turn), box(140, 110, 180, 70, turn / 2)
    one, other = filled(first), filled(second)
    counted = (one & other).sum() / (one | other).sum()
    assert iou(first, second) == pytest.approx(counted, abs=0.01)


@given(st.lists(boxes, max_size=6), st.lists(boxes, max_size=6))
def test_overlaps_are_symmetric_and_bounded(first: list[Polygon], second: list[Polygon]) -> None:
    matrix = ious(first, second)
    assert matrix.shape == (len(first), len(second))
    assert np.allclose(matrix, ious(second, first).T)
    assert ((matrix >= 0) & (matrix <= 1 + 1e-9)).all()
    assert np.allclose(np.diagonal(ious(first, first)), 1)
    for at, one in enumerate(first):
        shared = intersection_areas([one], second)[0]
        assert (shared <= area(one) + 1e-6).all() and np.allclose(
            shared, intersection_areas(first, second)[at]
        )


def test_what_lies_apart_shares_nothing() -> None:
    assert iou(box(0, 0, 10, 10), box(20, 0, 10, 10)) == 0
    assert ious([box(0, 0, 10, 10), box(0, 0, 10, 10)], []).shape == (2, 0)


@given(polygon=boxes, ratio=st.floats(0.2, 0.95))
def test_what_shrinks_lies_inside_by_the_distance_of_the_paper(
    polygon: Polygon, ratio: float
) -> None:
    whole = np.trunc(polygon)  # as pyclipper cuts corners
    perimeter = float(np.hypot(*(np.roll(polygon, -1, axis=0) - polygon).T).sum())
    distance = area(polygon) * (1 - ratio**2) / perimeter
    for part in shrink(polygon, ratio):
        for corner in part:
            depth = cv2.pointPolygonTest(whole.astype(np.float32), tuple(corner.tolist()), True)
            assert depth == pytest.approx(distance, abs=2.2)  # two cuts to whole pixels


@given(polygon=boxes, ratio=st.floats(0, 2.5))
def test_what_grows_goes_out_by_the_distance_of_the_paper(polygon: Polygon, ratio: float) -> None:
    (grown,) = unclip(polygon, ratio)
    perimeter = float(np.hypot(*(np.roll(polygon, -1, axis=0) - polygon).T).sum())
    distance = area(polygon) * ratio / perimeter
    whole = np.trunc(polygon)
    for corner in grown:
        depth = cv2.pointPolygonTest(whole.astype(np.float32), tuple(corner.tolist()), True)
        assert depth == pytest.approx(-distance, abs=2.2)
    assert area(grown) >= area(whole) - 2 * perimeter


def test_what_is_thin_inside_shrinks_to_two() -> None:
    dumbbell = polygon_of(
        [(0, 0), (100, 0), (100, 45), (300, 45), (300, 0), (400, 0),
         (400, 100), (300, 100), (300, 55), (100, 55), (100, 100), (0, 100)]
    )  # fmt: skip
    assert len(shrink(dumbbell, 0.7)) == 2


@pytest.mark.parametrize("ratio", [0, -0.1, 1.01])
def test_shrink_refuses_a_ratio_that_is_none(ratio: float) -> None:
    with pytest.raises(ValueError, match="need 0 < ratio <= 1"):
        shrink(box(0, 0, 30, 30), ratio)


def test_unclip_refuses_a_ratio_below_0() -> None:
    with pytest.raises(ValueError, match="need ratio >= 0, got -1"):
        unclip(box(0, 0, 30, 30), -1)


@given(polygon=boxes, first=st.integers(0, 3), is_reversed=st.booleans())
def test_a_quad_is_ordered_the_same_from_whichever_corner(
    polygon: Polygon, first: int, is_reversed: bool
) -> None:
    turned = np.roll(polygon[::-1] if is_reversed else polygon, first, axis=0)
    ordered = ordered_quad(turned)
    assert {tuple(corner) for corner in ordered} <= {tuple(corner) for corner in polygon}
    sums = polygon.sum(axis=1)
    if len(set(np.round(sums, 6))) == 4:
        assert np.array_equal(ordered, ordered_quad(polygon))


@given(polygon=boxes)
def test_the_smallest_rectangle_of_a_rectangle_is_itself(polygon: Polygon) -> None:
    frame, side = smallest_rectangle(polygon)
    sides = np.hypot(*(polygon[1] - polygon[0])), np.hypot(*(polygon[3] - polygon[0]))
    assert side == pytest.approx(min(sides), abs=0.05)
    assert area(frame) == pytest.approx(area(polygon), rel=0.02)
    assert signed_area(frame) > 0
    left = frame[np.argsort(frame[:, 0])][:2]
    assert frame[0][1] == left[:, 1].min()


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ([(0, 0), (1, 1)], "2 corners enclose nothing"),
        ([(0, 0), (1, 1), (0, 0)], None),
        ([(0, 0), (1, math.nan), (0, 2)], "a corner is no number"),
        ([(0, 0, 1)] * 3, r"corners have the shape \(3, 3\)"),
    ],
)
def test_polygon_of_refuses_what_encloses_nothing(points: list, message: str | None) -> None:
    if message is None:
        assert len(polygon_of(points)) == 3 and not is_valid(polygon_of(points))
        return
    with pytest.raises(ValueError, match=message):
        polygon_of(points)
