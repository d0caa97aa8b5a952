"""A run from its plan to its best model; killed anywhere, called again it goes on."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from textlines.pixels.resize import LEAST_WIDTH
from textlines.progress import Watching
from train.models.base_folder import Tensors
from train.tuning.crop_loading import Waiting, Wanted, feeding, loading, padded, workers_of
from train.tuning.feature_store import row_of
from train.tuning.network_readers import Features
from train.tuning.pacing import Pacer
from train.tuning.prepared_run import Ready
from train.tuning.ranks import Ranks, cores_of
from train.tuning.run_readings import OfBase, StateReader
from train.tuning.run_records import Board, Metrics
from train.tuning.run_states import Checkpoint, Keeper, State, last, save
from train.tuning.stopping_sets import Standing, StopSet
from train.tuning.train_plan import StagePlan, TrainPlan
from train.tuning.training_lines import TrainingLine, share_of
from train.tuning.training_steps import Losses, Stepper, check_finite, in_order
from train.tuning.tunable import Average, Tunable, Updater

Step = Callable[[Sequence[TrainingLine], int, int, float], Losses]
"""Makes a step on lines of an epoch, the steps that are done before it, at a rate."""

NOTE_EVERY = 10
"""Steps that one line of the metrics tells of."""


class Trainer:
    """Makes the steps of a plan.

    Attributes:
        keeper: knows the best state. reader: reads with a state's weights.
        waiting: seconds that the steps waited for crops.
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
        of_base: OfBase | None = None,
        known: Features | None = None,
        features: Path | None = None,
        on_board: bool = False,
    ) -> None:
        """Build the network and compute what the steps need of the base model.

        Args:
            run: the run's folder, locked by the caller.
            sets: the stopping sets, the same in all processes.
            pacer: has begun with the call.
            features: as in `OfBase.computed`.
            of_base: computed before, of all lines that are trained on and more.
            known: features of stopping sets that several runs on one base share.
            on_board: write the events for TensorBoard too.

        Raises:
            InputError: what is kept is broken, or tensorboardX is not installed.
        """
        self._pacer = pacer
        self._run, self._ready, self._plan, self._ranks = run, ready, ready.plan, ranks
        self._watching = watching
        self._tunable = Tunable.of(ready.start.spec, ready.start.tensors)
        self.base = self._tunable.tensors()
        cache = run / "cache"
        cache.mkdir(exist_ok=True)
        self.waiting = Waiting()
        if of_base is None:
            of_base = OfBase.computed(
                cache=cache,
                ready=ready,
                tunable=self._tunable,
                ranks=ranks,
                watching=watching,
                features=features,
            )
        self._stores = of_base.stores
        channels = self._tunable.network.backbone.channels
        self.reader = StateReader(
            cache=cache,
            of_base=of_base,
            ready=ready,
            base=self.base,
            sets=sets,
            ranks=ranks,
            channels=channels,
            known=known,
        )
        kept = last(run)
        self._kept = kept
        self._average = Average(self._tunable, None, is_on=False)  # until a stage begins
        self.resumed = kept.state.done if kept else 0
        self._metrics = None
        if ranks.is_first:
            board = Board(run) if on_board else None
            self._metrics = Metrics(run, self.resumed, board)
        self.keeper = Keeper(
            run,
            self.base,
            self.judge,
            ranks,
            delta=self._plan.stop.delta,
            done=self.resumed,
            keeps_last=self._plan.folds is not None,
        )

    def judge(self, tensors: Tensors) -> Standing:
        """Read the stopping sets with these weights; all processes together."""
        begun = self._pacer.now()
        standing = self.reader.judge(tensors)
        self._pacer.judged(self._pacer.now() - begun)
        return standing

    @property
    def plan(self) -> TrainPlan:
        """The plan that is followed."""
        return self._plan

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
            updater = Updater(self._tunable, self._plan.step, self.base, self._ranks)
            if kept and kept.moments:
                updater.put(kept.moments)
            ended = kept.average if kept else None
            self._average = Average(self._tunable, ended, is_on=self._plan.step.average)
            kept = None
            state = self._stage(stage, state, updater)
        return state

    def _stage(self, stage: StagePlan, state: State, updater: Updater) -> State:
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
            wavering=[ids[character] for character in self._plan.step.wavering if character in ids],
        )
        while True:
            before = sum(counts[: state.epoch])
            state, total = self._paced(stage, state, counts, stepper, updater)
            is_best, standing = self.keeper.judge(state.done, self._average.tensors())
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
        stage: StagePlan,
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
            planned = rates[before : before + counts[state.epoch]]
            look = self._pacer.look_within(at, before + len(planned), counts)
            begun = self._pacer.now()
            part = planned if look is None else planned[: look - before]
            made = len(part) - state.step
            state = self._epoch(
                stage=stage,
                state=state,
                epoch=first + state.epoch,
                stepper=stepper,
                updater=updater,
                rates=part,
            )
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
        stage: StagePlan,
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
        chosen = [
            in_order([lines[at] for at in batch.numbers]) if batch else [] for batch in shares
        ]
        losses, since = Losses(), time.monotonic()
        shown: list[TrainingLine] = []
        noted = state.step
        with (
            self._inputs(stage, chosen, epoch, stepper) as inputs,
            self._watching(f"steps of epoch {epoch + 1}") as watch,
        ):
            for batch in chosen:
                losses += next(inputs)(batch, epoch, state.done, rates[state.step])
                shown += batch
                self._average.add()
                state = replace(state, step=state.step + 1, done=state.done + 1)
                is_last = state.step == len(rates)
                saves = state.done % self._plan.save_every == 0 and not is_last
                notes = state.step % NOTE_EVERY == 0 or is_last
                if not (stepper.is_checked or notes or saves):
                    watch(state.step, len(rates), "")
                    continue
                # Losses that stand on a GPU are looked at here: no step waits for them.
                if not stepper.is_checked:
                    check_finite(losses, state.done, shown, state.step - noted, self._ranks)
                ctc, distil = losses.per_line()
                watch(state.step, len(rates), f"ctc {ctc or 0:.3f}, distil {distil or 0:.3f}")
                if notes:
                    self.note(
                        "steps",
                        done=state.done,
                        stage=state.stage,
                        epoch=epoch,
                        ctc=ctc,
                        distil=distil,
                        rate=rates[state.step - 1],
                        lines=losses.labelled + losses.distilled,
                        seconds=round(time.monotonic() - since, 3),
                        **updater.figures(losses.skipped),
                    )
                    losses, since = Losses(), time.monotonic()
                    shown, noted = [], state.step
                if saves:
                    self._save(state, updater)
        return state

    @contextmanager
    def _inputs(
        self,
        stage: StagePlan,
        chosen: Sequence[Sequence[TrainingLine]],
        epoch: int,
        stepper: Stepper,
    ) -> Iterator[Iterator[Step]]:
        """Yield what makes each step, crops or features at hand: on a GPU ahead of their use."""
        on_gpu = self._plan.device == "gpu"
        if stage.tunes == "head":
            if not on_gpu:
                yield (stepper.on_features for _ in chosen)
                return
            features = (stepper.kept_features(batch, epoch) for batch in chosen)
            with feeding(features, self.waiting) as batches:
                yield (partial(stepper.on_features, features=kept) for kept in batches)
            return
        data, plan = self._ready.data, self._plan.step
        wanted = [
            [Wanted(data / line.path, *row_of(line, epoch, plan)) for line in batch]
            for batch in chosen
        ]
        workers = workers_of(self._plan.workers, self._plan.device, cores_of(self._ranks))
        waiting = Waiting() if on_gpu else self.waiting
        with loading(workers, self._plan.seed, waiting) as load:
            crops = load(wanted)
            if not on_gpu:
                yield (partial(stepper.on_crops, crops=part) for part in crops)
                return
            widths = (batch[0].width if batch else LEAST_WIDTH for batch in chosen)
            arrays = (padded(part, width) for part, width in zip(crops, widths, strict=True))
            with feeding(arrays, self.waiting) as batches:
                yield (partial(stepper.on_bytes, pixels=pixels) for pixels in batches)

    def _save(self, state: State, updater: Updater | None) -> None:
        if self._ranks.is_first:
            moments = updater.state() if updater else {}
            average = self._average.state() if updater else {}
            kept = Checkpoint(state, self._tunable.tensors(), moments, average)
            save(self._run, kept, keep=self._plan.keep)
