"""Colours: ink against what it stands on, tones of a ground, and the blend of the two."""

from typing import NamedTuple

import cv2

from synth.draws import Draws
from synth.rendering.style import Ink, Pair
from textlines.pixels.arrays import Grey, Image
from textlines.pixels.tone import exact, scaled

Colour = tuple[int, int, int]
"""BGR, 0..255."""

WEIGHTS = (29, 150, 77)
"""Luminance weights of blue, green and red in 256ths (ITU-R BT.601)."""


def luminance(colour: Colour) -> int:
    """Weigh a BGR colour to one level, 0..255.

    >>> luminance((0, 0, 0)), luminance((255, 255, 255))
    (0, 255)
    """
    return (colour[0] * WEIGHTS[0] + colour[1] * WEIGHTS[1] + colour[2] * WEIGHTS[2]) >> 8


def mean_colour(image: Image) -> Colour:
    """Return the mean colour of every fourth row and column, in whole levels.

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


def ink_for(under: Colour, ink: Ink, draws: Draws, boost: float = 1.0) -> Colour:
    """Draw an ink that stands out from the colour under it.

    The side (darker or lighter) follows the style unless that side has no room for the drawn
    contrast and the style leaves the other one open (`dark` is neither 0 nor 1); the ink keeps half
    of the surface's own tint, as print and shadow do.

    Args:
        under: BGR of the surface.
        boost: factor on the drawn contrast, for a second try. The stream is used alike for
            every boost.

    Returns:
        BGR, 0..255.
    """
    level = luminance(under)
    whole = max(level, 1) if ink.relative else 255
    distance = min(1.0, float(ink.contrast.draw(draws)) * boost) * whole
    darker = draws.chance(ink.dark)
    tint = float(ink.tint.draw(draws))
    strays = [draws.span(-tint, tint) for _ in range(3)]
    # Where the wanted side lacks room and the other has more, the other side is taken.
    if 0 < ink.dark < 1:
        if darker and level < distance and 255 - level > level:
            darker = False
        elif not darker and 255 - level < distance and level > 255 - level:
            darker = True
    aim = max(0.0, level - distance) if darker else min(255.0, level + distance)
    channels = [
        min(255, max(0, round(aim + (channel - level) * 0.5 + stray)))
        for channel, stray in zip(under, strays, strict=True)
    ]
    return channels[0], channels[1], channels[2]


class Paint(NamedTuple):
    """The colours of one line, drawn from a pair of the palette; BGR, 0..255."""

    ground: Colour
    ink: Colour
    pair: Pair


def paint_for(pair: Pair, draws: Draws, boost: float = 1.0) -> Paint:
    """Draw the colours of a line from a pair: each channel strays within its spread.

    Args:
        boost: factor on the distance of luminance between the two, for a second try: they are
            moved apart in their own hues. The stream is used alike for every boost.
    """
    ground, ink = (_strayed(colour, pair.spread, draws) for colour in (pair.ground, pair.ink))
    if boost > 1:
        distance = luminance(ink) - luminance(ground)
        least = min(254, round(abs(distance) * boost))
        ground, ink = apart(ground, ink, darker=distance < 0, least=least)
    return Paint(ground, ink, pair)


def colour_of(code: str) -> Colour:
    """Read `#rrggbb`.

    >>> colour_of("#ff8000")
    (0, 128, 255)
    """
    return int(code[5:7], 16), int(code[3:5], 16), int(code[1:3], 16)


def _strayed(code: str, spread: float, draws: Draws) -> Colour:
    """Let a colour stray: most of the way in all channels alike, as light and fading do."""
    together = draws.span(-spread, spread) * ALIKE
    b, g, r = (
        min(255, max(0, round(channel + together + draws.span(-spread, spread) * (1 - ALIKE))))
        for channel in colour_of(code)
    )
    return b, g, r


ALIKE = 0.65
"""Share of a pair's spread that its channels stray together; the rest changes the hue."""

LEAST_ROOM = 24
"""Levels that a texture keeps to either side of a mean, be it black or white: then it is cut, as a
sheet under a flash is."""


def recoloured(ground: Image, colour: Colour) -> Image:
    """Bring a surface to a mean colour and keep what it holds of texture and light.

    Where the new mean lies nearer to black or white than the old one, differences shrink with the
    room that is left.

    Args:
        ground: H x W x 3 BGR. Left as it is.
        colour: the new mean, BGR.

    Returns:
        A new H x W x 3 image.
    """
    means = mean_colour(ground)
    gain = exact(min(1.0, *(_room(c) / _room(m) for c, m in zip(colour, means, strict=True))))
    return cv2.merge(
        [
            scaled(channel, gain, target - gain * mean)
            for channel, target, mean in zip(cv2.split(ground), colour, means, strict=True)
        ]
    )


def _room(level: int) -> int:
    return max(LEAST_ROOM, min(level, 255 - level))


def apart(under: Colour, ink: Colour, *, darker: bool, least: int) -> tuple[Colour, Colour]:
    """Move a ground and its ink apart to a distance of luminance, each in its own hue.

    The ink moves first, to black (white) at most, and then the ground.

    >>> apart((40, 40, 40), (30, 30, 30), darker=True, least=60)
    ((60, 60, 60), (0, 0, 0))
    >>> apart((240, 250, 250), (250, 250, 250), darker=False, least=60)
    ((187, 197, 197), (255, 255, 255))
    """
    black, white = (0, 0, 0), (255, 255, 255)
    if least >= 255:
        return (white, black) if darker else (black, white)
    sign = -1 if darker else 1
    missing = least - sign * (luminance(ink) - luminance(under))
    if missing <= 0:
        return under, ink
    moved = _shifted(ink, sign * missing)
    missing = least - sign * (luminance(moved) - luminance(under))
    if missing > 0:
        moved = black if darker else white
        missing = least - sign * (luminance(moved) - luminance(under))
    return (_shifted(under, -sign * missing) if missing > 0 else under), moved


def _shifted(colour: Colour, levels: int) -> Colour:
    """Make a colour lighter or darker by some levels in each channel, cut to 0..255."""
    b, g, r = (min(255, max(0, channel + levels)) for channel in colour)
    return b, g, r


def inlaid(surface: Image, mask: Grey, plane: Image) -> Image:
    """Lay ink of many colours over a surface: `blend` with a colour for each pixel.

    Args:
        surface, plane: H x W x 3 BGR. Left as they are.
        mask: H x W, 255 = full ink.

    Returns:
        A new H x W x 3 image.
    """
    clear = cv2.bitwise_not(mask)
    kept = cv2.multiply(surface, cv2.merge([clear] * 3), scale=1 / 255)
    return cv2.add(kept, cv2.multiply(plane, cv2.merge([mask] * 3), scale=1 / 255), dst=kept)


def blend(surface: Image, mask: Grey, ink: Colour) -> Image:
    """Lay ink over a surface through a mask of coverage, in 8-bit integers.

    One multiply for the surface and one scaling for each channel of the ink: the uint16 route
    through numpy costs eight times as much. A product of two bytes by 255 is never half way
    between two levels, and never nearer to it than 1/510, so that a float's error rounds nothing
    otherwise on another CPU.

    Args:
        surface: H x W x 3 BGR. Left as it is.
        mask: H x W, 255 = full ink.

    Returns:
        A new H x W x 3 image.
    """
    clear = cv2.bitwise_not(mask)
    kept = cv2.multiply(surface, cv2.merge([clear, clear, clear]), scale=1 / 255)
    laid = cv2.merge([cv2.convertScaleAbs(mask, alpha=channel / 255) for channel in ink])
    return cv2.add(kept, laid, dst=kept)
