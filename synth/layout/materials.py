"""What devices are made of and stand before: painted panels, steel, walls, blurred surroundings.

Each is a function (height, width, draws) -> H x W x 3 BGR uint8, new. Nothing here may be taken
for a letter: pages without text are made of it too.
"""

from collections.abc import Callable, Mapping, Sequence

import cv2
import numpy as np

from synth.draws import Draws
from synth.rendering.colour import Colour, blend, near_grey, toned
from synth.rendering.margins import stroke
from synth.rendering.surfaces import fibre, film, streaks, stretched, textured, tinted
from textlines.pixels.arrays import Grey, Image
from textlines.pixels.tone import exact

PAINTS: Sequence[tuple[float, tuple[float, float, float], float]] = (
    (232, (1.0, 1.0, 1.0), 6),
    (215, (0.93, 1.0, 1.03), 4),
    (190, (0.86, 1.0, 1.08), 3),
    (165, (1.03, 1.0, 0.99), 3),
    (120, (1.05, 1.0, 0.97), 2),
    (70, (1.04, 1.0, 0.98), 3),
    (32, (1.03, 1.0, 1.0), 4),
    (95, (1.7, 0.95, 0.75), 2),
    (80, (0.55, 0.6, 2.2), 1.5),
    (105, (0.8, 1.25, 0.6), 1),
    (175, (0.25, 1.05, 1.2), 1),
    (130, (0.4, 0.9, 1.6), 1),
)
"""Luminance, gains of blue, green and red, and how often such a paint comes: whites, greys and
black as housings are sold, and the colours of brands."""

_SUMS = tuple(np.cumsum([weight for _, _, weight in PAINTS]).tolist())


def _levels(height: int, width: int, level: float, spread: float, draws: Draws) -> Grey:
    """Return a smooth field of levels: how light falls off over something flat."""
    rows, columns = 2 + draws.whole(0, 2), 2 + draws.whole(0, 3)
    grid = [
        [level * (1 + spread * (2 * draws.unit() - 1)) for _ in range(columns)] for _ in range(rows)
    ]
    return stretched(grid, height, width)


def painted(height: int, width: int, draws: Draws) -> Image:
    """Make a painted or moulded panel: a colour, the light on it, a fine grain."""
    level, gains, _ = draws.weighted(PAINTS, _SUMS)
    level = min(250.0, level * draws.span(0.85, 1.12))
    field = _levels(height, width, level, draws.span(0.02, 0.14), draws)
    field = textured(
        field, film() if draws.chance(0.6) else fibre(), exact(draws.span(0.02, 0.16)), draws
    )
    b, g, r = (gain * draws.span(0.96, 1.04) for gain in gains)
    return tinted(field, (b, g, r))


def steel(height: int, width: int, draws: Draws) -> Image:
    """Make brushed steel: level streaks on a grey whose light changes across."""
    field = _levels(height, width, draws.span(120, 200), draws.span(0.08, 0.3), draws)
    field = textured(field, streaks(), exact(draws.span(0.06, 0.3)), draws)
    return tinted(field, (draws.span(0.98, 1.05), 1.0, draws.span(0.96, 1.02)))


def plaster(height: int, width: int, draws: Draws) -> Image:
    """Make a rough wall in one colour."""
    field = _levels(height, width, draws.span(90, 225), 0.15, draws)
    field = textured(field, fibre(), exact(draws.span(0.1, 0.5)), draws)
    return tinted(field, (draws.span(0.82, 1.04), draws.span(0.94, 1.02), draws.span(0.98, 1.1)))


def bricks(height: int, width: int, draws: Draws) -> Image:
    """Make courses of bricks or tiles with joints between."""
    high = max(10.0, max(height, width) * draws.span(0.02, 0.12))
    wide = high * draws.span(1.0, 3.2)
    is_tiled = draws.chance(0.4)
    level, gains, _ = draws.weighted(PAINTS, _SUMS)
    b, g, r = (min(255, round(level * gain)) for gain in gains)
    base = b, g, r
    joint = near_grey(draws.span(90, 220), 6, draws)
    image = np.full((height, width, 3), joint, np.uint8)
    line = max(1.0, high * draws.span(0.03, 0.12))
    spread = draws.span(0.02, 0.25)
    y, row = 0.0, 0
    while y < height:
        x = -wide * (0.0 if is_tiled or row % 2 else 0.5)
        while x < width:
            tone = toned(base, 1 + spread * (2 * draws.unit() - 1))
            upper, lower = (round(x), round(y)), (round(x + wide - line), round(y + high - line))
            cv2.rectangle(image, upper, lower, tone, -1)
            x += wide
        y, row = y + high, row + 1
    grain = textured(
        np.full((height, width), 128, np.uint8), fibre(), exact(draws.span(0.1, 0.5)), draws
    )
    made: Image = cv2.multiply(image, cv2.merge([grain] * 3), scale=1 / 128)
    return made


def planks(height: int, width: int, draws: Draws) -> Image:
    """Make boards of wood, or corrugated sheet: upright bands with a shade at each joint."""
    wide = max(8.0, width * draws.span(0.03, 0.2))
    gains = draws.pick(((0.55, 0.85, 1.15), (0.4, 0.75, 1.1), (1.0, 1.0, 1.0), (0.9, 1.0, 1.05)))
    level, x = draws.span(70, 190), 0.0
    field = np.zeros((height, width), np.uint8)
    while x < width:
        tone = min(255, round(level * draws.span(0.85, 1.12)))
        field[:, round(x) : round(x + wide)] = tone
        field[:, round(x) : round(x) + max(1, round(wide * 0.03))] = round(tone * 0.55)
        x += wide
    grain = np.ascontiguousarray(streaks()[:, : max(1, height // 2)].T)
    grain = cv2.resize(grain, (width, height), interpolation=cv2.INTER_LINEAR)
    share = exact(draws.span(0.1, 0.5))
    field = cv2.addWeighted(field, 1.0, grain, share, -share * 128)
    return tinted(field, gains)


def surroundings(height: int, width: int, draws: Draws) -> Image:
    """Make what lies far behind: blots of light and colour, out of focus."""
    rows, columns = max(2, height // 8), max(2, width // 8)
    base = near_grey(draws.span(40, 200), 20, draws)
    small = np.full((rows, columns, 3), base, np.uint8)
    for _ in range(draws.whole(8, 40)):
        colour = near_grey(draws.span(10, 250), 35, draws)
        x, y = draws.whole(-4, columns + 4), draws.whole(-4, rows + 4)
        axes = (1 + draws.whole(0, max(2, columns // 3)), 1 + draws.whole(0, max(2, rows // 3)))
        if draws.chance(0.5):
            cv2.rectangle(small, (x, y), (x + axes[0], y + 2 * axes[1]), colour, -1)
        else:
            cv2.ellipse(small, (x, y), axes, draws.whole(0, 180), 0, 360, colour, -1, cv2.LINE_AA)
    reach = 3 + 2 * draws.whole(columns // 24, max(2, columns // 10))
    small = cv2.blur(cv2.blur(small, (reach, reach)), (reach, reach))
    made: Image = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    return made


def grille(height: int, width: int, draws: Draws) -> Image:
    """Make a grille, ribs or perforated sheet: what detectors take for rows of letters."""
    image = painted(height, width, draws)
    pitch = max(5.0, max(height, width) * draws.span(0.012, 0.06))
    dark = near_grey(draws.span(10, 80), 4, draws)
    if draws.chance(0.4):
        radius = pitch * draws.span(0.2, 0.4)
        for row in range(int(height / pitch) + 1):
            for column in range(int(width / pitch) + 1):
                x, y = (column + 0.5 * (row % 2)) * pitch, row * pitch
                middle = (round(x * 16), round(y * 16))
                cv2.circle(image, middle, round(radius * 16), dark, -1, cv2.LINE_AA, 4)
        return image
    thick, is_level = pitch * draws.span(0.15, 0.6), draws.chance(0.5)
    lean = draws.span(-0.3, 0.3) * draws.whole(0, 2)
    for at in range(-int(height / pitch), int((width + height) / pitch) + 1):
        x = y = at * pitch
        if is_level:
            stroke(image, (-2, y), (width + 2, y + lean * width), dark, thick)
        else:
            stroke(image, (x, -2), (x + lean * height, height + 2), dark, thick)
    return image


def stained(image: Image, draws: Draws) -> Image:
    """Lay dirt over a surface: clouds of dust, a run of rust. A new image."""
    height, width = image.shape[:2]
    mask = np.zeros((height // 4 + 1, width // 4 + 1), np.uint8)
    for _ in range(draws.whole(1, 7)):
        x, y = draws.whole(0, mask.shape[1]), draws.whole(0, mask.shape[0])
        axes = (1 + draws.whole(0, 14), 1 + draws.whole(0, 20))
        cv2.ellipse(mask, (x, y), axes, draws.whole(0, 180), 0, 360, 30 + draws.whole(0, 70), -1)
    mask = cv2.blur(mask, (7, 7))
    mask = cv2.resize(mask, (width, height), interpolation=cv2.INTER_LINEAR)
    dirt: Colour = draws.pick(((40, 70, 110), (60, 65, 70), (150, 165, 175), (30, 45, 60)))
    return blend(image, mask, dirt)


PANELS: Mapping[str, Callable[[int, int, Draws], Image]] = {"painted": painted, "steel": steel}

WALLS: Mapping[str, Callable[[int, int, Draws], Image]] = {
    "plaster": plaster,
    "bricks": bricks,
    "planks": planks,
    "surroundings": surroundings,
    "painted": painted,
    "steel": steel,
}
