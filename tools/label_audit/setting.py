"""A row's line set again: which face draws each character, where it stands, and what else might.

A line lies in one face or in parts of two faces that the manifest names (`parts`), and may be a
column (`vertical`). All places are pixels of the flat line, as in `ink`.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from tools.label_audit.columns import FORMS, Column
from tools.label_audit.ink import AuditFace, Cluster, Glyph, instance_of, open_face


class SetLine:
    """A row's line as its manifest says that it is set.

    Args:
        fonts: the files, by their sha256.

    Attributes:
        faces: of each character. runs: from where to where one face shapes characters together.
        column: of a line that is a column; else None.

    Raises:
        ValueError: the row's pens, or its face's glyphs, do not fit its text.
    """

    def __init__(self, row: Mapping[str, Any], fonts: Mapping[str, Path]) -> None:
        self._line, self._text = row["line"], row["text"]
        count = len(self._text)
        parts = row.get("parts", ())
        places = sorted({0, count, *(place for a, b, _ in parts for place in (a, b))})
        if places[0] < 0 or places[-1] > count:
            raise ValueError(f"parts of {count} characters end at {places[-1]}")
        self.runs = tuple(pairwise(places))
        first = _opened(row["face"], fonts)
        self.faces = [first] * count
        for start, end, face in parts:
            self.faces[start:end] = [_opened(face, fonts)] * (end - start)
        if not self._line["whole"] and len(self._line["pens"]) != count:
            raise ValueError(f"{len(self._line['pens'])} pens for {count} characters")
        form = row.get("vertical", "")
        sizes = [size / self._line["size_px"] for size in self._line.get("sizes") or ()]
        self.column: Column | None = None
        if form in FORMS:
            self.column = Column(self._text, self.faces, form, sizes, first)

    def lies(self, at: int) -> bool:
        """Return whether a character lies on its side in the file, as those that stand in columns.

        Args:
            at: its place in the text.
        """
        return self.column is not None and self.column.cells[at].middle is not None

    def drawn(self, char: str, at: int, size_px: int, scale: float) -> Glyph | None:
        """Draw any character in the place of one, from its pen; None where no glyph is for it.

        Args:
            scale: horizontal, of a character that does not lie.
        """
        face = self.faces[at]
        if not face.nominal(char):
            return None
        if self.column is not None and self.lies(at):
            cell = self.column.standing(char, at)
            return self.column.lying(cell, at, size_px, self._line["size_px"])
        return face.glyph(face.nominal(char), size_px).widened(scale)

    def expected(self) -> list[Cluster]:
        """Draw every cluster that leaves ink, left to right."""
        line = self._line
        if line["whole"]:
            return _clusters_of_whole(self.faces[0], self._text, line)
        sizes = line.get("sizes") or [line["size_px"]] * len(self._text)
        widths = line.get("widths") or [1.0] * len(self._text)
        found = []
        for at, (char, pen, size) in enumerate(zip(self._text, line["pens"], sizes, strict=True)):
            if not char.strip():
                continue
            face, scale = self.faces[at], 1.0
            if self.column is not None and self.lies(at):
                gid = self.column.cells[at].gid
                glyph = self.column.lying(self.column.cells[at], at, size, line["size_px"])
                ends = pen + glyph.left, pen + glyph.left + glyph.ink.shape[1]
            else:
                gid = face.nominal(char)
                advance = face.advance(gid, size)
                scale = scale_of(face.glyph(gid, size), advance, widths[at])
                glyph = face.glyph(gid, size).widened(scale)
                ends = pen, pen + advance * scale
            if not glyph.ink.any():
                continue
            x = pen + glyph.left
            extent = min(x, ends[0]), max(x + glyph.ink.shape[1], ends[1])
            y, tofu = line["baseline"] + glyph.top, face.is_tofu(gid, size)
            found.append(Cluster(char, at, glyph, x, y, tofu, size, scale, extent))
        return found

    def steps(self) -> list[tuple[float, float]]:
        """Return how far the pen goes on after each character, and how far it is off its pen.

        Both in pixels, at the size and width of each, without a style's spacing.

        Raises:
            ValueError: HarfBuzz gives the line more glyphs than it has pens, or fewer.
        """
        line, ems = self._line, [(0.0, 0.0)] * 0
        if self.column is not None:
            ems = [(cell.step, cell.shift) for cell in self.column.cells]
        else:
            for start, end in self.runs:
                face = self.faces[start]
                shaped = face.shape(self._text[start:end], whole=False)
                ems += [(advance / face.upem, x / face.upem) for _, _, advance, x, _ in shaped]
        if len(ems) != len(line["pens"]):
            raise ValueError(f"{len(ems)} glyphs for {len(line['pens'])} pens")
        advances = advances_of(line, [advance for advance, _ in ems])
        size = line["size_px"]
        pairs = zip(advances, ems, strict=True)
        return [(advance * size, shift * size) for advance, (_, shift) in pairs]


def _opened(face: Mapping[str, Any], fonts: Mapping[str, Path]) -> AuditFace:
    return open_face(fonts[face["sha256"]], face["index"], instance_of(face))


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


def _clusters_of_whole(face: AuditFace, text: str, line: Mapping[str, Any]) -> list[Cluster]:
    size, baseline = line["size_px"], line["baseline"]
    found = []
    for chars, at, glyphs in _whole(face, text, line):
        joined = _joined(face, glyphs, size) if chars.strip() else None
        if joined is not None:
            glyph, x, y = joined
            tofu = any(face.is_tofu(gid, size) for gid, _, _ in glyphs)
            extent = x, x + glyph.ink.shape[1]
            found.append(Cluster(chars, at, glyph, x, baseline + y, tofu, size, 1.0, extent))
    return found


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
    face: AuditFace, glyphs: list[tuple[int, float, float]], size_px: int
) -> tuple[Glyph, int, int] | None:
    """Lay the glyphs of one cluster together; gives also x and y (from the baseline)."""
    parts = []
    for gid, x, y in glyphs:
        glyph = face.glyph(gid, size_px)
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
