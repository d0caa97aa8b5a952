"""Which stages a run has: what they cost on this machine, and how many epochs fit into the minutes.

Costs are measured on a few lines of the plan. On a CPU in CPU time of one thread: others may use
the machine just now. On a GPU in wall time, from one moment at which the card has nothing left to
do to the next. Where folds were trained before, stages have the course of their rates.
"""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from textlines.errors import UsageError
from textlines.partials import scratch_folder
from textlines.wording.counts import count_of
from train.networks.devices import Device
from train.reading.crop_reading import usable_cores
from train.tuning.feature_store import Needed
from train.tuning.losses import LastLayer, Posterior
from train.tuning.network_readers import DeviceReader, FeatureReader, TuningGraph
from train.tuning.plan_request import Mode
from train.tuning.prepared_run import Start
from train.tuning.stopping_sets import StopSet
from train.tuning.train_plan import FoldsPlan, Part, StagePlan, StepPlan, TrainPlan
from train.tuning.training_lines import TrainingLine, steps_in
from train.tuning.tunable import Tunable, Updater

MOST_EPOCHS: dict[Part, int] = {"head": 12, "whole": 6}
"""Without a budget, and at most with one: more passes over one pool win nothing and forget."""

WHOLE_SHARE = 0.6
"""Of the time that is left for steps, what the second stage gets when there are two."""

MOST_WARMUP, WARMUP_SHARE = 50, 0.1
"""Steps in which a stage's rate climbs to its peak, and the share of its steps that they are at
most: the Adam of a short stage has little to warm up for. The guide warms up for 5 epochs of
700."""

RESERVE = 0.15
"""Of the budget, kept for what was measured too short, and for export and gate."""

MEASURED_LINES = 8
"""In a measured step on a CPU; on a GPU it is the plan's batch, which costs little more."""

READ_AGAIN = 0.25
"""Share of the lines of a stopping set that are read in a second turn: .03 of word crops and
receipts, .2 to .3 of wire tags of which a tenth lies upside down (`benchmarks/turning.py`)."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds a line, on one core or one card.

    Attributes:
        head, whole: of a training step. feature: of the base model's reading, one thread.
        export: of the graph, once.
    """

    head: float
    whole: float
    feature: float
    export: float


@dataclass(frozen=True, slots=True)
class RunAmounts:
    """What the stages have to do.

    Attributes:
        lines: of a mean epoch, each counted by its width over 320 pixels.
        rows: lines and variants that the base model reads once, counted so too; `distil_rows` of
            them without features.
        judged: lines of the stopping sets, counted so.
        judgings: beside one an epoch: of the base and of each blend.
        cores: that read, or cards. devices: processes that share a step.
    """

    lines: float
    rows: float
    distil_rows: float
    judged: float
    judgings: int
    cores: int
    devices: int


@dataclass(frozen=True, slots=True)
class PeakRates:
    """Peak rates of the two kinds of stage."""

    head: float
    whole: float


def seconds_of(stages: tuple[StagePlan, ...], costs: Costs, amounts: RunAmounts) -> float:
    """Estimate the wall time of stages, all else of the run included."""
    judging = amounts.judged * costs.feature / amounts.cores
    has_head = any(stage.tunes == "head" for stage in stages)
    rows = amounts.rows if has_head else amounts.distil_rows
    total = 2 * costs.export + rows * costs.feature / amounts.cores
    total += judging * amounts.judgings
    for stage in stages:
        cost = costs.head if stage.tunes == "head" else costs.whole
        total += stage.epochs * (amounts.lines * cost / amounts.devices + judging)
    return total


def fitted(
    mode: Mode,
    rates: PeakRates,
    costs: Costs | None,
    amounts: RunAmounts,
    *,
    final_share: float,
    minutes: float,
) -> tuple[StagePlan, ...]:
    """Return the stages of a mode, with as many epochs as fit; `warmed` adds their warm-up.

    Args:
        costs: measured; None where there is no budget.
        minutes: 0 for no budget.

    Raises:
        UsageError: not even one epoch fits; says what would.
    """

    def stage(tunes: Part, epochs: int) -> StagePlan:
        rate = rates.head if tunes == "head" else rates.whole
        return StagePlan(tunes=tunes, epochs=epochs, rate=rate, final=rate * final_share)

    kinds: tuple[Part, ...] = ("head", "whole") if mode == "both" else (mode,)
    if not minutes or costs is None:
        return tuple(stage(kind, MOST_EPOCHS[kind]) for kind in kinds)
    budget = minutes * 60 * (1 - RESERVE)
    least = tuple(stage(kind, 1) for kind in kinds)
    needed = seconds_of(least, costs, amounts)
    if needed > budget:
        cheaper = "" if mode == "head" else "tune the head alone (--tune head), or "
        raise UsageError(
            f"--minutes {minutes:g}",
            f"is too short: one epoch of each stage takes {needed / 60 / (1 - RESERVE):.1f}",
            f"Give more, {cheaper}mix smaller epochs (balance mix --epoch-lines).",
        )
    counts = [1] * len(kinds)

    def seconds() -> float:
        made = tuple(stage(kind, count) for kind, count in zip(kinds, counts, strict=True))
        return seconds_of(made, costs, amounts)

    # The last stage first, up to its share; what is left goes to the first.
    for at in reversed(range(len(kinds))):
        limit = budget if at == 0 else needed + WHOLE_SHARE * (budget - needed)
        while counts[at] < MOST_EPOCHS[kinds[at]]:
            counts[at] += 1
            if seconds() > limit:
                counts[at] -= 1
                break
    return tuple(stage(kind, count) for kind, count in zip(kinds, counts, strict=True))


def with_course(stages: Sequence[StagePlan], folds: FoldsPlan) -> tuple[StagePlan, ...]:
    """Return stages with the course that the folds' rates have had: they end where it was best."""
    return tuple(stage.model_copy(update={"epochs": folds.epochs}) for stage in stages)


def timed(plan: TrainPlan, costs: Costs, amounts: RunAmounts) -> TrainPlan:
    """Write into each stage what one of its epochs is to take."""
    none = seconds_of((), costs, amounts)
    rows = {  # what is read once is no part of an epoch
        "head": (amounts.rows - amounts.distil_rows) * costs.feature / amounts.cores,
        "whole": 0.0,
    }
    stages = (
        stage.model_copy(
            update={
                "epoch_seconds": round(
                    seconds_of((stage.model_copy(update={"epochs": 1}),), costs, amounts)
                    - none
                    - rows[stage.tunes],
                    3,
                )
            }
        )
        for stage in plan.stages
    )
    return plan.model_copy(update={"stages": tuple(stages)})


def warmup_of(steps: int) -> int:
    """Return the steps of a stage's warm-up: a tenth of all, `MOST_WARMUP` at most.

    >>> warmup_of(700), warmup_of(108), warmup_of(18), warmup_of(1)
    (50, 11, 2, 0)
    """
    return min(MOST_WARMUP, round(WARMUP_SHARE * steps))


def steps_of(plan: TrainPlan) -> tuple[int, ...]:
    """Count the steps of each stage."""
    each = [steps_in(listed.batches, plan.step.devices) for listed in plan.mix.lists]
    counts, epoch = [], 0
    for stage in plan.stages:
        counts.append(sum(each[(epoch + k) % len(each)] for k in range(stage.epochs)))
        epoch += stage.epochs
    return tuple(counts)


def warmed(plan: TrainPlan, asked: Collection[int] = ()) -> TrainPlan:
    """Return a plan whose stages have the warm-up that their steps allow.

    Args:
        asked: stages whose warm-up was asked for, by number: they keep it.

    Raises:
        UsageError: what was asked for leaves no step at the peak.
    """
    stages = []
    for number, (stage, steps) in enumerate(zip(plan.stages, steps_of(plan), strict=True)):
        if number not in asked:
            stage = stage.model_copy(update={"warmup": warmup_of(steps)})
        elif stage.warmup >= steps:
            raise UsageError(
                f"--set stages.{number}.warmup={stage.warmup}",
                f"is not below the stage's {count_of(steps, 'step')}",
                "Warm up for fewer, or train for more epochs.",
            )
        stages.append(stage)
    return plan.model_copy(update={"stages": tuple(stages)})


def measured_step(
    tunable: Tunable, plan: StepPlan, part: Part, *, width: int = 320, lines: int = 0
) -> float:
    """Measure a training step, in seconds a line; weights stay as they are.

    A second step is timed, after one that warms up.

    Args:
        width: of the lines, in pixels; a multiple of 8.
        lines: in the step; 0 takes so many as measure well.
    """
    before = tunable.tensors()
    tunable.choose(part, dropout=plan.dropout)
    updater = Updater(tunable, plan, before)
    last = LastLayer(tunable.network, distil_weight=plan.distil_weight, amp=plan.amp)
    random = np.random.Generator(np.random.PCG64(0))
    import paddle

    count = lines or (MEASURED_LINES if _on_cpu() else max(plan.batch, 2))
    pixels = paddle.to_tensor(random.random((count, 3, 48, width), np.float32) * 2 - 1)
    shape = (count, tunable.network.backbone.channels, 1, width // 8)
    features = paddle.to_tensor(random.random(shape, np.float32))
    classes = tunable.network.spec.classes
    labels = [
        tuple(int(number) for number in random.integers(1, classes, 6)) for _ in range(count // 2)
    ]
    top = min(plan.distil_top, classes)
    kept = Posterior(
        np.tile(np.arange(top, dtype=np.int32), (width // 8, 1)),
        np.full((width // 8, top), 1 / top, np.float32),
    )

    def step() -> None:
        network = tunable.network
        with paddle.amp.auto_cast(enable=plan.amp):
            steps = network.time_steps(features if part == "head" else network.features(pixels))
        loss, _, _ = last.losses(steps, labels, [kept] * (count - len(labels)))
        (loss * updater.factor / count).backward()
        updater.step(1e-12)

    seconds = _second(step)
    tunable.put(before)
    return seconds / count


def measured_feature(
    read: Callable[[np.ndarray], object], lines_at_once: int = 1, *, width: int = 320
) -> float:
    """Measure a reading by the base model, in seconds a line of 320 pixels.

    Args:
        lines_at_once: that it reads best.
    """
    lines = np.zeros((lines_at_once, 3, 48, width), np.float32)
    calls = -(-MEASURED_LINES // lines_at_once)

    def once() -> None:
        for _ in range(calls):
            read(lines)

    return _second(once) / (calls * lines_at_once)


def pixels_of(lines: tuple[TrainingLine, ...]) -> float:
    """Return the mean width of lines over 320 pixels: what one costs beside a measured line.

    >>> widths = (320, 640)
    >>> pixels_of([TrainingLine("a", (1,), width, False, False) for width in widths])
    1.5
    """
    return sum(line.width for line in lines) / (320 * len(lines)) if lines else 1.0


def _on_cpu() -> bool:
    import paddle

    return paddle.device.get_device() == "cpu"


def _second(work: Callable[[], object]) -> float:
    """Measure the second of two calls, in seconds."""
    clock = time.process_time if _on_cpu() else _idle_time
    work()
    start = clock()
    work()
    return clock() - start


def _idle_time() -> float:
    import paddle

    paddle.device.synchronize()
    return time.perf_counter()


def measured_costs(start: Start, step: StepPlan, mode: Mode, device: Device = "cpu") -> Costs:
    """Measure what the parts of a mode cost a line, and the graph's export.

    Args:
        device: Paddle's current one.
    """
    tunable = Tunable.of(start.spec, start.tensors)
    head = measured_step(tunable, step, "head") if mode != "whole" else 0.0
    whole = measured_step(tunable, step, "whole") if mode != "head" else 0.0
    if device == "gpu":
        reader = DeviceReader(tunable.network.spec, tunable.tensors(), device)
        return Costs(head, whole, measured_feature(reader.best, reader.lines_at_once), 0.0)
    with scratch_folder() as folder:
        begun = time.process_time()
        graph = TuningGraph(tunable, folder)
        graph.write(start.tensors, folder / "base.onnx")
        export = time.process_time() - begun
        feature = measured_feature(FeatureReader(folder / "base.onnx").read)
    return Costs(head, whole, feature, export)


def amounts_of(
    plan: TrainPlan, lists: tuple[tuple[TrainingLine, ...], ...], sets: tuple[StopSet, ...]
) -> RunAmounts:
    """Count what will be trained on, read and judged, in lines of 320 pixels."""
    lines = sum(len(listed) * pixels_of(listed) for listed in lists) / len(lists)
    all_rows = Needed.of(lists, plan.step, features=True)
    distilled = Needed.of(lists, plan.step, features=False)
    judged = sum(max(line.width, 320) / 320 for stop_set in sets for line in stop_set.lines)
    if plan.turning == "auto":
        judged *= 1 + READ_AGAIN
    return RunAmounts(
        lines=lines,
        rows=_weighed(all_rows),
        distil_rows=_weighed(distilled),
        judged=judged,
        judgings=1 + len(plan.stop.alphas),
        # A card reads by itself, and each process has one.
        cores=usable_cores() if plan.device == "cpu" else plan.step.devices,
        devices=plan.step.devices,
    )


def amounts_of_folds(
    amounts: RunAmounts, lists: tuple[tuple[TrainingLine, ...], ...], count: int
) -> RunAmounts:
    """Count what all folds have to do together, of what one run on all lines has.

    Each own line is trained on in all folds but one, and judged in that one.
    """
    shares = [[line.width / 320 for line in lines if line.is_own] for lines in lists]
    shown = sum(map(sum, shares)) / len(lists)
    held = {line.path: line.width / 320 for lines in lists for line in lines if line.is_own}
    return replace(
        amounts,
        lines=count * amounts.lines - shown,
        judged=count * amounts.judged + sum(held.values()),
    )


def _weighed(needed: Needed) -> float:
    return sum(len(rows) * width / 320 for width, rows in needed.rows.items())
