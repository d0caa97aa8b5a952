"""The ink that a manifest row promises, drawn again by HarfBuzz and FreeType alone.

Nothing of the engine is used: glyphs come from uharfbuzz and freetype-py, and the matrix of the
row is applied here by numpy, between four neighbours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import freetype
import numpy as np
import numpy.typing as npt
import uharfbuzz as hb

Coverage = npt.NDArray[np.float32]
"""H x W, 0 = no ink, 1 = full ink."""

Matrix = npt.NDArray[np.float64]

SEPARATE = {"liga": False, "clig": False, "calt": False}


@dataclass(frozen=True, slots=True)
class Cluster:
    """One cluster of the label as it should lie in the image.

    Attributes:
        text: its characters.
        left, top: of `ink` in the image; either may be negative.
        ink: its coverage after the row's matrix, also where that lies outside the image.
        tofu: its face draws it by the glyph for characters that it lacks, or as that one looks.
    """

    text: str
    left: int
    top: int
    ink: Coverage
    tofu: bool = False

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Give x0, y0, x1, y1 in pixels of the image, the upper bounds excluded."""
        height, width = self.ink.shape
        return self.left, self.top, self.left + width, self.top + height


class AuditFace:
    """One face, opened by both libraries."""

    def __init__(self, path: Path, index: int) -> None:
        self.path, self.index = path, index
        self._font = hb.Font(hb.Face(hb.Blob.from_file_path(str(path)), index))
        self.upem: int = self._font.face.upem
        self._face = freetype.Face(str(path), index=index)
        self._glyphs: dict[tuple[int, int], tuple[npt.NDArray[np.uint8], int, int]] = {}

    def shape(self, text: str, whole: bool) -> list[tuple[int, int, int, int, int]]:
        """Give (glyph, cluster, advance, x offset, y offset) in font units, left to right."""
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        hb.shape(self._font, buffer, None if whole else SEPARATE)
        return [
            (info.codepoint, info.cluster, at.x_advance, at.x_offset, at.y_offset)
            for info, at in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
        ]

    def glyph(self, gid: int, size_px: int) -> tuple[npt.NDArray[np.uint8], int, int]:
        """Rasterise a glyph: h x w coverage 0..255, then its left and top from the pen."""
        found = self._glyphs.get((gid, size_px))
        if found is None:
            if len(self._glyphs) > 4000:
                self._glyphs.clear()
            self._face.set_pixel_sizes(0, size_px)
            self._face.load_glyph(gid, freetype.FT_LOAD_RENDER | freetype.FT_LOAD_NO_BITMAP)
            slot = self._face.glyph
            bitmap = slot.bitmap
            rows = np.array(bitmap.buffer, np.uint8).reshape(bitmap.rows, max(bitmap.pitch, 0))
            found = (rows[:, : bitmap.width], slot.bitmap_left, -slot.bitmap_top)
            self._glyphs[gid, size_px] = found
        return found

    def is_tofu(self, gid: int, size_px: int) -> bool:
        """Say whether a glyph is `.notdef` or draws the same picture."""
        if gid == 0:
            return True
        ink, absent = self.glyph(gid, size_px)[0], self.glyph(0, size_px)[0]
        return bool(ink.any()) and ink.shape == absent.shape and bool((ink == absent).all())

    def nominal(self, char: str) -> int:
        """Give the glyph that the cmap names for a character; 0 for none."""
        return int(self._font.get_nominal_glyph(ord(char)) or 0)


@lru_cache(maxsize=256)
def open_face(path: Path, index: int) -> AuditFace:
    """Open a face, once in a process."""
    return AuditFace(path, index)


def expected(row: Mapping[str, Any], face: AuditFace, text: str | None = None) -> list[Cluster]:
    """Draw every cluster of a row that should leave ink, left to right.

    Args:
        row: of the manifest.
        text: what is drawn instead of the row's own text (of as many characters).

    Raises:
        ValueError: the row's pens do not fit its text.
    """
    line, text = row["line"], row["text"] if text is None else text
    matrix = np.eye(3) if row["matrix"] is None else np.array(row["matrix"]).reshape(3, 3)
    placed: list[tuple[str, list[tuple[int, float, float]]]] = []
    if line["whole"]:
        placed = _whole_line(face, text, line)
    else:
        if len(line["pens"]) != len(text):
            raise ValueError(f"{len(line['pens'])} pens for the {len(text)} characters of {text!r}")
        for char, pen in zip(text, line["pens"], strict=True):
            placed.append((char, [(face.nominal(char), float(pen), 0.0)]))
    found = []
    for chars, glyphs in placed:
        flat = _flat(face, glyphs, line["size_px"], line["baseline"])
        if flat is None:
            continue
        ink, left, top = _warped(*flat, matrix)
        tofu = any(face.is_tofu(gid, line["size_px"]) for gid, _, _ in glyphs)
        found.append(Cluster(chars, left, top, ink, tofu))
    return found


def _whole_line(
    face: AuditFace, text: str, line: Mapping[str, Any]
) -> list[tuple[str, list[tuple[int, float, float]]]]:
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
    return [(text[start : ends[start]], glyphs) for start, glyphs in by_cluster.items()]


def _flat(
    face: AuditFace, glyphs: Sequence[tuple[int, float, float]], size_px: int, baseline: int
) -> tuple[Coverage, int, int] | None:
    """Lay the glyphs of one cluster together; None when they leave no ink."""
    parts = []
    for gid, x, y in glyphs:
        ink, left, top = face.glyph(gid, size_px)
        if ink.size:
            parts.append((ink, round(x) + left, round(baseline + y) + top))
    if not parts:
        return None
    x0, y0 = min(x for _, x, _ in parts), min(y for _, _, y in parts)
    x1 = max(x + ink.shape[1] for ink, x, _ in parts)
    y1 = max(y + ink.shape[0] for ink, _, y in parts)
    whole = np.zeros((y1 - y0, x1 - x0), np.float32)
    for ink, x, y in parts:
        under = whole[y - y0 : y - y0 + ink.shape[0], x - x0 : x - x0 + ink.shape[1]]
        np.maximum(under, ink / np.float32(255), out=under)
    return whole, x0, y0


def _warped(ink: Coverage, left: int, top: int, matrix: Matrix) -> tuple[Coverage, int, int]:
    """Move a piece of coverage by a 3 x 3 matrix (source to target), bilinear."""
    if np.array_equal(matrix, np.eye(3)):
        return ink, left, top
    height, width = ink.shape
    xs = np.array([left - 1, left + width, left + width, left - 1], np.float64)
    ys = np.array([top - 1, top - 1, top + height, top + height], np.float64)
    x, y = _moved(xs, ys, matrix)
    x0, y0 = int(np.floor(x.min())), int(np.floor(y.min()))
    x1, y1 = int(np.ceil(x.max())) + 1, int(np.ceil(y.max())) + 1
    to_x, to_y = np.meshgrid(np.arange(x0, x1, dtype=float), np.arange(y0, y1, dtype=float))
    from_x, from_y = _moved(to_x, to_y, np.linalg.inv(matrix))
    # One pixel of nothing around it, so that every neighbour is there.
    framed = np.zeros((height + 2, width + 2), np.float32)
    framed[1:-1, 1:-1] = ink
    u = np.clip(from_x - left + 1, 0, width + 0.999)
    v = np.clip(from_y - top + 1, 0, height + 0.999)
    i, j = v.astype(np.intp), u.astype(np.intp)
    dv, du = (v - i).astype(np.float32), (u - j).astype(np.float32)
    above = framed[i, j] * (1 - du) + framed[i, j + 1] * du
    below = framed[i + 1, j] * (1 - du) + framed[i + 1, j + 1] * du
    return above * (1 - dv) + below * dv, x0, y0


def _moved(x: Matrix, y: Matrix, m: Matrix) -> tuple[Matrix, Matrix]:
    scale = m[2, 0] * x + m[2, 1] * y + m[2, 2]
    moved_x = (m[0, 0] * x + m[0, 1] * y + m[0, 2]) / scale
    moved_y = (m[1, 0] * x + m[1, 1] * y + m[1, 2]) / scale
    return moved_x, moved_y
