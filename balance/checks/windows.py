"""Hashes over several horizontal windows of a line.

One 8 x 8 difference hash of a line ten times as wide as high sees about one cell for a character
and calls most receipts alike. Here the line is cut into windows of about two heights each, and
every window has a hash of its own.
"""

import math

import numpy as np
import numpy.typing as npt

HEIGHT = 32
"""Lines are brought to this height first, so that a window is about 64 pixels wide."""

COUNTS = (1, 2, 3, 4, 6, 8, 12, 16)
"""How many windows a line may have. Few steps, so that two crops of one line fall on one."""

BETWEEN = 0.06
"""A line whose shape is this near (as a share) to the border of two counts has both."""

_STEP = 0.18
"""A bit is set where the brightness rises by this share of the line's standard deviation; flat
paper then gives zeros and not noise."""

CELL_UNIT = 32
"""A standard deviation of brightness, in the numbers of `window_cells`."""

Grey = npt.NDArray[np.uint8]


def window_counts(width: int, height: int) -> tuple[int, ...]:
    """Return the counts of windows for an image's size: one, or two at a border.

    >>> window_counts(400, 32), window_counts(100, 40), window_counts(226, 32)
    ((6,), (1,), (3, 4))
    """
    wanted = math.log(max(width, 1) / max(height, 1) * HEIGHT / 64)
    near = sorted(COUNTS, key=lambda count: abs(math.log(count) - wanted))[:2]
    border = (math.log(near[0]) + math.log(near[1])) / 2
    inside = COUNTS[0] <= math.exp(wanted) <= COUNTS[-1]
    if inside and abs(wanted - border) < BETWEEN:
        return tuple(sorted(near))
    return (near[0],)


def window_hashes(grey: Grey, count: int) -> bytes:
    """Hash `count` windows of a line by the rise of brightness from left to right.

    Args:
        grey: H x W uint8.
        count: of windows, side by side over the whole width.

    Returns:
        8 bytes for each window: 8 rows of 8 bits.
    """
    import cv2

    small = cv2.resize(grey, (8 * count + 1, 8), interpolation=cv2.INTER_AREA).astype(np.float32)
    rises = np.diff(small, axis=1) > max(_STEP * float(small.std()), 1.0)
    windows = rises.reshape(8, count, 8).transpose(1, 0, 2)
    return np.packbits(windows, axis=None).tobytes()


def window_cells(grey: Grey, count: int) -> bytes:
    """Return the line's brightness in cells, for a second look at what the hashes call near.

    Returns:
        8 rows of 8 x `count` int8: brightness brought to mean 0 and standard deviation
        `CELL_UNIT`, cut at 127.
    """
    import cv2

    small = cv2.resize(grey, (8 * count, 8), interpolation=cv2.INTER_AREA).astype(np.float32)
    level = (small - small.mean()) / max(float(small.std()), 1.0) * CELL_UNIT
    return bytes(np.clip(np.rint(level), -127, 127).astype(np.int8).tobytes())
