"""The ink that a manifest row promises, drawn again by HarfBuzz and FreeType alone.

Nothing of the engine is used: glyphs come from uharfbuzz and freetype-py. All places are pixels of
the flat line, before it is bent and the row's matrix moves it into the image (`planes`).
"""

import ctypes
import math
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import freetype
import numpy as np
import numpy.typing as npt
import uharfbuzz as hb

Plane = npt.NDArray[np.float32]
"""H x W: coverage 0..1, or levels of grey 0..255."""

Flags = npt.NDArray[np.bool_]

SEPARATE = {"liga": False, "clig": False, "calt": False}

PLAIN = string.digits + string.ascii_letters
"""Characters that are held against one another as rivals."""

LEAST_PIECE = 4
"""Connected parts of a glyph with fewer pixels than this are crumbs of rasterisation."""


@dataclass(frozen=True)
class Glyph:
    """A glyph at one size: coverage h x w, and where it begins from the pen, y down."""

    ink: Plane
    left: int
    top: int

    def widened(self, scale: float) -> "Glyph":
        """Return the glyph so many times as wide, from its pen; by the means of areas."""
        if scale == 1.0 or not self.ink.size:
            return self
        width = self.ink.shape[1]
        low, high = math.floor(self.left * scale), math.ceil((self.left + width) * scale)
        edges = np.clip(np.arange(low, high + 1) / scale - self.left, 0, width)
        sums = np.pad(np.cumsum(self.ink, axis=1, dtype=np.float64), ((0, 0), (1, 0)))
        places = np.arange(width + 1)
        rows = np.stack([np.interp(edges, places, row) for row in sums])
        return Glyph((np.diff(rows, axis=1) * scale).astype(np.float32), low, self.top)

    def inked(self) -> "Glyph":
        """Return the glyph cut to its ink, of no size where it has none."""
        rows, columns = np.flatnonzero(self.ink.any(1)), np.flatnonzero(self.ink.any(0))
        if not rows.size:
            return Glyph(np.zeros((0, 0), np.float32), 0, 0)
        top, left = int(rows[0]), int(columns[0])
        ink = self.ink[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1]
        return Glyph(ink, self.left + left, self.top + top)

    @cached_property
    def pieces(self) -> tuple[Flags, ...]:
        """Return its connected parts (8 neighbours, at least half covered), h x w each."""
        solid = np.pad(self.ink >= 0.5, 1)
        names = np.zeros(solid.shape, np.int32)
        names[solid] = np.arange(1, int(solid.sum()) + 1)
        # Every pixel takes the highest name around it until none changes.
        while True:
            rows = np.maximum(np.maximum(names[:-2], names[2:]), names[1:-1])
            high = np.maximum(np.maximum(rows[:, :-2], rows[:, 2:]), rows[:, 1:-1])
            high *= solid[1:-1, 1:-1]
            if (names[1:-1, 1:-1] == high).all():
                break
            names[1:-1, 1:-1] = high
        found, sizes = np.unique(high[high > 0], return_counts=True)
        return tuple(
            high == name for name, size in zip(found, sizes, strict=True) if size >= LEAST_PIECE
        )


Instance = tuple[tuple[str, float], ...]
"""Tag and value of each axis of a variable font, in the file's order."""


def instance_of(face: Mapping[str, Any]) -> Instance:
    """Return where in a variable font the face of a manifest stands."""
    return tuple((tag, value) for tag, value in face.get("instance", ()))


@dataclass(frozen=True)
class Cluster:
    """One cluster of the label as it should lie in the flat line.

    Attributes:
        text: its characters. at: index of the first of them in the label.
        glyph: its ink. x, y: where that begins; either may be negative.
        tofu: its face has no glyph for it, or one that looks like the glyph for none.
        size_px: pixels per em. scale: horizontal, from its pen.
        extent: from where to where its advance goes, together with its ink.
    """

    text: str
    at: int
    glyph: Glyph
    x: int
    y: int
    tofu: bool
    size_px: int = 0
    scale: float = 1.0
    extent: tuple[float, float] = (0.0, 0.0)


class AuditFace:
    """One face, opened by both libraries."""

    def __init__(self, path: Path, index: int, instance: Instance = ()) -> None:
        self._font = hb.Font(hb.Face(hb.Blob.from_file_path(str(path)), index))
        self.upem: int = self._font.face.upem
        self._face = freetype.Face(str(path), index=index)
        if instance:
            self._font.set_variations(dict(instance))
            self._face.set_var_design_coords([value for _, value in instance])
        self._glyphs: dict[tuple[int, int], Glyph] = {}

    def shape(self, text: str, whole: bool) -> list[tuple[int, int, int, int, int]]:
        """Return (glyph, cluster, advance, x offset, y offset) in font units, left to right."""
        return [
            (info.codepoint, info.cluster, at.x_advance, at.x_offset, at.y_offset)
            for info, at in self._shaped(text, None if whole else SEPARATE)
        ]

    def shape_down(self, text: str) -> list[tuple[int, int, int, int, int]]:
        """Return the same of a column, in the face's vertical forms; advances go down."""
        return [
            (info.codepoint, info.cluster, -at.y_advance, at.x_offset, at.y_offset)
            for info, at in self._shaped(text, SEPARATE, "ttb")
        ]

    def _shaped(
        self, text: str, features: Mapping[str, bool] | None, direction: str = ""
    ) -> list[tuple[Any, Any]]:
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        if direction:
            buffer.direction = direction
        hb.shape(self._font, buffer, features)
        return list(zip(buffer.glyph_infos, buffer.glyph_positions, strict=True))

    def box(self, gid: int) -> tuple[float, float, float, float]:
        """Return (left, bottom, right, top) of a glyph's outline in ems, y up; 0s without ink."""
        extents = self._font.get_glyph_extents(gid)
        if extents is None or not (extents.width and extents.height):
            return 0.0, 0.0, 0.0, 0.0
        left, top = extents.x_bearing, extents.y_bearing
        box = left, top + extents.height, left + extents.width, top
        return tuple(edge / self.upem for edge in box)

    def advance_em(self, gid: int) -> float:
        """Return how far the pen goes on after a glyph, in ems."""
        return float(self._font.get_glyph_h_advance(gid)) / self.upem

    def nominal(self, char: str) -> int:
        """Return the glyph that the cmap names for a character; 0 for none."""
        return int(self._font.get_nominal_glyph(ord(char)) or 0)

    def advance(self, gid: int, size_px: int) -> int:
        """Return how far the pen goes on after a glyph, in pixels."""
        return round(self.advance_em(gid) * size_px)

    def glyph(self, gid: int, size_px: int) -> Glyph:
        """Rasterise a glyph at so many pixels per em."""
        found = self._glyphs.get((gid, size_px))
        if found is None:
            if len(self._glyphs) > 3000:
                self._glyphs.clear()
            self._face.set_pixel_sizes(0, size_px)
            self._face.load_glyph(gid, freetype.FT_LOAD_RENDER | freetype.FT_LOAD_NO_BITMAP)
            slot, bitmap = self._face.glyph, self._face.glyph.bitmap
            size = bitmap.rows * bitmap.pitch
            # `bitmap.buffer` makes a list of numbers first: a fifth of the whole audit's time.
            data = ctypes.string_at(bitmap._FT_Bitmap.buffer, size) if size else b""
            rows = np.frombuffer(data, np.uint8).reshape(bitmap.rows, bitmap.pitch)
            ink = rows[:, : bitmap.width].astype(np.float32) / np.float32(255)
            found = Glyph(ink, slot.bitmap_left, -slot.bitmap_top)
            self._glyphs[gid, size_px] = found
        return found

    def is_tofu(self, gid: int, size_px: int) -> bool:
        """Return whether a glyph is the one for characters that a face lacks, or looks like it."""
        if gid == 0:
            return True
        ink, absent = self.glyph(gid, size_px).ink, self.glyph(0, size_px).ink
        return bool(ink.any()) and ink.shape == absent.shape and bool((ink == absent).all())


@lru_cache(maxsize=256)
def open_face(path: Path, index: int, instance: Instance) -> AuditFace:
    """Open a face, once in a process."""
    return AuditFace(path, index, instance)


Draw = Callable[[str], Glyph | None]
"""Draws any character from its pen; None where the face has no glyph for it."""


def plain_glyphs(draw: Draw) -> dict[str, Glyph]:
    """Return the digits and Latin letters that a face draws: rivals of one another."""
    drawn = {char: draw(char) for char in PLAIN}
    return {char: glyph for char, glyph in drawn.items() if glyph is not None and glyph.ink.any()}


def syllable_glyphs(draw: Draw, char: str) -> dict[str, Glyph]:
    """Return a Hangul syllable and those that differ from it in one letter; {} for others."""
    code = ord(char) - 0xAC00 if len(char) == 1 else -1
    if not 0 <= code < 11172:
        return {}
    lead, vowel, last = code // 588, code % 588 // 28, code % 28
    codes = {n * 588 + vowel * 28 + last for n in range(19)}
    codes |= {lead * 588 + n * 28 + last for n in range(21)}
    codes |= {lead * 588 + vowel * 28 + n for n in range(28)}
    found = {chr(0xAC00 + n): draw(chr(0xAC00 + n)) for n in sorted(codes)}
    return {one: glyph for one, glyph in found.items() if glyph is not None}
