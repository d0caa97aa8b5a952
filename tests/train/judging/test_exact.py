from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from train.judging.exact import holm, mcnemar

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
