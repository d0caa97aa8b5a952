"""An image as a file: its place in the run's folder and its bytes."""

import cv2

from synth.styles.model import Output
from textlines.errors import MendError
from textlines.pixels.arrays import Image

SHARD = 1000
"""Samples in a shard: one folder of images, one unit of resuming."""


class DrawingError(MendError):
    """A sample could not be drawn at all; another attempt would not help."""


def image_path(index: int, output: Output) -> str:
    """Name the image of a sample, from the run's folder.

    >>> image_path(12034, Output())
    'images/0012/012034.jpg'
    """
    return f"images/{index // SHARD:04d}/{index:06d}.{output.format}"


def encode(image: Image, output: Output, quality: int) -> bytes:
    """Encode an image as the style says."""
    picture = image if output.colour else image[:, :, 0]
    if output.format == "png":
        done, data = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 4])
    else:
        done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise DrawingError("image", f"cannot be encoded as {output.format}")
    return data.tobytes()
