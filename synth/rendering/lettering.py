"""How letters are made: outlines, shadows and walls behind them, inks of several colours, bars.

Every look is a function (image, coat, **parameters) -> H x W x 3 BGR uint8, new. There are three
tables, in the order in which they come: what lies under the ink is drawn on the ground; then the
plane of the ink's colours is changed, one colour at first; what lies over it is drawn on the line.

All colours keep to the ink's side of the ground, or away from the ink where they lie beside it, so
that the letters stay what is read; whether they are is judged on the ink alone, against what then
lies right around it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import cos, radians, sin, tan

import cv2
import numpy as np

from synth.corpus.lookalikes import holds_code
from synth.draws import Draws
from synth.rendering.colour import Colour, between, blend, luminance, toned
from synth.rendering.line_mask import Boxes, bounds_of
from synth.rendering.margins import stroke
from textlines.pixels.arrays import Grey, Image
from textlines.pixels.noise import MIDDLE, SPREAD, clouds, crop
from textlines.pixels.tone import exact


@dataclass(frozen=True, slots=True)
class Coat:
    """The letters of one line, as they lie in the image.

    Attributes:
        mask: H x W coverage of the ink. boxes: of clusters and marks, in pixels.
        ink: colour of the letters, BGR. under: mean colour of what they stand on, BGR.
        text: what they say; "" where that is not known.
    """

    mask: Grey
    boxes: Boxes
    ink: Colour
    under: Colour
    text: str = ""

    @property
    def height(self) -> int:
        """Return the height of the image in pixels."""
        return int(self.mask.shape[0])


def hued(level: float, tint: float, seed: int) -> Colour:
    """Return a colour of a luminance (0..255): grey at a tint of 0, of a drawn hue at 1.

    >>> hued(90, 0.0, 1)
    (90, 90, 90)
    """
    draws = Draws(seed, 0, 0, "hue")
    raw = [0.15 + draws.unit() for _ in range(3)]
    gain = level / max(1e-6, (29 * raw[0] + 150 * raw[1] + 77 * raw[2]) / 256)
    b, g, r = (min(255, max(0, round(level + tint * (channel * gain - level)))) for channel in raw)
    return b, g, r


def _shifted(mask: Grey, right: float, down: float) -> Grey:
    """Move a mask by pixels and parts of them; what leaves the image is lost. A new array."""
    height, width = mask.shape
    matrix = np.array([[1.0, 0.0, round(right * 16) / 16], [0.0, 1.0, round(down * 16) / 16]])
    return cv2.warpAffine(mask, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=0)


def _disc(radius: float) -> Grey:
    reach = max(1, round(radius))
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))


def drop_shadow(
    image: Image,
    coat: Coat,
    *,
    right: float = 0.04,
    down: float = 0.04,
    depth: float = 0.6,
    blur: float = 0.03,
) -> Image:
    """Throw the shadow of the letters on the ground.

    Args:
        image: the ground; left as it is.
        coat: the letters.
        right, down: shift of the shadow as shares of the height; may be negative.
        depth: share of the light that it takes, 0..1; of dark letters it stays lighter than half
            way to the ink.
        blur: softness of its edge as a share of the height.
    """
    ground, ink = luminance(coat.under), luminance(coat.ink)
    if ink < ground:
        depth = min(depth, 0.5 * (ground - ink) / max(ground, 1))
    thrown = _shifted(coat.mask, right * coat.height, down * coat.height)
    side = round(blur * coat.height) * 2 + 1
    if side > 1:
        thrown = cv2.blur(cv2.blur(thrown, (side, side)), (side, side))
    share = exact(depth)
    light = cv2.addWeighted(thrown, -share, thrown, 0.0, 255.0)
    return cv2.multiply(image, cv2.merge([light] * 3), scale=1 / 255)


def extrusion(
    image: Image, coat: Coat, *, length: float = 0.08, deg: float = 45.0, shade: float = 0.6
) -> Image:
    """Give the letters walls, as blocks that stand out of the ground have.

    Args:
        image: the ground; left as it is.
        coat: the letters.
        length: of the walls, as a share of the height.
        deg: where they lead: 0 to the right, 90 down.
        shade: how much darker than the letters' face they are, 0.3..1; walls of dark letters are
            lighter, from half way to the ground on.
    """
    steps = max(1, round(length * coat.height))
    right, down = cos(radians(deg)), sin(radians(deg))
    walls = coat.mask
    for step in range(1, steps + 1):
        walls = cv2.max(walls, _shifted(coat.mask, right * step, down * step))
    lit = luminance(coat.ink) > DARK
    wall = toned(coat.ink, 1 - shade) if lit else between(coat.ink, coat.under, 0.4 + shade / 2)
    return blend(image, walls, wall)


DARK = 90
"""Luminance up to which a letter's walls are lighter than its face: darker ones would not show."""


def outline(
    image: Image,
    coat: Coat,
    *,
    line: float = 0.04,
    contrast: float = 0.9,
    tint: float = 0.0,
    seed: int,
) -> Image:
    """Draw a line of another colour around the letters.

    Args:
        image: the ground; left as it is.
        coat: the letters.
        line: width of the line as a share of the height.
        contrast: distance of its luminance from the ink's, as a share of the way to black or
            white, whichever is further from the ink.
        tint: how far it leans to a drawn hue, 0 (grey) to 1.
        seed: decides the hue.
    """
    level = luminance(coat.ink)
    end = 0 if level >= 128 else 255
    colour = hued(level + (end - level) * contrast, tint, seed)
    wide = cv2.dilate(coat.mask, _disc(line * coat.height))
    return blend(image, cv2.blur(wide, (3, 3)), colour)


def _other_ink(coat: Coat, amount: float, tint: float, seed: int) -> Colour:
    """Return a second ink: `amount` of the way to the ground (below 0: away from it), of a hue.

    It keeps half of the ink's distance from the ground at least.
    """
    level, ground = luminance(coat.ink), luminance(coat.under)
    away = (255 if level >= ground else 0) - level
    moved = level + (min(amount, 0.5) * (ground - level) if amount >= 0 else -amount * away)
    return between(coat.ink, hued(moved, 1.0, seed), tint) if tint else _levelled(coat.ink, moved)


def _levelled(colour: Colour, level: float) -> Colour:
    """Bring a colour to a luminance in its own hue."""
    by = round(level - luminance(colour))
    b, g, r = (min(255, max(0, channel + by)) for channel in colour)
    return b, g, r


def gradient(
    image: Image,
    coat: Coat,
    *,
    amount: float = 0.3,
    tint: float = 0.0,
    deg: float = 90.0,
    seed: int,
) -> Image:
    """Let the ink run from one colour into another.

    Args:
        image: the ink's colours; left as it is.
        coat: the letters.
        amount: how far the other colour lies on the way to the ground (0..0.5), or away from it
            on the way to black or white (-1..0).
        tint: how far it takes a drawn hue, 0..1.
        deg: direction: 0 along the line, 90 from above down.
        seed: decides the hue.
    """
    height, width = coat.mask.shape
    x0, y0, x1, y1 = bounds_of(coat.boxes)
    right, down = cos(radians(deg)), sin(radians(deg))
    x = (np.arange(width, dtype=np.float64) - (x0 + x1) / 2) * right
    y = (np.arange(height, dtype=np.float64) - (y0 + y1) / 2) * down
    reach = max(1.0, (abs(right) * (x1 - x0) + abs(down) * (y1 - y0)) / 2)
    along = np.add.outer(y, x) / (2 * reach) + 0.5
    share = np.floor(along.clip(0, 1) * 255 + 0.5).astype(np.uint8)
    return blend(image, share, _other_ink(coat, amount, tint, seed))


def two_tone(
    image: Image, coat: Coat, *, amount: float = 0.0, tint: float = 1.0, seed: int
) -> Image:
    """Draw the characters from a drawn place on in another ink.

    Args:
        image: the ink's colours; left as it is.
        coat: the letters.
        amount, tint: of the other ink, as in `gradient`.
        seed: decides the hue and the place.
    """
    starts = np.unique(coat.boxes[:, 0])
    if len(starts) < 2:
        return image.copy()
    at = int(Draws(seed, 0, 0, "place").pick(starts[1:].tolist()))
    other = image.copy()
    other[:, max(0, at) :] = _other_ink(coat, amount, tint, seed)
    return other


def ink_texture(
    image: Image, coat: Coat, *, spread: float = 20.0, cell: int = 6, seed: int
) -> Image:
    """Make the ink uneven in soft spots, as paint, enamel and worn foil are.

    Args:
        image: the ink's colours; left as it is.
        coat: the letters.
        spread: of the ink's levels, 0..64.
        cell: size of a spot in pixels, 2..32.
        seed: decides where.
    """
    height, width = coat.mask.shape
    spots = crop(clouds(min(max(int(cell), 2), 32)), height, width, seed)
    share = exact(min(max(spread, 0.0), 64.0) / (2 * SPREAD))
    return cv2.addWeighted(image, 1.0, cv2.merge([spots] * 3), share, -share * MIDDLE)


def emboss(
    image: Image,
    coat: Coat,
    *,
    rim: float = 0.03,
    depth: float = 0.5,
    deg: float = 225.0,
) -> Image:
    """Light the edges of raised letters on one side and shade them on the other.

    Args:
        image: the line; left as it is.
        coat: the letters.
        rim: width of the edges as a share of the height.
        depth: of light and shade, 0..1.
        deg: where the light comes from: 225 from above left, 45 from below right, as on sunk
            letters.
    """
    away = max(1.0, rim * coat.height)
    right, down = cos(radians(deg)) * away, sin(radians(deg)) * away
    share = exact(depth)
    for side, colour in ((-1.0, (255, 255, 255)), (1.0, (0, 0, 0))):
        lit = cv2.subtract(coat.mask, _shifted(coat.mask, side * right, side * down))
        faint = cv2.addWeighted(lit, share, lit, 0.0, 0.0)
        image = blend(image, faint, colour)
    return image


def strike(
    image: Image,
    coat: Coat,
    *,
    line: float = 0.03,
    at: float = 0.5,
    slant: float = 0.0,
    density: float = 0.9,
    tint: float = 0.0,
    seed: int,
) -> Image:
    """Strike the line out with one thin bar, as an old price is.

    It is thinner than half a stroke, and is not drawn where it would lie on a flat character or
    mark (a hyphen, 一), which nobody would see in it; nor over codes, where no word tells a `c`
    that is struck out from an `e`.

    Args:
        image: the line; left as it is.
        coat: the letters.
        line: width of the bar as a share of the height.
        at: where it crosses the letters, 0 = at their top, 1 = at their foot.
        slant: lean of the bar in degrees.
        density: against the ink, 0..1.
        tint: how far it takes a drawn hue, 0..1.
        seed: decides the hue.
    """
    if holds_code(coat.text):
        return image.copy()
    x0, y0, x1, y1 = bounds_of(coat.boxes)
    thick = max(0.8, min(line * coat.height, stroke_width(coat.mask) / 2))
    lean = tan(radians(slant)) * (x1 - x0) / 2
    y = y0 + at * (y1 - y0)
    reach = abs(lean) + thick / 2 + BESIDE * (y1 - y0)
    low, high = y - reach, y + reach
    flat = coat.boxes[:, 3] - coat.boxes[:, 1] < FLAT * (y1 - y0)
    if np.any(flat & (coat.boxes[:, 1] < high) & (coat.boxes[:, 3] > low)):
        return image.copy()
    colour = between(coat.under, coat.ink, density)
    if tint:
        colour = between(colour, hued(luminance(colour), 1.0, seed), tint)
    struck = image.copy()
    beyond = 0.1 * coat.height
    stroke(struck, (x0 - beyond, y + lean), (x1 + beyond, y - lean), colour, thick)
    return struck


FLAT = 0.4
"""Of the text's height: what is lower is a hyphen, a mark, a stroke that lies."""

BESIDE = 0.12
"""Of the text's height: so near to a bar a hyphen is taken for a part of it."""


def stroke_width(mask: Grey) -> float:
    """Estimate the mean width of strokes in pixels: twice their area by their edge's length."""
    edge = cv2.subtract(mask, cv2.erode(mask, np.ones((3, 3), np.uint8)))
    area, length = (int(cv2.sumElems(part)[0]) for part in (mask, edge))
    return 2.0 * area / length if length else 0.0


UNDER: Mapping[str, Callable[..., Image]] = {
    "drop_shadow": drop_shadow,
    "extrusion": extrusion,
    "outline": outline,
}
"""Drawn on the ground before the ink."""

INKS: Mapping[str, Callable[..., Image]] = {
    "gradient": gradient,
    "two_tone": two_tone,
    "ink_texture": ink_texture,
}
"""Change the plane of the ink's colours."""

OVER: Mapping[str, Callable[..., Image]] = {"emboss": emboss, "strike": strike}
"""Drawn on the line."""

LETTERING: Mapping[str, Callable[..., Image]] = {**UNDER, **INKS, **OVER}
