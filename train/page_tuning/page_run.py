"""A detector's run on disk, from its plan to its best model; killed anywhere, it goes on.

`RUN/best/` is what `train det export` writes out and what any command here takes as a model:
`inference.onnx`, an `inference.yml` with the searched settings, `tuned.toml`, and the history.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import paddle

from textlines.errors import InputError
from textlines.files import replacing, replacing_bytes, sha256_of, unwritable
from textlines.formats.history import (
    HISTORY,
    History,
    read_history,
    write_history,
)
from textlines.labels.tally import Tally
from textlines.progress import watching
from textlines.regions.page_file import read_pages
from textlines.wording.counts import count_of
from train.detection.configuration import configuration_text
from train.detection.detector_source import THRESHOLDS, TUNED
from train.detection.memory import memory_need
from train.detection.page_intervals import hmean_change, reading_change
from train.detection.page_outcomes import BoxReader
from train.detection.trial_maps import SizedPage
from train.detection.tuned_file import FigureRecord, PagesRecord, SettingsRecord, TunedFile
from train.export.export_source import BEST
from train.models.base_folder import Tensors
from train.models.model_sources import CONFIGURATION, MARK
from train.models.records import GRAPH
from train.networks.devices import use_device
from train.networks.threshold_branch import split_branch
from train.page_tuning.page_batches import trained_pages
from train.page_tuning.page_blends import (
    BlendPages,
    DetBlend,
    blend_weights,
    chosen_blend,
    detector_with,
    judged_blends,
)
from train.page_tuning.page_plan import DetPlan
from train.page_tuning.page_run_folder import DetStart, start_of_run, stop_pages
from train.page_tuning.page_trainer import PageTrainer
from train.reading.model_opening import open_model
from train.tuning.run_records import Board, Metrics, read_metrics
from train.tuning.run_states import locked


def follow_pages(run: Path, *, as_json: bool = False, on_board: bool = False) -> list[str]:
    """Train, blend and write the best model; return what to tell of it.

    Raises:
        InputError: the run cannot go on; what was saved stays.
    """
    done = next((event for event in read_metrics(run) if event["event"] == "finished"), None)
    if done and (run / BEST / GRAPH).is_file():
        return [f"{run}: is finished (alpha {done['alpha']:g}); see {run / 'report.html'}"]
    start = start_of_run(run)
    plan = start.plan
    history = read_history(run)
    if history is None:
        raise InputError(
            str(run / HISTORY),
            "is not there: nobody could tell what the model has seen",
            "Put it back, or make a new plan.",
        )
    use_device(plan.device, "the plan's device")
    paddle.seed(plan.seed)
    watch = partial(watching, as_json=as_json)
    held = _held_paths(plan)
    pages = trained_pages(plan, start.mix, start.detector.configuration, held)
    blend_pages = _blend_pages(plan)
    with locked(run):
        begun = time.monotonic()
        trainer = PageTrainer(run, plan, start.spec, start.weights, pages)
        metrics = Metrics(run, trainer.resumed, Board(run) if on_board else None)
        branch, tuned = split_branch(trainer.train(metrics, watch))
        if branch:
            with replacing_bytes(run / THRESHOLDS) as file:
                np.savez(file, allow_pickle=False, **branch)
        blends = judged_blends(
            start.detector,
            start.spec,
            (start.weights, tuned),
            plan.stop.alphas,
            blend_pages,
            watch,
        )
        taken = chosen_blend(blends, plan.stop.delta, plan.stop.objective)
        weights = blend_weights(start.spec, (start.weights, tuned), taken.alpha, taken.shift)
        _note(metrics, plan, blends, taken)
        write_best(run, start, weights, blend_pages.target, blends, taken, history)
        seconds = time.monotonic() - begun
        metrics.note("finished", done=plan.steps, alpha=taken.alpha, seconds=round(seconds, 1))
        from train.page_tuning.page_report import write_page_report

        write_page_report(run, plan)
    return _told(run, plan, blends, taken, seconds, as_json=as_json)


def _held_paths(plan: DetPlan) -> frozenset[str]:
    """Return the paths of pages that were held out of the mix, from its data folder on."""
    held = [stop for stop in (plan.stop.target, *plan.stop.general) if stop.held]
    return frozenset(
        page.path
        for stop in held
        for page in read_pages(Path(stop.labels), tally=Tally(), images=Path(stop.images))
    )


def _blend_pages(plan: DetPlan) -> BlendPages:
    stop = plan.stop
    reader = None
    if stop.recognizer:
        reader = BoxReader(open_model(stop.recognizer).engine, stop.comparison)
    return BlendPages(
        target=stop_pages(stop.target),
        general=[page for one in stop.general for page in stop_pages(one)],
        limits=plan.limits,
        objective=stop.objective,
        reader=reader,
    )


def _note(metrics: Metrics, plan: DetPlan, blends: Sequence[DetBlend], taken: DetBlend) -> None:
    for event, these in (("blend", blends), ("chosen", (taken,))):
        for blend in these:
            metrics.note(event, done=plan.steps, alpha=blend.alpha, **figures_of(blend))


def figures_of(blend: DetBlend) -> dict[str, Any]:
    """Return the figures of a blend as they are written."""
    standing = blend.standing
    return {
        "target": round(standing.target, 6),
        "score": _rounded(standing.score),
        "hmean": round(standing.hmean, 6),
        "stock": round(standing.stock, 6),
        "general": _rounded(standing.general),
        "general_reading": _rounded(standing.general_reading),
        "shift": round(blend.shift, 6),
        "settings": asdict(standing.settings),
    }


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 6)


def write_best(
    run: Path,
    start: DetStart,
    weights: Tensors,
    target: Sequence[SizedPage],
    blends: Sequence[DetBlend],
    taken: DetBlend,
    history: History,
) -> Path:
    """Write the chosen weights as a model folder.

    Raises:
        InputError: it cannot be written.
    """
    folder = run / BEST
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error) from error
    settings = taken.standing.settings
    detector = detector_with(start.detector, start.spec, weights, folder / GRAPH)
    configuration = replace(start.detector.configuration, settings=settings)
    with replacing(folder / CONFIGURATION) as out:
        out.write(f"{MARK}\n{configuration_text(configuration)}")
    tuned_file(start, target, blends, taken, detector.hashes()).write(folder / TUNED)
    names = (GRAPH, CONFIGURATION)
    hashes = {name: sha256_of(folder / name) for name in names}
    write_history(history, folder, model=hashes)
    return folder


def tuned_file(
    start: DetStart,
    target: Sequence[SizedPage],
    blends: Sequence[DetBlend],
    taken: DetBlend,
    hashes: Mapping[str, str],
) -> TunedFile:
    """Return the searched settings as `train det tune` writes them.

    Nothing is judged here: a gate does that, on pages that no step saw.
    """
    stop, settings = start.plan.stop, taken.standing.settings
    largest = max((page.size for page in target), key=lambda size: size[0] * size[1])
    need = memory_need(start.detector)
    base = next(blend.standing for blend in blends if blend.alpha == 0)
    before, after = base.outcomes, taken.standing.outcomes
    has_read = any(outcome.read for outcome in before)
    record = PagesRecord(
        labels=stop.target.labels,
        sha256=stop.target.sha256,
        images=stop.target.images,
        pages=len(before),
        regions=sum(outcome.counts.labels for outcome in before),
        hmean=FigureRecord.of(hmean_change(before, after)),
        reading=FigureRecord.of(reading_change(before, after)) if has_read else None,
    )
    return TunedFile(
        model=start.plan.base.model,
        model_files=dict(hashes),
        objective=stop.objective,
        comparison=stop.comparison,
        recognizer=stop.recognizer,
        tried=sum(blend.standing.tried for blend in blends),
        memory_mb=need.of(settings, largest) // 10**6,
        settings=SettingsRecord.of(settings),
        deployed=start.plan.deployed,
        searched=record,
    )


def _both(before: float | None, after: float | None) -> list[float | None] | None:
    return None if before is None else [before, after]


def _told(
    run: Path,
    plan: DetPlan,
    blends: Sequence[DetBlend],
    taken: DetBlend,
    seconds: float,
    *,
    as_json: bool,
) -> list[str]:
    base = next(blend for blend in blends if blend.alpha == 0)
    before, after = base.standing, taken.standing
    if as_json:
        row = {
            "event": "result",
            "run": str(run),
            "steps": plan.steps,
            "alpha": taken.alpha,
            "shift": round(taken.shift, 6),
            "target": [before.target, after.target],
            "general": _both(before.general, after.general),
            "general_reading": _both(before.general_reading, after.general_reading),
            "seconds": round(seconds, 1),
        }
        return [json.dumps(row)]
    what = "lines read exactly" if plan.stop.objective == "reading" else "hmean"
    general = (
        "no general pages"
        if before.general is None or after.general is None
        else f"general {before.general:.3f} -> {after.general:.3f}"
    )
    if before.general_reading is not None and after.general_reading is not None:
        general += f", read exactly {before.general_reading:.3f} -> {after.general_reading:.3f}"
    limit = after.settings
    return [
        f"{count_of(plan.steps, 'step')} in {seconds / 60:.1f} minutes",
        f"{what} on pages to blend by, each at settings of its own: {before.target:.3f} -> "
        f"{after.target:.3f}; as deployed {before.stock:.3f} -> {after.stock:.3f}; {general}",
        f"alpha {taken.alpha:g} of the tuned model"
        + (" (the base model stays)" if not taken.alpha else "")
        + (f", logits {taken.shift:+.2f}" if taken.shift else ""),
        f"settings: {limit.limit_type} {limit.limit_side_len}, threshold {limit.thresh:g}, box "
        f"threshold {limit.box_thresh:g}, unclip ratio {limit.unclip_ratio:g}",
        f"model: {run / BEST}",
        *([f"thresholds: {run / THRESHOLDS}, for --pdparams"] if plan.step.has_branch else []),
        f"report: {run / 'report.html'}",
    ]
