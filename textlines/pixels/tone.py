"""Levels and colours: tables of 256 values, and blends whose weights are exact.

OpenCV computes `addWeighted` in float32. With weights that are multiples of 1/256 every product
and sum is exact there, so that the bytes do not depend on whether the processor fuses
multiplication and addition; with 0.37 they do (OpenCV 4.10, AVX2 on and off).
"""

import cv2
import numpy as np
import numpy.typing as npt

from textlines.pixels.arrays import Image


def exact(share: float) -> float:
    """Round to a multiple of 1/256.

    >>> exact(0.37)
    0.37109375
    """
    return round(share * 256) / 256


def blend(
    first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8], share: float
) -> npt.NDArray[np.uint8]:
    """Mix two arrays of one shape: `share` (0..1) of the second, the rest of the first."""
    weight = exact(share)
    return cv2.addWeighted(first, 1.0 - weight, second, weight, 0.0)


def scaled(array: npt.NDArray[np.uint8], gain: float, offset: float = 0.0) -> npt.NDArray[np.uint8]:
    """Multiply by a gain and add an offset in levels, cut to 0..255. A new array."""
    return cv2.addWeighted(array, exact(gain), array, 0.0, exact(offset))


def calmed(image: Image, calm: float) -> Image:
    """Draw an image to its own mean: 0 leaves it, 1 makes it one colour. A new array for above 0.

    Args:
        image: H x W x 3, BGR. Left as it is.
        calm: 0..1; what lies above counts as 1.
    """
    if calm <= 0:
        return image
    keep = exact(1 - min(calm, 1.0))
    # Means in integers: a float sum depends on the order in which a processor adds.
    means = image.reshape(-1, 3).sum(axis=0, dtype=np.int64) // (image.shape[0] * image.shape[1])
    return cv2.merge(
        [
            cv2.addWeighted(image[..., c], keep, image[..., c], 0.0, exact((1 - keep) * means[c]))
            for c in range(3)
        ]
    )


def tone(
    image: npt.NDArray[np.uint8],
    *,
    brightness: float = 0.0,
    contrast: float = 1.0,
    gamma: float = 1.0,
) -> npt.NDArray[np.uint8]:
    """Change gamma, then contrast around the middle grey, then brightness.

    Args:
        image: H x W or H x W x 3 uint8. Left as it is.
        brightness: levels to add, -255..255.
        contrast: factor around level 128, above 0.
        gamma: exponent, above 0; below 1 lightens the dark.

    Returns:
        A new array of the same shape.
    """
    if gamma == 1.0:
        gain = exact(contrast)
        return cv2.addWeighted(image, gain, image, 0.0, exact(128 * (1 - gain) + brightness))
    curve = np.power(np.arange(256, dtype=np.float64) / 255, gamma) * 255
    levels = np.floor((curve - 128) * contrast + (128.5 + brightness))
    return cv2.LUT(image, levels.clip(0, 255).astype(np.uint8))


def desaturate(image: Image, *, amount: float) -> Image:
    """Take colour out of an image, H x W x 3: amount 0 leaves it, 1 makes it grey. A new array."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return blend(image, cv2.merge((grey, grey, grey)), amount)


def cast(image: Image, *, blue: float = 1.0, green: float = 1.0, red: float = 1.0) -> Image:
    """Multiply each channel by its gain, as a wrong white balance does. A new array."""
    gains = (blue, green, red)
    channels = zip(cv2.split(image), gains, strict=True)
    return cv2.merge([scaled(channel, gain) for channel, gain in channels])
