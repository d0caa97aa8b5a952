"""Prediction files of every form, told apart by what they hold."""

from dataclasses import dataclass
from pathlib import Path

from textlines.errors import InputError
from textlines.files import read_text
from textlines.labels.canonical import short
from textlines.labels.tally import Tally
from train.mining.json_forms import read_json_file, read_json_folder
from train.mining.raw import FORMS, Form, Prediction
from train.mining.text_forms import (
    columns_of,
    is_infer_rec,
    is_table,
    is_without_breaks,
    read_infer_rec,
    read_table,
)


@dataclass(frozen=True, slots=True)
class PredictionFile:
    """All predictions of a file or folder, in its order, with the files that were read."""

    form: Form
    predictions: tuple[Prediction, ...]
    files: tuple[Path, ...]


def read_predictions(path: Path, tally: Tally) -> PredictionFile:
    """Read predictions, whatever their form.

    Raises:
        InputError: the file cannot be read, or none of the forms fits; says what was seen.
    """
    if path.is_dir():
        form, found, files = read_json_folder(path, tally)
        return PredictionFile(form, tuple(found), tuple(files))
    text = read_text(path, "the prediction file")
    if path.suffix.lower() in (".json", ".jsonl") or text.lstrip()[:1] in ("{", "["):
        form, found = read_json_file(path, text, tally)
        return PredictionFile(form, tuple(found), (path,))
    lines = columns_of(text)
    if not lines:
        raise InputError(str(path), "holds no line", "Name a file with predictions.")
    number, first = lines[0]
    if is_table(first):
        return PredictionFile("table", tuple(read_table(path, lines, tally)), (path,))
    if is_infer_rec(first):
        return PredictionFile("infer_rec", tuple(read_infer_rec(path, lines, tally)), (path,))
    if is_without_breaks(first):
        raise InputError(
            f"{path}:{number}",
            f"holds {len(first) // 2} predictions on one line: some releases of infer_rec.py "
            "write no line ends",
            "Run it again with the release fixed (write file + '\\t' + info + '\\n').",
        )
    raise InputError(
        f"{path}:{number}",
        f"is none of the forms of predictions. Its first line has {len(first)} "
        f"column{'s' * (len(first) != 1)}: {short(' | '.join(first), 100)}",
        f"It may be: {'; '.join(FORMS.values())}.",
    )
