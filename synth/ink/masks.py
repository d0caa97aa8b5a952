"""Layouts to coverage masks, with the box of every cluster."""

import cv2
import numpy as np
import numpy.typing as npt

from synth.faces.breaking import drawing
from synth.faces.face import Face
from synth.faces.opening import open_face
from synth.ink.glyphs import GlyphCache
from synth.ink.layout import Layout
from textlines.pixels.arrays import Grey

Boxes = npt.NDArray[np.int32]


def draw_mask(layout: Layout, face: Face, glyphs: GlyphCache) -> tuple[Grey, Boxes]:
    """Draw a line's coverage and say where each cluster's ink lies.

    Returns:
        A new `height` x `width` mask, and N x 4 boxes (x0, y0, x1, y1): first one for each
        cluster with ink, then one for each small mark.
    """
    if layout.whole:
        return _draw_whole(layout, face)
    mask = np.zeros((layout.height, layout.width), np.uint8)
    boxes: list[tuple[int, int, int, int]] = []
    marks: list[tuple[int, int, int, int]] = []
    baseline, right, bottom = layout.baseline, layout.width, layout.height
    drawn = glyphs.glyphs(face, layout.size_px, layout.text)
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
            np.maximum(under, bitmap, out=under)
        else:
            _paste_cut(mask, bitmap, x, y)
    return mask, np.array(boxes + marks, np.int32).reshape(-1, 4)


def _paste_cut(mask: Grey, glyph: Grey, x: int, y: int) -> None:
    """Lay a glyph that crosses the border: what is outside is lost."""
    height, width = mask.shape
    h, w = glyph.shape
    x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + w, width), min(y + h, height)
    if x0 < x1 and y0 < y1:
        under = mask[y0:y1, x0:x1]
        np.maximum(under, glyph[y0 - y : y1 - y, x0 - x : x1 - x], out=under)


def _draw_whole(layout: Layout, face: Face) -> tuple[Grey, Boxes]:
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
    return mask, np.array(boxes, np.int32).reshape(-1, 4)
