"""The recognizer's resize rule: height 48, own width, padded on the right to 320 at least.

From PaddleOCR's `resize_norm_img` (tools/infer/predict_rec.py; PaddleX's `OCRReisizeNormImg`, which
adds the greatest width) at batch size 1, so that the reading of a crop depends on that crop alone.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from textlines.pixels.arrays import Image

HEIGHT = 48
LEAST_WIDTH = 320
MOST_WIDTH = 3200
"""A crop that would be wider is squeezed to this; it also bounds what a freak crop can cost."""
STRIDE = 8
"""Columns of pixels for one time step of the CTC head (W = 320 gives 40 steps)."""


def padded_width(
    width: int, height: int, *, target_height: int = HEIGHT, least: int = LEAST_WIDTH
) -> int:
    """Return the width of the network's input for a crop of this size, in pixels.

    Raises:
        ValueError: a size is below 1.

    >>> padded_width(100, 48), padded_width(1000, 48), padded_width(1001, 96)
    (320, 1000, 500)
    >>> padded_width(9000, 48)
    3200
    """
    if min(width, height, target_height, least) < 1:
        raise ValueError(f"sizes start at 1, got {width} x {height} to {least} x {target_height}")
    # In floats and in this order, as PaddleOCR has it: the floor may fall one lower than the
    # fraction's.
    return min(int(target_height * max(least / target_height, width / height)), MOST_WIDTH)


def resized_width(
    width: int, height: int, *, target_height: int = HEIGHT, least: int = LEAST_WIDTH
) -> int:
    """Return the width that the crop itself has in the network's input, before padding.

    >>> resized_width(100, 47), resized_width(1001, 96)
    (103, 500)
    """
    unbounded = math.ceil(target_height * (width / float(height)))
    return min(unbounded, padded_width(width, height, target_height=target_height, least=least))


def time_steps(width: int, height: int, *, least: int = LEAST_WIDTH) -> int:
    """Count the CTC time steps that the recognizer spends on a crop of this size.

    >>> time_steps(100, 48), time_steps(1000, 48)
    (40, 125)
    """
    return padded_width(width, height, least=least) // STRIDE


def to_recognizer(image: Image, *, target_height: int = HEIGHT, least: int = LEAST_WIDTH) -> Image:
    """Resize a crop as the recognizer does, before padding: bilinear, without antialiasing.

    Args:
        image: H x W x 3 uint8, BGR. Left as it is.

    Returns:
        A new `target_height` x `resized_width` x 3 uint8 image.
    """
    import cv2

    height, width = image.shape[:2]
    new_width = resized_width(width, height, target_height=target_height, least=least)
    resized = cv2.resize(image, (new_width, target_height))
    # cv2 returns the source itself for an equal size in some versions.
    return np.asarray(resized.copy() if resized is image else resized, np.uint8)


def network_input(
    image: Image, *, target_height: int = HEIGHT, least: int = LEAST_WIDTH
) -> npt.NDArray[np.float32]:
    """Turn a crop into the network's input for it: resized, -1..1, padded with 0.

    Args:
        image: H x W x 3 uint8, BGR. Left as it is.

    Returns:
        3 x `target_height` x `padded_width` float32. 0 is mid-grey (127.5), which is why the
        padding cannot be drawn in uint8.
    """
    resized = to_recognizer(image, target_height=target_height, least=least)
    height, width = image.shape[:2]
    full = padded_width(width, height, target_height=target_height, least=least)
    return np.asarray(network_batch([resized], full)[0])


def network_batch(crops: Sequence[Image], width: int) -> npt.NDArray[np.float32]:
    """Turn resized crops into the network's input: -1..1, padded on the right with 0.

    Args:
        crops: height x w x 3 uint8 BGR of one height; what is wider than `width` is cut. One of
            them at least.

    Returns:
        N x 3 x height x width float32.
    """
    lines = np.zeros((len(crops), 3, crops[0].shape[0], width), np.float32)
    for line, crop in zip(lines, crops, strict=True):
        part = crop[:, :width]
        # In these steps and in float32, as the reference reader has them: the same bits.
        line[:, :, : part.shape[1]] = (part.transpose(2, 0, 1).astype(np.float32) / 255 - 0.5) / 0.5
    return lines
