"""Pages without text: housings whose displays are off, grilles, walls, photos.

PaddleOCR drops pages without text, and detectors that were trained there find boxes in ornaments.
"""

from typing import Literal

from synth.draws import Draws
from synth.layout.aims import LineAim
from synth.layout.blocks import Kit
from synth.layout.devices import (
    Drawn,
    blank_plane,
    draw_housing,
    draw_ornaments,
    draw_wall,
    overlap,
    plane_pad,
)
from synth.layout.fittings import button
from synth.layout.materials import grille
from synth.layout.plane import Rect, Room
from synth.layout.windows import KINDS, draw_look, draw_window, light_in_glass

EmptyKind = Literal["housing", "grille", "wall"]

EMPTY: tuple[tuple[EmptyKind, float], ...] = (("housing", 5), ("grille", 6.5), ("wall", 8))
"""What is seen, with the running sums of how often."""


def draw_empty(kit: Kit, aim: LineAim, size: tuple[int, int], draws: Draws) -> Drawn:
    """Draw a plane without a line.

    Args:
        aim: the height of digits that windows without digits are made for.
        size: (width, height) of the page.
    """
    pad = plane_pad(size)
    width, height = size[0] + 2 * pad, size[1] + 2 * pad
    kind, _ = draws.weighted(EMPTY, [sum_ for _, sum_ in EMPTY])
    if kind == "grille":
        return blank_plane(size, grille(height, width, draws))
    if kind == "wall":
        return blank_plane(size, draw_wall(kit, height, width, draws))
    page = Rect(pad, pad, pad + size[0], pad + size[1])
    high, ratio = aim.height_px * draws.span(1.2, 1.8), draws.span(2.0, 5.0)
    wide = min(high * ratio, 0.9 * page.width)
    x = page.x0 + draws.unit() * (page.width - wide)
    y = page.y0 + draws.unit() * (page.height - min(high, page.height))
    window = Rect(x, y, x + wide, y + min(high, 0.9 * page.height))
    has_window = draws.chance(0.6)
    housing, plane = draw_housing(kit, page, [window], draws)
    drawn = Drawn(plane, page)
    room = Room(overlap(housing, page).grown(-3))
    name, _ = draws.pick(KINDS)
    look = draw_look(name, aim.height_px, None, 0.0, draws)
    if has_window:
        draw_window(plane, window, look, kit.display, draws)
        light_in_glass(plane, window, kit.display, draws, True)
        room.take(window.grown(0.1 * window.height))
    for _ in range(draws.whole(0, 5)):
        size_px = min(room.bounds.width, room.bounds.height) * draws.span(0.05, 0.15)
        place = room.find(size_px * draws.pick((1.0, 1.8)), size_px, draws, gap=3)
        if place is not None:
            button(plane, place, draws, is_marked=True)
    draw_ornaments(drawn, room, 2 + draws.whole(0, 10), draws)
    return drawn
