"""Light on a finished scene: gradients, reflections in glass, shadows, a lens's dark corners.

Every function takes an image H x W x 3 BGR uint8, leaves it as it is and gives a new one. Fields
of light are drawn small, softened and enlarged: smooth things cost little that way.
"""

import math
import random
from collections.abc import Callable, Mapping
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from textlines.pixels.arrays import Grey, Image
from textlines.pixels.noise import coarse_grid

NEUTRAL = 128
"""The gain of 1 in a field: from here a field darkens and lightens."""

# What is mirrored in glass: warning vest, brick, brake light, sky, lamp, leaf, wall (BGR).
_MIRRORED = (
    (40, 225, 160),
    (70, 140, 255),
    (60, 60, 255),
    (255, 225, 190),
    (190, 235, 255),
    (70, 200, 110),
    (235, 245, 255),
)


# Corners of a form around its middle, by their number.
_TURNS = {
    4: ((1.0, -1.0), (0.9, 1.0), (-1.0, 1.0), (-0.9, -1.0)),
    5: ((1.0, -0.3), (0.6, 1.0), (-0.6, 1.0), (-1.0, 0.1), (0.2, -1.0)),
    6: ((1.0, -0.3), (0.6, 1.0), (-0.6, 1.0), (-1.0, 0.1), (-0.5, -1.0), (0.7, -0.9)),
}


def _multiply(image: Image, field: Grey) -> Image:
    """Multiply all channels by field / 128."""
    return cv2.multiply(image, cv2.merge((field, field, field)), scale=1 / NEUTRAL)


def uneven_light(image: Image, *, strength: float, seed: int) -> Image:
    """Light the scene unevenly: a smooth field of gains from 1 - strength to 1 + strength.

    Two gains across the height and four along the line: more of them look like metal.
    """
    height, width = image.shape[:2]
    bytes_ = coarse_grid(2, 4, seed).astype(np.float64)
    share = min(max(strength, 0.0), 0.95)
    small = np.floor(NEUTRAL * (1 + (bytes_ / 127.5 - 1) * share) + 0.5).astype(np.uint8)
    field = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    # A cubic swings over its grid.
    low, high = round(NEUTRAL * (1 - share)), round(NEUTRAL * (1 + share))
    return _multiply(image, cv2.min(cv2.max(field, low), high))


def side_light(image: Image, *, strength: float, deg: float = 0.0) -> Image:
    """Let light fall off in one direction.

    Args:
        image: the image.
        strength: loss on the dark side and gain on the bright one, 0..0.95.
        deg: direction of the bright side, 0 = right, 90 = above.
    """
    height, width = image.shape[:2]
    across, up = math.cos(math.radians(deg)), math.sin(math.radians(deg))
    reach = (abs(across) + abs(up)) or 1.0
    share = min(max(strength, 0.0), 0.95) / reach
    corners = [[NEUTRAL * (1 + share * (x * across + y * up)) for x in (-1, 1)] for y in (1, -1)]
    small = np.floor(np.array(corners) + 0.5).clip(0, 255).astype(np.uint8)
    # Enlarged over four times the width and cut: a linear enlargement is flat in its outer
    # quarters.
    field = cv2.resize(small, (width * 2, height * 2), interpolation=cv2.INTER_LINEAR)
    field = field[height // 2 : height // 2 + height, width // 2 : width // 2 + width]
    return _multiply(image, np.ascontiguousarray(field))


def _polygon(
    source: random.Random, x: float, y: float, wide: float, high: float
) -> npt.NDArray[np.int32]:
    """Draw a polygon of 4 to 6 corners around (x, y), in 1/16 pixel, as int32 N x 2."""
    count = 4 + int(source.random() * 3)
    lean = (source.random() - 0.5) * 0.8 * high
    points = []
    for across, down in _TURNS[count]:
        px = x + across * wide * (0.6 + 0.8 * source.random()) / 2 - down * lean / 2
        py = y + down * high * (0.7 + 0.6 * source.random()) / 2
        points.append((round(px * 16), round(py * 16)))
    return np.array(points, np.int32)


def glare(
    image: Image,
    *,
    strength: float,
    count: int = 2,
    size: float = 0.6,
    softness: float = 0.05,
    colour: float = 0.8,
    seed: int,
) -> Image:
    """Add what the glass in front mirrors: patches of light with more or less soft edges.

    Args:
        image: the image.
        strength: brightness of a patch as a share of the full range, 0..1.
        count: patches, 0..8.
        size: width of a patch as a share of the image's height.
        softness: width of a patch's edge as a share of the image's height.
        colour: 0 for white light, 1 for the full colour of the mirrored thing.
        seed: decides where, which colour and which form.
    """
    source = random.Random(seed)
    height, width = image.shape[:2]
    rows, columns = (height + 1) // 2, (width + 1) // 2
    canvas = np.zeros((rows, columns, 3), np.uint8)
    for _ in range(min(max(int(count), 0), 8)):
        hue = _MIRRORED[int(source.random() * len(_MIRRORED))]
        power = strength * (0.4 + 0.6 * source.random())
        ink = tuple(int(power * (255 * (1 - colour) + c * colour)) for c in hue)
        x, y = source.random() * columns, (0.2 + 0.8 * source.random()) * rows
        wide = rows * size * (0.4 + 1.2 * source.random())
        high = rows * (0.4 + 0.9 * source.random())
        cv2.fillPoly(canvas, [_polygon(source, x, y, wide, high)], ink, cv2.LINE_AA, 4)
        # Folds within: a second, darker patch over the first.
        if source.random() < 0.6:
            share = 0.4 + 0.4 * source.random()
            fold = tuple(int(c * share) for c in ink)
            x += (source.random() - 0.5) * wide
            shape = _polygon(source, x, y, wide * 0.4, high * 0.8)
            cv2.fillPoly(canvas, [shape], fold, cv2.LINE_AA, 4)
    return cv2.add(image, _soft(canvas, softness, width, height))


def reflection(
    image: Image, *, strength: float, softness: float = 0.15, colour: float = 0.3, seed: int
) -> Image:
    """Add the mirror image of surroundings: broad bright fields with a darker figure before them.

    Args:
        image: the image.
        strength: brightness of the brightest field as a share of the full range, 0..1.
        softness: width of the edges as a share of the image's height.
        colour: 0 for grey fields, 1 for fully coloured ones.
        seed: decides where, which colours and which forms.
    """
    source = random.Random(seed)
    height, width = image.shape[:2]
    rows, columns = (height + 3) // 4, (width + 3) // 4
    canvas = np.zeros((rows, columns, 3), np.uint8)
    edge = 0.0
    while edge < columns:
        wide = rows * (0.5 + 3.0 * source.random())
        hue = _MIRRORED[int(source.random() * len(_MIRRORED))]
        power = strength * source.random() ** 1.5
        ink = tuple(int(power * (255 * (1 - colour) + c * colour)) for c in hue)
        lean = (source.random() - 0.5) * rows
        x0, x1, x2, x3 = edge - rows, edge + wide + rows, edge + wide + lean, edge + lean
        corners = [(x0, -2), (x1, -2), (x2 + rows, rows + 2), (x3, rows + 2)]
        shape = np.array([(round(x * 16), y * 16) for x, y in corners], np.int32)
        cv2.fillPoly(canvas, [shape], ink, cv2.LINE_AA, 4)
        edge += wide
    if source.random() < 0.6:
        figure = _polygon(source, source.random() * columns, rows * 0.8, rows, rows * 1.6)
        cv2.fillPoly(canvas, [figure], (0, 0, 0), cv2.LINE_AA, 4)
    return cv2.add(image, _soft(canvas, softness, width, height))


def shadow(image: Image, *, strength: float, softness: float = 0.2, seed: int) -> Image:
    """Throw the shadow of something outside over a part of the scene.

    Args:
        image: the image.
        strength: share of the light that is lost, 0..0.9.
        softness: width of the edge as a share of the image's height.
        seed: decides where and which form.
    """
    source = random.Random(seed)
    height, width = image.shape[:2]
    rows, columns = (height + 1) // 2, (width + 1) // 2
    canvas = np.full((rows, columns), NEUTRAL, np.uint8)
    dark = int(NEUTRAL * (1 - min(max(strength, 0.0), 0.9)))
    x = source.random() * columns
    wide = rows * (0.8 + 4.0 * source.random())
    shape = _polygon(source, x, rows * (0.2 + 0.6 * source.random()), wide, rows * 2.5)
    cv2.fillPoly(canvas, [shape], dark, cv2.LINE_AA, 4)
    return _multiply(image, _soft(canvas, softness, width, height))


def _soft(canvas: Image, softness: float, width: int, height: int) -> Image:
    """Soften a small canvas by a share of its height and enlarge it to width x height."""
    reach = 2 * round(softness * canvas.shape[0] / 2) + 1
    if reach > 1:
        canvas = cv2.blur(cv2.blur(canvas, (reach, reach)), (reach, reach))
    return cv2.resize(canvas, (width, height), interpolation=cv2.INTER_LINEAR)


@lru_cache(maxsize=64)
def _corners(strength: int, elongation: int) -> Grey:
    """Make a field of 8 x 32 gains that fall towards the corners; strength in 1/256."""
    y = np.linspace(-1, 1, 8)[:, None] / max(1, elongation) ** 0.5
    x = np.linspace(-1, 1, 32)[None, :]
    fall = (x * x + y * y) / (1 + 1 / max(1, elongation))
    field = np.floor(NEUTRAL * (1 - strength / 256 * fall) + 0.5).astype(np.uint8)
    field.flags.writeable = False
    return field


def vignette(image: Image, *, strength: float) -> Image:
    """Darken towards the corners, by the share `strength` (0..0.9) in the corner itself."""
    height, width = image.shape[:2]
    small = _corners(round(min(max(strength, 0.0), 0.9) * 256), round(width / height))
    return _multiply(image, cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR))


LIGHT: Mapping[str, Callable[..., Image]] = {
    "uneven_light": uneven_light,
    "side_light": side_light,
    "shadow": shadow,
    "reflection": reflection,
    "glare": glare,
    "vignette": vignette,
}
