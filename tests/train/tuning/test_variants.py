"""Variants of a crop."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.train.tuning.conftest import draw_crop
from textlines.errors import MendError
from textlines.pixels.decode import read_image
from textlines.pixels.resize import to_recognizer
from train.tuning.variants import Wanted, moved, prepared, varied

IMAGE = np.random.default_rng(1).integers(0, 256, (30, 70, 3), np.uint8)


def test_the_first_version_is_the_image_itself() -> None:
    assert varied(IMAGE, "a.png", 0, 7) is IMAGE


@given(name=st.text(max_size=5), version=st.integers(1, 9), seed=st.integers(0, 9))
def test_a_variant_is_a_new_image_of_the_same_size(name: str, version: int, seed: int) -> None:
    before = IMAGE.copy()
    found = varied(IMAGE, name, version, seed)
    assert found.shape == IMAGE.shape
    assert found.dtype == np.uint8
    assert np.array_equal(IMAGE, before)
    assert np.array_equal(found, varied(IMAGE, name, version, seed))


def test_versions_names_and_seeds_differ() -> None:
    keys = [("a", 1, 0), ("a", 2, 0), ("a", 3, 0), ("b", 1, 0), ("a", 1, 1)]
    found = {varied(IMAGE, *key).tobytes() for key in keys}
    assert len(found) == len(keys)
    assert IMAGE.tobytes() not in found


def test_a_prepared_crop_is_what_reading_makes_of_it(tmp_path: Path) -> None:
    draw_crop(tmp_path / "a.png", "12.5")
    own = prepared(Wanted(tmp_path / "a.png", "a.png"), 0)
    assert np.array_equal(own, to_recognizer(read_image(tmp_path / "a.png")))
    other = prepared(Wanted(tmp_path / "a.png", "a.png", 1), 0)
    assert other.shape == own.shape
    assert not np.array_equal(other, own)


def test_a_missing_crop_is_named(tmp_path: Path) -> None:
    with pytest.raises(MendError, match=r"none\.png"):
        prepared(Wanted(tmp_path / "none.png", "none.png"), 0)


@given(seed=st.integers(0, 99), width=st.integers(16, 400))
def test_moved_ink_stays_in_the_image(seed: int, width: int) -> None:
    image = np.full((40, width, 3), 255, np.uint8)
    image[8:32, 2:-2] = 0  # as tight as a crop is
    found = moved(image, np.random.Generator(np.random.PCG64(seed)))
    assert found.shape == image.shape
    # The middle stays ink, and the ink neither vanishes nor fills the image.
    assert found[20, width // 2, 0] < 128
    assert 0.6 < (found < 128).mean() / (image < 128).mean() < 1.4


def test_ink_moves_only_where_it_may() -> None:
    still = varied(IMAGE, "a", 1, 0)
    assert not np.array_equal(still, varied(IMAGE, "a", 1, 0, moves=True))
