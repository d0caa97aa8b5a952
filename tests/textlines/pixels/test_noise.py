"""Tiles of noise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textlines.pixels.noise import MIDDLE, SPREAD, clouds, coarse_grid, crop, grain, grey_grain


@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("colour", [True, False])
def test_a_tile_has_the_stated_mean_and_spread(size: int, colour: bool) -> None:
    tile = grain(size, colour=colour)
    assert tile.shape == (256, 2048, 3)
    assert float(tile.mean()) == pytest.approx(MIDDLE, abs=0.3)
    assert float(tile.std()) == pytest.approx(SPREAD, rel=0.02)
    assert (tile[..., 0] == tile[..., 1]).all() != colour


def test_nobody_can_write_to_a_tile() -> None:
    for tile in (grain(), grey_grain(), clouds(12)):
        with pytest.raises(ValueError, match="read-only"):
            tile[0, 0] = 1


def test_a_tile_is_made_once() -> None:
    assert grain(1) is grain(1)
    assert clouds(9) is clouds(9)


@given(height=st.integers(1, 600), width=st.integers(1, 3300), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_a_crop_has_the_size_asked_for(height: int, width: int, seed: int) -> None:
    assert crop(clouds(12), height, width, seed).shape == (height, width)


def test_crops_begin_all_over_the_tile() -> None:
    tile = np.arange(16 * 64, dtype=np.int32).reshape(16, 64)
    begins = {int(crop(tile, 4, 8, seed)[0, 0]) for seed in range(13 * 57)}
    assert len(begins) == 13 * 57


def test_a_grid_depends_on_its_seed_and_covers_the_bytes() -> None:
    grids = np.stack([coarse_grid(3, 4, seed) for seed in range(200)])
    assert grids.min() < 5 and grids.max() > 250
    assert abs(float(grids.mean()) - 127.5) < 5
    np.testing.assert_array_equal(coarse_grid(3, 4, 7), coarse_grid(3, 4, 7))
