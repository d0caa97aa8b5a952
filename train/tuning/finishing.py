"""The end of a run: blend with the base, write the chosen model, its readings and its report."""

import json
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from textlines.files import replacing, sha256_of
from textlines.formats.history import History
from train.models.base_folder import BaseFolder, Parity, Source, Tensors, write_base
from train.networks.devices import on_cpu
from train.networks.graph_spec import Spec
from train.tuning.best import Best
from train.tuning.blending import Blend, blended, chosen, largest_kept, sweep
from train.tuning.judging import Standing, StopSet
from train.tuning.plan_io import PLAN
from train.tuning.plan_model import TrainPlan
from train.tuning.prepared_run import Ready
from train.tuning.run import Trainer
from train.tuning.run_folder import history_of_run

BEST_FOLDER = "best"
READINGS = "readings.jsonl"

_LIBRARIES = ("ocr-mend", "numpy", "onnxruntime", "paddle2onnx", "paddlepaddle", "paddlepaddle-gpu")


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
    for one in blends:
        trainer.note(
            "blend",
            done=best.done,
            alpha=one.alpha,
            target=round(one.standing.share(target=True), 6),
            general=round(one.standing.share(target=False), 6),
            right=list(one.standing.right),
        )
    choose = largest_kept if plan.folds else chosen
    taken = choose(blends, plan.stop.delta)
    weights = blended(trainer.base, tuned, taken.alpha)
    with on_cpu():  # the graph is exported, and compared bit by bit, where float32 is float32
        folder = write_best(run, ready, weights, history_of_run(run, plan))
    base = next(one.standing for one in blends if one.alpha == 0)
    write_readings(run / READINGS, sets, base, taken.standing)
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
    return tuple(sorted({*(one for one in plan.stop.alphas if one < most), most}))


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
        own = OwnReadings.read(fixed_lines(), network_reader(network), exact_reader(network))
        export_onnx(network, path)
        of = "ours in Paddle and our ONNX file"
        return compare(of, onnx_reader(path, is_own=True), own, ready.start.alphabet, "fp32")

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
    """Give the spec of the network as it is tuned."""
    from dataclasses import replace

    return replace(spec, form="fused")


def write_readings(path: Path, sets: Sequence[StopSet], base: Standing, taken: Standing) -> None:
    """Write what the base and the chosen model read in the stopping sets, a line each."""
    with replacing(path) as out:
        for number, one in enumerate(sets):
            for line, before, after in zip(
                one.lines, base.readings[number], taken.readings[number], strict=True
            ):
                row = {
                    "set": str(one.judged),
                    "target": one.is_target,
                    "path": line.path,
                    "label": line.label,
                    "base": before,
                    "tuned": after,
                    "base_right": one.is_right(line.label, before),
                    "tuned_right": one.is_right(line.label, after),
                }
                out.write(json.dumps(row, ensure_ascii=False) + "\n")


def library_versions() -> dict[str, str]:
    """Return the versions of what trains, exports and reads."""
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
