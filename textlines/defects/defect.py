"""One kind of defect: its code, what becomes of what has it, how bad it is, and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from textlines.wording import UNSAID, Sentence, say

Effect = Literal["changed", "kept", "left_out"]
"""What became of what was counted: it is there and was changed, it is there as it was (and worth
a word), or it is missing."""

EFFECTS: tuple[Effect, ...] = ("changed", "kept", "left_out")
EFFECT_WORDS: Mapping[Effect, str] = {"changed": "changed", "kept": "kept", "left_out": "left out"}
"""As keys of records begin: `left out: no_tab`."""

Severity = Literal["error", "warning", "note"]
"""`--strict` stops at an error, and `balance check` ends with 1 for one."""


@dataclass(frozen=True, slots=True)
class Defect:
    """One kind of defect of a line, an image, a file or a set.

    Whatever is decided about it, is decided by its effect, its severity or its code; its sentences
    are for persons alone.

    Attributes:
        code: as records, JSON and tallies name it; never changed.
        what: it is, as a heading: "line without a tab".
        mend: the way out; `UNSAID` where `what` says all that there is to mend.
        told: as counts tell it, where that says more than `what` and that it was left out.
    """

    code: str
    effect: Effect
    severity: Severity
    what: Sentence
    mend: Sentence = UNSAID
    told: Sentence = UNSAID

    @property
    def sentence(self) -> Sentence:
        """What it is, and what became of it.

        >>> left_out("blank_line", say("blank line")).sentence
        'blank line, left out'
        """
        if self.told:
            return self.told
        return say("{words}, left out", words=self.what) if self.is_loss else self.what

    @property
    def is_loss(self) -> bool:
        """Whether what has it is missing afterwards."""
        return self.effect == "left_out"

    @property
    def is_error(self) -> bool:
        """Whether strict reading stops at it."""
        return self.severity == "error"


Defects = Mapping[str, Defect]
"""Defects by their code."""


def left_out(
    code: str, what: Sentence, mend: Sentence = UNSAID, severity: Severity = "error"
) -> Defect:
    """Return a defect for which something is missing afterwards."""
    return Defect(code, "left_out", severity, what, mend)


def changed(
    code: str,
    what: Sentence,
    mend: Sentence = UNSAID,
    severity: Severity = "warning",
    told: Sentence = UNSAID,
) -> Defect:
    """Return a defect of what is there, and not as it was."""
    return Defect(code, "changed", severity, what, mend, told)


def kept(
    code: str,
    what: Sentence,
    mend: Sentence = UNSAID,
    severity: Severity = "warning",
    told: Sentence = UNSAID,
) -> Defect:
    """Return a defect of what is there as it was."""
    return Defect(code, "kept", severity, what, mend, told)


def by_code(*defects: Defect) -> Defects:
    """Return a table of defects.

    Raises:
        ValueError: two of them have one code.
    """
    table = {defect.code: defect for defect in defects}
    if len(table) < len(defects):
        codes = [defect.code for defect in defects]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        raise ValueError(f"two defects of a table have one code: {', '.join(twice)}")
    return table
