import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.draws import Draws
from synth.rendering.colour import (
    blend,
    ink_for,
    luminance,
    mean_colour,
    paint_for,
    recoloured,
)
from synth.rendering.spans import Span
from synth.rendering.style import Ink, Pair

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


COLOUR = st.tuples(levels, levels, levels)


def code(colour: tuple[int, int, int]) -> str:
    b, g, r = colour
    return f"#{r:02x}{g:02x}{b:02x}"


@given(ground=COLOUR, ink=COLOUR, spread=st.floats(0, 128), index=st.integers(0, 999))
def test_the_colours_of_a_pair_stray_no_further_than_they_may(
    ground: tuple[int, int, int], ink: tuple[int, int, int], spread: float, index: int
) -> None:
    pair = Pair(ground=code(ground), ink=code(ink), spread=spread)
    paint = paint_for(pair, Draws(1, index))
    for drawn, wanted in ((paint.ground, ground), (paint.ink, ink)):
        for channel, level in zip(drawn, wanted, strict=True):
            assert 0 <= channel <= 255
            assert abs(channel - level) <= spread + 0.5


@given(ground=COLOUR, ink=COLOUR)
def test_a_boost_moves_a_pair_apart_on_its_own_sides(
    ground: tuple[int, int, int], ink: tuple[int, int, int]
) -> None:
    pair = Pair(ground=code(ground), ink=code(ink), spread=0)
    plain, boosted = (paint_for(pair, Draws(1, 1), boost) for boost in (1.0, 1.9))
    before, after = (luminance(p.ink) - luminance(p.ground) for p in (plain, boosted))
    assert abs(after) >= abs(before)
    assert before * after >= 0


@given(mean=COLOUR, seed=st.integers(0, 99), spread=st.integers(0, 60))
def test_a_surface_of_another_colour_has_its_mean_and_keeps_its_texture(
    mean: tuple[int, int, int], seed: int, spread: int
) -> None:
    wave = (np.indices((24, 40)).sum(0) % 7 - 3) * spread // 3
    surface = np.clip(120 + wave[..., None] + np.zeros(3, np.int64), 0, 255).astype(np.uint8)
    moved = recoloured(surface, mean)
    # Black and white cut what a texture adds to them.
    found = mean_colour(moved)
    tolerance = 1.5 + max(0, spread - 20)
    assert found == pytest.approx(mean, abs=tolerance)
    if spread >= 12 and all(30 <= level <= 225 for level in mean):
        was, now = (image[..., 1].astype(float).ravel() for image in (surface, moved))
        assert np.corrcoef(was, now)[0, 1] > 0.95
    assert surface.shape == moved.shape
