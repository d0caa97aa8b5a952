"""The characters of a line as a face sets them, in font units: advances, shifts, the ink's range.

Where several faces draw a line each sets its own part, at the size of the first; kerning ends where
a part does.
"""

from collections.abc import Sequence
from typing import NamedTuple

from synth.faces.face_metrics import SEPARATE, FaceMetrics, Shaped, metrics_of
from synth.faces.font_face import Face
from textlines.formats.plan_rows import Vertical

ALIKE = 1.25
"""Times by which the line of a second face may be higher than that of the first, or lower, where
both are set at one size. Beyond that it is set smaller, or larger: an em of display faces and of
some hands says little of how high they are."""


class FacePart(NamedTuple):
    """The characters from `start` to before `end` of a line, and the face that draws them."""

    start: int
    end: int
    face: Face


class SetAs(NamedTuple):
    """How a line is set beside its first face.

    Attributes:
        parts: of a line that several faces draw: all of it, in order; () of any other.
        vertical: how it is set vertically.
    """

    parts: tuple[FacePart, ...] = ()
    vertical: Vertical = ""


ONE_FACE = SetAs()
"""Of a line that is set as most are."""


def in_parts(text: str, face: Face, others: Sequence[FacePart]) -> tuple[FacePart, ...]:
    """Cut a line into the parts of its faces, in order; () where its first face draws it all.

    Args:
        others: what other faces draw.
    """
    parts: list[FacePart] = []
    for other in others:
        end = parts[-1].end if parts else 0
        if end < other.start:
            parts.append(FacePart(end, other.start, face))
        parts.append(other)
    if parts and parts[-1].end < len(text):
        parts.append(FacePart(parts[-1].end, len(text), face))
    return tuple(parts)


class Run(NamedTuple):
    """A line as it is set, in font units of its first face, y up.

    Attributes:
        steps: advance of each character, or of each cluster of a line drawn in one piece.
        shifts: by which each stands off its pen.
        top, bottom: of the ink.
        faces: of each character; () where one face draws all.
        scales: factor on the size of each character; () where all are of one size.
        middles: of a column that lies on its left side (`synth.rendering.columns`): the middle of
            each character's ink, from its pen and up; None for one that stands.
        starts: of a line drawn in one piece, the place in the text of each cluster's first
            character, in the order of the steps; () of any other.
    """

    steps: Sequence[float]
    shifts: Sequence[float]
    top: float
    bottom: float
    faces: tuple[Face, ...] = ()
    scales: tuple[float, ...] = ()
    middles: tuple[tuple[float, float] | None, ...] = ()
    starts: tuple[int, ...] = ()


def set_line(text: str, metrics: FaceMetrics, parts: Sequence[FacePart] = ()) -> tuple[Run, bool]:
    """Set a line, and return whether it is drawn in one piece.

    Args:
        metrics: of the line's first face.
        parts: of a line that several faces draw: all of it, in order; () of any other.

    Raises:
        GrowthError: a face's rules let it grow without end.
    """
    if parts:
        return _set_in_parts(text, metrics, parts), False
    shaped, whole = shaped_line(text, metrics)
    top, bottom = _ink_range(metrics, shaped)
    if whole:
        steps = _cluster_advances(shaped)
        starts = tuple(dict.fromkeys(shaped.clusters))
        return Run(steps, [0] * len(steps), top, bottom, starts=starts), True
    return Run(shaped.advances, [x for x, _ in shaped.offsets], top, bottom), False


def _set_in_parts(text: str, metrics: FaceMetrics, parts: Sequence[FacePart]) -> Run:
    run = Run([], [], -float("inf"), float("inf"))
    for start, end, face in parts:
        of_part = metrics_of(face)
        shaped = of_part.shape(text[start:end], SEPARATE)
        factor = scale_beside(of_part, metrics)
        scale = factor * metrics.upem / of_part.upem
        top, bottom = _ink_range(of_part, shaped)
        run = Run(
            [*run.steps, *(advance * scale for advance in shaped.advances)],
            [*run.shifts, *(x * scale for x, _ in shaped.offsets)],
            max(run.top, top * scale),
            min(run.bottom, bottom * scale),
            (*run.faces, *[face] * (end - start)),
            (*run.scales, *[factor] * (end - start)),
        )
    return run if any(scale != 1.0 for scale in run.scales) else run._replace(scales=())


def scale_beside(face: FaceMetrics, first: FaceMetrics) -> float:
    """Return the factor on the size of a face beside the first of its line."""
    heights = [(one.reference[1] - one.reference[0]) / one.upem for one in (first, face)]
    times = heights[1] / max(heights[0], 1e-6)
    return round(min(max(times, 1 / ALIKE), ALIKE) / max(times, 1e-6), 4)


def shaped_line(text: str, metrics: FaceMetrics) -> tuple[Shaped, bool]:
    """Shape a line, and return whether it is drawn in one piece.

    Raises:
        GrowthError: the face's rules let it grow without end.
    """
    shaped = metrics.shape(text, SEPARATE)
    if _one_to_one(text, shaped):
        return shaped, False
    return metrics.shape(text), True


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
