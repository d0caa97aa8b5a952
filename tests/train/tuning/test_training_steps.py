"""A step that goes wrong says where, before it changes a weight; what it holds is counted."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("paddle")

from tests.train.tuning.conftest import Planning
from textlines.errors import InputError
from train.tuning.plan_in_words import plan_lines
from train.tuning.ranks import Ranks
from train.tuning.train_plan import Part, StepPlan
from train.tuning.training_lines import TrainingLine
from train.tuning.training_steps import (
    BYTES,
    ROOM,
    StepMemory,
    Stepper,
    heaviest_step,
    step_memory,
)
from train.tuning.tunable import Tunable, Updater

BENCHMARK = Path(__file__).resolve().parents[3] / "benchmarks" / "memory.py"

PLAN = StepPlan(batch=8)


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_a_loss_that_is_not_finite_ends_the_run_and_changes_nothing(tunable: Any) -> None:
    tunable.choose("whole", dropout=False)
    broken = tunable.tensors()
    broken["head.fc.bias"] = np.full_like(broken["head.fc.bias"], np.nan)
    tunable.put(broken)
    plan = StepPlan(batch=2)
    stepper = Stepper(
        tunable, Updater(tunable, plan, tunable.tensors()), plan, {}, Ranks(0, 1), seed=0
    )
    lines = [TrainingLine(f"crops/{one}.png", (1, 2), 320, False, False) for one in range(2)]
    crops = [np.full((48, 60, 3), 200, np.uint8)] * 2
    with pytest.raises(InputError) as caught:
        stepper.on_crops(lines, 0, 17, 1e-3, crops=crops)
    said = str(caught.value)
    assert "step 17" in said and "not finite" in said and "crops/0.png" in said
    assert "last checkpoint is whole" in said
    after = tunable.tensors()
    assert all(after[name].tobytes() == broken[name].tobytes() for name in broken)


def test_a_step_on_crops_learns_from_them(tunable: Any) -> None:
    tunable.choose("whole", dropout=False)
    plan = StepPlan(batch=2)
    stepper = Stepper(
        tunable, Updater(tunable, plan, tunable.tensors()), plan, {}, Ranks(0, 1), seed=0
    )
    lines = [TrainingLine(f"crops/{one}.png", (1, 2), 320, False, False) for one in range(2)]
    crops = [np.full((48, 60, 3), 200, np.uint8)] * 2
    losses = [stepper.on_crops(lines, 0, done, 1e-2, crops=crops).ctc for done in range(8)]
    assert losses[-1] < losses[0]


def memory(tunable: Any, part: Part, lines: int, width: int, *, by_hand: bool = True) -> StepMemory:
    return step_memory(tunable, PLAN, part, lines, width, by_hand=by_hand)


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    lines=st.integers(1, 64),
    width=st.sampled_from([320, 384, 448]),
    part=st.sampled_from(["head", "whole"]),
)
def test_it_grows_with_lines_and_width(tunable: Any, lines: int, width: int, part: Part) -> None:
    before = memory(tunable, part, lines, width)
    more, wider = memory(tunable, part, lines + 1, width), memory(tunable, part, lines, width + 64)
    for one in (more, wider):
        assert one.kept > before.kept
        assert one.logits > before.logits
        assert (one.process, one.weights) == (before.process, before.weights)
    # In proportion to the lines; to the width too, but that attention looks from each time step at
    # each other.
    assert more.kept == pytest.approx(before.kept * (lines + 1) / lines, abs=2)
    assert wider.kept > 0.95 * before.kept * (width + 64) / width


def test_the_whole_network_keeps_more_than_the_head(tunable: Any) -> None:
    head, whole = (memory(tunable, part, 8, 320) for part in ("head", "whole"))
    assert whole.kept > 10 * head.kept
    assert whole.weights > head.weights
    assert head.logits == whole.logits
    assert memory(tunable, "whole", 8, 320, by_hand=False).logits > whole.logits


def test_what_is_counted_is_what_paddle_holds_until_the_way_back(tunable: Any) -> None:
    import paddle

    def held() -> int:
        return int(paddle.base.core.host_memory_stat_current_value("Allocated", 0))

    said = memory(tunable, "whole", 1, 320)
    pixels = paddle.to_tensor(np.zeros((4, 3, 48, 320), np.float32))
    before = held() - int(pixels.size) * BYTES
    steps = tunable.network.time_steps(tunable.network.features(pixels))
    assert (held() - before) / 4 == pytest.approx(said.kept / ROOM, rel=0.1)
    assert not steps.stop_gradient


def test_weights_are_what_they_were(tunable: Any) -> None:
    before = tunable.tensors()
    memory(tunable, "whole", 2, 320)
    for name, array in tunable.tensors().items():
        np.testing.assert_array_equal(array, before[name])


def test_the_heaviest_step_is_of_the_part_that_holds_most(plan_of: Planning) -> None:
    planned = plan_of()
    tunable = Tunable.of(planned.start.spec, planned.start.tensors)

    def heaviest(*parts: Part) -> StepMemory:
        return heaviest_step(tunable, planned.plan.step, parts, planned.lists, by_hand=True)

    assert heaviest("head", "whole") == heaviest("whole")
    assert heaviest("head").total < heaviest("whole").total
    assert heaviest("head") == planned.memory
    told = "\n".join(plan_lines(planned, Path("run")))
    gigabytes = re.search(r"memory      about ([\d.]+) GB for a step of training$", told, re.M)
    assert gigabytes
    assert float(gigabytes[1]) == pytest.approx(planned.memory.total / 1e9, abs=0.05)


def test_a_step_takes_what_is_said_and_not_less_than_half_of_it(little_base: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(BENCHMARK), "--model", str(little_base), "--step", "whole:4:320"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(BENCHMARK.parents[1])},
    )
    assert done.returncode == 0, (done.stdout, done.stderr[-2000:])
    row = done.stdout.splitlines()[-1].split("|")
    assert row[2:4] == [" whole ", " 4 x 320 "]
    assert 0.5 <= float(row[-2]) <= 1
