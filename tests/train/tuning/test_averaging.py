"""The running mean of the weights."""

from typing import Any

import numpy as np
import pytest


def moved(tunable: Any, by: float) -> None:
    """Move every weight that learns, as a step would."""
    for _, one in tunable.learning():
        one.set_value(one.numpy() + np.float32(by))


@pytest.fixture
def head(tunable: Any) -> Any:
    """Give a network whose head learns."""
    tunable.choose("head", dropout=False)
    return tunable


def test_switched_off_it_takes_the_last_weights(head: Any) -> None:
    from train.tuning.averaging import Average

    average = Average(head, None, is_on=False)
    moved(head, 1.0)
    average.add()
    for name, one in average.tensors().items():
        assert np.array_equal(one, head.tensors()[name]), name
    assert average.state() == {}


def test_each_step_weighs_by_its_number(head: Any) -> None:
    from train.tuning.averaging import LEAN, Average

    start = head.tensors()
    average = Average(head, None, is_on=True)
    for _ in range(6):
        moved(head, 0.5)
        average.add()
    weights = np.arange(1, 7) ** LEAN
    wanted = np.average(np.arange(1, 7) * 0.5, weights=weights)
    found = average.tensors()
    name = "head.fc.weight"
    assert found[name] == pytest.approx(start[name] + wanted, abs=1e-5)
    still = next(name for name in start if name.startswith("backbone."))
    assert np.array_equal(found[still], start[still])


def test_the_mean_of_one_step_is_its_weights(head: Any) -> None:
    from train.tuning.averaging import Average

    average = Average(head, None, is_on=True)
    moved(head, 0.5)
    average.add()
    for name, one in average.tensors().items():
        assert np.array_equal(one, head.tensors()[name]), name


def test_a_resumed_mean_goes_on_as_the_unbroken_one(head: Any) -> None:
    from train.tuning.averaging import Average

    whole = Average(head, None, is_on=True)
    for _ in range(3):
        moved(head, 0.25)
        whole.add()
    kept = {name: one.copy() for name, one in whole.state().items()}
    resumed = Average(head, kept, is_on=True)
    for _ in range(2):
        moved(head, 0.25)
        whole.add()
        resumed.add()
    for name, one in whole.state().items():
        assert np.array_equal(one, resumed.state()[name]), name


def test_on_a_gpu_the_mean_is_the_same(head: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import paddle

    from train.tuning.averaging import Average

    here = Average(head, None, is_on=True)
    with monkeypatch.context() as patched:
        patched.setattr(paddle.device, "get_device", lambda: "gpu:0")
        there = Average(head, None, is_on=True)
    for step in range(4):
        moved(head, 0.25)
        here.add()
        there.add()
        if step == 1:  # killed and gone on with
            with monkeypatch.context() as patched:
                patched.setattr(paddle.device, "get_device", lambda: "gpu:0")
                there = Average(head, there.state(), is_on=True)
    assert there.state().keys() == here.state().keys()
    for name, one in here.state().items():
        assert there.state()[name] == pytest.approx(one, abs=1e-6), name
