"""`synth generate`: from a profile, characters or texts to labelled line images."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synth.plan.plan_options import HOW
from synth.run.job_options import JobOptions
from textlines.cluster_joining import RAY_HELP
from textlines.errors import UsageError
from textlines.request_options import command

if TYPE_CHECKING:
    from synth.plan.plan_report import PlanReport
    from synth.run.folder import Share
    from synth.run.render_job import RenderJob
    from textlines.cluster import Cluster

KEPT = "codes kept from faces that mix "
"""What the counts start with of texts with a code that some faces could not draw clearly."""

KEPT_LINES = "texts without a neighbour kept from faces that mix "

KEPT_APART = "texts kept from faces that run their letters together"

NOT_BY_HAND = "codes kept from handwritten faces"


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateRequest(JobOptions):
    """What `synth generate` is asked for: which run, drawn where and by how many processes.

    Attributes:
        out: None with `dry_run`.
        workers: processes; 0 is one for each core.
        shard: i/n.
        ray: address of a Ray cluster that draws; None draws here.

    Raises:
        UsageError: what is needed is missing, or a number is out of range.
    """

    out: Annotated[
        Path | None,
        typer.Option(help="Folder to write; a killed run goes on in it. Not for --dry-run."),
    ] = None
    workers: Annotated[
        int,
        typer.Option(
            help="Processes; 0 = one for each core. With --ray: tasks at a time, of one core each; "
            "0 = all of the cluster.",
            rich_help_panel=HOW,
        ),
    ] = 0
    shard: Annotated[
        str, typer.Option(help="i/n: draw only this part of the run.", rich_help_panel=HOW)
    ] = "0/1"
    ray: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help=RAY_HELP, rich_help_panel=HOW),
    ] = None
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Plan, print, draw nothing.", rich_help_panel=HOW)
    ] = False

    def __post_init__(self) -> None:
        if self.own_enough is not None and not self.own:
            raise UsageError(
                "--own-enough", "counts own lines, and none are named", "Name them with --own."
            )
        if self.workers < 0:
            raise UsageError(f"--workers {self.workers}", "is negative", "Say 1 or more, or 0.")
        if self.out is None and not self.dry_run:
            raise UsageError("--out", "is missing", "Name a folder to write, or say --dry-run.")
        if self.ray is not None and self.dry_run:
            raise UsageError("--ray, --dry-run", "exclude each other", "Planning is done here.")


def _generate(
    request: GenerateRequest,
    *,
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

    processes = request.workers or os.cpu_count() or 1
    share = Share.parse(request.shard)
    out = None if request.dry_run else request.out
    if out is not None:
        reads = {
            "--profile": request.profile,
            "--text-list": request.text_list,
            "--own": request.own,
            "--corpus": request.corpus and Tree(embedded_path(request.corpus)),
            "--original": request.original,
            "--like": request.like,
            "--exclude-texts": request.exclude_texts,
            "--dictionary": request.dictionary,
            "--style": request.style,
            "--fonts": request.fonts,
            "--backgrounds": request.backgrounds and Tree(request.backgrounds),
        }
        check_outputs([folder("--out", out)], reads)
        refuse_foreign(out)
    job = assemble(request, None if json_ else slow_progress())
    print_oddities(job.oddities, job.scan, json_)
    if out is None:
        _dry_run(job, processes, json_)
        return
    if request.ray is None:
        run_job(job, out, processes, share, json_)
        return
    from textlines.cluster_joining import connected

    # Connected before the plan is made: an address that does not answer is told at once.
    with connected(request.ray) as cluster:
        run_job(job, out, request.workers, share, json_, cluster=cluster)


command_line = command(GenerateRequest, _generate)


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
    cluster: "Cluster | None" = None,
) -> None:
    """Plan and draw a job into its folder, or go on with what is there.

    Args:
        processes: of this machine; on a cluster tasks at a time, 0 as many as it has CPUs.
        is_told: whether plan and result are printed.
        cluster: draws in the place of this machine.

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
        if job.setter:
            kept |= dict(sorted(job.setter.counts.items()))
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
            elsewhere = None
            if cluster is not None:
                from synth.run.cluster_drawing import draw_on_cluster

                elsewhere = partial(draw_on_cluster, cluster, setup, out, processes)
            outcome = render_run(
                out,
                record,
                setup=setup,
                workers=processes,
                share=share,
                watch=watch,
                elsewhere=elsewhere,
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
