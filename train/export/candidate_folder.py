"""What the candidates of recognizers and of detectors have alike: one folder, sealed.

Its record (`export.toml`) holds the hashes of all files and what they were made of; a history
beside them holds what the model has seen, and names the same hashes.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from textlines.errors import InputError
from textlines.files import read_text, sha256_of
from textlines.formats.history import History, Step, write_history
from textlines.formats.seen_images import SeenImages
from textlines.parsing import parse_toml, to_toml
from textlines.wording import say
from train.models.model_sources import PARAMETERS, RECORD
from train.seen import digests_of

Kind = Literal["recognizer", "detector"]

KIND = "kind"
"""Key of the record that says of what kind the model is; recognizers have none."""

SETTLED = say("settle on")
"""The step that stores the statistics of images in a checkpoint's normalisations."""


def kind_of(path: Path) -> Kind | None:
    """Return what an earlier export in a folder is of; None where there is no export."""
    if not ((path / RECORD).is_file() and (path / PARAMETERS).is_file()):
        return None
    what = "the model's record"
    try:
        content = parse_toml(read_text(path / RECORD, what), str(path), what, "")
    except InputError:
        return "recognizer"  # as those are that say nothing
    return "detector" if content.get(KIND) == "detector" else "recognizer"


def is_candidate(path: Path) -> bool:
    """Whether a folder is an earlier export of a recognizer."""
    return kind_of(path) == "recognizer"


def is_detector_candidate(path: Path) -> bool:
    """Whether a folder is an earlier export of a detector."""
    return kind_of(path) == "detector"


def with_settled(
    history: History, labels: Path, images: Sequence[Path], *, synthetic: bool
) -> History:
    """Add the images that a checkpoint is settled on: what trains on from there has them.

    Args:
        labels: the file that names them. synthetic: whether any of them was rendered.

    Raises:
        InputError: the label file cannot be read.
    """
    digests, _ = digests_of(images)
    step = Step(
        step=SETTLED,
        file=labels.as_posix(),
        sha256=sha256_of(labels),
        lines=len(digests),
        synthetic=synthetic,
        round=history.round,
    )
    return history.with_step(step, SeenImages.of(digests))


def seal(
    folder: Path,
    history: History,
    record: Callable[[Mapping[str, str]], Mapping[str, Any]],
) -> Mapping[str, str]:
    """Write history and record beside the files of a model, which are all there.

    Args:
        record: makes the content of the record from the sha256 of the files, by name.

    Returns:
        These hashes, without those of the history and the record.

    Raises:
        InputError: the folder cannot be written to.
    """
    files = {file.name: sha256_of(file) for file in sorted(folder.iterdir())}
    write_history(history, folder, model=files)
    text = to_toml(record(files))
    (folder / RECORD).write_text(text, encoding="utf-8", newline="\n")
    return files
