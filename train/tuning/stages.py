"""Which stages a run has, and how many epochs of each fit into the minutes that are given."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from textlines.errors import UsageError
from train.tuning.batches import steps_in
from train.tuning.plan_model import Part, Stage, TrainPlan
from train.tuning.timing import Costs

Mode = Literal["head", "whole", "both"]

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


@dataclass(frozen=True, slots=True)
class Amounts:
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
class Rates:
    """Peak rates of the two kinds of stage."""

    head: float
    whole: float


def seconds_of(stages: tuple[Stage, ...], costs: Costs, amounts: Amounts) -> float:
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
    rates: Rates,
    costs: Costs | None,
    amounts: Amounts,
    *,
    final_share: float,
    minutes: float,
) -> tuple[Stage, ...]:
    """Return the stages of a mode, with as many epochs as fit; `warmed` adds their warm-up.

    Args:
        costs: measured; None where there is no budget.
        minutes: 0 for no budget.

    Raises:
        UsageError: not even one epoch fits; says what would.
    """

    def stage(tunes: Part, epochs: int) -> Stage:
        rate = rates.head if tunes == "head" else rates.whole
        return Stage(tunes=tunes, epochs=epochs, rate=rate, final=rate * final_share)

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


def timed(plan: TrainPlan, costs: Costs, amounts: Amounts) -> TrainPlan:
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
    each = [steps_in(one.batches, plan.step.devices) for one in plan.mix.lists]
    found, epoch = [], 0
    for stage in plan.stages:
        found.append(sum(each[(epoch + k) % len(each)] for k in range(stage.epochs)))
        epoch += stage.epochs
    return tuple(found)


def warmed(plan: TrainPlan, asked: Collection[int] = ()) -> TrainPlan:
    """Give each stage the warm-up that its steps allow.

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
                f"is not below the stage's {steps:,} steps",
                "Warm up for fewer, or train for more epochs.",
            )
        stages.append(stage)
    return plan.model_copy(update={"stages": tuple(stages)})
