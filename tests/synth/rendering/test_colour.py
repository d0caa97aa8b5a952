import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.draws import Draws
from synth.rendering.colour import blend, ink_for, luminance
from synth.rendering.spans import Span
from synth.rendering.style import Ink

levels = st.integers(0, 255)


@given(ground=levels, ink=levels, cover=levels)
def test_blend_is_the_weighted_mean_within_a_level(ground: int, ink: int, cover: int) -> None:
    mask = np.full((2, 3), cover, np.uint8)
    mixed = blend(np.full((2, 3, 3), ground, np.uint8), mask, (ink, ink, ink))
    exact = (ground * (255 - cover) + ink * cover) / 255
    assert int(mixed[0, 0, 0]) == pytest.approx(exact, abs=1.0)


def test_blend_leaves_the_surface_as_it_is() -> None:
    surface = np.full((4, 4, 3), 200, np.uint8)
    blend(surface, np.full((4, 4), 255, np.uint8), (0, 0, 0))
    assert surface.min() == 200


@given(b=levels, g=levels, r=levels, index=st.integers(0, 10_000))
def test_ink_stands_out_from_any_colour(b: int, g: int, r: int, index: int) -> None:
    style = Ink(contrast=Span(low=0.4, high=0.9), tint=Span(low=0, high=10))
    ink = ink_for((b, g, r), style, Draws(1, index))
    assert all(0 <= channel <= 255 for channel in ink)
    assert abs(luminance(ink) - luminance((b, g, r))) >= 40


def test_a_stronger_ink_takes_the_same_draws() -> None:
    style = Ink()
    first, second = Draws(1, 1), Draws(1, 1)
    ink_for((128, 128, 128), style, first)
    ink_for((128, 128, 128), style, second, boost=2.0)
    assert first.unit() == second.unit()
