"""The steps of a detector's run; killed anywhere, called again they go on from a checkpoint.

Weights are a function of the plan alone: a run that was killed ends with those of an unbroken one.
"""

import math
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import paddle
import paddle.nn.functional as F

from textlines.errors import InputError
from textlines.partials import scratch_folder
from textlines.progress import Watching
from train.models.base_folder import Tensors
from train.networks.devices import Device
from train.networks.map_graph import MapGraph, MapSpec
from train.page_tuning.map_loss import map_loss
from train.page_tuning.page_batches import PageBatch, TrainedPages
from train.page_tuning.page_plan import DetPlan
from train.tuning.run_records import Metrics
from train.tuning.run_states import Checkpoint, State, last, save
from train.tuning.tunable import Average, Updater

WORKERS: Mapping[Device, int] = {"cpu": 1, "gpu": 8}
"""Threads that make crops: on a GPU a step takes less time than its crops."""

NOTE_EVERY = 5
"""Steps that one line of the metrics tells of."""


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
            InputError: a checkpoint is of another plan.
        """
        self._run, self._plan, self._pages = run, plan, pages
        # Parameters get the same names in every process: the optimizer's state goes by them.
        with paddle.utils.unique_name.guard():
            self._network = MapGraph(spec, base)
        self._network.eval()
        self._network.choose(neck_alone=plan.step.tunes == "neck")
        self._base: MapGraph | None = None
        if not all(plan.learns_labels(shown.role) for shown in plan.shown):
            self._base = MapGraph(spec, base)
            self._base.eval()
        kept = last(run)
        if kept:
            self._network.put(kept.weights)
        self._updater = Updater(self._network, plan.step, base)
        if kept and kept.moments:
            self._updater.put(kept.moments)
        ended = kept.average if kept and kept.average else None
        self._average = Average(self._network, ended, is_on=plan.step.average)
        self.resumed = kept.state.done if kept else 0

    def train(self, metrics: Metrics, watching: Watching) -> Tensors:
        """Make all steps that are left, and return the weights: their mean, where that is planned.

        Raises:
            InputError: a loss is not finite, an image is gone, or the disk is full; what was saved
                stays.
        """
        plan, done = self._plan, self.resumed
        course = plan.step.course(plan.steps)
        losses: list[float] = []
        since = time.monotonic()
        with watching("steps") as watch:
            for batch in self._pages.batches(done, plan.steps, WORKERS[plan.device]):
                loss = self.step(batch, done, course.rate_at(done))
                losses.append(loss)
                done += 1
                is_last = done == plan.steps
                watch(done, plan.steps, f"loss {loss:.3f}")
                if done % NOTE_EVERY == 0 or is_last:
                    metrics.note(
                        "steps",
                        done=done,
                        epoch=self._pages.place_of(done - 1)[0],
                        loss=round(float(np.mean(losses)), 5),
                        rate=course.rate_at(done - 1),
                        seconds=round(time.monotonic() - since, 3),
                    )
                    losses, since = [], time.monotonic()
                if done % plan.save_every == 0 or is_last:
                    self._save(done)
        return self._average.tensors()

    def step(self, batch: PageBatch, done: int, rate: float) -> float:
        """Make one step, and return its loss.

        Args:
            done: steps before it.

        Raises:
            InputError: the loss is not finite.
        """
        pages = paddle.to_tensor(batch.pages)
        core = paddle.to_tensor(self._core(batch))
        loss = map_loss(self._network(pages), core, paddle.to_tensor(batch.counts))
        value = float(loss)
        if not math.isfinite(value):
            raise InputError(
                f"step {done + 1}",
                "has a loss that is not finite",
                "The last checkpoint is whole. Lower the rate: train det plan --rate.",
            )
        loss.backward()
        self._updater.step(rate)
        self._average.add()
        return value

    def _core(self, batch: PageBatch) -> np.ndarray:
        """Return what the network is to say: of pages of other scenes, what the base says."""
        kept = np.flatnonzero(~batch.learns_labels)
        if self._base is None or not len(kept):
            return batch.core
        with paddle.no_grad():
            maps = F.sigmoid(self._base(paddle.to_tensor(batch.pages[kept])))
        core = batch.core.copy()
        core[kept] = maps.numpy()[:, 0]
        return core

    def _save(self, done: int) -> None:
        state = State(done=done)
        kept = Checkpoint(
            state, self._network.tensors(), self._updater.state(), self._average.state()
        )
        save(self._run, kept, keep=self._plan.keep)


def seconds_of_a_step(plan: DetPlan, spec: MapSpec, weights: Tensors, pages: TrainedPages) -> float:
    """Measure what a step takes on this machine, from the second of two on."""
    with scratch_folder() as folder:
        trainer = PageTrainer(folder, plan, spec, weights, pages)
        taken = []
        for done in range(2):
            begun = time.monotonic()
            trainer.step(pages.batch(done), done, plan.step.final)
            taken.append(time.monotonic() - begun)
    return min(taken)
