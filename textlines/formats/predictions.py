"""`predictions.jsonl`: what a model of ours read in each crop, one row a crop."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from textlines.formats.rows import RowError, RowKind, parse_row, read_rows, refuse_keys, wrong
from textlines.labels.label_paths import path_fault

KIND = RowKind(
    "the predictions", "row of predictions", "Read the crops again: train evaluate --out FILE.jsonl"
)

CROP_FAULTS = {
    "missing": "crop that is not there",
    "unreadable": "crop that cannot be read",
    "empty": "crop of 0 bytes",
    "not_an_image": "crop that is no image",
    "truncated": "crop cut short",
    "broken": "crop that is broken",
    "too_large": "crop too large for a text line",
}
"""Why a crop could not be read, in words."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one crop: `text` and `score`, or `fault`.

    Attributes:
        path: as the label file has it.
        score: how sure the model was, 0..1.
        fault: why it could not be read, a key of `CROP_FAULTS`; "" when it was.
    """

    path: str
    text: str = ""
    score: float = 0.0
    fault: str = ""


def row_of(outcome: Outcome) -> str:
    """Write one outcome as a line of JSON, with its line feed.

    >>> row_of(Outcome("a.jpg", "값 1", 0.5)), row_of(Outcome("b.jpg", fault="empty"))
    ('{"path": "a.jpg", "text": "값 1", "score": 0.5}\\n', '{"path": "b.jpg", "fault": "empty"}\\n')
    """
    row: dict[str, Any] = {"path": outcome.path}
    row |= (
        {"fault": outcome.fault}
        if outcome.fault
        else {"text": outcome.text, "score": outcome.score}
    )
    return json.dumps(row, ensure_ascii=False) + "\n"


_READ, _FAULT = frozenset({"path", "text", "score"}), frozenset({"path", "fault"})


def outcome(content: dict[str, Any]) -> Outcome:
    """Make an outcome of what a line holds.

    Raises:
        RowError: a key is missing or unknown, or a value is wrong.
    """
    refuse_keys(content, _FAULT if "fault" in content else _READ)
    path = content["path"]
    if type(path) is not str or path_fault(path) is not None:
        raise wrong("path", path, "a path below the folder of images")
    if "fault" in content:
        if content["fault"] not in CROP_FAULTS:
            raise wrong("fault", content["fault"], f"one of {', '.join(CROP_FAULTS)}")
        return Outcome(path, fault=content["fault"])
    text, score = content["text"], content["score"]
    if type(text) is not str:
        raise wrong("text", text, "text")
    # A sum of float32 probabilities may pass 1 by a hair.
    if type(score) not in (int, float) or not isfinite(score) or not 0 <= score <= 1.001:
        raise wrong("score", score, "a number from 0 to 1")
    return Outcome(path, text, float(score))


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
