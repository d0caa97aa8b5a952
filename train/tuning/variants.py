"""A crop as the network is shown it in training: as it is, or lightly varied."""

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textlines.formats.predictions import Turn
from textlines.pixels.arrays import Image
from textlines.pixels.camera import gaussian_blur, jpeg, sensor_noise
from textlines.pixels.decode import read_image
from textlines.pixels.geometry import compose, perspective, shear, slope, warp
from textlines.pixels.resize import to_recognizer
from textlines.pixels.tone import tone
from train.reading.turning import turned


@dataclass(frozen=True, slots=True)
class Wanted:
    """One crop to prepare.

    Attributes:
        path: of the file.
        name: that its variant is drawn from: the path in the list, the same on every machine.
        version: 0 is the crop as it is; others are varied, each in its own way.
        turn: degrees, counter-clockwise, by which it is turned before that.
        moves: whether its ink may move: not where the target belongs to time steps.
    """

    path: Path
    name: str
    version: int = 0
    turn: Turn = 0
    moves: bool = False


RISE = 0.12
"""Of the height, how far a line may climb or fall from one end to the other when it is moved."""


def moved(image: Image, random: np.random.Generator) -> Image:
    """Let a line climb, lean, stretch, shift and recede a little, as another photo of it would.

    Returns:
        A new image of the same size; beyond its edges its last pixels stand.
    """
    height, width = image.shape[:2]
    climb = math.degrees(math.atan(RISE * height / width))
    wide, high = random.uniform(0.90, 1.04), random.uniform(0.86, 1.06)
    reach = min(height, width)
    x, y = random.uniform(-0.06, 0.06) * reach, random.uniform(-0.04, 0.04) * reach
    stretch = np.array(
        [
            [wide, 0.0, (1 - wide) * (width - 1) / 2 + x],
            [0.0, high, (1 - high) * (height - 1) / 2 + y],
            [0.0, 0.0, 1.0],
        ]
    )
    matrix = compose(
        shear(width, height, deg=float(random.uniform(-7, 7))),
        slope(width, height, deg=float(random.uniform(-climb, climb))),
        perspective(width, height, spread=0.05, seed=int(random.integers(1 << 30))),
        stretch,
    )
    return warp(image, matrix, (width, height), "replicate")


def varied(image: Image, name: str, version: int, seed: int, *, moves: bool = False) -> Image:
    """Vary light, contrast, sharpness, noise and compression a little.

    Args:
        image: H x W x 3 uint8, BGR. Left as it is.
        moves: vary geometry too. Not for distilled lines: what moves the ink would move the time
            steps that their target belongs to.

    Returns:
        A new image of the same size; for version 0 the image itself.
    """
    if version == 0:
        return image
    key = hashlib.sha256(f"{seed}\0{name}\0{version}".encode()).digest()
    random = np.random.Generator(np.random.PCG64(int.from_bytes(key[:16], "little")))
    found = tone(
        moved(image, random) if moves else image,
        brightness=float(random.uniform(-18, 18)),
        contrast=float(random.uniform(0.8, 1.15)),
        gamma=float(random.uniform(0.8, 1.25)),
    )
    if random.random() < 0.4:
        found = gaussian_blur(found, sigma=float(random.uniform(0.4, 0.9)))
    if random.random() < 0.4:
        found = sensor_noise(
            found, level=float(random.uniform(1, 5)), seed=int(random.integers(1 << 30))
        )
    if random.random() < 0.4:
        found = jpeg(found, quality=int(random.integers(40, 90)))
    return np.asarray(found, np.uint8)


def prepared(wanted: Wanted, seed: int) -> Image:
    """Read, turn, vary and resize a crop, as `textlines.pixels.resize.to_recognizer` does.

    Returns:
        48 x w x 3 uint8, BGR.

    Raises:
        ImageError: the file is not there or is no whole image.
    """
    image = turned(read_image(wanted.path), wanted.turn)
    image = varied(image, wanted.name, wanted.version, seed, moves=wanted.moves)
    return to_recognizer(image)
