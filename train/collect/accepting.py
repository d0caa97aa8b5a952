"""Readings that join the training lines without a label, once a sample of them is confirmed.

Pseudo-labels pay where nearly all are right and hurt where they teach the model its own mistakes.
So the readings that nothing speaks against are asked for in part, drawn at random; they are taken
only when the lower bound of the share that is right is high enough: 125 confirmed and none wrong,
185 with one, 239 with two.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from textlines.files import replacing
from textlines.formats.predictions import Turn
from textlines.formats.rows import RowKind, read_rows
from textlines.wilson import wilson

ACCEPTED = "accepted.jsonl"

KIND = RowKind("the accepted readings", "row of accepted readings", "Collect again.")

PRECISION = 0.97
"""Lower 95 % bound of the share of right readings, from which on they are taken."""

CONFIRM = 125
"""Readings asked for at first."""

CONFIRMED_MOST = 239
"""Readings that may be asked for in all: beyond two wrong ones the threshold is too lax."""

TAKEN_MOST = 1000
"""Readings that join the training lines: more teach nothing new, and drown the labels."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A crop whose reading may be taken as its label, in the turn in which it reads so."""

    path: str
    text: str
    turn: Turn = 0


@dataclass(frozen=True, slots=True)
class Confirmation:
    """How many readings were confirmed, of how many.

    >>> Confirmation(125, 125).is_enough, Confirmation(124, 125).missing
    (True, 60)
    >>> Confirmation(120, 125).missing is None
    True
    """

    right: int
    asked: int

    @property
    def low(self) -> float:
        """The lower 95 % bound of the share of right readings."""
        return wilson(self.right, self.asked)[0]

    @property
    def is_enough(self) -> bool:
        """Whether the readings may be taken."""
        return self.low >= PRECISION

    @property
    def missing(self) -> int | None:
        """How many more have to be right; None when no number up to `CONFIRMED_MOST` is enough."""
        wrong = self.asked - self.right
        for more in range(CONFIRMED_MOST - self.asked + 1):
            if wilson(self.right + more, self.asked + more)[0] >= PRECISION:
                return more
        return None if wrong else CONFIRMED_MOST - self.asked


def write_accepted(folder: Path, accepted: Sequence[Accepted]) -> None:
    """Write the accepted readings, or remove those of an earlier call.

    Raises:
        InputError: the file cannot be written.
    """
    if not accepted:
        (folder / ACCEPTED).unlink(missing_ok=True)
        return
    with replacing(folder / ACCEPTED) as out:
        out.writelines(
            json.dumps({"path": one.path, "text": one.text, "turn": one.turn}, ensure_ascii=False)
            + "\n"
            for one in accepted
        )


def read_accepted(folder: Path) -> list[Accepted]:
    """Read the accepted readings of a queue; [] without any.

    Raises:
        InputError: the file is broken.
    """
    if not (folder / ACCEPTED).is_file():
        return []
    return list(
        read_rows(
            folder / ACCEPTED,
            KIND,
            lambda row: Accepted(str(row["path"]), str(row["text"]), row.get("turn", 0)),
        )
    )
