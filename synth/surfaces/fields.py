"""Smooth fields and tints that surfaces are made of."""

import cv2
import numpy as np

from textlines.pixels.arrays import Grey, Image
from textlines.pixels.tone import scaled


def tinted(grey: Grey, gains: tuple[float, float, float]) -> Image:
    """Make three channels of one, each with its gain."""
    return cv2.merge([scaled(grey, gain) for gain in gains])


def stretched(values: list[list[float]], height: int, width: int) -> Grey:
    """Enlarge a few levels (0..255) to a smooth field."""
    small = np.floor(np.array(values, np.float64) + 0.5).clip(0, 255).astype(np.uint8)
    way = cv2.INTER_CUBIC if min(small.shape) > 1 else cv2.INTER_LINEAR
    return cv2.resize(small, (width, height), interpolation=way)
