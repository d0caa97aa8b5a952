"""Crops on their way to a step: read, lightly varied and resized, some steps ahead of their use.

Worker processes prepare them; they import this module, and no Paddle. To a GPU they go from pinned
memory, beside the steps. What travels is bytes, a quarter of the float32 that the network takes;
they become that there. The copy is that of `paddle.io.DataLoader`: a thread takes what the worker
processes have made, puts it into pinned memory and copies it by a stream of its own, two batches
ahead.
"""

import hashlib
import math
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from textlines.errors import InputError
from textlines.formats.predictions import Turn
from textlines.pixels.arrays import Image
from textlines.pixels.camera import gaussian_blur, jpeg, sensor_noise
from textlines.pixels.decode import read_image
from textlines.pixels.geometry import compose, perspective, shear, slope, warp
from textlines.pixels.resize import HEIGHT, to_recognizer
from textlines.pixels.tone import tone
from textlines.signals import result_of, signals_held, worker_pool
from train.networks.devices import Device
from train.reading.turning import turned

if TYPE_CHECKING:
    from paddle import Tensor

T = TypeVar("T")

RISE = 0.12
"""Of the height, how far a line may climb or fall from one end to the other when it is moved."""

AHEAD = 3
"""Batches that are prepared beyond the one in use, for each worker."""

MOST_WORKERS = 16
"""Beyond them a process that trains is busy taking over what they hand in."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One crop to prepare.

    Attributes:
        path: of the file.
        name: that its variant is drawn from: the path in the list, the same on every machine.
        version: 0 is the crop as it is; others are varied, each in its own way.
        turn: degrees, counter-clockwise, by which it is turned before that.
        moves: whether its ink may move: not where the target belongs to time steps.
    """

    path: Path
    name: str
    version: int = 0
    turn: Turn = 0
    moves: bool = False


def moved(image: Image, random: np.random.Generator) -> Image:
    """Let a line climb, lean, stretch, shift and recede a little, as another photo of it would.

    Returns:
        A new image of the same size; beyond its edges its last pixels stand.
    """
    height, width = image.shape[:2]
    climb = math.degrees(math.atan(RISE * height / width))
    wide, high = random.uniform(0.90, 1.04), random.uniform(0.86, 1.06)
    reach = min(height, width)
    x, y = random.uniform(-0.06, 0.06) * reach, random.uniform(-0.04, 0.04) * reach
    stretch = np.array(
        [
            [wide, 0.0, (1 - wide) * (width - 1) / 2 + x],
            [0.0, high, (1 - high) * (height - 1) / 2 + y],
            [0.0, 0.0, 1.0],
        ]
    )
    matrix = compose(
        shear(width, height, deg=float(random.uniform(-7, 7))),
        slope(width, height, deg=float(random.uniform(-climb, climb))),
        perspective(width, height, spread=0.05, seed=int(random.integers(1 << 30))),
        stretch,
    )
    return warp(image, matrix, (width, height), "replicate")


def varied(image: Image, name: str, version: int, seed: int, *, moves: bool = False) -> Image:
    """Vary light, contrast, sharpness, noise and compression a little.

    Args:
        image: H x W x 3 uint8, BGR. Left as it is.
        moves: vary geometry too. Not for distilled lines: what moves the ink would move the time
            steps that their target belongs to.

    Returns:
        A new image of the same size; for version 0 the image itself.
    """
    if version == 0:
        return image
    key = hashlib.sha256(f"{seed}\0{name}\0{version}".encode()).digest()
    random = np.random.Generator(np.random.PCG64(int.from_bytes(key[:16], "little")))
    made = tone(
        moved(image, random) if moves else image,
        brightness=float(random.uniform(-18, 18)),
        contrast=float(random.uniform(0.8, 1.15)),
        gamma=float(random.uniform(0.8, 1.25)),
    )
    if random.random() < 0.4:
        made = gaussian_blur(made, sigma=float(random.uniform(0.4, 0.9)))
    if random.random() < 0.4:
        made = sensor_noise(
            made, level=float(random.uniform(1, 5)), seed=int(random.integers(1 << 30))
        )
    if random.random() < 0.4:
        made = jpeg(made, quality=int(random.integers(40, 90)))
    return np.asarray(made, np.uint8)


def prepared(wanted: Wanted, seed: int) -> Image:
    """Read, turn, vary and resize a crop, as `textlines.pixels.resize.to_recognizer` does.

    Returns:
        48 x w x 3 uint8, BGR.

    Raises:
        ImageError: the file is not there or is no whole image.
    """
    image = turned(read_image(wanted.path), wanted.turn)
    image = varied(image, wanted.name, wanted.version, seed, moves=wanted.moves)
    return to_recognizer(image)


@dataclass
class Waiting:
    """Seconds that the training waited for crops, and that it took in all."""

    waited: float = 0.0
    batches: int = field(default=0)


Loader = Callable[[Sequence[Sequence[Wanted]]], Iterator[list[Image]]]
"""Yields the crops of each batch, in order."""


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
    """Yield a loader; its processes end with the block.

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
    """Yield batches, and count how many and what was waited for them."""
    while True:
        start = time.perf_counter()
        try:
            batch = next(batches)
        except StopIteration:
            return
        waiting.waited += time.perf_counter() - start
        waiting.batches += 1
        yield batch


DeviceBatch = npt.NDArray[np.uint8] | npt.NDArray[np.float16]
"""N x 48 x W x 3 bytes of crops (BGR), or N x C x 1 x T kept features."""


def padded(crops: Sequence[Image], width: int) -> npt.NDArray[np.uint8]:
    """Put resized crops into one array, and the width of each into its last row.

    Right of a crop the network sees 0, which is no byte's value: the width says where that begins.

    Args:
        crops: 48 x w x 3 uint8 BGR; what is wider than `width` is cut. None makes one of zeros.

    Returns:
        N x 49 x width x 3; of the last row, the first two bytes are the crop's own width.
    """
    lines = np.zeros((max(len(crops), 1), HEIGHT + 1, width, 3), np.uint8)
    for line, crop in zip(lines, crops, strict=False):
        part = crop[:, :width]
        line[:HEIGHT, : part.shape[1]] = part
        line[HEIGHT, 0, :2] = divmod(part.shape[1], 256)
    return lines


def normalised(lines: "Tensor") -> "Tensor":
    """Turn what `padded` made into the network's input where it is; as `network_batch`.

    Returns:
        N x 3 x 48 x width float32, -1..1, 0 right of each crop.
    """
    import paddle

    numbers = lines.astype("float32")  # first: not every operation knows bytes on every device
    sizes = numbers[:, HEIGHT, 0, :2]
    widths = (sizes[:, 0] * 256 + sizes[:, 1]).reshape([-1, 1, 1, 1])
    values = (numbers[:, :HEIGHT].transpose([0, 3, 1, 2]) / 255 - 0.5) / 0.5
    inside = paddle.arange(lines.shape[2], dtype="float32").reshape([1, 1, 1, -1]) < widths
    return paddle.where(inside, values, paddle.zeros_like(values))


@contextmanager
def feeding(batches: Iterator[DeviceBatch], waiting: Waiting) -> Iterator[Iterator["Tensor"]]:
    """Yield the batches as tensors on Paddle's current device, in order, ahead of their use.

    Args:
        waiting: grows by what the training waits for them.

    Raises:
        Exception: whatever `batches` raises, where its batch would have come.
    """
    import paddle
    from paddle.io import DataLoader, IterableDataset

    failures: list[Exception] = []

    class Stream(IterableDataset[DeviceBatch]):
        """Batches for the loader's thread: it must not fail, nobody would hear of it again."""

        def __iter__(self) -> Iterator[DeviceBatch]:
            try:
                yield from batches
            except Exception as error:
                failures.append(error)

    loader: Iterable[Tensor] = DataLoader(
        Stream(),
        batch_size=None,  # type: ignore[arg-type]  # they are batches already
        num_workers=0,
        places=[paddle.device.get_device()],
        use_buffer_reader=True,
        return_list=True,
    )

    def tensors() -> "Iterator[Tensor]":
        yield from loader
        if failures:
            raise failures[0]

    fed = timed(tensors(), waiting)
    try:
        yield fed
    finally:
        fed.close()
