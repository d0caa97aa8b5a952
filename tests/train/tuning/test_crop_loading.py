"""Crops varied, prepared by worker processes, and fed to a device."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.train.tuning.conftest import draw_crop, numbers
from textlines.errors import InputError, MendError
from textlines.pixels.decode import read_image
from textlines.pixels.resize import network_batch, to_recognizer
from textlines.signals import result_of, signals_held, worker_pool
from train.tuning.crop_loading import (
    Waiting,
    Wanted,
    load,
    loading,
    moved,
    prepared,
    varied,
)

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


@pytest.fixture(scope="module")
def batches(tmp_path_factory: pytest.TempPathFactory) -> list[list[Wanted]]:
    """Draw crops of 12 batches; some are shown as variants."""
    folder = tmp_path_factory.mktemp("crops")
    found = []
    for batch, text in enumerate(numbers(12, 3)):
        rows = []
        for number in range(3):
            path = folder / f"{batch}-{number}.png"
            draw_crop(path, text, shade=20 * number)
            rows.append(Wanted(path, path.name, number))
        found.append(rows)
    return found


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_come_in_order(batches: list[list[Wanted]], workers: int) -> None:
    waiting = Waiting()
    with loading(workers, 5, waiting) as loader:
        found = list(loader(batches))
        again = list(loader(batches[:1]))  # the next epoch of the same processes
    assert len(found) == len(batches)
    for crops, batch in zip([*found, *again], [*batches, batches[0]], strict=True):
        for one, two in zip(crops, load(batch, 5), strict=True):
            assert np.array_equal(one, two)
    assert waiting.batches == len(batches) + 1


@pytest.mark.parametrize("workers", [0, 1])
def test_a_missing_file_is_named(batches: list[list[Wanted]], tmp_path: Path, workers: int) -> None:
    gone = [*batches[:1], [Wanted(tmp_path / "gone.png", "gone.png")], *batches[1:]]
    with loading(workers, 5, Waiting()) as loader:
        crops = loader(gone)
        next(crops)
        with pytest.raises(InputError, match=r"gone\.png"):
            next(crops)


def test_a_killed_worker_is_told(batches: list[list[Wanted]]) -> None:
    with loading(1, 5, Waiting()) as loader:
        crops = loader(batches * 20)
        next(crops)
        (worker,) = multiprocessing.active_children()
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
        with pytest.raises(InputError, match=r"was killed.*call `train rec` again"):
            list(crops)


def test_an_end_before_the_last_batch_leaves_no_process(batches: list[list[Wanted]]) -> None:
    with loading(1, 5, Waiting()) as loader:
        next(loader(batches))
    assert not multiprocessing.active_children()


def test_the_input_is_padded_with_0_and_never_wider() -> None:
    random = np.random.default_rng(1)
    crops = [random.integers(0, 256, (48, width, 3), np.uint8) for width in (20, 40)]
    lines = network_batch(crops, 32)
    assert lines.shape == (2, 3, 48, 32)
    assert lines.dtype == np.float32
    assert not lines[0, :, :, 20:].any()
    assert lines[0, 2, 7, 5] == pytest.approx(crops[0][7, 5, 2] / 127.5 - 1, abs=1e-6)
    assert lines[1, 0, 0, 31] == pytest.approx(crops[1][0, 31, 0] / 127.5 - 1, abs=1e-6)
    assert lines.min() >= -1 and lines.max() <= 1


def _half_a_result() -> None:
    """Hand over the beginning of a result, as a worker that is killed in the middle does."""
    from concurrent.futures import process

    frame = sys._getframe()
    while frame.f_code is not process._process_worker.__code__:
        assert frame.f_back is not None
        frame = frame.f_back
    # A message's length, and less than that.
    os.write(frame.f_locals["result_queue"]._writer.fileno(), b"\0\0\xff\xff" + b"half")
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_worker_killed_while_it_hands_over_is_told() -> None:
    with pytest.raises(BrokenProcessPool), worker_pool(1, method="spawn") as pool:
        with signals_held():
            future = pool.submit(_half_a_result)
        result_of(future, pool)
    assert not multiprocessing.active_children()


@given(
    widths=st.lists(st.integers(1, 700), min_size=1, max_size=4),
    width=st.sampled_from([320, 512]),
    seed=st.integers(0, 99),
)
@settings(max_examples=25, deadline=None)
def test_bytes_become_the_network_s_input(
    paddle: Any, widths: list[int], width: int, seed: int
) -> None:
    from train.tuning.crop_loading import normalised, padded

    random = np.random.default_rng(seed)
    crops = [random.integers(0, 256, (48, one, 3)).astype(np.uint8) for one in widths]
    found = normalised(paddle.to_tensor(padded(crops, width))).numpy()
    wanted = network_batch(crops, width)
    assert found.shape == wanted.shape
    assert np.abs(found - wanted).max() <= 2**-22  # another order of float32 operations
    assert np.array_equal(found == 0, wanted == 0)


def test_no_crops_are_one_line_of_zeros(paddle: Any) -> None:
    from train.tuning.crop_loading import normalised, padded

    found = normalised(paddle.to_tensor(padded([], 320)))
    assert found.shape == [1, 3, 48, 320]
    assert not found.numpy().any()


def test_batches_of_several_sizes_arrive_in_order(paddle: Any) -> None:
    from train.tuning.crop_loading import feeding

    made = [np.full((k % 3 + 1, 49, 320 + 64 * (k % 2), 3), k, np.uint8) for k in range(9)]
    waiting = Waiting()
    with feeding(iter(made), waiting) as batches:
        found = [one.numpy() for one in batches]
    assert len(found) == len(made) == waiting.batches
    assert all(np.array_equal(one, two) for one, two in zip(found, made, strict=True))


def test_what_goes_wrong_ahead_is_told_where_its_batch_would_have_come(paddle: Any) -> None:
    from train.tuning.crop_loading import feeding

    def made() -> Iterator[Any]:
        yield np.zeros((1, 2), np.uint8)
        raise InputError("crops/7.png", "is not there", "")

    with feeding(made(), Waiting()) as batches:
        assert next(batches).shape == [1, 2]
        with pytest.raises(InputError, match=r"crops/7\.png: is not there"):
            next(batches)


def test_leaving_early_ends_what_runs_ahead(paddle: Any) -> None:
    from train.tuning.crop_loading import feeding

    ended = []

    def made() -> Iterator[Any]:
        try:
            for number in range(10_000):
                yield np.full((4, 4), number % 256, np.uint8)
        finally:
            ended.append(True)

    source = made()
    with feeding(source, Waiting()) as batches:
        next(batches)
    source.close()
    assert ended
