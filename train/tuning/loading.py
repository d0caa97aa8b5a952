"""Crops decoded, varied and resized in worker processes, some steps ahead of their use."""

import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, TypeVar

import numpy as np

from textlines.errors import InputError
from textlines.pixels.arrays import Image
from textlines.pixels.resize import HEIGHT
from textlines.signals import result_of, signals_held, worker_pool
from train.networks.devices import Device
from train.tuning.variants import Wanted, prepared

T = TypeVar("T")

AHEAD = 3
"""Batches that are prepared beyond the one in use, for each worker."""

MOST_WORKERS = 16
"""Beyond them a process that trains is busy taking over what they hand in."""


@dataclass
class Waiting:
    """Seconds that the training waited for crops, and that it took in all."""

    waited: float = 0.0
    batches: int = field(default=0)


Loader = Callable[[Sequence[Sequence[Wanted]]], Iterator[list[Image]]]
"""Gives the crops of each batch, in order."""


def load(batch: Sequence[Wanted], seed: int) -> list[Image]:
    """Prepare the crops of one batch.

    Raises:
        InputError: one cannot be read; names it.
    """
    return [prepared(wanted, seed) for wanted in batch]


def workers_of(planned: int | Literal["auto"], device: Device, cores: int) -> int:
    """Return how many processes prepare crops for one that trains.

    A GPU takes all that the cores can prepare, up to `MOST_WORKERS`. Steps on CPUs take the cores
    themselves: one worker for eight of them keeps up (`benchmarks/train.py`: waits under 5 %).

    Args:
        planned: a number, or "auto". cores: that fall to the process that trains.

    >>> [workers_of("auto", "gpu", cores) for cores in (1, 8, 64)], workers_of("auto", "cpu", 16)
    ([1, 7, 16], 2)
    """
    if planned != "auto":
        return planned
    return max(1, min(cores - 1, MOST_WORKERS) if device == "gpu" else cores // 8)


def _one_thread() -> None:
    import cv2

    cv2.setNumThreads(1)


@contextmanager
def loading(workers: int, seed: int, waiting: Waiting) -> Iterator[Loader]:
    """Give a loader; its processes end with the block.

    Args:
        workers: processes; 0 prepares in this one, when asked.
        waiting: grows by what the training waits.
    """
    if workers < 1:
        yield lambda wanted: timed((load(batch, seed) for batch in wanted), waiting)
        return
    # Spawned, not forked: Paddle's threads do not survive a fork.
    with worker_pool(workers, method="spawn", initializer=_one_thread) as pool:
        yield lambda wanted: timed(_ahead(pool, wanted, seed, workers), waiting)


def _ahead(
    pool: ProcessPoolExecutor, wanted: Sequence[Sequence[Wanted]], seed: int, workers: int
) -> Iterator[list[Image]]:
    running: deque[Future[list[Image]]] = deque()
    try:
        for batch in wanted:
            with signals_held():  # submitting starts processes as they are needed
                running.append(pool.submit(load, batch, seed))
            if len(running) > AHEAD * workers:
                yield result_of(running.popleft(), pool)
        while running:
            yield result_of(running.popleft(), pool)
    except BrokenProcessPool as error:
        raise InputError(
            "a worker process that reads crops",
            "was killed",
            "Often for want of memory: use --set workers=1; then call `train rec` again, it goes "
            "on from the last checkpoint.",
        ) from error


def timed(batches: Iterator[T], waiting: Waiting) -> Generator[T, None, None]:
    """Give batches, and count how many and what was waited for them."""
    while True:
        start = time.perf_counter()
        try:
            batch = next(batches)
        except StopIteration:
            return
        waiting.waited += time.perf_counter() - start
        waiting.batches += 1
        yield batch


def as_input(
    crops: Sequence[Image], width: int
) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    """Turn resized crops into the network's input, padded on the right with 0.

    Args:
        crops: 48 x w x 3 uint8 BGR, none wider than `width`.

    Returns:
        N x 3 x 48 x width float32, -1..1.
    """
    lines = np.zeros((len(crops), 3, HEIGHT, width), np.float32)
    for line, crop in zip(lines, crops, strict=True):
        own = crop[:, :width]
        # In these steps and in float32, as reading has them: the same bits.
        line[:, :, : own.shape[1]] = (own.transpose(2, 0, 1).astype(np.float32) / 255 - 0.5) / 0.5
    return lines
