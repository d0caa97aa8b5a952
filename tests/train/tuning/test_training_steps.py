"""A step that goes wrong says where, before it changes a weight."""

from typing import Any

import numpy as np
import pytest

from textlines.errors import InputError


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_a_loss_that_is_not_finite_ends_the_run_and_changes_nothing(tunable: Any) -> None:
    from train.tuning.ranks import Ranks
    from train.tuning.train_plan import StepPlan
    from train.tuning.training_lines import TrainingLine
    from train.tuning.training_steps import Stepper
    from train.tuning.tunable import Updater

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
    from train.tuning.ranks import Ranks
    from train.tuning.train_plan import StepPlan
    from train.tuning.training_lines import TrainingLine
    from train.tuning.training_steps import Stepper
    from train.tuning.tunable import Updater

    tunable.choose("whole", dropout=False)
    plan = StepPlan(batch=2)
    stepper = Stepper(
        tunable, Updater(tunable, plan, tunable.tensors()), plan, {}, Ranks(0, 1), seed=0
    )
    lines = [TrainingLine(f"crops/{one}.png", (1, 2), 320, False, False) for one in range(2)]
    crops = [np.full((48, 60, 3), 200, np.uint8)] * 2
    losses = [stepper.on_crops(lines, 0, done, 1e-2, crops=crops).ctc for done in range(8)]
    assert losses[-1] < losses[0]
