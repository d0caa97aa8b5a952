"""What a distractor is given: the image to draw on and the place to keep clear."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from synth.draws import Draws
from textlines.pixels.arrays import Grey, Image

Colour = tuple[int, int, int]
"""BGR, 0..255."""

FINE = 4
"""Bits after the point in coordinates given to OpenCV: sixteenths of a pixel."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A surface and where the text lies on it.

    Attributes:
        image: H x W x 3 BGR uint8; distractors draw on it in place.
        box: the text's ink (x0, y0, x1, y1) in pixels, x1 and y1 just outside; kept clear.
        ink: the text's colour, BGR.
        baseline_y: where the text stands, in pixels from above.
        neighbour: gives the mask of another line in the same face and size, or None.
    """

    image: Image
    box: tuple[int, int, int, int]
    ink: Colour
    baseline_y: float
    neighbour: Callable[[], Grey | None]

    @property
    def size(self) -> tuple[int, int]:
        """Give (height, width) in pixels."""
        height, width = self.image.shape[:2]
        return height, width

    def clear(self, gap: float, soft: float = 2.0) -> tuple[float, float, float, float]:
        """Give the box widened on every side by `gap`, a share of the height, and `soft` pixels.

        The soft edge of what OpenCV draws is up to two pixels wide. At least one in all.
        """
        wide = max(1.0, gap * self.image.shape[0] + soft)
        x0, y0, x1, y1 = self.box
        return x0 - wide, y0 - wide, x1 + wide, y1 + wide


def mean_colour(image: Image) -> Colour:
    """Give the mean colour of every fourth row and column, in whole levels.

    The sums are whole numbers, exact in any order of additions.
    """
    part = image[::4, ::4]
    count = part.shape[0] * part.shape[1]
    b, g, r = (int(c) // count for c in cv2.sumElems(part)[:3])
    return b, g, r


def toned(colour: Colour, gain: float) -> Colour:
    """Multiply a colour by a gain, cut to 0..255.

    >>> toned((100, 50, 200), 1.5)
    (150, 75, 255)
    """
    b, g, r = (min(255, max(0, round(channel * gain))) for channel in colour)
    return b, g, r


def between(ground: Colour, ink: Colour, density: float) -> Colour:
    """Mix ground and ink: density 0 is the ground, 1 the ink."""
    b, g, r = (round(a + (c - a) * density) for a, c in zip(ground, ink, strict=True))
    return b, g, r


def near_grey(level: float, spread: int, draws: Draws) -> Colour:
    """Draw a colour of about this level with channels up to `spread` levels apart from it."""
    b, g, r = (min(255, max(0, round(level + draws.span(-spread, spread)))) for _ in range(3))
    return b, g, r


def fill(image: Image, corners: list[tuple[float, float]], colour: Colour) -> None:
    """Fill a polygon, corners (x, y) in pixels, with smooth edges, in place."""
    points = np.array([(round(x * 16), round(y * 16)) for x, y in corners], np.int32)
    cv2.fillPoly(image, [points], colour, cv2.LINE_AA, FINE)


def stroke(
    image: Image, start: tuple[float, float], end: tuple[float, float], colour: Colour, width: float
) -> None:
    """Draw a straight line of any width (pixels) with smooth edges, in place."""
    (x0, y0), (x1, y1) = start, end
    length = max(1e-6, ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5)
    dx, dy = -(y1 - y0) / length * width / 2, (x1 - x0) / length * width / 2
    fill(
        image,
        [(x0 + dx, y0 + dy), (x1 + dx, y1 + dy), (x1 - dx, y1 - dy), (x0 - dx, y0 - dy)],
        colour,
    )
