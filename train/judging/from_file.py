"""Readings from a file of predictions, as `train mine` takes it."""

from pathlib import Path

from textlines.errors import InputError, UsageError
from textlines.files import sha256_of
from textlines.labels.label_file import PLAIN, Dialect, read_labels
from textlines.labels.tally import Tally
from textlines.profile.reading import Reading
from train.judging.label_matching import match_labels, with_own_truth
from train.judging.mining_reasons import REASONS, first_left_out
from train.judging.prediction_files import read_predictions


def from_file(
    predictions: Path,
    labels: Path | None,
    images: Path | None,
    tally: Tally,
    *,
    strict: bool = False,
    dialect: Dialect = PLAIN,
) -> tuple[tuple[Reading, ...], dict[str, str]]:
    """Read predictions and match them with their labels.

    Args:
        labels: None takes the truths that the predictions bring along.
        tally: grows by what was left out or matched loosely.
        dialect: how the label file departs from the form.

    Returns:
        The readings, and sha256 of the files by name.

    Raises:
        UsageError: the predictions bring no truth and no label file is named.
        InputError: a file cannot be used, no line is left, or (strict) one was left out.
    """
    file = read_predictions(predictions, tally)
    base = labels or predictions
    folder = images or (base if base.is_dir() else base.parent)
    if labels:
        lines = list(read_labels(labels, tally=tally, strict=strict, home=folder, dialect=dialect))
        readings = match_labels(file.predictions, lines, folder, tally)
    elif file.predictions and all(one.truth is None for one in file.predictions):
        raise UsageError(
            "--labels",
            f"is missing: {predictions} says what was read, not what stands there",
            "Name the label file of these images.",
        )
    else:
        readings = with_own_truth(file.predictions, folder, tally)
    reason = first_left_out(tally)
    if strict and reason:
        place = next(iter(tally.places(reason)), str(predictions))
        raise InputError(
            place,
            f"{REASONS[reason].removesuffix(', left out')} ({tally[reason]} in all)",
            "Mend it, or evaluate without --strict.",
        )
    if not readings:
        told = "; ".join(tally.lines(REASONS)) or "it holds none"
        raise InputError(str(predictions), f"no prediction is left ({told})", "")
    inputs = {path.as_posix(): sha256_of(path) for path in (*file.files, *filter(None, [labels]))}
    return tuple(readings), inputs
