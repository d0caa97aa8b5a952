"""A run that keeps to its minutes: it measures its own pace and re-plans where a stage ends.

What a machine does besides is not known when a run is planned. So a run with a budget looks at the
clock after the first steps of each stage and at the end of each epoch, and has the stage end
where the minutes let it: at the end of an epoch if one fits, never behind what was planned. Each
decision is written down before it is followed, and followed again by a run that was killed: the
weights are a function of plan and decisions, and of no clock.
"""

import json
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from textlines.errors import InputError
from textlines.files import replacing
from textlines.formats.rows import RowKind, is_count, read_rows, refuse_keys, wrong
from train.tuning.learning_rate import ended_at
from train.tuning.ranks import Ranks
from train.tuning.stages import warmup_of
from train.tuning.train_plan import TrainPlan

PACE = "pace.jsonl"

FIRST_LOOK = 10
"""Steps of a stage after which the clock is looked at for the first time."""

COOL_STEPS = 10
"""Steps that a stage is given at least in which its rate comes down, where time has run out."""

OVERTIME = 1.1
"""Times the budget, beyond which a stage ends where it stands."""

Clock = Callable[[], float]

_KIND = RowKind("the run's pace", "decision of a run", "Start a new run folder.")


@dataclass(frozen=True, slots=True)
class StageEnd:
    """Where a stage is to end, decided at one place of a run.

    Attributes:
        stage: from 0. at: steps made in it by then. steps: of it in all, from here on.
        seconds: that the run had taken by then, in all its calls. judging: of one judging.
    """

    stage: int
    at: int
    steps: int
    seconds: float
    judging: float


@dataclass(frozen=True, slots=True)
class Rest:
    """What a stage still has to do.

    Attributes:
        at: steps made. epochs: steps of each of its epochs, as planned.
        step, judging: seconds of one.
        later: seconds of the stages behind it, as fast as this one turns out to be.
    """

    at: int
    epochs: tuple[int, ...]
    step: float
    judging: float
    later: float

    def seconds(self, end: int) -> float:
        """Return what it takes to end after so many steps, each epoch's judging included."""
        ends = list(accumulate(self.epochs))
        judged = bisect_right(ends, end) - bisect_right(ends, self.at)
        if end not in ends and end > self.at:
            judged += 1
        return (end - self.at) * self.step + judged * self.judging


def end_of(rest: Rest, left: float, spare: float) -> int:
    """Return after how many steps a stage is to end.

    Args:
        left: seconds for this stage and those behind it. spare: seconds beyond the budget that may
            be taken for the rate to come down.

    >>> rest = Rest(at=10, epochs=(40, 40, 40), step=1.0, judging=5.0, later=0.0)
    >>> [end_of(rest, left, 0) for left in (200, 90, 36, 25, 3)]
    [120, 80, 40, 30, 10]
    >>> end_of(rest, 3, 30)
    20
    """
    ends = list(accumulate(rest.epochs))
    whole = rest.seconds(ends[-1])
    if whole + rest.later <= left:
        return ends[-1]
    share = left * whole / (whole + rest.later) if left > 0 else left
    fitting = [end for end in ends if end > rest.at and rest.seconds(end) <= share]
    if fitting:
        return fitting[-1]
    # Not even the epoch that comes: as many steps of it as there is time for.
    time = share - rest.judging
    steps = int(min(time / rest.step, ends[-1])) if time > 0 and rest.step > 0 else 0
    cool = min(COOL_STEPS, ends[-1] - rest.at)
    if steps < cool and rest.seconds(rest.at + cool) <= max(left, 0) + spare:
        steps = cool
    return min(rest.at + steps, ends[-1])


class Pacer:
    """Looks at the clock for a run, and remembers where its stages end.

    Without a budget, or for a plan that does not say what an epoch takes, nothing is looked at.
    """

    def __init__(self, run: Path, plan: TrainPlan, *, clock: Clock = time.monotonic) -> None:
        """Take up the decisions of earlier calls; this call begins now.

        Raises:
            InputError: `pace.jsonl` is broken.
        """
        self._path, self._plan, self._clock = run / PACE, plan, clock
        self._begun = clock()
        timed = all(stage.epoch_seconds is not None for stage in plan.stages)
        self.is_on = plan.minutes > 0 and timed
        self._decisions = read_decisions(run) if self.is_on else []
        self._earlier = max((decision.seconds for decision in self._decisions), default=0.0)
        self._judging = max((decision.judging for decision in self._decisions), default=0.0)
        self._stage, self._steps, self._seconds = -1, 0, 0.0

    def now(self) -> float:
        """Return the clock's seconds."""
        return self._clock()

    def stepped(self, stage: int, steps: int, seconds: float) -> None:
        """Take what some steps of a stage took."""
        if stage != self._stage:
            self._stage, self._steps, self._seconds = stage, 0, 0.0
        self._steps += steps
        self._seconds += seconds

    def judged(self, seconds: float) -> None:
        """Take what one judging took; the longest counts."""
        self._judging = max(self._judging, seconds)

    def look_within(self, at: int, end: int, epochs: Sequence[int]) -> int | None:
        """Return the step between two others at which the clock is looked at for the first time."""
        inside = self.is_on and at < FIRST_LOOK < end and epochs[0] > FIRST_LOOK
        return FIRST_LOOK if inside else None

    def decisions(self, stage: int, at: int) -> tuple[StageEnd, ...]:
        """Return the decisions of a stage up to a place, in order."""
        return tuple(
            decision
            for decision in self._decisions
            if decision.stage == stage and decision.at <= at
        )

    def rates(self, stage: int, at: int, epochs: Sequence[int]) -> list[float]:
        """Return the rate of each step of a stage, as decided up to a place."""
        planned = self._plan.stages[stage]
        course = planned.course(self._plan.step.course, sum(epochs))
        rates = [course.rate_at(step) for step in range(course.steps)]
        for decision in self.decisions(stage, at):
            if decision.steps != len(rates):
                rates = ended_at(
                    course, rates, decision.at, decision.steps, warmup_of(decision.steps)
                )
        return rates

    def decide(self, stage: int, at: int, epochs: Sequence[int], ranks: Ranks) -> StageEnd | None:
        """Decide where a stage ends, or follow what an earlier call decided here.

        Returns:
            What was decided; None without a budget, or where no step was timed yet.

        Raises:
            InputError: the decision cannot be written.
        """
        if not self.is_on:
            return None
        known = self._known(stage, at)
        if known is None and ranks.is_first:
            known = self._decided(stage, at, tuple(epochs))
            self._write(known)
        if ranks.world > 1:
            ranks.barrier()
            if not ranks.is_first:
                self._decisions = read_decisions(self._path.parent)
                known = self._known(stage, at)
        return known

    def seconds(self) -> float:
        """Return what the run has taken so far, in all its calls."""
        return self._earlier + self._clock() - self._begun

    def _known(self, stage: int, at: int) -> StageEnd | None:
        return next(
            (
                decision
                for decision in self._decisions
                if (decision.stage, decision.at) == (stage, at)
            ),
            None,
        )

    def _decided(self, stage: int, at: int, epochs: tuple[int, ...]) -> StageEnd:
        taken, judging = self.seconds(), self._judging
        planned = self._plan.stages[stage]
        assert planned.epoch_seconds is not None
        if self._stage == stage and self._steps:
            step = self._seconds / self._steps
        else:  # a call that went on at the end of an epoch has made no step yet
            step = max(planned.epoch_seconds * len(epochs) / sum(epochs), 1e-9)
        epoch = step * sum(epochs) / len(epochs) + judging
        slower = epoch / planned.epoch_seconds if planned.epoch_seconds > 0 else 1.0
        later = sum(
            later_stage.epochs * (later_stage.epoch_seconds or 0.0) * slower
            for later_stage in self._plan.stages[stage + 1 :]
        )
        # Behind the last step: each blend is judged, and the model written and read once more.
        finish = (len(self._plan.stop.alphas) + 2) * judging
        budget = self._plan.minutes * 60
        rest = Rest(at, epochs, step, judging, later)
        steps = end_of(rest, budget - taken - finish, (OVERTIME - 1) * budget)
        return StageEnd(stage, at, steps, round(taken, 3), round(judging, 3))

    def _write(self, decision: StageEnd) -> None:
        self._decisions.append(decision)
        with replacing(self._path) as out:
            out.writelines(json.dumps(asdict(written)) + "\n" for written in self._decisions)


def read_decisions(run: Path) -> list[StageEnd]:
    """Read the decisions of a run; none where there is no file.

    Raises:
        InputError: the file cannot be read or is damaged; says which line.
    """
    path = run / PACE
    if not path.is_file():
        return []
    decisions = list(read_rows(path, _KIND, _decision))
    places = [(decision.stage, decision.at) for decision in decisions]
    if len(set(places)) < len(places):
        raise InputError(str(path), "decides twice at one place", _KIND.again)
    return decisions


def _decision(content: dict[str, Any]) -> StageEnd:
    refuse_keys(content, frozenset(StageEnd.__dataclass_fields__))
    for key in ("stage", "at", "steps"):
        if not is_count(content[key]):
            raise wrong(key, content[key], "a number of steps or of a stage")
    for key in ("seconds", "judging"):
        if type(content[key]) not in (int, float) or not 0 <= content[key] < float("inf"):
            raise wrong(key, content[key], "a time in seconds")
    if content["steps"] < content["at"]:
        raise wrong("steps", content["steps"], f"{content['at']} or more")
    content.pop("version", None)
    return StageEnd(**content)
