"""Last layer and losses by hand, against Paddle's own operations."""

from typing import Any

import numpy as np
import pytest


@pytest.fixture
def world(paddle: Any) -> Any:
    """Give a last layer's network, steps, labels and posteriors of a batch."""
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
    from train.tuning.last_layer import LastLayer
    from train.tuning.losses import Wavering

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
    from train.tuning.last_layer import LastLayer

    network, steps, labels, kept = world
    last = LastLayer(network, distil_weight=1.0, amp=False)
    given = paddle.to_tensor(steps)
    first = last.losses(given, labels, kept)[1:]
    room = last._room
    last.losses(given[2:], [], kept)  # a smaller batch
    assert last.losses(given, labels, kept)[1:] == first
    assert last._room is room


def test_no_lines_give_gradients_of_zero(paddle: Any, world: Any) -> None:
    from train.tuning.last_layer import LastLayer

    network, steps, _, _ = world
    loss, ctc, distil = LastLayer(network, distil_weight=1.0, amp=False).losses(
        paddle.to_tensor(steps), [], []
    )
    loss.backward()
    assert (float(loss), ctc, distil) == (0, 0, 0)
    assert not network.head.fc.weight.grad.numpy().any()
