"""A device on a plane before the camera: its housing, its windows, and all that stands around them.

The plane is larger than the page, so that the camera may stand askew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from synth.draws import Draws
from synth.layout.aims import LineAim
from synth.layout.blocks import (
    LEAST_WORD_PX,
    Block,
    Kit,
    Words,
    lay_blocks,
    placed_on_page,
    rect_of,
)
from synth.layout.fittings import ORNAMENTS, bar_code, button, lamp, plate, screw, seam, under
from synth.layout.materials import PANELS, WALLS, stained
from synth.layout.page_plan import PlannedPage
from synth.layout.plane import Rect, Room, around, rounded_mask, shade
from synth.layout.set_lines import PlacedLine, SetLine
from synth.layout.windows import LIFTS, Look, draw_digits, draw_look, draw_window, light_in_glass
from synth.rendering.colour import blend, ink_for, luminance
from synth.rendering.looks import Params
from textlines.pixels.arrays import Image

PAD = 0.24
"""Of the longer side of the page, that the plane reaches beyond it on each side."""

CLOSE = 0.5
"""Share of the photos that are taken so close that the housing fills them."""

WITH_PHOTOS = 0.6
"""Share of the devices that stand before a photo, where there are any."""

Levels = Mapping[int, int]
"""By the number of a line on its page: 1 for stronger ink, 2 for calm glass too."""

BOOSTS = (1.0, 1.9, 4.0)
"""Factors on the contrast of ink, by how often a line was not legible before: as for single lines,
and as strong as its side allows then."""


@dataclass(slots=True)
class Drawn:
    """A plane with what stands on it; grows while it is drawn.

    Attributes:
        plane: H x W x 3 BGR. page: where the page lies on it.
        effects: of each line, what its glass did.
    """

    plane: Image
    page: Rect
    lines: list[PlacedLine] = field(default_factory=list)
    effects: list[tuple[tuple[str, Params], ...]] = field(default_factory=list)

    def add(self, line: PlacedLine, effects: Sequence[tuple[str, Params]] = ()) -> None:
        """Add a line that was drawn."""
        self.lines.append(line)
        self.effects.append(tuple(effects))


def blank_plane(size: tuple[int, int], wall: Image) -> Drawn:
    """Return a plane without a line around a page of (width, height) pixels."""
    pad = plane_pad(size)
    return Drawn(wall, Rect(pad, pad, pad + size[0], pad + size[1]))


def plane_pad(size: tuple[int, int]) -> int:
    """Return by how many pixels the plane of a page of (width, height) reaches beyond it."""
    return round(PAD * max(size))


def draw_device(
    kit: Kit,
    planned: PlannedPage,
    aim: LineAim,
    size: tuple[int, int],
    draws: Draws,
    levels: Levels,
) -> Drawn:
    """Draw a device on a plane that reaches beyond the page.

    Args:
        size: (width, height) of the page.
        levels: what is done for lines that were not legible before; the stream is used alike.
    """
    pad = plane_pad(size)
    page = Rect(pad, pad, pad + size[0], pad + size[1])
    look = draw_look(planned.display, aim.height_px, aim.contrast, kit.scene.display.ghost.p, draws)
    blocks, words = lay_blocks(kit, planned, aim, size, look.frame_px, draws)
    if blocks:
        blocks = placed_on_page(blocks, aim, page, draws)
    housing, plane = draw_housing(kit, page, [block.bounds for block in blocks], draws)
    drawn = Drawn(plane, page)
    room = Room(overlap(housing, page).grown(-3))
    for block in blocks:
        room.take(block.bounds.grown(block.window.height * 0.06 + look.frame_px + 4))
    for block in blocks:
        _draw_block(kit, drawn, block, look, draws, levels)
    _draw_fittings(kit, drawn, room, words, draws, levels)
    return drawn


def overlap(first: Rect, second: Rect) -> Rect:
    """Return what two rectangles share; they meet."""
    return Rect(
        max(first.x0, second.x0),
        max(first.y0, second.y0),
        min(first.x1, second.x1),
        min(first.y1, second.y1),
    )


def draw_housing(kit: Kit, page: Rect, held: Sequence[Rect], draws: Draws) -> tuple[Rect, Image]:
    """Draw a housing around what it is to hold, before what it stands before.

    Args:
        page: on the plane. held: rectangles of what it holds; () for a housing without windows.

    Returns:
        Where the housing lies, and the plane, new.
    """
    height, width = round(page.y1 + page.y0), round(page.x1 + page.x0)
    whole = Rect(0, 0, width, height)
    panel = PANELS[draws.weighted(("painted", "steel"), (5, 6))](height, width, draws)
    if draws.chance(0.35):
        panel = stained(panel, draws)
    room = [draws.span(0.1, 1.4) for _ in range(4)]
    bounds = around(held) if held else page.grown(-0.25 * page.width, -0.25 * page.height)
    is_close = draws.chance(CLOSE) or bounds.width * bounds.height > 0.55 * page.width * page.height
    wall = draw_wall(kit, height, width, draws)
    unit = min(bounds.width, bounds.height)
    left, above, right, below = (share * unit * 0.6 + 6 for share in room)
    body = Rect(bounds.x0 - left, bounds.y0 - above, bounds.x1 + right, bounds.y1 + below)
    radius = unit * draws.pick((0.0, 0.03, 0.08, 0.18))
    depth = max(2.0, unit * draws.span(0.02, 0.1))
    down, across = draws.span(0.2, 1.0) * depth, draws.span(-1.0, 1.0) * depth
    dark = draws.span(0.2, 0.6)
    if is_close:
        if kit.photos is not None:
            kit.photos.latest = ""  # nothing of the photo behind the housing is seen
        return whole, panel
    cast = rounded_mask(wall.shape[:2], body.grown(depth * 0.4).moved(across, down), radius)
    reach = 2 * max(1, round(depth)) + 1
    shade(wall, cv2.blur(cast, (reach, reach)), dark)
    rim = rounded_mask(wall.shape[:2], body.grown(depth * 0.35), radius * 1.2)
    edge = cv2.multiply(panel, np.full(panel.shape, 160, np.uint8), scale=1 / 255)
    plane = laid_over(wall, edge, rim)
    return body, laid_over(plane, panel, rounded_mask(wall.shape[:2], body, radius))


def laid_over(ground: Image, top: Image, mask: Image) -> Image:
    """Lay an image over another through a mask (H x W, 255 = all of it). A new image."""
    full = cv2.merge([mask] * 3)
    kept = cv2.multiply(ground, cv2.bitwise_not(full), scale=1 / 255)
    laid: Image = cv2.add(kept, cv2.multiply(top, full, scale=1 / 255))
    return laid


def draw_wall(kit: Kit, height: int, width: int, draws: Draws) -> Image:
    """Make what a device stands before: a photo where there are any, else a wall of ours."""
    is_photo = draws.chance(WITH_PHOTOS)
    name = draws.pick(tuple(WALLS))
    if kit.photos is not None and is_photo:
        return kit.photos.crop(height, width, draws)
    return WALLS[name](height, width, draws)


def _draw_block(
    kit: Kit, drawn: Drawn, block: Block, look: Look, draws: Draws, levels: Levels
) -> None:
    plane, looks = drawn.plane, kit.display
    level = levels.get(len(drawn.lines), 0)
    draw_window(plane, block.window, look, looks, draws, lift=LIFTS[min(level, 2)])
    line, x, y = block.digits
    at = round(x), round(y)
    boost = BOOSTS[min(level, 2)]
    height, width = plane.shape[:2]
    if not Rect(0, 0, width, height).holds(rect_of(line, *at)):
        return
    darker = draw_digits(plane, block.window, line, at, look, looks, draws, boost)
    effects = light_in_glass(plane, block.window, looks, draws, level < 2)
    placed = PlacedLine(line, *at, "display", darker, looks.style.legible)
    drawn.add(placed, effects)
    for word, word_x, word_y in block.words:
        print_line(kit, drawn, word, (word_x, word_y), draws, levels)


def print_line(
    kit: Kit,
    drawn: Drawn,
    line: SetLine,
    at: tuple[float, float],
    draws: Draws,
    levels: Levels,
) -> None:
    """Print a line on what lies there, in place, and add it."""
    x, y = round(at[0]), round(at[1])
    rect = rect_of(line, x, y)
    height, width = drawn.plane.shape[:2]
    boost = BOOSTS[min(levels.get(len(drawn.lines), 0), 2)]
    ground = under(drawn.plane, rect)
    ink = ink_for(ground, kit.print.style.ink, draws, boost)
    if not Rect(0, 0, width, height).holds(rect):
        return
    part = drawn.plane[y : y + line.size[1], x : x + line.size[0]]
    part[:] = blend(part, line.drawn, ink)
    darker = luminance(ink) < luminance(ground)
    drawn.add(PlacedLine(line, x, y, "print", darker, kit.print.style.legible))


def _draw_fittings(
    kit: Kit, drawn: Drawn, room: Room, words: Words, draws: Draws, levels: Levels
) -> None:
    """Fill what is free of the housing: plates, buttons, lamps with words, and ornaments."""
    short = min(room.bounds.width, room.bounds.height)
    if short < 40:
        return
    for _ in range(draws.whole(0, 2)):
        _named_plate(kit, drawn, room, words, draws, levels)
    if draws.chance(0.4):
        _buttons(kit, drawn, room, words, draws, levels)
    if draws.chance(0.3):
        _lamps(kit, drawn, room, words, draws, levels)
    if draws.chance(0.3):
        _small_print(kit, drawn, room, words, draws, levels)
    draw_ornaments(drawn, room, draws.whole(0, 5), draws)


def draw_ornaments(drawn: Drawn, room: Room, count: int, draws: Draws) -> None:
    """Draw so many things without text where there is room, and joints of the housing."""
    short = min(room.bounds.width, room.bounds.height)
    sums = np.cumsum([weight for _, _, weight in ORNAMENTS]).tolist()
    for _ in range(count):
        drawer, ratio, _ = draws.weighted(ORNAMENTS, sums)
        high = short * float(0.02 * (0.18 / 0.02) ** draws.unit())
        if drawer is screw or drawer is lamp:
            high = min(high, short * 0.07)
        high = max(high, 8.0)
        place = room.find(high * ratio, high, draws, gap=high * 0.1)
        if place is not None:
            drawer(drawn.plane, place, draws)
    if draws.chance(0.35):
        seam(drawn.plane, room, draws)


def _named_plate(
    kit: Kit, drawn: Drawn, room: Room, words: Words, draws: Draws, levels: Levels
) -> None:
    """Stick a plate with a word in large print on the housing, as the name of a fuel."""
    px = min(room.bounds.width, room.bounds.height) * draws.span(0.035, 0.14)
    pads = draws.span(0.3, 1.0), draws.span(0.4, 1.6)
    is_bare = draws.chance(0.4)
    made = words.take("name", px, draws)
    if made is None:
        return
    wide, high = made.size
    field = wide + 2 * pads[1] * high, high * (1 + 2 * pads[0])
    place = room.find(*field, draws, gap=4)
    if place is None:
        return
    if not is_bare:
        plate(drawn.plane, place, draws)
    x, y = place.middle
    print_line(kit, drawn, made, (x - wide / 2, y - high / 2), draws, levels)


def _buttons(
    kit: Kit, drawn: Drawn, room: Room, words: Words, draws: Draws, levels: Levels
) -> None:
    """Draw a row of buttons, with words or signs on them."""
    count = 1 + draws.whole(0, 4)
    high = min(room.bounds.width, room.bounds.height) * draws.span(0.06, 0.16)
    wide, gap = high * draws.pick((1.0, 1.0, 1.6, 2.4)), high * draws.span(0.15, 0.7)
    is_down = draws.chance(0.3)
    whole = count * wide + (count - 1) * gap, high
    if is_down:
        whole = wide, count * high + (count - 1) * gap
    place = room.find(*whole, draws, gap=high * 0.15)
    if place is None:
        return
    for number in range(count):
        x = place.x0 + (0 if is_down else number * (wide + gap))
        y = place.y0 + (number * (high + gap) if is_down else 0)
        rect = Rect(x, y, x + wide, y + high)
        has_word, px = draws.chance(0.6), high * draws.span(0.22, 0.45)
        made = words.take("button", px, draws) if has_word else None
        if made and (made.size[0] > 0.86 * wide or made.size[1] > 0.8 * high):
            made = None
        button(drawn.plane, rect, draws, is_marked=made is None)
        if made:
            at = rect.middle[0] - made.size[0] / 2, rect.middle[1] - made.size[1] / 2
            print_line(kit, drawn, made, at, draws, levels)


def _lamps(kit: Kit, drawn: Drawn, room: Room, words: Words, draws: Draws, levels: Levels) -> None:
    """Draw lamps one below the other, each with its word."""
    px = max(LEAST_WORD_PX, min(room.bounds.width, room.bounds.height) * draws.span(0.02, 0.05))
    for _ in range(1 + draws.whole(0, 2)):
        made = words.take("button", px, draws)
        if made is None:
            return
        size = 1.2 * px
        place = room.find(size * 1.6 + made.size[0], max(size, made.size[1]), draws, gap=4)
        if place is None:
            return
        lamp(drawn.plane, Rect(place.x0, place.y0, place.x0 + size, place.y0 + size), draws)
        at = place.x0 + size * 1.6, place.middle[1] - made.size[1] / 2
        print_line(kit, drawn, made, at, draws, levels)


def _small_print(
    kit: Kit, drawn: Drawn, room: Room, words: Words, draws: Draws, levels: Levels
) -> None:
    """Print lines of small type one below the other, on a plate with a bar code or on the housing.

    What is smaller than a person reads on the photo is `###`, as people label it.
    """
    px = min(room.bounds.width, room.bounds.height) * draws.span(0.018, 0.04)
    lines = []
    for _ in range(1 + draws.whole(0, 5)):
        made = words.take("small", px, draws)
        if made:
            lines.append(made)
    if not lines:
        return
    step = max(line.size[1] for line in lines) * draws.span(1.4, 2.0)
    has_code, is_plate = draws.chance(0.4), draws.chance(0.6)
    wide = max(line.size[0] for line in lines)
    code = step * 2 if has_code else 0.0
    place = room.find(wide + 2 * step, len(lines) * step + code + step, draws, gap=4)
    if place is None:
        return
    if is_plate or has_code:
        plate(drawn.plane, place, draws)
    y = place.y0 + step * 0.7
    if has_code:
        code_wide = min(wide, code * 2.6)
        bars = Rect(place.x0 + step, y, place.x0 + step + code_wide, y + code * 0.8)
        bar_code(drawn.plane, bars, draws)
        y += code
    for line in lines:
        print_line(kit, drawn, line, (place.x0 + step, y), draws, levels)
        y += step
