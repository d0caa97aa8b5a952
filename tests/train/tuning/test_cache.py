"""Features and posteriors on disk."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from textlines.errors import InputError, MachineError
from train.tuning.cache import Shape, WidthStore

ROWS = (("a.png", 0), ("a.png", 1), ("b.png", 0))
SHAPE = Shape(channels=4, steps=5, top=2)


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
    store = WidthStore(tmp_path, 320, ROWS, Shape(0, 5, 2))
    store.put([0], *content(1, 1))
    assert store.features is None
    assert not list(tmp_path.glob("*features*"))
    assert list(store.missing()) == [1, 2]


@pytest.mark.parametrize(
    ("rows", "shape"),
    [(ROWS[:2], SHAPE), (ROWS, Shape(3, 5, 2)), (ROWS, Shape(4, 6, 2)), (ROWS, Shape(4, 5, 3))],
)
def test_files_of_another_plan_are_refused(
    tmp_path: Path, rows: tuple[tuple[str, int], ...], shape: Shape
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
    other = WidthStore(tmp_path, 384, ROWS, Shape(4, 6, 2))
    assert list(other.missing()) == [0, 1, 2]
