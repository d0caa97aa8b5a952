"""`history.json` and `seen_images.npy` beside a model, and the step that a label file makes."""

import json
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from textlines.errors import InputError
from textlines.files import read_text, replacing, replacing_bytes, sha256_of, unreadable
from textlines.formats.rendered import holds_rendered
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from train.seen.history import FORMAT, History, HistoryFile, Step
from train.seen.images import SeenImages, digests_of

HISTORY, IMAGES = "history.json", "seen_images.npy"

_AGAIN = "Export the model again; without its history nobody knows which lines it has seen."

UNSEEN = "seen_image_missing"
"""Counts label lines whose image could not be read, and so was seen by nobody."""


def add_step(
    history: History,
    step: str,
    labels: Path,
    *,
    images: Path | None = None,
    synthetic: bool | None = None,
    tally: Tally | None = None,
    workers: int = 4,
) -> History:
    """Give a history that also holds a label file and its images. Reads all of them.

    Args:
        step: what was done with the lines: "mine from", "train on", "stop on", ...
        labels: the label file; lines without a label count too.
        images: the folder that paths start from; None takes that of the label file.
        synthetic: None looks whether any of its images was rendered.
        tally: grows by the reasons of label files, and by `UNSEEN`.

    Raises:
        InputError: the label file cannot be read.
    """
    tally = Tally() if tally is None else tally
    folder = images or labels.parent
    lines = read_labels(labels, tally=tally, need_label=False)
    paths = [folder / path for path in dict.fromkeys(line.path for line in lines)]
    digests, were_read = digests_of(paths, workers)
    for path, was_read in zip(paths, were_read, strict=True):
        if not was_read:
            tally.add(UNSEEN, str(path))
    made = Step(
        step=step,
        file=labels.as_posix(),
        sha256=sha256_of(labels),
        lines=len(digests),
        synthetic=holds_rendered(labels, images) if synthetic is None else synthetic,
    )
    return history.with_step(made, SeenImages.of(digests))


def write_history(history: History, folder: Path) -> None:
    """Write both files into a model's folder, each whole or not at all.

    Raises:
        InputError: the folder cannot be written to.
    """
    # The images first: a history that names images which are not there yet would be broken.
    with replacing_bytes(folder / IMAGES) as out:
        np.save(out, history.images.digests, allow_pickle=False)
    content = HistoryFile(steps=history.steps, images=IMAGES).model_dump(mode="json")
    with replacing(folder / HISTORY) as file:
        file.write(json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def read_history(folder: Path) -> History | None:
    """Read what lies beside a model; None when no history is there.

    Raises:
        InputError: the history, or the images that it names, cannot be read; it is broken or of
            another format.
    """
    path = folder / HISTORY
    if not path.exists():
        return None
    try:
        content = json.loads(read_text(path, "the history"))
    except (ValueError, RecursionError) as error:
        raise InputError(str(path), f"is no JSON ({error})", _AGAIN) from error
    found = content.get("format") if isinstance(content, dict) else None
    if found != FORMAT:
        raise InputError(
            str(path), f"is a history of format {found}, this program reads {FORMAT}", _AGAIN
        )
    try:
        file = HistoryFile.model_validate(content)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()
        )
        raise InputError(str(path), f"is no history ({faults})", _AGAIN) from error
    return History(file.steps, _read_images(folder / file.images))


def _read_images(path: Path) -> SeenImages:
    try:
        digests = np.load(path, allow_pickle=False)
    except OSError as error:
        raise unreadable(path, error, "the list of seen images") from error
    except (ValueError, EOFError) as error:
        raise InputError(str(path), f"is no list of seen images ({error})", _AGAIN) from error
    try:
        return SeenImages.of(digests)
    except (ValueError, AttributeError) as error:
        raise InputError(str(path), f"is no list of seen images ({error})", _AGAIN) from error
