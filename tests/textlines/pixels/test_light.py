"""Light on a finished scene."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textlines.pixels.light import (
    LIGHT,
    glare,
    reflection,
    shadow,
    side_light,
    uneven_light,
    vignette,
)

EXTREMES = {
    "uneven_light": {"strength": 0.5, "seed": 1},
    "side_light": {"strength": 0.5, "deg": 30.0},
    "shadow": {"strength": 0.5, "seed": 1},
    "reflection": {"strength": 0.5, "seed": 1},
    "glare": {"strength": 0.5, "count": 5, "seed": 1},
    "vignette": {"strength": 0.6},
}
seeds = st.integers(0, 2**32 - 1)


def test_the_table_holds_every_effect() -> None:
    assert set(LIGHT) == set(EXTREMES)


@pytest.mark.parametrize("name", EXTREMES)
@pytest.mark.parametrize("shape", [(48, 320, 3), (8, 9, 3), (33, 61, 3), (512, 700, 3)])
def test_light_leaves_its_image_and_keeps_the_form(name: str, shape: tuple[int, ...]) -> None:
    image = np.full(shape, 120, np.uint8)
    lit = LIGHT[name](image, **EXTREMES[name])
    assert lit.shape == shape and lit.dtype == np.uint8
    assert (image == 120).all()


@pytest.mark.parametrize("name", EXTREMES)
def test_light_of_no_strength_changes_nothing(name: str) -> None:
    image = np.arange(48 * 64 * 3, dtype=np.uint32).reshape(48, 64, 3).astype(np.uint8)
    lit = LIGHT[name](image, **{**EXTREMES[name], "strength": 0.0})
    np.testing.assert_array_equal(lit, image)


@pytest.mark.parametrize("name", ["uneven_light", "shadow", "reflection", "glare"])
def test_the_seed_decides(name: str) -> None:
    image = np.full((48, 200, 3), 120, np.uint8)
    lit = [LIGHT[name](image, **{**EXTREMES[name], "seed": seed}) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(lit[0], lit[1])
    assert (lit[0] != lit[2]).any()


@given(strength=st.floats(0, 0.95), seed=seeds)
@settings(max_examples=40, deadline=None)
def test_uneven_light_stays_within_its_gains(strength: float, seed: int) -> None:
    image = np.full((48, 200, 3), 100, np.uint8)
    lit = uneven_light(image, strength=strength, seed=seed)
    assert lit.min() >= 100 * (1 - strength) - 1.5
    assert lit.max() <= 100 * (1 + strength) + 1.5


@given(seed=seeds)
@settings(max_examples=30, deadline=None)
def test_reflections_only_add_light_and_shadows_only_take_it(seed: int) -> None:
    image = np.full((48, 200, 3), 90, np.uint8)
    assert (glare(image, strength=0.4, count=4, seed=seed) >= image).all()
    assert (reflection(image, strength=0.4, seed=seed) >= image).all()
    assert (shadow(image, strength=0.4, seed=seed) <= image).all()


@given(strength=st.floats(0, 1), seed=seeds)
@settings(max_examples=30, deadline=None)
def test_a_reflection_adds_no_more_than_its_strength(strength: float, seed: int) -> None:
    image = np.zeros((48, 200, 3), np.uint8)
    assert glare(image, strength=strength, count=4, seed=seed).max() <= 255 * strength
    assert reflection(image, strength=strength, seed=seed).max() <= 255 * strength


def test_side_light_comes_from_its_side() -> None:
    image = np.full((48, 200, 3), 120, np.uint8)
    from_right, from_above = (side_light(image, strength=0.4, deg=deg) for deg in (0, 90))
    assert int(from_right[24, 195, 0]) - int(from_right[24, 4, 0]) > 80
    assert int(from_above[2, 100, 0]) - int(from_above[45, 100, 0]) > 80


def test_a_vignette_darkens_corners_most() -> None:
    image = np.full((48, 200, 3), 200, np.uint8)
    dark = vignette(image, strength=0.5)
    assert dark[24, 100, 0] > 190
    assert dark[0, 0, 0] < 115


def test_grey_light_has_no_colour() -> None:
    image = np.full((48, 200, 3), 50, np.uint8)
    lit = glare(image, strength=0.5, count=4, colour=0.0, seed=3).astype(int)
    assert np.ptp(lit, axis=2).max() <= 1
    assert np.ptp(glare(image, strength=0.5, count=4, colour=1.0, seed=3), axis=2).max() > 30
