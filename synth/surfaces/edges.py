"""Where the edges of a display lie around a text: on which side, how skewed, cut by the crop."""

from dataclasses import dataclass
from math import radians, tan

from synth.draws import Draws
from synth.surfaces.scene import Scene

SIDES = ("left", "top", "right", "bottom")

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Edge:
    """A straight edge from one border of the image to the opposite one.

    Attributes:
        side: on which side of the text it lies.
        start, end: its ends, from above to below or from left to right.
        room: pixels between the edge and the text's clear box at the nearer end.
    """

    side: str
    start: Point
    end: Point
    room: float

    def moved(self, inwards: float) -> tuple[Point, Point]:
        """Give its ends after a move towards the text, in pixels."""
        dx, dy = {
            "left": (inwards, 0.0),
            "right": (-inwards, 0.0),
            "top": (0.0, inwards),
            "bottom": (0.0, -inwards),
        }[self.side]
        (x0, y0), (x1, y1) = self.start, self.end
        return (x0 + dx, y0 + dy), (x1 + dx, y1 + dy)


def place(scene: Scene, side: str, gap: float, skew_deg: float, draws: Draws) -> Edge | None:
    """Draw a place for an edge between the text and one border of the image.

    The edge never enters the text's box widened by `gap` (a share of the height), and a part of
    it may lie outside the image. None where the room is under two pixels.
    """
    height, width = scene.size
    x0, y0, x1, y1 = scene.clear(gap)
    upright = side in ("left", "right")
    free = {"left": x0, "top": y0, "right": width - x1, "bottom": height - y1}[side]
    reach = (height if upright else width) / 2 * tan(radians(abs(skew_deg)))
    if free < 2:
        return None
    # Beyond the border only as far as a part of the skewed edge is still seen.
    least, most = min(1.0 - reach, free - reach), free - reach
    # Squared: crops are cut close around a display, so most of its edge lies near the border.
    depth = least + (most - least) * draws.unit() ** 2
    lean = reach if skew_deg > 0 else -reach
    at = {"left": depth, "top": depth, "right": width - depth, "bottom": height - depth}[side]
    if upright:
        start, end = (at - lean, -2.0), (at + lean, height + 2.0)
    else:
        start, end = (-2.0, at + lean), (width + 2.0, at - lean)
    return Edge(side, start, end, free - reach - depth)


def outside(edge: Edge, scene: Scene) -> list[Point]:
    """Give the corners of all that lies beyond the edge, seen from the text."""
    height, width = scene.size
    far = {"left": -2.0, "top": -2.0, "right": width + 2.0, "bottom": height + 2.0}[edge.side]
    if edge.side in ("left", "right"):
        return [edge.start, (far, edge.start[1]), (far, edge.end[1]), edge.end]
    return [edge.start, (edge.start[0], far), (edge.end[0], far), edge.end]
