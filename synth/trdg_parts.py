"""Grounds and bends of trdg (TextRecognitionDataGenerator 1.8.0), behind an adapter.

A style that names the package (`plugins = ["trdg"]`) may name these parts. trdg draws from the
global streams of `random` and of OpenCV: both are seeded for each call, the first is put back
after it, and nothing of ours draws from the second. Its distortions move whole columns and rows of
a picture; here they are asked how far they move each, and the line is bent by that, so that the
boxes of its characters go along. What trdg itself would cut off (it grows the picture by the
greatest move, and in two directions at once drops its lowest rows) stays: the line gets smaller
where it would not fit, as under any bend of ours.

`import trdg` alone loads nothing else, prints nothing and opens no window; its generator of lines
does, and is not asked.
"""

import os
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from types import ModuleType
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from textlines.pixels.arrays import Image
from textlines.pixels.tone import calmed

PACKAGE: Final = "trdg"
EXTRA: Final = "fonts"
"""The extra that brings it."""

Plane = npt.NDArray[np.float64]
Box = tuple[int, int, int, int]


class _SortedFolders:
    """What trdg's `image` asks of `os`, with the names of a folder in the same order anywhere."""

    path = os.path

    @staticmethod
    def listdir(folder: str) -> list[str]:
        """Return the names in a folder, sorted: the first draw picks by place."""
        return sorted(os.listdir(folder))  # noqa: PTH208 -- as trdg asks it


@cache
def _backgrounds() -> ModuleType:
    from trdg import background_generator

    background_generator.os = _SortedFolders
    module: ModuleType = background_generator
    return module


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Seed the global streams that trdg draws from; that of `random` is put back."""
    before = random.getstate()
    random.seed(seed)
    cv2.setRNGSeed(seed & 0x7FFFFFFF)
    try:
        yield
    finally:
        random.setstate(before)


def _as_image(picture: Any) -> Image:
    """Return a picture of Pillow as H x W x 3 BGR."""
    return np.ascontiguousarray(np.asarray(picture.convert("RGB"))[:, :, ::-1])


def trdg_gaussian(height: int, width: int, draws: object, photos: object, *, seed: int) -> Image:
    """Fill with white noise around 235, each pixel by itself, as trdg mimics paper."""
    with _seeded(seed):
        return _as_image(_backgrounds().gaussian_noise(height, width))


def trdg_quasicrystal(
    height: int, width: int, draws: object, photos: object, *, calm: float = 0.5, seed: int
) -> Image:
    """Fill with waves of ten to twenty directions that run through each other.

    Computed pixel by pixel in Python: 30 ms for 200 x 48 pixels and 125 ms for 600 x 48.

    Args:
        height, width: in pixels, 2 or more.
        draws, photos: not asked.
        calm: how far it is drawn to its own mean, 0 (as it is, white to black) to 1.
        seed: decides the waves.
    """
    with _seeded(seed):
        return calmed(_as_image(_backgrounds().quasicrystal(height, width)), calm)


def trdg_image(
    height: int, width: int, draws: object, photos: object, *, calm: float = 0.0, seed: int
) -> Image:
    """Cut a piece out of one of the four pictures in trdg's wheel.

    Args:
        height, width: in pixels.
        draws, photos: not asked.
        calm: how far it is drawn to its own mean, 0 (as it is) to 1 (one colour).
        seed: decides the picture and the place.
    """
    backgrounds = _backgrounds()
    folder = os.path.join(os.path.dirname(str(backgrounds.__file__)), "images")  # noqa: PTH118, PTH120
    with _seeded(seed):
        return calmed(_as_image(backgrounds.image(height, width, folder)), calm)


def _moves(name: str, height: int, width: int, *, along: bool) -> Plane:
    """Return how many pixels a distortion of trdg moves each column down, or each row right.

    A full picture is distorted, and where its border comes to lie is looked up.

    Args:
        along: whether rows are asked, H numbers, and not columns, W numbers.
    """
    from PIL import Image as Pictures
    from trdg import distorsion_generator

    full = Pictures.new("RGBA", (width, height), (255, 255, 255, 255))
    empty = Pictures.new("RGB", (width, height))
    distort = getattr(distorsion_generator, name)
    moved, _ = distort(full, empty, vertical=not along, horizontal=along)
    covered = np.asarray(moved)[..., 3] > 0
    grown = (covered.shape[1] - width) // 2 if along else (covered.shape[0] - height) // 2
    first = np.argmax(covered, axis=1 if along else 0)
    return np.asarray(first - grown, np.float64)


def _bend(
    name: str,
    height: int,
    width: int,
    box: Box,
    *,
    vertical: float = 1,
    horizontal: float = 0,
    amount: float = 1.0,
    seed: int,
) -> tuple[Plane, Plane]:
    """Move columns, rows or both of a line as a distortion of trdg does.

    Args:
        name: of the distortion. sin, cos: waves 360 pixels long, as high as the root of the height;
            random: each column or row by itself, by up to the height to the power of 0.4.
        height, width: of the flat line in pixels.
        box: of its ink (x0, y0, x1, y1), which stays inside.
        vertical: whether columns move up and down (0 or 1).
        horizontal: whether rows move left and right (0 or 1).
        amount: factor on the moves of trdg, 0..1.
        seed: decides the moves of `random`.

    Returns:
        For each pixel of the bent line its place in the flat one: x and y, H x W each, new.
    """
    with _seeded(seed):
        down = amount * _moves(name, height, width, along=False) if vertical else np.zeros(width)
        right = amount * _moves(name, height, width, along=True) if horizontal else np.zeros(height)
    x0, y0, x1, y1 = box
    low, high = down[max(0, x0) : x1], right
    # What the ink takes up once it is moved, a pixel on each side for what lies between pixels.
    left, last = x0 + high.min(initial=0) - 1, x1 + high.max(initial=0) + 1
    top, bottom = y0 + low.min(initial=0) - 1, y1 + low.max(initial=0) + 1
    scale = min(1.0, (width - 2.0) / (last - left), (height - 2.0) / (bottom - top))
    x = np.arange(width, dtype=np.float64)[None, :] + 0.5
    y = np.arange(height, dtype=np.float64)[:, None] + 0.5
    x = (x - _middle(left, last, scale, width)) / scale + (left + last) / 2 - 0.5
    y = (y - _middle(top, bottom, scale, height)) / scale + (top + bottom) / 2 - 0.5
    # Columns are moved first, then rows at the height that they have come to.
    across = x - right[_nearest(y, height)]
    return across, y - down[_nearest(across, width)]


def _middle(low: float, high: float, scale: float, size: int) -> float:
    """Return where the middle of what is moved comes to lie: as near to its place as it fits."""
    half = (high - low) * scale / 2
    return float(min(max((low + high) / 2, half + 1), max(size - half - 1, size / 2)))


def _nearest(places: Plane, size: int) -> npt.NDArray[np.int64]:
    return np.clip(np.rint(places), 0, size - 1).astype(np.int64)


_PARTS: Mapping[str, Mapping[str, Callable[..., Any]]] = {
    "surfaces": {
        "trdg_gaussian": trdg_gaussian,
        "trdg_quasicrystal": trdg_quasicrystal,
        "trdg_image": trdg_image,
    },
    "bend": {
        "trdg_sin": partial(_bend, "sin"),
        "trdg_cos": partial(_bend, "cos"),
        "trdg_random": partial(_bend, "random", amount=0.25),
    },
}


LIMITS: Final[Mapping[str, tuple[float, float]]] = {
    "surfaces.trdg_quasicrystal.calm": (0, 1),
    "surfaces.trdg_image.calm": (0, 1),
    **{
        f"bend.{name}.{key}": (0, 1)
        for name in _PARTS["bend"]
        for key in ("vertical", "horizontal", "amount")
    },
    # Columns of 48 pixels that are moved by more than two tear letters into others.
    "bend.trdg_random.amount": (0, 0.5),
}
"""Of each number of theirs, what is drawn as it is asked for."""


def trdg_parts(stage: str) -> Mapping[str, Callable[..., Any]]:
    """Return the parts of trdg for a stage of a style, by name; none for most.

    Raises:
        Exception: what the import of trdg raises.
    """
    _backgrounds()
    return _PARTS.get(stage, {})
