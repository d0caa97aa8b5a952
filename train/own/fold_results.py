"""What finished folds leave: readings out of fold, medians, and the labels that they doubt."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from textlines.files import replacing, sha256_of
from textlines.formats.folds import (
    SUSPECTS,
    FoldRow,
    FoldsRecord,
    SuspectFigures,
    SuspectRow,
    medians_of,
    write_suspects,
)
from textlines.formats.predictions import Outcome, row_of
from textlines.labels.tally import Tally
from textlines.profile.suspects import Doubt, Evidence, doubts_of
from textlines.wilson import wilson
from train.judging.mining import read_marks
from train.own.fold import Work
from train.own.held import Held
from train.own.label_sets import link_images
from train.tuning.finishing import library_versions
from train.tuning.folded import own_sha256

PREDICTIONS, OWN = "predictions.jsonl", "own.txt"

MOST_LINKS = 8
"""Folders of images that are linked into the folds' folder, so that its label file stands alone."""


@dataclass(frozen=True, slots=True)
class Results:
    """What is written, and what to tell of it.

    Attributes:
        doubts: all lines by how much their label is doubted, named as in the own label file.
        notes: what to mind.
    """

    record: FoldsRecord
    doubts: tuple[Doubt, ...]
    notes: tuple[str, ...]


def write_results(
    work: Work, rows: Sequence[FoldRow], evidence: Sequence[Evidence], tally: Tally
) -> Results:
    """Write readings, suspects and, last, the record.

    Args:
        rows, evidence: of all folds.
        tally: grows by marks that no line has.

    Raises:
        InputError: a file cannot be written, or the marks cannot be read.
    """
    options, held, out = work.options, work.held, work.options.out
    known = {(one.path, one.label): one for one in evidence}
    named = [
        replace(known[line], path=name)
        for line, name in zip(held.lines, held.names, strict=True)
        if line in known
    ]
    with replacing(out / OWN) as file:
        file.writelines(
            f"{name}\t{line.label}\n" for line, name in zip(held.lines, held.names, strict=True)
        )
    notes = _linked(out, held)
    unread = len(held.lines) - len(named)
    if unread:
        notes.append(f"{unread:,} own lines have no reading: their crops cannot be read")
    with replacing(out / PREDICTIONS) as file:
        for one in {one.path: one for one in named}.values():
            file.write(row_of(Outcome(one.path, one.reading, one.score)))
    doubts = doubts_of(named, _real(options.marks, {one.path for one in named}, tally))
    write_suspects(
        out / SUSPECTS,
        (
            SuspectRow(
                rank,
                one.suspected,
                one.doubt,
                one.label_score,
                one.read_score,
                one.evidence.path,
                one.evidence.label,
                one.evidence.reading,
            )
            for rank, one in enumerate(doubts, 1)
        ),
    )
    suspects = sum(one.suspected for one in doubts)
    low, high = wilson(suspects, len(doubts))
    epoch, alpha = medians_of(rows)
    record = FoldsRecord(
        base=work.plan.base.name,
        mix_sha256=work.mix.sha256,
        base_sha256=work.plan.base.sha256,
        own_sha256=own_sha256(held.lines, work.mix.data),
        predictions_sha256=sha256_of(out / PREDICTIONS),
        lines=len(held.lines),
        unread=unread,
        epochs=work.plan.stages[0].epochs,
        folds=tuple(rows),
        epoch=epoch,
        alpha=alpha,
        suspected=SuspectFigures(suspects=suspects, lines=len(doubts), low=low, high=high),
        group=options.group,
        comparison=options.comparison,
        seed=options.seed,
        versions=library_versions(),
    )
    return Results(record, doubts, tuple(notes))


def _real(marks: Path | None, paths: Collection[str], tally: Tally) -> frozenset[str]:
    """Return the lines that a person has confirmed."""
    said = read_marks(marks) if marks else {}
    for path in said:
        if path not in paths:
            tally.add("unmatched_mark", path)
    return frozenset(path for path, mark in said.items() if mark == "real")


def _linked(out: Path, held: Held) -> list[str]:
    """Link the folders that the own lines' paths begin with: the label file then stands alone."""
    tops = {PurePosixPath(name).parts[0] for name in held.names if "/" in name}
    is_flat = any("/" not in name for name in held.names)
    if is_flat or len(tops) > MOST_LINKS or any((out / top).exists() for top in tops - _links(out)):
        return [f"{OWN} names its images from {held.images} on: read it with --images"]
    for top in sorted(tops):
        link_images(out, held.images / top, top)
    return []


def _links(out: Path) -> set[str]:
    return {one.name for one in out.iterdir() if one.is_symlink()}
