"""What a planned run keeps and forgets under each lever against forgetting, on equal terms.

    python benchmarks/levers.py RUN --target DEV.txt --general A.txt:casefold B.txt:alnum \
        [--long LONG.txt] [--lever plain --lever pull ...] --work W

Trains the plan of RUN (a folder of `train plan`, trained or not; it stays as it is) once for each
lever, to the end, and reads the sets by what it ends with, blended with the base at some weights.
Nothing here is chosen by these sets. Prints a row for each lever and weight: lines of the target
read right, points that the general lines moved by, and the long ones. Only heads are tuned.
"""

import argparse
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import numpy as np

from textlines.formats.judged_set import JudgedSet
from textlines.labels.tally import Tally
from textlines.progress import watching
from train.models.base_folder import Tensors
from train.reading.crop_reading import usable_cores
from train.tuning import run_readings
from train.tuning.full_run import blended
from train.tuning.network_readers import (
    FeatureEngine,
    FeatureReader,
    Features,
    HeadReader,
    TuningGraph,
)
from train.tuning.pacing import Pacer
from train.tuning.prepared_run import Ready, ready_for
from train.tuning.ranks import Ranks
from train.tuning.run_readings import features_of
from train.tuning.stopping_sets import StopSet, judge_by, read_sets
from train.tuning.train_plan import PLAN, StopPlan, TrainPlan, read_plan, write_plan
from train.tuning.trainer import Trainer
from train.tuning.tunable import Tunable, Updater

QUIET = 0.1
"""Of a step, what the last layer's rows of classes without a label make of it."""

NARROW = 320
"""Pixels: no wider line is trained on."""


class Lever(NamedTuple):
    """What is done otherwise than planned.

    Attributes:
        plan: changes the plan. keeps: whether a line is trained on. after: is called after each
            step.
    """

    about: str
    plan: Callable[[TrainPlan], TrainPlan] = lambda plan: plan
    keeps: Callable[[Any], bool] = lambda line: True
    after: "Callable[[After], None] | None" = None


class After(NamedTuple):
    """A step that was made."""

    tunable: Tunable
    before: Tensors
    taught: "np.ndarray[Any, np.dtype[np.bool_]]"


def quiet_rows(step: After) -> None:
    """Rates by row of the last layer: classes that no label holds move less."""
    for name, one in step.tunable.learning():
        if not name.startswith("head.fc"):
            continue
        value, before = one.numpy(), step.before[name]
        share = np.where(step.taught, 1.0, QUIET).astype(np.float32)  # classes are the last axis
        one.set_value(before + share * (value - before))


def with_step(**values: object) -> Callable[[TrainPlan], TrainPlan]:
    """Change values of the plan's steps."""
    return lambda plan: plan.model_copy(update={"step": plan.step.model_copy(update=values)})


def slower(plan: TrainPlan) -> TrainPlan:
    """Halve the rates."""
    stages = tuple(
        one.model_copy(update={"rate": one.rate / 2, "final": one.final / 2}) for one in plan.stages
    )
    return plan.model_copy(update={"stages": stages})


LEVERS = {
    "plain": Lever("as planned"),
    "last": Lever("the last weights in place of their mean", with_step(average=False)),
    "slow": Lever("half of the rate", slower),
    "narrow": Lever(f"no line wider than {NARROW} pixels", keeps=lambda line: line.width <= NARROW),
    "pull": Lever("drawn back towards the base model (L2-SP)", with_step(pull=20.0)),
    "light": Lever("drawn back a quarter as much", with_step(pull=5.0)),
    "rows": Lever("rates by row of the last layer", after=quiet_rows),
    "undistilled": Lever("half of the weight of distilled lines", with_step(distil_weight=1.0)),
    "distilled": Lever("twice the weight of distilled lines", with_step(distil_weight=4.0)),
}


@contextmanager
def acting(lever: Lever, ready: Ready) -> Iterator[None]:
    """Let a lever act after each step."""
    if lever.after is None:
        yield
        return
    taught = np.zeros(ready.start.spec.classes, bool)
    taught[0] = True  # the blank
    for lines in ready.lists:
        for line in lines:
            taught[list(line.ids)] = True
    whole, act = Updater.step, lever.after
    held: dict[int, Tunable] = {}
    begin = Updater.__init__

    def begun(self: Updater, tunable: Tunable, *rest: Any) -> None:
        begin(self, tunable, *rest)
        held[id(self)] = tunable

    def step(self: Updater, rate: float) -> bool:
        tunable = held[id(self)]
        before = {name: one.numpy() for name, one in tunable.learning()}
        has_changed = whole(self, rate)
        act(After(tunable, before, taught))
        return has_changed

    with mock.patch.object(Updater, "__init__", begun), mock.patch.object(Updater, "step", step):
        yield


def trained(folder: Path, ready: Ready, features: Path | None) -> Tensors:
    """Train to the end of the plan, stopped and chosen by nothing; return the weights."""
    write_plan(ready.plan, folder / PLAN)
    pacer = Pacer(folder, ready.plan)
    trainer = Trainer(folder, ready, (), Ranks(), watching, pacer, features=features)
    trainer.train()
    return trainer.keeper.weights()


class Reader:
    """Reads sets by heads on one backbone."""

    def __init__(self, tunable: Tunable, ready: Ready, folder: Path) -> None:
        self._graph, self._folder = TuningGraph(tunable, folder), folder
        self._alphabet = ready.start.alphabet
        self._channels = tunable.network.backbone.channels
        self._graph.write(tunable.tensors(), folder / "base.onnx")
        self._known: Features = {}

    def learn(self, sets: Sequence[StopSet]) -> None:
        """Compute the features of sets."""
        reader = FeatureReader(self._folder / "base.onnx")
        found = features_of(reader, sets, usable_cores(), self._channels)
        if found is None:
            raise SystemExit("the sets are too large to keep their features in memory")
        self._known = found

    def right(self, tensors: Tensors, sets: Sequence[StopSet]) -> tuple[int, int]:
        """Count the lines read right, and all."""
        path = self._folder / "head.onnx"
        self._graph.write_head(tensors, path)
        engine = FeatureEngine(HeadReader(path), self._known, self._alphabet)
        found = judge_by(engine, sets, usable_cores())
        return sum(found.right), sum(found.lines)


def main() -> None:
    """Train by each lever and print what it kept."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("run", type=Path)
    parser.add_argument("--target", nargs="+", type=JudgedSet.parse, required=True)
    parser.add_argument("--general", nargs="+", type=JudgedSet.parse, required=True)
    parser.add_argument("--long", nargs="*", type=JudgedSet.parse, default=[])
    parser.add_argument("--lever", action="append", choices=list(LEVERS))
    parser.add_argument("--alphas", type=float, nargs="+", default=[0.6, 0.8, 1.0])
    parser.add_argument("--features", type=Path, help="a folder of features that runs share")
    parser.add_argument("--work", type=Path, required=True)
    arguments = parser.parse_args()
    plan = read_plan(arguments.run / PLAN)
    if any(stage.tunes != "head" for stage in plan.stages):
        raise SystemExit(f"{arguments.run}: tunes more than the head")
    run_readings.MOST_BYTES = 1 << 33
    work: Path = arguments.work
    work.mkdir(parents=True, exist_ok=True)
    # The turns of its lines lie in the run's folder.
    planned = ready_for(plan, arguments.run)
    tunable = Tunable.of(planned.start.spec, planned.start.tensors)
    base, reader = tunable.tensors(), Reader(tunable, planned, work)
    judged = (arguments.target, arguments.general, arguments.long)
    sets = [sets_of(one, plan) for one in judged]
    reader.learn([one for part in sets for one in part])
    before = [reader.right(base, part) for part in sets]
    print(f"{'lever':12s} {'alpha':>5s} {'target':>7s} {'general':>8s} {'long':>6s}")
    print(row("base", 0.0, before, before), flush=True)
    for name in arguments.lever or LEVERS:
        lever = LEVERS[name]
        folder = work / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        unstopped = plan.model_copy(update={"stop": StopPlan(patience=0), "folds": None})
        ready = replace(
            planned,
            plan=lever.plan(unstopped),
            lists=tuple(tuple(one for one in lines if lever.keeps(one)) for lines in planned.lists),
        )
        with acting(lever, ready):
            tensors = trained(folder, ready, arguments.features)
        for alpha in arguments.alphas:
            after = [reader.right(blended(base, tensors, alpha), part) for part in sets]
            print(row(name, alpha, before, after), flush=True)
        shutil.rmtree(folder)


def sets_of(judged: Sequence[JudgedSet], plan: TrainPlan) -> tuple[StopSet, ...]:
    """Read sets into memory."""
    if not judged:
        return ()
    return read_sets(StopPlan(target=tuple(judged), most_lines=0), Tally(), plan.turning)


def row(
    name: str, alpha: float, before: Sequence[tuple[int, int]], after: Sequence[tuple[int, int]]
) -> str:
    """Return a row of the table: the share of the target, the points that the others moved by."""
    (target, lines), *others = after
    moved = [
        f"{100 * (right - was) / count:+.2f}" if count else "-"
        for (right, count), (was, _) in zip(others, before[1:], strict=True)
    ]
    return f"{name:12s} {alpha:5.1f} {target / lines:7.3f} {moved[0]:>8s} {moved[1]:>6s}"


if __name__ == "__main__":
    main()
