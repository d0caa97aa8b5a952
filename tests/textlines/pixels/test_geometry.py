"""Matrices, and moving pixels and points by them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textlines.pixels.geometry import (
    GEOMETRY,
    compose,
    from_corners,
    keystone,
    perspective,
    rotation,
    shear,
    slope,
    steady,
    warp,
    warp_points,
)

PARAMETERS = {
    "shear": {"deg": 5.0},
    "rotation": {"deg": 2.0},
    "slope": {"deg": 1.0},
    "keystone": {"side": 0.1, "top": -0.05},
    "perspective": {"spread": 0.05, "seed": 4},
}
sizes = st.tuples(st.integers(2, 3200), st.integers(8, 512))


def test_the_table_holds_every_matrix() -> None:
    assert set(GEOMETRY) == set(PARAMETERS)


@pytest.mark.parametrize("name", PARAMETERS)
def test_pixels_go_where_points_go(name: str) -> None:
    width, height = 200, 48
    image = np.zeros((height, width), np.uint8)
    spots = np.array([[40, 24], [100, 20], [160, 28]])
    for x, y in spots:
        image[y - 1 : y + 2, x - 1 : x + 2] = 255
    matrix = GEOMETRY[name](width, height, **PARAMETERS[name])
    moved = warp(image, matrix, (width, height))
    for x, y in warp_points(spots.astype(np.float64), matrix):
        part = moved[int(y) - 3 : int(y) + 5, int(x) - 3 : int(x) + 5].astype(float)
        rows, columns = np.mgrid[int(y) - 3 : int(y) + 5, int(x) - 3 : int(x) + 5]
        assert part.sum() > 0
        assert abs((part * columns).sum() / part.sum() - x) < 0.25
        assert abs((part * rows).sum() / part.sum() - y) < 0.25


@given(size=sizes)
@settings(max_examples=40, deadline=None)
@pytest.mark.parametrize("name", ["shear", "rotation", "slope"])
def test_turns_keep_the_middle(name: str, size: tuple[int, int]) -> None:
    width, height = size
    middle = np.array([[(width - 1) / 2, (height - 1) / 2]])
    moved = warp_points(middle, GEOMETRY[name](width, height, deg=3.3))
    np.testing.assert_allclose(moved, middle, atol=2e-3)


@given(size=sizes, spread=st.floats(0, 1), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=80, deadline=None)
def test_perspective_never_folds_an_image(size: tuple[int, int], spread: float, seed: int) -> None:
    width, height = size
    matrix = perspective(width, height, spread=spread, seed=seed)
    assert np.linalg.det(matrix) > 0
    corners = np.array([[0.0, 0.0], [width - 1, 0.0], [width - 1, height - 1], [0.0, height - 1]])
    moved = warp_points(corners, matrix)
    assert np.abs(moved - corners)[:, 1].max() <= 0.21 * height


@given(size=sizes, side=st.floats(-0.5, 0.5), top=st.floats(-0.5, 0.5))
@settings(max_examples=40, deadline=None)
def test_keystone_stays_within_the_image(size: tuple[int, int], side: float, top: float) -> None:
    width, height = size
    corners = np.array([[0.0, 0.0], [width - 1, 0.0], [width - 1, height - 1], [0.0, height - 1]])
    moved = warp_points(corners, keystone(width, height, side=side, top=top))
    assert moved.min() > -0.01
    assert moved[:, 0].max() < width - 0.99 and moved[:, 1].max() < height - 0.99


def test_corners_land_where_they_are_sent() -> None:
    target = ((3.0, 1.0), (90.0, 4.0), (95.0, 44.0), (1.0, 47.0))
    matrix = from_corners(100, 48, target)
    corners = np.array([[0.0, 0.0], [99.0, 0.0], [99.0, 47.0], [0.0, 47.0]])
    np.testing.assert_allclose(warp_points(corners, matrix), target, atol=1e-4)


def test_crossed_corners_are_refused() -> None:
    with pytest.raises(ValueError, match="do not span a convex quadrilateral"):
        from_corners(100, 48, ((0, 0), (99, 47), (99, 0), (0, 47)))


def test_rotation_is_counter_clockwise_as_seen() -> None:
    right_end = warp_points(np.array([[99.0, 23.5]]), rotation(100, 48, deg=5))
    assert right_end[0, 1] < 23.5


def test_slope_keeps_uprights_upright_and_shear_keeps_levels_level() -> None:
    upright = np.array([[10.0, 0.0], [10.0, 47.0]])
    assert np.ptp(warp_points(upright, slope(100, 48, deg=4))[:, 0]) < 1e-6
    level = np.array([[0.0, 9.0], [99.0, 9.0]])
    assert np.ptp(warp_points(level, shear(100, 48, deg=4))[:, 1]) < 1e-6
    lean = warp_points(upright, shear(100, 48, deg=4))
    assert lean[0, 0] > lean[1, 0]


def test_matrices_compose_in_the_order_in_which_they_are_named() -> None:
    turn, lean = rotation(100, 48, deg=10), shear(100, 48, deg=20)
    points = np.array([[5.0, 40.0], [80.0, 3.0]])
    step_by_step = warp_points(warp_points(points, turn), lean)
    np.testing.assert_allclose(warp_points(points, compose(turn, lean)), step_by_step, atol=1e-4)
    np.testing.assert_array_equal(compose(), np.eye(3))


def test_a_matrix_a_last_bit_off_is_rounded_to_the_same_one() -> None:
    matrix = perspective(320, 48, spread=0.05, seed=3)
    np.testing.assert_array_equal(steady(matrix), steady(matrix * (1 + 1e-15)))


@pytest.mark.parametrize(("border", "level"), [("constant", 0), ("replicate", 200)])
def test_what_lies_outside(border: str, level: int) -> None:
    image = np.full((20, 20, 3), 200, np.uint8)
    shift = np.array([[1.0, 0.0, 5.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert (warp(image, shift, (20, 20), border)[:, :4] == level).all()


def test_the_target_may_have_another_size() -> None:
    image = np.full((20, 20, 3), 200, np.uint8)
    assert warp(image, np.eye(3), (31, 7)).shape == (7, 31, 3)
    assert warp(image[..., 0], perspective(20, 20, spread=0.1, seed=1), (31, 7)).shape == (7, 31)
