"""Turned lines keep their height: a long line turns less than a short one."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.draws import Draws
from synth.rendering.composition import brought_down, drawn_matrix, level_enough, shot_of
from synth.rendering.looks import BoundPart
from synth.rendering.spans import Span
from synth.rendering.style import ImageFile
from synth.rendering.text_style import Text
from textlines.pixels.geometry import GEOMETRY, warp_points

RISE = Text().rise


@given(st.floats(-20, 20), st.integers(8, 200), st.integers(8, 3200))
def test_no_turn_lifts_an_end_beyond_the_limit(deg: float, height: int, width: int) -> None:
    kept = level_enough(deg, height, width, RISE)
    rise = width * math.tan(math.radians(abs(kept)))
    assert rise <= RISE * height * (1 + 1e-4) + 1e-4
    assert abs(kept) <= abs(deg) + 1e-6
    assert kept * deg >= 0


def test_what_is_drawn_into_the_manifest_is_the_turn_that_was_used() -> None:
    part = BoundPart("rotation", GEOMETRY["rotation"], 1.0, (("deg", Span(low=5, high=5)),), False)
    _, used = drawn_matrix([part], (48, 960), 1.0, RISE, Draws(1, 0))
    assert used == [("rotation", {"deg": level_enough(5, 48, 960, RISE)})]
    assert used[0][1]["deg"] < 1


def test_a_lean_is_not_a_turn() -> None:
    part = BoundPart("shear", GEOMETRY["shear"], 1.0, (("deg", Span(low=8, high=8)),), False)
    _, used = drawn_matrix([part], (48, 960), 1.0, RISE, Draws(1, 0))
    assert used == [("shear", {"deg": 8})]


@pytest.mark.parametrize("native", [8, 20, 47, 48, 64])
def test_an_image_brought_down_keeps_its_shape(native: int) -> None:
    small = brought_down(np.full((48, 301, 3), 90, np.uint8), native)
    height = min(48, native)
    assert small.shape == (height, round(301 * height / 48), 3)
    assert (small == 90).all()


def test_the_matrix_of_a_smaller_file_leads_into_its_pixels() -> None:
    image = np.zeros((48, 200, 3), np.uint8)
    image[12:36, 80:120] = 255
    shot = shot_of(
        brought_down(image, 24), (48, 200), None, ImageFile(native=Span(low=24, high=24))
    )
    assert shot.image.shape == (24, 100, 3) and shot.judged.shape == image.shape
    assert shot.matrix is not None
    corners = warp_points(np.array([[80.0, 12.0], [119.0, 35.0]]), shot.matrix)
    np.testing.assert_allclose(corners, [[39.75, 5.75], [59.25, 17.25]])
    assert (shot.image[6:18, 40:60] == 255).all()


def test_an_enlarged_file_lies_as_it_was_drawn() -> None:
    image = np.zeros((48, 200, 3), np.uint8)
    output = ImageFile(native=Span(low=24, high=24), enlarge=True)
    shot = shot_of(brought_down(image, 24), (48, 200), None, output)
    assert shot.image.shape == image.shape
    assert (shot.matrix, shot.enlarged) == (None, None)
