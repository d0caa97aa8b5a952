"""What own lines teach, what drawn lines teach, and what nothing teaches: a part of `run.json`."""

from collections.abc import Mapping
from typing import Annotated, Literal

from annotated_types import Ge
from pydantic import Field

from textlines.formats.contract import Contract, SaidRecord
from textlines.wording import UNSAID, Sentence

Kind = Literal["character", "pair", "part", "pattern", "length", "space"]

Count = Annotated[int, Ge(0)]

MOST_ROWS = 500
"""Of patterns and of pairs; the rarest are left out and counted. Characters have a row each."""


class TeachingRow(Contract):
    """One character of production (or pair, part, pattern, length; or the space), in lines.

    Attributes:
        name: the character; two with a space between them for a pair; "5-8" for a length.
        used: lines of production that hold it. own: of the own lines. drawn: of the drawn lines.
        asked: drawn lines that were planned for its sake.
        needed: drawn lines with it that an epoch needs beside the own ones; 0 where these do.
        why: why nothing teaches it, or too little does; "" where own and drawn lines do.
        said: the same with its figures apart, where it has any (`Sentence.record_of_figures`).
    """

    kind: Kind
    name: str
    used: Count
    own: Count
    drawn: Count
    asked: Count = 0
    needed: Count = 0
    why: Sentence = UNSAID
    said: SaidRecord = Field(default_factory=dict)

    def spoken(self) -> Sentence:
        """Return why, as pages of any language can show it."""
        return self.why.as_said(self.said)


class Teaching(Contract):
    """What the lines of a run and own lines teach together.

    Attributes:
        own, production, drawn: lines.
        of: what production was taken from: "like", "own lines".
        enough: own lines with a character from which on it counts as taught.
        rows: by kind, by falling use. left_out: patterns and pairs beyond `MOST_ROWS`.
    """

    own: Count
    production: Count
    drawn: Count
    of: str
    enough: Annotated[int, Ge(1)]
    rows: tuple[TeachingRow, ...]
    left_out: Mapping[str, Count] = {}
