"""Features and posteriors kept for a run, and for further ones."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from textlines.errors import InputError, MachineError
from train.tuning.feature_store import KeptFeatures, LineVariant, RowShape, WidthStore, network_key

ROWS = (("a.png", 0), ("a.png", 1), ("b.png", 0))
SHAPE = RowShape(channels=4, steps=5, top=2)


def content(count: int, seed: int) -> tuple[Any, Any, Any]:
    """Draw features, classes and shares of some rows."""
    random = np.random.default_rng(seed)
    return (
        random.normal(size=(count, 4, 5)).astype(np.float16),
        random.integers(0, 9, (count, 5, 2)).astype(np.int32),
        random.random((count, 5, 2)).astype(np.float16),
    )


def test_what_is_done_stays_and_the_rest_goes_on(tmp_path: Path) -> None:
    store = WidthStore(tmp_path / "lines", 320, ROWS, SHAPE)
    assert list(store.missing()) == [0, 1, 2]
    features, classes, shares = content(2, 1)
    store.put([0, 2], features, classes, shares)
    # Not flushed: what a killed process had written is there all the same.
    again = WidthStore(tmp_path / "lines", 320, ROWS, SHAPE)
    assert list(again.missing()) == [1]
    assert again.features is not None
    assert np.array_equal(again.features[[0, 2]], features)
    again.put([1], *content(1, 2))
    again.flush()
    whole = WidthStore(tmp_path / "lines", 320, ROWS, SHAPE)
    assert list(whole.missing()) == []
    assert np.array_equal(whole.classes[[0, 2]], classes)
    assert np.array_equal(whole.shares[2], shares[1])
    assert whole.row_of(("a.png", 1)) == 1


def test_without_channels_only_posteriors_are_kept(tmp_path: Path) -> None:
    store = WidthStore(tmp_path, 320, ROWS, RowShape(0, 5, 2))
    store.put([0], *content(1, 1))
    assert store.features is None
    assert not list(tmp_path.glob("*features*"))
    assert list(store.missing()) == [1, 2]


@pytest.mark.parametrize(
    ("rows", "shape"),
    [
        (ROWS[:2], SHAPE),
        (ROWS, RowShape(3, 5, 2)),
        (ROWS, RowShape(4, 6, 2)),
        (ROWS, RowShape(4, 5, 3)),
    ],
)
def test_files_of_another_plan_are_refused(
    tmp_path: Path, rows: tuple[tuple[str, int], ...], shape: RowShape
) -> None:
    WidthStore(tmp_path, 320, ROWS, SHAPE).flush()
    with pytest.raises(InputError, match=r"belongs to another plan: delete the run's cache/"):
        WidthStore(tmp_path, 320, rows, shape)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    WidthStore(tmp_path, 320, ROWS, SHAPE).flush()
    (tmp_path / "w0320.classes.npy").write_bytes(b"nothing of the kind")
    with pytest.raises(InputError, match=r"w0320\.classes\.npy.* is broken"):
        WidthStore(tmp_path, 320, ROWS, SHAPE)


def test_a_full_disk_is_found_before_anything_is_computed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(MachineError, match="the disk is full"):
        WidthStore(tmp_path / "lines", 320, ROWS, SHAPE)
    monkeypatch.undo()
    assert list(WidthStore(tmp_path / "lines", 320, ROWS, SHAPE).missing()) == [0, 1, 2]


def test_each_width_has_its_own_files(tmp_path: Path) -> None:
    WidthStore(tmp_path, 320, ROWS, SHAPE).put([0], *content(1, 1))
    other = WidthStore(tmp_path, 384, ROWS, RowShape(4, 6, 2))
    assert list(other.missing()) == [0, 1, 2]


KEPT_SHAPE = RowShape(channels=4, steps=5, top=3)
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
    place = kept.place(b"image", LineVariant("a.jpg", 1), 320, KEPT_SHAPE)
    assert kept.find(place, KEPT_SHAPE) is None
    kept.keep(place, row())
    found = kept.find(place, KEPT_SHAPE)
    assert found is not None
    for one, other in zip(found, row(), strict=True):
        assert one.dtype == other.dtype
        assert np.array_equal(one, other)


@pytest.mark.parametrize("change", [b"", b"longer"])
def test_a_file_of_another_length_is_no_row(kept: KeptFeatures, change: bytes) -> None:
    place = kept.place(b"image", LineVariant("a.jpg", 0), 320, KEPT_SHAPE)
    kept.keep(place, row())
    content = place.read_bytes()
    place.write_bytes(content + change if change else content[:-1])
    assert kept.find(place, KEPT_SHAPE) is None


def test_all_that_a_row_depends_on_names_it(kept: KeptFeatures, tmp_path: Path) -> None:
    other_network = KeptFeatures(kept.folder, network_key(TENSORS, (3,)), seed=1)
    other_seed = KeptFeatures(kept.folder, kept.network, seed=2)
    places = [
        kept.place(b"image", LineVariant("a.jpg", 1), 320, KEPT_SHAPE),
        kept.place(b"other", LineVariant("a.jpg", 1), 320, KEPT_SHAPE),
        kept.place(b"image", LineVariant("b.jpg", 1), 320, KEPT_SHAPE),
        kept.place(b"image", LineVariant("a.jpg", 2), 320, KEPT_SHAPE),
        kept.place(b"image", LineVariant("a.jpg", 1, 180), 320, KEPT_SHAPE),
        kept.place(b"image", LineVariant("a.jpg", 1, moves=True), 320, KEPT_SHAPE),
        kept.place(b"image", LineVariant("a.jpg", 1), 352, KEPT_SHAPE),
        kept.place(b"image", LineVariant("a.jpg", 1), 320, RowShape(4, 5, 2)),
        other_network.place(b"image", LineVariant("a.jpg", 1), 320, KEPT_SHAPE),
        other_seed.place(b"image", LineVariant("a.jpg", 1), 320, KEPT_SHAPE),
        kept.place(b"image", LineVariant("a.jpg", 0), 320, KEPT_SHAPE),
    ]
    assert len(set(places)) == len(places)


def test_a_plain_crop_is_the_same_under_any_name_and_seed(kept: KeptFeatures) -> None:
    other = KeptFeatures(kept.folder, kept.network, seed=2)
    one = kept.place(b"image", LineVariant("a.jpg", 0), 320, KEPT_SHAPE)
    assert one == other.place(b"image", LineVariant("b/c.jpg", 0), 320, KEPT_SHAPE)


def test_other_weights_are_another_network() -> None:
    changed = {**TENSORS, "b": np.zeros(2, np.float32)}
    assert network_key(TENSORS, ()) != network_key(changed, ())
    assert network_key(TENSORS, ()) == network_key(dict(reversed(TENSORS.items())), ())
