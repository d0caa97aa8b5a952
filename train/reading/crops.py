"""Many crops read in order, on all cores, with a bounded number in memory."""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from textlines.errors import InputError
from textlines.formats.predictions import Outcome
from textlines.pixels.arrays import Image
from textlines.pixels.decode import ImageError, read_image
from train.reading.engine import Engine, by_width


def usable_cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def read_crops(
    engine: Engine, paths: Sequence[str], images: Path, workers: int
) -> Iterator[list[Outcome]]:
    """Read crops and give the outcomes in their order, a chunk at a time.

    Each thread decodes, resizes, runs the network and decodes text: OpenCV and onnxruntime let go
    of the interpreter while they work, and no pixels travel between processes.

    Args:
        paths: from `images` on.
        workers: threads, at least 1.
    """
    size = engine.batching.chunk
    chunks = (paths[at : at + size] for at in range(0, len(paths), size))
    pool = ThreadPoolExecutor(workers, thread_name_prefix="reading")
    waiting: deque[Future[list[Outcome]]] = deque()
    try:
        for chunk in chunks:
            waiting.append(pool.submit(read_chunk, engine, chunk, images))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def read_chunk(engine: Engine, paths: Sequence[str], images: Path) -> list[Outcome]:
    """Read a few crops: those of one padded width together, and give them in order.

    Raises:
        InputError: the model gives no probabilities for one; names it.
    """
    prepared: dict[int, Image] = {}
    outcomes: dict[int, Outcome] = {}
    for number, path in enumerate(paths):
        try:
            prepared[number] = engine.prepare(read_image(images / path))
        except ImageError as error:
            outcomes[number] = Outcome(path, fault=error.reason)
    for batch in by_width(prepared, engine.batching.lines):
        try:
            lines = engine.read([prepared[number] for number in batch])
        except InputError as error:
            first = paths[batch[0]]
            raise InputError(error.where, f"{error.what} (crop {first})", error.mend) from error
        for number, line in zip(batch, lines, strict=True):
            outcomes[number] = Outcome(paths[number], line.text, line.score)
    return [outcomes[number] for number in range(len(paths))]
