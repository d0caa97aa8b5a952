"""How a planned line is set beside its face: vertically, in part in a second face, or both.

The plan asks for each line once its face is chosen, as both hang on what faces hold, and as the
file of a vertical line says nothing of itself. Most lines of a style may be neither (a script that
joins, a text with no part for another face): those are set as any line, and counted by why.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from synth.draws import Draws
from synth.faces.face_metrics import metrics_of
from synth.faces.face_pool import FacePool
from synth.rendering.columns import SEGMENTS, column_fault, turned_fault
from synth.rendering.grouping import spans_beside
from synth.rendering.line_proof import shaped_once
from synth.rendering.line_runs import FacePart, in_parts
from synth.rendering.style import Style
from textlines.formats.plan_rows import FaceSpan, Setting, Vertical

NO_PART, SHAPED, NO_SECOND = (
    "texts without a part for it",
    "shaped lines",
    "no other face may draw the part",
)
"""Why a line that was to have a second face has none."""


class LineSetter:
    """Sets lines as a style says.

    Args:
        pool: the faces that lines are planned with.

    Attributes:
        counts: lines by how they are set, and by why they are not ("vertical: upright",
            "not vertical: texts of one character").
    """

    def __init__(self, style: Style, pool: FacePool) -> None:
        self._style, self._pool = style, pool
        self.counts: Counter[str] = Counter()

    @classmethod
    def of(cls, style: Style, pool: FacePool) -> "LineSetter | None":
        """Return what sets the lines of a style; None where all are set in one way."""
        return cls(style, pool) if style.text.faces.p or style.text.vertical.p else None

    def set(self, text: str, face: str, draws: Draws) -> Setting:
        """Draw how one line is set.

        Args:
            face: the id of the face that was chosen for it.
            draws: a stream of this line alone.
        """
        vertical = self._style.text.vertical
        form: Vertical = ""
        if vertical.p and draws.chance(vertical.p):
            form = vertical.draw(draws)
            fault = self._vertical_fault(text, face, form)
            self.counts[f"not vertical: {fault}" if fault else f"vertical: {form}"] += 1
            if fault:
                form = ""
        second = self._style.text.faces
        if second.p and draws.chance(second.p):
            parts = self._parts(text, face, draws)
            why = parts if isinstance(parts, str) else self._vertical_fault(text, face, form, parts)
            if why is None and not isinstance(parts, str):
                self.counts["with a second face"] += 1
                return Setting(parts=parts, vertical=form)
            self.counts[f"without a second face: {why}"] += 1
        return Setting(vertical=form)

    def _vertical_fault(
        self, text: str, face_id: str, form: Vertical, parts: Sequence[FaceSpan] = ()
    ) -> str | None:
        """Return why a text is not set so; None where it is, and of a line that is not vertical."""
        face = self._pool.by_id(face_id)
        if not form:
            return None
        if face.kind == "seven_segment":
            return SEGMENTS
        if form == "turned":
            return turned_fault(text)
        others = [FacePart(a, b, self._pool.by_id(other)) for a, b, other in parts]
        return column_fault(text, metrics_of(face), form, in_parts(text, face, others))

    def _parts(self, text: str, first: str, draws: Draws) -> tuple[FaceSpan, ...] | str:
        """Return what a second face draws, or why none does."""
        spans = spans_beside(text, self._style.text.faces, draws)
        if not spans:
            return NO_PART
        places = sorted({0, len(text), *(place for span in spans for place in span)})
        face = self._pool.by_id(first)
        if any(shaped_once(face, text[a:b])[1] for a, b in pairwise(places)):
            return SHAPED
        other = self._pool.choose_beside(first, text, spans, draws)
        if other is None:
            return NO_SECOND
        second = self._pool.by_id(other)
        if any(shaped_once(second, text[a:b])[1] for a, b in spans):
            return SHAPED
        return tuple(FaceSpan(start, end, other) for start, end in spans)
