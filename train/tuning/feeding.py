"""Batches on their way to a GPU: ahead of their use, from pinned memory, beside the steps.

What travels is bytes, a quarter of the float32 that the network takes; they become that there.
The copy is that of `paddle.io.DataLoader`: a thread takes what the worker processes have made,
puts it into pinned memory and copies it by a stream of its own, two batches ahead.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
import paddle
from paddle import Tensor
from paddle.io import DataLoader, IterableDataset

from textlines.pixels.arrays import Image
from textlines.pixels.resize import HEIGHT
from train.tuning.loading import Waiting, timed

Batch = npt.NDArray[np.uint8] | npt.NDArray[np.float16]
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
        own = crop[:, :width]
        line[:HEIGHT, : own.shape[1]] = own
        line[HEIGHT, 0, :2] = divmod(own.shape[1], 256)
    return lines


def normalised(lines: Tensor) -> Tensor:
    """Turn what `padded` made into the network's input where it is; as `loading.as_input`.

    Returns:
        N x 3 x 48 x width float32, -1..1, 0 right of each crop.
    """
    numbers = lines.astype("float32")  # first: not every operation knows bytes on every device
    sizes = numbers[:, HEIGHT, 0, :2]
    own = (sizes[:, 0] * 256 + sizes[:, 1]).reshape([-1, 1, 1, 1])
    values = (numbers[:, :HEIGHT].transpose([0, 3, 1, 2]) / 255 - 0.5) / 0.5
    inside = paddle.arange(lines.shape[2], dtype="float32").reshape([1, 1, 1, -1]) < own
    return paddle.where(inside, values, paddle.zeros_like(values))


class _Stream(IterableDataset[Batch]):
    """Batches for the loader's thread, which must not fail: it would never be heard of again."""

    def __init__(self, batches: Iterator[Batch]) -> None:
        super().__init__()
        self._batches = batches
        self.failure: Exception | None = None

    def __iter__(self) -> Iterator[Batch]:
        try:
            yield from self._batches
        except Exception as error:
            self.failure = error


@contextmanager
def feeding(batches: Iterator[Batch], waiting: Waiting) -> Iterator[Iterator[Tensor]]:
    """Give the batches as tensors on Paddle's current device, in order, ahead of their use.

    Args:
        waiting: grows by what the training waits for them.

    Raises:
        Exception: whatever `batches` raises, where its batch would have come.
    """
    stream = _Stream(batches)
    loader: Iterable[Tensor] = DataLoader(
        stream,
        batch_size=None,  # type: ignore[arg-type]  # they are batches already
        num_workers=0,
        places=[paddle.device.get_device()],
        use_buffer_reader=True,
        return_list=True,
    )

    def tensors() -> Iterator[Tensor]:
        yield from loader
        if stream.failure is not None:
            raise stream.failure

    found = timed(tensors(), waiting)
    try:
        yield found
    finally:
        found.close()
