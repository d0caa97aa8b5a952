"""Layouts to coverage masks, with the box of every cluster."""

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from synth.faces.breaking import drawing
from synth.faces.face import Face
from synth.faces.opening import open_face
from synth.faces.shared_ink import shared_ink
from synth.ink.glyphs import GlyphCache
from synth.ink.layout import Layout
from textlines.pixels.arrays import Grey

Boxes = npt.NDArray[np.int32]


class Inked(NamedTuple):
    """A line's coverage.

    Attributes:
        mask: a new array, the layout's `height` x `width`.
        boxes: N x 4 (x0, y0, x1, y1): first one for each cluster with ink, then one for each small
            mark.
        shared: the ink that the worst two neighbours have in common, as a share of the lesser
            one's, 0..1; 0 for a line that is shaped, whose clusters join by design.
    """

    mask: Grey
    boxes: Boxes
    shared: float


def draw_mask(layout: Layout, face: Face, glyphs: GlyphCache) -> Inked:
    """Draw a line's coverage and tell where each cluster's ink lies."""
    if layout.whole:
        return _draw_whole(layout, face)
    mask = np.zeros((layout.height, layout.width), np.uint8)
    boxes: list[tuple[int, int, int, int]] = []
    marks: list[tuple[int, int, int, int]] = []
    baseline, right, bottom = layout.baseline, layout.width, layout.height
    drawn = glyphs.glyphs(face, layout.size_px, layout.text)
    inked, shared = -right, 0.0
    before: Grey | None = None
    for glyph, pen in zip(drawn, layout.pens, strict=True):
        bitmap, w, h, left, top, small = glyph
        if h == 0:
            continue
        x, y = pen + left, baseline + top
        boxes.append((x, y, x + w, y + h))
        for x0, y0, x1, y1 in small:
            marks.append((x + x0, y + y0, x + x1, y + y1))
        if x >= 0 and y >= 0 and x + w <= right and y + h <= bottom:
            under = mask[y : y + h, x : x + w]
            if x < inked and before is not None:
                shared = max(shared, shared_ink(under, bitmap, before, bitmap))
            np.maximum(under, bitmap, out=under)
        else:
            _paste_cut(mask, bitmap, x, y)
        inked, before = max(inked, x + w), bitmap
    return Inked(mask, np.array(boxes + marks, np.int32).reshape(-1, 4), shared)


def _paste_cut(mask: Grey, glyph: Grey, x: int, y: int) -> None:
    """Lay a glyph that crosses the border: what is outside is lost."""
    height, width = mask.shape
    h, w = glyph.shape
    x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + w, width), min(y + h, height)
    if x0 < x1 and y0 < y1:
        under = mask[y0:y1, x0:x1]
        np.maximum(under, glyph[y0 - y : y1 - y, x0 - x : x1 - x], out=under)


def _draw_whole(layout: Layout, face: Face) -> Inked:
    """Draw a shaped line in one piece; a cluster's box is its advance by the rows with ink."""
    with drawing(face, layout.text):
        font = open_face(face, layout.size_px, shaped=True)
        core, (left, top) = font.getmask2(layout.text, mode="L", anchor="ls")
    w, h = core.size
    drawn = np.array(core, np.uint8).reshape(h, w)
    mask = np.zeros((layout.height, layout.width), np.uint8)
    _paste_cut(mask, drawn, layout.pens[0] + int(left), layout.baseline + int(top))
    boxes = []
    for pen, end in zip(layout.pens, layout.ends, strict=True):
        columns = mask[:, max(min(pen, end), 0) : max(pen, end)]
        if not columns.any():
            continue
        x, y, wide, high = cv2.boundingRect(columns)
        x += max(min(pen, end), 0)
        boxes.append((x, y, x + wide, y + high))
    return Inked(mask, np.array(boxes, np.int32).reshape(-1, 4), 0.0)
