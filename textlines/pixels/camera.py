"""What a camera or a scanner and its file format do to an image.

Every function takes an image H x W x 3 BGR (or H x W) uint8, leaves it as it is and gives a new
one of the same shape. Filters have weights that are multiples of 1/256: their sums are exact in
OpenCV's float32 and so do not depend on the processor.
"""

import math
from collections.abc import Callable, Mapping
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from textlines.pixels.noise import MIDDLE, SPREAD, crop, grain, grey_grain
from textlines.pixels.tone import cast, desaturate, exact, tone

Pixels = npt.NDArray[np.uint8]
_JPEG_SIDE = 65_500
"""libjpeg's own limit."""

Kernel = npt.NDArray[np.float32]


def downscale(image: Pixels, *, factor: float, quality: int = 0) -> Pixels:
    """Shrink to a share of the size and enlarge again, as the recognizer does to a small crop.

    Args:
        image: the image.
        factor: share of the size, above 0, below 1; 1 and above leave the size.
        quality: JPEG quality at the small size, 1..100; 0 for none.
    """
    height, width = image.shape[:2]
    if factor >= 1:
        return jpeg(image, quality=quality) if quality else image.copy()
    small = _shrunk(image, factor)
    if quality:
        small = jpeg(small, quality=quality)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


def _shrunk(image: Pixels, factor: float) -> Pixels:
    height, width = image.shape[:2]
    size = (max(2, round(width * factor)), max(2, round(height * factor)))
    # Down to half the size two neighbours hold all pixels; averaging areas costs five times as
    # much.
    way = cv2.INTER_AREA if factor < 0.5 else cv2.INTER_LINEAR
    return cv2.resize(image, size, interpolation=way)


def threshold(image: Pixels, *, level: float, soft: float, factor: float = 1.0) -> Pixels:
    """Drive ink and ground apart at a scan's own size, as a black-and-white mode does.

    Each channel for itself, between the darkest and the lightest level that the image holds more
    than a trace of: coloured ink keeps its colour, and edges get the steps of the small size.

    Args:
        image: the image.
        level: where the step lies, 0 = at the darkest, 1 = at the lightest.
        soft: how much of the range the step takes, 0..1; above 1 nearly nothing is changed.
        factor: share of the size at which it is done, above 0; 1 and above leave the size.
    """
    height, width = image.shape[:2]
    small = _shrunk(image, factor) if factor < 1 else image
    held = np.bincount(small.ravel(), minlength=256).cumsum()
    low, high = (int(np.searchsorted(held, small.size * share)) for share in (0.02, 0.9))
    middle, half = low + level * (high - low), max(soft * (high - low), 1.0) / 2
    ramp = (np.arange(256, dtype=np.float64) - (middle - half)) / (2 * half)
    levels = np.floor(low + (high - low) * ramp.clip(0, 1) + 0.5).astype(np.uint8)
    stepped = cv2.LUT(small, levels)
    if factor >= 1:
        return stepped
    return cv2.resize(stepped, (width, height), interpolation=cv2.INTER_LINEAR)


@lru_cache(maxsize=256)
def _tap_sigma(variance_hundredths: int) -> float:
    """Find the sigma whose five taps, cut off as they are, have this variance (up to 1.9)."""
    low, high = 0.1, 16.0
    for _ in range(40):
        sigma = (low + high) / 2
        near, far = math.exp(-0.5 / sigma**2), math.exp(-2 / sigma**2)
        if 2 * (near + 4 * far) / (1 + 2 * near + 2 * far) * 100 < variance_hundredths:
            low = sigma
        else:
            high = sigma
    return round(low, 3)


def gaussian_blur(image: Pixels, *, sigma: float) -> Pixels:
    """Blur by a Gaussian of `sigma` pixels, 0..6.

    Up to a sigma of 1.38 by three or five taps whose cut-off is made up for; above, box blurs
    (integer sums) take most of the variance. OpenCV's own choice of 9 taps for 1.2 costs three
    times as much (90 against 36 us for 48 x 320 x 3).
    """
    variance = min(max(sigma, 0.0), 6.0) ** 2
    while variance > 1.9:
        # The widest box, of variance (k^2 - 1) / 12, that leaves enough for a soft shape.
        reach = max(3, math.floor(math.sqrt(1 + 12 * max(variance - 2.0, 0.67 * variance - 0.67))))
        reach -= 1 - reach % 2
        image = cv2.blur(image, (reach, reach))
        variance -= (reach * reach - 1) / 12
    if variance < 0.01:
        return image.copy()
    if variance <= 0.5:
        # Three taps of weights w, 1, w have the variance 2 w / (1 + 2 w).
        side = variance / (2 - 2 * variance)
        return cv2.GaussianBlur(image, (3, 3), round(math.sqrt(-0.5 / math.log(side)), 3))
    return cv2.GaussianBlur(image, (5, 5), _tap_sigma(round(variance * 100)))


def _whole(weights: npt.NDArray[np.float64]) -> Kernel:
    """Round weights to multiples of 1/256 with a sum of exactly 1; the largest takes the rest."""
    counts = np.floor(weights / weights.sum() * 256 + 0.5)
    largest = np.unravel_index(np.argmax(counts), counts.shape)
    counts[largest] += 256 - counts.sum()
    return (counts / 256).astype(np.float32)


@lru_cache(maxsize=4096)
def _path(length_quarters: int, angle_deg: int) -> Kernel:
    """Make the kernel of a straight move; length in quarters of a pixel."""
    reach = length_quarters / 8
    radius = max(1, math.ceil(reach))
    cos, sin = math.cos(math.radians(angle_deg)), -math.sin(math.radians(angle_deg))
    weights = np.zeros((2 * radius + 2, 2 * radius + 2))
    steps = 4 * length_quarters + 1
    for step in range(steps):
        t = (2 * step / max(1, steps - 1) - 1) * reach
        x, y = radius + t * cos, radius + t * sin
        left, above = math.floor(x), math.floor(y)
        for dy, share_y in ((0, 1 - (y - above)), (1, y - above)):
            for dx, share_x in ((0, 1 - (x - left)), (1, x - left)):
                weights[above + dy, left + dx] += share_x * share_y
    return _whole(weights[: 2 * radius + 1, : 2 * radius + 1])


def motion_blur(image: Pixels, *, length: float, angle_deg: float = 0.0) -> Pixels:
    """Blur along a straight move of `length` pixels, 0..24; 0 degrees = level, 90 = upright."""
    quarters = round(min(max(length, 0.0), 24.0) * 4)
    if quarters < 2:
        return image.copy()
    # To 3 degrees: so that kernels are found again.
    return cv2.filter2D(image, -1, _path(quarters, round(angle_deg / 3) * 3 % 180))


@lru_cache(maxsize=64)
def _disc(quarters: int) -> Kernel:
    """Make the kernel of a disc; radius in quarters of a pixel."""
    radius = quarters / 4
    reach = max(1, math.ceil(radius - 0.5))
    steps = np.arange(-reach, reach + 1, dtype=np.float64)
    apart = np.sqrt(steps[:, None] ** 2 + steps**2)
    return _whole((radius + 0.5 - apart).clip(0, 1))


def defocus(image: Pixels, *, radius: float) -> Pixels:
    """Blur by a disc of `radius` pixels (0..8), as a lens out of focus does."""
    quarters = round(min(max(radius, 0.0), 8.0) * 4)
    return cv2.filter2D(image, -1, _disc(quarters)) if quarters >= 2 else image.copy()


def sharpen(image: Pixels, *, amount: float) -> Pixels:
    """Sharpen as phones and scanners do, with halos: `amount` 0..4 times what a blur takes."""
    weight = exact(min(max(amount, 0.0), 4.0))
    return cv2.addWeighted(image, 1 + weight, cv2.blur(image, (3, 3)), -weight, 0.0)


def sensor_noise(
    image: Pixels, *, level: float, size: int = 1, colour: int = 1, seed: int
) -> Pixels:
    """Add noise close to normal.

    Args:
        image: the image.
        level: standard deviation in levels, 0..64.
        size: 1 for noise of single pixels, 2 for grains about two pixels wide.
        colour: 1 for noise of its own in each channel, 0 for grey noise.
        seed: decides which part of the noise tile is taken.
    """
    share = exact(min(max(level, 0.0), 64.0) / SPREAD)
    grains = 2 if size > 1 else 1
    tile = grey_grain(grains) if image.ndim == 2 else grain(grains, colour=bool(colour))
    grain_here = crop(tile, image.shape[0], image.shape[1], seed)
    return cv2.addWeighted(image, 1.0, grain_here, share, -share * MIDDLE)


def jpeg(image: Pixels, *, quality: int) -> Pixels:
    """Write as JPEG (4:2:0) and read again, in memory. `quality` 1..100.

    Raises:
        ValueError: the image has more than 65,500 pixels on a side.
    """
    if max(image.shape[:2]) > _JPEG_SIDE:
        raise ValueError(f"JPEG cannot hold an image of shape {image.shape}")
    flags = [cv2.IMWRITE_JPEG_QUALITY, min(max(int(quality), 1), 100)]
    _, data = cv2.imencode(".jpg", image, flags)
    return cv2.imdecode(data, cv2.IMREAD_GRAYSCALE if image.ndim == 2 else cv2.IMREAD_COLOR)


CAMERA: Mapping[str, Callable[..., Pixels]] = {
    "gaussian_blur": gaussian_blur,
    "defocus": defocus,
    "motion_blur": motion_blur,
    "downscale": downscale,
    "threshold": threshold,
    "sharpen": sharpen,
    "sensor_noise": sensor_noise,
    "desaturate": desaturate,
    "cast": cast,
    "tone": tone,
    "jpeg": jpeg,
}
"""In the order in which they come to an image, whatever the order in a style file."""
