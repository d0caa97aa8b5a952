"""What a line is written on: paper, thermal paper, panels of displays, photos.

Every surface is a function (height, width, draws, photos, **parameters) -> H x W x 3 BGR uint8,
new and contiguous. Its parameters are drawn by the caller from the style; what it draws itself
(place in a texture, direction of a fold) it takes from `draws`.

Textures are made once in a process, in integers and exact blends from a fixed seed, so that every
process has the same bytes; crops of them make surfaces cheap. All are uint8 with mean about 128; a
surface scales them to the strength it wants.
"""

from collections.abc import Callable, Mapping
from functools import cache

import cv2
import numpy as np

from synth.draws import Draws
from synth.rendering.photos import PhotoBank
from textlines.errors import UsageError
from textlines.pixels.arrays import Grey, Image
from textlines.pixels.noise import clouds, crop, grey_grain
from textlines.pixels.tone import blend, calmed, exact, scaled


@cache
def fibre() -> Grey:
    """Make the texture of paper: fine grain, short fibres across, clouds. 256 x 2048."""
    fine = grey_grain(2)
    # The same noise drawn out: fibres lie in the direction in which the paper ran.
    fibres = cv2.blur(np.roll(fine, 97, axis=1), (9, 1))
    fibres = cv2.addWeighted(fibres, 2.5, fibres, 0.0, -1.5 * 128)
    texture = blend(blend(fine, fibres, 0.5), clouds(12), 0.125)
    texture.flags.writeable = False
    return texture


@cache
def film() -> Grey:
    """Make the texture of a panel behind glass: soft clouds and hardly any grain. 256 x 2048."""
    fine = grey_grain(2)
    texture = blend(blend(clouds(48), clouds(9), 0.25), fine, 0.25)
    texture.flags.writeable = False
    return texture


@cache
def streaks() -> Grey:
    """Make level streaks as a print head or a scanner's line leaves them. 256 x 2048."""
    rows = np.ascontiguousarray(grey_grain(1)[:, :16])
    drawn_out = cv2.resize(rows, (2048, 256), interpolation=cv2.INTER_LINEAR)
    drawn_out.flags.writeable = False
    return drawn_out


def textured(field: Grey, texture: Grey, share: float, draws: Draws) -> Grey:
    """Lay a piece of a texture over a field of levels; `share` is a factor on its spread."""
    height, width = field.shape
    part = crop(texture, height, width, draws.bits(32))
    return cv2.addWeighted(field, 1.0, part, share, -share * 128)


def tinted(grey: Grey, gains: tuple[float, float, float]) -> Image:
    """Make three channels of one, each with its gain."""
    return cv2.merge([scaled(grey, gain) for gain in gains])


def stretched(values: list[list[float]], height: int, width: int) -> Grey:
    """Enlarge a few levels (0..255) to a smooth field."""
    small = np.floor(np.array(values, np.float64) + 0.5).clip(0, 255).astype(np.uint8)
    way = cv2.INTER_CUBIC if min(small.shape) > 1 else cv2.INTER_LINEAR
    return cv2.resize(small, (width, height), interpolation=way)


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
    field = textured(field, film(), exact(texture / 24), draws)
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


# Whitish papers lean to yellow, to pink, to blue or nowhere (share of the tint taken off B, G, R).
_PAPER_LEANS = (
    (1.0, 0.25, 0.0),
    (0.6, 0.5, 0.0),
    (0.0, 0.3, 0.8),
    (0.5, 0.0, 0.4),
    (0.3, 0.3, 0.3),
)


def _lean(draws: Draws, level: float, tint: float) -> tuple[float, float, float]:
    """Draw gains for B, G, R that take up to `tint` levels off at this level."""
    lean = draws.pick(_PAPER_LEANS)
    b, g, r = (1.0 - tint * share / max(level, 1.0) for share in lean)
    return b, g, r


def plain(
    height: int,
    width: int,
    draws: Draws,
    photos: PhotoBank | None = None,
    *,
    level: float = 235.0,
    tint: float = 8.0,
) -> Image:
    """Fill with one colour: luminance `level` (0..255), up to `tint` levels from grey."""
    gains = _lean(draws, level, tint)
    levels = (min(255, max(0, round(level * gain))) for gain in gains)
    return cv2.merge([np.full((height, width), level, np.uint8) for level in levels])


def _sheet(
    height: int,
    width: int,
    draws: Draws,
    *,
    level: float,
    tint: float,
    grain: float,
    fold: float,
    streak: float = 0.0,
) -> Image:
    """Lay out a sheet of any paper: fibres on a level, folds, streaks, and a tint.

    A fold throws a shade that ends at an edge. Parameters as in `thermal`.
    """
    part = crop(fibre(), height, width, draws.bits(32))
    # The texture's own spread is about 24 levels.
    gain = exact(grain / 24)
    sheet = cv2.addWeighted(part, gain, part, 0.0, exact(level - 128 * gain))
    if fold > 0:
        count = 3 + draws.whole(0, 3)
        shades = [255.0 * (1 - fold * draws.unit()) for _ in range(count)]
        if draws.chance(0.4):
            # The edge itself: one step falls steeply within a few pixels.
            at = draws.whole(0, count)
            shades[at : at + 1] = [255.0, 255.0 * (1 - fold)]
        upright = draws.chance(0.7)
        rows = [shades] if upright else [[shade] for shade in shades]
        sheet = cv2.multiply(sheet, stretched(rows, height, width), scale=1 / 255)
    if streak > 0:
        sheet = textured(sheet, streaks(), exact(streak / 32), draws)
    return tinted(sheet, _lean(draws, level, tint))


def paper(
    height: int,
    width: int,
    draws: Draws,
    photos: PhotoBank | None = None,
    *,
    level: float = 240.0,
    tint: float = 10.0,
    grain: float = 3.0,
    fold: float = 0.0,
) -> Image:
    """Lay out paper.

    Args:
        height, width: in pixels.
        draws: of the sample.
        photos: not used.
        level: mean luminance, 0..255.
        tint: how far the weakest channel lies below the strongest, in levels.
        grain: spread of the texture in levels.
        fold: greatest shade of a fold as a share, 0..0.9; 0 for flat paper.
    """
    return _sheet(height, width, draws, level=level, tint=tint, grain=grain, fold=fold)


def thermal(
    height: int,
    width: int,
    draws: Draws,
    photos: PhotoBank | None = None,
    *,
    level: float = 247.0,
    tint: float = 4.0,
    grain: float = 1.5,
    streak: float = 1.0,
    fold: float = 0.0,
) -> Image:
    """Lay out thermal paper: smoother and whiter than paper, with faint level streaks.

    Args:
        height, width: in pixels.
        draws: of the sample.
        photos: not used.
        level: mean luminance, 0..255.
        tint: how far the weakest channel lies below the strongest, in levels.
        grain: spread of the texture in levels.
        streak: spread of the streaks in levels.
        fold: greatest shade of a fold as a share, 0..0.9; 0 for flat paper.
    """
    return _sheet(
        height, width, draws, level=level, tint=tint, grain=grain, fold=fold, streak=streak
    )


def photo(
    height: int,
    width: int,
    draws: Draws,
    photos: PhotoBank | None = None,
    *,
    zoom: float = 1.0,
    calm: float = 0.0,
) -> Image:
    """Cut a piece out of a photo.

    Args:
        height, width: in pixels.
        draws: of the sample.
        photos: where the photo comes from.
        zoom: photo pixels for each pixel of the surface, 0.25..4.
        calm: how far the piece is drawn to its own mean, 0 (as it is) to 1 (one colour).

    Raises:
        UsageError: the style asks for photos and there are none.
    """
    if photos is None:
        raise UsageError(
            "--backgrounds",
            "the style draws on photos and no folder of photos is given",
            "Name a folder with --backgrounds, or set the surface `photo` to p = 0.",
        )
    rows, columns = (max(1, round(side * min(max(zoom, 0.25), 4.0))) for side in (height, width))
    piece = photos.crop(rows, columns, draws)
    if (rows, columns) != (height, width):
        way = cv2.INTER_AREA if rows > height else cv2.INTER_LINEAR
        piece = cv2.resize(piece, (width, height), interpolation=way)
    return calmed(piece, calm)


SURFACES: Mapping[str, Callable[..., Image]] = {
    "plain": plain,
    "paper": paper,
    "thermal": thermal,
    "lcd": lcd,
    "photo": photo,
}
