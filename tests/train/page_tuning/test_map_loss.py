"""The loss of a map: least where the map is right, and of pages without text too."""

import numpy as np
import paddle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from train.page_tuning.map_loss import (
    CORE,
    HARD_NEGATIVES,
    MOST_WEIGHT,
    binary_loss,
    chosen_pixels,
    core_weights,
    map_loss,
    threshold_loss,
)

losses = arrays(np.float32, (2, 1, 8, 8), elements=st.floats(0, 9, width=32))
flags = arrays(np.bool_, (2, 1, 8, 8))


@given(losses, flags, flags)
def test_all_of_cores_and_the_hardest_others_are_chosen(
    each: np.ndarray, core: np.ndarray, counts: np.ndarray
) -> None:
    chosen = chosen_pixels(each, core.astype(np.float32), counts.astype(np.float32)) > 0

    positive, negative = core & counts, ~core & counts
    assert not chosen[~counts].any()
    assert chosen[positive].all()
    taken = chosen & negative
    wanted = min(HARD_NEGATIVES * int(positive.sum()), int(negative.sum()))
    assert taken.sum() >= wanted
    if taken.any() and (negative & ~taken).any():
        assert each[taken].min() > each[negative & ~taken].max()


def loss_of(logits: np.ndarray, core: np.ndarray, counts: np.ndarray | None = None) -> float:
    judged = np.ones_like(core) if counts is None else counts
    parts = (logits[:, None], core, judged)
    return float(map_loss(*(paddle.to_tensor(part.astype(np.float32)) for part in parts)))


def page() -> np.ndarray:
    core = np.zeros((1, 64, 64))
    core[0, 20:30, 10:50] = 1
    return core


def test_a_right_map_costs_nothing_and_a_wrong_one_much() -> None:
    core = page()

    assert loss_of(24 * core - 12, core) < 0.001
    assert loss_of(12 - 24 * core, core) > 10


def test_a_page_without_text_teaches_that_nothing_is_there() -> None:
    nothing, quiet = np.zeros((1, 64, 64)), np.full((1, 64, 64), -9.0)
    spotted = quiet.copy()
    spotted[0, 4:10, 4:30] = 6

    assert loss_of(spotted, nothing) > loss_of(quiet, nothing) + 1


def test_what_does_not_count_changes_nothing() -> None:
    core, counts = page(), np.ones((1, 64, 64))
    counts[0, 40:] = 0
    right = 24 * core - 12
    wrong = right.copy()
    wrong[0, 45:60] = 12

    assert loss_of(wrong, core, counts) == pytest.approx(loss_of(right, core, counts), abs=1e-6)


@given(st.lists(st.integers(1, 24), min_size=1, max_size=4))
def test_cores_of_a_kept_map_weigh_alike(lengths: list[int]) -> None:
    core = np.zeros((80, 60), np.float32)
    for at, length in enumerate(lengths):
        core[10 + 18 * at : 14 + 18 * at, 20 : 20 + length] = 0.8
    weights = core_weights(core)

    of_core = [
        float(weights[10 + 18 * at : 14 + 18 * at, 20 : 20 + length].sum())
        for at, length in enumerate(lengths)
    ]
    few = np.mean(lengths) > MOST_WEIGHT * min(lengths)
    assert few or np.allclose(of_core, of_core[0], rtol=1e-4)
    assert min(of_core) > 0
    zone = weights != 1
    assert not zone.any() or weights[zone].mean() == pytest.approx(1, abs=0.05)
    assert (weights[:, :10] == 1).all()


def test_a_short_text_that_grows_costs_as_much_as_a_long_one() -> None:
    soft = np.full((1, 64, 160), 1e-3)
    soft[0, 10:18, 10:20] = soft[0, 40:48, 10:150] = 0.9

    def cost(grown: tuple[slice, slice], kept: list[int]) -> float:
        shown = soft.copy()
        shown[0][grown] = 0.9
        logits = paddle.to_tensor(np.log(shown / (1 - shown))[:, None].astype(np.float32))
        return float(map_loss(logits, *tensors(soft, np.ones_like(soft)), kept))

    short, long = (slice(10, 18), slice(20, 23)), (slice(40, 48), slice(150, 153))
    nothing = cost((slice(0), slice(0)), [0])
    assert cost(short, [0]) - nothing > 3 * (cost(long, [0]) - nothing) > 0


def test_a_kept_map_pulls_at_nothing_where_it_is_as_it_was() -> None:
    # Dice of labels would pull each pixel of .8 on to 1, and boxes would grow.
    soft = np.stack([np.where(page()[0] > 0, 0.8, 0.02), np.full((64, 64), 1e-4)])
    at = paddle.to_tensor(np.log(soft / (1 - soft))[:, None].astype(np.float32))
    core, counts = tensors(soft, np.ones_like(soft))

    def pull(kept: list[int]) -> float:
        logits = at.detach()
        logits.stop_gradient = False
        map_loss(logits, core, counts, kept).backward()
        return float(logits.grad.abs().sum())

    assert CORE < 0.8
    assert pull([0, 1]) < 1e-4 < 0.01 < pull([])


@given(st.floats(0.05, 0.95), st.floats(-3, 3).filter(lambda by: abs(by) > 0.1))
def test_a_kept_map_costs_least_as_it_was(sure: float, by: float) -> None:
    soft = np.where(page() > 0, sure, 0.02)
    logits = np.log(soft / (1 - soft))
    other = np.where(page() > 0, logits + by, logits)

    def loss(logits: np.ndarray) -> float:
        return float(map_loss(*tensors(logits[:, None], soft, np.ones_like(soft)), kept=[0]))

    assert loss(logits) < loss(other)


def test_labels_and_kept_maps_of_a_batch_weigh_by_their_cores() -> None:
    core = np.concatenate([page(), page()])
    core[0, 5:15, 10:50] = core[0, 35:45, 10:50] = 1  # three lines beside one
    right = 24 * core - 12
    counts = np.ones_like(core)

    def loss(wrong: int) -> float:
        logits = right.copy()
        logits[wrong] = -12  # nothing is found
        return float(map_loss(*tensors(logits[:, None], core, counts), kept=[1]))

    # The one line costs a quarter of the dice, and of the cross entropy.
    assert loss(1) == pytest.approx(loss(0) / 3, rel=0.05)


def tensors(*parts: np.ndarray) -> list[paddle.Tensor]:
    return [paddle.to_tensor(part.astype(np.float32)) for part in parts]


def test_thresholds_are_judged_in_the_band_alone() -> None:
    wanted, band = np.full((1, 8, 8), 0.3), np.zeros((1, 8, 8))
    wanted[0, 2], band[0, 1:3] = 0.7, 1
    shown = np.full((1, 1, 8, 8), 0.5)
    shown[0, 0, 6] = 1  # beyond the band

    assert float(threshold_loss(*tensors(shown, wanted, band))) == pytest.approx(0.2)
    assert float(threshold_loss(*tensors(wanted[:, None], wanted, band))) == 0
    assert float(threshold_loss(*tensors(shown, wanted, np.zeros_like(band)))) == 0


def test_the_map_of_both_is_right_where_probabilities_pass_thresholds() -> None:
    core = page()
    passing = np.where(core > 0, 0.6, 0.4)[:, None]  # of a threshold of .5, each by .1
    logits = np.log(passing / (1 - passing))
    counts = np.ones_like(core)

    def loss(threshold: float) -> float:
        given = tensors(logits, np.full_like(logits, threshold), core, counts)
        return float(binary_loss(*given))

    assert loss(0.5) < 0.06
    assert loss(0.5) < loss(0.45) < loss(0.3)
    assert loss(0.5) < loss(0.55) < loss(0.7)
    elsewhere = counts * (core == 0)
    free = tensors(logits, np.full_like(logits, 0.5), core, elsewhere)
    assert float(binary_loss(*free)) == pytest.approx(1)  # no core counts, and nothing is shared
