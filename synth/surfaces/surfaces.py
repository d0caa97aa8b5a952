"""What a line is written on, made without any file.

Every surface is a function (height, width, draws, photos, **parameters) -> H x W x 3 BGR uint8,
new and contiguous. Its parameters are drawn by the caller from the style; what it draws itself
(place in a texture, direction of a fold) it takes from `draws`.
"""

from collections.abc import Callable, Mapping

import cv2
import numpy as np

from synth.draws import Draws
from synth.surfaces import tiles
from synth.surfaces.fields import stretched, tinted
from synth.surfaces.panels import lcd
from synth.surfaces.photos import PhotoBank
from textlines.errors import UsageError
from textlines.pixels.arrays import Grey, Image
from textlines.pixels.noise import crop
from textlines.pixels.tone import exact

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
    texture: Grey, draws: Draws, size: tuple[int, int], level: float, grain: float, fold: float
) -> Grey:
    """Lay a texture on a level and bend it: a fold throws a shade that ends at an edge."""
    height, width = size
    part = crop(texture, height, width, draws.bits(32))
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
        field = stretched(rows, height, width)
        sheet = cv2.multiply(sheet, field, scale=1 / 255)
    return sheet


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
    sheet = _sheet(tiles.fibre(), draws, (height, width), level, grain, fold)
    return tinted(sheet, _lean(draws, level, tint))


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
    sheet = _sheet(tiles.fibre(), draws, (height, width), level, grain, fold)
    if streak > 0:
        lines = crop(tiles.streaks(), height, width, draws.bits(32))
        share = exact(streak / 32)
        sheet = cv2.addWeighted(sheet, 1.0, lines, share, -share * 128)
    return tinted(sheet, _lean(draws, level, tint))


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
    if calm > 0:
        keep = exact(1 - min(calm, 1.0))
        # Means in integers: a float sum depends on the order in which a processor adds.
        means = piece.reshape(-1, 3).sum(axis=0, dtype=np.int64) // (height * width)
        channels = [
            cv2.addWeighted(piece[..., c], keep, piece[..., c], 0.0, exact((1 - keep) * means[c]))
            for c in range(3)
        ]
        piece = cv2.merge(channels)
    return piece


SURFACES: Mapping[str, Callable[..., Image]] = {
    "plain": plain,
    "paper": paper,
    "thermal": thermal,
    "lcd": lcd,
    "photo": photo,
}
