"""Lines that a model was trained on tell what it could not memorise, not what it misreads."""

from collections.abc import Sequence
from pathlib import Path

from textlines.errors import InputError
from textlines.files import sha256_of
from textlines.formats.folds import FOLDS, FoldsRecord, read_folds
from textlines.formats.history import TRAINED, History, Step
from textlines.labels.label_file import PLAIN, Dialect, read_labels
from textlines.labels.tally import Tally
from train.seen import digests_of


def refuse_trained(
    history: History, labels: Path, images: Path | None, dialect: Dialect = PLAIN
) -> None:
    """Refuse lines that a model was trained on, in whichever round.

    Args:
        history: of the model. images: the folder that paths start from; None takes that of the
            label file. dialect: how that departs from the form.

    Raises:
        InputError: there are some; names the step and the way out.
    """
    folder = images or labels.parent
    lines = read_labels(labels, tally=Tally(), need_label=False, home=folder, dialect=dialect)
    paths = list(dict.fromkeys(line.path for line in lines))
    found = trained_on(history, [folder / path for path in paths])
    if found is None:
        return
    step, count = found
    raise InputError(
        str(labels),
        f"holds {count:,} of {len(paths):,} images that the model was trained on ({step.step}, "
        f"round {step.round}): it remembers them",
        "Read them out of fold (`train fold`, then `train mine --predictions "
        "FOLDS/predictions.jsonl`), name other lines, or mine them all the same: --allow-seen.",
    )


def trained_on(history: History, images: Sequence[Path]) -> tuple[Step, int] | None:
    """Return the step that trained on most of some images, and on how many; None for none."""
    digests, _ = digests_of(images)
    seen = [
        (step, count)
        for step, count in history.saw_images(digests)
        if step.step.startswith(TRAINED)
    ]
    return max(seen, key=lambda one: one[1], default=None)


def folds_beside(predictions: Path) -> FoldsRecord | None:
    """Return the record of the folds that left these predictions; None for any others.

    Raises:
        InputError: the record beside them is damaged.
    """
    record = predictions.parent / FOLDS
    if not predictions.is_file() or not record.is_file():
        return None
    found = read_folds(record)
    return found if found.predictions_sha256 == sha256_of(predictions) else None
