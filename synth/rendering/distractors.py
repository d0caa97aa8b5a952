"""All that may stand beside a text without being part of it: what a page holds, and the table.

Every distractor is a function (scene, draws, **parameters) that draws on `scene.image` in place
and returns what it drew, for the manifest, or None if there was no room for it. Drawn, never
labelled. Nothing here enters the text's box widened by `gap`.
"""

from collections.abc import Callable, Mapping

import cv2
import numpy as np

from synth.draws import Draws
from synth.rendering.bezels import bezel, frame, side_mark
from synth.rendering.colour import Colour, between, mean_colour, toned
from synth.rendering.margins import FINE, SIDES, Edge, Scene, fill, outside, place, spot, stroke
from textlines.pixels.arrays import Grey, Image


def table_lines(
    scene: Scene,
    draws: Draws,
    *,
    left: float = 0.3,
    top: float = 0.5,
    right: float = 0.3,
    bottom: float = 0.5,
    line: float = 0.03,
    density: float = 0.8,
    skew: float = 0.3,
    gap: float = 0.06,
    dashed: float = 0.2,
) -> dict[str, object] | None:
    """Draw the rules of a table beside the text.

    Args:
        scene: what to draw on.
        draws: of the sample.
        left, top, right, bottom: how often each side has one, 0..1.
        line: width of a rule as a share of the height.
        density: of a rule against the text's ink, 0..1.
        skew: greatest lean in degrees.
        gap: least distance from the text as a share of the height.
        dashed: share of the tables with dashed rules, 0..1.

    Returns:
        What was drawn; None if no side had room.
    """
    height, _ = scene.size
    ink = between(mean_colour(scene.image), scene.ink, density)
    thick = max(0.6, line * height)
    broken = draws.chance(dashed)
    lean = draws.span(-skew, skew)
    seen = []
    for side, share in zip(SIDES, (left, top, right, bottom), strict=True):
        if not draws.chance(share):
            continue
        edge = place(scene, side, gap + thick / 2 / height, lean, draws)
        if edge is None:
            continue
        if broken:
            dash = height * draws.span(0.05, 0.2)
            _dashes(scene, edge, ink, thick=thick, dash=dash)
        else:
            stroke(scene.image, edge.start, edge.end, ink, thick)
        seen.append(side)
    return {"sides": seen, "dashed": broken, "line_px": round(thick, 2)} if seen else None


def _dashes(
    scene: Scene,
    edge: Edge,
    ink: Colour,
    *,
    thick: float,
    dash: float,
) -> None:
    """Draw a dashed line along an edge with gaps as long as 0.7 dashes."""
    (x0, y0), (x1, y1) = edge.start, edge.end
    length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
    step = max(2.0, dash) * 1.7
    for at in range(int(length / step) + 1):
        a, b = at * step / length, min(1.0, (at * step + step / 1.7) / length)
        stroke(
            scene.image,
            (x0 + (x1 - x0) * a, y0 + (y1 - y0) * a),
            (x0 + (x1 - x0) * b, y0 + (y1 - y0) * b),
            ink,
            thick,
        )


def underline(
    scene: Scene,
    draws: Draws,
    *,
    line: float = 0.04,
    density: float = 1.0,
    gap: float = 0.04,
    double: float = 0.15,
) -> dict[str, object] | None:
    """Draw a line under the text, below its lowest ink.

    Args:
        scene: what to draw on.
        draws: of the sample.
        line: width of the line as a share of the height.
        density: against the text's ink, 0..1.
        gap: least distance from the text as a share of the height.
        double: share of the lines drawn twice, as under a total, 0..1.

    Returns:
        What was drawn; None without room.
    """
    height, image_width = scene.size
    _, _, _, below = scene.clear(gap)
    thick = max(0.6, line * height)
    lowest = height - thick / 2
    first = below + thick / 2
    if first > lowest:
        return None
    y = min(lowest, first + draws.span(0.0, 0.06) * height)
    ink = between(mean_colour(scene.image), scene.ink, density)
    x0 = scene.box[0] - draws.span(0.0, 0.2) * height
    x1 = scene.box[2] + draws.span(0.0, 0.2) * height
    if draws.chance(0.3):
        x0, x1 = -2.0, image_width + 2.0
    stroke(scene.image, (x0, y), (x1, y), ink, thick)
    twice = draws.chance(double) and y + thick * 3 < height
    if twice:
        stroke(scene.image, (x0, y + thick * 2.2), (x1, y + thick * 2.2), ink, thick)
    return {"y_px": round(y, 2), "double": twice}


def _rows_with_ink(mask: Grey) -> Grey:
    """Cut empty rows off above and below; what is left may have no rows."""
    rows = np.flatnonzero(mask.max(axis=1) > 24) if mask.size else np.empty(0, np.int64)
    return mask[rows[0] : rows[-1] + 1] if rows.size else mask[:0]


def neighbour_lines(
    scene: Scene,
    draws: Draws,
    *,
    above: float = 0.6,
    below: float = 0.5,
    density: float = 1.0,
    gap: float = 0.04,
) -> dict[str, object] | None:
    """Draw the lines above and below as they reach into the image, cut by its border.

    Args:
        scene: what to draw on.
        draws: of the sample.
        above, below: how often each of the two is seen, 0..1.
        density: against the text's ink, 0..1.
        gap: least distance from the text as a share of the height.

    Returns:
        What was drawn; None without room or without another line.
    """
    height, width = scene.size
    _, top, _, bottom = scene.clear(gap, soft=0.0)
    drawn: dict[str, object] = {}
    for side, share, room in (
        ("above", above, int(top)),
        ("below", below, height - int(np.ceil(bottom))),
    ):
        if not draws.chance(share) or room < 1:
            continue
        other = scene.neighbour()
        mask = _rows_with_ink(other) if other is not None else None
        if mask is None or mask.shape[0] < 2:
            continue
        # Never the whole of a line: what is cut cannot be asked for in the label.
        rows = min(1 + draws.whole(0, room), room, mask.shape[0] // 2)
        strip = mask[-rows:] if side == "above" else mask[:rows]
        shift = draws.whole(0, max(1, strip.shape[1]))
        strip = np.roll(strip, shift, axis=1) if strip.shape[1] >= width else strip
        at = 0 if strip.shape[1] >= width else draws.whole(0, width - strip.shape[1] + 1)
        strip = np.ascontiguousarray(strip[:, :width])
        span = slice(at, at + strip.shape[1])
        place = scene.image[:rows, span] if side == "above" else scene.image[-rows:, span]
        _lay(place, strip, scene.ink, density)
        drawn[f"{side}_px"] = rows
    return drawn or None


def _lay(place: Image, mask: Grey, ink: Colour, density: float) -> None:
    """Blend ink over a part of an image by a mask, in integers, in place."""
    cover = (mask.astype(np.uint32) * round(density * 256) >> 8)[..., None]
    mixed = place * (255 - cover) + np.asarray(ink, np.uint32) * cover
    place[:] = ((mixed + 127) // 255).astype(np.uint8)


# Stamp inks: red, violet, blue (BGR), as gains on the ground.
_STAMPS = ((0.55, 0.45, 0.95), (0.85, 0.55, 0.75), (0.95, 0.65, 0.5))


def stamp_edge(
    scene: Scene,
    draws: Draws,
    *,
    radius: float = 1.2,
    line: float = 0.07,
    density: float = 0.8,
    gap: float = 0.08,
) -> dict[str, object] | None:
    """Draw the rim of a round stamp as it reaches into the image beside the text.

    Args:
        scene: what to draw on.
        draws: of the sample.
        radius: of the stamp as a share of the height.
        line: width of its rim as a share of the height.
        density: of its ink, 0..1.
        gap: least distance from the text as a share of the height.

    Returns:
        What was drawn; None without room.
    """
    height, image_width = scene.size
    x0, _, x1, _ = scene.clear(gap)
    rooms = [("left", x0), ("right", image_width - x1)]
    sides = [side for side, room in rooms if room >= max(3.0, 2 * line * height)]
    if not sides:
        return None
    side = draws.pick(sides)
    reach = radius * height * draws.span(0.7, 1.5)
    room = x0 if side == "left" else image_width - x1
    visible = draws.span(min(line * height, room), min(room, 2 * reach))
    x = visible - reach if side == "left" else image_width - visible + reach
    y = height * draws.span(-0.3, 1.3)
    gains = draws.pick(_STAMPS)
    layer = np.full(scene.image.shape, 255, np.uint8)
    colour = tuple(round(255 * (1 - density * (1 - gain))) for gain in gains)
    rim = max(1, round(line * height))
    # The rim is drawn half on either side of its circle.
    inner = max(2.0, reach - rim / 2)
    middle = (round(x * 16), round(y * 16))
    cv2.circle(layer, middle, round(inner * 16), colour, rim, cv2.LINE_AA, FINE)
    if draws.chance(0.5):
        smaller = round(inner * 0.8 * 16)
        cv2.circle(layer, middle, smaller, colour, max(1, rim // 2), cv2.LINE_AA, FINE)
    scene.image[:] = cv2.multiply(scene.image, layer, scale=1 / 255)
    return {"side": side, "radius_px": round(reach, 1)}


def specks(
    scene: Scene,
    draws: Draws,
    *,
    count: int = 3,
    size: float = 0.02,
    density: float = 0.4,
    gap: float = 0.1,
) -> dict[str, object] | None:
    """Sprinkle small spots of dirt or toner over the margins.

    Args:
        scene: what to draw on.
        draws: of the sample.
        count: spots at most.
        size: greatest radius as a share of the height: smaller than a full stop.
        density: of a spot against the text's ink, 0..1.
        gap: least distance from the text as a share of the height.

    Returns:
        What was drawn; None if every spot fell on the text's place.
    """
    height, width = scene.size
    x0, y0, x1, y1 = scene.clear(gap)
    ground = mean_colour(scene.image)
    drawn = 0
    for _ in range(count):
        x, y = draws.span(0, width), draws.span(0, height)
        radius = max(0.3, size * height * draws.span(0.3, 1.0))
        ink = between(ground, scene.ink, density * draws.span(0.3, 1.0))
        if x0 - radius < x < x1 + radius and y0 - radius < y < y1 + radius:
            continue
        spot(scene.image, (x, y), radius, ink)
        drawn += 1
    return {"count": drawn} if drawn else None


def torn_edge(
    scene: Scene,
    draws: Draws,
    *,
    level: float = 60.0,
    skew: float = 2.0,
    gap: float = 0.1,
) -> dict[str, object] | None:
    """Draw the end of the paper beside the text: what it lies on is seen beyond its edge.

    Args:
        scene: what to draw on.
        draws: of the sample.
        level: luminance of what the paper lies on, 0..255.
        skew: greatest lean of the edge in degrees.
        gap: least distance from the text as a share of the height.

    Returns:
        What was drawn; None without room.
    """
    side = draws.pick(("left", "right"))
    lean = draws.span(-skew, skew)
    edge = place(scene, side, gap, lean, draws)
    if edge is None:
        return None
    fill(scene.image, outside(edge, scene), toned(mean_colour(scene.image), level / 255))
    return {"side": side, "level": round(level)}


DISTRACTORS: Mapping[str, Callable[..., dict[str, object] | None]] = {
    "torn_edge": torn_edge,
    "bezel": bezel,
    "frame": frame,
    "side_mark": side_mark,
    "table_lines": table_lines,
    "underline": underline,
    "neighbour_lines": neighbour_lines,
    "stamp_edge": stamp_edge,
    "specks": specks,
}
