"""A run from its plan to its best model; killed anywhere, called again it goes on."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from textlines.pixels.arrays import Image
from textlines.progress import Watching
from train.reading.crops import usable_cores
from train.reading.engine import CtcEngine
from train.reading.onnx_network import OnnxNetwork
from train.tuning import filling
from train.tuning.averaging import Average
from train.tuning.batches import share_of
from train.tuning.best import Keeper
from train.tuning.cache import WidthStore
from train.tuning.checkpoints import Checkpoint, State, last, save
from train.tuning.graph import FeatureReader, HeadReader, TuningGraph
from train.tuning.judging import Standing, StopSet, judge_by
from train.tuning.judging_features import FeatureEngine, Features, features_of
from train.tuning.kept_features import KeptFeatures, network_key
from train.tuning.lines import TrainingLine
from train.tuning.loading import Waiting, loading
from train.tuning.metrics import Metrics
from train.tuning.pacing import Pacer
from train.tuning.plan_model import Stage, TrainPlan
from train.tuning.prepared_run import Ready
from train.tuning.ranks import Ranks
from train.tuning.steps import Losses, Stepper, in_order
from train.tuning.tunable import Tunable, Updater
from train.tuning.variants import Wanted
from train.weights.base_folder import Tensors

NOTE_EVERY = 10
"""Steps that one line of the metrics tells of."""


@dataclass(frozen=True, slots=True)
class OfBase:
    """What the base model gives, computed once, for one run or for several on the same lines.

    Attributes:
        graph: of the network, which takes other weights; of the first process only.
        stores: features and posteriors by padded width.
    """

    graph: TuningGraph | None
    stores: dict[int, WidthStore]

    @classmethod
    def computed(
        cls,
        cache: Path,
        ready: Ready,
        tunable: Tunable,
        ranks: Ranks,
        watching: Watching,
        features: Path | None = None,
    ) -> "OfBase":
        """Open what is kept; the first process computes what is missing.

        Args:
            cache: the folder that it is kept in.
            tunable: with the weights of the base model.
            features: a folder of features that runs of one base share (`kept_features`).
        """
        base = tunable.tensors()
        kept = None
        if features:
            network = network_key(ready.start.tensors, ready.start.new_classes())
            kept = KeptFeatures(features, network, ready.plan.seed)
        graph = TuningGraph(tunable, cache) if ranks.is_first else None
        has_head = any(stage.tunes == "head" for stage in ready.plan.stages)
        epochs = range(ready.first_epoch(len(ready.plan.stages)))
        needed = filling.Needed.of(
            [ready.lines_of(epoch) for epoch in epochs], ready.plan.step, features=has_head
        )
        opened = partial(
            filling.opened,
            cache / "lines",
            needed,
            channels=tunable.network.backbone.channels if has_head else 0,
            classes=ready.start.spec.classes,
            plan=ready.plan.step,
        )
        if graph is None:
            ranks.barrier()
            return cls(None, opened())
        stores = opened()
        graph.write(base, cache / "base.onnx")
        with watching("lines read by the base model") as watch:
            filling.fill(
                stores,
                FeatureReader(cache / "base.onnx"),
                ready.data,
                seed=ready.plan.seed,
                top=ready.plan.step.distil_top,
                closed=ready.start.new_classes(),
                workers=usable_cores(),
                kept=kept,
                watch=watch,
            )
        ranks.barrier()
        return cls(graph, stores)


class Trainer:
    """Makes the steps of a plan.

    Attributes:
        keeper: knows the best state. waiting: seconds that the steps waited for crops.
        resumed: steps that an earlier call had made.
    """

    def __init__(
        self,
        run: Path,
        ready: Ready,
        sets: Sequence[StopSet],
        ranks: Ranks,
        watching: Watching,
        pacer: Pacer,
        *,
        of_base: "OfBase | None" = None,
        known: Features | None = None,
        features: Path | None = None,
    ) -> None:
        """Build the network and compute what the steps need of the base model.

        Args:
            run: the run's folder, locked by the caller.
            sets: the stopping sets; processes other than the first have none.
            pacer: has begun with the call.
            features: as in `OfBase.computed`.
            of_base: computed before, of all lines that are trained on and more.
            known: features of stopping sets that several runs on one base share.
        """
        self._pacer = pacer
        self._run, self._ready, self._plan, self._ranks = run, ready, ready.plan, ranks
        self._sets, self._watching = tuple(sets), watching
        self._tunable = Tunable.of(ready.start.spec, ready.start.tensors)
        self.base = self._tunable.tensors()
        self._cache = run / "cache"
        self._cache.mkdir(exist_ok=True)
        self.waiting = Waiting()
        self._known: Features | None = None
        self._given = known
        if of_base is None:
            of_base = OfBase.computed(self._cache, ready, self._tunable, ranks, watching, features)
        self._graph, self._stores = of_base.graph, of_base.stores
        kept = last(run)
        self._kept = kept
        self._average = Average(self._tunable, None, is_on=False)  # until a stage begins
        self.resumed = kept.state.done if kept else 0
        self._metrics = Metrics(run, self.resumed) if ranks.is_first else None
        self.keeper = Keeper(
            run,
            self.base,
            self.judge if ranks.is_first else None,
            ranks,
            delta=self._plan.stop.delta,
            done=self.resumed,
            keeps_last=self._plan.folds is not None,
        )

    def judge(self, tensors: Tensors) -> Standing:
        """Read the stopping sets with these weights."""
        begun = self._pacer.now()
        found = judge_by(self.engine(tensors), self._sets, usable_cores())
        self._pacer.judged(self._pacer.now() - begun)
        return found

    @property
    def plan(self) -> TrainPlan:
        """The plan that is followed."""
        return self._plan

    def engine(self, tensors: Tensors) -> CtcEngine | FeatureEngine:
        """Return a reader of the stopping sets' crops with these weights; in the first process."""
        assert self._graph is not None
        graph, alphabet = self._graph, self._ready.start.alphabet
        path = self._cache / "judged.onnx"
        # A backbone that stays gives the same features each time.
        if self._known is None and all(stage.tunes == "head" for stage in self._plan.stages):
            base = self._cache / "base.onnx"
            graph.write(self.base, base)
            channels = self._tunable.network.backbone.channels
            reader = FeatureReader(base)
            found = features_of(reader, self._sets, usable_cores(), channels, self._given)
            self._known = found or {}
        if not self._known:
            graph.write(tensors, path)
            return CtcEngine(OnnxNetwork(path), alphabet)
        graph.write_head(tensors, path)
        return FeatureEngine(HeadReader(path), self._known, alphabet)

    def note(self, event: str, **values: object) -> None:
        """Add an event to the run's metrics, in the first process."""
        if self._metrics:
            self._metrics.note(event, **values)

    def train(self) -> State:
        """Make all steps, from the last checkpoint on.

        Raises:
            InputError: as steps and checkpoints say; what was saved stays.
        """
        kept, self._kept = self._kept, None
        state = kept.state if kept else State()
        if kept:
            self._tunable.put(kept.weights)
        elif self.keeper.base:
            self.note("judged", done=0, **self.keeper.base.figures(), is_best=True)
        while state.stage < len(self._plan.stages):
            stage = self._plan.stages[state.stage]
            self._tunable.choose(stage.tunes, dropout=self._plan.step.dropout)
            updater = Updater(self._tunable, self._plan.step, self.base)
            if kept and kept.moments:
                updater.put(kept.moments)
            ended = kept.average if kept else None
            self._average = Average(self._tunable, ended, is_on=self._plan.step.average)
            kept = None
            state = self._stage(stage, state, updater)
        return state

    def _stage(self, stage: Stage, state: State, updater: Updater) -> State:
        first = self._ready.first_epoch(state.stage)
        counts = [self._ready.steps_of(first + epoch) for epoch in range(stage.epochs)]
        ids = self._ready.start.alphabet.ids
        stepper = Stepper(
            self._tunable,
            updater,
            self._plan.step,
            self._stores,
            self._ranks,
            seed=self._plan.seed,
            wavering=[ids[one] for one in self._plan.step.wavering if one in ids],
        )
        while True:
            before = sum(counts[: state.epoch])
            state, total = self._paced(stage, state, counts, stepper, updater)
            is_best, standing = self.keeper.judge(state.done, self._average.tensors())
            if standing:
                self.note("judged", done=state.done, **standing.figures(), is_best=is_best)
            stale = 0 if is_best else state.stale + 1
            made = before + state.step
            state = replace(state, epoch=state.epoch + 1, step=0, stale=stale)
            patience = self._plan.stop.patience
            last = self._plan.last_epoch(stage)
            ends = state.epoch >= last or made >= total
            if not ends and made == before + counts[state.epoch - 1]:
                ends = made >= self._replanned(state, made, counts, total)
            if ends or (patience and stale >= patience):
                # The next stage starts from the best of this one.
                self._ranks.barrier()
                self._tunable.put(self.keeper.weights())
                state = State(stage=state.stage + 1, done=state.done)
                self._save(state, None)
                return state
            self._save(state, updater)

    def _paced(
        self,
        stage: Stage,
        state: State,
        counts: Sequence[int],
        stepper: Stepper,
        updater: Updater,
    ) -> tuple[State, int]:
        """Make the steps of an epoch, as many as the stage still has, and look at the clock.

        Returns:
            Where the run stands, its step behind the last one of the epoch; and of how many steps
            the stage is.
        """
        first = self._ready.first_epoch(state.stage)
        before = sum(counts[: state.epoch])
        while True:
            at = before + state.step
            rates = self._pacer.rates(state.stage, at, counts)
            own = rates[before : before + counts[state.epoch]]
            look = self._pacer.look_within(at, before + len(own), counts)
            begun = self._pacer.now()
            part = own if look is None else own[: look - before]
            made = len(part) - state.step
            state = self._epoch(stage, state, first + state.epoch, stepper, updater, part)
            self._pacer.stepped(state.stage, made, self._pacer.now() - begun)
            if look is None:
                return state, len(rates)
            self._replanned(state, look, counts, len(rates))

    def _replanned(self, state: State, at: int, counts: Sequence[int], total: int) -> int:
        """Decide where the stage ends, and note it where that is not where it was to end."""
        decided = self._pacer.decide(state.stage, at, counts, self._ranks)
        if decided is None:
            return total
        if decided.steps != total:
            self.note(
                "replanned",
                done=state.done,
                stage=state.stage,
                at=at,
                steps=decided.steps,
                before=total,
                planned=sum(counts),
                seconds=decided.seconds,
                judging=decided.judging,
            )
        return decided.steps

    def _epoch(
        self,
        stage: Stage,
        state: State,
        epoch: int,
        stepper: Stepper,
        updater: Updater,
        rates: Sequence[float],
    ) -> State:
        lines, listed = self._ready.lines_of(epoch), self._ready.batches_of(epoch)
        shares = [
            share_of(listed, step, self._ranks.rank, self._plan.step.devices)
            for step in range(state.step, len(rates))
        ]
        chosen = [in_order([lines[at] for at in one.numbers]) if one else [] for one in shares]
        found, since = Losses(), time.monotonic()
        with (
            self._crops(stage, chosen, epoch) as crops,
            self._watching(f"steps of epoch {epoch + 1}") as watch,
        ):
            for own in chosen:
                rate = rates[state.step]
                if stage.tunes == "head":
                    found += stepper.on_features(own, epoch, state.done, rate)
                else:
                    found += stepper.on_crops(own, next(crops), epoch, state.done, rate)
                self._average.add()
                state = replace(state, step=state.step + 1, done=state.done + 1)
                ctc, distil = found.per_line()
                watch(state.step, len(rates), f"ctc {ctc or 0:.3f}, distil {distil or 0:.3f}")
                if state.step % NOTE_EVERY == 0 or state.step == len(rates):
                    self.note(
                        "steps",
                        done=state.done,
                        stage=state.stage,
                        epoch=epoch,
                        ctc=ctc,
                        distil=distil,
                        rate=rate,
                        lines=found.labelled + found.distilled,
                        seconds=round(time.monotonic() - since, 3),
                    )
                    found, since = Losses(), time.monotonic()
                if state.done % self._plan.save_every == 0 and state.step < len(rates):
                    self._save(state, updater)
        return state

    @contextmanager
    def _crops(
        self, stage: Stage, chosen: Sequence[Sequence[TrainingLine]], epoch: int
    ) -> Iterator[Iterator[list[Image]]]:
        if stage.tunes == "head":
            yield iter([])
            return
        data, plan = self._ready.data, self._plan.step
        wanted = [
            [Wanted(data / line.path, *filling.row_of(line, epoch, plan)) for line in own]
            for own in chosen
        ]
        with loading(self._plan.workers, self._plan.seed, self.waiting) as load:
            yield load(wanted)

    def _save(self, state: State, updater: Updater | None) -> None:
        if self._ranks.is_first:
            moments = updater.state() if updater else {}
            average = self._average.state() if updater else {}
            kept = Checkpoint(state, self._tunable.tensors(), moments, average)
            save(self._run, kept, keep=self._plan.keep)
