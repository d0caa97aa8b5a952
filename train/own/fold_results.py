"""What finished folds leave: readings out of fold, medians, and the labels that they doubt.

`suspects.html` shows own lines whose label may be wrong, to look at and to mark.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from textlines.defects import of_readings
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
from textlines.pages.environment import asset
from textlines.pages.page import Fact, Section, page
from textlines.profile.reading import Misread
from textlines.profile.suspects import Doubt, Evidence, doubts_of
from textlines.wilson import wilson
from textlines.wording import say, say_n
from textlines.wording.counts import count_of, form_of, line_count
from train.judging.mining import Mark, read_marks
from train.judging.page_parts import PACKAGE, aligned_line, lines_body, picture_of, show_line
from train.models.base_folder import library_versions
from train.own.fold_training import Work
from train.own.held_out import HeldLines
from train.own.sharing import link_images
from train.tuning.training_lines import own_sha256

PREDICTIONS, OWN = "predictions.jsonl", "own.txt"

MOST_LINKS = 8
"""Folders of images that are linked into the folds' folder, so that its label file stands alone."""

FINDING = say(
    "{suspects} of {lines} may have a wrong label; {low} to {high} of all labels are wrong."
)

SHOWN, SHOWN_SHARE = 40, 0.1
"""Lines beyond the suspects are shown up to so many, and to this share of all: some wrong labels
stand among them."""


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
    known = {(row.path, row.label): row for row in evidence}
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
        have, crops = form_of(unread, "has", "have"), form_of(unread, "its crop", "their crops")
        notes.append(f"{count_of(unread, 'own line')} {have} no reading: {crops} cannot be read")
    with replacing(out / PREDICTIONS) as file:
        for row in {row.path: row for row in named}.values():
            file.write(row_of(Outcome(row.path, row.reading, row.score)))
    doubts = doubts_of(named, _real(options.marks, {row.path for row in named}, tally))
    write_suspects(
        out / SUSPECTS,
        (
            SuspectRow(
                rank=rank,
                suspected=doubt.suspected,
                doubt=doubt.doubt,
                label_score=doubt.label_score,
                read_score=doubt.read_score,
                path=doubt.evidence.path,
                label=doubt.evidence.label,
                reading=doubt.evidence.reading,
            )
            for rank, doubt in enumerate(doubts, 1)
        ),
    )
    suspects = sum(doubt.suspected for doubt in doubts)
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
            tally.add(of_readings.UNMATCHED_MARK, path)
    return frozenset(path for path, mark in said.items() if mark == "real")


def _linked(out: Path, held: HeldLines) -> list[str]:
    """Link the folders that the own lines' paths begin with: the label file then stands alone."""
    tops = {PurePosixPath(name).parts[0] for name in held.names if "/" in name}
    is_flat = any("/" not in name for name in held.names)
    if is_flat or len(tops) > MOST_LINKS or any((out / top).exists() for top in tops - _links(out)):
        return [f"{OWN} names its images from {held.images} on: read it with --images"]
    for top in sorted(tops):
        link_images(out, held.images / top, top)
    return []


def _links(out: Path) -> set[str]:
    return {entry.name for entry in out.iterdir() if entry.is_symlink()}


def suspects_page(results: Results, held: HeldLines, marks: Mapping[str, Mark]) -> tuple[str, int]:
    """Build the page.

    Args:
        marks: that a person has made before.

    Returns:
        The page, and how many of its crops could not be read.
    """
    record, tally = results.record, Tally()
    apart = [doubt for doubt in results.doubts if doubt.evidence.reading != doubt.evidence.label]
    most = max(
        sum(doubt.suspected for doubt in apart), SHOWN, round(SHOWN_SHARE * len(results.doubts))
    )
    shown = [
        show_line(number, _misread(doubt), marks.get(doubt.evidence.path, ""), doubt.label_score)
        for number, doubt in enumerate(apart[:most], 1)
    ]
    pictures = {line.number: picture_of(held.images, line.line.path, tally) for line in shown}
    figures = record.suspected
    body = lines_body(
        shown,
        pictures,
        marks,
        record.predictions_sha256,
        order=say("most doubted first"),
        then="train share",
    )
    lead = say(
        "{lines}, the most doubted first: suspects, and what comes after them. The label "
        "stands above, the reading below: of a model that was not trained on the line.",
        lines=line_count(len(shown)),
    )
    before, after = (
        sum(getattr(row, name) for row in record.folds) for name in ("before", "after")
    )
    read = record.lines - record.unread
    html = page(
        say("Own lines whose label may be wrong"),
        [Section(say("Lines"), body, lead, "lines", True)],
        finding=FINDING.filled(
            lines=say_n("{n:,} own line", "{n:,} own lines", figures.lines),
            suspects=f"{figures.suspects:,}",
            low=f"{figures.low:.1%}",
            high=f"{figures.high:.1%}",
        ),
        lead=say(
            "{base}, {folds} folds of {lines:,} own lines. Mark a wrong label as such (w), a right "
            "one as real (r), save marks.tsv, and share the lines again with it: a line that is "
            "marked wrong is left out.",
            base=record.base,
            folds=len(record.folds),
            lines=record.lines,
        ),
        facts=[
            Fact(
                say("Suspects"),
                f"{figures.suspects:,}",
                say("of {lines:,} lines", lines=figures.lines),
            ),
            Fact(say("Share"), f"{figures.low:.1%} – {figures.high:.1%}", say("95 % interval")),
            Fact(
                say("Read right"),
                f"{before / read:.1%} → {after / read:.1%}",
                say("base, out of fold"),
            ),
        ],
        styles=[asset("textlines.pages", "tools.css"), asset(PACKAGE, "report.css")],
        scripts=[asset(PACKAGE, "report.js")],
    )
    return html, tally["not_shown"]


def _misread(doubt: Doubt) -> Misread:
    line = doubt.evidence
    return aligned_line(line.path, line.label, line.reading, line.score, suspected=doubt.reason)
