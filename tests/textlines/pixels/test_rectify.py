import math
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from textlines.pixels.rectify import (
    CannotRectifyError,
    Point,
    Start,
    area,
    clockwise,
    rectify,
    smallest_box,
)

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
    crop = rectify(image, [tuple(p) for p in points.tolist()])
    assert np.array_equal(crop.image, of_paddle(image, points))


def test_level_slanted_and_vertical_lines_read_from_left_to_right(pages: Any) -> None:
    image = cv2.imread(str(pages.page("a.png")))
    for quad in pages.quads[:2]:
        crop = rectify(image, [tuple(corner) for corner in quad])
        assert pages.reads_right(crop.image)
        assert (crop.is_turned, crop.reads, crop.is_restarted) == (False, "right", False)
    vertical = rectify(image, [tuple(corner) for corner in pages.quads[2]])
    assert (vertical.is_turned, vertical.reads, vertical.is_restarted) == (True, "down", False)


@pytest.mark.parametrize("which", [0, 1])
def test_corners_that_go_round_the_other_way_read_the_same(pages: Any, which: int) -> None:
    image = cv2.imread(str(pages.page("a.png")))
    quad = [tuple(corner) for corner in pages.quads[which]]
    other = [quad[0], quad[3], quad[2], quad[1]]
    assert pages.reads_right(rectify(image, quad).image)
    assert np.array_equal(rectify(image, quad).image, rectify(image, other).image)


@pytest.mark.parametrize(("high", "is_turned"), [(149, False), (150, True), (400, True)])
def test_what_is_half_as_high_again_as_wide_is_turned(high: int, is_turned: bool) -> None:
    page = np.zeros((500, 200, 3), np.uint8)
    page[:20] = 255
    cut = rectify(page, [(0, 0), (100, 0), (100, high), (0, high)])
    crop = cut.image
    assert cut.is_turned == is_turned and cut.height_to_width == high / 100
    assert crop.shape[:2] == ((100, high) if is_turned else (high, 100))
    # Anticlockwise: the top of the page comes to the left.
    assert crop[50, 5].min() == 255 if is_turned else crop[5, 50].min() == 255


CORNERS = [(20.0, 20.0), (180.0, 20.0), (180.0, 50.0), (20.0, 50.0)]
"""Of the level line of the page, from its upper left clockwise."""


def begun_at(corners: list[Point], first: int, is_clockwise: bool = True) -> list[Point]:
    """Go round corners from another one of them."""
    ring = [*corners[first:], *corners[:first]]
    return ring if is_clockwise else [ring[0], *reversed(ring[1:])]


def tilted(corners: list[Point], angle_deg: float) -> list[Point]:
    """Turn corners clockwise on screen about the middle of the page."""
    cos, sin = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    return [
        (200 + (x - 200) * cos - (y - 150) * sin, 150 + (x - 200) * sin + (y - 150) * cos)
        for x, y in corners
    ]


@pytest.mark.parametrize("first", range(4))
@pytest.mark.parametrize("is_clockwise", [True, False])
@pytest.mark.parametrize("off", [0, 0.9, -0.9])
def test_a_level_rectangle_is_read_upright_whatever_corner_it_starts_at(
    pages: Any, first: int, is_clockwise: bool, off: float
) -> None:
    image = cv2.imread(str(pages.page("a.png")))
    corners = [(x, y + off * (n % 2)) for n, (x, y) in enumerate(CORNERS)]
    crop = rectify(image, begun_at(corners, first, is_clockwise))
    assert pages.reads_right(crop.image) and crop.reads == "right" and not crop.is_turned
    assert crop.is_restarted == (first != 0)
    assert np.array_equal(crop.image, rectify(image, corners).image)


@pytest.mark.parametrize(("first", "third"), [((180, 50), (20, 20)), ((180, 20), (20, 50)),
                                              ((20, 50), (180, 20))])  # fmt: skip
def test_a_drag_from_another_corner_is_read_upright(pages: Any, first: Point, third: Point) -> None:
    image = cv2.imread(str(pages.page("a.png")))
    whole = rectify(image, CORNERS).image
    dragged = [first, (third[0], first[1]), third, (first[0], third[1])]
    for points in (dragged, [first, third]):
        crop = rectify(image, points)
        assert crop.is_restarted and np.array_equal(crop.image, whole)


@pytest.mark.parametrize("first", range(4))
def test_a_tall_box_is_turned_anticlockwise_whatever_corner_it_starts_at(
    pages: Any, first: int
) -> None:
    image = cv2.imread(str(pages.page("a.png")))
    tall = [tuple(map(float, corner)) for corner in pages.quads[2]]
    crop = rectify(image, begun_at(tall, first))
    assert (crop.is_turned, crop.reads, crop.is_restarted) == (True, "down", first != 0)
    assert np.array_equal(crop.image, rectify(image, tall).image)
    kept = rectify(image, begun_at(tall, first), turn_from=math.inf)
    assert (kept.is_turned, kept.reads, kept.image.shape) == (False, "right", (160, 30, 3))
    assert np.array_equal(np.rot90(kept.image), crop.image)


@pytest.mark.parametrize(("first", "reads"), [(0, "right"), (1, "left"), (2, "left"), (3, "right")])
@pytest.mark.parametrize("angle", [3.0, -8.0, 30.0])
def test_a_tilted_box_is_cut_as_annotated_and_says_where_it_reads(
    first: int, reads: str, angle: float
) -> None:
    level: list[Point] = [(120, 120), (280, 120), (280, 150), (120, 150)]
    corners = tilted(level, angle)
    matrix = cv2.getRotationMatrix2D((200, 150), -angle, 1)
    image = cv2.warpAffine(ramp(level), matrix, (400, 300))
    crop = rectify(image, begun_at(corners, first))
    assert (crop.reads, crop.is_restarted) == (reads, False)
    assert is_upright(crop.image) == (reads == "right")
    mended = rectify(image, begun_at(corners, first), start="upright")
    assert is_upright(mended.image) and mended.reads == "right"
    assert mended.is_restarted == (first != 0)


def ramp(corners: list[Point]) -> np.ndarray:
    """Draw a page with a box that is dark at its left and at its top."""
    page = np.full((300, 400, 3), 240, np.uint8)
    (left, top), (right, bottom) = (map(int, corners[at]) for at in (0, 2))
    across = np.linspace(0, 160, right - left)[None, :] + np.linspace(0, 60, bottom - top)[:, None]
    page[top:bottom, left:right] = across[..., None].astype(np.uint8)
    return page


def is_upright(crop: np.ndarray) -> bool:
    """Whether what was drawn dark at its left and top is so in its crop."""
    high, wide = crop.shape[:2]
    grey = crop[..., 0].astype(int)
    from_left = grey[:, : wide // 3].mean() < grey[:, -(wide // 3) :].mean()
    from_top = grey[: high // 3].mean() < grey[-(high // 3) :].mean()
    return bool(wide > high and from_left and from_top)


@pytest.mark.parametrize(("first", "reads"), [(0, "down"), (1, "down"), (2, "up"), (3, "up")])
def test_a_tilted_tall_box_says_whether_it_reads_down_or_up(first: int, reads: str) -> None:
    tall = tilted([(150, 60), (180, 60), (180, 220), (150, 220)], 3)
    crop = rectify(PAGE, begun_at(tall, first))
    assert crop.reads == reads and crop.is_turned == (first in (0, 2))


def test_a_start_that_the_source_states_is_kept(pages: Any) -> None:
    image = cv2.imread(str(pages.page("a.png")))
    crop = rectify(image, begun_at(CORNERS, 2), start="annotated")
    assert (crop.reads, crop.is_restarted) == ("left", False)
    assert pages.reads_right(np.rot90(crop.image, 2))


@given(
    st.integers(0, 2**32),
    st.floats(-44, 44),
    st.integers(0, 3),
    st.booleans(),
    st.sampled_from(["level", "annotated", "upright"]),
)
def test_read_upright_a_box_hangs_on_no_start(
    seed: int, angle: float, first: int, is_clockwise: bool, start: Start
) -> None:
    draw = np.random.default_rng(seed)
    image = cv2.GaussianBlur(draw.integers(0, 256, (300, 400, 3)).astype(np.uint8), (0, 0), 3)
    corners = tilted([(120, 130), (280, 130), (280, 170), (120, 170)], angle)
    points = begun_at(corners, first, is_clockwise)
    crop = rectify(image, points, start="upright")
    assert crop.reads == "right"
    assert np.array_equal(crop.image, rectify(image, corners, start="upright").image)
    # However it starts, it holds the same pixels, turned by quarters.
    other = rectify(image, points, turn_from=math.inf, start=start).image
    assert sorted(other.shape) == sorted(crop.image.shape)


def bow(count: int, swing: float = 40) -> tuple[list[tuple[float, float]], ...]:
    """Return upper and lower corners of a line along a bow, `count` each."""
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
    crop = rectify(page, [*up, *reversed(low)]).image
    assert 28 <= crop.shape[0] <= 34 and crop.shape[1] > 300
    dark = (crop[..., 0] < 128).argmax(axis=0)
    held = dark[(crop[..., 0] < 128).any(axis=0)]
    # Nearly straight now: on the page the line rises by 40 pixels.
    assert np.percentile(held, 95) - np.percentile(held, 5) <= (24 if count == 3 else 14)


@pytest.mark.parametrize("first", range(12))
@pytest.mark.parametrize("is_clockwise", [True, False])
def test_a_bent_line_that_starts_elsewhere_is_laid_out_by_its_sharp_corners(
    first: int, is_clockwise: bool
) -> None:
    draw = np.random.default_rng(7)
    page = cv2.GaussianBlur(draw.integers(0, 256, (300, 400, 3)).astype(np.uint8), (0, 0), 3)
    up, low = bow(6)
    ring = [*up, *reversed(low)]
    upright = rectify(page, ring).image
    points = begun_at(ring, first, is_clockwise)
    at = 0 if first == 0 else points.index(ring[0])
    crop = rectify(page, points)
    # Clockwise, only the upper left and the lower right begin a top edge: the latter is annotated
    # as a line that stands on its head.
    on_head = first == 6
    assert (crop.reads, crop.is_restarted) == (("left", False) if on_head else ("right", at != 0))
    if not on_head:
        assert np.array_equal(crop.image, upright)
    mended = rectify(page, points, start="upright")
    assert mended.reads == "right" and np.array_equal(mended.image, upright)


def test_a_level_rectangle_of_many_corners_is_one() -> None:
    draw = np.random.default_rng(7)
    page = cv2.GaussianBlur(draw.integers(0, 256, (300, 400, 3)).astype(np.uint8), (0, 0), 3)
    ring = [(20, 20), (100, 20), (180, 20), (180, 50), (100, 50), (20, 50)]
    for first in range(6):
        crop = rectify(page, begun_at(ring, first))
        assert (crop.reads, crop.is_restarted) == ("right", first != 0)
        assert np.array_equal(crop.image, rectify(page, CORNERS).image)


def test_another_polygon_is_taken_by_its_smallest_rectangle(pages: Any) -> None:
    image = cv2.imread(str(pages.page("a.png")))
    five = [(20, 20), (100, 20), (180, 20), (180, 50), (20, 50)]
    crop = rectify(image, five).image
    assert pages.reads_right(crop) and crop.shape[:2] == (30, 160)
    # Six corners that start in the middle of the top give no strips.
    six = [(100, 20), (180, 20), (180, 50), (100, 50), (20, 50), (20, 20)]
    assert pages.reads_right(rectify(image, six).image)


def test_two_corners_are_a_box_and_a_closed_ring_is_opened(pages: Any) -> None:
    image = cv2.imread(str(pages.page("a.png")))
    quad = [tuple(corner) for corner in pages.quads[0]]
    whole = rectify(image, quad).image
    assert np.array_equal(rectify(image, [quad[0], quad[2]]).image, whole)
    assert np.array_equal(rectify(image, [*quad, quad[0]]).image, whole)


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
        crop = rectify(PAGE, points).image
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
