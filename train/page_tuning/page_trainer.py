"""The steps of a detector's run; killed anywhere, called again they go on from a checkpoint.

Weights are a function of the plan alone: a run that was killed ends with those of an unbroken one.

Where the plan has a branch of thresholds, it learns by itself in the first steps: what is drawn
anew would pull at all that the detector knows. Pages of other scenes that teach what the base finds
teach it nothing: the base has no thresholds, and a probability may be right without being above
one that nobody has taught. There the map of cores alone is judged.
"""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import paddle
import paddle.nn.functional as F
from paddle import Tensor

from textlines.errors import InputError
from textlines.partials import scratch_folder
from textlines.progress import Watching
from train.models.base_folder import Tensors
from train.networks.devices import Device
from train.networks.map_graph import MapGraph, MapSpec
from train.networks.threshold_branch import BranchedMap, split_branch
from train.page_tuning.map_loss import (
    BINARY_SHARE,
    THRESHOLD_SHARE,
    binary_loss,
    map_loss,
    threshold_loss,
)
from train.page_tuning.page_batches import PageBatch, TrainedPages
from train.page_tuning.page_plan import DetPlan
from train.tuning.run_records import Metrics
from train.tuning.run_states import Checkpoint, State, last, save
from train.tuning.tunable import Average, Updater

WORKERS: Mapping[Device, int] = {"cpu": 1, "gpu": 8}
"""Threads that make crops: on a GPU a step takes less time than its crops."""

NOTE_EVERY = 5
"""Steps that one line of the metrics tells of."""


Losses = Mapping[str, float]
"""Of a step, by the names that metrics have for them: "loss" is what is made small; with a branch
also "cores", "thresholds" and "binary", whose weighed sum it is. A batch without pages that teach
thresholds lacks the last two."""


class PageTrainer:
    """Makes the steps of a plan.

    Attributes:
        resumed: steps that an earlier call had made.
    """

    def __init__(
        self, run: Path, plan: DetPlan, spec: MapSpec, base: Tensors, pages: TrainedPages
    ) -> None:
        """Build the network, from the last checkpoint where there is one.

        Args:
            run: the run's folder, locked by the caller.

        Raises:
            InputError: a checkpoint is of another plan, or of a version that knew other weights.
        """
        self._run, self._plan, self._pages = run, plan, pages
        # Parameters get the same names in every process: the optimizer's state goes by them.
        with paddle.utils.unique_name.guard():
            self._network = MapGraph(spec, base)
            has_branch = plan.step.has_branch
            self._branched = BranchedMap(self._network, plan.seed) if has_branch else None
        self._network.eval()
        self._network.choose(neck_alone=plan.step.tunes == "neck")
        learner = self._branched or self._network
        self._base: MapGraph | None = None
        if not all(plan.learns_labels(shown.role) for shown in plan.shown):
            self._base = MapGraph(spec, base)
            self._base.eval()
        kept = last(run)
        if kept:
            _take_up(run, learner, kept.weights)
        self._learner = learner
        moments = split_branch(kept.moments if kept else {})
        # Each of the two with an optimizer and a clip of its own: gradients of what is drawn anew
        # are large, and would take the room of all others.
        self._updater = Updater(self._network, plan.step, base)
        self._of_branch: Updater | None = None
        if self._branched:
            rule = plan.step.model_copy(update={"pull": 0.0})  # it has no base to go back to
            self._of_branch = Updater(self._branched.branch, rule, {})
        for updater, state in zip((self._of_branch, self._updater), moments, strict=True):
            if updater and state:
                updater.put(state)
        ended = kept.average if kept and kept.average else None
        self._average = Average(learner, ended, is_on=plan.step.average)
        self.resumed = kept.state.done if kept else 0

    def train(self, metrics: Metrics, watching: Watching) -> Tensors:
        """Make all steps that are left, and return the weights: their mean, where that is planned.

        With a branch its tensors are among them, by PaddleOCR's names.

        Raises:
            InputError: a loss is not finite, an image is gone, or the disk is full; what was saved
                stays.
        """
        plan, done = self._plan, self.resumed
        losses: list[Losses] = []
        since = time.monotonic()
        with watching("steps") as watch:
            for batch in self._pages.batches(done, plan.steps, WORKERS[plan.device]):
                losses.append(self.step(batch, done, plan.rate_at(done)))
                done += 1
                is_last = done == plan.steps
                watch(done, plan.steps, f"loss {losses[-1]['loss']:.3f}")
                if done % NOTE_EVERY == 0 or is_last:
                    metrics.note(
                        "steps",
                        done=done,
                        epoch=self._pages.place_of(done - 1)[0],
                        **_means(losses),
                        rate=plan.rate_at(done - 1),
                        seconds=round(time.monotonic() - since, 3),
                    )
                    losses, since = [], time.monotonic()
                if done % plan.save_every == 0 or is_last:
                    self._save(done)
        return self._average.tensors()

    def step(self, batch: PageBatch, done: int, rate: float) -> Losses:
        """Make one step, and return its losses.

        Args:
            done: steps before it.

        Raises:
            InputError: the loss is not finite.
        """
        is_alone = done < self._plan.step.alone
        loss, told = self._losses(batch, is_alone=is_alone)
        if not math.isfinite(told["loss"]):
            raise InputError(
                f"step {done + 1}",
                "has a loss that is not finite",
                "The last checkpoint is whole. Lower the rate: train det plan --rate.",
            )
        if is_alone and batch.border is None:
            return told  # nothing here is for the branch
        loss.backward()
        if not is_alone:
            self._updater.step(rate)
        # Without a gradient Adam would move the branch on by its momentum, or not at all in a run
        # that has just been taken up again.
        if self._of_branch and batch.border is not None:
            self._of_branch.step(rate)
        if not is_alone:
            self._average.add()
        return told

    def _losses(self, batch: PageBatch, *, is_alone: bool) -> tuple[Tensor, Losses]:
        """Return the loss of a batch, and all losses as numbers."""
        pages = paddle.to_tensor(batch.pages)
        kept = np.flatnonzero(~batch.learns_labels).tolist()
        core, counts = paddle.to_tensor(self._core(batch, kept)), paddle.to_tensor(batch.counts)
        if self._branched is None:
            loss = map_loss(self._network(pages), core, counts, kept)
            return loss, {"loss": float(loss)}
        border = batch.border
        labelled = np.flatnonzero(batch.learns_labels & (border is not None))
        logits, thresholds = self._branched.maps(pages, labelled.tolist(), alone=is_alone)
        loss = cores = map_loss(logits, core, counts, kept)
        told = {"cores": float(cores)}
        if border is not None and thresholds is not None:
            rows = paddle.to_tensor(labelled)
            of = threshold_loss(
                thresholds, paddle.to_tensor(border.threshold), paddle.to_tensor(border.band)
            )
            binary = binary_loss(logits[rows], thresholds, core[rows], counts[rows])
            loss = cores + THRESHOLD_SHARE * of + BINARY_SHARE * binary
            told |= {"thresholds": float(of), "binary": float(binary)}
        return loss, {"loss": float(loss), **told}

    def _core(self, batch: PageBatch, kept: Sequence[int]) -> np.ndarray:
        """Return what the network is to say: of crops that are kept, what the base says."""
        if self._base is None or not kept:
            return batch.core
        with paddle.no_grad():
            maps = F.sigmoid(self._base(paddle.to_tensor(batch.pages[kept])))
        core = batch.core.copy()
        core[kept] = maps.numpy()[:, 0]
        return core

    def _save(self, done: int) -> None:
        state = State(done=done)
        moments = self._updater.state()
        if self._of_branch:
            moments = {**moments, **self._of_branch.state()}
        kept = Checkpoint(state, self._learner.tensors(), moments, self._average.state())
        save(self._run, kept, keep=self._plan.keep)


def _take_up(run: Path, learner: MapGraph | BranchedMap, weights: Tensors) -> None:
    try:
        learner.put(weights)
    except ValueError as error:
        raise InputError(
            str(run),
            f"cannot go on: another version of this program began it ({error})",
            "Plan it anew, in a new run folder.",
        ) from error


def _means(losses: Sequence[Losses]) -> dict[str, float]:
    """Return the means of some steps' losses, each over the steps that have it."""
    names = dict.fromkeys(name for each in losses for name in each)
    return {
        name: round(float(np.mean([each[name] for each in losses if name in each])), 5)
        for name in names
    }


def seconds_of_steps(
    plans: Sequence[DetPlan], spec: MapSpec, weights: Tensors, pages: TrainedPages, rounds: int = 2
) -> list[float]:
    """Measure what a step in which all learn takes on this machine, by each of some plans.

    Their steps are made in turn, so that what else the machine does falls on all of them alike;
    the shortest of each is taken.
    """
    with scratch_folder() as folder:
        trained = [replace(pages, plan=plan) for plan in plans]
        trainers = [PageTrainer(folder, one.plan, spec, weights, one) for one in trained]
        taken: list[list[float]] = [[] for _ in plans]
        for done in range(rounds):
            for one, trainer, times in zip(trained, trainers, taken, strict=True):
                begun = time.monotonic()
                trainer.step(one.batch(done), one.plan.step.alone + done, one.plan.step.final)
                times.append(time.monotonic() - begun)
    return [min(times) for times in taken]
