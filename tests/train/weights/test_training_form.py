"""Normalisations with the statistics of lines: the same in evaluation, and in training too."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

Draw = Callable[..., Any]


def test_moments_of_parts_are_those_of_the_whole() -> None:
    from train.weights.training_form import _Moments

    rng = np.random.default_rng(4)
    # Far from 0: a difference of two large sums would be lost here.
    parts = [rng.normal(1e3, 0.5, (n, 3, 4, 5)).astype(np.float32) for n in (1, 2, 7)]
    found = _Moments()
    for part in parts:
        found.add(part)
    whole = np.concatenate(parts).astype(np.float64)
    np.testing.assert_allclose(found.mean, whole.mean(axis=(0, 2, 3)), rtol=1e-6)
    np.testing.assert_allclose(found.variance, whole.var(axis=(0, 2, 3)), rtol=1e-3)


def apart(one: Any, two: Any) -> float:
    """Return the difference as a share of what there is."""
    return float(np.linalg.norm(one - two) / np.linalg.norm(two))


@pytest.mark.parametrize("family", ["svtr_lcnet_v4", "svtr_mobilenet_v3"])
def test_training_starts_where_evaluation_is(paddle: Any, drawn: Draw, family: str) -> None:
    from train.networks.building import loaded
    from train.weights.probe_lines import ProbeLine
    from train.weights.training_form import branched, settle

    rng = np.random.default_rng(3)
    pixels = [rng.uniform(-1, 1, (1, 3, 48, 320)).astype(np.float32) for _ in range(3)]
    lines = [ProbeLine(str(number), one) for number, one in enumerate(pixels)]
    network = loaded(*branched(*drawn(family)))
    batch = paddle.to_tensor(np.concatenate(pixels))

    def features(is_training: bool) -> Any:
        network.backbone.train() if is_training else network.backbone.eval()
        with paddle.no_grad():
            found = network.features(batch).numpy()
        network.backbone.eval()
        return found

    before = features(False)
    kept = {name: value.numpy() for name, value in network.state_dict().items()}
    # As it was spread: what a first step of training would see is another network.
    assert apart(features(True), before) > 0.1
    network.set_state_dict({name: paddle.to_tensor(array) for name, array in kept.items()})
    settle(network, [line.pixels for line in lines])
    assert apart(features(False), before) < 1e-4
    assert apart(features(True), before) < 1e-2
