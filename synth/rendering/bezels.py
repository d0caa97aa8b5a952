"""Frames and bezels of displays: what stock models read as `1`, `7`, `#` or `V`.

Drawn, never labelled. Nothing here enters the text's box widened by `gap`, but for a frame that
`touch` lets reach into it and whose line is of the other side of the ground than the ink.
"""

import cv2

from synth.draws import Draws
from synth.rendering.colour import Colour, between, luminance, mean_colour, near_grey, toned
from synth.rendering.margins import (
    FINE,
    SIDES,
    Edge,
    Point,
    Scene,
    fill,
    outside,
    place,
    ring,
    rounded,
    spot,
    stroke,
)


def _quad(edge: Edge, inwards: float, band: float) -> list[tuple[float, float]]:
    """Return the band between two parallels of the edge: from `inwards`, `band` pixels further."""
    (near_start, near_end), (far_start, far_end) = edge.moved(inwards), edge.moved(inwards + band)
    return [near_start, near_end, far_end, far_start]


def _lines_in(scene: Scene, edge: Edge, band: float, ink: Colour, draws: Draws) -> None:
    """Draw the steps of a window's inner edge: up to three thin dark lines along it."""
    count = draws.whole(0, 4)
    if band < 2.0:
        return
    for _ in range(count):
        thick = min(band, draws.span(0.8, 2.0))
        fill(scene.image, _quad(edge, draws.span(0.0, band - thick), thick), ink)


def _soften(scene: Scene, edge: Edge, band: float) -> None:
    """Blur a narrow strip over an upright edge, off the text: an edge is thick and out of focus."""
    _, width = scene.size
    x0, _, x1, _ = scene.clear(0.0)
    lowest = min(edge.start[0], edge.end[0]) - band - 2
    highest = max(edge.start[0], edge.end[0]) + band + 2
    if edge.side == "right":
        left, right = int(max(lowest, x1)), int(min(highest, width))
    else:
        left, right = int(max(lowest, 0)), int(min(highest, x0))
    if right - left >= 3:
        strip = scene.image[:, left:right]
        strip[:] = cv2.blur(strip, (3, 3))


def bezel(
    scene: Scene,
    draws: Draws,
    *,
    left: float = 0.45,
    top: float = 0.5,
    right: float = 0.7,
    bottom: float = 0.45,
    level: float = 200.0,
    edge: float = 0.08,
    dark: float = 0.4,
    skew: float = 1.5,
    gap: float = 0.06,
    screw: float = 0.3,
    all_sides: float = 0.0,
) -> dict[str, object] | None:
    """Draw the housing around a display's window, with the dark inner edge of the window.

    Args:
        scene: what to draw on.
        draws: of the sample.
        left, top, right, bottom: how often each side is seen, 0..1.
        level: luminance of the housing, 0..255.
        edge: width of the dark inner edge as a share of the height.
        dark: luminance of that edge as a share of the panel's, 0..4; above 1 it is lighter.
        skew: greatest lean of a side in degrees.
        gap: least distance from the text as a share of the height.
        screw: share of the windows with a screw or clip at one side, 0..1.
        all_sides: share of the windows that are seen whole, 0..1.

    Returns:
        What was drawn; None if no side had room.
    """
    height, _ = scene.size
    panel = mean_colour(scene.image)
    housing = near_grey(level, 6, draws)
    inner = toned(panel, dark)
    whole = all_sides > 0 and draws.chance(all_sides)
    seen = []
    for side, share in zip(SIDES, (left, top, right, bottom), strict=True):
        lean = draws.span(-skew, skew)
        thick = edge * height * draws.span(0.3, 1.3)
        if not draws.chance(share) and not whole:
            continue
        side_edge = place(scene, side, gap, lean, draws)
        if side_edge is None:
            continue
        band = min(thick, max(0.0, side_edge.room))
        fill(scene.image, outside(side_edge, scene), housing)
        if band >= 0.5:
            fill(scene.image, _quad(side_edge, 0.0, band), inner)
            _lines_in(scene, side_edge, band, toned(inner, 0.6), draws)
            left_over = side_edge.room - band
            if left_over > 2.0 and draws.chance(0.5):
                # A second, thin line: the edge of the glass within the window.
                away = band + draws.span(1.0, max(1.0, min(left_over - 1.0, 0.12 * height)))
                fill(scene.image, _quad(side_edge, away, min(1.0, left_over)), toned(panel, 0.75))
        if draws.chance(0.4):
            # Light on the housing's rim.
            fill(scene.image, _quad(side_edge, -1.5, 1.5), toned(housing, 1.2))
        if side in ("left", "right"):
            _soften(scene, side_edge, band)
        seen.append(side)
        if side in ("left", "right") and draws.chance(screw):
            _screw(scene, side_edge, housing, gap, draws)
    if not seen:
        return None
    return {"sides": seen, "level": round(level), "skew": round(skew, 3)}


def _screw(scene: Scene, edge: Edge, housing: Colour, gap: float, draws: Draws) -> None:
    """Draw a screw's head or a clip half behind an upright edge."""
    height, _ = scene.size
    radius = height * draws.span(0.04, 0.1)
    at_y = height * draws.span(0.3, 0.7)
    x = (edge.start[0] + edge.end[0]) / 2
    x0, _, x1, _ = scene.clear(gap)
    x = max(x, x1 + radius + 1) if edge.side == "right" else min(x, x0 - radius - 1)
    spot(scene.image, (x, at_y), radius, toned(housing, 0.5))
    spot(scene.image, (x, at_y), radius * 0.7, toned(housing, 0.9))


def frame(
    scene: Scene,
    draws: Draws,
    *,
    left: float = 0.5,
    top: float = 0.4,
    right: float = 0.6,
    bottom: float = 0.4,
    line: float = 0.03,
    contrast: float = 0.5,
    skew: float = 1.0,
    gap: float = 0.08,
    double: float = 0.3,
    light: float | None = None,
    all_sides: float = 0.0,
    touch: float = 0.0,
) -> dict[str, object] | None:
    """Draw the thin printed or engraved line around a display, single or double.

    Args:
        scene: what to draw on.
        draws: of the sample.
        left, top, right, bottom: how often each side is seen, 0..1.
        line: width of the line, as a share of the height.
        contrast: distance of the line's luminance from the panel's, as a share of that, 0..1.
        skew: greatest lean of a side in degrees.
        gap: least distance from the text as a share of the height.
        double: share of the frames with a second line outside the first, 0..1.
        light: share of the frames that are lighter than the panel, 0..1, by `contrast` of what is
            left to white. None: one of three, by a share of the panel's luminance.
        all_sides: share of the frames that are closed around the text, with corners, 0..1; a side
            without room lies beyond the border.
        touch: how far a frame may reach into the text's box, as a share of the height; only where
            its line is lighter and the ink darker than the panel, or the other way round.

    Returns:
        What was drawn; None if no side had room.
    """
    height, _ = scene.size
    panel = mean_colour(scene.image)
    is_dark = draws.chance(2 / 3 if light is None else 1 - light)
    ink = toned(panel, 1 - contrast) if is_dark else toned(panel, 1 + contrast)
    if light is not None and not is_dark:
        ink = between(panel, (255, 255, 255), contrast)
    twice = draws.chance(double)
    thick = max(0.7, line * height)
    if touch and is_dark != (luminance(scene.ink) < luminance(panel)):
        gap = -touch
    if all_sides and draws.chance(all_sides):
        drawn = _closed(scene, gap + thick / 2 / height, skew, draws)
        ring(scene.image, drawn, ink, thick)
        return {"sides": list(SIDES), "dark": is_dark, "double": False}
    seen = []
    for side, share in zip(SIDES, (left, top, right, bottom), strict=True):
        lean = draws.span(-skew, skew)
        if not draws.chance(share):
            continue
        # Half the line lies on the inner side of its middle.
        side_edge = place(scene, side, gap + thick / 2 / height, lean, draws)
        if side_edge is None:
            continue
        stroke(scene.image, side_edge.start, side_edge.end, ink, thick)
        if twice:
            start, end = side_edge.moved(-thick * draws.span(1.8, 4.0))
            stroke(scene.image, start, end, ink, thick * 0.7)
        seen.append(side)
    return {"sides": seen, "dark": is_dark, "double": twice} if seen else None


def _closed(scene: Scene, gap: float, skew: float, draws: Draws) -> list[Point]:
    """Place a frame on all sides: the corners of its middle line, rounded, one after the other."""
    height, width = scene.size
    lean, beyond = draws.span(-skew, skew), 0.2 * height
    away = {"left": -beyond, "top": -beyond, "right": width + beyond, "bottom": height + beyond}
    at = {}
    for side in SIDES:
        edge = place(scene, side, gap, lean, draws)
        across = 0 if side in ("left", "right") else 1
        at[side] = away[side] if edge is None else (edge.start[across] + edge.end[across]) / 2
    corners = [(at[x], at[y]) for x, y in _TURNS]
    room = min(at["right"] - at["left"], at["bottom"] - at["top"])
    return rounded(corners, min(room / 3, height * draws.span(0.0, 0.2)))


_TURNS = (("left", "top"), ("right", "top"), ("right", "bottom"), ("left", "bottom"))
"""Corners of a frame, around it."""


def side_mark(
    scene: Scene,
    draws: Draws,
    *,
    size: float = 0.08,
    contrast: float = 0.4,
    gap: float = 0.15,
) -> dict[str, object] | None:
    """Draw a screw, a spot of dirt or a smear beside the text, at a border of the image.

    Args:
        scene: what to draw on.
        draws: of the sample.
        size: radius as a share of the height.
        contrast: distance of its luminance from the ground's, 0..1.
        gap: least distance from the text as a share of the height.

    Returns:
        What was drawn; None if neither side had room.
    """
    height, width = scene.size
    x0, _, x1, _ = scene.clear(gap)
    radius = max(1.0, size * height)
    rooms = {"left": x0, "right": width - x1}
    sides = [side for side, room in rooms.items() if room >= radius]
    if not sides:
        return None
    side = draws.pick(sides)
    axes = (round(radius * 16), round(radius * 16 * draws.span(0.5, 1.3)))
    # Cut by the border (a whole round spot beside a number looks like a point), and never past
    # the room that there is.
    inset = min(draws.span(-0.6, 0.4) * radius, rooms[side] - max(axes) / 16)
    x = inset if side == "left" else width - inset
    y = height * draws.span(0.1, 0.9)
    ground = mean_colour(scene.image)
    ink = toned(ground, 1 + contrast * (1 if draws.chance(0.5) else -1))
    middle = (round(x * 16), round(y * 16))
    turn = draws.whole(0, 180)
    cv2.ellipse(scene.image, middle, axes, turn, 0, 360, ink, -1, cv2.LINE_AA, FINE)
    if draws.chance(0.4):
        small = (max(1, axes[0] // 2), max(1, axes[1] // 2))
        inner = toned(ink, 1.25)
        cv2.ellipse(scene.image, middle, small, turn, 0, 360, inner, -1, cv2.LINE_AA, FINE)
    return {"side": side, "radius_px": round(radius, 2)}
