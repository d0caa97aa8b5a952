"""`predictions.jsonl`: what a model of ours read in each crop, one row a crop."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, Literal, get_args

from textlines.defects.of_readings import IMAGE_FAULTS
from textlines.formats.rows import RowError, RowKind, parse_row, read_rows, refuse_keys, wrong
from textlines.labels.label_paths import path_fault

KIND = RowKind(
    "the predictions", "row of predictions", "Read the crops again: train evaluate --out FILE.jsonl"
)

Turn = Literal[0, 90, 180, 270]
"""Degrees, counter-clockwise, by which a crop is turned before it is read."""

TURNS: tuple[Turn, ...] = get_args(Turn)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one crop: `text` and `score`, or `fault`.

    Attributes:
        path: as the label file has it.
        score: how sure the model was, 0..1.
        fault: why it could not be read, a code of `IMAGE_FAULTS`; "" when it was.
        turn: by which the crop was turned for `text` to be read; 0 as it lies.
        unturned: what was read in the crop as it lies; None without a turn, or when nobody says.
    """

    path: str
    text: str = ""
    score: float = 0.0
    fault: str = ""
    turn: Turn = 0
    unturned: str | None = None

    @property
    def as_it_lies(self) -> str:
        """What is read in the crop when it is not turned; "" when nobody says."""
        return (self.unturned or "") if self.turn else self.text


def row_of(outcome: Outcome) -> str:
    r"""Write one outcome as a line of JSON, with its line feed.

    >>> row_of(Outcome("a.jpg", "값 1", 0.5)), row_of(Outcome("b.jpg", fault="empty"))
    ('{"path": "a.jpg", "text": "값 1", "score": 0.5}\n', '{"path": "b.jpg", "fault": "empty"}\n')
    """
    row: dict[str, Any] = {"path": outcome.path}
    row |= (
        {"fault": outcome.fault}
        if outcome.fault
        else {"text": outcome.text, "score": outcome.score}
    )
    if outcome.turn:
        row["turn"] = outcome.turn
        if outcome.unturned is not None:
            row["unturned"] = outcome.unturned
    return json.dumps(row, ensure_ascii=False) + "\n"


_READ, _FAULT = frozenset({"path", "text", "score"}), frozenset({"path", "fault"})

_OF_TURNED = frozenset({"turn", "unturned"})
"""Keys that a row may lack: of a crop that was turned."""


def outcome(content: dict[str, Any]) -> Outcome:
    """Make an outcome of what a line holds.

    Raises:
        RowError: a key is missing or unknown, or a value is wrong.
    """
    turned = _OF_TURNED & content.keys()
    refuse_keys(content, _FAULT if "fault" in content else _READ | turned)
    path = content["path"]
    if type(path) is not str or path_fault(path) is not None:
        raise wrong("path", path, "a path below the folder of images")
    if "fault" in content:
        if content["fault"] not in IMAGE_FAULTS:
            raise wrong("fault", content["fault"], f"one of {', '.join(IMAGE_FAULTS)}")
        return Outcome(path, fault=content["fault"])
    text, score = content["text"], content["score"]
    if type(text) is not str:
        raise wrong("text", text, "text")
    # A sum of float32 probabilities may pass 1 by a hair.
    if type(score) not in (int, float) or not isfinite(score) or not 0 <= score <= 1.001:
        raise wrong("score", score, "a number from 0 to 1")
    turn, unturned = content.get("turn", 0), content.get("unturned")
    if type(turn) is not int or turn not in TURNS:
        raise wrong("turn", turn, f"one of {', '.join(map(str, TURNS))}")
    if "unturned" in content and (type(unturned) is not str or not turn):
        raise wrong("unturned", unturned, "text beside a turn")
    return Outcome(path, text, float(score), turn=turn, unturned=unturned)


def outcome_of(row: str) -> Outcome:
    """Read one line.

    Raises:
        RowError: it is no such line.
    """
    return outcome(parse_row(row))


def read_outcomes(path: Path) -> Iterator[Outcome]:
    """Read a file of predictions row by row.

    Raises:
        InputError: the file cannot be read, or a line is no row.
    """
    return read_rows(path, KIND, outcome, whole=False)


def is_predictions(text: str) -> bool:
    """Whether a file's first line is a row as we write it: others have JSON lines of their own."""
    try:
        return bool(outcome_of(text.lstrip().partition("\n")[0]))
    except RowError:
        return False
