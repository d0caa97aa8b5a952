"""Surfaces made without any file, and the catalogue that names them."""

import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.draws import Draws
from synth.rendering.surfaces import SURFACES, lcd, paper, photo, plain, thermal
from textlines.errors import UsageError

CATALOGUE = Path(__file__).parents[3] / "backgrounds" / "catalogue.toml"
COMPUTED = sorted(set(SURFACES) - {"photo"})
seeds = st.integers(0, 2**63)


def test_the_catalogue_names_every_surface_in_both_languages() -> None:
    entries = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))["surface"]
    assert {entry["name"] for entry in entries} == set(SURFACES)
    for entry in entries:
        assert entry["about"]["en"] and entry["about"]["ko"] and entry["licence"]


@pytest.mark.parametrize("name", COMPUTED)
@given(height=st.integers(8, 512), width=st.integers(8, 3200), seed=seeds)
@settings(max_examples=12)
def test_a_surface_is_a_new_image_of_the_size_asked_for(
    name: str, height: int, width: int, seed: int
) -> None:
    image = SURFACES[name](height, width, Draws(seed, 0), None)
    assert image.shape == (height, width, 3)
    assert image.dtype == np.uint8 and image.flags.c_contiguous and image.flags.writeable


@pytest.mark.parametrize("name", COMPUTED)
def test_equal_draws_give_equal_bytes_and_others_give_others(name: str) -> None:
    images = [SURFACES[name](48, 200, Draws(5, i), None) for i in (1, 1, 2, 3)]
    np.testing.assert_array_equal(images[0], images[1])
    assert (images[0] != images[2]).any() or (images[0] != images[3]).any()


@pytest.mark.parametrize("surface", [plain, paper, thermal])
@pytest.mark.parametrize("level", [60.0, 200.0, 240.0])
def test_paper_has_the_level_that_is_asked_for(surface: object, level: float) -> None:
    means = [
        float(SURFACES[surface.__name__](48, 300, Draws(1, i), level=level, tint=0.0).mean())
        for i in range(8)
    ]
    assert float(np.mean(means)) == pytest.approx(level, abs=4)


@given(seed=seeds, tint=st.floats(0, 40))
@settings(max_examples=25)
def test_tint_bounds_how_far_channels_part(seed: int, tint: float) -> None:
    image = plain(8, 8, Draws(seed, 0), level=230.0, tint=tint).astype(int)
    assert np.ptp(image, axis=2).max() <= tint + 1


def test_grain_and_streaks_have_the_spread_that_is_asked_for() -> None:
    grained = [float(paper(60, 600, Draws(2, i), tint=0, grain=6.0).std()) for i in range(6)]
    assert float(np.mean(grained)) == pytest.approx(6, rel=0.35)
    bare = thermal(48, 300, Draws(2, 1), level=230, tint=0, grain=0, streak=0)
    assert np.ptp(bare) == 0
    streaked = thermal(48, 300, Draws(2, 1), level=230, tint=0, grain=0, streak=3).astype(float)
    assert streaked.mean(axis=(1, 2)).std() > 3 * streaked.mean(axis=(0, 2)).std()


def test_a_fold_only_takes_light() -> None:
    flat = paper(48, 300, Draws(3, 1), level=200, tint=0, grain=0, fold=0)
    folded = paper(48, 300, Draws(3, 1), level=200, tint=0, grain=0, fold=0.3)
    assert folded.max() <= flat.max() and int(flat.min()) - int(folded.min()) > 8


@pytest.mark.parametrize("level", [24.0, 90.0, 180.0])
def test_a_panel_lies_about_its_level(level: float) -> None:
    means = [float(lcd(48, 200, Draws(4, i), level=level, lit=0.0).mean()) for i in range(20)]
    assert 0.6 * level < float(np.mean(means)) < 1.1 * level


def test_a_panel_is_coloured_only_where_it_is_lit() -> None:
    unlit = [lcd(48, 99, Draws(4, i), level=90, tint=0.3, lit=0.0) for i in range(20)]
    lit = [lcd(48, 99, Draws(4, i), level=90, tint=1.0, lit=1.0) for i in range(20)]
    apart = [[float(np.ptp(im.mean(axis=(0, 1)))) for im in group] for group in (unlit, lit)]
    assert max(apart[0]) < 25 < min(apart[1])


def test_dust_is_smaller_than_a_full_stop() -> None:
    for index in range(30):
        clean = lcd(48, 200, Draws(6, index), dust=0, texture=0.0)
        dusty = lcd(48, 200, Draws(6, index), dust=1, texture=0.0)
        changed = np.argwhere((clean != dusty).any(axis=2))
        if len(changed):
            assert min(np.ptp(changed, axis=0)) <= 20 and len(changed) < 90


def test_photos_are_asked_for_by_name() -> None:
    with pytest.raises(UsageError, match="Name a folder with --backgrounds"):
        photo(48, 100, Draws(1, 1), None)
