"""Predictions in text files: a table with a header, and the output of infer_rec.py."""

from pathlib import Path

from textlines.errors import InputError
from textlines.labels.canonical import LabelError, canonical, short
from textlines.labels.tally import Tally
from textlines.parsing import parse_json
from train.mining.raw import Prediction, read_score

COLUMNS = ("path", "truth", "prediction", "score")

Lines = list[tuple[int, list[str]]]
"""Line numbers from 1, and columns."""


def columns_of(text: str) -> Lines:
    """Cut a text into lines and columns; blank lines and carriage returns are left out."""
    lines = (line.removesuffix("\r") for line in text.split("\n"))
    return [(n, line.split("\t")) for n, line in enumerate(lines, 1) if line.strip()]


def is_table(first: list[str]) -> bool:
    """Say whether the first line is a header with at least path and prediction."""
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
            tally.add("other_column", f"{path}:{header_line} {name}")
    at = {name: names.index(name) for name in COLUMNS if name in names}
    predictions = []
    for number, row in rows:
        place = f"{path}:{number}"
        if len(row) != len(names) or not row[at["path"]].strip():
            tally.add("bad_columns", place)
            continue
        truth = None
        if "truth" in at:
            try:
                truth = canonical(row[at["truth"]] if row[at["truth"]].strip() else "")
            except LabelError:
                tally.add("bad_truth", place)
                continue
            if truth != row[at["truth"]]:
                tally.add("nfd", place)
        score = read_score(row[at["score"]], place, tally) if "score" in at else None
        name, text = row[at["path"]].replace("\\", "/"), row[at["prediction"]]
        predictions.append(Prediction(name, text, score, place, truth))
    return predictions


def is_infer_rec(first: list[str]) -> bool:
    """Say whether a line is one of infer_rec.py: path, text, score; or path and JSON."""
    if len(first) == 2:
        return first[1].startswith("{")
    return len(first) == 3 and _is_number(first[2])


def is_without_breaks(first: list[str]) -> bool:
    """Say whether a line is a whole output of infer_rec.py: some releases wrote no line ends."""
    return len(first) > 3 and len(first) % 2 == 1 and _is_number(first[-1])


def read_infer_rec(path: Path, lines: Lines, tally: Tally) -> list[Prediction]:
    """Read the output of PaddleOCR's `tools/infer_rec.py`.

    `path<TAB>text<TAB>score`, or for models with several heads or students
    `path<TAB>{"Student": {"label": text, "score": score}, ...}`: the student's reading is taken.
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
        else:
            tally.add("bad_columns", place)
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
