"""Outlines of display glyphs, as polygons in font units, and what the pieces are made of."""

import math
from dataclasses import dataclass

Point = tuple[float, float]
"""(x, y) in font units, y upwards."""

Contour = tuple[Point, ...]

UPEM = 1000
HEIGHT = 720
"""Of a display digit in font units: that of capitals in most text faces."""


@dataclass(frozen=True, slots=True)
class Outline:
    """One glyph: its contours and how far it moves the pen, in font units."""

    contours: tuple[Contour, ...]
    advance: float


def slanted(contour: Contour, slant_deg: float) -> Contour:
    """Lean a contour to the right about half the digit's height, so that it stays in its cell."""
    lean = math.tan(math.radians(slant_deg))
    return tuple((x + (y - HEIGHT / 2) * lean, y) for x, y in contour)


def rectangle(left: float, bottom: float, right: float, top: float) -> Contour:
    """Give a rectangle, clockwise as TrueType fills it."""
    return ((left, bottom), (left, top), (right, top), (right, bottom))


def disc(x: float, y: float, radius: float, corners: int = 20) -> Contour:
    """Give a circle as a polygon: at 48 px a side is shorter than a pixel.

    >>> len(disc(0, 0, 10, corners=8))
    8
    """
    turns = (-2 * math.pi * k / corners for k in range(corners))
    return tuple((x + radius * math.cos(a), y + radius * math.sin(a)) for a in turns)


def capsule(start: Point, end: Point, width: float, corners: int = 6) -> Contour:
    """Give a bar from start to end with half-round ends; `width` is its thickness."""
    (x0, y0), (x1, y1) = start, end
    along = math.atan2(y1 - y0, x1 - x0)
    half = width / 2
    points: list[Point] = []
    for (x, y), first in ((start, along - math.pi / 2), (end, along + math.pi / 2)):
        for k in range(corners + 1):
            angle = first - math.pi * k / corners
            points.append((x + half * math.cos(angle), y + half * math.sin(angle)))
    return tuple(points)
