"""Panels of displays behind glass."""

import cv2

from synth.draws import Draws
from synth.surfaces import tiles
from synth.surfaces.fields import stretched, tinted
from synth.surfaces.photos import PhotoBank
from textlines.pixels.arrays import Image
from textlines.pixels.noise import crop
from textlines.pixels.tone import exact

# Panels, as multiples of the luminance (B, G, R), whose luminance stays about 1: grey-green,
# olive, blue-grey, neutral, warm grey; and lit from behind: green, blue, amber.
_PANEL_HUES = (
    (0.92, 1.05, 0.93),
    (0.70, 1.06, 0.98),
    (1.14, 1.01, 0.94),
    (1.02, 1.00, 1.00),
    (0.90, 0.99, 1.06),
    (0.55, 1.30, 0.45),
    (2.40, 0.90, 0.65),
    (0.25, 0.95, 1.45),
)
_UNLIT = 5


def lcd(
    height: int,
    width: int,
    draws: Draws,
    photos: PhotoBank | None = None,
    *,
    level: float = 60.0,
    tint: float = 0.5,
    gradient: float = 0.3,
    texture: float = 1.0,
    dust: int = 3,
    lit: float = 0.1,
) -> Image:
    """Build the panel of a liquid-crystal display behind its glass.

    Args:
        height, width: in pixels.
        draws: of the sample.
        photos: not used.
        level: luminance in the middle, 0..255.
        tint: how far the panel leans to its hue, 0 (grey) to 1.
        gradient: how much darker it may become towards its edges, 0..0.9.
        texture: spread of the texture in levels.
        dust: specks and scratches on the glass, at most; 0 for none.
        lit: share of the panels with a coloured light behind (0..1).
    """
    sides = (
        1.0 - gradient * draws.unit(),
        1.0 - 0.3 * gradient * draws.unit(),
        1.0,
        1.0 - gradient * draws.unit(),
    )
    ends = [1.0, 1.0 - 0.7 * gradient * draws.unit()]
    if draws.chance(0.3):
        ends.reverse()
    field = stretched([[level * side * end for side in sides] for end in ends], height, width)
    share = exact(texture / 24)
    part = crop(tiles.film(), height, width, draws.bits(32))
    field = cv2.addWeighted(field, 1.0, part, share, -share * 128)
    hue = draws.pick(_PANEL_HUES[_UNLIT:] if draws.chance(lit) else _PANEL_HUES[:_UNLIT])
    b, g, r = (1.0 + tint * (gain - 1.0) for gain in hue)
    panel = tinted(field, (b, g, r))
    for _ in range(draws.whole(0, dust + 1)):
        _speck(panel, draws, level)
    return panel


def _speck(panel: Image, draws: Draws, level: float) -> None:
    """Draw one grain of dust or one fine scratch on the glass, faint, in place."""
    height, width = panel.shape[:2]
    x, y = draws.whole(0, width * 16), draws.whole(0, height * 16)
    light = min(255, round(level * (1.05 + 0.3 * draws.unit()) + 2))
    ink = (light, light, light)
    if draws.chance(0.6):
        # A grain is smaller than any full stop: about a hundredth of the height.
        radius = max(4, round(height * 16 * 0.008 * (0.5 + draws.unit())))
        cv2.circle(panel, (x, y), radius, ink, -1, cv2.LINE_AA, 4)
    else:
        reach = height * 16 * (0.05 + 0.35 * draws.unit())
        end = (x + round(reach), y + round(reach * (draws.unit() * 2 - 1)))
        faint = min(255, round(level * (1.03 + 0.09 * draws.unit()) + 1))
        cv2.line(panel, (x, y), end, (faint, faint, faint), 1, cv2.LINE_AA, 4)
