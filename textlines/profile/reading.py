"""One line as a model read it, beside what stands there."""

from dataclasses import dataclass

from textlines.profile.align import Edit


@dataclass(frozen=True, slots=True)
class Reading:
    """A crop, its label, and what the model read.

    Attributes:
        path: of the crop, as the label or prediction file writes it.
        score: how sure the model was, 0..1; None when the file does not say.
    """

    path: str
    label: str
    prediction: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Misread:
    """A line whose reading differs from its label.

    Attributes:
        label, prediction: in NFC.
        edits: the whole alignment, from left to right.
        agreed: nothing but conventions sets the two apart.
        suspected: why the label rather than the reading may be wrong; empty when nothing says so.
    """

    path: str
    label: str
    prediction: str
    score: float | None
    edits: tuple[Edit, ...]
    agreed: bool = False
    suspected: str = ""

    def faults(self) -> tuple[Edit, ...]:
        """Return the steps that are not right."""
        return tuple(edit for edit in self.edits if edit.kind != "right")
