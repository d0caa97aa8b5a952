"""Noise from tiles that are made once per process, in integers.

Fresh normal noise costs five times as much as a crop of a tile (facts: 190-237 against 39 us
for 48 x 320 x 3), and its bytes depend on the processor's vector units.
"""

import random
from functools import cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from textlines.pixels.arrays import Grey, Image

MIDDLE = 128
"""The value of a tile that stands for no noise."""

SPREAD = 32
"""Standard deviation of a tile, in levels. Beyond four of them the values are cut."""

_HEIGHT, _WIDTH = 256, 2048
_SEED = 0x6D656E64
_BYTES = 8
# Variance of the sum of n bytes is n (256^2 - 1) / 12: 209.02 for n = 8, so 32 / 209.02.
_TO_SPREAD = 157 / 1024


def _sums(channels: int, purpose: int) -> npt.NDArray[np.int32]:
    """Sum eight bytes for each value (Irwin-Hall, close to normal), less their mean."""
    count = _HEIGHT * _WIDTH * channels
    source = random.Random(_SEED + purpose).randbytes(count * _BYTES)
    sums = np.frombuffer(source, np.uint8).reshape(_BYTES, count).sum(axis=0, dtype=np.int32)
    return (sums - _BYTES * 255 // 2).reshape(_HEIGHT, _WIDTH, channels)


def _soften(values: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Sum 2 x 2 neighbours twice, going round at the edges; the spread stays as it was."""
    for axis in (0, 1, 0, 1):
        values = values + np.roll(values, 1, axis)
    # Binomial weights 1 2 1 x 1 2 1: the spread grows by sqrt(6 * 6) = 6.
    return values // 6


@cache
def grain(size: int = 1, *, colour: bool = True) -> Image:
    """Make the tile of sensor noise: 256 x 2048 x 3 uint8, mean 128, spread 32.

    Do not write to it: every caller gets the same array.

    Args:
        size: 1 for noise of single pixels, 2 for grains about two pixels wide.
        colour: noise of its own in each channel; without, the same in all three.
    """
    sums = _sums(3 if colour else 1, purpose=size)
    if size > 1:
        sums = _soften(sums)
    levels = np.floor(sums * _TO_SPREAD + (MIDDLE + 0.5)).clip(0, 255).astype(np.uint8)
    tile = levels if colour else np.repeat(levels, 3, axis=2)
    tile.flags.writeable = False
    return tile


@cache
def grey_grain(size: int = 1) -> Grey:
    """Make the tile of grey sensor noise with one channel: 256 x 2048. Do not write to it."""
    tile = np.ascontiguousarray(grain(size, colour=False)[..., 0])
    tile.flags.writeable = False
    return tile


@cache
def clouds(cell: int) -> Grey:
    """Make a tile of soft shapes about `cell` pixels wide: 256 x 2048 uint8, 0..255.

    Do not write to it: every caller gets the same array.
    """
    rows, columns = -(-_HEIGHT // cell), -(-_WIDTH // cell)
    source = random.Random(_SEED + 100 + cell).randbytes(rows * columns)
    coarse = np.frombuffer(source, np.uint8).reshape(rows, columns)
    tile = cv2.resize(coarse, (columns * cell, rows * cell), interpolation=cv2.INTER_CUBIC)
    tile = np.ascontiguousarray(tile[:_HEIGHT, :_WIDTH])
    tile.flags.writeable = False
    return tile


def crop(tile: npt.NDArray[Any], height: int, width: int, seed: int) -> npt.NDArray[Any]:
    """Cut height x width from a tile at a place that the seed decides.

    Returns:
        A view of the tile, or a new array where the tile is too small and is laid side by side.
    """
    if height > tile.shape[0] or width > tile.shape[1]:
        down, across = -(-height // tile.shape[0]), -(-width // tile.shape[1])
        tile = cv2.repeat(tile, down, across)
    free_rows, free_columns = tile.shape[0] - height + 1, tile.shape[1] - width + 1
    y = seed % free_rows
    x = (seed // free_rows) % free_columns
    return tile[y : y + height, x : x + width]


def coarse_grid(rows: int, columns: int, seed: int) -> Grey:
    """Draw a small grid of bytes, rows x columns uint8, evenly from 0..255."""
    source = random.Random(seed).getrandbits(8 * rows * columns)
    return np.frombuffer(source.to_bytes(rows * columns, "big"), np.uint8).reshape(rows, columns)
