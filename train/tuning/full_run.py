"""`train rec` from the run's folder to its result: train, blend with the base, write it.

Weights between the base and the tuned model: WiSE-FT (Wortsman et al. 2022, 2109.01903).
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import paddle

from textlines.errors import InputError, UsageError
from textlines.files import sha256_of
from textlines.formats.history import History
from textlines.labels.tally import Tally
from textlines.progress import watching
from textlines.wording.counts import count_of
from train.models.base_folder import (
    BaseFolder,
    Parity,
    Source,
    Tensors,
    library_versions,
    write_base,
)
from train.networks.devices import on_cpu, use_device
from train.networks.graph_spec import Spec
from train.tuning.new_run import history_of_run
from train.tuning.pacing import Pacer
from train.tuning.prepared_run import Ready, ready_for
from train.tuning.ranks import joined
from train.tuning.run_page import write_report
from train.tuning.run_records import read_metrics, write_readings
from train.tuning.run_states import Best, locked
from train.tuning.stopping_sets import Standing, StopSet, merit, read_sets
from train.tuning.train_plan import PLAN, TrainPlan, read_plan
from train.tuning.trainer import Trainer

BEST_FOLDER = "best"


@dataclass(frozen=True, slots=True)
class Blend:
    """One weight of the tuned model and how it does on the stopping sets."""

    alpha: float
    standing: Standing


def blended(base: Tensors, tuned: Tensors, alpha: float) -> Tensors:
    """Return (1 - alpha) x base + alpha x tuned, tensor by tensor, in float64, as float32.

    Raises:
        ValueError: alpha is not 0..1, or the two hold other tensors.
    """
    if not 0 <= alpha <= 1:
        raise ValueError(f"alpha is {alpha}, not 0..1")
    if {name: array.shape for name, array in base.items()} != {
        name: array.shape for name, array in tuned.items()
    }:
        raise ValueError("the two models hold other tensors")
    if alpha in (0, 1):
        return dict(tuned if alpha else base)
    return {
        name: ((1 - alpha) * array.astype(np.float64) + alpha * tuned[name]).astype(np.float32)
        for name, array in base.items()
    }


def sweep(
    base: Tensors,
    tuned: Tensors,
    alphas: Sequence[float],
    judge: Callable[[Tensors], Standing],
) -> tuple[Blend, ...]:
    """Judge the model at each weight, by rising weight."""
    return tuple(Blend(alpha, judge(blended(base, tuned, alpha))) for alpha in sorted(set(alphas)))


def chosen(blends: Sequence[Blend], delta: float) -> Blend:
    """Choose a blend: the best on the target that keeps the general lines, by `merit`.

    Args:
        blends: with alpha 0 among them, which is the base and always keeps the general lines.

    Raises:
        ValueError: alpha 0 is not among them.
    """
    base = _base_of(blends)
    return max(
        blends, key=lambda blend: (merit(blend.standing, base, delta, blend.alpha), -blend.alpha)
    )


def largest_kept(blends: Sequence[Blend], delta: float) -> Blend:
    """Choose the blend with the largest weight that keeps the general lines.

    For a run that folds have stopped: no target is at hand, and its weight is bounded already.

    Args:
        blends: as of `chosen`. delta: share of the general lines that may be lost.

    Raises:
        ValueError: alpha 0 is not among them.
    """
    base = _base_of(blends)
    kept = [blend for blend in blends if merit(blend.standing, base, delta, blend.alpha)[0]]
    return max(kept, key=lambda blend: blend.alpha)


def _base_of(blends: Sequence[Blend]) -> Standing:
    """Return how the base does.

    Raises:
        ValueError: alpha 0 is not among the blends.
    """
    for blend in blends:
        if blend.alpha == 0:
            return blend.standing
    raise ValueError("alpha 0, the base, is not among the blends")


def judged_blends(plan: TrainPlan, trainer: Trainer) -> tuple[Blend, ...]:
    """Judge blends of the base and the best state; all processes together, behind a barrier."""
    tuned = trainer.keeper.weights()
    alphas = alphas_of(plan) if trainer.keeper.best.done else (0.0,)
    return sweep(trainer.base, tuned, alphas, trainer.judge)


def finish(
    run: Path, ready: Ready, trainer: Trainer, sets: Sequence[StopSet], blends: Sequence[Blend]
) -> Blend:
    """Choose a blend, and write `best/` and `readings.jsonl`; of the first process only.

    Raises:
        InputError: the model cannot be written.
    """
    best: Best = trainer.keeper.best
    plan = ready.plan
    tuned = trainer.keeper.weights()
    for blend in blends:
        trainer.note(
            "blend",
            done=best.done,
            alpha=blend.alpha,
            target=round(blend.standing.share(target=True), 6),
            general=round(blend.standing.share(target=False), 6),
            right=list(blend.standing.right),
        )
    choose = largest_kept if plan.folds else chosen
    taken = choose(blends, plan.stop.delta)
    weights = blended(trainer.base, tuned, taken.alpha)
    with on_cpu():  # the graph is exported, and compared bit by bit, where float32 is float32
        folder = write_best(run, ready, weights, history_of_run(run, plan))
    base = _base_of(blends)
    write_readings(run, sets, base, taken.standing)
    trainer.note(
        "chosen",
        done=best.done,
        alpha=taken.alpha,
        steps=best.done,
        target=round(taken.standing.share(target=True), 6),
        general=round(taken.standing.share(target=False), 6),
        model_sha256=sha256_of(folder.path / "model.toml"),
    )
    return taken


def alphas_of(plan: TrainPlan) -> tuple[float, ...]:
    """Return the weights to try: those of the plan, up to the folds' where there are some."""
    if plan.folds is None:
        return plan.stop.alphas
    most = plan.folds.alpha
    return tuple(sorted({*(alpha for alpha in plan.stop.alphas if alpha < most), most}))


def write_best(run: Path, ready: Ready, weights: Tensors, history: History) -> BaseFolder:
    """Write the chosen weights as a model folder, its ONNX file compared with Paddle's reading.

    Args:
        history: of what the weights have seen.
    """
    spec: Spec = ready.start.spec
    plan = ready.plan

    def write_graph(path: Path) -> Parity:
        from train.networks.building import loaded
        from train.weights.graph_export import export_onnx
        from train.weights.parity import OwnReadings, compare
        from train.weights.probe_lines import fixed_lines
        from train.weights.readers import exact_reader, network_reader, onnx_reader

        network = loaded(fused(spec), weights)
        readings = OwnReadings.read(fixed_lines(), network_reader(network), exact_reader(network))
        export_onnx(network, path)
        of = "ours in Paddle and our ONNX file"
        return compare(of, onnx_reader(path, is_own=True), readings, ready.start.alphabet, "fp32")

    return write_base(
        run / BEST_FOLDER,
        spec=fused(spec),
        tensors=weights,
        alphabet=ready.start.alphabet,
        write_graph=write_graph,
        source=Source(
            kind="tuned",
            files={PLAN: sha256_of(run / PLAN), "base/model.toml": plan.base.sha256},
            tensors={"loaded": len(weights)},
        ),
        versions=library_versions(),
        history=history,
        turning=plan.turning,
        # With another dictionary the program's last layer has another size.
        program=ready.start.base.program if spec.classes == ready.start.base.spec.classes else None,
    )


def fused(spec: Spec) -> Spec:
    """Return the spec of the network as it is tuned."""
    from dataclasses import replace

    return replace(spec, form="fused")


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
    done = next((event for event in read_metrics(run) if event["event"] == "finished"), None)
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
    make_trainer = partial(
        Trainer,
        run=run,
        ready=prepared,
        sets=sets,
        ranks=ranks,
        watching=watch,
        pacer=pacer,
        features=shared,
    )
    if not ranks.is_first:
        trainer = make_trainer()
        trainer.train()
        ranks.barrier()
        judged_blends(prepared.plan, trainer)
        return []
    with locked(run):
        begun = time.monotonic()
        trainer = make_trainer(on_board=on_board)
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
    for event in events:
        if event["event"] == "steps":
            made[event["epoch"]] = made.get(event["epoch"], 0) + event["done"] - before
            before = event["done"]
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
    """Return of each stage whose end was moved where it ended, why, and what all would take.

    Args:
        events: of the metrics. seconds: that the run took.
    """
    last = {event["stage"]: event for event in events if event["event"] == "replanned"}
    ended = {number: event for number, event in last.items() if event["steps"] < event["planned"]}
    if not ended:
        return []
    needed = seconds
    for number, event in ended.items():
        made = [step for step in events if step["event"] == "steps" and step["stage"] == number]
        left = event["planned"] - event["steps"]
        needed += left * sum(step["seconds"] for step in made) / max(event["steps"], 1)
        needed += event.get("judging", 0.0) * plan.stages[number].epochs * left / event["planned"]
    lines = [
        f"stage {number + 1}: {event['steps']:,} of {count_of(event['planned'], 'planned step')}, "
        f"to keep within {plan.minutes:g} minutes on this machine"
        for number, event in sorted(ended.items())
    ]
    return [*lines, f"all planned steps would take some {needed / 60:.0f} minutes here"]


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
    skipped = sum(event.get("skipped", 0) for event in read_metrics(run))
    stopped = (
        f"ended after epoch {folds.epoch} as the folds say; stopping sets:"
        if folds
        else f"stopping sets: target {before.share(target=True):.3f} -> "
        f"{after.share(target=True):.3f},"
    )
    return [
        *replanned_lines(read_metrics(run), trainer.plan, seconds),
        f"{count_of(done, 'step')} in {seconds / 60:.1f} minutes, {trainer.waiting.waited:.1f} s "
        "of them waiting for crops",
        *([f"{count_of(skipped, 'step')} skipped: half precision overflowed"] if skipped else []),
        f"{stopped} general {before.share(target=False):.3f} -> {after.share(target=False):.3f}",
        f"alpha {blend.alpha:g} of the tuned model"
        + (" (the base model stays)" if not blend.alpha else ""),
        f"model: {run / 'best'}",
        f"report: {run / 'report.html'}",
    ]
