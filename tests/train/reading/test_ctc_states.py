"""The states of CTC."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.train.tuning.test_losses import CASES, by_all_paths, probabilities_of
from train.reading.ctc_states import States, ctc_states


def logs_of(logits: np.ndarray, states: States) -> np.ndarray:
    """Give the logarithms at the states' classes."""
    return np.log(np.take_along_axis(probabilities_of(logits), states.classes[:, None], axis=-1))


@pytest.mark.parametrize(("steps", "classes", "label"), CASES)
def test_the_loss_is_the_sum_over_all_paths(
    steps: int, classes: int, label: tuple[int, ...]
) -> None:
    logits = np.random.default_rng(steps).normal(size=(1, steps, classes))
    states = States.of([label])
    losses, _ = ctc_states(logs_of(logits, states), states)
    assert losses[0] == pytest.approx(by_all_paths(logits[0], label), abs=1e-9)


@given(
    labels=st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=5), min_size=1, max_size=4),
    seed=st.integers(0, 100),
)
def test_lines_of_a_batch_do_not_touch_each_other(labels: list[list[int]], seed: int) -> None:
    logits = np.random.default_rng(seed).normal(size=(len(labels), 12, 5)) * 3
    states = States.of(labels)
    losses, shares = ctc_states(logs_of(logits, states), states)
    assert shares.sum(axis=-1) == pytest.approx(np.ones(shares.shape[:2]))
    for number, label in enumerate(labels):
        alone = States.of([label])
        loss, own = ctc_states(logs_of(logits[number : number + 1], alone), alone)
        assert losses[number] == pytest.approx(loss[0])
        assert shares[number, :, : own.shape[-1]] == pytest.approx(own[0])


def test_a_label_that_has_no_room_costs_infinitely_much() -> None:
    states = States.of([(1, 1), (1, 2)])  # two equal ones need a blank between them
    losses, _ = ctc_states(np.full((2, 2, 5), np.log(0.5)), states)
    assert losses[0] == np.inf
    assert losses[1] == pytest.approx(-2 * np.log(0.5))
