"""What a run will cost, before it begins: measured on this machine, and counted."""

import time

from textlines.partials import scratch_folder
from train.networks.devices import Device
from train.reading.crop_reading import usable_cores
from train.tuning.device_reader import DeviceReader
from train.tuning.filling import Needed
from train.tuning.graph import FeatureReader, TuningGraph
from train.tuning.judging import StopSet
from train.tuning.lines import TrainingLine
from train.tuning.plan_model import StepPlan, TrainPlan
from train.tuning.prepared_run import Start
from train.tuning.stages import Amounts, Mode
from train.tuning.timing import Costs, measured_feature, measured_step, pixels_of
from train.tuning.tunable import Tunable

READ_AGAIN = 0.25
"""Share of the lines of a stopping set that are read in a second turn: .03 of word crops and
receipts, .2 to .3 of wire tags of which a tenth lies upside down (`benchmarks/turning.py`)."""


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
) -> Amounts:
    """Count what will be trained on, read and judged, in lines of 320 pixels."""
    lines = sum(len(one) * pixels_of(one) for one in lists) / len(lists)
    all_rows = Needed.of(lists, plan.step, features=True)
    distilled = Needed.of(lists, plan.step, features=False)
    judged = sum(max(line.width, 320) / 320 for one in sets for line in one.lines)
    if plan.turning == "auto":
        judged *= 1 + READ_AGAIN
    return Amounts(
        lines=lines,
        rows=_weighed(all_rows),
        distil_rows=_weighed(distilled),
        judged=judged,
        judgings=1 + len(plan.stop.alphas),
        # A card reads by itself, and each process has one.
        cores=usable_cores() if plan.device == "cpu" else plan.step.devices,
        devices=plan.step.devices,
    )


def _weighed(needed: Needed) -> float:
    return sum(len(rows) * width / 320 for width, rows in needed.rows.items())
