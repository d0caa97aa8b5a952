"""The window of a display: its panel, its frame, the light in its glass, how its digits shine."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from synth.draws import Draws
from synth.layout.plane import (
    Rect,
    fill_rounded,
    glow,
    rounded_mask,
    shade,
    slices,
)
from synth.layout.set_lines import SetLine
from synth.rendering.colour import (
    Colour,
    between,
    blend,
    ink_for,
    luminance,
    mean_colour,
    near_grey,
    toned,
)
from synth.rendering.looks import Looks, Params, apply_stage
from synth.rendering.margins import ring, rounded
from synth.rendering.surfaces import stretched
from textlines.pixels.arrays import Grey, Image
from textlines.pixels.tone import exact, scaled

DisplayKind = Literal["lcd", "lit_lcd", "negative_lcd", "led", "dots"]

KINDS: tuple[tuple[DisplayKind, float], ...] = (
    ("lcd", 5),
    ("lit_lcd", 2),
    ("negative_lcd", 1),
    ("led", 3),
    ("dots", 1),
)
"""Dark segments on a grey panel; on one that is lit green, blue or amber; light segments on a dark
lit panel; diodes; and a matrix of dots, dark or shining."""

_LIT: tuple[Colour, ...] = (
    (90, 200, 150),
    (80, 220, 190),
    (230, 190, 120),
    (60, 170, 235),
    (225, 225, 215),
    (200, 210, 120),
)
_NEGATIVE: tuple[Colour, ...] = ((120, 40, 15), (60, 20, 8), (20, 18, 16), (60, 45, 30))
_DIODES: tuple[Colour, ...] = (
    (40, 40, 255),
    (60, 60, 255),
    (90, 255, 110),
    (255, 150, 60),
    (50, 170, 255),
    (245, 250, 250),
    (235, 240, 120),
)


@dataclass(frozen=True, slots=True)
class Look:
    """How all windows of one device look.

    Attributes:
        kind: of the display. ground, ink: BGR; None: as the style draws them.
        shines: whether its ink gives light.
        frame_px: width of the frame around the window; 0 for none.
        frame: its colour. radius_px: of the window's corners.
        depth_px: how far the window lies behind the panel.
        ghost: how strongly unlit segments are seen, 0..1; 0: not at all.
        contrast: between ink and ground, as a share of the full range; None: as the style draws.
    """

    kind: DisplayKind
    ground: Colour | None
    ink: Colour | None
    shines: bool
    frame_px: float
    frame: Colour
    radius_px: float
    depth_px: float
    ghost: float
    contrast: float | None


def draw_look(
    kind: DisplayKind, digit_px: float, contrast: float | None, ghost_share: float, draws: Draws
) -> Look:
    """Draw how the windows of a device look.

    Args:
        digit_px: height of its largest digits.
        contrast: what is aimed at; None: as the style draws it.
        ghost_share: share of dark displays whose unlit segments are seen, 0..1.
    """
    ground = ink = None
    shines = kind in ("led", "negative_lcd") or (kind == "dots" and draws.chance(0.6))
    if kind == "lit_lcd":
        ground = toned(draws.pick(_LIT), draws.span(0.45, 1.05))
    elif kind == "negative_lcd":
        ground = toned(draws.pick(_NEGATIVE), draws.span(0.7, 1.6))
        ink = toned((250, 245, 235), draws.span(0.65, 1.0))
    elif shines:
        ground = near_grey(draws.span(6, 40), 5, draws)
        ink = toned(draws.pick(_DIODES), draws.span(0.75, 1.0))
    is_framed = draws.chance(0.7)
    return Look(
        kind=kind,
        ground=ground,
        ink=ink,
        shines=shines,
        frame_px=digit_px * draws.span(0.04, 0.35) if is_framed else 0.0,
        frame=near_grey(draws.pick((25, 40, 60, 110, 170, 215)), 6, draws),
        radius_px=digit_px * draws.pick((0.0, 0.0, 0.03, 0.08, 0.2)),
        depth_px=max(1.0, digit_px * draws.span(0.015, 0.1)),
        ghost=draws.span(0.02, 0.1) if draws.chance(0.5 if shines else ghost_share) else 0.0,
        contrast=contrast,
    )


LIFTS = (1.0, 1.7, 2.8)
"""Gains on a dark panel, by how often its digits were not legible before: on one that gives back a
tenth of the light no ink is dark enough."""


def draw_window(
    plane: Image, rect: Rect, look: Look, looks: Looks, draws: Draws, *, lift: float = 1.0
) -> None:
    """Draw a frame and a dark or lit panel behind glass, without digits, in place.

    Args:
        lift: gain on its panel, where that gives no light itself.
    """
    if look.frame_px:
        outer = rect.grown(look.frame_px)
        radius = look.radius_px + look.frame_px * 0.6
        mask = rounded_mask(plane.shape[:2], outer.grown(2).moved(1, 2), radius + 2)
        shade(plane, cv2.blur(mask, (5, 5)), 0.35)
        fill_rounded(plane, outer, radius, look.frame)
        light, inner = between(look.frame, (255, 255, 255), 0.35), outer.grown(-1.2)
        ring(plane, rounded(inner.corners(), min(radius - 1.2, inner.height / 2)), light, 1.0)
    rows, columns = slices(rect, plane)
    height, width = rows.stop - rows.start, columns.stop - columns.start
    if height < 2 or width < 2:
        return
    panel = _panel(height, width, look, looks, draws)
    if lift != 1.0 and not look.shines:
        panel = scaled(panel, lift)
    _recess(panel, look.depth_px, draws)
    mask = rounded_mask(plane.shape[:2], rect, look.radius_px)[rows, columns]
    under = plane[rows, columns]
    clear = cv2.merge([cv2.bitwise_not(mask)] * 3)
    kept = cv2.multiply(under, clear, scale=1 / 255)
    laid = cv2.multiply(panel, cv2.merge([mask] * 3), scale=1 / 255)
    plane[rows, columns] = cv2.add(kept, laid)
    if draws.chance(0.7):
        rim = toned(mean_colour(under), draws.pick((0.45, 0.6, 1.3)))
        points = rounded(rect.grown(0.5).corners(), look.radius_px)
        ring(plane, points, rim, max(1.0, look.depth_px * 0.25))


def _panel(height: int, width: int, look: Look, looks: Looks, draws: Draws) -> Image:
    """Make the ground of a window: as the style's surfaces are, or of the look's own colour."""
    surface = draws.weighted(looks.surfaces, looks.surface_weights)
    params = surface.params(draws)
    if look.ground is None:
        made: Image = surface.apply(height, width, draws, None, **params)
        return made
    share = draws.span(0.02, 0.35)
    grid = [[255 * (1 - share * draws.unit()) for _ in range(3)] for _ in range(2)]
    field = stretched(grid, height, width)
    plane = np.full((height, width, 3), look.ground, np.uint8)
    lit: Image = cv2.multiply(plane, cv2.merge([field] * 3), scale=1 / 255)
    return lit


def _recess(panel: Image, depth_px: float, draws: Draws) -> None:
    """Darken a window along the sides from which the panel throws a shadow into it, in place."""
    height, width = panel.shape[:2]
    share = draws.span(0.15, 0.75)
    mask = np.zeros((height, width), np.uint8)
    upper, left = max(1, round(depth_px * 1.4)), max(1, round(depth_px * draws.span(0.0, 1.2)))
    mask[:upper] = 255
    if draws.chance(0.5):
        mask[:, :left] = 255
    else:
        mask[:, width - left :] = 255
    reach = 2 * max(1, round(depth_px * draws.span(0.1, 0.9))) + 1
    shade(panel, cv2.blur(mask, (reach, reach)), share)


def draw_digits(
    plane: Image,
    rect: Rect,
    line: SetLine,
    at: tuple[int, int],
    look: Look,
    looks: Looks,
    draws: Draws,
    boost: float,
) -> bool:
    """Lay the ink of a line into its window, in place.

    Args:
        rect: of the window. at: x and y of the line's mask on the plane.
        boost: factor on the contrast of the ink; the stream is used alike for every boost.

    Returns:
        Whether the ink is darker than what it stands on.
    """
    x, y = at
    width, height = line.size
    rows, columns = slice(y, y + height), slice(x, x + width)
    under = mean_colour(plane[rows, columns])
    ink = _ink(under, look, looks, draws, boost)
    darker = luminance(ink) < luminance(under)
    if look.ghost and line.ghost is not None:
        _lay_ghost(plane, rect, line, at, ink, look.ghost)
    spread = draws.span(0.02, 0.14)
    bloom = draws.span(0.1, 0.5)
    if look.shines:
        reach = 2 * max(1, round(height * spread)) + 1
        halo = cv2.copyMakeBorder(line.drawn, reach, reach, reach, reach, cv2.BORDER_CONSTANT)
        halo = cv2.blur(cv2.blur(halo, (reach, reach)), (reach, reach))
        _glow_inside(plane, rect, halo, (x - reach, y - reach), ink, bloom)
    plane[rows, columns] = blend(plane[rows, columns], line.drawn, ink)
    return darker


def _ink(under: Colour, look: Look, looks: Looks, draws: Draws, boost: float) -> Colour:
    """Return the colour of the digits, moved from the ground by what is aimed at."""
    drawn = ink_for(under, looks.style.ink, draws, boost)
    level = luminance(under)
    if look.ink is not None:
        if look.contrast is None:
            faded = draws.span(0.0, 0.5)
            return between(look.ink, under, faded if boost == 1.0 else 0.0)
        share = look.contrast * boost * 255 / max(1, luminance(look.ink) - level)
        return between(under, look.ink, min(1.0, max(0.0, share)))
    if look.contrast is None:
        return drawn
    aim = max(0.0, level - look.contrast * boost * 255)
    return toned(under, aim / max(1, level))


def _lay_ghost(
    plane: Image, rect: Rect, line: SetLine, at: tuple[int, int], ink: Colour, share: float
) -> None:
    """Lay all segments of a display under its digits, faintly, as far as the window reaches."""
    assert line.ghost is not None
    ghost = cv2.convertScaleAbs(line.ghost, alpha=exact(share))
    width, height = line.size
    x, y = at[0] + width - ghost.shape[1], at[1] + height - ghost.shape[0]
    _inside(plane, rect, ghost, (x, y), lambda part, mask: blend(part, mask, ink))


def _glow_inside(
    plane: Image, rect: Rect, halo: Grey, at: tuple[int, int], ink: Colour, share: float
) -> None:
    def lit(part: Image, mask: Grey) -> Image:
        made = part.copy()
        glow(made, mask, ink, share)
        return made

    _inside(plane, rect, halo, at, lit)


def _inside(
    plane: Image,
    rect: Rect,
    mask: Grey,
    at: tuple[int, int],
    laid: Callable[[Image, Grey], Image],
) -> None:
    """Change what a mask covers of a window, in place."""
    (rows, columns), (x, y) = slices(rect, plane), at
    x0, x1 = max(columns.start, x), min(columns.stop, x + mask.shape[1])
    y0, y1 = max(rows.start, y), min(rows.stop, y + mask.shape[0])
    if x0 < x1 and y0 < y1:
        part = plane[y0:y1, x0:x1]
        part[:] = laid(part, np.ascontiguousarray(mask[y0 - y : y1 - y, x0 - x : x1 - x]))


def light_in_glass(
    plane: Image, rect: Rect, looks: Looks, draws: Draws, full: bool
) -> list[tuple[str, Params]]:
    """Let the glass of a window mirror its surroundings, in place; return the effects.

    Args:
        full: whether effects are applied, or drawn only.
    """
    rows, columns = slices(rect, plane)
    effects: list[tuple[str, Params]] = []
    part = plane[rows, columns]
    if part.size:
        part[:] = apply_stage(looks.light, np.ascontiguousarray(part), draws, effects, full)
    return effects
