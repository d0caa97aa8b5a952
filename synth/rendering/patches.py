"""A label or sticker under a text: a ground of its own on the surface."""

from math import radians, tan

import cv2
import numpy as np
import numpy.typing as npt

from synth.draws import Draws
from synth.rendering.colour import Colour, blend, near_grey
from synth.rendering.margins import FINE, rounded
from textlines.pixels.arrays import Grey, Image


def patch(
    image: Image,
    box: tuple[int, int, int, int],
    base: Colour | None,
    draws: Draws,
    *,
    margin: float = 0.12,
    level: float = 230.0,
    tint: float = 20.0,
    corner: float = 0.1,
    skew: float = 1.0,
    lift: float = 0.3,
) -> Image:
    """Stick a label of one colour on the surface, under the whole text.

    Args:
        image: the surface, H x W x 3 BGR; left as it is.
        box: the text's ink (x0, y0, x1, y1) in pixels.
        base: colour of the label, BGR; None: drawn from `level` and `tint`.
        draws: of the sample.
        margin: least distance of its edges from the ink as a share of the height; each side is
            drawn up to twice as far.
        level: luminance of the label, 0..255. tint: levels by which channels stray from it.
        corner: radius of its corners as a share of the height.
        skew: greatest turn of the label in degrees; it grows so that the text stays on it.
        lift: depth of the shadow that it throws on the surface, 0..0.9.

    Returns:
        A new image. Nothing but the label lies under the box and the margin around it.
    """
    height, width = image.shape[:2]
    x0, y0, x1, y1 = box
    left, up, right, down = (height * margin * draws.span(1.0, 2.0) + 2 for _ in range(4))
    turn = tan(radians(draws.span(-skew, skew)))
    colour = near_grey(level, round(tint), draws) if base is None else base
    # Half of what the turn lifts at either end.
    rise = abs(turn) * (x1 - x0 + left + right) / 2
    upright = abs(turn) * (y1 - y0 + up + down) / 2
    low_x, low_y = x0 - left - upright, y0 - up - rise
    high_x, high_y = x1 + right + upright, y1 + down + rise
    radius = min(corner * height, margin * height, (high_y - low_y) / 2)
    corners = [(low_x, low_y), (high_x, low_y), (high_x, high_y), (low_x, high_y)]
    middle_x, middle_y = (x0 + x1) / 2, (y0 + y1) / 2
    points = np.array(
        [
            (round((x - (y - middle_y) * turn) * 16), round((y + (x - middle_x) * turn) * 16))
            for x, y in rounded(corners, radius)
        ],
        np.int32,
    )
    cover = np.zeros((height, width), np.uint8)
    cv2.fillPoly(cover, [points], 255, cv2.LINE_AA, FINE)
    if lift > 0:
        image = _shaded(image, cover, points, lift, draws)
    return blend(image, cover, colour)


def _shaded(
    image: Image, cover: Grey, points: npt.NDArray[np.int32], lift: float, draws: Draws
) -> Image:
    """Throw the shadow of a label on the surface, to the right and down."""
    height = image.shape[0]
    away = round(height * draws.span(0.01, 0.05) * 16)
    thrown = np.zeros_like(cover)
    cv2.fillPoly(thrown, [points + np.int32(away)], 255, cv2.LINE_AA, FINE)
    side = 2 * round(height * draws.span(0.0, 0.05)) + 1
    return blend(
        image,
        cv2.convertScaleAbs(cv2.blur(thrown, (side, side)), alpha=round(lift * 256) / 256),
        (0, 0, 0),
    )
