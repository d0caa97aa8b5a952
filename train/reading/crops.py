"""Many crops read in order, on all cores, with a bounded number in memory."""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from textlines.formats.predictions import Outcome, Turn
from textlines.pixels.arrays import Image
from textlines.pixels.decode import ImageError, read_image
from train.models.records import Turning
from train.reading.engine import Engine
from train.reading.turning import Turned, is_settled, prepared_turns, read_turns, surest


def usable_cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def read_crops(
    engine: Engine, paths: Sequence[str], images: Path, workers: int, turning: Turning = "off"
) -> Iterator[list[Outcome]]:
    """Read crops and give the outcomes in their order, a chunk at a time.

    Each thread decodes, resizes, runs the network and decodes text: OpenCV and onnxruntime let go
    of the interpreter while they work, and no pixels travel between processes.

    Args:
        paths: from `images` on.
        workers: threads, at least 1.
        turning: whether crops are read in their turns too.
    """
    size = engine.batching.chunk
    chunks = (paths[at : at + size] for at in range(0, len(paths), size))
    pool = ThreadPoolExecutor(workers, thread_name_prefix="reading")
    waiting: deque[Future[list[Outcome]]] = deque()
    try:
        for chunk in chunks:
            waiting.append(pool.submit(read_chunk, engine, chunk, images, turning))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def read_chunk(
    engine: Engine, paths: Sequence[str], images: Path, turning: Turning = "off"
) -> list[Outcome]:
    """Read a few crops: those of one padded width together, and give them in order.

    Raises:
        InputError: the model gives no probabilities for one; names it.
    """
    prepared: dict[int, dict[Turn, Image]] = {}
    outcomes: dict[int, Outcome] = {}
    for number, path in enumerate(paths):
        try:
            image = read_image(images / path)
        except ImageError as error:
            outcomes[number] = Outcome(path, fault=error.reason)
            continue
        prepared[number] = prepared_turns(engine.prepare, image, turning)
    read = read_turns(engine, prepared, lambda _, line: is_settled(line), lambda at: paths[at])
    for number, lines in read.items():
        outcomes[number] = outcome_of_turns(paths[number], lines, surest(lines))
    return [outcomes[number] for number in range(len(paths))]


def outcome_of_turns(path: str, lines: Turned, turn: Turn) -> Outcome:
    """Return what came of a crop that was read in its turns and is kept in one of them."""
    unturned = lines[0].text if turn else None
    return Outcome(path, lines[turn].text, lines[turn].score, turn=turn, unturned=unturned)
