"""How text lies in its image: the table `[text]` of a style."""

from collections.abc import Mapping
from itertools import accumulate
from typing import Annotated, Literal

from pydantic import Field, field_validator

from synth.draws import Draws
from synth.rendering.spans import MOST, Span, SpanField, StyleTable


class Gaps(StyleTable):
    """Gaps between the groups of a text that its label does not tell, as on plates.

    They stand beside no space, and are narrower than one by far, so that none is read there.
    Shaped lines, which are drawn in one piece, have none.

    p: share of lines that have gaps, 0..1.
    amount: of a gap, as a share of the width of a space in this line (of 0.3 em, where that is
        wider), 0..0.5.
    every: after each so many letters and digits of a word, counted from the left; 0: not counted.
    changes: share of the lines with gaps that have them where letters and digits meet, or two
        scripts, 0..1.
    """

    p: float = Field(0.0, ge=0, le=1)
    amount: SpanField = Span(low=0.2, high=0.5)
    every: SpanField = Span(low=0, high=0)
    changes: float = Field(1.0, ge=0, le=1)


class Sizes(StyleTable):
    """Groups of a text that are smaller than the others, all on one baseline.

    Groups are words, and letters and digits that meet. One of them keeps its size, and so does each
    that only its size tells apart (a `c` alone). Shaped lines are of one size.

    p: share of lines with groups of several sizes, 0..1. factor: on the size of a group, 0.5..1.
    """

    p: float = Field(0.0, ge=0, le=1)
    factor: SpanField = Span(low=0.6, high=0.9)


class SecondFace(StyleTable):
    """Lines of which a part is drawn in a second face, all on one baseline and of one size.

    The plan chooses both faces, each by what it draws; shaped lines are drawn in one, and so are
    codes, in which only one face's own forms tell an O from a 0.

    p: share of lines with a second face, 0..1, of those that have a part for it.
    at: what it draws. script: Latin letters, digits and signs beside another script. group: one
        group of letters or digits. word: all words after one, as a value behind its name.
    """

    p: float = Field(0.0, ge=0, le=1)
    at: Literal["script", "group", "word"] = "script"


VerticalForm = Literal["upright", "mixed", "turned"]
"""Of `textlines.formats.plan_rows.Vertical`."""


class VerticalText(StyleTable):
    """Lines that are set vertically. Their files lie, as the recognizer is given them.

    A crop 1.5 times as high as wide is turned by 90 degrees counter-clockwise before it is read:
    the top of a column comes to the left. The height of a file is the width of the column.

    p: share of lines, 0..1, of those that can be set so.
    forms: weights of the ways. upright: characters stand one below the other. mixed: words of Latin
        letters and digits lie along the column. turned: the line is turned whole and read upwards,
        so that its file stands on its head.
    """

    p: float = Field(0.0, ge=0, le=1)
    forms: Mapping[VerticalForm, Annotated[float, Field(ge=0, le=MOST)]] = {"upright": 1.0}

    @field_validator("forms")
    @classmethod
    def _are_drawn(cls, forms: Mapping[VerticalForm, float]) -> Mapping[VerticalForm, float]:
        if not any(forms.values()):
            raise ValueError("all weights are 0: no way is ever drawn")
        return forms

    def draw(self, draws: Draws) -> VerticalForm:
        """Draw one of the ways, the same whatever their order in the file."""
        forms = sorted(self.forms)
        return draws.weighted(forms, list(accumulate(self.forms[form] for form in forms)))


class Text(StyleTable):
    """How text lies in the image.

    fill: height of the text as a share of the image's height.
    ink_share: how often `fill` measures the ink of this very text, 0..1, and not the face's
        line (so that "acne" stays lower than "Happy").
    left, right: margins as shares of the image's height. above: where the spare height
        goes, 0 = all below the text, 1 = all above it.
    spacing: extra advance after each character as a share of the size (em).
    stretch: horizontal scale, 1 = as the face draws it.
    word_space: factor on the advance of spaces; lines of shaped scripts are left as they are.
    character_width: factor on the width of each character, drawn for each; spaces, marks and
        `KEPT_WIDE` keep theirs, and lines of shaped scripts do. None: as the face draws them.
    gaps: see `Gaps`. sizes: see `Sizes`. faces: see `SecondFace`.
    vertical: see `VerticalText`.
    rise: how far one end of a turned line may lie above the other, as a share of the height. A
        crop is cut around its line, so 2 degrees that a short line shows would press a long one
        down to a third of its crop: a long line turns less.
    """

    fill: SpanField = Span(low=0.7, high=0.9)
    ink_share: float = Field(0.5, ge=0, le=1)
    left: SpanField = Span(low=0.05, high=0.3)
    right: SpanField = Span(low=0.05, high=0.3)
    above: SpanField = Span(low=0.3, high=0.7)
    spacing: SpanField = Span(low=0.0, high=0.0)
    stretch: SpanField = Span(low=1.0, high=1.0)
    word_space: SpanField = Span(low=1.0, high=1.0)
    character_width: SpanField | None = None
    gaps: Gaps = Gaps()
    sizes: Sizes = Sizes()
    faces: SecondFace = SecondFace()
    vertical: VerticalText = VerticalText()
    rise: float = Field(0.18, ge=0, le=10)
