"""Epochs that fit into the minutes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.errors import UsageError

pytest.importorskip("paddle")

from train.tuning.stages import (
    MOST_EPOCHS,
    MOST_WARMUP,
    RESERVE,
    WARMUP_SHARE,
    Costs,
    Mode,
    PeakRates,
    RunAmounts,
    fitted,
    seconds_of,
    warmup_of,
)

RATES = PeakRates(head=5e-4, whole=2.5e-5)
COST = st.floats(1e-4, 1.0)


def amounts(**changed: float) -> RunAmounts:
    """Return the work of a small run."""
    content: dict[str, Any] = {
        "lines": 1000.0,
        "rows": 1500.0,
        "distil_rows": 800.0,
        "judged": 300.0,
        "judgings": 7,
        "cores": 2,
        "devices": 1,
    }
    return RunAmounts(**{**content, **changed})


def fit(mode: Mode, costs: Costs | None, minutes: float, work: RunAmounts) -> Any:
    return fitted(mode, RATES, costs, work, final_share=0.2, minutes=minutes)


@given(
    mode=st.sampled_from(["head", "whole", "both"]),
    costs=st.builds(Costs, head=COST, whole=COST, feature=COST, export=st.floats(0, 60)),
    minutes=st.floats(0.1, 2000),
    lines=st.floats(1, 50_000),
    devices=st.integers(1, 4),
)
def test_the_stages_fit_or_the_budget_is_refused(
    mode: Mode, costs: Costs, minutes: float, lines: float, devices: int
) -> None:
    work = amounts(lines=lines, rows=2 * lines, distil_rows=lines, devices=devices)
    budget = minutes * 60 * (1 - RESERVE)
    try:
        stages = fit(mode, costs, minutes, work)
    except UsageError:
        least = fit(mode, None, 0, work)
        single = tuple(stage.model_copy(update={"epochs": 1}) for stage in least)
        assert seconds_of(single, costs, work) > budget
        return
    assert seconds_of(stages, costs, work) <= budget * (1 + 1e-9)
    assert [stage.tunes for stage in stages] == (["head", "whole"] if mode == "both" else [mode])
    for stage in stages:
        assert 1 <= stage.epochs <= MOST_EPOCHS[stage.tunes]
    # The first stage takes what is left: one more epoch of it would not fit.
    if stages[0].epochs < MOST_EPOCHS[stages[0].tunes]:
        more = (stages[0].model_copy(update={"epochs": stages[0].epochs + 1}), *stages[1:])
        assert seconds_of(more, costs, work) > budget


def test_without_a_budget_every_stage_has_its_most_epochs() -> None:
    stages = fit("both", None, 0, amounts())
    assert [stage.epochs for stage in stages] == [MOST_EPOCHS["head"], MOST_EPOCHS["whole"]]
    assert [stage.rate for stage in stages] == [RATES.head, RATES.whole]
    assert stages[0].final == pytest.approx(RATES.head * 0.2)


@given(st.integers(1, 100_000))
def test_warm_up_is_a_share_and_never_all_of_a_stage(steps: int) -> None:
    assert 0 <= warmup_of(steps) <= min(MOST_WARMUP, WARMUP_SHARE * steps + 0.5)
    assert warmup_of(steps) < steps
    assert warmup_of(steps) == MOST_WARMUP or steps < MOST_WARMUP / WARMUP_SHARE


@pytest.mark.parametrize(("mode", "names_head"), [("head", False), ("whole", True), ("both", True)])
def test_a_short_budget_says_what_would_do(mode: Mode, names_head: bool) -> None:
    costs = Costs(head=0.02, whole=0.7, feature=0.1, export=10)
    with pytest.raises(UsageError, match=r"is too short: one epoch of each stage takes") as caught:
        fit(mode, costs, 0.5, amounts())
    told = str(caught.value)
    assert ("--tune head" in told) == names_head
    needed = float(told.split(" takes ")[1].split()[0].rstrip(".:;,"))
    fit(mode, costs, needed + 0.1, amounts())  # what it says is enough


def test_more_processes_and_cores_take_less() -> None:
    costs = Costs(head=0.02, whole=0.7, feature=0.1, export=10)
    stages = fit("both", None, 0, amounts())
    one = seconds_of(stages, costs, amounts())
    assert seconds_of(stages, costs, amounts(devices=2)) < one
    assert seconds_of(stages, costs, amounts(cores=4)) < one


def test_without_a_head_stage_only_distilled_lines_are_read() -> None:
    costs = Costs(head=0.0, whole=0.0, feature=2.0, export=0)
    stages = fit("whole", None, 0, amounts())
    assert seconds_of(stages, costs, amounts(judged=0)) == pytest.approx(800)
    stages = fit("head", None, 0, amounts())
    assert seconds_of(stages, costs, amounts(judged=0)) == pytest.approx(1500)
