"""`train rec` from the run's folder to its result."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import paddle

from textlines.errors import InputError, UsageError
from textlines.labels.tally import Tally
from textlines.progress import watching
from train.networks.devices import use_device
from train.tuning.blending import Blend
from train.tuning.finishing import finish, judged_blends
from train.tuning.metrics import read_metrics
from train.tuning.pacing import Pacer
from train.tuning.prepared_run import Ready, ready_for
from train.tuning.ranks import joined
from train.tuning.report import write_report
from train.tuning.run import Trainer
from train.tuning.run_folder import history_of_run
from train.tuning.run_states import locked
from train.tuning.stopping_sets import read_sets
from train.tuning.train_plan import PLAN, TrainPlan, read_plan


def follow(
    run: Path,
    *,
    as_json: bool = False,
    features: Path | None = None,
    on_board: bool = False,
    clock: Callable[[], float] = time.monotonic,
) -> list[str]:
    """Train, blend and write the best model; give what to tell of it.

    Args:
        features: a folder of features that runs of one base share.
        on_board: write the events for TensorBoard too.
        clock: what a run with a budget of minutes measures its pace by, in seconds.

    Raises:
        InputError: the run cannot go on; what was saved stays.
        UsageError: the device that was planned for is not there.
    """
    done = next((one for one in read_metrics(run) if one["event"] == "finished"), None)
    if done and (run / "best" / "model.toml").is_file():
        return [f"{run}: is finished (alpha {done['alpha']:g}); see {run / 'report.html'}"]
    plan = read_plan(run / PLAN)
    pacer = Pacer(run, plan, clock=clock)  # what is read now takes of the minutes too
    prepared = ready_for(plan, run)
    history_of_run(run, prepared.plan)  # before hours are spent on a model that no gate can judge
    use_device(prepared.plan.device, "the plan's device")
    ranks = joined(prepared.plan.device)
    if ranks.world != prepared.plan.step.devices:
        raise UsageError(
            f"{ranks.world} processes",
            f"are not the {prepared.plan.step.devices} that were planned",
            f"Plan for them: train plan --devices {ranks.world}.",
        )
    paddle.seed(prepared.plan.seed)
    watch = partial(watching, as_json=as_json)
    sets = read_sets(prepared.plan.stop, Tally(), prepared.plan.turning)
    shared = features and features.absolute()
    if not ranks.is_first:
        trainer = Trainer(run, prepared, sets, ranks, watch, pacer, features=shared)
        trainer.train()
        ranks.barrier()
        judged_blends(prepared.plan, trainer)
        return []
    with locked(run):
        begun = time.monotonic()
        trainer = Trainer(
            run, prepared, sets, ranks, watch, pacer, features=shared, on_board=on_board
        )
        state = trainer.train()
        ranks.barrier()
        blend = finish(run, prepared, trainer, sets, judged_blends(prepared.plan, trainer))
        seconds = time.monotonic() - begun
        trainer.note(
            "finished",
            done=state.done,
            alpha=blend.alpha,
            seconds=round(seconds, 1),
            waited=round(trainer.waiting.waited, 1),
            new_lines=new_lines_seen(prepared, read_metrics(run)),
            **({"spent": round(pacer.seconds(), 1)} if pacer.is_on else {}),
        )
        write_report(run, prepared)
    return _told(run, trainer, blend, state.done, seconds, as_json=as_json)


def new_lines_seen(prepared: Ready, events: Sequence[Mapping[str, Any]]) -> int:
    """Count the different new lines that the steps so far have shown, by the run's metrics."""
    made: dict[int, int] = {}
    before = 0
    for one in events:
        if one["event"] == "steps":
            made[one["epoch"]] = made.get(one["epoch"], 0) + one["done"] - before
            before = one["done"]
    seen: set[str] = set()
    for epoch, steps in made.items():
        lines = prepared.lines_of(epoch)
        # Of an epoch that was ended early, the batches that were shown.
        for batch in prepared.batches_of(epoch)[: steps * prepared.plan.step.devices]:
            seen |= {lines[at].path for at in batch.numbers if lines[at].is_new}
    return len(seen)


def replanned_lines(
    events: Sequence[Mapping[str, Any]], plan: TrainPlan, seconds: float
) -> list[str]:
    """Say of each stage whose end was moved where it ended, why, and what all of it would take.

    Args:
        events: of the metrics. seconds: that the run took.
    """
    last = {one["stage"]: one for one in events if one["event"] == "replanned"}
    ended = {number: one for number, one in last.items() if one["steps"] < one["planned"]}
    if not ended:
        return []
    needed = seconds
    for number, one in ended.items():
        made = [step for step in events if step["event"] == "steps" and step["stage"] == number]
        left = one["planned"] - one["steps"]
        needed += left * sum(step["seconds"] for step in made) / max(one["steps"], 1)
        needed += one.get("judging", 0.0) * plan.stages[number].epochs * left / one["planned"]
    found = [
        f"stage {number + 1}: {one['steps']:,} of {one['planned']:,} planned steps, to keep within "
        f"{plan.minutes:g} minutes on this machine"
        for number, one in sorted(ended.items())
    ]
    return [*found, f"all planned steps would take some {needed / 60:.0f} minutes here"]


def _told(
    run: Path, trainer: Trainer, blend: Blend, done: int, seconds: float, *, as_json: bool
) -> list[str]:
    base = trainer.keeper.base
    if base is None:
        raise InputError(str(run), "has no judged base model", "Start a new run folder.")
    before, after = base, blend.standing
    folds = trainer.plan.folds
    if as_json:
        row = {
            "event": "result",
            "run": str(run),
            "steps": done,
            "alpha": blend.alpha,
            "target": None if folds else [before.share(target=True), after.share(target=True)],
            "general": [before.share(target=False), after.share(target=False)],
            "seconds": round(seconds, 1),
        }
        return [json.dumps(row)]
    skipped = sum(one.get("skipped", 0) for one in read_metrics(run))
    stopped = (
        f"ended after epoch {folds.epoch} as the folds say; stopping sets:"
        if folds
        else f"stopping sets: target {before.share(target=True):.3f} -> "
        f"{after.share(target=True):.3f},"
    )
    return [
        *replanned_lines(read_metrics(run), trainer.plan, seconds),
        f"{done:,} steps in {seconds / 60:.1f} minutes, {trainer.waiting.waited:.1f} s of them "
        "waiting for crops",
        *([f"{skipped:,} steps skipped: half precision overflowed"] if skipped else []),
        f"{stopped} general {before.share(target=False):.3f} -> {after.share(target=False):.3f}",
        f"alpha {blend.alpha:g} of the tuned model"
        + (" (the base model stays)" if not blend.alpha else ""),
        f"model: {run / 'best'}",
        f"report: {run / 'report.html'}",
    ]
