"""Prediction files of every form, told apart by what they hold and matched with their labels."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from textlines.defects import Defect, of_readings
from textlines.errors import InputError, UsageError
from textlines.files import read_text
from textlines.labels.canonical import short
from textlines.labels.fitting import way_in
from textlines.labels.label_file import PLAIN, Dialect, LabelLine, read_labels
from textlines.labels.label_paths import normal_path
from textlines.labels.other_forms import form_of
from textlines.labels.tally import Tally
from textlines.profile.reading import Reading
from train.judging.json_forms import read_json_file, read_json_folder, read_printed
from train.judging.text_forms import (
    FORMS,
    Form,
    Prediction,
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
        form, predictions, files = read_json_folder(path, tally)
        return PredictionFile(form, tuple(predictions), tuple(files))
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
            form, predictions = read_json_file(path, text, tally)
        except InputError:
            if (other := form_of(path)) and other.format:
                _refuse_other(path)
            raise
        return PredictionFile(form, tuple(predictions), (path,))
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


def match_labels(
    predictions: Iterable[Prediction], labels: Sequence[LabelLine], images: Path, tally: Tally
) -> list[Reading]:
    """Return each label with its prediction, in the order of the labels.

    A prediction is matched with its label by the same path; by its path from the folder of images
    on; by its last parts (`/data/set/crops/1.jpg` for `crops/1.jpg`); by a file name that one label
    alone has. What matches none, or one that is taken, is left out and counted; so is a label
    without prediction.

    Args:
        images: the folder that label paths start from.
    """
    wanted: dict[str, LabelLine] = {}
    for line in labels:
        if line.path in wanted:
            tally.add(of_readings.REPEATED_LABEL, line.path)
        else:
            wanted[line.path] = line
    finder = _LabelFinder(wanted, images, tally)
    by_label: dict[str, Prediction] = {}
    for prediction in predictions:
        path = finder.find(prediction)
        if path in by_label:
            tally.add(of_readings.REPEATED_PREDICTION, prediction.place)
        elif path:
            by_label[path] = prediction
    readings = []
    for path, line in wanted.items():
        if (match := by_label.get(path)) is None:
            tally.add(of_readings.NO_PREDICTION, path)
            continue
        if match.label is not None and match.label != line.label:
            tally.add(of_readings.TRUTH_REPLACED, match.place)
        readings.append(Reading(path, line.label, match.text, match.score))
    return readings


def with_labels_beside(
    predictions: Iterable[Prediction], images: Path, tally: Tally
) -> list[Reading]:
    """Return the predictions with the labels that stand beside them in the file, in their order.

    Args:
        images: paths that lie in this folder are written from it on.
    """
    readings: dict[str, Reading] = {}
    for prediction in predictions:
        path = normal_path(prediction.path)
        for folder in _names_of(images):
            if path.startswith(f"{folder}/"):
                path = path.removeprefix(f"{folder}/")
                tally.add(of_readings.MATCHED_BY_FOLDER, prediction.place)
                break
        if path in readings:
            tally.add(of_readings.REPEATED_PREDICTION, prediction.place)
        elif prediction.label is None:
            tally.add(of_readings.NO_LABEL, prediction.place)
        else:
            readings[path] = Reading(path, prediction.label, prediction.text, prediction.score)
    return list(readings.values())


def _names_of(folder: Path) -> list[str]:
    """Return the folder as it was named and in full; "." stands in no path."""
    names = {normal_path(name.as_posix()) for name in (folder, folder.absolute())}
    return sorted(names - {"."})


class _LabelFinder:
    """Finds the label path of a prediction, and counts how."""

    def __init__(self, wanted: dict[str, LabelLine], images: Path, tally: Tally) -> None:
        self._wanted, self._tally = wanted, tally
        self._folders = _names_of(images)
        paths = [PurePosixPath(path) for path in wanted]
        self._names = _unique((path.name, str(path)) for path in paths)
        self._stems = _unique((path.stem, str(path)) for path in paths)

    def find(self, prediction: Prediction) -> str:
        path = normal_path(prediction.path)
        if path in self._wanted:
            return path
        for folder in self._folders:
            rest = path.removeprefix(f"{folder}/")
            if rest != path and rest in self._wanted:
                return self._counted(of_readings.MATCHED_BY_FOLDER, rest, prediction)
        parts = PurePosixPath(path).parts
        for start in range(1, len(parts) - 1):
            tail = "/".join(parts[start:])
            if tail in self._wanted:
                return self._counted(of_readings.MATCHED_BY_TAIL, tail, prediction)
        names = self._stems if prediction.is_stem else self._names
        name = PurePosixPath(path).name
        if name not in names:
            return self._counted(of_readings.NO_LABEL, "", prediction)
        if not names[name]:
            return self._counted(of_readings.AMBIGUOUS_NAME, "", prediction)
        return self._counted(of_readings.MATCHED_BY_NAME, names[name], prediction)

    def _counted(self, defect: Defect, path: str, prediction: Prediction) -> str:
        self._tally.add(defect, prediction.place)
        return path


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Map names to their path, and those of several paths to ""."""
    listed = list(pairs)
    counts = Counter(name for name, _ in listed)
    return {name: path if counts[name] == 1 else "" for name, path in listed}


@dataclass(frozen=True, slots=True)
class MatchedFile:
    """A prediction file whose predictions have their labels.

    Attributes:
        images: the folder that the paths start from.
    """

    file: PredictionFile
    readings: tuple[Reading, ...]
    images: Path


def _images_folder(predictions: Path, labels: Path | None, images: Path | None) -> Path:
    """Return the folder that label paths start from: as named, else that of the file of labels."""
    if images:
        return images
    base = labels or predictions
    return base if base.is_dir() else base.parent


def read_matched(
    predictions: Path,
    labels: Path | None,
    images: Path | None,
    tally: Tally,
    *,
    strict: bool = False,
    dialect: Dialect = PLAIN,
) -> MatchedFile:
    """Read predictions and match them with their labels.

    Args:
        labels: None takes the labels that stand beside the predictions.
        images: the folder that paths start from; None takes that of the labels, else that of
            the predictions.
        tally: grows by what was left out or matched loosely.
        dialect: how the label file departs from the form.

    Raises:
        UsageError: no label stands beside the predictions and no label file is named.
        InputError: a file cannot be used, or (strict) a line of the label file was left out.
    """
    file = read_predictions(predictions, tally)
    folder = _images_folder(predictions, labels, images)
    if labels:
        lines = list(read_labels(labels, tally=tally, strict=strict, home=folder, dialect=dialect))
        return MatchedFile(
            file, tuple(match_labels(file.predictions, lines, folder, tally)), folder
        )
    if file.predictions and all(prediction.label is None for prediction in file.predictions):
        raise UsageError(
            "--labels",
            f"is missing: {predictions} ({FORMS[file.form]}) says what was read, not what stands "
            "there",
            "Name the label file of these images.",
        )
    return MatchedFile(file, tuple(with_labels_beside(file.predictions, folder, tally)), folder)


def refuse_left_out(tally: Tally, place: Path, *, command: str) -> None:
    """Refuse lines that were left out, where `--strict` asks for it.

    Args:
        place: what was read, where the tally has no place of its own.
        command: that goes on without `--strict`, as a verb.

    Raises:
        InputError: one was left out; names the first and its reason.
    """
    # What is wrong with label files and crops was refused where they were read.
    known = of_readings.PREDICTION
    strict = [code for code in tally.as_dict() if code in known and known[code].is_error]
    if strict:
        code = strict[0]
        raise InputError(
            next(iter(tally.places(code)), str(place)),
            f"{known[code].what} ({tally[code]} in all)",
            f"Mend it, or {command} without --strict.",
        )


def refuse_no_reading(readings: Sequence[Reading], tally: Tally, place: Path) -> None:
    """Refuse to go on without any line.

    Raises:
        InputError: there is none; names why each was left out.
    """
    if not readings:
        reasons = "; ".join(tally.lines(of_readings.READING)) or "it holds none"
        raise InputError(str(place), f"no prediction is left ({reasons})", "")
