import math
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from textlines.pixels.rectify import CannotRectifyError, area, clockwise, rectify, smallest_box

PAGE = np.full((300, 400, 3), 240, np.uint8)
POINT = st.tuples(st.floats(0, 400), st.floats(0, 300))


def of_paddle(image: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Crop as PaddleOCR's utility does, written down again after its description."""
    wide = int(max(np.linalg.norm(points[0] - points[1]), np.linalg.norm(points[2] - points[3])))
    high = int(max(np.linalg.norm(points[0] - points[3]), np.linalg.norm(points[1] - points[2])))
    target = np.float32([[0, 0], [wide, 0], [wide, high], [0, high]])
    matrix = cv2.getPerspectiveTransform(points.astype(np.float32), target)
    crop = cv2.warpPerspective(
        image, matrix, (wide, high), borderMode=cv2.BORDER_REPLICATE, flags=cv2.INTER_CUBIC
    )
    return np.rot90(crop) if crop.shape[0] * 1.0 / crop.shape[1] >= 1.5 else crop


@given(st.integers(0, 2**32))
def test_a_quadrilateral_becomes_what_paddleocr_makes_of_it(seed: int) -> None:
    draw = np.random.default_rng(seed)
    image = cv2.GaussianBlur(draw.integers(0, 256, (120, 160, 3)).astype(np.uint8), (0, 0), 2)
    box = np.array([[30, 30], [130, 30], [130, 80], [30, 80]], float)
    points = box + draw.uniform(-20, 20, (4, 2))
    crop, _ = rectify(image, [tuple(p) for p in points.tolist()])
    assert np.array_equal(crop, of_paddle(image, points))


def test_level_slanted_and_vertical_lines_read_from_left_to_right(pages: Any) -> None:
    image = cv2.imread(str(pages.page("a.png")))
    for quad in pages.quads[:2]:
        crop, turned = rectify(image, [tuple(corner) for corner in quad])
        assert pages.reads_right(crop) and not turned
    assert rectify(image, [tuple(corner) for corner in pages.quads[2]])[1]


@pytest.mark.parametrize("which", [0, 1])
def test_corners_that_go_round_the_other_way_read_the_same(pages: Any, which: int) -> None:
    image = cv2.imread(str(pages.page("a.png")))
    quad = [tuple(corner) for corner in pages.quads[which]]
    other = [quad[0], quad[3], quad[2], quad[1]]
    assert pages.reads_right(rectify(image, quad)[0])
    assert np.array_equal(rectify(image, quad)[0], rectify(image, other)[0])


@pytest.mark.parametrize(("high", "is_turned"), [(149, False), (150, True), (400, True)])
def test_what_is_half_as_high_again_as_wide_is_turned(high: int, is_turned: bool) -> None:
    page = np.zeros((500, 200, 3), np.uint8)
    page[:20] = 255
    crop, turned = rectify(page, [(0, 0), (100, 0), (100, high), (0, high)])
    assert turned == is_turned
    assert crop.shape[:2] == ((100, high) if is_turned else (high, 100))
    # Anticlockwise: the top of the page comes to the left.
    assert crop[50, 5].min() == 255 if is_turned else crop[5, 50].min() == 255


def bow(count: int, swing: float = 40) -> tuple[list[tuple[float, float]], ...]:
    """Give upper and lower corners of a line along a bow, `count` each."""
    xs = [40 + 320 * n / (count - 1) for n in range(count)]
    ys = [150 - swing * math.sin(math.pi * n / (count - 1)) for n in range(count)]
    return list(zip(xs, ys, strict=True)), [(x, y + 30) for x, y in zip(xs, ys, strict=True)]


@pytest.mark.parametrize("count", [3, 4, 7])
def test_a_bent_line_is_laid_out_strip_by_strip(count: int) -> None:
    page = np.full((300, 400, 3), 240, np.uint8)
    top, bottom = bow(40)
    middle = [(x, (y + lower) / 2) for (x, y), (_, lower) in zip(top, bottom, strict=True)]
    cv2.polylines(page, [np.array(middle, np.int32)], False, (0, 0, 0), 3)
    up, low = bow(count)
    crop, _ = rectify(page, [*up, *reversed(low)])
    assert 28 <= crop.shape[0] <= 34 and crop.shape[1] > 300
    dark = (crop[..., 0] < 128).argmax(axis=0)
    held = dark[(crop[..., 0] < 128).any(axis=0)]
    # Nearly straight now: on the page the line rises by 40 pixels.
    assert np.percentile(held, 95) - np.percentile(held, 5) <= (24 if count == 3 else 14)


def test_another_polygon_is_taken_by_its_smallest_rectangle(pages: Any) -> None:
    image = cv2.imread(str(pages.page("a.png")))
    five = [(20, 20), (100, 20), (180, 20), (180, 50), (20, 50)]
    crop, _ = rectify(image, five)
    assert pages.reads_right(crop) and crop.shape[:2] == (30, 160)
    # Six corners that start in the middle of the top give no strips.
    six = [(100, 20), (180, 20), (180, 50), (100, 50), (20, 50), (20, 20)]
    assert pages.reads_right(rectify(image, six)[0])


def test_two_corners_are_a_box_and_a_closed_ring_is_opened(pages: Any) -> None:
    image = cv2.imread(str(pages.page("a.png")))
    quad = [tuple(corner) for corner in pages.quads[0]]
    whole = rectify(image, quad)[0]
    assert np.array_equal(rectify(image, [quad[0], quad[2]])[0], whole)
    assert np.array_equal(rectify(image, [*quad, quad[0]])[0], whole)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ([(0, 0)], "1 corners enclose nothing"),
        ([(500, 0), (600, 0), (600, 20), (500, 20)], "outside the page of 400 x 300"),
        ([(0, 5), (9, 5), (9, 5), (0, 5)], "encloses no area"),
        ([(0, 0), (100, 0), (100, 2), (0, 2)], "is 100 x 2 pixels"),
        ([(0, 0), (1e9, 0), (1e9, 20), (0, 20)], "spans 1000000000 pixels"),
        ([(0, 0), (float("nan"), 0), (9, 9), (0, 9)], "a corner is no number"),
    ],
)
def test_what_gives_no_crop_says_why(points: Any, message: str) -> None:
    with pytest.raises(CannotRectifyError, match=message):
        rectify(PAGE, points)


@given(st.lists(POINT, min_size=2, max_size=9))
def test_any_corners_give_a_crop_or_a_reason(points: list[tuple[float, float]]) -> None:
    try:
        crop, _ = rectify(PAGE, points)
    except CannotRectifyError as error:
        assert str(error)
    else:
        assert crop.dtype == np.uint8 and min(crop.shape[:2]) >= 1
        assert crop.shape[0] < 1.5 * crop.shape[1] or crop.shape[1] >= 1


@given(st.lists(POINT, min_size=3, max_size=8))
def test_turning_round_keeps_the_start_and_the_corners(points: list[tuple[float, float]]) -> None:
    assume(abs(area(points)) > 1)
    turned = clockwise(points)
    assert turned[0] == points[0] and sorted(turned) == sorted(points) and area(turned) > 0


@given(st.integers(0, 2**32))
def test_the_smallest_box_starts_at_the_upper_left(seed: int) -> None:
    draw = np.random.default_rng(seed)
    corners = [tuple(p) for p in draw.uniform(0, 300, (6, 2)).tolist()]
    box = smallest_box(corners)
    assert area(box) > 0
    assert box[0][1] <= box[3][1] and box[1][1] <= box[2][1]
