"""What a model has seen, as steps that read lines, by the hash of each image."""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from textlines.files import open_regular, raise_if_of_the_machine, sha256_of
from textlines.formats.history import (
    HISTORY,
    History,
    Step,
    history_beside,
    prefix_of,
    read_history,
    write_history,
)
from textlines.formats.profile import load_profile
from textlines.formats.rendered import any_rendered, holds_rendered
from textlines.formats.seen_images import WIDTH, Digests, SeenImages, as_digests
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from textlines.wording import say, say_n

UNSEEN = "seen_image_missing"
"""Counts label lines whose image could not be read, and so was seen by nobody."""

MINED = say("mine from")


def digests_of(paths: Sequence[Path], workers: int = 4) -> tuple[Digests, tuple[bool, ...]]:
    """Hash image files.

    Args:
        workers: threads; hashing lets go of the interpreter.

    Returns:
        Digests of the files that could be read (N x 16, in order), and of each path whether it
        could.

    Raises:
        MachineError: a file may not be read, or the machine fails otherwise.
    """
    found = _hashed(paths, workers)
    return as_digests(one[:WIDTH] for one in found if one is not None), tuple(
        one is not None for one in found
    )


def hashes_of(paths: Sequence[Path], workers: int = 4) -> tuple[str | None, ...]:
    """Return the whole sha256 of each image file; None for one that cannot be read.

    Raises:
        MachineError: as of `digests_of`.
    """
    return tuple(one.hex() if one is not None else None for one in _hashed(paths, workers))


def _hashed(paths: Sequence[Path], workers: int) -> list[bytes | None]:
    with ThreadPoolExecutor(workers, thread_name_prefix="hashing") as pool:
        return list(pool.map(_hash_of, paths))


def _hash_of(path: Path) -> bytes | None:
    try:
        with open_regular(path) as file:
            return hashlib.file_digest(file, "sha256").digest()
    except (OSError, ValueError) as error:  # ValueError: what no path can be
        # A line whose image is not hashed counts as unseen: that must not come of a full table of
        # open files.
        raise_if_of_the_machine(path, error)
        return None


def add_step(
    history: History,
    step: str,
    labels: Path,
    *,
    images: Path | None = None,
    round: int = 1,
    synthetic: bool | None = None,
    tally: Tally | None = None,
    workers: int = 4,
) -> History:
    """Return a history that also holds a label file and its images. Reads all of them.

    Args:
        step: what was done with the lines: "mine from", "train on", "stop on", ...
        labels: the label file; lines without a label count too.
        images: the folder that paths start from; None takes that of the label file.
        round: of the loop, from 1.
        synthetic: None looks whether any of its images was rendered.
        tally: grows by the reasons of label files, and by `UNSEEN`.

    Raises:
        InputError: the label file cannot be read.
    """
    tally = Tally() if tally is None else tally
    folder = images or labels.parent
    lines = read_labels(labels, tally=tally, need_label=False, home=folder)
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
        round=round,
    )
    return history.with_step(made, SeenImages.of(digests))


def add_look(
    history: History,
    step: str,
    labels: Path,
    lines: int,
    images: Path | None = None,
    *,
    synthetic: bool | None = None,
) -> History:
    """Return a history that also tells of lines that were read and changed nothing of the model.

    Args:
        labels: the label file, of text lines or of pages.
        images: the folder that paths start from; None takes that of the label file.
        synthetic: None looks whether any of its images was rendered; of pages it must be told.

    Raises:
        InputError: the label file cannot be read.
    """
    look = Step(
        step=step,
        file=labels.as_posix(),
        sha256=sha256_of(labels),
        lines=lines,
        synthetic=holds_rendered(labels, images) if synthetic is None else synthetic,
        round=history.round,
        is_look=True,
    )
    return history.with_step(look, SeenImages())


def write_mined(
    profile: Path, source: Path, sha256: str, paths: Sequence[str], images: Path
) -> tuple[Path, int]:
    """Write down which lines a profile was mined from, beside it.

    Args:
        profile: its file, already written: the history holds its hash.
        source: the label file; where there is none the predictions, which bring the labels.
            sha256: of that.
        paths: of the lines, from `images` on.

    Returns:
        The history's file, and how many of the images could not be read: those are a gap.

    Raises:
        InputError: it cannot be written.
    """
    own = list(dict.fromkeys(paths))
    digests, _ = digests_of([images / path for path in own])
    step = Step(
        step=MINED,
        file=source.as_posix(),
        sha256=sha256,
        lines=len(digests),
        synthetic=any_rendered(own, images),
        round=1,
    )
    history = History().with_step(step, SeenImages.of(digests))
    missing = len(own) - len(digests)
    if missing:
        history = history.with_gap(
            say_n(
                "the one image that {profile} was mined from was not in {folder} when it was",
                "{missing:,} of the {n:,} images that {profile} was mined from were not in "
                "{folder} when it was",
                len(own),
                missing=missing,
                profile=profile.name,
                folder=images.as_posix(),
            )
        )
    model = {profile.name: sha256_of(profile)}
    write_history(history, profile.parent, model=model, prefix=prefix_of(profile))
    return history_beside(profile)[0], missing


def add_mined(history: History, profile: Path, round: int) -> History:
    """Return a history that also holds what a profile was mined from.

    A profile without a history beside it, of an older program or by hand, tells hashes of files
    alone: the images are a gap.

    Raises:
        InputError: the profile, or the history beside it, cannot be read.
    """
    content = load_profile(profile)
    found = read_history(profile.parent, model=[sha256_of(profile)], prefix=prefix_of(profile))
    if found is not None:
        for at, step in enumerate(found.steps):
            made = step.model_copy(update={"round": round})
            history = history.with_step(made, found.images_of(at))
        for gap in found.gaps:
            history = history.with_gap(gap)
        return history
    for name, sha256 in content.inputs.items():
        if len(sha256) == 64:
            step = Step(
                step=MINED, file=name, sha256=sha256, lines=content.lines.lines, round=round
            )
            history = history.with_step(step, SeenImages())
    return history.with_gap(
        say(
            "{profile} has no {history} beside it: which images it was mined from is not known",
            profile=profile.name,
            history=f"{prefix_of(profile)}{HISTORY}",
        )
    )
