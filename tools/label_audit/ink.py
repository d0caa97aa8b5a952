"""The ink that a manifest row promises, drawn again by HarfBuzz and FreeType alone.

Nothing of the engine is used: glyphs come from uharfbuzz and freetype-py. All places are pixels of
the flat line, before it is bent and the row's matrix moves it into the image (`planes`).
"""

import ctypes
import math
import string
from collections.abc import Mapping, Sequence
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
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        hb.shape(self._font, buffer, None if whole else SEPARATE)
        return [
            (info.codepoint, info.cluster, at.x_advance, at.x_offset, at.y_offset)
            for info, at in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
        ]

    def nominal(self, char: str) -> int:
        """Return the glyph that the cmap names for a character; 0 for none."""
        return int(self._font.get_nominal_glyph(ord(char)) or 0)

    def advance(self, gid: int, size_px: int) -> int:
        """Return how far the pen goes on after a glyph, in pixels."""
        return round(float(self._font.get_glyph_h_advance(gid)) * size_px / self.upem)

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


def expected(row: Mapping[str, Any], face: AuditFace) -> list[Cluster]:
    """Draw every cluster of a row that leaves ink, left to right.

    Raises:
        ValueError: the row's pens do not fit its text.
    """
    line, text = row["line"], row["text"]
    baseline = line["baseline"]
    sizes = line.get("sizes") or [line["size_px"]] * len(text)
    widths = line.get("widths") or [1.0] * len(text)
    if not line["whole"]:
        if len(line["pens"]) != len(text):
            raise ValueError(f"{len(line['pens'])} pens for {len(text)} characters")
        placed = [
            (char, at, [(face.nominal(char), float(pen), 0.0)])
            for at, (char, pen) in enumerate(zip(text, line["pens"], strict=True))
        ]
    else:
        placed = _whole(face, text, line)
    found = []
    for chars, at, glyphs in placed:
        if not chars.strip():
            continue
        size, scale, advance = sizes[at], 1.0, 0
        if not line["whole"]:
            gid, _, _ = glyphs[0]
            advance = face.advance(gid, size)
            scale = scale_of(face.glyph(gid, size), advance, widths[at])
        joined = _joined(face, glyphs, size, scale)
        if joined is not None:
            glyph, x, y = joined
            tofu = any(face.is_tofu(gid, size) for gid, _, _ in glyphs)
            ends = glyphs[0][1], glyphs[0][1] + advance * scale
            extent: tuple[float, float] = (x, x + glyph.ink.shape[1])
            if not line["whole"]:
                extent = (min(extent[0], ends[0]), max(extent[1], ends[1]))
            place = x, baseline + y
            found.append(Cluster(chars, at, glyph, *place, tofu, size, scale, extent))
    return found


def scale_of(glyph: Glyph, advance: int, factor: float) -> float:
    """Return the factor on a glyph's width that comes of whole pixels.

    What is made wider or narrower begins at the pen or left of it, and ends with the advance or
    right of it.

    Args:
        advance: in pixels.
    """
    whole = max(advance, glyph.left + glyph.ink.shape[1]) - min(0, glyph.left)
    return max(1, round(whole * factor)) / whole if factor != 1.0 and whole > 0 else 1.0


def advances_of(line: Mapping[str, Any], advances: Sequence[float]) -> list[float]:
    """Return the advances of characters at the size and width of each, in the units given."""
    sizes = line.get("sizes") or [line["size_px"]] * len(advances)
    widths = line.get("widths") or [1.0] * len(advances)
    return [
        advance * width * size / line["size_px"]
        for advance, size, width in zip(advances, sizes, widths, strict=True)
    ]


def plain_glyphs(face: AuditFace, size_px: int, scale: float = 1.0) -> dict[str, Glyph]:
    """Return the digits and Latin letters that a face draws: rivals of one another."""
    named = {char: face.nominal(char) for char in PLAIN}
    drawn = {char: face.glyph(gid, size_px).widened(scale) for char, gid in named.items() if gid}
    return {char: glyph for char, glyph in drawn.items() if glyph.ink.any()}


def syllable_glyphs(
    face: AuditFace, char: str, size_px: int, scale: float = 1.0
) -> dict[str, Glyph]:
    """Return a Hangul syllable and those that differ from it in one letter; {} for others."""
    code = ord(char) - 0xAC00 if len(char) == 1 else -1
    if not 0 <= code < 11172:
        return {}
    lead, vowel, last = code // 588, code % 588 // 28, code % 28
    codes = {n * 588 + vowel * 28 + last for n in range(19)}
    codes |= {lead * 588 + n * 28 + last for n in range(21)}
    codes |= {lead * 588 + vowel * 28 + n for n in range(28)}
    found = {chr(0xAC00 + n): face.nominal(chr(0xAC00 + n)) for n in sorted(codes)}
    return {one: face.glyph(gid, size_px).widened(scale) for one, gid in found.items() if gid}


def _whole(
    face: AuditFace, text: str, line: Mapping[str, Any]
) -> list[tuple[str, int, list[tuple[int, float, float]]]]:
    """Place the glyphs of a line that was shaped as one, from the first pen on."""
    scale = line["size_px"] / face.upem
    shaped = face.shape(text, whole=True)
    starts = sorted({cluster for _, cluster, _, _, _ in shaped})
    ends = dict(zip(starts, [*starts[1:], len(text)], strict=True))
    by_cluster: dict[int, list[tuple[int, float, float]]] = {}
    pen = float(line["pens"][0])
    for gid, cluster, advance, x, y in shaped:
        by_cluster.setdefault(cluster, []).append((gid, pen + x * scale, -y * scale))
        pen += advance * scale
    return [(text[at : ends[at]], at, glyphs) for at, glyphs in by_cluster.items()]


def _joined(
    face: AuditFace, glyphs: list[tuple[int, float, float]], size_px: int, scale: float
) -> tuple[Glyph, int, int] | None:
    """Lay the glyphs of one cluster together; gives also x and y (from the baseline)."""
    parts = []
    for gid, x, y in glyphs:
        glyph = face.glyph(gid, size_px).widened(scale)
        if glyph.ink.any():
            parts.append((glyph, round(x) + glyph.left, round(y) + glyph.top))
    if len(parts) < 2:
        return parts[0] if parts else None
    x0, y0 = min(x for _, x, _ in parts), min(y for _, _, y in parts)
    x1 = max(x + glyph.ink.shape[1] for glyph, x, _ in parts)
    y1 = max(y + glyph.ink.shape[0] for glyph, _, y in parts)
    whole = np.zeros((y1 - y0, x1 - x0), np.float32)
    for glyph, x, y in parts:
        h, w = glyph.ink.shape
        under = whole[y - y0 : y - y0 + h, x - x0 : x - x0 + w]
        np.maximum(under, glyph.ink, out=under)
    return Glyph(whole, 0, 0), x0, y0
