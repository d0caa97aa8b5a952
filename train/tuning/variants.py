"""A crop as the network is shown it in training: as it is, or lightly varied."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textlines.formats.predictions import Turn
from textlines.pixels.arrays import Image
from textlines.pixels.camera import gaussian_blur, jpeg, sensor_noise
from textlines.pixels.decode import read_image
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
    """

    path: Path
    name: str
    version: int = 0
    turn: Turn = 0


def varied(image: Image, name: str, version: int, seed: int) -> Image:
    """Vary light, contrast, sharpness, noise and compression a little; geometry stays.

    What moves the ink would move the time steps that a distilled line's target belongs to.

    Args:
        image: H x W x 3 uint8, BGR. Left as it is.

    Returns:
        A new image of the same size; for version 0 the image itself.
    """
    if version == 0:
        return image
    key = hashlib.sha256(f"{seed}\0{name}\0{version}".encode()).digest()
    random = np.random.Generator(np.random.PCG64(int.from_bytes(key[:16], "little")))
    found = tone(
        image,
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
    image = varied(image, wanted.name, wanted.version, seed)
    return to_recognizer(image)


def version_of(epoch: int, versions: int, *, is_rendered: bool, augment: str) -> int:
    """Tell which variant of a line an epoch shows: each in turn, the plain one first.

    Rendered lines carry effects already and are shown as they are.

    >>> [version_of(epoch, 2, is_rendered=False, augment="light") for epoch in range(3)]
    [0, 1, 0]
    >>> version_of(1, 2, is_rendered=True, augment="light")
    0
    """
    return 0 if is_rendered or augment == "none" else epoch % max(versions, 1)
