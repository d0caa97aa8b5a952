"""The glyphs of display faces, drawn from parameters: seven segments, and dots of 5 x 7.

Looked up on real LCD meters: the digit leans by about 5 degrees, its strokes are a ninth of
its height, the cells are half as wide again as the digit, the ends are mitred with fine gaps,
`1` stands at the right of its cell, and the point hangs low in the gap between two cells.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, Field

from synth.faces.dots5x7 import COLUMNS, DOTS, ROWS

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
    """Return a rectangle, clockwise as TrueType fills it."""
    return ((left, bottom), (left, top), (right, top), (right, bottom))


def disc(x: float, y: float, radius: float, corners: int = 20) -> Contour:
    """Return a circle as a polygon: at 48 px a side is shorter than a pixel.

    >>> len(disc(0, 0, 10, corners=8))
    8
    """
    turns = (-2 * math.pi * k / corners for k in range(corners))
    return tuple((x + radius * math.cos(a), y + radius * math.sin(a)) for a in turns)


def capsule(start: Point, end: Point, width: float, corners: int = 6) -> Contour:
    """Return a bar from start to end with half-round ends; `width` is its thickness."""
    (x0, y0), (x1, y1) = start, end
    along = math.atan2(y1 - y0, x1 - x0)
    half = width / 2
    points: list[Point] = []
    for (x, y), first in ((start, along - math.pi / 2), (end, along + math.pi / 2)):
        for k in range(corners + 1):
            angle = first - math.pi * k / corners
            points.append((x + half * math.cos(angle), y + half * math.sin(angle)))
    return tuple(points)


# Segments as data sheets name them: a top, b c right, d bottom, e f left, g middle.
# Of look-alikes only one is here: 0 for O D, 1 for I l, 2 for Z, 5 for S, 8 for B, 9 for g q.
LIT: Mapping[str, str] = {
    "0": "abcdef", "1": "bc", "2": "abdeg", "3": "abcdg", "4": "bcfg",
    "5": "acdfg", "6": "acdefg", "7": "abc", "8": "abcdefg", "9": "abcdfg",
    "-": "g", "A": "abcefg", "b": "cdefg", "C": "adef", "c": "deg",
    "d": "bcdeg", "E": "adefg", "F": "aefg", "H": "bcefg", "h": "cefg",
    "J": "bcde", "L": "def", "n": "ceg", "o": "cdeg", "P": "abefg",
    "r": "eg", "t": "defg", "U": "bcdef", "u": "cde", "y": "bcdfg", "°": "abfg",
}  # fmt: skip

GHOST_CELL, GHOST_POINT, GHOST_COMMA, GHOST_COLON = "\ue000", "\ue001", "\ue002", "\ue003"
"""Code points of the layer that shows all segments, as wide as what they stand under."""


class SevenSegment(BaseModel, frozen=True, extra="forbid", defer_build=True):
    """How a seven-segment face is drawn. Shares are of the digit's height.

    slant_deg: lean to the right. stroke: thickness of a segment. gap: clear distance between
        two segments. width: of the digit. pitch: from one digit to the next.
    ends: how segments end: mitred at 45 degrees, pointed (six-sided), square, or half round.
    chamfer: how much of the digit's outer corners is cut off, as a share of the stroke.
    point: shape of point and colon. point_size: its width. point_advance: how far it moves
        the pen; 0 tucks it into the gap after the digit before it.
    six_tail, nine_tail, seven_hook: whether 6 has its top, 9 its bottom, 7 its upper left.
    """

    name: str
    slant_deg: float = Field(5, ge=-5, le=20)
    stroke: float = Field(0.115, ge=0.04, le=0.25)
    gap: float = Field(0.015, ge=0, le=0.08)
    width: float = Field(0.56, ge=0.3, le=1)
    pitch: float = Field(0.84, ge=0.4, le=1.6)
    ends: Literal["mitred", "pointed", "square", "round"] = "mitred"
    chamfer: float = Field(0.3, ge=0, le=0.9)
    point: Literal["square", "round"] = "square"
    point_size: float = Field(0.11, ge=0.04, le=0.3)
    point_advance: float = Field(0, ge=0, le=0.6)
    six_tail: bool = True
    nine_tail: bool = True
    seven_hook: bool = False


def segment_outlines(spec: SevenSegment) -> dict[str, Outline]:
    """Draw every glyph of the face, ghosts included. Keys are characters."""
    bars = _bars(spec)
    side = (spec.pitch - spec.width) / 2 * HEIGHT
    advance = spec.pitch * HEIGHT

    def cell(lit: str) -> Outline:
        contours = (tuple((x + side, y) for x, y in bars[bar]) for bar in lit)
        return Outline(tuple(slanted(contour, spec.slant_deg) for contour in contours), advance)

    drawn = {char: cell(lit) for char, lit in _lit(spec).items()}
    drawn |= _marks(spec)
    drawn[" "] = Outline((), advance)
    everything = cell("abcdefg")
    tucked = spec.point_advance == 0
    point = drawn["."]
    if tucked:
        # Every cell of a real display has its point; tucked, it stands before the next cell.
        behind = tuple(tuple((x + advance, y) for x, y in c) for c in point.contours)
        everything = Outline(everything.contours + behind, advance)
    drawn[GHOST_CELL] = everything
    drawn[GHOST_POINT] = Outline(() if tucked else point.contours, point.advance)
    drawn[GHOST_COMMA] = Outline((), drawn[","].advance)
    drawn[GHOST_COLON] = drawn[":"]
    return drawn


def segment_characters(spec: SevenSegment) -> frozenset[str]:
    """Return the characters that the face's glyphs stand for, space included."""
    return frozenset(_lit(spec)) | frozenset(" .,:")


def _lit(spec: SevenSegment) -> dict[str, str]:
    """Return the segments of each character; a 6 without its top leaves no shape for `b`."""
    lit = dict(LIT)
    if not spec.six_tail:
        lit["6"] = lit.pop("b")
    if not spec.nine_tail:
        lit["9"] = "abcfg"
    if spec.seven_hook:
        lit["7"] = "abcf"
    return lit


def _marks(spec: SevenSegment) -> dict[str, Outline]:
    """Draw point, comma and colon, each in a column of its own or tucked between two cells."""
    size = spec.point_size * HEIGHT
    advance = spec.point_advance * HEIGHT
    x = advance / 2

    def dot(y: float) -> Contour:
        if spec.point == "round":
            return slanted(disc(x, y, size / 2), spec.slant_deg)
        half = size / 2
        return slanted(rectangle(x - half, y - half, x + half, y + half), spec.slant_deg)

    low = size / 2
    tail = slanted(
        (
            (x + size * 0.5, low),
            (x + size * 0.5, -size * 0.2),
            (x - size * 0.4, -size * 1.2),
            (x - size * 0.5, -size * 0.9),
            (x, low),
        ),
        spec.slant_deg,
    )
    colon_advance = max(advance, 0.4 * HEIGHT)
    shift = (colon_advance - advance) / 2
    pair = (dot(HEIGHT * 0.3), dot(HEIGHT * 0.7))
    return {
        ".": Outline((dot(low),), advance),
        ",": Outline((dot(low), tail), advance),
        ":": Outline(tuple(tuple((a + shift, b) for a, b in c) for c in pair), colon_advance),
    }


def _bars(spec: SevenSegment) -> dict[str, Contour]:
    """Draw the seven segments upright, the digit's left edge at 0."""
    w, h, t = spec.width * HEIGHT, HEIGHT, spec.stroke * HEIGHT
    gap = spec.gap * HEIGHT
    if spec.ends == "mitred":
        top, upper, middle = _mitred(w, h, t, gap, spec.chamfer * t)
    elif spec.ends == "pointed":
        top, upper, middle = _pointed(w, h, t, gap)
    elif spec.ends == "square":
        top = rectangle(t * 0.5 + gap, h - t, w - t * 0.5 - gap, h)
        upper = rectangle(0, h / 2 + gap / 2, t, h - t - gap)
        middle = rectangle(t + gap, h / 2 - t / 2, w - t - gap, h / 2 + t / 2)
    else:
        d = t / 2 + gap
        top = capsule((t / 2 + d, h - t / 2), (w - t / 2 - d, h - t / 2), t)
        upper = capsule((t / 2, h / 2 + d), (t / 2, h - t / 2 - d), t)
        middle = capsule((t / 2 + d, h / 2), (w - t / 2 - d, h / 2), t)
    return {
        "a": top,
        "b": _flip(upper, across=w),
        "c": _flip(_flip(upper, across=w), over=h),
        "d": _flip(top, over=h),
        "e": _flip(upper, over=h),
        "f": upper,
        "g": middle,
    }


def _mitred(
    w: float, h: float, t: float, gap: float, cut: float
) -> tuple[Contour, Contour, Contour]:
    """Return top, upper left and middle, cut at 45 degrees in the corners.

    In the middle the uprights reach out to half height at the outer edge and are cut back
    along the flat point of the middle bar, which is how most LCD makers draw them.
    """
    d = gap / math.sqrt(2)
    # Half the gap across a cut that rises by 1 in 2, measured along y and along x.
    v = gap / 2 * math.hypot(1, 0.5)
    u = 2 * v
    top = (
        (d + cut / 2, h - cut / 2), (d + cut, h), (w - d - cut, h), (w - d - cut / 2, h - cut / 2),
        (w - t - d, h - t), (t + d, h - t),
    )  # fmt: skip
    upper = (
        (0, h / 2 + v), (0, h - d - cut), (cut / 2, h - d - cut / 2), (t, h - t - d),
        (t, h / 2 + t / 2 + v),
    )  # fmt: skip
    middle = (
        (u, h / 2), (t + u, h / 2 + t / 2), (w - t - u, h / 2 + t / 2), (w - u, h / 2),
        (w - t - u, h / 2 - t / 2), (t + u, h / 2 - t / 2),
    )  # fmt: skip
    return top, upper, middle


def _pointed(w: float, h: float, t: float, gap: float) -> tuple[Contour, Contour, Contour]:
    """Return top, upper left and middle as six-sided bars along their centre lines."""
    d, half = gap / math.sqrt(2), t / 2

    def bar(y: float) -> Contour:
        left, right = half + d, w - half - d
        return (
            (left, y), (left + half, y + half), (right - half, y + half),
            (right, y), (right - half, y - half), (left + half, y - half),
        )  # fmt: skip

    low, high = h / 2 + d, h - half - d
    upper = (
        (half, low), (0, low + half), (0, high - half),
        (half, high), (t, high - half), (t, low + half),
    )  # fmt: skip
    return bar(h - half), upper, bar(h / 2)


def _flip(contour: Contour, across: float | None = None, over: float | None = None) -> Contour:
    """Mirror a contour inside a digit of this width (`across`) or height (`over`)."""
    if across is not None:
        contour = tuple((across - x, y) for x, y in contour)
    if over is not None:
        contour = tuple((x, over - y) for x, y in contour)
    return contour


class DotMatrix(BaseModel, frozen=True, extra="forbid", defer_build=True):
    """How a dot-matrix face is drawn.

    dot: shape. dot_size: width of a dot as a share of the pitch between rows; above 1 dots
        run into each other, as ink of an impact printer does.
    aspect: pitch between columns as a share of that between rows.
    space: columns left clear between two characters.
    slant_deg: lean to the right.
    zero: slashed, or open; an open zero is drawn as O is, so that the face then has no O.
    """

    name: str
    dot: Literal["round", "square"] = "square"
    dot_size: float = Field(0.85, ge=0.4, le=1.3)
    aspect: float = Field(1.0, ge=0.6, le=1.4)
    space: float = Field(1.0, ge=0.3, le=3)
    slant_deg: float = Field(0, ge=-5, le=20)
    zero: Literal["slashed", "open"] = "slashed"


def dot_outlines(spec: DotMatrix) -> dict[str, Outline]:
    """Draw every glyph of the face, ghosts included. Keys are characters."""
    advance = (COLUMNS + spec.space) * spec.aspect * HEIGHT / ROWS
    patterns = dict(DOTS)
    if spec.zero == "open":
        patterns["0"] = patterns.pop("O")
    drawn = {char: Outline(_dots(spec, rows), advance) for char, rows in patterns.items()}
    drawn[" "] = Outline((), advance)
    ghost = Outline(_dots(spec, ("#" * COLUMNS,) * ROWS), advance)
    # Point, comma and colon fill a cell like any other character here.
    drawn |= dict.fromkeys((GHOST_CELL, GHOST_POINT, GHOST_COMMA, GHOST_COLON), ghost)
    return drawn


def dot_characters(spec: DotMatrix) -> frozenset[str]:
    """Return the characters that the face's glyphs stand for, space included."""
    return frozenset(DOTS) - (frozenset("O") if spec.zero == "open" else frozenset()) | {" "}


def _dots(spec: DotMatrix, rows: tuple[str, ...]) -> tuple[Contour, ...]:
    down = HEIGHT / ROWS
    across = down * spec.aspect
    left = (spec.space * across) / 2
    half = spec.dot_size * down / 2
    # Dots that run into each other overlap; the fill rule joins them.
    contours = []
    for row, line in enumerate(rows):
        for column, mark in enumerate(line):
            if mark != "#":
                continue
            x, y = left + (column + 0.5) * across, HEIGHT - (row + 0.5) * down
            dot = (
                disc(x, y, half, corners=12)
                if spec.dot == "round"
                else rectangle(x - half, y - half, x + half, y + half)
            )
            contours.append(slanted(dot, spec.slant_deg))
    return tuple(contours)
