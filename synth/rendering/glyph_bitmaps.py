"""Bitmaps of single characters at one size, and a cache of them for one process."""

import math
from collections import OrderedDict
from typing import NamedTuple

import cv2
import numpy as np
from PIL import ImageFont

from synth.faces.breaking import drawing
from synth.faces.face_metrics import metrics_of
from synth.faces.font_face import Face, open_face
from textlines.pixels.arrays import Grey

Box = tuple[int, int, int, int]

SMALL_MARK_SHARE = 0.3
"""A part of a glyph with less than this share of its ink is judged on its own (i-dots, the
short strokes that tell 야 from 아, tone marks)."""

LEAST_MARK_INK = 3
"""Parts with fewer pixels than this are crumbs of rasterisation, not marks."""


class Glyph(NamedTuple):
    """One character's coverage at one size.

    Attributes:
        mask: height x width uint8 coverage, read only; both 0 for a blank.
        left, top: of the mask, in pixels from the pen on the baseline; y goes down.
        marks: boxes (x0, y0, x1, y1) of the glyph's small parts inside the mask.
    """

    mask: Grey
    width: int
    height: int
    left: int
    top: int
    marks: tuple[Box, ...]


BLANK = Glyph(np.zeros((0, 0), np.uint8), width=0, height=0, left=0, top=0, marks=())
"""Of a character that leaves no ink."""


def small_marks(mask: Grey, clusters: int = 1) -> tuple[Box, ...]:
    """Find the parts of a glyph that are small beside the whole (8-connected, half ink).

    clusters: how many the mask shows, where it is a line: small is what is small beside one of
        mean ink.
    """
    if mask.size == 0:
        return ()
    solid = (mask >= 128).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=8)
    if count <= 2:  # the background and one part
        return ()
    total = int(stats[1:, cv2.CC_STAT_AREA].sum()) / clusters
    return tuple(
        (int(x), int(y), int(x + w), int(y + h))
        for x, y, w, h, area in stats[1:].tolist()
        if LEAST_MARK_INK <= area < SMALL_MARK_SHARE * total
    )


def widened(glyph: Glyph, factor: float) -> Glyph:
    """Return a glyph so many times as wide, a pixel at least; a new one, unless the factor is 1."""
    if factor == 1.0 or not glyph.height:
        return glyph
    width = max(1, round(glyph.width * factor))
    way = cv2.INTER_AREA if width < glyph.width else cv2.INTER_LINEAR
    scale = width / glyph.width
    return Glyph(
        mask=cv2.resize(glyph.mask, (width, glyph.height), interpolation=way),
        width=width,
        height=glyph.height,
        left=round(glyph.left * scale),
        top=glyph.top,
        marks=tuple(
            (math.floor(x0 * scale), y0, math.ceil(x1 * scale), y1)
            for x0, y0, x1, y1 in glyph.marks
        ),
    )


def _inked(mask: Grey) -> Grey:
    """Cut a mask to its ink; empty where it holds none."""
    x, y, width, height = cv2.boundingRect(mask) if mask.size else (0, 0, 0, 0)
    return mask[y : y + height, x : x + width]


class GlyphCache:
    """Bitmaps by (face, size, character), for one process.

    When the bitmaps outgrow their room all are dropped: a look-up that keeps the order of use
    costs more than drawing the common ones again now and then. Font handles are kept apart and
    fewer: each holds an open file.
    """

    def __init__(self, max_bytes: int = 64 << 20, max_fonts: int = 48) -> None:
        self._glyphs: dict[tuple[str, int], dict[str, Glyph]] = {}
        self._fonts: OrderedDict[tuple[str, int], ImageFont.FreeTypeFont] = OrderedDict()
        self._bytes, self._max_bytes, self._max_fonts = 0, max_bytes, max_fonts

    def font(self, face: Face, size_px: int) -> ImageFont.FreeTypeFont:
        """Open the face at a size (pixels per em), or return the handle that is open."""
        key = (face.id, size_px)
        font = self._fonts.get(key)
        if font is None:
            font = self._fonts[key] = open_face(face, size_px)
            if len(self._fonts) > self._max_fonts:
                self._fonts.popitem(last=False)
        else:
            self._fonts.move_to_end(key)
        return font

    def glyphs(self, face: Face, size_px: int, text: str) -> list[Glyph]:
        """Return the bitmap of each character of a text.

        Raises:
            BreaksError: the face breaks at one of them.
        """
        key = (face.id, size_px)
        held = self._glyphs.get(key)
        if held is None:
            held = self._glyphs[key] = {}
        try:
            return [held[char] for char in text]
        except KeyError:
            return [held.get(char) or self._made(face, size_px, char, held) for char in text]

    def _made(self, face: Face, size_px: int, char: str, held: dict[str, Glyph]) -> Glyph:
        with drawing(face, char):
            made = self._draw(self.font(face, size_px), char)
        self._keep(held, char, made)
        return made

    def _keep(self, held: dict[str, Glyph], char: str, made: Glyph) -> None:
        held[char] = made
        self._bytes += made.mask.size + 400  # the tuple, the key and the array header
        if self._bytes > self._max_bytes:
            self._glyphs.clear()
            self._bytes = 0

    def lying(self, face: Face, size_px: int, char: str) -> Glyph:
        """Return the bitmap of a character that stands in a column which lies on its left side.

        It is turned by 90 degrees counter-clockwise, in the face's vertical form where it has one;
        `left` and `top` are 0, as its place hangs on its column.

        Raises:
            BreaksError: the face breaks at it.
        """
        held = self._glyphs.setdefault((f"{face.id} lying", size_px), {})
        if char not in held:
            with drawing(face, char):
                self._keep(held, char, self._lying(face, size_px, char))
        return held[char]

    def _lying(self, face: Face, size_px: int, char: str) -> Glyph:
        metrics = metrics_of(face)
        if metrics.shape_down(char).gids == [metrics.nominal(char)]:
            mask = self.glyphs(face, size_px, char)[0].mask
        else:
            # Only raqm's way down draws what `vert` puts in the place of a character.
            core, _ = open_face(face, size_px, shaped=True).getmask2(
                char, mode="L", direction="ttb", anchor="lt"
            )
            mask = np.array(core, np.uint8).reshape(core.size[1], core.size[0])
        # Bitmaps of Pillow reach to the end of the advance; in a column the ink is what is placed.
        mask = np.ascontiguousarray(np.rot90(_inked(mask)))
        if mask.size == 0:
            return BLANK
        mask.flags.writeable = False
        height, width = mask.shape
        return Glyph(mask, width, height, left=0, top=0, marks=small_marks(mask))

    @staticmethod
    def _draw(font: ImageFont.FreeTypeFont, char: str) -> Glyph:
        core, (left, top) = font.getmask2(char, mode="L", anchor="ls")
        width, height = core.size
        if width == 0 or height == 0:
            return BLANK
        mask = np.array(core, np.uint8).reshape(height, width)
        mask.flags.writeable = False
        return Glyph(
            mask=mask,
            width=width,
            height=height,
            left=int(left),
            top=int(top),
            marks=small_marks(mask),
        )
