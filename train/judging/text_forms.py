"""Predictions in text files: a table with a header, and what PaddleOCR's readers write."""

import ast
import re
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, Literal

from textlines.defects import of_lines, of_readings
from textlines.errors import InputError
from textlines.labels.canonical import LabelError, canonical, short
from textlines.labels.tally import Tally
from textlines.parsing import parse_json

Form = Literal["table", "infer_rec", "predict_rec", "printed", "res_json", "rapidocr"]

FORMS: dict[Form, str] = {
    "table": "table with a header (path, truth, prediction[, score])",
    "infer_rec": "output of PaddleOCR's tools/infer_rec.py",
    "predict_rec": "log of PaddleOCR's tools/infer/predict_rec.py",
    "printed": "what `res.print()` of PaddleOCR 3.x prints, one result a line",
    "res_json": "res.json of PaddleOCR 3.x",
    "rapidocr": "RapidOCR results as JSON",
}

COLUMNS = ("path", "truth", "prediction", "score")

Lines = list[tuple[int, list[str]]]
"""Line numbers from 1, and columns."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What was read in one image.

    Attributes:
        path: of the image, as the file writes it, with slashes.
        label: that stands beside it; None where the file does not say.
        score: 0..1; None where the file does not say.
        place: "file:line" or "file", for messages.
        is_stem: `path` is only a file name without its ending.
    """

    path: str
    text: str
    score: float | None
    place: str
    label: str | None = None
    is_stem: bool = False


def read_score(value: Any, place: str, tally: Tally) -> float | None:
    """Read a score; what is none is counted and given up."""
    if value is None or value == "":
        return None
    try:
        score = float(value)
    except (TypeError, ValueError, OverflowError):
        score = -1.0
    # A sum of float32 probabilities may pass 1 by a hair.
    if isfinite(score) and 0 <= score <= 1.001:
        return min(score, 1.0)
    tally.add(of_readings.BAD_SCORE, place)
    return None


def columns_of(text: str) -> Lines:
    """Cut a text into lines and columns; blank lines and carriage returns are left out."""
    lines = (line.removesuffix("\r") for line in text.split("\n"))
    return [(n, line.split("\t")) for n, line in enumerate(lines, 1) if line.strip()]


def is_table(first: list[str]) -> bool:
    """Whether the first line is a header with at least path and prediction."""
    names = [name.strip().lower() for name in first]
    return "path" in names and "prediction" in names


def read_table(path: Path, lines: Lines, tally: Tally) -> list[Prediction]:
    """Read a table whose header names its columns, in any order; others are not used.

    Raises:
        InputError: the header names a column twice.
    """
    (header_line, header), *rows = lines
    names = [name.strip().lower() for name in header]
    for name in COLUMNS:
        if names.count(name) > 1:
            raise InputError(
                f"{path}:{header_line}", f"names the column {name} twice", "Leave one of them."
            )
    for name in names:
        if name not in COLUMNS:
            tally.add(of_readings.OTHER_COLUMN, f"{path}:{header_line} {name}")
    at = {name: names.index(name) for name in COLUMNS if name in names}
    predictions = []
    for number, row in rows:
        place = f"{path}:{number}"
        if len(row) != len(names) or not row[at["path"]].strip():
            tally.add(of_readings.BAD_COLUMNS, place)
            continue
        label = None
        if "truth" in at:
            try:
                label = canonical(row[at["truth"]] if row[at["truth"]].strip() else "")
            except LabelError:
                tally.add(of_readings.BAD_TRUTH, place)
                continue
            if label != row[at["truth"]]:
                tally.add(of_lines.NFD, place)
        score = read_score(row[at["score"]], place, tally) if "score" in at else None
        name, text = row[at["path"]].replace("\\", "/"), row[at["prediction"]]
        predictions.append(Prediction(name, text, score, place, label))
    return predictions


_PREDICTS = re.compile(r"Predicts of (?P<path>.+?):(?P<reading>\((?:'|\").*\))\s*$")

_READING = re.compile(
    r"\((?P<text>[urbURB]*(?:'.*'|\".*\")), *(?:np\.float\d+\()?(?P<score>[^(),]+)\)*$"
)

_NAMELESS = re.compile(r"ppocr \w+: \((?:'|\").*, *[\d.eE+-]+\)\s*$")


def has_log(text: str) -> bool:
    """Whether a text holds what predict_rec.py logs: `Predicts of PATH:('text', score)`."""
    return any(_PREDICTS.search(line) for line in text.split("\n"))


def is_log_without_names(text: str) -> bool:
    """Whether a text is a log of readings that does not say of which images they are."""
    return any(_NAMELESS.search(line) for line in text.split("\n"))


def read_log(path: Path, text: str, tally: Tally) -> list[Prediction]:
    """Read the log of PaddleOCR's `tools/infer/predict_rec.py`; its other lines are not counted."""
    predictions = []
    for number, line in enumerate(text.split("\n"), 1):
        if logged := _PREDICTS.search(line):
            place = f"{path}:{number}"
            reading = _tuple_of(logged["reading"])
            if reading is None:
                tally.add(of_readings.UNREADABLE_ENTRY, place)
                continue
            name = logged["path"].replace("\\", "/")
            score = read_score(reading[1], place, tally)
            predictions.append(Prediction(name, reading[0], score, place))
    return predictions


def _tuple_of(written: str) -> tuple[str, str] | None:
    """Read a reading and its score as Python prints them: `('it', 0.9)`, `("it's", 0.9)`."""
    parts = _READING.match(written.strip())
    text = literal(parts["text"]) if parts else None
    return (text, parts["score"]) if parts and isinstance(text, str) else None


def literal(written: str) -> object:
    r"""Read what Python prints of plain values; None for anything else.

    >>> literal("{'res': {'rec_text': \"it's\"}}"), literal("array([1])")
    ({'res': {'rec_text': "it's"}}, None)
    """
    try:
        value: object = ast.literal_eval(written)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return None
    return value


def is_infer_rec(first: list[str]) -> bool:
    """Whether a line is one of infer_rec.py: path, text, score; or path and a reading."""
    if len(first) == 2:
        return first[1].startswith("{") or _tuple_of(first[1]) is not None
    return len(first) == 3 and _is_number(first[2])


def is_without_breaks(first: list[str]) -> bool:
    """Whether a line is a whole output of infer_rec.py: some releases wrote no line ends."""
    return len(first) > 3 and len(first) % 2 == 1 and _is_number(first[-1])


def read_infer_rec(path: Path, lines: Lines, tally: Tally) -> list[Prediction]:
    """Read the output of PaddleOCR's `tools/infer_rec.py`.

    `path<TAB>text<TAB>score`, or for models with several heads or students
    `path<TAB>{"Student": {"label": text, "score": score}, ...}`: the student's reading is taken.
    Some forks write `path<TAB>("text", score)`.
    """
    predictions = []
    for number, row in lines:
        place = f"{path}:{number}"
        name = row[0].replace("\\", "/")
        if len(row) == 3:
            score = read_score(row[2], place, tally)
            predictions.append(Prediction(name, row[1], score, place))
        elif len(row) == 2 and row[1].startswith("{"):
            head = _head(row[1], place)
            score = read_score(head.get("score"), place, tally)
            predictions.append(Prediction(name, str(head["label"]), score, place))
        elif len(row) == 2 and (reading := _tuple_of(row[1])):
            score = read_score(reading[1], place, tally)
            predictions.append(Prediction(name, reading[0], score, place))
        else:
            tally.add(of_readings.BAD_COLUMNS, place)
    return predictions


def _head(text: str, place: str) -> dict[str, object]:
    """Choose one reading among those of several heads."""
    heads = parse_json(text, place, "the second column", "Run infer_rec.py again.")
    readings = {
        name: head
        for name, head in (heads.items() if isinstance(heads, dict) else ())
        if isinstance(head, dict) and isinstance(head.get("label"), str)
    }
    students = [name for name in readings if "student" in name.lower()]
    names = students[:1] or list(readings)
    if len(names) != 1:
        raise InputError(
            place,
            f"holds {len(names)} readings and none of a student: {short(text)}",
            "Keep one head's reading, as path, text and score.",
        )
    head: dict[str, object] = readings[names[0]]
    return head


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
