"""Rows kept for further runs: named by all they depend on, whole or computed again."""

from pathlib import Path

import numpy as np
import pytest

from train.tuning.cache import Row, Shape
from train.tuning.kept_features import KeptFeatures, network_key

SHAPE = Shape(channels=4, steps=5, top=3)
TENSORS = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.ones(2, np.float32)}


def row() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return (
        np.arange(20, dtype=np.float16).reshape(4, 5),
        np.arange(15, dtype=np.int32).reshape(5, 3),
        np.linspace(0, 1, 15).astype(np.float16).reshape(5, 3),
    )


@pytest.fixture
def kept(tmp_path: Path) -> KeptFeatures:
    return KeptFeatures(tmp_path / "features", network_key(TENSORS, ()), seed=1)


def test_a_row_comes_back_as_it_was(kept: KeptFeatures) -> None:
    place = kept.place(b"image", Row("a.jpg", 1), 320, SHAPE)
    assert kept.find(place, SHAPE) is None
    kept.keep(place, row())
    found = kept.find(place, SHAPE)
    assert found is not None
    for one, other in zip(found, row(), strict=True):
        assert one.dtype == other.dtype
        assert np.array_equal(one, other)


@pytest.mark.parametrize("change", [b"", b"longer"])
def test_a_file_of_another_length_is_no_row(kept: KeptFeatures, change: bytes) -> None:
    place = kept.place(b"image", Row("a.jpg", 0), 320, SHAPE)
    kept.keep(place, row())
    content = place.read_bytes()
    place.write_bytes(content + change if change else content[:-1])
    assert kept.find(place, SHAPE) is None


def test_all_that_a_row_depends_on_names_it(kept: KeptFeatures, tmp_path: Path) -> None:
    other_network = KeptFeatures(kept.folder, network_key(TENSORS, (3,)), seed=1)
    other_seed = KeptFeatures(kept.folder, kept.network, seed=2)
    places = [
        kept.place(b"image", Row("a.jpg", 1), 320, SHAPE),
        kept.place(b"other", Row("a.jpg", 1), 320, SHAPE),
        kept.place(b"image", Row("b.jpg", 1), 320, SHAPE),
        kept.place(b"image", Row("a.jpg", 2), 320, SHAPE),
        kept.place(b"image", Row("a.jpg", 1, 180), 320, SHAPE),
        kept.place(b"image", Row("a.jpg", 1, moves=True), 320, SHAPE),
        kept.place(b"image", Row("a.jpg", 1), 352, SHAPE),
        kept.place(b"image", Row("a.jpg", 1), 320, Shape(4, 5, 2)),
        other_network.place(b"image", Row("a.jpg", 1), 320, SHAPE),
        other_seed.place(b"image", Row("a.jpg", 1), 320, SHAPE),
        kept.place(b"image", Row("a.jpg", 0), 320, SHAPE),
    ]
    assert len(set(places)) == len(places)


def test_a_plain_crop_is_the_same_under_any_name_and_seed(kept: KeptFeatures) -> None:
    other = KeptFeatures(kept.folder, kept.network, seed=2)
    one = kept.place(b"image", Row("a.jpg", 0), 320, SHAPE)
    assert one == other.place(b"image", Row("b/c.jpg", 0), 320, SHAPE)


def test_other_weights_are_another_network() -> None:
    changed = {**TENSORS, "b": np.zeros(2, np.float32)}
    assert network_key(TENSORS, ()) != network_key(changed, ())
    assert network_key(TENSORS, ()) == network_key(dict(reversed(TENSORS.items())), ())
