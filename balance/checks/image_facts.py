"""What one look at an image file tells: its size and traits, and hashes over windows of its line.

One 8 x 8 difference hash of a line ten times as wide as high sees about one cell for a character
and calls most receipts alike. Here the line is cut into windows of about two heights each, and
every window has a hash of its own.
"""

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from textlines.files import raise_if_of_the_machine
from textlines.pixels.arrays import Image
from textlines.pixels.decode import ImageError, decode_image, read_bytes
from textlines.wording import UNSAID, Sentence

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


ALPHA, CMYK, TURNED = 1, 2, 4
"""Bits of `ImageFacts.traits`."""

BLANK_SPREAD, BLANK_RANGE = 2.5, 24
"""An image at height 32 with less standard deviation and less range of grey shows nothing."""


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """One image file.

    Attributes:
        fault: a reason of `textlines.pixels.decode`; "" for a sound image.
        detail: what the decoder said.
        width, height: in pixels, upright; 0 without an image.
        traits: ALPHA, CMYK, TURNED, or'ed.
        is_blank: nothing is on it.
        sha256: of the file's bytes, 32 bytes; empty if it could not be read.
        hashes: window hashes, one for each count of windows that the shape may have.
        cells: brightness in cells, likewise.
    """

    fault: str = ""
    detail: Sentence = UNSAID
    width: int = 0
    height: int = 0
    traits: int = 0
    is_blank: bool = False
    sha256: bytes = b""
    hashes: tuple[bytes, ...] = ()
    cells: tuple[bytes, ...] = ()


def look(path: Path, read: Callable[[Path], bytes] = read_bytes) -> ImageFacts:
    """Read an image file and return what it is; never fails on what the file holds.

    Args:
        read: gives the file's bytes, or raises ImageError.

    Raises:
        MachineError: it may not be read, memory is short, or a library does not load.
    """
    try:
        data = read(path)
    except ImageError as error:
        return ImageFacts(error.reason, Sentence.of(error.what))
    digest = hashlib.sha256(data).digest()
    try:
        image = decode_image(data, name=str(path))
    except ImageError as error:
        return ImageFacts(error.reason, Sentence.of(error.what), sha256=digest)
    height, width = image.shape[:2]
    grey, counts = line_grey(image), window_counts(width, height)
    return ImageFacts(
        width=width,
        height=height,
        traits=_traits(data),
        is_blank=float(grey.std()) < BLANK_SPREAD and int(np.ptp(grey)) < BLANK_RANGE,
        sha256=digest,
        hashes=tuple(window_hashes(grey, count) for count in counts),
        cells=tuple(window_cells(grey, count) for count in counts),
    )


def line_grey(image: Image, width: int | None = None) -> np.ndarray:
    """Bring a crop to grey at height 32.

    Args:
        image: H x W x 3 uint8, BGR. Left as it is.
        width: of the result in pixels; None keeps the shape (8..2048).

    Returns:
        A new 32 x W uint8 image.
    """
    import cv2

    height, image_width = image.shape[:2]
    if width is None:
        width = min(max(round(image_width * HEIGHT / height), 8), 2048)
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.resize(grey, (width, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)


_TURNED_MARKS = (b"Exif", b"eXIf", b"Raw profile type")


def _traits(data: bytes) -> int:
    """Return the bits for alpha, CMYK and a turning EXIF tag, read from the header."""
    import io

    from PIL import Image as pillow

    try:
        with pillow.open(io.BytesIO(data)) as opened:
            traits = 0
            if opened.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in opened.info:
                traits |= ALPHA
            if opened.mode == "CMYK":
                traits |= CMYK
            if any(mark in data for mark in _TURNED_MARKS):
                if opened.format == "PNG":
                    opened.load()  # its EXIF may stand behind the pixels
                if opened.getexif().get(0x0112, 1) in range(2, 9):
                    traits |= TURNED
            return traits
    # The pixels were decoded; a tag that no parser understands is no trait.
    except Exception as error:
        raise_if_of_the_machine("EXIF", error)
        return 0
