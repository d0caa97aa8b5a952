"""What layout needs of a face: shaping and the boxes of glyphs, in font units."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import uharfbuzz as hb

from synth.faces.font_face import Face
from textlines.formats.faces import Instance

Box = tuple[int, int, int, int]
"""(left, bottom, right, top) of the ink in font units, y upwards; all 0 for no ink."""


SEPARATE = {"liga": False, "clig": False, "calt": False}
"""Features turned off so that each character keeps a glyph of its own."""


class GrowthError(ValueError):
    """The rules of a face let a line grow without end."""

    def __str__(self) -> str:
        return "its rules let the line grow without end"


class Shaped(NamedTuple):
    """One line as glyphs, left to right. All lists are of the same length.

    gids: glyph numbers. advances: how far each moves the pen. offsets: (x, y) by which each
    stands off the pen, y upwards. clusters: index into the text of the character that each
    glyph begins with.
    """

    gids: list[int]
    advances: list[int]
    offsets: list[tuple[int, int]]
    clusters: list[int]


class FaceMetrics:
    """A face opened for measuring. The file stays mapped into memory while this lives.

    Attributes:
        upem: font units in one em.
        ascender, descender: of the line, in font units; descender is negative.
        reference: (bottom, top) of the ink that a line's height is judged by: of 국 or 国
            where the face has them, else of "Hg", else of "8" (display faces).
    """

    __slots__ = ("_boxes", "_font", "ascender", "descender", "face", "reference", "upem")

    def __init__(self, path: Path, index: int = 0, instance: Instance = ()) -> None:
        self.face = hb.Face(hb.Blob.from_file_path(str(path)), index)
        self._font = hb.Font(self.face)
        if instance:
            self._font.set_variations(dict(instance))
        self._boxes: dict[int, Box] = {}
        self.upem: int = self.face.upem
        line = self._font.get_font_extents("ltr")
        self.ascender: int = line.ascender
        self.descender: int = line.descender
        self.reference = self._reference()

    def nominal(self, char: str) -> int:
        """Return the glyph that the cmap names for one code point; 0 when it names none."""
        return int(self._font.get_nominal_glyph(ord(char)) or 0)

    def advance(self, gid: int) -> int:
        """Return how far the glyph moves the pen, in font units."""
        return int(self._font.get_glyph_h_advance(gid))

    def box(self, gid: int) -> Box:
        """Return the box of the glyph's ink, from its own origin."""
        box = self._boxes.get(gid)
        if box is None:
            extents = self._font.get_glyph_extents(gid)
            if extents is None or not (extents.width and extents.height):
                box = (0, 0, 0, 0)
            else:
                left, top = extents.x_bearing, extents.y_bearing
                box = (left, top + extents.height, left + extents.width, top)
            self._boxes[gid] = box
        return box

    def shape(self, text: str, features: Mapping[str, bool] | None = None) -> Shaped:
        """Shape one line by HarfBuzz, which Raqm uses too.

        features: OpenType features to turn on or off, such as {"liga": False}.
        """
        buffer = self._shaped(text, features)
        infos, positions = buffer.glyph_infos, buffer.glyph_positions
        return Shaped(
            [info.codepoint for info in infos],
            [at.x_advance for at in positions],
            [(at.x_offset, at.y_offset) for at in positions],
            [info.cluster for info in infos],
        )

    def shape_down(self, text: str) -> Shaped:
        """Shape one line from above to below, with the face's vertical forms (`vert`).

        Returns:
            Advances go down and are above 0; offsets are from the pen, which stands above the
            middle of the character, x to the right and y up.
        """
        buffer = self._shaped(text, SEPARATE, "ttb")
        infos, positions = buffer.glyph_infos, buffer.glyph_positions
        return Shaped(
            [info.codepoint for info in infos],
            [-at.y_advance for at in positions],
            [(at.x_offset, at.y_offset) for at in positions],
            [info.cluster for info in infos],
        )

    def _shaped(
        self, text: str, features: Mapping[str, bool] | None, direction: str = ""
    ) -> hb.Buffer:
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        if direction:
            buffer.direction = direction
        try:
            hb.shape(self._font, buffer, features)
        except MemoryError:
            # HarfBuzz's way to say that a line grew past its limit of 64 glyphs a character.
            raise GrowthError from None
        return buffer

    def _reference(self) -> tuple[int, int]:
        for sample in ("국", "国", "Hg", "8"):
            boxes = [self.box(gid) for gid in map(self.nominal, sample) if gid]
            if len(boxes) == len(sample) and any(box[3] > box[1] for box in boxes):
                return min(box[1] for box in boxes), max(box[3] for box in boxes)
        return self.descender, self.ascender


@lru_cache(maxsize=512)
def _opened(path: str, index: int, sha256: str, instance: Instance) -> FaceMetrics:
    return FaceMetrics(Path(path), index, instance)


def metrics_of(face: Face) -> FaceMetrics:
    """Open a face, once in a process."""
    return _opened(str(face.path), face.index, face.sha256, face.instance)
