"""The turns that lines are trained in: read by the base model when a run is planned."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from unicodedata import normalize

from textlines.errors import InputError
from textlines.files import replacing, sha256_of
from textlines.formats.mix import MixFolder
from textlines.formats.predictions import Outcome, Turn, read_outcomes, row_of
from textlines.labels.tally import Tally
from textlines.progress import Watcher, unwatched
from train.reading.crop_reading import outcome_of_turns
from train.reading.ctc import Line
from train.reading.model_opening import Opened
from train.reading.turned_crops import read_in_turns
from train.reading.turning import is_settled, nearest, surest
from train.tuning.plan_model import TurnPlan

TURNS = "turns.jsonl"
"""In the folder of a run, beside its plan: what the base model reads in each crop that is trained
on turned. A crop that it does not name is trained on as it lies."""

_AGAIN = "Put the file back, or make the plan again: train plan --turn auto."


def read_line_turns(
    opened: Opened, mix: MixFolder, *, watch: Watcher = unwatched
) -> tuple[tuple[Outcome, ...], int]:
    """Read the lines of all lists in their turns.

    A labelled line is trained on in the turn whose reading is nearest to its label, a distilled one
    in the surest. Rendered lines lie as they were drawn and are not read.

    Returns:
        What was read in the crops that lie turned, by path; and how many crops were read.
    """
    labels = _labels_of(mix)
    paths = sorted(labels)

    def is_enough(at: int, line: Line) -> bool:
        label = labels[paths[at]]
        return is_settled(line) if label is None else normalize("NFC", line.text) == label

    read = read_in_turns(opened, paths, mix.data, is_enough, watch=watch)
    found = []
    for path, lines in sorted(read.items()):
        label = labels[path]
        turn = surest(lines) if label is None else nearest(lines, label)
        if turn:
            found.append(outcome_of_turns(path, lines, turn))
    return tuple(found), len(read)


def _labels_of(mix: MixFolder) -> dict[str, str | None]:
    """Return the labels of the lines that were not rendered, by path; None for distilled ones.

    A line that stands in both roles has its label.
    """
    labels: dict[str, str | None] = {}
    for one in mix.epochs:
        for line, kind in mix.lines(one, Tally()):
            if kind.rendered:
                continue
            if kind.role == "distil":
                labels.setdefault(line.path, None)
            else:
                labels[line.path] = normalize("NFC", line.label)
    return labels


def turn_plan(found: Iterable[Outcome], lines: int) -> TurnPlan:
    """Return what a plan holds of the turns.

    Args:
        lines: that were read.
    """
    listed = list(found)
    content = "".join(map(row_of, listed)).encode()
    return TurnPlan(sha256=hashlib.sha256(content).hexdigest(), lines=lines, turned=len(listed))


def write_turns(found: Iterable[Outcome], run: Path) -> None:
    """Write the turns into the folder of a run, whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    with replacing(run / TURNS) as out:
        out.writelines(map(row_of, found))


def planned_turns(run: Path, plan: TurnPlan | None) -> Mapping[str, Turn]:
    """Read the turns that a run was planned with, by path; none where crops are read as they lie.

    Raises:
        InputError: the file is not there, or not the one that was planned with.
    """
    if plan is None:
        return {}
    path = run / TURNS
    if not path.is_file():
        raise InputError(str(path), "is not there: which lines lie turned is not known", _AGAIN)
    if sha256_of(path) != plan.sha256:
        raise InputError(str(path), "is not the file that was planned with", _AGAIN)
    return turns_by_path(read_outcomes(path))


def turns_by_path(found: Iterable[Outcome]) -> dict[str, Turn]:
    """Return the turn of each crop that lies turned."""
    return {one.path: one.turn for one in found if one.turn}
