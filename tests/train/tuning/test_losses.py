"""Losses against sums made by hand."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

CASES = [
    (3, 3, (1,)),
    (4, 3, (1, 2)),
    (4, 3, (2, 2)),  # a blank must stand between equal ones
    (5, 4, (3, 1, 1)),
    (3, 4, (1, 2, 3)),
]


def probabilities_of(logits: np.ndarray) -> np.ndarray:
    """Softmax over the last axis, float64."""
    lifted = np.exp(logits.astype(np.float64) - logits.max(-1, keepdims=True))
    return lifted / lifted.sum(-1, keepdims=True)


def by_all_paths(logits: np.ndarray, label: tuple[int, ...]) -> float:
    """Return -log of the summed probability of every path that collapses to the label."""
    steps, classes = logits.shape
    shares = probabilities_of(logits)
    total = 0.0
    for path in itertools.product(range(classes), repeat=steps):
        if tuple(one for one, _ in itertools.groupby(path) if one) == label:
            total += math.prod(shares[step, one] for step, one in enumerate(path))
    return -math.log(total)


@pytest.mark.parametrize(("steps", "classes", "label"), CASES)
def test_ctc_is_the_sum_over_all_paths(
    paddle: Any, steps: int, classes: int, label: tuple[int, ...]
) -> None:
    from train.tuning.losses import ctc_sum

    logits = np.random.default_rng(steps).normal(size=(1, steps, classes)).astype(np.float32)
    found = float(ctc_sum(paddle.to_tensor(logits), [label]))
    assert found == pytest.approx(by_all_paths(logits[0], label), abs=1e-4)


def test_ctc_adds_lines_of_several_lengths_up(paddle: Any) -> None:
    from train.tuning.losses import ctc_sum

    logits = np.random.default_rng(3).normal(size=(3, 4, 3)).astype(np.float32)
    labels = [(1,), (2, 1), (1, 1)]
    wanted = sum(by_all_paths(one, label) for one, label in zip(logits, labels, strict=True))
    assert float(ctc_sum(paddle.to_tensor(logits), labels)) == pytest.approx(wanted, abs=1e-4)


def test_the_gradient_of_ctc_is_that_of_finite_differences(paddle: Any) -> None:
    from train.tuning.losses import ctc_sum

    logits = np.random.default_rng(5).normal(size=(2, 4, 3)).astype(np.float32)
    labels = [(1, 2), (1,)]
    tensor = paddle.to_tensor(logits, stop_gradient=False)
    (ctc_sum(tensor, labels) * 0.5).backward()
    for at in [(0, 0, 0), (0, 3, 2), (1, 1, 1)]:
        moved = [logits.astype(np.float64) for _ in range(2)]
        moved[0][at] += 1e-4
        moved[1][at] -= 1e-4
        up, down = (sum(map(by_all_paths, one, labels)) for one in moved)
        assert float(tensor.grad[at]) == pytest.approx(0.5 * (up - down) / 2e-4, abs=1e-3)


def posteriors(shares: np.ndarray, top: int) -> list[Any]:
    """Keep what a base model that reads so would have kept."""
    from train.tuning.losses import Posterior, posterior_of

    classes, kept = posterior_of(shares, top)
    return [Posterior(*one) for one in zip(classes, kept, strict=True)]


def test_no_distance_where_both_read_the_same(paddle: Any) -> None:
    from train.tuning.losses import distil_sum

    logits = np.random.default_rng(1).normal(size=(2, 5, 6)).astype(np.float32)
    kept = posteriors(probabilities_of(logits), 6)
    # The shares are kept in half precision.
    assert float(distil_sum(paddle.to_tensor(logits), kept)) == pytest.approx(0, abs=5e-3)


@pytest.mark.parametrize("top", [2, 6])
def test_the_distance_is_the_divergence_and_points_back(paddle: Any, top: int) -> None:
    from train.tuning.losses import distil_sum

    random = np.random.default_rng(2)
    base = random.normal(size=(2, 5, 6)).astype(np.float32)
    own = (base + random.normal(size=base.shape)).astype(np.float32)
    kept = posteriors(probabilities_of(base), top)
    target = np.zeros(base.shape)
    for row, one in zip(target, kept, strict=True):
        shares = one.shares.astype(np.float64)
        np.put_along_axis(row, one.classes, shares / shares.sum(-1, keepdims=True), -1)

    def divergence(logits: np.ndarray) -> float:
        ratio = np.where(target > 0, target, 1) / probabilities_of(logits)
        return float((target * np.log(ratio)).sum())

    tensor = paddle.to_tensor(own, stop_gradient=False)
    found = distil_sum(tensor, kept)
    assert float(found) == pytest.approx(divergence(own), rel=1e-3)
    assert float(found) > 0
    (found * 3).backward()
    for at in [(0, 0, 0), (1, 4, 5), (0, 2, 3)]:
        moved = [own.astype(np.float64) for _ in range(2)]
        moved[0][at] += 1e-4
        moved[1][at] -= 1e-4
        wanted = 3 * (divergence(moved[0]) - divergence(moved[1])) / 2e-4
        assert float(tensor.grad[at]) == pytest.approx(wanted, abs=2e-3)


@given(top=st.integers(1, 9), seed=st.integers(0, 1000))
def test_the_kept_classes_are_the_likeliest_by_rising_number(top: int, seed: int) -> None:
    pytest.importorskip("paddle")
    from train.tuning.losses import posterior_of

    shares = np.random.default_rng(seed).dirichlet(np.ones(7), size=3)
    classes, kept = posterior_of(shares, top)
    assert classes.shape == kept.shape == (3, min(top, 7))
    assert (np.diff(classes, axis=-1) > 0).all()
    for row, own, values in zip(shares, classes, kept, strict=True):
        assert set(own) == set(np.argsort(row)[-min(top, 7) :])
        assert values == pytest.approx(row[own], abs=1e-3)


def coarse(shares: np.ndarray, group: list[int]) -> np.ndarray:
    """Put the shares of a group of classes together, at the end."""
    rest = [one for one in range(shares.shape[-1]) if one not in group]
    together = shares[..., group].sum(-1, keepdims=True)
    return np.concatenate([shares[..., rest], together], -1)


def test_what_the_base_wavers_at_is_left_open(paddle: Any) -> None:
    from train.tuning.losses import Wavering, distil_sum

    random = np.random.default_rng(6)
    base = random.normal(size=(2, 5, 6)).astype(np.float32)
    base[:, 0, 4] = -12  # sure that there is none: stays as it is
    own = (base + random.normal(size=base.shape)).astype(np.float32)
    kept = posteriors(probabilities_of(base), 6)
    target = np.stack([one.shares.astype(np.float64) for one in kept])
    target /= target.sum(-1, keepdims=True)

    def divergence(logits: np.ndarray) -> float:
        ours = probabilities_of(logits)
        fine = (target[:, :1] * np.log(target[:, :1] / ours[:, :1])).sum()
        theirs, mine = coarse(target[:, 1:], [0, 4]), coarse(ours[:, 1:], [0, 4])
        return float(fine + (theirs * np.log(theirs / mine)).sum())

    tensor = paddle.to_tensor(own, stop_gradient=False)
    found = distil_sum(tensor, kept, Wavering((4,), 0.001))
    assert float(found) == pytest.approx(divergence(own), rel=2e-3)
    found.backward()
    for at in [(0, 0, 0), (0, 0, 4), (1, 4, 4), (0, 2, 0), (1, 3, 2)]:
        moved = [own.astype(np.float64) for _ in range(2)]
        moved[0][at] += 1e-4
        moved[1][at] -= 1e-4
        wanted = (divergence(moved[0]) - divergence(moved[1])) / 2e-4
        assert float(tensor.grad[at]) == pytest.approx(wanted, abs=2e-3)


@given(seed=st.integers(0, 1000), hint=st.floats(0.001, 1))
def test_opening_moves_shares_between_a_lost_class_and_the_blank_alone(
    seed: int, hint: float
) -> None:
    pytest.importorskip("paddle")
    from train.tuning.losses import Wavering, opened_here

    random = np.random.default_rng(seed)
    shares = random.dirichlet(np.ones(5), size=(2, 3)).astype(np.float32)
    ours = random.dirichlet(np.ones(5), size=(2, 3)).astype(np.float32)
    classes = np.broadcast_to(np.arange(5), shares.shape)
    found = opened_here(classes, shares, ours, Wavering((3,), hint))
    assert found.sum(-1) == pytest.approx(shares.sum(-1), abs=1e-5)
    assert np.array_equal(found[..., [1, 2, 4]], shares[..., [1, 2, 4]])
    sure = shares[..., 3] < hint
    assert np.array_equal(found[sure], shares[sure])


@pytest.fixture
def world(paddle: Any) -> Any:
    """Return a last layer's network, steps, labels and posteriors of a batch."""
    from train.networks.building import build
    from train.networks.spec import NetworkSpec
    from train.tuning.losses import Posterior, posterior_of

    paddle.seed(3)
    spec = NetworkSpec(
        name="x", family="svtr_lcnet_v4", classes=9, scale=0.1, dims=6, hidden=16, depth=1
    )
    network = build(spec)
    random = np.random.default_rng(4)
    steps = random.normal(size=(5, 11, 6)).astype(np.float32) * 2
    classes, shares = posterior_of(random.dirichlet(np.ones(9), size=(3, 11)), 4)
    kept = [Posterior(*one) for one in zip(classes, shares, strict=True)]
    return network, steps, [(1, 2, 2), (8,)], kept


@pytest.mark.parametrize("kinds", ["both", "labelled", "distilled"])
@pytest.mark.parametrize("wavering", [(), (8,), (3, 5)])
def test_both_ways_give_the_same(
    paddle: Any, world: Any, kinds: str, wavering: tuple[int, ...]
) -> None:
    from train.tuning.losses import LastLayer, Wavering

    network, steps, labels, kept = world
    if kinds == "labelled":
        steps, kept = steps[:2], []
    elif kinds == "distilled":
        steps, labels = steps[2:], []
    layer = network.head.fc
    results = []
    for by_hand in (True, False):
        last = LastLayer(network, distil_weight=1.7, amp=False, wavering=Wavering(wavering, 0.05))
        last._by_hand = by_hand
        given = paddle.to_tensor(steps, stop_gradient=False)
        loss, ctc, distil = last.losses(given, labels, kept)
        (loss / 4).backward()
        gradients = [one.grad.numpy() for one in (given, layer.weight, layer.bias)]
        layer.clear_gradients()
        results.append((float(loss), ctc, distil, gradients))
    hand, own = results
    assert hand[:3] == pytest.approx(own[:3], rel=1e-5, abs=1e-5)
    for one, two in zip(hand[3], own[3], strict=True):
        assert one.shape == two.shape
        assert one == pytest.approx(two, rel=1e-4, abs=1e-5)


def test_the_room_is_used_again(paddle: Any, world: Any) -> None:
    from train.tuning.losses import LastLayer

    network, steps, labels, kept = world
    last = LastLayer(network, distil_weight=1.0, amp=False)
    given = paddle.to_tensor(steps)
    first = last.losses(given, labels, kept)[1:]
    room = last._room
    last.losses(given[2:], [], kept)  # a smaller batch
    assert last.losses(given, labels, kept)[1:] == first
    assert last._room is room


def test_no_lines_give_gradients_of_zero(paddle: Any, world: Any) -> None:
    from train.tuning.losses import LastLayer

    network, steps, _, _ = world
    loss, ctc, distil = LastLayer(network, distil_weight=1.0, amp=False).losses(
        paddle.to_tensor(steps), [], []
    )
    loss.backward()
    assert (float(loss), ctc, distil) == (0, 0, 0)
    assert not network.head.fc.weight.grad.numpy().any()
