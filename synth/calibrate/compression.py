"""How strongly crops were compressed as JPEG: by their files' tables, or by traces in their pixels.

A JPEG file holds the steps that its frequencies were rounded to. A crop that was cut from a decoded
JPEG and kept in another format shows the same steps in the frequencies of its pixels, as long as it
was not resized: in blocks of 8 by 8 pixels that begin anywhere (Fan and de Queiroz 2003,
"Identification of Bitmap Compression History").
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from synth.calibrate.dials import Table
from synth.calibrate.measured_style import values_of
from textlines.pixels.arrays import Image

Floats = npt.NDArray[np.float32]
Steps = npt.NDArray[np.int64]

BLOCK = 8

_STANDARD = (
    *(16, 11, 10, 16, 24, 40, 51, 61),
    *(12, 12, 14, 19, 26, 58, 60, 55),
    *(14, 13, 16, 24, 40, 57, 69, 56),
    *(14, 17, 22, 29, 51, 87, 80, 62),
    *(18, 22, 37, 56, 68, 109, 103, 77),
    *(24, 35, 55, 64, 81, 104, 113, 92),
    *(49, 64, 78, 87, 103, 121, 120, 101),
    *(72, 92, 95, 98, 112, 100, 103, 99),
)
"""Steps of luminance at quality 50, row by row (ITU-T T.81, table K.1)."""

_ALIKE = 0.35
"""Mean difference of the logarithms of two tables beyond which one is not told by the other."""

_LOOKED_AT = ((0, 1), (1, 0), (1, 1), (0, 2), (2, 0), (1, 2), (2, 1), (2, 2), (0, 3), (3, 0))
"""Row and column of the frequencies whose rounding is looked for: the others are mostly 0."""

_ROUNDED = 0.45
"""Spread of a frequency about its step, as pixels are rounded to whole levels and colours."""

_TOLD = range(15, 97)
"""Qualities that pixels may tell: beyond, steps are as fine as the rounding of pixels."""

_MOST_BLOCKS = 160

_FEWEST_BLOCKS = 8

_SURE = 14.0
"""Nats by which rounded frequencies must be likelier than smooth ones."""

_BEYOND_OTHERS = 8.0
"""Nats by which the blocks' place must be likelier than any other one that shares no border."""

_MISSED = 4.0
"""Nats that one frequency between two steps costs at most: a few are spoilt by what came later."""

_FILE = (95, 98)
"""Qualities of files whose pixels have been compressed as the crops were: they add next to
nothing, and a fit looks at lines before they are files."""


@dataclass(frozen=True, slots=True)
class Compression:
    """How a crop was compressed as JPEG.

    Attributes:
        quality: as libjpeg counts it, 1..100.
        seen: by the tables of its file, or by the rounding of its pixels' frequencies.
        subsampling: of colours, as "4:2:0"; "" where only pixels tell, and of grey files.
    """

    quality: int
    seen: Literal["file", "pixels"]
    subsampling: str = ""


@dataclass(frozen=True, slots=True)
class Compressed:
    """Of some crops, those that were compressed.

    Attributes:
        crops: all that were looked at. qualities: of those that JPEG was seen in, ascending.
        by_file: how many of these are JPEG files.
        halved: how many of these files hold colours at half the size (4:2:0), as drawn ones do.
    """

    crops: int
    qualities: tuple[int, ...]
    by_file: int = 0
    halved: int = 0

    def quartiles(self) -> tuple[int, int]:
        """Return the first and the third quartile of the qualities.

        >>> Compressed(4, (70, 74, 80, 90)).quartiles()
        (73, 82)

        Raises:
            ValueError: JPEG was seen in none.
        """
        if not self.qualities:
            raise ValueError("no crop shows JPEG")
        low, high = np.quantile(self.qualities, (0.25, 0.75))
        return round(float(low)), round(float(high))


def compressed(crops: Sequence[Compression | None]) -> Compressed:
    """Sum up crops, None for each that JPEG was not seen in."""
    there = [crop for crop in crops if crop is not None]
    files = [crop for crop in there if crop.seen == "file"]
    return Compressed(
        len(crops),
        tuple(sorted(crop.quality for crop in there)),
        len(files),
        sum(crop.subsampling == "4:2:0" for crop in files),
    )


def as_compressed(table: Table, found: Compressed) -> Table:
    """Let a style's camera compress as many lines as crops show it, and as strongly.

    The table is left as it is. Where no crop shows JPEG the style's own stays: they may have been
    resized since.
    """
    if not found.qualities:
        return dict(table)
    share = round(len(found.qualities) / found.crops, 3)
    quality = values_of(np.array(found.qualities, np.float64), whole=True)
    return {
        **table,
        "camera": {**table.get("camera", {}), "jpeg": {"p": share, "quality": quality}},
        "output": {**table.get("output", {}), "quality": list(_FILE)},
    }


def compression_of(data: bytes, image: Image) -> Compression | None:
    """Return how a crop was compressed as JPEG.

    Args:
        data: its file. image: the same decoded, H x W x 3 BGR uint8.

    Returns:
        None where no JPEG is seen: never compressed, at the finest qualities, or resized since.
    """
    return _of_file(data) or of_pixels(image)


def _of_file(data: bytes) -> Compression | None:
    from PIL import Image as pillow
    from PIL import JpegImagePlugin

    if not data.startswith(b"\xff\xd8"):
        return None
    with pillow.open(io.BytesIO(data), formats=["JPEG"]) as opened:
        if not isinstance(opened, JpegImagePlugin.JpegImageFile) or not opened.quantization:
            return None
        quality = quality_of(opened.quantization[min(opened.quantization)])
        layers = [(wide, high) for _, wide, high, _ in opened.layer]
    return None if quality is None else Compression(quality, "file", _subsampling(layers))


def _subsampling(layers: Sequence[tuple[int, int]]) -> str:
    """Name how colours are sampled beside luminance.

    >>> _subsampling([(2, 2), (1, 1), (1, 1)]), _subsampling([(1, 1)])
    ('4:2:0', '')
    """
    if len(layers) != 3 or len(set(layers[1:])) != 1:
        return ""
    (wide, high), (of_wide, of_high), _ = layers
    names = {(1, 1): "4:4:4", (2, 1): "4:2:2", (2, 2): "4:2:0", (1, 2): "4:4:0", (4, 1): "4:1:1"}
    return names.get((wide // of_wide, high // of_high), "")


@lru_cache(maxsize=1)
def _tables() -> Steps:
    """Return libjpeg's table of luminance for each quality: 101 x 64, of quality 0 all ones."""
    found = [np.ones(64, np.int64)]
    for quality in range(1, 101):
        scale = 5000 // quality if quality < 50 else 200 - 2 * quality
        found.append(np.clip((np.array(_STANDARD) * scale + 50) // 100, 1, 255))
    return np.stack(found)


def quality_of(table: Sequence[int]) -> int | None:
    """Return the quality at which libjpeg's steps are nearest to those of a table.

    Args:
        table: 64 steps of luminance, row by row.

    Returns:
        None where no quality has steps like these.

    >>> quality_of(_STANDARD)
    50
    """
    if len(table) != 64:
        return None
    steps = np.log(np.maximum(np.array(table, np.float64), 1.0))
    apart = np.abs(np.log(_tables()[1:]) - steps).mean(1)
    best = int(apart.argmin())
    return best + 1 if apart[best] <= _ALIKE else None


def of_pixels(image: Image) -> Compression | None:
    """Return the quality whose steps the frequencies of an image's luminance are rounded to.

    Blocks may begin at any pixel, as crops are cut from pages. None where no place of the blocks
    stands out from the others: so of what was resized since, whose grid is another one.
    """
    tall, wide = image.shape[:2]
    if min(tall, wide) < 2 * BLOCK:
        return None
    light = cv2.cvtColor(image.astype(np.float32), cv2.COLOR_BGR2GRAY) - 128
    is_whole = (image.min(2) > 0) & (image.max(2) < 255)  # what was cut off tells of no step
    worth = np.full((BLOCK, BLOCK), -np.inf)
    told = np.zeros((BLOCK, BLOCK), np.int64)
    for down in range(BLOCK):
        for across in range(BLOCK):
            found = _frequencies(light[down:, across:], is_whole[down:, across:])
            if len(found) >= _FEWEST_BLOCKS:
                likely = _likelihoods(found)
                at = int(likely.argmax())
                worth[down, across], told[down, across] = likely[at], _TOLD[at]
    down, across = (int(at) for at in np.unravel_index(worth.argmax(), worth.shape))
    best = float(worth[down, across])
    others = np.delete(np.delete(worth, down, 0), across, 1)
    if best < _SURE or best - float(others.max()) < _BEYOND_OTHERS:
        return None
    return Compression(int(told[down, across]), "pixels")


def _frequencies(light: Floats, is_whole: npt.NDArray[np.bool_]) -> Floats:
    """Return blocks x frequencies of the blocks that begin at the left top."""
    rows, columns = light.shape[0] // BLOCK, light.shape[1] // BLOCK
    if not rows or not columns:
        return np.zeros((0, len(_LOOKED_AT)), np.float32)

    tall, wide = rows * BLOCK, columns * BLOCK
    cut = light[:tall, :wide].reshape(rows, BLOCK, columns, BLOCK)
    is_told = is_whole[:tall, :wide].reshape(rows, BLOCK, columns, BLOCK).all((1, 3))
    values = cut.transpose(0, 2, 1, 3)[is_told].reshape(-1, BLOCK * BLOCK)
    values = values[:: max(1, -(-len(values) // _MOST_BLOCKS))]
    found: Floats = values @ _waves()
    return found


@lru_cache(maxsize=1)
def _waves() -> Floats:
    """Return the frequencies that are looked at, 64 x frequencies, orthonormal (DCT-II)."""
    at = np.arange(BLOCK)
    waves = np.cos(np.pi * np.outer(at, 2 * at + 1) / (2 * BLOCK)) * np.sqrt(2 / BLOCK)
    waves[0] /= np.sqrt(2)
    picked = [np.outer(waves[row], waves[column]).ravel() for row, column in _LOOKED_AT]
    return np.stack(picked, axis=1).astype(np.float32)


def _likelihoods(found: Floats) -> Floats:
    """Return for each quality of `_TOLD` how much likelier rounding makes what was found, in nats.

    Beside a density that is even over each step. What lies about 0 speaks for no step, as the
    frequencies of smooth ground do; what lies between 0 and a step speaks against it.
    """
    at = [row * BLOCK + column for row, column in _LOOKED_AT]
    tables = _tables()[_TOLD.start : _TOLD.stop][:, at]
    total = np.zeros(len(tables), np.float32)
    for number in range(len(_LOOKED_AT)):
        steps, places = np.unique(tables[:, number], return_inverse=True)
        wide = steps.astype(np.float32)[:, None]
        whole = np.rint(found[:, number] / wide)
        off = (found[:, number] - whole * wide) / _ROUNDED
        gain = np.log(wide / (_ROUNDED * np.sqrt(2 * np.pi))) - off * off / 2
        gain = np.maximum(gain, -_MISSED)
        gain = np.where(whole == 0, np.minimum(np.maximum(2.0 - off * off / 4, -_MISSED), 0), gain)
        total += gain.sum(1)[places]
    return total
