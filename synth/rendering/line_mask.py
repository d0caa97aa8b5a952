"""A text line's coverage: where its glyphs stand, and the box of each cluster."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from synth.corpus.lookalikes import is_unplaced
from synth.draws import Draws
from synth.faces.breaking import drawing
from synth.faces.face_metrics import FaceMetrics, Shaped
from synth.faces.font_face import Face, open_face
from synth.faces.glyph_ink import shared_ink
from synth.rendering.glyph_bitmaps import Box, GlyphCache, small_marks, widened
from synth.rendering.grouping import character_widths, gaps_after, group_sizes
from synth.rendering.style import ImageFile, Text
from textlines.pixels.arrays import Grey

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


SEPARATE = {"liga": False, "clig": False, "calt": False}
"""Features turned off so that each character keeps a glyph of its own."""


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
) -> Layout:
    """Place a text in an image of the style's height; the width follows from the text.

    The stream gives the same number of values for every text.

    Args:
        spread: ems added after each character beside the style's own spacing.
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
    shaped, whole = shaped_line(text, metrics)
    top, bottom = _ink_range(metrics, shaped)
    line = metrics.reference[1] - metrics.reference[0]
    measured = max(top - bottom, LOW_TEXT * line) if by_ink else line
    if is_unplaced(text):
        fill, above, measured = max(fill, KEPT_FILL), 0.5, line
        bottom, top = min(bottom, metrics.reference[0]), max(top, metrics.reference[1])
    if whole:
        steps: Sequence[float] = _cluster_advances(shaped)
        spacing, widths, factors = 0.0, (), ()  # raqm draws the line in one piece
    else:
        steps = _spaced(text, shaped.advances, word_space)
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
    pen = left * height / stretch
    shifts = [0] * len(steps) if whole else [x for x, _ in shaped.offsets]
    for step, shift in zip(steps, shifts, strict=True):
        pens.append(round(pen + shift * scale))
        pen += step * scale + spacing_px
        ends.append(round(pen))
    width = max(output.min_width, round(pen - spacing_px + right * height / stretch))
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
        sizes=tuple(max(LEAST_SIZE_PX, round(size * factor)) for factor in factors),
        starts=tuple(dict.fromkeys(shaped.clusters)) if whole else (),
    )


def shaped_line(text: str, metrics: FaceMetrics) -> tuple[Shaped, bool]:
    """Shape a line, and return whether it is drawn in one piece.

    Raises:
        GrowthError: the face's rules let it grow without end.
    """
    shaped = metrics.shape(text, SEPARATE)
    if _one_to_one(text, shaped):
        return shaped, False
    return metrics.shape(text), True


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


def _one_to_one(text: str, shaped: Shaped) -> bool:
    """Whether each character has one glyph, in order, that stands on the baseline."""
    return (
        len(shaped.gids) == len(text)
        and shaped.clusters == list(range(len(text)))
        and not any(y for _, y in shaped.offsets)
    )


def _ink_range(metrics: FaceMetrics, shaped: Shaped) -> tuple[int, int]:
    """Return the highest and the lowest point of the line's ink, in font units, y up."""
    boxes = [
        (box[3] + offset[1], box[1] + offset[1])
        for box, offset in zip(map(metrics.box, shaped.gids), shaped.offsets, strict=True)
        if box[3] > box[1]
    ]
    if not boxes:
        return metrics.reference[1], metrics.reference[0]
    return max(top for top, _ in boxes), min(bottom for _, bottom in boxes)


def _cluster_advances(shaped: Shaped) -> list[int]:
    """Add up the advances of the glyphs of each cluster, left to right."""
    sums: dict[int, int] = {}
    for cluster, advance in zip(shaped.clusters, shaped.advances, strict=True):
        sums[cluster] = sums.get(cluster, 0) + advance
    return list(sums.values())


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
    if layout.sizes:
        each = zip(layout.sizes, layout.text, strict=True)
        drawn = [glyphs.glyphs(face, size, char)[0] for size, char in each]
    else:
        drawn = glyphs.glyphs(face, layout.size_px, layout.text)
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
