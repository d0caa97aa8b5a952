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
from textlines.wording.counts import count_of

if TYPE_CHECKING:
    from synth.plan.plan_report import PlanReport
    from synth.run.folder import Share
    from synth.run.plan_files import PlanOneBlock
    from synth.run.render_job import RenderJob
    from textlines.cluster import Cluster
    from textlines.formats.block_record import BlockRecord
    from textlines.formats.run_record import AskedLines, RunRecord
    from textlines.formats.teaching import Teaching


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
    from synth.plan.plan_report import describe, describe_blocks
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
        blocks = {"blocks": {"rows": job.block, "of": job.rows}} if job.in_blocks else {}
        content = {"plan": plan, "rates": asdict(rates), **blocks}
        print(json.dumps(content, ensure_ascii=False))
    else:
        if job.in_blocks:
            print(describe_blocks(job.rows, job.block, report, rates))
        for line in describe(report, None if job.in_blocks else rates):
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
    from synth.commands.printing import print_outcome, watching_drawing
    from synth.run.drawing import render_run
    from synth.run.folder import begin_blocks, locked, make_folder, open_run, recording
    from synth.run.merging import require_wanted
    from textlines.formats.run_record import plan_identity

    reports = Reports(job, as_json)
    make_folder(out)
    with locked(out, share):
        with recording(out):
            record = open_run(out, job.configuration, job.options.seed, job.texts.inputs)
            if job.in_blocks:
                record = begin_blocks(out, record, job.rows, job.oddities.by_effect())
            else:
                record = reports.plan(out, record)
        with watching_drawing(as_json) as watch:
            setup = replace(job.setup, plan=plan_identity(record))
            elsewhere = None
            if cluster is not None:
                from synth.run.cluster_drawing import draw_on_cluster

                if job.in_blocks:
                    reports.plan_on(cluster, out, record, share, processes)
                elsewhere = partial(draw_on_cluster, cluster, setup, out, processes)
            outcome = render_run(
                out,
                record,
                setup=setup,
                workers=processes,
                share=share,
                watch=watch,
                plan_block=reports.block_planner(out) if job.in_blocks else None,
                elsewhere=elsewhere,
            )
    if is_told:
        if not as_json:
            reports.print_blocks()
        print_outcome(out, outcome, reports.first, as_json)
    if outcome.complete or not job.in_blocks:
        require_wanted(out, outcome.record)
        _require_targets(job, str(out), outcome.record.counts)


class Reports:
    """Plans a run, or blocks of it, and keeps the report of what was planned first."""

    def __init__(self, job: "RenderJob", as_json: bool) -> None:
        self._job, self._as_json = job, as_json
        self.first: PlanReport | None = None
        self._blocks = 0
        self._broken: set[str] = set()

    def plan(self, out: Path, record: "RunRecord") -> "RunRecord":
        """Plan the whole run into one file, unless it is there."""
        from synth.run.folder import ensure_plan

        def teaching() -> "Teaching | None":
            return self.first.teaching if self.first else None

        def asked() -> "Mapping[str, AskedLines]":
            return self.first.asked_lines() if self.first else {}

        return ensure_plan(out, record, self._write, teaching, asked)

    def _write(self, path: Path) -> tuple[int, dict[str, int]]:
        from synth.commands.printing import print_broken
        from synth.run.oddities import broken_faces

        job = self._job
        rows, report = job.write_plan(path)
        self.first = report
        print_broken(job, self._as_json)
        broken = broken_faces(job.pool.broken).by_effect()
        return rows, {**job.oddities.by_effect(), **broken, **report.counts(), **job.counts()}

    def block_planner(self, out: Path) -> "PlanOneBlock":
        """Return what plans one block into a run's folder."""

        def plan_block(number: int) -> "BlockRecord":
            block, report = self._job.write_block(out, number)
            self._add(block, report)
            return block

        return plan_block

    def plan_on(
        self, cluster: "Cluster", out: Path, record: "RunRecord", share: "Share", most: int
    ) -> None:
        """Plan the blocks of a share that are missing, on a cluster."""
        from synth.run.cluster_planning import plan_on_cluster
        from synth.run.plan_files import PlanFiles

        files = PlanFiles(out, record)
        shards = share.of(files.shards, in_blocks=True)
        for planned in plan_on_cluster(cluster, self._job, out, files, shards, most):
            self._add(planned.record, planned.report)

    def _add(self, block: "BlockRecord", report: "PlanReport") -> None:
        from synth.commands.printing import print_tally
        from synth.run.oddities import breaking

        self.first = self.first or report
        self._blocks += 1
        new = {face: place for face, place in block.broken.items() if face not in self._broken}
        self._broken.update(new)
        print_tally(breaking(new.values()), self._as_json)

    def print_blocks(self) -> None:
        """Print how many blocks were planned, before what the first of them holds."""
        if self._blocks:
            of = -(-self._job.rows // self._job.block)
            print(f"{self._blocks:,} of {count_of(of, 'block')} planned now; of the first of them:")


def _require_targets(job: "RenderJob", where: str, counts: Mapping[str, int]) -> None:
    """End with an error where too few of the characters are served that the run is for.

    Each that is named by --chars is to be served; of what a profile ranks, the larger part.
    """
    from synth.run.merging import require_targets
    from synth.run.unserved import bearable

    if not job.options.allow_unserved:
        require_targets(where, counts, bearable(job.options.chars))
