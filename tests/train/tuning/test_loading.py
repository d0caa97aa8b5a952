"""Crops prepared ahead in worker processes."""

import multiprocessing
import os
import signal
import sys
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np
import pytest

from tests.train.tuning.conftest import draw_crop, numbers
from textlines.errors import InputError
from textlines.signals import result_of, signals_held, worker_pool
from train.tuning.loading import Waiting, as_input, load, loading
from train.tuning.variants import Wanted


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
    lines = as_input(crops, 32)
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
