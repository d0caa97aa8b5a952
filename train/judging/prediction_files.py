"""Prediction files of every form, told apart by what they hold."""

from dataclasses import dataclass
from pathlib import Path

from textlines.errors import InputError
from textlines.files import read_text
from textlines.labels.canonical import short
from textlines.labels.fitting import way_in
from textlines.labels.other_forms import form_of
from textlines.labels.tally import Tally
from train.judging.json_forms import read_json_file, read_json_folder, read_printed
from train.judging.raw import FORMS, Form, Prediction
from train.judging.text_forms import (
    columns_of,
    has_log,
    is_infer_rec,
    is_log_without_names,
    is_table,
    is_without_breaks,
    read_infer_rec,
    read_log,
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
    if text.lstrip()[:2] == "{'" and (printed := read_printed(path, text, tally)):
        return PredictionFile("printed", tuple(printed), (path,))
    if has_log(text):
        return PredictionFile("predict_rec", tuple(read_log(path, text, tally)), (path,))
    if is_log_without_names(text):
        raise InputError(
            str(path),
            "is a log of readings that does not name their images",
            "Let the model be read by us (--model and --labels), or use `save_to_json`.",
        )
    if path.suffix.lower() in (".json", ".jsonl") or text.lstrip()[:1] in ("{", "["):
        try:
            form, found = read_json_file(path, text, tally)
        except InputError:
            if (other := form_of(path)) and other.format:
                _refuse_other(path)
            raise
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
    _refuse_other(path)
    raise InputError(
        f"{path}:{number}",
        f"is none of the forms of predictions. Its first line has {len(first)} "
        f"column{'s' * (len(first) != 1)}: {short(' | '.join(first), 100)}",
        f"It may be: {'; '.join(FORMS.values())}.",
    )


def _refuse_other(path: Path) -> None:
    """Name a file of another kind that was given for predictions; nothing is known of the rest.

    Raises:
        InputError: it is one.
    """
    other = form_of(path)
    if other is None:
        return
    if other.format == "ppocr-rec":
        raise InputError(
            str(path),
            "is a label file (path<TAB>label) and does not say what a model read",
            "Name it with --labels, and readings with --predictions or a model with --model.",
        )
    raise InputError(
        str(path),
        f"is {other.name}, and no file of predictions",
        way_in(path, other) if other.format else f"It may be: {'; '.join(FORMS.values())}.",
    )
