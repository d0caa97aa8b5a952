"""A run with a budget of minutes ends its stages where the clock lets it, and can be killed."""

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.train.tuning.test_train_plan import full_plan
from textlines.errors import InputError

pytest.importorskip("paddle")

from train.tuning.learning_rate import Course, ended_at
from train.tuning.pacing import (
    COOL_STEPS,
    FIRST_LOOK,
    PACE,
    Pacer,
    Rest,
    StageEnd,
    end_of,
    read_decisions,
)
from train.tuning.ranks import Ranks
from train.tuning.stages import warmup_of
from train.tuning.train_plan import StagePlan, TrainPlan


class Machine:
    """A clock that goes on only where work is done; one that was started anew starts from 0."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


def plan_for(minutes: float, *stages: tuple[int, float]) -> TrainPlan:
    """Make a plan of stages (epochs, planned seconds of one), without its lines."""
    made = tuple(
        StagePlan(
            tunes="head" if k == 0 else "whole",
            epochs=epochs,
            rate=5e-4,
            final=1e-4,
            warmup=2,
            epoch_seconds=seconds,
        )
        for k, (epochs, seconds) in enumerate(stages)
    )
    return full_plan(stages=made, minutes=minutes)


def run_through(
    folder: Path, plan: TrainPlan, epochs: list[tuple[int, ...]], step: list[float], judging: float
) -> tuple[float, list[list[float]]]:
    """Make the steps of a run as the trainer does; give its seconds and all rates, by stage."""
    machine = Machine()
    pacer = Pacer(folder, plan, clock=machine)
    machine.time += judging  # of the base model
    pacer.judged(judging)
    made_rates = []
    for stage, counts in enumerate(epochs):
        rates: list[float] = []
        at, total = 0, sum(counts)
        for number in range(len(counts)):
            end = min(sum(counts[: number + 1]), total)
            while at < end:
                look = pacer.look_within(at, end, counts)
                upto = look or end
                rates += pacer.rates(stage, at, counts)[at:upto]
                begun = pacer.now()
                machine.time += (upto - at) * step[stage]
                pacer.stepped(stage, upto - at, pacer.now() - begun)
                at = upto
                if look:
                    decided = pacer.decide(stage, at, counts, Ranks())
                    total = decided.steps if decided else total
                    end = min(end, total)
            machine.time += judging
            pacer.judged(judging)
            if at >= total:
                break
            if number + 1 < len(counts):
                decided = pacer.decide(stage, at, counts, Ranks())
                total = decided.steps if decided else total
                if at >= total:
                    break
        made_rates.append(rates)
    machine.time += (len(plan.stop.alphas) + 2) * judging
    return machine.time, made_rates


@settings(max_examples=200, deadline=None)
@given(
    per_epoch=st.integers(12, 200),
    epochs=st.lists(st.integers(1, 12), min_size=1, max_size=2),
    step=st.floats(0.01, 2.0),
    judging=st.floats(0.01, 5.0),
    slower=st.floats(0.3, 6.0),
)
def test_a_run_keeps_within_its_minutes_however_slow_the_machine_is(
    tmp_path_factory: pytest.TempPathFactory,
    per_epoch: int,
    epochs: list[int],
    step: float,
    judging: float,
    slower: float,
) -> None:
    folder = tmp_path_factory.mktemp("run")
    costs = [step * (1 + 4 * k) for k in range(len(epochs))]
    finish = 9 * judging
    planned = finish + sum(
        n * (per_epoch * cost + judging) for n, cost in zip(epochs, costs, strict=True)
    )
    minutes = planned / 0.85 / 60
    stages = [(n, per_epoch * cost + judging) for n, cost in zip(epochs, costs, strict=True)]
    plan = plan_for(minutes, *stages)
    counts = [(per_epoch,) * n for n in epochs]
    pace = [cost * slower for cost in costs]
    taken, rates = run_through(folder, plan, counts, pace, judging * slower)
    # What no re-planning can save: the looks themselves, judging, and the rate coming down.
    least = (finish + 2 * len(epochs) * judging) * slower + sum(
        (FIRST_LOOK + COOL_STEPS) * cost for cost in pace
    )
    assert taken <= max(1.2 * minutes * 60, least + 1e-6)
    for made, own in zip(rates, plan.stages, strict=True):
        assert max(made) <= own.rate * (1 + 1e-9)
    if slower <= 1:
        assert [len(one) for one in rates] == [sum(one) for one in counts]
    # Killed behind its last decision and begun again on a machine without a clock: the same.
    again, same = run_through(folder, plan, counts, [0.0] * len(pace), 0.0)
    assert same == rates and again == 0.0


def test_the_rate_has_come_down_where_a_stage_ends_early(tmp_path: Path) -> None:
    plan = plan_for(2.0, (10, 10.0))
    _, (rates,) = run_through(tmp_path, plan, [(20,) * 10], [1.5], 1.0)
    decided = read_decisions(tmp_path)
    assert len(rates) == decided[-1].steps < 200
    assert len(rates) % 20 == 0  # at the end of an epoch
    assert rates[-1] == pytest.approx(1e-4)
    falling = rates[2:]
    assert all(one >= two - 1e-12 for one, two in pairwise(falling))


def test_a_machine_that_gets_free_again_gets_back_what_was_planned(tmp_path: Path) -> None:
    plan = plan_for(28.5, (6, 90.0))
    machine = Machine()
    pacer = Pacer(tmp_path, plan, clock=machine)
    counts, ranks = (90,) * 6, Ranks()
    pacer.stepped(0, 10, 60.0)
    machine.time = 60.0
    first = pacer.decide(0, 10, counts, ranks)
    assert first and first.steps == 270
    pacer.stepped(0, 80, 8.0)
    machine.time = 68.0
    later = pacer.decide(0, 90, counts, ranks)
    assert later and later.steps == sum(counts)
    rates = pacer.rates(0, 90, counts)
    assert len(rates) == sum(counts) and rates[-1] == pytest.approx(1e-4)


@pytest.mark.parametrize("minutes", [0.0, 5.0])
def test_without_a_budget_or_a_planned_pace_no_clock_is_looked_at(
    tmp_path: Path, minutes: float
) -> None:
    plan = plan_for(minutes, (3, 10.0))
    if minutes:
        plan = plan.model_copy(
            update={"stages": (plan.stages[0].model_copy(update={"epoch_seconds": None}),)}
        )
    taken, (rates,) = run_through(tmp_path, plan, [(20,) * 3], [1e6], 1.0)
    course = plan.stages[0].course(plan.step.course, 60)
    assert rates == [course.rate_at(step) for step in range(60)]
    assert taken > 6e7
    assert not (tmp_path / PACE).exists()


@given(
    at=st.integers(0, 99),
    epochs=st.lists(st.integers(1, 50), min_size=1, max_size=8),
    step=st.floats(0, 10),
    judging=st.floats(0, 10),
    later=st.floats(0, 1000),
    left=st.floats(-100, 2000),
    spare=st.floats(0, 100),
)
def test_an_end_is_never_before_what_was_made_nor_behind_what_was_planned(
    at: int, epochs: list[int], step: float, judging: float, later: float, left: float, spare: float
) -> None:
    at = min(at, sum(epochs) - 1)
    rest = Rest(at, tuple(epochs), step, judging, later)
    end = end_of(rest, left, spare)
    assert at <= end <= sum(epochs)
    if end < sum(epochs):
        assert rest.seconds(sum(epochs)) + later > left
    if end > at and end < sum(epochs):
        # Only for the rate to come down may it take more.
        assert rest.seconds(end) <= max(left, 0) + spare + 1e-6


@given(
    name=st.sampled_from(["cosine", "piecewise"]),
    steps=st.integers(12, 300),
    share=st.floats(0, 1),
    more=st.integers(0, 200),
)
def test_a_moved_end_keeps_what_was_made_and_ends_at_the_final_rate(
    name: Any, steps: int, share: float, more: int
) -> None:
    course = Course(name, 1e-3, 1e-4, warmup_of(steps), steps)
    rates = [course.rate_at(step) for step in range(steps)]
    at = int(share * (steps - 1))
    end = max(at + more, 10) if more else at
    made = ended_at(course, rates, at, end, warmup_of(end))
    assert len(made) == end
    assert made[:at] == rates[:at]
    if end > at:
        assert made[-1] == pytest.approx(1e-4)
        # Behind the warm-up it only falls.
        tail = made[max(at, course.warmup) :]
        assert all(one >= two - 1e-15 for one, two in pairwise(tail))


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("{", "no JSON"),
        ('{"stage": 0}', "lacks at"),
        ('{"stage": 0, "at": 9, "steps": 3, "seconds": 1, "judging": 1}', "not 9 or more"),
        ('{"stage": 0, "at": -9, "steps": 3, "seconds": 1, "judging": 1}', "at is -9"),
        ('{"stage": 0, "at": 1, "steps": 3, "seconds": "x", "judging": 1}', "seconds is 'x'"),
        ('{"stage": 0, "at": 1, "steps": 3, "seconds": 1, "judging": 1, "x": 1}', "unknown key"),
    ],
)
def test_a_damaged_pace_is_told_with_its_line(tmp_path: Path, row: str, told: str) -> None:
    (tmp_path / PACE).write_text(row + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=f"pace.jsonl:1.*{told}"):
        read_decisions(tmp_path)


def test_two_decisions_at_one_place_are_refused(tmp_path: Path) -> None:
    row = json.dumps({"stage": 0, "at": 1, "steps": 3, "seconds": 1.0, "judging": 0.5}) + "\n"
    (tmp_path / PACE).write_text(row, encoding="utf-8")
    assert read_decisions(tmp_path) == [StageEnd(0, 1, 3, 1.0, 0.5)]
    (tmp_path / PACE).write_text(row * 2, encoding="utf-8")
    with pytest.raises(InputError, match="decides twice at one place"):
        read_decisions(tmp_path)


class Ticking:
    """A clock that goes on by so many seconds each time that it is looked at."""

    def __init__(self, seconds: float) -> None:
        self.time, self.seconds = 0.0, seconds

    def __call__(self) -> float:
        self.time += self.seconds
        return self.time


@pytest.fixture
def budgeted(planned: Callable[..., Path]) -> Callable[[str], Path]:
    """Return a function that plans six epochs within two minutes, as if they were measured."""

    def plan(name: str) -> Path:
        options = ("--set", "stages.0.epochs=6", "--set", "minutes=2", "--batch", "4")
        run = planned(*options, "--set", "save_every=3", name=name)
        text = (run / "plan.toml").read_text(encoding="utf-8")
        assert "epoch_seconds" not in text  # without a budget the plan says nothing of it
        text = text.replace("warmup = ", "epoch_seconds = 10.0\nwarmup = ")
        (run / "plan.toml").write_text(text, encoding="utf-8")
        return run

    return plan


def weights_of(run: Path) -> dict[str, np.ndarray]:
    from train.tuning.run_states import checkpoints_of

    with np.load(checkpoints_of(run)[-1] / "weights.npz") as archive:
        return {name: archive[name] for name in archive.files}


def test_a_killed_run_follows_what_was_decided_whatever_the_clock_says_then(
    budgeted: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from train.tuning.full_run import follow
    from train.tuning.run_records import read_metrics
    from train.tuning.trainer import Trainer

    whole, broken = budgeted("whole"), budgeted("broken")
    said = follow(whole, clock=Ticking(4.0))
    events = [one for one in read_metrics(whole) if one["event"] == "replanned"]
    assert events and events[-1]["steps"] < events[-1]["planned"]
    assert any("to keep within 2 minutes" in line for line in said)
    assert any("all planned steps would take some " in line for line in said)
    assert "re-planned" in (whole / "report.html").read_text(encoding="utf-8")
    rates = [one["rate"] for one in read_metrics(whole) if one["event"] == "steps"]
    assert rates[-1] == pytest.approx(min(rates))

    judging = Trainer.note
    seen = []

    def note(self: Trainer, event: str, **values: object) -> None:
        judging(self, event, **values)
        seen.append(event)
        if event == "replanned":  # the decision stands, no checkpoint follows it yet
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "note", note)
        with pytest.raises(KeyboardInterrupt):
            follow(broken, clock=Ticking(4.0))
    assert "replanned" in seen
    (broken / PACE).write_bytes((whole / PACE).read_bytes())
    follow(broken, clock=Ticking(0.0))  # a machine that now would have time for all of it
    assert read_decisions(broken) == read_decisions(whole)
    one, two = weights_of(whole), weights_of(broken)
    assert one.keys() == two.keys()
    assert all(np.array_equal(one[name], two[name]) for name in one)
