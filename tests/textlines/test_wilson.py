import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.wilson import wilson


@given(of=st.integers(1, 10**6), data=st.data())
def test_the_interval_holds_the_share_and_stays_within_0_and_1(
    of: int, data: st.DataObject
) -> None:
    right = data.draw(st.integers(0, of))
    low, high = wilson(right, of)
    assert 0 <= low <= right / of <= high <= 1


@given(of=st.integers(1, 10**6))
def test_all_right_is_never_taken_for_certain(of: int) -> None:
    low, high = wilson(of, of)
    assert low < 1
    assert high == 1


@given(right=st.integers(0, 500), more=st.integers(1, 500))
def test_right_and_wrong_are_mirror_images(right: int, more: int) -> None:
    low, high = wilson(right, right + more)
    other_low, other_high = wilson(more, right + more)
    assert low == pytest.approx(1 - other_high)
    assert high == pytest.approx(1 - other_low)


def test_more_cases_narrow_the_interval() -> None:
    widths = [high - low for low, high in (wilson(9 * n, 10 * n) for n in (1, 10, 100))]
    assert widths == sorted(widths, reverse=True)


def test_nothing_seen_says_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize("right, of", [(3, 2), (-1, 2)])
def test_more_right_than_cases_is_refused(right: int, of: int) -> None:
    with pytest.raises(ValueError, match=f"need 0 <= right <= of, got {right} of {of}"):
        wilson(right, of)
