"""What learns, how steps change it, and the mean of its weights."""

from typing import Any

import numpy as np
import pytest

LABELS = [(1, 2), (3,), (11,), (5, 5)]


def step(tunable: Any, updater: Any, seed: int, rate: float = 0.01) -> float:
    """Make a step on random lines; return its rate."""
    import paddle

    from train.tuning.losses import LastLayer

    random = np.random.default_rng(seed)
    lines = paddle.to_tensor(random.random((4, 3, 48, 64), np.float32) * 2 - 1)
    network = tunable.network
    last = LastLayer(network, distil_weight=1.0, amp=False)
    loss, _, _ = last.losses(network.neck(network.features(lines)), LABELS, [])
    loss.backward()
    updater.step(rate)
    return rate


def changed(before: Any, after: Any) -> set[str]:
    """Name the tensors that are not the same bit for bit."""
    assert list(before) == list(after)
    return {name for name in before if before[name].tobytes() != after[name].tobytes()}


@pytest.mark.parametrize("part", ["head", "whole"])
def test_a_part_learns_and_the_rest_stays_bit_for_bit(tunable: Any, part: Any) -> None:
    from train.tuning.train_plan import StepPlan
    from train.tuning.tunable import Updater

    tunable.choose(part, dropout=False)
    learning = {name for name, _ in tunable.learning()}
    assert any(name.startswith("backbone.") for name in learning) == (part == "whole")
    before = tunable.tensors()
    updater = Updater(tunable, StepPlan(), tunable.tensors())
    for seed in range(3):
        step(tunable, updater, seed)
    found = changed(before, tunable.tensors())
    assert found <= learning
    assert {"head.fc.weight", "head.fc.bias"} <= found
    # Statistics of the neck's normalisations never learn.
    assert not any("_mean" in name or "_variance" in name for name in found)


def test_weights_come_back_as_they_were_put_in(tunable: Any) -> None:
    other = {name: one + np.float32(0.125) for name, one in tunable.tensors().items()}
    tunable.put(other)
    assert not changed(other, tunable.tensors())


@pytest.mark.parametrize("fault", ["missing", "more", "size"])
def test_other_weights_are_refused_and_change_nothing(tunable: Any, fault: str) -> None:
    before = tunable.tensors()
    given = {name: one * 2 for name, one in before.items()}
    if fault == "missing":
        del given["head.fc.bias"]
    elif fault == "more":
        given["head.more"] = np.zeros(1, np.float32)
    else:
        given["head.fc.bias"] = np.zeros(3, np.float32)
    with pytest.raises(ValueError, match=r"weights are not the network's: .*head\."):
        tunable.put(given)
    assert not changed(before, tunable.tensors())


@pytest.mark.parametrize("part", ["head", "whole"])
def test_a_resumed_optimizer_makes_the_same_next_step(
    tunable: Any, little_base: Any, part: Any
) -> None:
    from train.tuning.train_plan import StepPlan
    from train.tuning.tunable import Tunable, Updater

    tunable.choose(part, dropout=False)
    base = tunable.tensors()
    updater = Updater(tunable, StepPlan(pull=20.0), base)
    for seed in range(2):
        step(tunable, updater, seed)
    weights, moments = tunable.tensors(), updater.state()
    assert any(name.startswith("head.fc.weight/moment1") for name in moments)
    other = Tunable.of(tunable.network.spec, weights)
    other.choose(part, dropout=False)
    resumed = Updater(other, StepPlan(pull=20.0), base)
    resumed.put(moments)
    for one, two in ((tunable, updater), (other, resumed)):
        step(one, two, 9)
    assert not changed(tunable.tensors(), other.tensors())
    assert not changed(updater.state(), resumed.state())


def test_weights_are_drawn_back_by_the_rate_times_the_pull_of_the_way(tunable: Any) -> None:
    from train.tuning.train_plan import StepPlan
    from train.tuning.tunable import Tunable, Updater

    tunable.choose("head", dropout=False)
    start = tunable.tensors()
    home = {
        name: one if name.endswith(("_mean", "_variance")) else one + np.float32(1)
        for name, one in start.items()
    }
    free = Tunable.of(tunable.network.spec, start)
    free.choose("head", dropout=False)
    step(free, Updater(free, StepPlan(pull=0.0), home), 3)
    rate = step(tunable, Updater(tunable, StepPlan(pull=50.0), home), 3)
    there = free.tensors()
    for name, one in tunable.tensors().items():
        moved = there[name] + rate * 50 * (home[name] - there[name])
        stays = name.startswith("backbone.")
        assert one == pytest.approx(start[name] if stays else moved, abs=1e-5), name


def test_no_pull_is_stronger_than_all_of_the_way(tunable: Any) -> None:
    from train.tuning.train_plan import StepPlan
    from train.tuning.tunable import Updater

    tunable.choose("head", dropout=False)
    start = tunable.tensors()
    step(tunable, Updater(tunable, StepPlan(pull=1e9), start), 3)
    for name, one in tunable.tensors().items():
        assert np.array_equal(one, start[name]), name


def test_moments_of_what_does_not_learn_are_refused(tunable: Any) -> None:
    from train.tuning.train_plan import StepPlan
    from train.tuning.tunable import Updater

    tunable.choose("head", dropout=False)
    updater = Updater(tunable, StepPlan(), tunable.tensors())
    with pytest.raises(ValueError, match=r"holds backbone\.x, which does not learn"):
        updater.put({"backbone.x/moment1_0": np.zeros(1, np.float32)})


def test_dropout_is_of_the_neck_alone(tunable: Any) -> None:
    from paddle import nn

    tunable.choose("whole", dropout=True)
    layers = dict(tunable.network.named_sublayers())
    training = {name for name, layer in layers.items() if layer.training}
    assert training
    assert all(name.startswith("neck.") for name in training)
    assert all(isinstance(layers[name], nn.Dropout) for name in training)
    tunable.choose("head", dropout=False)
    assert not any(layer.training for layer in layers.values())


def moved(tunable: Any, by: float) -> None:
    """Move every weight that learns, as a step would."""
    for _, one in tunable.learning():
        one.set_value(one.numpy() + np.float32(by))


@pytest.fixture
def head(tunable: Any) -> Any:
    """Return a network whose head learns."""
    tunable.choose("head", dropout=False)
    return tunable


def test_switched_off_it_takes_the_last_weights(head: Any) -> None:
    from train.tuning.tunable import Average

    average = Average(head, None, is_on=False)
    moved(head, 1.0)
    average.add()
    for name, one in average.tensors().items():
        assert np.array_equal(one, head.tensors()[name]), name
    assert average.state() == {}


def test_each_step_weighs_by_its_number(head: Any) -> None:
    from train.tuning.tunable import LEAN, Average

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
    from train.tuning.tunable import Average

    average = Average(head, None, is_on=True)
    moved(head, 0.5)
    average.add()
    for name, one in average.tensors().items():
        assert np.array_equal(one, head.tensors()[name]), name


def test_a_resumed_mean_goes_on_as_the_unbroken_one(head: Any) -> None:
    from train.tuning.tunable import Average

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

    from train.tuning.tunable import Average

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
