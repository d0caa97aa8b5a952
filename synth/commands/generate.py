"""`synth generate`: from a profile, characters or texts to labelled line images."""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from synth.plan.plan_options import FILLER, REST
from synth.run.job_options import JobOptions
from textlines.errors import UsageError
from textlines.profile.support import ENOUGH

if TYPE_CHECKING:
    from synth.plan.plan_report import PlanReport
    from synth.run.folder import Share
    from synth.run.render_job import RenderJob

KEPT = "codes kept from faces that mix "
"""What the counts start with of texts with a code that some faces could not draw clearly."""

KEPT_LINES = "texts without a neighbour kept from faces that mix "

KEPT_APART = "texts kept from faces that run their letters together"

NOT_BY_HAND = "codes kept from handwritten faces"

FOR, WITH, HOW = "What to write", "With what", "Running"

USUAL = JobOptions()
"""What is taken where the user says nothing."""


def generate(
    out: Annotated[
        Path | None,
        typer.Option(help="Folder to write; a killed run goes on in it. Not for --dry-run."),
    ] = None,
    profile: Annotated[
        Path | None, typer.Option(help="Error profile of `train mine`.", rich_help_panel=FOR)
    ] = None,
    chars: Annotated[
        str | None, typer.Option(help='Characters to teach: "0O1lI값갑".', rich_help_panel=FOR)
    ] = None,
    text_list: Annotated[
        Path | None,
        typer.Option(help="Write exactly these texts, in turn.", rich_help_panel=FOR),
    ] = None,
    own: Annotated[
        list[Path] | None,
        typer.Option(
            help="Your labelled lines, which train too: what they lack of --profile and of "
            "production (--like) is drawn.",
            rich_help_panel=FOR,
        ),
    ] = None,
    own_enough: Annotated[
        int | None,
        typer.Option(
            help=f"Own lines with a character from which on it is taught. Default: {ENOUGH}.",
            rich_help_panel=FOR,
        ),
    ] = None,
    corpus: Annotated[
        Path | None,
        typer.Option(
            help="Text file, label file, folder of them, TOML that mixes sources, or "
            "embedded:NAME, a file that comes with this. "
            "Default: embedded, by style; with --own, texts of the shapes of your lines.",
            rich_help_panel=FOR,
        ),
    ] = None,
    language: Annotated[
        list[str] | None,
        typer.Option(
            help="Draw from texts in this language alone: ko, en or zh. Default: all.",
            rich_help_panel=FOR,
        ),
    ] = None,
    count: Annotated[int | None, typer.Option(help="Images.", rich_help_panel=FOR)] = None,
    original: Annotated[
        Path | None,
        typer.Option(
            help="Your label file: sets the number of images by --ratio.", rich_help_panel=FOR
        ),
    ] = None,
    ratio: Annotated[
        float,
        typer.Option(help="Original lines beside one new line, 5 to 10.", rich_help_panel=FOR),
    ] = USUAL.ratio,
    like: Annotated[
        Path | None,
        typer.Option(
            help="Label file, or predictions.jsonl of your crops, whose lengths and spaces to "
            "follow; with --own, what production holds.",
            rich_help_panel=FOR,
        ),
    ] = None,
    exclude_texts: Annotated[
        list[Path] | None,
        typer.Option(
            help="Texts or label files that must not appear (judging sets).", rich_help_panel=FOR
        ),
    ] = None,
    dictionary: Annotated[
        Path | None,
        typer.Option(
            help="PaddleOCR dictionary of the model, or its training YAML.", rich_help_panel=FOR
        ),
    ] = None,
    use_space_char: Annotated[
        bool | None,
        typer.Option(
            "--use-space-char/--no-space",
            help="Whether the model reads spaces. [default: as the dictionary's YAML or model "
            "folder or the profile says; else it does]",
            rich_help_panel=FOR,
        ),
    ] = None,
    max_length: Annotated[
        int | None, typer.Option(help="Longest label. Default: 25.", rich_help_panel=FOR)
    ] = None,
    repeat_cap: Annotated[
        int, typer.Option(help="Times one text may appear; 0 = any.", rich_help_panel=FOR)
    ] = USUAL.repeat_cap,
    filler: Annotated[
        float | None,
        typer.Option(
            help="Share of natural lines beside the targets; with --own, of lines for every "
            f"character of production alike. Default: {FILLER}; with --own {REST}.",
            rich_help_panel=FOR,
        ),
    ] = None,
    alpha: Annotated[
        float,
        typer.Option(
            help="Character counts: 1 = as in natural text, 0 = even.", rich_help_panel=FOR
        ),
    ] = USUAL.alpha,
    temper: Annotated[
        float,
        typer.Option(
            help="Lines per target: 1 = by the profile's gains, 0 = even.", rich_help_panel=FOR
        ),
    ] = USUAL.temper,
    allow_unserved: Annotated[
        bool,
        typer.Option(
            "--allow-unserved",
            help="Go on where most of what the profile promises, or the script of the "
            "dictionary, cannot be drawn; end with 0 where named characters get fewer lines.",
            rich_help_panel=FOR,
        ),
    ] = False,
    style: Annotated[
        str,
        typer.Option(help="document, receipt, lcd, or a TOML of yours.", rich_help_panel=WITH),
    ] = USUAL.style,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="Over the style: output.height=32.", rich_help_panel=WITH),
    ] = None,
    fonts: Annotated[
        list[Path] | None,
        typer.Option(help="Folders of fonts, used alone.", rich_help_panel=WITH),
    ] = None,
    fonts_licence: Annotated[
        str,
        typer.Option(help="any, or known: leave out unknown licences.", rich_help_panel=WITH),
    ] = USUAL.fonts_licence,
    family_weight: Annotated[
        list[str] | None,
        typer.Option(help="FAMILY=WEIGHT beside 1 for each family.", rich_help_panel=WITH),
    ] = None,
    backgrounds: Annotated[
        Path | None,
        typer.Option(
            help="Folder of photos to draw on too; photos.p sets how often.", rich_help_panel=WITH
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(help="Same seed, same bytes.", rich_help_panel=HOW)
    ] = USUAL.seed,
    workers: Annotated[
        int, typer.Option(help="Processes; 0 = one for each core.", rich_help_panel=HOW)
    ] = 0,
    shard: Annotated[
        str, typer.Option(help="i/n: draw only this part of the run.", rich_help_panel=HOW)
    ] = "0/1",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Plan, print, draw nothing.", rich_help_panel=HOW)
    ] = False,
    json_: Annotated[
        bool, typer.Option("--json", help="Say it in JSON lines.", rich_help_panel=HOW)
    ] = False,
) -> None:
    """Write text-line images with their labels, for the characters that a model misreads."""
    from synth.commands.printing import print_oddities, slow_progress
    from synth.corpus.corpus_files import embedded_path
    from synth.run.folder import Share, refuse_foreign
    from synth.run.render_job import assemble
    from textlines.outputs import Tree, check_outputs, folder

    options = JobOptions(
        profile=profile,
        chars=chars,
        text_list=text_list,
        corpus=corpus,
        languages=tuple(dict.fromkeys(language or ())),
        fonts=tuple(fonts or ()),
        fonts_licence=licence_choice(fonts_licence),
        family_weights=tuple(family_weight or ()),
        backgrounds=backgrounds,
        style=style,
        settings=tuple(set_ or ()),
        own=tuple(own or ()),
        own_enough=ENOUGH if own_enough is None else own_enough,
        dictionary=dictionary,
        use_space_char=use_space_char,
        max_length=max_length,
        count=count,
        original=original,
        ratio=ratio,
        like=like,
        exclude_texts=tuple(exclude_texts or ()),
        repeat_cap=repeat_cap,
        filler=filler,
        alpha=alpha,
        temper=temper,
        allow_unserved=allow_unserved,
        seed=seed,
    )
    if own_enough is not None and not own:
        raise UsageError(
            "--own-enough", "counts own lines, and none are named", "Name them with --own."
        )
    if workers < 0:
        raise UsageError(f"--workers {workers}", "is negative", "Say 1 or more, or 0.")
    processes = workers or os.cpu_count() or 1
    share = Share.parse(shard)
    if out is None and not dry_run:
        raise UsageError("--out", "is missing", "Name a folder to write, or say --dry-run.")
    if out is not None and not dry_run:
        reads = {
            "--profile": profile,
            "--text-list": text_list,
            "--own": own,
            "--corpus": corpus and Tree(embedded_path(corpus)),
            "--original": original,
            "--like": like,
            "--exclude-texts": exclude_texts,
            "--dictionary": dictionary,
            "--style": style,
            "--fonts": fonts,
            "--backgrounds": backgrounds and Tree(backgrounds),
        }
        check_outputs([folder("--out", out)], reads)
        refuse_foreign(out)
    job = assemble(options, None if json_ else slow_progress())
    print_oddities(job, json_)
    if out is None or dry_run:
        _dry_run(job, processes, json_)
        return
    run_job(job, out, processes, share, json_)


def licence_choice(value: str) -> Literal["any", "known"]:
    """Read `--fonts-licence`.

    Raises:
        UsageError: it is neither "any" nor "known".
    """
    if value == "known":
        return "known"
    if value != "any":
        raise UsageError(f"--fonts-licence {value}", "is neither any nor known", "")
    return "any"


def _dry_run(job: "RenderJob", processes: int, as_json: bool) -> None:
    """Plan into nowhere, draw a few samples to learn the rate, and say what would be."""
    from synth.commands.printing import print_broken, print_teaching
    from synth.plan.plan_report import describe
    from synth.run.render_job import trial
    from textlines.defects import EFFECTS

    report, rates = trial(job, processes)
    print_broken(job, as_json)
    counts = report.counts()
    if as_json:
        from dataclasses import asdict

        plan = asdict(replace(report, teaching=None))
        texts = plan.pop("texts")
        for effect in EFFECTS:
            part = texts.part(effect)
            plan |= {effect: part.as_dict(), f"{effect}_lines": part.lines()}
        del plan["teaching"]
        if report.teaching is not None:
            plan["teaching"] = report.teaching.model_dump(mode="json")
        print(json.dumps({"plan": plan, "rates": asdict(rates)}, ensure_ascii=False))
    else:
        for line in describe(report, rates):
            print(line)
        print_teaching(report.teaching)
    _require_targets(job, "--chars" if job.options.chars else "--profile", counts)


def run_job(
    job: "RenderJob",
    out: Path,
    processes: int,
    share: "Share",
    as_json: bool,
    *,
    is_told: bool = True,
) -> None:
    """Plan and draw a job into its folder, or go on with what is there.

    Args:
        is_told: whether plan and result are printed.

    Raises:
        InputError: the folder holds something else, or cannot be written.
        TooFewError: it holds fewer images than were asked for.
        TargetsShortError: characters stand in fewer lines than were asked for.
    """
    from synth.commands.printing import print_broken, print_outcome, watching_drawing
    from synth.run.drawing import render_run
    from synth.run.folder import ensure_plan, locked, make_folder, open_run, recording
    from synth.run.merging import require_wanted
    from synth.run.oddities import broken_faces
    from textlines.formats.plan_rows import PLAN

    reports: list[PlanReport] = []

    def write(path: Path) -> tuple[int, dict[str, int]]:
        rows, report = job.write_plan(path)
        reports.append(report)
        kept = {f"{KEPT}{pair}": n for pair, n in sorted(job.pool.kept_from_codes.items())}
        kept |= {f"{KEPT_LINES}{pair}": n for pair, n in sorted(job.pool.kept_from_lines.items())}
        if job.pool.codes_not_by_hand:
            kept[NOT_BY_HAND] = job.pool.codes_not_by_hand
        if job.pool.kept_apart:
            kept[KEPT_APART] = job.pool.kept_apart
        print_broken(job, as_json)
        broken = broken_faces(job.pool.broken).by_effect()
        return rows, {**job.oddities.by_effect(), **broken, **report.counts(), **kept}

    make_folder(out)
    with locked(out, share):
        with recording(out):
            record = open_run(out, job.configuration, job.options.seed, job.texts.inputs)
            record = ensure_plan(
                out,
                record,
                write,
                lambda: reports[-1].teaching if reports else None,
                lambda: reports[-1].asked_lines() if reports else {},
            )
        with watching_drawing(as_json) as watch:
            setup = replace(job.setup, plan=record.outputs[PLAN])
            outcome = render_run(
                out, record, setup=setup, workers=processes, share=share, watch=watch
            )
    if is_told:
        print_outcome(out, outcome, reports[0] if reports else None, as_json)
    require_wanted(out, outcome.record)
    _require_targets(job, str(out), outcome.record.counts)


def _require_targets(job: "RenderJob", where: str, counts: Mapping[str, int]) -> None:
    """End with an error where too few of the characters are served that the run is for.

    Each that is named by --chars is to be served; of what a profile ranks, the larger part.
    """
    from synth.run.merging import require_targets
    from synth.run.unserved import bearable

    if not job.options.allow_unserved:
        require_targets(where, counts, bearable(job.options.chars))
