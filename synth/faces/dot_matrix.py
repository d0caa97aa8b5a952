"""Dot-matrix characters of 5 x 7 dots from parameters."""

from typing import Literal

from pydantic import BaseModel, Field

from synth.faces.dots5x7 import COLUMNS, DOTS, ROWS
from synth.faces.segments import GHOST_CELL, GHOST_COLON, GHOST_COMMA, GHOST_POINT
from synth.faces.shapes import HEIGHT, Contour, Outline, disc, rectangle, slanted


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
    """Give the characters that the face's glyphs stand for, space included."""
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
