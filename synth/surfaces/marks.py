"""What a page carries without being printed on it: stamps, dirt, the end of the paper.

Drawn, never labelled. Nothing here enters the text's box widened by `gap`.
"""

import cv2
import numpy as np

from synth.draws import Draws
from synth.surfaces.edges import outside, place
from synth.surfaces.scene import FINE, Scene, between, fill, mean_colour, toned

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
    """Let the rim of a round stamp reach into the image beside the text.

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
        centre = (round(x * 16), round(y * 16))
        cv2.circle(scene.image, centre, round(radius * 16), ink, -1, cv2.LINE_AA, FINE)
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
    """Let the paper end beside the text: what it lies on is seen beyond its edge.

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
    found = place(scene, side, gap, lean, draws)
    if found is None:
        return None
    fill(scene.image, outside(found, scene), toned(mean_colour(scene.image), level / 255))
    return {"side": side, "level": round(level)}
