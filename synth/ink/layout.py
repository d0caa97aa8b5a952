"""Where each glyph of a line stands, before anything is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

from synth.corpus.lookalikes import is_unplaced
from synth.draws import Draws
from synth.faces.face_metrics import FaceMetrics, Shaped
from synth.styles.model import Output, Text

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


def lay_out(
    text: str,
    metrics: FaceMetrics,
    style: Text,
    output: Output,
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
        spacing = 0.0  # raqm draws the line in one piece
    else:
        steps = _spaced(text, shaped.advances, word_space)
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
        text, size, width, height, baseline, tuple(pens), tuple(ends), whole, spacing_px, stretch
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


def _one_to_one(text: str, shaped: Shaped) -> bool:
    """Say whether each character has one glyph, in order, that stands on the baseline."""
    return (
        len(shaped.gids) == len(text)
        and shaped.clusters == list(range(len(text)))
        and not any(y for _, y in shaped.offsets)
    )


def _ink_range(metrics: FaceMetrics, shaped: Shaped) -> tuple[int, int]:
    """Give the highest and the lowest point of the line's ink, in font units, y up."""
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
