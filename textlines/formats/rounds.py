"""`rounds.json`: what each round of the line began from, taught and cost, and how it ended."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Le

from textlines.formats.contract import (
    Contract,
    Document,
    Record,
    check_version,
    read_document,
    validated,
)
from textlines.wilson import Interval

ROUNDS, ROUNDS_PAGE, TIMES = "rounds.json", "rounds.html", "times.jsonl"

VERSION = 1
"""Of the file. A record of another version is refused."""

KIND = Document("the rounds", "a record of rounds", "Call the line again.")

RoundOutcome = Literal["passed", "failed", "cannot_tell", "not_trained", "nothing_misread"]
"""The gate's, or why there was none: training wins nothing, or nothing is misread."""

Ending = Literal["most", "no_gain", "minutes", "nothing_misread"]
"""Why there is no further round."""

Count = Annotated[int, Ge(0)]
Share = Annotated[float, Ge(0), Le(1)]


class JudgedRow(Contract):
    """One judged set, or all lines to read better: shares of lines read right.

    Attributes:
        name: of a general set; "" for the target.
        lines: that judged. base, candidate: shares read right. change, interval: of the gain.
    """

    name: str = ""
    lines: Count
    base: Share
    candidate: Share
    change: float
    interval: Interval


class TaughtRow(Contract):
    """A character that the round's profile ranks: what taught it, and how it was read.

    Attributes:
        char: one entry of the alphabet. confused: what it was read as most often; "" for nothing.
        support: occurrences in the lines that were mined.
        own, drawn: of the own lines and of the round's drawn lines, those that hold it; None where
            the run does not say.
        before: share read right by the round's profile, out of fold. after: by that of the next
            round; None where there is none, or where it no longer holds the character.
        judged: of its occurrences in the lines that judge.
        judged_base, judged_candidate: shares of these read right by both models of the verdict.
    """

    char: str
    confused: str = ""
    support: Count
    own: Count | None = None
    drawn: Count | None = None
    before: Share
    after: Share | None = None
    judged: Count = 0
    judged_base: Share | None = None
    judged_candidate: Share | None = None


class RoundRow(Contract):
    """One round.

    Attributes:
        number: from 1.
        base: the round whose candidate is to be replaced; 0 is the start model. started: the round
            whose candidate training began from.
        outcome: "" where the round has not ended: its labels are awaited, or it was stopped.
        asked: crops in its queue. labelled: lines that its answers have given.
        own: lines of the team that trained. drawn: lines that it drew.
        target: all lines to read better together; None without a verdict. general: each set.
        since_start: the target by the start model, and by this candidate, where both were read on
            the same lines.
        level: of this verdict's look, two-sided: 0.05 over all looks.
        taught: characters by falling expected gain.
        minutes: by stage. made: the candidate's folder, from that of the work on.
    """

    number: Annotated[int, Ge(1)]
    base: Count
    started: Count = 0
    outcome: RoundOutcome | Literal[""] = ""
    asked: Count = 0
    labelled: Count = 0
    own: Count = 0
    drawn: Count = 0
    target: JudgedRow | None = None
    general: tuple[JudgedRow, ...] = ()
    since_start: JudgedRow | None = None
    level: Share | None = None
    taught: tuple[TaughtRow, ...] = ()
    minutes: Mapping[str, float] = {}
    made: str = ""


class RoundsRecord(Record):
    """All rounds of a line.

    Attributes:
        model: what the first round began from. rounds: in order.
        most, patience, budget: what was asked for; the budget in minutes, 0 for none.
        ending: why there is no further round; "" while there may be.
        awaited: the file of answers that the line waits for; "" for none.
        synthetic: judged by rendered lines.
    """

    version: Literal[1] = 1
    model: str
    rounds: tuple[RoundRow, ...]
    most: Annotated[int, Ge(1)]
    patience: Annotated[int, Ge(1)]
    budget: Annotated[float, Ge(0)] = 0.0
    ending: Ending | Literal[""] = ""
    awaited: str = ""
    synthetic: bool = False

    @property
    def last_passed(self) -> RoundRow | None:
        """The round whose candidate is in use now; None where none passed."""
        return next((row for row in reversed(self.rounds) if row.outcome == "passed"), None)

    @property
    def minutes(self) -> float:
        """What the commands of all rounds have taken."""
        return sum(sum(row.minutes.values()) for row in self.rounds)


def read_rounds(path: Path) -> RoundsRecord:
    """Read `rounds.json`.

    Raises:
        InputError: it is not there, is damaged or of another version.
    """
    content = read_document(path, KIND)
    check_version(content, path, KIND, VERSION)
    return validated(RoundsRecord, content, path, KIND)
