"""Between the base and the tuned model."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from train.tuning.full_run import Blend, blended, chosen, sweep
from train.tuning.stopping_sets import Standing, balance, keeps_up, lost

BASE = {"a": np.array([0.0, 2.0], np.float32), "b": np.array([[4.0]], np.float32)}
TUNED = {"a": np.array([1.0, 0.0], np.float32), "b": np.array([[8.0]], np.float32)}


def standing(target: int, general: int) -> Standing:
    return Standing((target, general), (100, 1000), (True, False))


def test_the_ends_are_the_models_themselves() -> None:
    assert blended(BASE, TUNED, 0.0) == BASE
    assert blended(BASE, TUNED, 1.0) == TUNED


@given(alpha=st.floats(0, 1))
def test_a_blend_lies_between(alpha: float) -> None:
    found = blended(BASE, TUNED, alpha)
    assert found["a"] == pytest.approx([alpha, 2 - 2 * alpha], abs=1e-6)
    assert found["b"].dtype == np.float32


def test_models_of_other_tensors_are_refused() -> None:
    with pytest.raises(ValueError, match="other tensors"):
        blended(BASE, {"a": TUNED["a"]}, 0.5)
    with pytest.raises(ValueError, match=r"not 0\.\.1"):
        blended(BASE, TUNED, 1.5)


@pytest.mark.parametrize(
    ("rows", "taken"),
    [
        # alpha, target, general of 1,000: what lost more than one line in a hundred is out
        ([(0, 70, 900), (0.5, 80, 895), (1, 90, 880)], 0.5),
        ([(0, 70, 900), (0.5, 80, 880), (1, 90, 880)], 0),
        ([(0, 70, 900), (0.5, 80, 900), (1, 80, 900)], 1),  # of equals what has learned most
        ([(0, 70, 900), (0.5, 69, 900), (1, 69, 900)], 1),  # a line or two fewer is chance
        ([(0, 70, 900), (0.5, 67, 900), (1, 67, 900)], 0),
        ([(0, 70, 900), (0.5, 75, 900), (1, 75, 897)], 1),  # less what the general lines lose
        ([(0, 70, 900), (0.5, 75, 900), (1, 75, 892)], 0.5),
        ([(0, 70, 900), (0.5, 60, 950), (1, 60, 950)], 0),  # the general lines are not the aim
    ],
)
def test_the_best_that_keeps_the_general_lines_is_taken(
    rows: list[tuple[float, int, int]], taken: float
) -> None:
    blends = [Blend(alpha, standing(target, general)) for alpha, target, general in rows]
    assert chosen(blends, 0.01).alpha == taken


def test_without_the_base_nothing_is_chosen() -> None:
    with pytest.raises(ValueError, match="alpha 0"):
        chosen([Blend(1.0, standing(1, 1))], 0.01)


def test_a_sweep_judges_each_weight_once_by_rising_weight() -> None:
    seen: list[float] = []

    def judge(tensors: object) -> Standing:
        seen.append(float(tensors["b"][0, 0]))  # type: ignore[index]
        return standing(1, 1)

    blends = sweep(BASE, TUNED, (1.0, 0.0, 0.5, 0.5), judge)
    assert [one.alpha for one in blends] == [0.0, 0.5, 1.0]
    assert seen == [4.0, 6.0, 8.0]


def test_while_training_a_gain_outweighs_what_a_blend_can_win_back() -> None:
    base = standing(70, 900)
    assert balance(standing(85, 880), base, 0.01) > balance(base, base, 0.01)
    assert balance(standing(75, 850), base, 0.01) < balance(base, base, 0.01)
    assert balance(standing(75, 895), base, 0.01) > balance(standing(75, 880), base, 0.01)


@given(target=st.integers(0, 100), general=st.integers(0, 1000))
def test_a_state_keeps_up_with_itself_and_with_all_that_do_worse(target: int, general: int) -> None:
    base, one = standing(50, 900), standing(target, general)
    reached = balance(one, base, 0.01)
    assert keeps_up(one, reached, base, 0.01)
    assert keeps_up(one, reached - 0.5, base, 0.01)
    # Two standard errors of a share of a hundred lines are a tenth at most.
    assert not keeps_up(one, reached + 0.11, base, 0.01)


def test_the_fewer_lines_judge_the_worse_may_a_later_state_look() -> None:
    def kept(lines: int) -> bool:
        base = Standing((lines // 2,), (lines,), (True,))
        return keeps_up(Standing((lines * 4 // 5,), (lines,), (True,)), 0.85, base, 0.01)

    assert [kept(lines) for lines in (20, 100, 500)] == [True, True, False]


@given(right=st.integers(0, 50), lines=st.integers(50, 5000))
def test_what_few_lines_seem_to_have_lost_counts_for_less_and_never_for_more(
    right: int, lines: int
) -> None:
    def of(factor: int) -> tuple[float, float]:
        base = Standing((50 * factor,), (lines * factor,), (False,))
        one = Standing((right * factor,), (lines * factor,), (False,))
        return base.share(target=False) - one.share(target=False), lost(one, base)

    (counted, few), (_, many) = of(1), of(10)
    assert 0 <= few <= many <= counted
    assert few < counted or not counted


def test_without_general_lines_nothing_is_known_to_be_lost() -> None:
    base = Standing((1,), (2,), (True,))
    assert lost(Standing((0,), (2,), (True,)), base) == 0
