"""Effects on the mask of the ink: how a pen, a print head or a display lays it down.

Every function takes a mask H x W uint8 (0 = no ink, 255 = full), leaves it as it is and gives a
new mask of the same shape.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache

import cv2
import numpy as np

from textlines.pixels.arrays import Grey
from textlines.pixels.noise import MIDDLE, SPREAD, clouds, coarse_grid, crop, grey_grain
from textlines.pixels.tone import blend, exact, scaled

_CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)


def bold(mask: Grey, *, amount: float) -> Grey:
    """Widen strokes by `amount` pixels on each side, 0..3."""
    whole, rest = divmod(min(max(amount, 0.0), 3.0), 1.0)
    wide = cv2.dilate(mask, _CROSS, iterations=int(whole)) if whole else mask
    return blend(wide, cv2.dilate(wide, _CROSS), rest)


def thin(mask: Grey, *, amount: float) -> Grey:
    """Narrow strokes by `amount` pixels on each side, 0..1.

    A stroke that would vanish keeps a third of its density.
    """
    narrow = blend(mask, cv2.erode(mask, _CROSS), min(max(amount, 0.0), 1.0))
    return cv2.max(narrow, scaled(mask, 1 / 3))


def fade(mask: Grey, *, depth: float, patch: float = 1.5, seed: int) -> Grey:
    """Let density fade in patches along the line, as on old thermal paper; never to nothing.

    Args:
        mask: the mask.
        depth: share of the density that is lost where it fades most, 0..0.9.
        patch: length of a patch as a share of the mask's height.
        seed: decides where.
    """
    height, width = mask.shape
    columns = max(2, round(width / max(1.0, patch * height)) + 1)
    grid = coarse_grid(3, columns, seed)
    # Squared, so that most of the line keeps its density and some of it fades far.
    loss = grid.astype(np.uint16) ** 2 // 255
    gains = (255 - np.floor(loss * min(max(depth, 0.0), 0.9))).astype(np.uint8)
    field = cv2.resize(gains, (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.multiply(mask, field, scale=1 / 255)


def rough(mask: Grey, *, amount: float, seed: int) -> Grey:
    """Fray the edges of strokes and pit their inside, as ink on coarse paper.

    Args:
        mask: the mask.
        amount: 0 leaves edges as they are, 1 frays them by about a pixel.
        seed: decides where.
    """
    height, width = mask.shape
    noise = crop(grey_grain(2), height, width, seed)
    share = exact(min(max(amount, 0.0), 1.0) * 40 / SPREAD)
    soft = blend(mask, cv2.blur(mask, (3, 3)), amount)
    frayed = cv2.addWeighted(soft, 1.0, noise, share, -share * MIDDLE)
    # Steeper edges again: what lies far below half is no ink, what lies far above is full.
    steep = cv2.addWeighted(frayed, 1.5, frayed, 0.0, -64.0)
    # Noise makes no ink where there was none near.
    return cv2.min(blend(mask, steep, min(1.0, 2 * amount)), cv2.dilate(mask, _CROSS))


def dots(mask: Grey, *, pitch: int = 3, depth: float = 0.7) -> Grey:
    """Look at the strokes through a screen of round dots, as a matrix printer makes them.

    Args:
        mask: the mask.
        pitch: pixels from dot to dot, 2..16.
        depth: share of the density that is lost between dots, 0..0.9.
    """
    pitch = min(max(int(pitch), 2), 16)
    height, width = mask.shape
    gains = scaled(_dot(pitch), -min(max(depth, 0.0), 0.9), 255.0)
    screen = cv2.repeat(gains, -(-height // pitch), -(-width // pitch))[:height, :width]
    return cv2.multiply(bold(mask, amount=0.5), screen, scale=1 / 255)


@lru_cache(maxsize=16)
def _dot(pitch: int) -> Grey:
    """Make one cell of a screen: 0 in the dot's middle, 255 between dots."""
    middle = (pitch - 1) / 2
    steps = np.arange(pitch, dtype=np.float64) - middle
    apart = (steps[:, None] ** 2 + steps**2) / (middle**2 + 0.25)
    return np.floor(apart.clip(0, 1) * 255 + 0.5).astype(np.uint8)


def inkjet(
    mask: Grey, *, rows: int = 26, size: float = 1.0, jitter: float = 0.15, seed: int
) -> Grey:
    """Print strokes as rows of separate drops, as date coders and other ink-jets do.

    Args:
        mask: the mask.
        rows: drops over the height of the mask, 16..48.
        size: diameter of a drop as a share of the distance between drops, 0.6..1.3.
        jitter: how far a drop may miss its place as a share of that distance, 0..0.5; its density
            strays alike.
        seed: decides which drop misses where.
    """
    height, width = mask.shape
    pitch = height / min(max(int(rows), 16), 48)
    down, across = max(1, round(height / pitch)), max(1, round(width / pitch))
    # Thin strokes keep a drop where they take a third of its cell; of bold ones, whose counters are
    # what is narrow, more than half is asked.
    covered = cv2.resize(mask, (across, down), interpolation=cv2.INTER_AREA)
    edge = cv2.subtract(mask, cv2.erode(mask, _CROSS))
    area, length = (int(cv2.sumElems(part)[0]) for part in (mask, edge))
    is_bold = 2 * area > 1.2 * pitch * length
    y, x = np.nonzero(covered > (_BOLD_COVER if is_bold else _THIN_COVER))
    strays = coarse_grid(3, max(1, len(x)), seed)[:, : len(x)].astype(np.int64) - 128
    reach = min(max(jitter, 0.0), 0.5) * pitch * _FINER / 128
    drops = np.zeros((height * _FINER, width * _FINER), np.uint8)
    rows_at = np.floor((y + 0.5) * pitch * _FINER + strays[0] * reach).astype(np.int64)
    step = width / across * _FINER
    columns_at = np.floor((x + 0.5) * step + strays[1] * reach).astype(np.int64)
    density = 255 - np.abs(strays[2]) * min(max(jitter, 0.0), 0.5)
    np.maximum.at(
        drops,
        (rows_at.clip(0, height * _FINER - 1), columns_at.clip(0, width * _FINER - 1)),
        np.floor(density).astype(np.uint8),
    )
    radius = max(1, round(min(max(size, 0.6), 1.3) * pitch * _FINER / 2))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    grown = cv2.dilate(drops, disc)
    apart = cv2.resize(grown, (width, height), interpolation=cv2.INTER_AREA)
    # Between drops a little ink has run.
    return cv2.max(apart, scaled(mask, _RUN))


_THIN_COVER, _BOLD_COVER = 84, 150
"""Of 255, from which on a cell gets a drop."""

_RUN = 1 / 8
"""Share of the density that runs between drops."""

_FINER = 3
"""How many times as fine as the mask drops are placed."""


def echo(mask: Grey, *, right: int = 1, down: int = 1, depth: float = 0.3) -> Grey:
    """Add the shadow that the segments of a display throw on the plate behind them.

    Args:
        mask: the mask.
        right, down: shift of the shadow in pixels; may be negative.
        depth: density of the shadow, 0..1.
    """
    height, width = mask.shape
    right, down = int(right), int(down)
    shadow = np.zeros_like(mask)
    if abs(right) >= width or abs(down) >= height:
        return mask.copy()
    shadow[max(0, down) : height + min(0, down), max(0, right) : width + min(0, right)] = mask[
        max(0, -down) : height + min(0, -down), max(0, -right) : width + min(0, -right)
    ]
    return cv2.max(mask, scaled(shadow, min(max(depth, 0.0), 1.0)))


def streaks(mask: Grey, *, count: int = 1, depth: float = 0.7, seed: int) -> Grey:
    """Lose thin upright lines of ink, as a print head with dead points does.

    Args:
        mask: the mask.
        count: lines for each 100 pixels of width.
        depth: share of the density that is lost, 0..0.8.
        seed: decides where.
    """
    height, width = mask.shape
    number = min(max(int(count), 0) * width // 100 + 1, width) if count > 0 else 0
    gains = np.full((1, width), 255, np.uint8)
    if number:
        places = coarse_grid(number, 2, seed).astype(np.int64)
        gains[0, (places[:, 0] * 256 + places[:, 1]) * width // 65536] = round(
            255 * (1 - min(max(depth, 0.0), 0.8))
        )
    return cv2.multiply(mask, cv2.repeat(gains, height, 1), scale=1 / 255)


def mottle(mask: Grey, *, depth: float, cell: int = 6, seed: int) -> Grey:
    """Make the density uneven in small spots, as a worn ribbon or dry toner does.

    Args:
        mask: the mask.
        depth: share of the density that is lost where it is lightest, 0..0.8.
        cell: size of a spot in pixels, 2..32.
        seed: decides where.
    """
    height, width = mask.shape
    field = crop(clouds(min(max(int(cell), 2), 32)), height, width, seed)
    gain = min(max(depth, 0.0), 0.8)
    return cv2.multiply(mask, scaled(field, -gain, 255.0), scale=1 / 255)


STROKE: Mapping[str, Callable[..., Grey]] = {
    "bold": bold,
    "thin": thin,
    "rough": rough,
    "mottle": mottle,
    "dots": dots,
    "inkjet": inkjet,
    "fade": fade,
    "streaks": streaks,
    "echo": echo,
}
