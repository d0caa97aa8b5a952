"""`train fold`: own lines read out of fold."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from textlines.formats.judged_set import JudgedBy
from textlines.wording import pages_in
from textlines.wording.counts import count_of, form_of
from train.shared_options import FEATURES, Device, GeneralStop, Lang, StopImages, Turn

if TYPE_CHECKING:
    from train.own.fold_results import Results
    from train.own.fold_training import Work

WRITTEN = (
    *("work.json", "folds.json", "predictions.jsonl", "own.txt"),
    *("suspects.tsv", "suspects.html", "turns.jsonl", "cache", "lock", "fold-*"),
)
"""What the command writes into its folder, beside links to the folders of images."""

MANY = frozenset({"--general-stop"})
"""Options that take several values at once."""


def fold(
    model: Annotated[Path, typer.Option(help="Folder of `train weights`: what to start from.")],
    mix: Annotated[
        Path, typer.Option(help="Folder of `balance mix` with own lines: what to train on.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the folds.")],
    count: Annotated[int, typer.Option(min=2, max=20, help="How many folds.")] = 5,
    group: Annotated[
        str,
        typer.Option(
            help="Expression on the path whose first brackets name the document; a document is in "
            "one fold. [default: each crop for itself]"
        ),
    ] = "",
    minutes: Annotated[
        float,
        typer.Option(min=0, help="Fit the epochs of all folds to this. [default: no budget]"),
    ] = 0.0,
    general_stop: GeneralStop = None,
    images: StopImages = None,
    comparison: Annotated[
        JudgedBy, typer.Option(help="By which a reading of an own line is right.")
    ] = "exact",
    marks: Annotated[
        Path | None,
        typer.Option(help="Marks saved from a page: lines marked as real are not suspected."),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(help="Write the page of suspects here. [default: OUT/suspects.html]"),
    ] = None,
    lang: Lang = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change a value: stages.0.epochs=4."),
    ] = None,
    turn: Turn = None,
    allow_seen: Annotated[
        bool,
        typer.Option("--allow-seen", help="Fold lines that the base model was trained on."),
    ] = False,
    features: Annotated[
        Path | None,
        typer.Option(help="Folder of features that runs of one base share; as of `train rec`."),
    ] = None,
    device: Device = "auto",
    batch: Annotated[int, typer.Option(min=1, help="Lines a step.")] = 32,
    seed: Annotated[int, typer.Option(help="Another seed deals and orders otherwise.")] = 0,
) -> None:
    """Read each own line by a model that was trained on all lines but those of its fold.

    Finds when to stop without a stopping set, what a later round may mine, and labels that look
    wrong. Tunes the head alone; killed anywhere, the same call goes on.
    """
    from textlines.formats.judged_set import JudgedSet
    from textlines.labels.tally import Tally
    from textlines.outputs import check_outputs, folder, page

    general = tuple(map(JudgedSet.parse, general_stop or ()))
    shown = html or out / "suspects.html"
    names = [name for name in WRITTEN if html or name != "suspects.html"]
    check_outputs(
        [
            folder("--out", out, names),
            page("--html", shown),
            folder("--features", features, FEATURES),
        ],
        {
            "--model": model,
            "--mix": mix,
            "--general-stop": [judged.path for judged in general],
            "--images": images,
            "--marks": marks,
        },
    )
    from train.commands.needed import need_paddle

    need_paddle("train fold")
    from textlines.defects import of_readings
    from textlines.progress import watching
    from train.networks.devices import chosen_device
    from train.own.fold_results import write_results
    from train.own.fold_training import FoldOptions, prepare, train_folds

    options = FoldOptions(
        model=model,
        mix=mix,
        out=out,
        count=count,
        group=group,
        minutes=minutes,
        general_stop=general,
        images=images,
        comparison=comparison,
        marks=marks,
        changes=tuple(changes or ()),
        turning=turn,
        allow_seen=allow_seen,
        device=chosen_device(device),
        batch=batch,
        seed=seed,
    )
    work = prepare(options)
    for line in _costs(work):
        print(line, flush=True)
    rows, evidence = train_folds(work, watching, features and features.absolute())
    tally = Tally()
    results = write_results(work, rows, evidence, tally)
    with pages_in(lang):
        missing = _write_page(shown, results, work)
    # Last: where it is there, all is.
    results.record.write(out / "folds.json")
    for line in [*_told(results, out, shown), *tally.lines(of_readings.SHARED)]:
        print(line)
    if missing:
        print(f"crops that the page cannot show: {missing:,}")


def _write_page(path: Path, results: "Results", work: "Work") -> int:
    """Write the page of suspects; return how many crops it cannot show."""
    from textlines.files import replacing
    from train.judging.mining import read_marks
    from train.own.fold_results import suspects_page

    marks = work.options.marks
    html, missing = suspects_page(results, work.held, read_marks(marks) if marks else {})
    with replacing(path) as out:
        out.write(html)
    return missing


def _costs(work: "Work") -> list[str]:
    held, plan = work.held, work.plan
    stage = plan.stages[0]
    lists = plan.mix.lists
    lines = sum(epoch.lines + epoch.distilled for epoch in lists) // len(lists)
    costs = [
        f"{work.options.out}: {work.options.count} folds of "
        f"{count_of(len(held.lines), 'own line')} "
        f"({count_of(len(set(held.documents)), 'document')}), each "
        f"{count_of(stage.epochs, 'epoch')} at most of about "
        f"{count_of(lines, 'line')}"
    ]
    if work.resumed:
        costs.append("  goes on with what an earlier call has begun")
    elif work.seconds is not None:
        costs.append(f"  time        about {work.seconds / 60:.0f} minutes for all of them")
    return costs + [f"  warning     {line}" for line in work.warnings]


def _told(results: "Results", out: Path, page: Path) -> list[str]:
    record = results.record
    lines = []
    for number, row in enumerate(record.folds, 1):
        lines.append(
            f"fold {number}: {count_of(row.lines, 'line')}, right {row.before:,} -> "
            f"{row.after:,}, best after epoch {row.epoch}, alpha {row.alpha:g}"
        )
    before = sum(row.before for row in record.folds)
    after = sum(row.after for row in record.folds)
    read = record.lines - record.unread
    lines.append(
        f"out of fold: {before / read:.3f} -> {after / read:.3f} of {count_of(read, 'line')} read "
        f"right; medians: epoch {record.epoch} of {record.epochs}, alpha {record.alpha:g}"
    )
    figures = record.suspected
    lines.append(
        f"suspects: {figures.suspects:,} of {count_of(figures.lines, 'label')} "
        f"{form_of(figures.suspects, 'looks', 'look')} wrong "
        f"({figures.low:.1%} to {figures.high:.1%}): {page}"
    )
    lines += [f"note: {note}" for note in results.notes]
    lines.append(
        f"next: train plan --folds {out}; train mine --predictions {out / 'predictions.jsonl'} "
        f"--labels {out / 'own.txt'}"
    )
    return lines
