"""What one look at an image file tells."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from balance.checks.windows import HEIGHT, window_cells, window_counts, window_hashes
from textlines.files import raise_if_of_the_machine
from textlines.pixels.arrays import Image
from textlines.pixels.decode import ImageError, decode_image, read_bytes
from textlines.wording import UNSAID, Sentence

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


def look(path: Path) -> ImageFacts:
    """Read an image file and return what it is; never fails on what the file holds.

    Raises:
        MachineError: it may not be read, memory is short, or a library does not load.
    """
    try:
        data = read_bytes(path)
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

    height, own = image.shape[:2]
    if width is None:
        width = min(max(round(own * HEIGHT / height), 8), 2048)
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
