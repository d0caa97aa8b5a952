"""The history of a model, wherever its files lie: what a step that starts from it inherits."""

from collections.abc import Sequence
from pathlib import Path

from textlines.errors import InputError
from textlines.files import read_text, real_path, sha256_of
from textlines.formats.history import HISTORY, History, read_history
from textlines.wording import say

MODEL, RECORD, PLAN, CONFIGURATION = "model.toml", "export.toml", "plan.toml", "inference.yml"
"""Files that only folders of ours hold, and one whose first line tells whether we wrote it."""

MARK = "# By ocr-mend: history.json beside it holds what the model has seen."
"""First line of the `inference.yml` of an export: of three files copied into production it is the
one that tells on which model the next round begins."""

WITHIN = 3
"""Folders up from a model in which it may be of a run: RUN/best, RUN/paddleocr/best_model."""


def find_history(files: Sequence[Path]) -> History | None:
    """Read the history of a model; None where none lies beside it.

    A model in a run's folder that has none of its own, as PaddleOCR's own training leaves it
    there, has that of the run.

    Args:
        files: that the model is read from, in one folder; the first is in it.

    Raises:
        InputError: the history is broken.
    """
    hashes = [sha256_of(file) for file in files if file.name != MODEL]
    # A link to a model has no history beside it, the model has.
    real = real_path(files[0]).parent
    for folder in dict.fromkeys((files[0].absolute().parent, real)):
        found = read_history(folder, model=hashes)
        if found is not None:
            return found
    for above in real.parents[:WITHIN]:
        if (above / PLAN).is_file() and (above / HISTORY).is_file():
            return read_history(above)
    return None


def inherited(files: Sequence[Path], *, is_marked: bool = False) -> History:
    """Return what a step that starts from a model knows of it.

    Without a history, a model of ours has a gap, and a stranger's begins an empty one.

    Args:
        files: as of `find_history`.
        is_marked: a file of the model says that it is ours.

    Raises:
        InputError: the history is broken.
    """
    found = find_history(files)
    if found is not None:
        return found
    folder = files[0].parent
    if is_marked or is_ours(folder):
        return History().with_gap(
            say(
                "{folder} has no {history}: what its model has seen is not known",
                folder=folder,
                history=HISTORY,
            )
        )
    return History()


def is_ours(folder: Path) -> bool:
    """Whether a model's folder was written by this project."""
    if (folder / MODEL).is_file() or (folder / RECORD).is_file():
        return True
    try:
        return read_text(folder / CONFIGURATION, "the configuration").startswith(MARK)
    except InputError:
        return False
