"""A text line's coverage: where its glyphs stand, and the box of each cluster."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from synth.corpus.lookalikes import is_unplaced
from synth.draws import Draws
from synth.faces.breaking import drawing
from synth.faces.face_metrics import FaceMetrics
from synth.faces.font_face import Face, open_face
from synth.faces.glyph_ink import shared_ink
from synth.rendering.columns import set_column
from synth.rendering.glyph_bitmaps import Box, Glyph, GlyphCache, small_marks, widened
from synth.rendering.grouping import character_widths, gaps_after, group_sizes
from synth.rendering.line_runs import ONE_FACE, Run, SetAs, set_line
from synth.rendering.style import Align, ImageFile
from synth.rendering.text_style import Text
from textlines.pixels.arrays import Grey
from textlines.pixels.rectify import TURN_FROM

LEAST_SIZE_PX = 7
"""Below this many pixels per em no face is read by a person."""

MOST_SIZE = 16
"""Pixels per em at most, as a share of the height: only faces whose capitals take less than a
twentieth of an em would be drawn larger."""

LOW_TEXT = 0.55
"""Text lower than this share of the face's line ("-", "...", "一") is sized as if it were this
high: a full stop never fills the image."""


KEPT_FILL = 0.9
"""Of the image's height, at least, for the line of a text that nothing else places: a `z` takes
half of it then, a `Z` three quarters; a comma stands at its foot, an apostrophe at its head."""


BEFORE: Mapping[Align, float] = {"left": 0.0, "centre": 0.5, "right": 1.0}
"""Share of a window's spare width that lies to the left of a line."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A line in an image of `width` x `height` pixels, y down.

    Attributes:
        size_px: pixels per em. baseline: y of the baseline.
        chars, pens: each character with the x of its pen, rounded; empty when `whole`.
        ends: x where each character's advance ends.
        whole: the text is drawn in one piece by raqm, because its glyphs are not one for
            each character (combining marks, shaped scripts); then `pens` and `ends` hold the
            advance of each cluster.
        spacing_px: added after each character. stretch: horizontal scale yet to be done.
        widths: factor on the width of each character; () where all are as the face draws them.
        sizes: pixels per em of each character; () where all are of `size_px`.
        faces: that draws each character; () where one draws all.
        middles: of a column that lies on its left side: the middle of the ink (x, y) of each
            character that lies; None for one that stands; () for any other line.
        starts: the place in the text of each pen's first character, where `whole`; () where pens
            are those of the characters, one by one.
    """

    text: str
    size_px: int
    width: int
    height: int
    baseline: int
    pens: tuple[int, ...]
    ends: tuple[int, ...]
    whole: bool
    spacing_px: float
    stretch: float
    widths: tuple[float, ...] = ()
    sizes: tuple[int, ...] = ()
    faces: tuple[Face, ...] = ()
    middles: tuple[tuple[float, float] | None, ...] = ()
    starts: tuple[int, ...] = ()

    def characters(self, pen: int) -> tuple[int, int]:
        """Return which characters of the text a pen stands for: from, and up to before."""
        if not self.starts:
            return pen, pen + 1
        start = self.starts[pen]
        # Pens go from left to right, and characters may not.
        return start, min((other for other in self.starts if other > start), default=len(self.text))


def lay_out(
    text: str,
    metrics: FaceMetrics,
    style: Text,
    output: ImageFile,
    draws: Draws,
    spread: float = 0.0,
    as_set: SetAs = ONE_FACE,
) -> Layout:
    """Place a text in an image of the style's height; the width follows from text and window.

    The stream gives the same number of values for every text.

    Args:
        spread: ems added after each character beside the style's own spacing.
        as_set: in several faces, none of which shapes its part; as a column (`column_fault`),
            which has letters of one size and no gaps. The file of a vertical line is no shorter
            than what is turned before it is read.
    """
    fill = float(style.fill.draw(draws))
    by_ink = draws.chance(style.ink_share)
    left, right = float(style.left.draw(draws)), float(style.right.draw(draws))
    above = float(style.above.draw(draws))
    spacing, stretch = float(style.spacing.draw(draws)), float(style.stretch.draw(draws))
    spacing += spread
    word_space = float(style.word_space.draw(draws))
    widths = character_widths(text, style.character_width, draws) if style.character_width else ()
    gaps = gaps_after(text, style.gaps, draws) if style.gaps.p else ()
    factors = group_sizes(text, style.sizes, draws) if style.sizes.p else ()
    height = output.height
    shortest: float = output.min_width
    window = float(output.window.width.draw(draws)) * height if output.window.width else 0.0
    if as_set.vertical == "upright" or as_set.vertical == "mixed":
        run, whole = set_column(text, metrics, as_set.vertical, as_set.parts), False
        widths, gaps, factors = (), (), ()
    else:
        run, whole = set_line(text, metrics, as_set.parts)
    if as_set.vertical:
        shortest = max(shortest, TURN_FROM * height / stretch)
        window = 0.0
    top, bottom = run.top, run.bottom
    line = metrics.reference[1] - metrics.reference[0]
    measured = max(top - bottom, LOW_TEXT * line) if by_ink else line
    if is_unplaced(text):
        fill, above, measured = max(fill, KEPT_FILL), 0.5, line
        bottom, top = min(bottom, metrics.reference[0]), max(top, metrics.reference[1])
    if whole:
        steps: Sequence[float] = run.steps
        spacing, widths, factors = 0.0, (), ()  # raqm draws the line in one piece
    else:
        steps = _spaced(text, run.steps, word_space)
        if widths:
            steps = [step * factor for step, factor in zip(steps, widths, strict=True)]
        if factors:
            steps = [step * factor for step, factor in zip(steps, factors, strict=True)]
        if gaps:
            space = min(_space_of(metrics) * word_space, WIDEST_SPACE * metrics.upem)
            steps = [step + gap * space for step, gap in zip(steps, gaps, strict=True)]
    advance = sum(steps) + spacing * metrics.upem * len(steps)
    em = fill * height / measured
    em = min(em, (height - 2) / max(top - bottom, 1))
    room = output.max_width - (left + right) * height
    em = min(em, max(room, 1) / max(advance * stretch, 1))
    size = max(LEAST_SIZE_PX, min(int(em * metrics.upem), MOST_SIZE * height))
    scale = size / metrics.upem
    ink_top, ink_bottom = round(top * scale), round(bottom * scale)
    spare = height - (ink_top - ink_bottom)
    baseline = max(1, round(spare * above)) + ink_top if spare > 1 else ink_top
    spacing_px = spacing * size
    pens, ends = [], []
    length = advance * scale - spacing_px
    beside = window / stretch - (length + (left + right) * height / stretch)
    pen = left * height / stretch + max(beside, 0.0) * BEFORE[output.window.align]
    for step, shift in zip(steps, run.shifts, strict=True):
        pens.append(round(pen + shift * scale))
        pen += step * scale + spacing_px
        ends.append(round(pen))
    needed = round(pen - spacing_px + right * height / stretch)
    width = max(math.ceil(shortest), needed, round(window / stretch))
    return Layout(
        text=text,
        size_px=size,
        width=width,
        height=height,
        baseline=baseline,
        pens=tuple(pens),
        ends=tuple(ends),
        whole=whole,
        spacing_px=spacing_px,
        stretch=stretch,
        widths=widths,
        sizes=_sizes(size, factors, run.scales),
        faces=run.faces,
        middles=_middles(run, pens, baseline, scale),
        starts=run.starts,
    )


def _middles(
    run: Run, pens: Sequence[int], baseline: int, scale: float
) -> tuple[tuple[float, float] | None, ...]:
    return tuple(
        middle and (pen + middle[0] * scale, baseline - middle[1] * scale)
        for pen, middle in zip(pens, run.middles, strict=False)
    )


def _sizes(size: int, factors: tuple[float, ...], scales: tuple[float, ...]) -> tuple[int, ...]:
    """Return pixels per em of each character by its group and its face; () where all are alike."""
    if scales and factors:
        factors = tuple(a * b for a, b in zip(factors, scales, strict=True))
    return tuple(max(LEAST_SIZE_PX, round(size * factor)) for factor in factors or scales)


def _spaced(text: str, advances: Sequence[float], word_space: float) -> Sequence[float]:
    """Widen or narrow the advances of spaces; what is no space keeps its own."""
    if word_space == 1.0 or " " not in text:
        return advances
    pairs = zip(text, advances, strict=True)
    return [step * word_space if char == " " else step for char, step in pairs]


def _space_of(metrics: FaceMetrics) -> float:
    """Return the advance of a space in font units; a quarter of an em where a face has none."""
    gid = metrics.nominal(" ")
    return (metrics.advance(gid) if gid else 0) or metrics.upem / 4


WIDEST_SPACE = 0.3
"""Ems of a space that gaps are shares of: of the wide ones of faces whose characters are all of one
width, half looks like a space of any other face."""


Boxes = npt.NDArray[np.int32]
"""N x 4 int32: x0, y0, x1, y1 in pixels, the upper bounds excluded."""


def bounds_of(boxes: Boxes) -> Box:
    """Return the box around all boxes, x0, y0, x1, y1; there is one at least."""
    low, high = boxes.min(0).tolist(), boxes.max(0).tolist()
    return low[0], low[1], high[2], high[3]


class Inked(NamedTuple):
    """A line's coverage.

    Attributes:
        mask: a new array, the layout's `height` x `width`.
        boxes: N x 4 (x0, y0, x1, y1): first one for each cluster with ink, then one for each small
            mark.
        shared: the ink that the worst two neighbours have in common, as a share of the lesser
            one's, 0..1; 0 for a line that is shaped, whose clusters join by design.
        pens: the pen of each cluster with ink, by its place in the layout.
    """

    mask: Grey
    boxes: Boxes
    shared: float
    pens: tuple[int, ...]


def draw_mask(layout: Layout, face: Face, glyphs: GlyphCache) -> Inked:
    """Draw a line's coverage, with the boxes of ink of its clusters."""
    if layout.whole:
        return _draw_whole(layout, face)
    mask = np.zeros((layout.height, layout.width), np.uint8)
    boxes: list[tuple[int, int, int, int]] = []
    marks: list[tuple[int, int, int, int]] = []
    pens: list[int] = []
    baseline, right, bottom = layout.baseline, layout.width, layout.height
    drawn = _glyphs_of(layout, face, glyphs)
    if layout.widths:
        drawn = [widened(one, factor) for one, factor in zip(drawn, layout.widths, strict=True)]
    inked, shared = -right, 0.0
    before: Grey | None = None
    for at, (glyph, pen) in enumerate(zip(drawn, layout.pens, strict=True)):
        bitmap, w, h, left, top, small = glyph
        if h == 0:
            continue
        x, y = pen + left, baseline + top
        pens.append(at)
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
    return Inked(mask, np.array(boxes + marks, np.int32).reshape(-1, 4), shared, tuple(pens))


def _glyphs_of(layout: Layout, face: Face, glyphs: GlyphCache) -> list[Glyph]:
    """Return the bitmap of each character; of one that lies, with its place beside its pen."""
    if layout.middles:
        return [_in_column(layout, at, face, glyphs) for at in range(len(layout.text))]
    if not (layout.sizes or layout.faces):
        return glyphs.glyphs(face, layout.size_px, layout.text)
    count = len(layout.text)
    faces, sizes = layout.faces or (face,) * count, layout.sizes or (layout.size_px,) * count
    each = zip(faces, sizes, layout.text, strict=True)
    return [glyphs.glyphs(its_face, size, char)[0] for its_face, size, char in each]


def _in_column(layout: Layout, at: int, face: Face, glyphs: GlyphCache) -> Glyph:
    char, middle = layout.text[at], layout.middles[at]
    face = layout.faces[at] if layout.faces else face
    size = layout.sizes[at] if layout.sizes else layout.size_px
    if middle is None:
        return glyphs.glyphs(face, size, char)[0]
    glyph = glyphs.lying(face, size, char)
    x, y = round(middle[0] - glyph.width / 2), round(middle[1] - glyph.height / 2)
    return glyph._replace(left=x - layout.pens[at], top=y - layout.baseline)


def _paste_cut(mask: Grey, glyph: Grey, x: int, y: int) -> None:
    """Lay a glyph that crosses the border: what is outside is lost."""
    height, width = mask.shape
    h, w = glyph.shape
    x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + w, width), min(y + h, height)
    if x0 < x1 and y0 < y1:
        under = mask[y0:y1, x0:x1]
        np.maximum(under, glyph[y0 - y : y1 - y, x0 - x : x1 - x], out=under)


def _draw_whole(layout: Layout, face: Face) -> Inked:
    """Draw a shaped line in one piece; a cluster's box is its advance by the rows with ink.

    What stands apart in it and is small beside a cluster (tone marks, dots) has a box of its own.
    """
    with drawing(face, layout.text):
        font = open_face(face, layout.size_px, shaped=True)
        core, (left, top) = font.getmask2(layout.text, mode="L", anchor="ls")
    w, h = core.size
    drawn = np.array(core, np.uint8).reshape(h, w)
    mask = np.zeros((layout.height, layout.width), np.uint8)
    _paste_cut(mask, drawn, layout.pens[0] + int(left), layout.baseline + int(top))
    boxes, pens = [], []
    for at, (pen, end) in enumerate(zip(layout.pens, layout.ends, strict=True)):
        columns = mask[:, max(min(pen, end), 0) : max(pen, end)]
        if not columns.any():
            continue
        x, y, wide, high = cv2.boundingRect(columns)
        x += max(min(pen, end), 0)
        pens.append(at)
        boxes.append((x, y, x + wide, y + high))
    marks = [
        mark
        for mark in small_marks(mask, clusters=max(len(boxes), 1))
        if not any(_are_one(mark, box) for box in boxes)
    ]
    return Inked(mask, np.array([*boxes, *marks], np.int32).reshape(-1, 4), 0.0, tuple(pens))


def _are_one(mark: Box, box: Box) -> bool:
    """Whether a part is a cluster whole, but for the edges of its ink: it is judged already."""
    return all(abs(ours - its) <= 2 for ours, its in zip(mark, box, strict=True))
