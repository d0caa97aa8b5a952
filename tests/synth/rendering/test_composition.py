"""Turned lines keep their height: a long line turns less than a short one."""

import math

from hypothesis import given
from hypothesis import strategies as st

from synth.draws import Draws
from synth.rendering.composition import drawn_matrix, level_enough
from synth.rendering.looks import BoundPart
from synth.rendering.spans import Span
from synth.rendering.style import Text
from textlines.pixels.geometry import GEOMETRY

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
