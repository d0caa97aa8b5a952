"""Which round comes next, from which model, and when there is none: a function of how they ended.

A round that has ended leaves `round.json`, last of all. It stays ended, whatever changes later:
its verdict has looked at the lines that judge, and to take it anew until it passes would be to
judge by chance. Labels and settings that change count from the next round on. A round is made anew
when its folder is deleted, and so are those after it: each record holds the hash of what came
before it.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ValidationError

from textlines.files import replacing, sha256_of
from textlines.formats.rounds import Ending, RoundOutcome
from train.pipeline.places import round_name
from train.pipeline.settings import Rounds

RECORD = "round.json"

CODES: dict[RoundOutcome, int] = {
    "passed": 0,
    "failed": 1,
    "cannot_tell": 3,
    "not_trained": 1,
    "nothing_misread": 3,
}
"""With what the line would end on a round: as its gate ends, or as the step that found nothing."""


class EndedRound(BaseModel, frozen=True, extra="forbid"):
    """How a round ended. Holds no time: the same work gives the same bytes.

    Attributes:
        number: from 1. base: the round whose candidate it was judged against; 0 is the start model.
        started: the round whose candidate it was trained from; 0 is the start model.
        outcome: of its gate; "not_trained" where the folds found nothing that training wins,
            "nothing_misread" where the lines that the last round trained on are all read right.
        looks: verdicts that the lines to judge by were to serve for.
        before: sha256 of the start model and of the records of all rounds before.
        verdict: sha256 of `verdict.json`; "" where there is none.
    """

    format: Literal[1] = 1
    number: int
    base: int
    started: int
    outcome: RoundOutcome
    looks: int
    before: str
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Next:
    """The round to begin, or to go on with.

    Attributes:
        number: from 1. base: the last round that passed; 0 where none has.
    """

    number: int
    base: int


def next_round(
    outcomes: Sequence[RoundOutcome], settings: Rounds, minutes: float = 0.0
) -> Next | Ending:
    """Return which round comes after those that have ended, or why there is none.

    Args:
        outcomes: of the rounds, in order.
        minutes: that their commands have taken together.

    >>> next_round(["passed", "failed"], Rounds(most=5))
    Next(number=3, base=1)
    >>> next_round(["passed", "failed", "cannot_tell"], Rounds(most=5))
    'no_gain'
    >>> next_round(["passed"], Rounds(most=5, minutes=30), 31.5)
    'minutes'
    """
    if outcomes and outcomes[-1] == "nothing_misread":
        return "nothing_misread"
    if len(outcomes) >= settings.most:
        return "most"
    lately = outcomes[-settings.patience :]
    if len(lately) == settings.patience and "passed" not in lately:
        return "no_gain"
    if outcomes and settings.minutes and minutes >= settings.minutes:
        return "minutes"
    return Next(len(outcomes) + 1, last_passed(outcomes))


def last_passed(outcomes: Sequence[RoundOutcome]) -> int:
    """Return the number of the last round that passed, 0 for none.

    >>> last_passed(["passed", "failed"]), last_passed([])
    (1, 0)
    """
    return max((n for n, outcome in enumerate(outcomes, 1) if outcome == "passed"), default=0)


def code_of(outcomes: Sequence[RoundOutcome]) -> int:
    """Return the exit code of rounds: 0 where one passed, else that of the last.

    >>> code_of(["passed", "failed"]), code_of(["failed", "cannot_tell"]), code_of([])
    (0, 3, 0)
    """
    if not outcomes or "passed" in outcomes:
        return 0
    return CODES[outcomes[-1]]


def write_ended(home: Path, ended: EndedRound) -> None:
    """Write the record of a round that has ended.

    Raises:
        InputError: it cannot be written.
    """
    with replacing(home / round_name(ended.number) / RECORD) as out:
        out.write(json.dumps(ended.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n")


def read_ended(home: Path, start: Path) -> tuple[list[EndedRound], str]:
    """Read the records of the rounds that have ended, each of which knows those before it.

    A round counts as begun where its record is of another history, or its verdict or the candidate
    that passed is gone.

    Args:
        start: the folder of the start model.

    Returns:
        The records in order, and the hash of all of them, which the next record is to hold.
    """
    ended: list[EndedRound] = []
    before = sha256_of(start / "model.toml")
    while True:
        path = home / round_name(len(ended) + 1) / RECORD
        try:
            content = path.read_bytes()
            record = EndedRound.model_validate_json(content)
        except (OSError, ValidationError):
            return ended, before
        if (record.number, record.before) != (len(ended) + 1, before):
            return ended, before
        if not _is_whole(path.parent, record):
            return ended, before
        ended.append(record)
        before = hashlib.sha256(before.encode() + content).hexdigest()


def _is_whole(folder: Path, record: EndedRound) -> bool:
    if record.outcome == "passed" and not (folder / "export/candidate/export.toml").is_file():
        return False
    verdict = folder / "gate/verdict.json"
    return not record.verdict or (verdict.is_file() and sha256_of(verdict) == record.verdict)
