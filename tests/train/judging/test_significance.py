"""Exact tests, and how many lines show a change."""

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from train.judging.intervals import Stratum, change_over
from train.judging.significance import (
    holm,
    lines_for_gain,
    lines_for_margin,
    margin,
    mcnemar,
    smallest_provable_gain,
)

shares = st.floats(0, 0.2)


@given(st.integers(1, 10**6), shares, st.floats(1, 20))
def test_more_lines_prove_less_and_more_flips_hide_more(
    lines: int, flips: float, design: float
) -> None:
    gain = smallest_provable_gain(lines, flips, design=design)
    assert 0 < gain <= 1
    assert smallest_provable_gain(lines + 1, flips, design=design) <= gain
    assert smallest_provable_gain(lines, flips + 0.01, design=design) >= gain
    assert smallest_provable_gain(lines, flips, design=design, power=0.9) >= gain


@given(st.floats(0.01, 0.3), shares)
def test_lines_and_gain_are_two_sides_of_one_formula(gain: float, noise: float) -> None:
    lines = lines_for_gain(gain, min(1.0, gain + noise))
    assert lines is not None
    assert smallest_provable_gain(lines, noise) <= gain + 1e-9
    if lines > 1:
        assert smallest_provable_gain(lines - 1, noise) >= gain - 1e-9


def test_a_gain_of_that_size_is_shown_in_four_of_five_cases() -> None:
    lines, noise = 400, 0.03
    gain = smallest_provable_gain(lines, noise)
    random = np.random.default_rng(3)
    chances = [noise / 2 + gain, noise / 2, 1 - noise - gain]
    shown = 0
    for mended, broken, same in random.multinomial(lines, chances, size=300):
        change = np.repeat(np.array([1, -1, 0], np.int8), [mended, broken, same])
        shown += change_over([Stratum(change)]).interval[0] > 0
    assert 0.72 < shown / 300 < 0.88


def test_what_no_lines_can_show() -> None:
    assert lines_for_gain(0.0, 0.1) is None
    assert lines_for_gain(-0.1, 0.1) is None
    assert smallest_provable_gain(1, 0.5) <= 1


def test_a_margin_shrinks_with_the_root_of_the_lines() -> None:
    assert margin(4000, 0.02) == pytest.approx(margin(1000, 0.02) / 2)
    assert margin(lines_for_margin(0.01, 0.02), 0.02) < 0.01
    assert lines_for_margin(0.01, 0.02, design=2) == pytest.approx(
        2 * lines_for_margin(0.01, 0.02), abs=1
    )


@pytest.mark.parametrize("delta", [0.01, 0.03, 0.2])
def test_lines_without_a_flip_rule_a_loss_out_when_there_are_enough(delta: float) -> None:
    lines = lines_for_margin(delta, 0.0)
    assert change_over([Stratum(np.zeros(lines, np.int8))]).interval[0] >= -delta
    assert change_over([Stratum(np.zeros(lines - 1, np.int8))]).interval[0] < -delta
    assert lines_for_margin(delta, 0.0, design=30) > 28 * lines


@pytest.mark.parametrize("arguments", [(0, 0.1), (1, -0.1), (1, 1.1)])
def test_bad_arguments_are_told(arguments: tuple[int, float]) -> None:
    with pytest.raises(ValueError, match="need lines >= 1"):
        smallest_provable_gain(*arguments)
    with pytest.raises(ValueError, match="greater than 0"):
        lines_for_margin(0.0, 0.1)


flips = st.integers(0, 400)


@given(flips, flips)
def test_mcnemar_is_the_sign_test(mended: int, broken: int) -> None:
    of, fewer = mended + broken, min(mended, broken)
    expected = min(1.0, 2 * sum(comb(of, k) for k in range(fewer + 1)) / 2**of)
    assert mcnemar(mended, broken) == pytest.approx(expected, rel=1e-12)
    assert mcnemar(mended, broken) == mcnemar(broken, mended)


def test_mcnemar_holds_for_many_flips() -> None:
    assert mcnemar(5000, 5000) == 1.0
    assert 0 < mcnemar(900, 1100) < 1e-4
    assert mcnemar(0, 100_000) == 0.0


@given(st.lists(st.floats(0, 1), max_size=30))
def test_holm_stands_between_the_raw_and_bonferroni(values: list[float]) -> None:
    adjusted = holm(values)
    for raw, one in zip(values, adjusted, strict=True):
        assert raw <= one <= min(1.0, raw * len(values)) or one == pytest.approx(raw)
    order = sorted(range(len(values)), key=values.__getitem__)
    assert [adjusted[k] for k in order] == sorted(adjusted)


def test_holm_by_hand() -> None:
    assert holm([0.005, 0.011, 0.02, 0.04]) == pytest.approx((0.02, 0.033, 0.04, 0.04))
    assert holm([]) == ()
