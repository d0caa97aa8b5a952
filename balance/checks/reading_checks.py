"""Labels that may be wrong, and crops that lie turned, by what a model read."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from balance.checks.findings import Finding, Findings
from balance.checks.sets import LineSet
from textlines.defects import of_checks
from textlines.errors import InputError
from textlines.files import read_text
from textlines.formats.predictions import TURNS, is_predictions, read_outcomes
from textlines.labels.alphabet import Alphabet
from textlines.labels.canonical import short
from textlines.labels.label_file import LabelLine
from textlines.labels.label_paths import normal_path, shown_path
from textlines.profile.conventions import NORMAL_FORM
from textlines.profile.measure import measure
from textlines.profile.reading import Reading
from textlines.wording import say, say_n

_COLUMNS = ("path", "prediction")


class Predicted(NamedTuple):
    """What was read in a crop, how surely (0..1), and in which turn of it (degrees)."""

    text: str
    score: float | None
    turn: int = 0


Readings = dict[str, Predicted]
"""What was read, by path."""

_WAY_OUT = (
    "Two forms are read here: a table with a header (path, truth, prediction[, score, turn], set "
    "apart by tabs) and the predictions.jsonl that `train mine --model` and `train evaluate` "
    "write. The output of infer_rec.py, res.json files and RapidOCR's JSON are read by `train mine "
    "--predictions`, whose page shows suspected labels too."
)


def read_table(path: Path) -> Readings:
    """Read predictions: a table with a header, or JSON lines with path, text and score.

    Returns:
        What was read by path. A path that stands twice keeps its last reading; crops
        that could not be read (JSON lines with a fault) are left out.

    Raises:
        InputError: the file cannot be read, or is neither.
    """
    lines = read_text(path, "the predictions").split("\n")
    if lines[0].lstrip().startswith("{"):
        if not is_predictions(lines[0]):
            raise InputError(f"{path}:1", f"is no prediction: {short(lines[0], 80)}", _WAY_OUT)
        return {
            normal_path(outcome.path): Predicted(outcome.text, outcome.score, outcome.turn)
            for outcome in read_outcomes(path)
            if not outcome.fault
        }
    rows = [row.rstrip("\r").split("\t") for row in lines]
    head = [name.strip().casefold() for name in rows[0]]
    if not set(_COLUMNS) <= set(head):
        raise InputError(
            f"{path}:1",
            f"names no columns path and prediction, but {short(' | '.join(head), 80)}",
            _WAY_OUT,
        )
    at, read = head.index("path"), head.index("prediction")
    score = head.index("score") if "score" in head else None
    turn = head.index("turn") if "turn" in head else None
    readings: Readings = {}
    for number, row in enumerate(rows[1:], 2):
        if row == [""]:
            continue
        if len(row) <= max(at, read):
            raise InputError(
                f"{path}:{number}", f"has {len(row)} columns of {len(head)}", "Mend the table."
            )
        readings[normal_path(row[at].replace("\\", "/"))] = Predicted(
            row[read], _score(row, score), _turn(row, turn, f"{path}:{number}")
        )
    return readings


def _score(row: Sequence[str], at: int | None) -> float | None:
    try:
        return float(row[at]) if at is not None and at < len(row) else None
    except ValueError:
        return None


def _turn(row: Sequence[str], at: int | None, place: str) -> int:
    """Return a turn of a table; none where it says nothing.

    Raises:
        InputError: it is no quarter of a circle.
    """
    text = row[at].strip() if at is not None and at < len(row) else ""
    if text not in ("", *map(str, TURNS)):
        known = ", ".join(map(str, TURNS))
        raise InputError(place, f"says turn {short(text, 20)}, not one of {known}", "Mend it.")
    return int(text or 0)


def check_noise(
    sets: Sequence[LineSet], path: Path, alphabet: Alphabet | None, findings: Findings
) -> None:
    """Report crops that were read turned, and labels that a sure model contradicts.

    Such labels are found by `textlines.profile.suspects`.

    Raises:
        InputError: the predictions cannot be used.
    """
    table = read_table(path)
    lines: dict[str, tuple[LineSet, LabelLine]] = {}
    for line_set in sets:
        if line_set.role != "like":
            for line in line_set.lines:
                if line.path in table:
                    lines.setdefault(line.path, (line_set, line))
    left = len(table.keys() - lines.keys())
    if not table:
        findings.add(
            Finding(of_checks.PREDICTION_UNMATCHED, str(path), 0, say("it holds no prediction"))
        )
    elif left:
        findings.add(
            Finding(
                of_checks.PREDICTION_UNMATCHED,
                str(path),
                0,
                say("{left:,} of {all:,}", left=left, all=len(table)),
            )
        )
    if not lines:
        return
    for name, (line_set, line) in lines.items():
        reading = table[name]
        if reading.turn:
            detail = say(
                "{path} read as {text} when turned by {turn} degrees",
                path=shown_path(name, 120),
                text=short(reading.text),
                turn=reading.turn,
            )
            findings.add(line_set.finding(of_checks.IMAGE_TURNED, line, detail))
    readings = [
        Reading(name, line.label, table[name].text, table[name].score)
        for name, (_, line) in lines.items()
    ]
    measured = measure(readings, alphabet)
    for habit in measured.profile.conventions:
        # What the dictionary lacks is told line by line; the form of texts is no habit of labels.
        if habit.kind != "out_of_dictionary" and habit.chars != NORMAL_FORM:
            file = next(iter(lines.values()))[0].name
            detail = say(
                "{words} ({lines} a reading). {advice}",
                words=habit.words,
                lines=say_n("{n:,} line has", "{n:,} lines have", len(readings)),
                advice=habit.advice,
            )
            findings.add(Finding(of_checks.LABEL_CONVENTION, file, detail=detail))
    for misread in measured.misread:
        if misread.suspected:
            line_set, line = lines[misread.path]
            detail = say(
                "{truth} read as {text} ({score:.2f}); {reason}",
                truth=short(misread.label),
                text=short(misread.prediction),
                score=misread.score,
                reason=misread.suspected,
            )
            findings.add(line_set.finding(of_checks.LABEL_SUSPECT, line, detail))
