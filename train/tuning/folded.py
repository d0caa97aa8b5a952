"""What folds of a mix's own lines have found, in place of a set to stop by."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from textlines.errors import InputError
from textlines.files import sha256_of
from textlines.formats.folds import FOLDS, SUSPECTS_PAGE, FoldsRecord, read_folds
from textlines.formats.mix import MixFolder
from textlines.labels.tally import Tally
from textlines.wording.counts import count_of
from train.seen import hashes_of
from train.tuning.stages import RunAmounts
from train.tuning.train_plan import FoldsPlan, StagePlan
from train.tuning.training_lines import TrainingLine

MOST_SUSPECTED, LEAST_SUSPECTS = 0.02, 5
"""A share of wrong labels from which on a person has to look before training, and how many
suspects there must be at least: a few may be lines that no model reads."""


class OwnLine(NamedTuple):
    """One of a mix's own lines: its path in the lists, and its label."""

    path: str
    label: str


def own_lines(mix: MixFolder) -> tuple[OwnLine, ...]:
    """List the own lines of a mix's lists, each once, by path.

    Raises:
        InputError: a list cannot be read.
    """
    if not any(kind.is_own for kind in mix.record.configuration.kinds):
        return ()  # without a look into lists that may be long
    lines = {
        OwnLine(line.path, line.label)
        for epoch in mix.epochs
        for line, kind in mix.lines(epoch, Tally())
        if kind.is_own
    }
    return tuple(sorted(lines))


def own_sha256(lines: Iterable[OwnLine], data: Path) -> str:
    """Hash own lines by their images and labels, wherever they lie and whatever they are called.

    Args:
        data: the folder that paths start from. An image that is not there counts by its path.
    """
    lines = list(lines)
    images = hashes_of([data / line.path for line in lines])
    rows = {
        f"{image or line.path}\t{line.label}\n" for line, image in zip(lines, images, strict=True)
    }
    return hashlib.sha256("".join(sorted(rows)).encode()).hexdigest()


def folds_of(
    folder: Path, mix: MixFolder, base_sha256: str, *, accepts_suspects: bool
) -> FoldsRecord:
    """Read folds of the own lines of a mix.

    Args:
        folder: of `train fold`. base_sha256: of the base's `model.toml`.
        accepts_suspects: go on with labels that may be wrong.

    Raises:
        InputError: the folds are not finished, are of other own lines or of another base, or
            doubt too many labels.
    """
    path = _record_of(folder)
    record = read_folds(folder)
    again = "Train folds of this mix: train fold."
    if record.base_sha256 != base_sha256:
        raise InputError(str(path), "is of folds that started from another base model", again)
    lines = own_lines(mix)
    if record.own_sha256 != own_sha256(lines, mix.data):
        raise InputError(
            str(path),
            f"is of folds of other own lines ({record.lines:,}; this mix has {len(lines):,}, and "
            "an image or a label differs)",
            again,
        )
    suspected = record.suspected
    is_suspicious = suspected.low > MOST_SUSPECTED and suspected.suspects >= LEAST_SUSPECTS
    if is_suspicious and not accepts_suspects:
        raise InputError(
            str(path.with_name(SUSPECTS_PAGE)),
            f"shows {suspected.suspects:,} of {count_of(suspected.lines, 'own line')} whose label "
            f"looks wrong (at least {suspected.low:.1%} of all for sure, more than "
            f"{MOST_SUSPECTED:.0%})",
            "Mark them there, share the lines again with --marks marks.tsv, mix and fold again. "
            "Or go on with them: --suspects accept.",
        )
    return record


def _record_of(folder: Path) -> Path:
    return (folder / FOLDS if folder.is_dir() else folder).absolute()


def folds_plan(folder: Path, record: FoldsRecord) -> FoldsPlan:
    """Take from folds where a run on the same own lines ends and how it is blended.

    Raises:
        InputError: they found nothing that training wins.
    """
    path = _record_of(folder)
    if not record.epoch or not record.alpha:
        raise InputError(
            str(path),
            "found nothing to train: by the median of the folds the base reads held-out own lines "
            "best",
            "Label more lines, or train longer: train fold --minutes, --set stages.0.epochs=...",
        )
    return FoldsPlan(
        path=str(path),
        sha256=sha256_of(path),
        epochs=record.epochs,
        epoch=record.epoch,
        alpha=record.alpha,
    )


def with_course(stages: Sequence[StagePlan], folds: FoldsPlan) -> tuple[StagePlan, ...]:
    """Return stages with the course that the folds' rates have had: they end where it was best."""
    return tuple(stage.model_copy(update={"epochs": folds.epochs}) for stage in stages)


def amounts_of_folds(
    amounts: RunAmounts, lists: tuple[tuple[TrainingLine, ...], ...], count: int
) -> RunAmounts:
    """Count what all folds have to do together, of what one run on all lines has.

    Each own line is trained on in all folds but one, and judged in that one.
    """
    shares = [[line.width / 320 for line in lines if line.is_own] for lines in lists]
    shown = sum(map(sum, shares)) / len(lists)
    held = {line.path: line.width / 320 for lines in lists for line in lines if line.is_own}
    return replace(
        amounts,
        lines=count * amounts.lines - shown,
        judged=count * amounts.judged + sum(held.values()),
    )
