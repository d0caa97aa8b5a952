"""The room around a text: what is kept clear, where edges lie in it, and how it is drawn on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, radians, sin, tan

import cv2
import numpy as np

from synth.draws import Draws
from synth.rendering.colour import Colour
from textlines.pixels.arrays import Grey, Image

Point = tuple[float, float]
"""x and y in pixels."""

FINE = 4
"""Bits after the point in coordinates given to OpenCV: sixteenths of a pixel."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A surface and where the text lies on it.

    Attributes:
        image: H x W x 3 BGR uint8; distractors draw on it in place.
        box: the text's ink (x0, y0, x1, y1) in pixels, x1 and y1 just outside; kept clear.
        ink: the text's colour, BGR.
        baseline_y: where the text stands, in pixels from above.
        neighbour: returns the mask of another line in the same face and size, or None.
    """

    image: Image
    box: tuple[int, int, int, int]
    ink: Colour
    baseline_y: float
    neighbour: Callable[[], Grey | None]

    @property
    def size(self) -> tuple[int, int]:
        """Return (height, width) in pixels."""
        height, width = self.image.shape[:2]
        return height, width

    def clear(self, gap: float, soft: float = 2.0) -> tuple[float, float, float, float]:
        """Return the box widened on every side by `gap`, a share of the height, and `soft` pixels.

        The soft edge of what OpenCV draws is up to two pixels wide. At least one in all; a gap
        below 0 makes the box smaller.
        """
        far = gap * self.image.shape[0]
        wide = far if gap < 0 else max(1.0, far + soft)
        x0, y0, x1, y1 = self.box
        return x0 - wide, y0 - wide, x1 + wide, y1 + wide


def fill(image: Image, corners: list[Point], colour: Colour) -> None:
    """Fill a polygon, corners (x, y) in pixels, with smooth edges, in place."""
    points = np.array([(round(x * 16), round(y * 16)) for x, y in corners], np.int32)
    cv2.fillPoly(image, [points], colour, cv2.LINE_AA, FINE)


def spot(image: Image, centre: Point, radius: float, colour: Colour) -> None:
    """Fill a circle, its centre (x, y) and radius in pixels, with smooth edges, in place."""
    middle = (round(centre[0] * 16), round(centre[1] * 16))
    cv2.circle(image, middle, round(radius * 16), colour, -1, cv2.LINE_AA, FINE)


def stroke(image: Image, start: Point, end: Point, colour: Colour, width: float) -> None:
    """Draw a straight line of any width (pixels) with smooth edges, in place."""
    (x0, y0), (x1, y1) = start, end
    length = max(1e-6, ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5)
    dx, dy = -(y1 - y0) / length * width / 2, (x1 - x0) / length * width / 2
    fill(
        image,
        [(x0 + dx, y0 + dy), (x1 + dx, y1 + dy), (x1 - dx, y1 - dy), (x0 - dx, y0 - dy)],
        colour,
    )


def rounded(corners: Sequence[Point], radius: float) -> list[Point]:
    """Round the corners of a level rectangle.

    Args:
        corners: (x, y) in pixels, from the upper left one clockwise.
        radius: in pixels, 0 or above; half of the shorter side at most.

    Returns:
        Points along the outline, clockwise.
    """
    (x0, y0), (x1, y1) = corners[0], corners[2]
    centres = (
        (x0 + radius, y0 + radius, 180),
        (x1 - radius, y0 + radius, 270),
        (x1 - radius, y1 - radius, 0),
        (x0 + radius, y1 - radius, 90),
    )
    return [
        (x + radius * cos(radians(start + turn)), y + radius * sin(radians(start + turn)))
        for x, y, start in centres
        for turn in ((0, 22.5, 45, 67.5, 90) if radius else (0,))
    ]


def ring(image: Image, points: Sequence[Point], colour: Colour, width: float) -> None:
    """Draw a closed line of any width (pixels) through points, in place."""
    for start, end in pairwise((*points, points[0])):
        stroke(image, start, end, colour, width)
        spot(image, start, width / 2, colour)


SIDES = ("left", "top", "right", "bottom")


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
        """Return its ends after a move towards the text, in pixels."""
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
    # Squared: crops are cut close around a display, so most of its edge lies near the border. What
    # may touch the text lies anywhere.
    depth = least + (most - least) * (draws.unit() ** 2 if gap >= 0 else draws.unit())
    lean = reach if skew_deg > 0 else -reach
    at = {"left": depth, "top": depth, "right": width - depth, "bottom": height - depth}[side]
    if upright:
        start, end = (at - lean, -2.0), (at + lean, height + 2.0)
    else:
        start, end = (-2.0, at + lean), (width + 2.0, at - lean)
    return Edge(side, start, end, free - reach - depth)


def outside(edge: Edge, scene: Scene) -> list[Point]:
    """Return the corners of all that lies beyond the edge, seen from the text."""
    height, width = scene.size
    far = {"left": -2.0, "top": -2.0, "right": width + 2.0, "bottom": height + 2.0}[edge.side]
    if edge.side in ("left", "right"):
        return [edge.start, (far, edge.start[1]), (far, edge.end[1]), edge.end]
    return [edge.start, (edge.start[0], far), (edge.end[0], far), edge.end]
