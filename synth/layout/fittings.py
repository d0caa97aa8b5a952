"""What stands on a housing beside displays and words: screws, buttons, lamps, plates, bar codes.

Each draws on a plane in place and keeps to the rectangle that it is given. None of it is text; what
is printed on it (a word on a button) is placed by `synth.layout.devices`.
"""

from collections.abc import Callable, Sequence
from math import cos, pi, sin

import cv2
import numpy as np

from synth.draws import Draws
from synth.layout.plane import Rect, Room, fill_rounded, rounded_mask, shade
from synth.rendering.colour import Colour, between, mean_colour, near_grey, toned
from synth.rendering.margins import FINE, Point, fill, ring, rounded, spot, stroke
from textlines.pixels.arrays import Image

_BRANDS: Sequence[Colour] = (
    (40, 40, 200),
    (170, 70, 20),
    (60, 140, 40),
    (30, 160, 230),
    (60, 60, 60),
    (200, 200, 205),
    (20, 110, 220),
    (120, 30, 110),
)


def under(plane: Image, rect: Rect) -> Colour:
    """Return the mean colour of a part of the plane."""
    x0, y0, x1, y1 = (round(value) for value in rect)
    part = plane[max(y0, 0) : max(y1, 1), max(x0, 0) : max(x1, 1)]
    return mean_colour(part) if part.size else (128, 128, 128)


def screw(plane: Image, rect: Rect, draws: Draws) -> None:
    """Draw the head of a screw or a rivet."""
    radius = min(rect.width, rect.height) / 2
    x, y = rect.middle
    metal = near_grey(draws.span(70, 215), 6, draws)
    dim = toned(under(plane, rect), 0.55)
    spot(plane, (x + radius * 0.12, y + radius * 0.15), radius * 0.98, dim)
    spot(plane, (x, y), radius * 0.9, toned(metal, 0.8))
    spot(plane, (x - radius * 0.06, y - radius * 0.08), radius * 0.74, metal)
    turn, kind = draws.span(0, pi), draws.whole(0, 4)
    dark, wide = toned(metal, 0.4), radius * draws.span(0.16, 0.28)
    if kind < 2:
        for angle in (turn,) if kind == 0 else (turn, turn + pi / 2):
            dx, dy = cos(angle) * radius * 0.62, sin(angle) * radius * 0.62
            stroke(plane, (x - dx, y - dy), (x + dx, y + dy), dark, wide)
    elif kind == 2:
        _many_sided(plane, (x, y), radius * 0.45, 6, turn, dark)


def _many_sided(
    plane: Image, middle: Point, radius: float, sides: int, turn: float, colour: Colour
) -> None:
    x, y = middle
    angles = (turn + 2 * pi * at / sides for at in range(sides))
    fill(plane, [(x + radius * cos(a), y + radius * sin(a)) for a in angles], colour)


def lamp(plane: Image, rect: Rect, draws: Draws) -> None:
    """Draw a small indicator lamp, lit or not."""
    radius = min(rect.width, rect.height) / 2
    is_lit = draws.chance(0.5)
    colour = draws.pick(((40, 40, 230), (60, 220, 70), (40, 190, 240), (230, 150, 50)))
    spot(plane, rect.middle, radius, near_grey(draws.span(20, 150), 5, draws))
    spot(plane, rect.middle, radius * 0.75, colour if is_lit else toned(colour, 0.3))
    if is_lit:
        x, y = rect.middle
        spot(plane, (x - radius * 0.2, y - radius * 0.2), radius * 0.3, (245, 245, 250))


def button(plane: Image, rect: Rect, draws: Draws, *, is_marked: bool) -> Colour:
    """Draw a button; return the colour of its face.

    Args:
        is_marked: whether it carries a sign (an arrow, a bar, a ring) and no word.
    """
    colour = near_grey(draws.pick((35, 70, 120, 200, 230)), 8, draws)
    if draws.chance(0.25):
        colour = toned(draws.pick(_BRANDS), draws.span(0.7, 1.1))
    radius = min(rect.width, rect.height) * draws.pick((0.08, 0.2, 0.5))
    mask = rounded_mask(plane.shape[:2], rect.moved(1.5, 2.5).grown(1.0), radius)
    shade(plane, cv2.blur(mask, (5, 5)), 0.4)
    fill_rounded(plane, rect, radius, toned(colour, 0.7))
    inset = max(1.0, min(rect.width, rect.height) * 0.06)
    fill_rounded(plane, rect.grown(-inset).moved(-inset * 0.2, -inset * 0.3), radius, colour)
    if is_marked:
        ink = (235, 235, 235) if sum(colour) < 380 else (40, 40, 40)
        _sign(plane, rect, ink, draws)
    return colour


def _sign(plane: Image, rect: Rect, ink: Colour, draws: Draws) -> None:
    """Draw an arrow, a ring with a bar, or a square."""
    x, y = rect.middle
    size = min(rect.width, rect.height) * draws.span(0.2, 0.32)
    kind = draws.whole(0, 3)
    if kind == 0:
        turn = draws.whole(0, 4) * pi / 2
        _many_sided(plane, (x, y), size, 3, turn, ink)
    elif kind == 1:
        points = [(x + size * cos(pi * at / 8), y + size * sin(pi * at / 8)) for at in range(16)]
        ring(plane, points, ink, max(1.0, size * 0.22))
        stroke(plane, (x, y - size * 1.2), (x, y), ink, max(1.0, size * 0.25))
    else:
        fill(plane, Rect(x - size, y - size, x + size, y + size).corners(), ink)


def logo(plane: Image, rect: Rect, draws: Draws) -> None:
    """Draw a brand's mark of simple shapes that are no letters."""
    colour = toned(draws.pick(_BRANDS), draws.span(0.8, 1.2))
    other = toned(draws.pick(_BRANDS), draws.span(0.8, 1.2))
    (x, y), size = rect.middle, min(rect.width, rect.height) / 2
    kind = draws.whole(0, 4)
    if kind == 0:
        axes = (round(rect.width * 8), round(rect.height * 8))
        middle = (round(x * 16), round(y * 16))
        cv2.ellipse(plane, middle, axes, 0, 0, 360, colour, -1, cv2.LINE_AA, FINE)
        _many_sided(plane, (x, y), size * 0.7, 3 + draws.whole(0, 4), draws.span(0, pi), other)
    elif kind == 1:
        for at in range(2 + draws.whole(0, 3)):
            thick = rect.height * 0.16
            level = rect.y0 + rect.height * (0.2 + 0.25 * at)
            if level + thick < rect.y1:
                lean = rect.width * 0.1
                fill(
                    plane,
                    [
                        (rect.x0 + lean * (3 - at), level),
                        (rect.x1 - lean * at, level),
                        (rect.x1 - lean * at - lean, level + thick),
                        (rect.x0 + lean * (2 - at), level + thick),
                    ],
                    colour,
                )
    elif kind == 2:
        for turn in (0.0, 2 * pi / 3, 4 * pi / 3):
            away = size * 0.5 * cos(turn - pi / 2), size * 0.5 * sin(turn - pi / 2)
            _many_sided(plane, (x + away[0], y + away[1]), size * 0.45, 4, turn, colour)
    else:
        fill_rounded(plane, rect, rect.height * 0.2, colour)
        points = rounded(rect.grown(-rect.height * 0.16).corners(), rect.height * 0.1)
        ring(plane, points, other, max(1.0, rect.height * 0.06))


def bar_code(plane: Image, rect: Rect, draws: Draws) -> None:
    """Draw the bars of a bar code, or the cells of a square code, on their white field."""
    fill(plane, rect.grown(2).corners(), (245, 245, 245))
    if rect.width < 1.4 * rect.height:
        count = 14 + draws.whole(0, 14)
        bits = np.array([draws.chance(0.5) for _ in range(count * count)], np.uint8)
        cells = (bits.reshape(count, count) * 225 + 20).astype(np.uint8)
        for y, x in ((0, 0), (0, count - 5), (count - 5, 0)):
            cells[y : y + 5, x : x + 5] = 20
            cells[y + 1 : y + 4, x + 1 : x + 4] = 245
            cells[y + 2, x + 2] = 20
        size = (max(2, round(rect.width)), max(2, round(rect.height)))
        drawn = cv2.resize(cells, size, interpolation=cv2.INTER_NEAREST)
        left, top = round(rect.x0), round(rect.y0)
        plane[top : top + size[1], left : left + size[0]] = drawn[..., None]
        return
    at, thin = rect.x0, max(1.0, rect.width / draws.span(60, 110))
    while at < rect.x1 - 3 * thin:
        wide = thin * draws.pick((1, 1, 2, 3))
        fill(plane, Rect(at, rect.y0, at + wide - 0.5, rect.y1).corners(), (25, 25, 25))
        at += wide + thin * draws.pick((1, 1, 2, 3))


def plate(plane: Image, rect: Rect, draws: Draws) -> Colour:
    """Draw a sticker or a plate for words; return the colour of its face."""
    white = draws.chance(0.6)
    colour = near_grey(draws.span(205, 248), 5, draws)
    if not white:
        colour = toned(draws.pick(_BRANDS), draws.span(0.7, 1.2))
    mask = rounded_mask(plane.shape[:2], rect.moved(1, 1.5).grown(0.6), 3)
    shade(plane, cv2.blur(mask, (3, 3)), 0.3)
    radius = min(rect.width, rect.height) * draws.pick((0.0, 0.04, 0.12))
    fill_rounded(plane, rect, radius, colour)
    if draws.chance(0.4):
        rim = between(colour, (20, 20, 20), 0.5)
        ring(plane, rounded(rect.grown(-2).corners(), radius), rim, 1.0)
    return colour


def vent(plane: Image, rect: Rect, draws: Draws) -> None:
    """Draw slots or holes for air or sound."""
    dark = toned(under(plane, rect), draws.span(0.2, 0.6))
    pitch = max(4.0, rect.height / (3 + draws.whole(0, 8)))
    if draws.chance(0.6):
        y = rect.y0 + pitch * 0.5
        while y < rect.y1 - pitch * 0.3:
            thick = pitch * 0.4
            fill_rounded(plane, Rect(rect.x0, y, rect.x1, y + thick), thick / 2, dark)
            y += pitch
        return
    y = rect.y0 + pitch / 2
    while y < rect.y1:
        x = rect.x0 + pitch / 2
        while x < rect.x1:
            spot(plane, (x, y), pitch * 0.28, dark)
            x += pitch
        y += pitch


def seam(plane: Image, room: Room, draws: Draws) -> None:
    """Draw a joint of the housing from one side of it to the other, where it crosses nothing."""
    bounds = room.bounds
    is_level, at = draws.chance(0.6), draws.span(0.03, 0.97)
    wide = max(1.0, min(bounds.width, bounds.height) * draws.span(0.002, 0.012))
    if is_level:
        y = bounds.y0 + at * bounds.height
        band = Rect(bounds.x0, y - wide, bounds.x1, y + 2 * wide)
    else:
        x = bounds.x0 + at * bounds.width
        band = Rect(x - wide, bounds.y0, x + 2 * wide, bounds.y1)
    if not room.is_free(band):
        return
    room.take(band)
    dark = toned(under(plane, bounds), 0.55)
    for colour, by in ((dark, 0.0), (between(dark, (255, 255, 255), 0.6), wide)):
        if is_level:
            stroke(plane, (bounds.x0, y + by), (bounds.x1, y + by), colour, wide)
        else:
            stroke(plane, (x + by, bounds.y0), (x + by, bounds.y1), colour, wide)


def dial(plane: Image, rect: Rect, draws: Draws) -> None:
    """Draw a knob or a dial with ticks and a pointer, without figures."""
    (x, y), radius = rect.middle, min(rect.width, rect.height) / 2
    face = near_grey(draws.pick((40, 90, 200, 235)), 6, draws)
    dark = toned(face, 0.3) if sum(face) > 380 else between(face, (255, 255, 255), 0.7)
    spot(plane, (x, y), radius, toned(face, 0.6))
    spot(plane, (x, y), radius * 0.92, face)
    count = 8 + draws.whole(0, 20)
    for at in range(count):
        turn = pi * 0.75 + 1.5 * pi * at / (count - 1)
        inner = radius * (0.78 if at % 4 else 0.68)
        start = (x + inner * cos(turn), y + inner * sin(turn))
        end = (x + radius * 0.86 * cos(turn), y + radius * 0.86 * sin(turn))
        stroke(plane, start, end, dark, max(1.0, radius * 0.025))
    turn = pi * 0.75 + 1.5 * pi * draws.unit()
    tip = (x + radius * 0.7 * cos(turn), y + radius * 0.7 * sin(turn))
    stroke(plane, (x, y), tip, (40, 40, 200) if draws.chance(0.4) else dark, max(1, radius * 0.05))
    spot(plane, (x, y), radius * 0.09, dark)


ORNAMENTS: Sequence[tuple[Callable[[Image, Rect, Draws], None], float, float]] = (
    (screw, 1.0, 4.0),
    (lamp, 1.0, 2.0),
    (logo, 2.2, 2.0),
    (vent, 2.5, 1.5),
    (dial, 1.0, 1.0),
    (bar_code, 2.6, 0.6),
)
"""What is drawn, its width by its height, and how often it comes."""
