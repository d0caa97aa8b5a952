import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.wilson import paired, wilson


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


@given(
    counts=st.tuples(*[st.integers(0, 10**4)] * 3).filter(any),
    times=st.integers(2, 50),
)
def test_a_change_lies_in_its_interval_which_has_a_width_and_narrows(
    counts: tuple[int, int, int], times: int
) -> None:
    mended, broken, _ = counts
    of = sum(counts)
    low, high = paired(mended, broken, of)
    assert -1 <= low <= (mended - broken) / of <= high <= 1
    assert high - low > 0
    less, more = paired(mended * times, broken * times, of * times)
    assert more - less < high - low
    assert paired(broken, mended, of) == pytest.approx((-high, -low))


@given(of=st.integers(1, 10**5))
def test_no_change_is_bounded_as_none_of_so_many_is(of: int) -> None:
    bound = wilson(0, of)[1]
    assert paired(0, 0, of) == pytest.approx((-bound, bound))
    assert paired(of, 0, of) == pytest.approx((1 - 2 * bound, 1))


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 3000))
def test_a_change_is_sure_when_the_score_test_says_so(mended: int, broken: int, same: int) -> None:
    """McNemar's statistic without correction is the score test of no change."""
    flips = mended + broken
    low, high = paired(mended, broken, flips + same or 1)
    squared = (mended - broken) ** 2 / max(flips, 1)
    if abs(squared - 3.8414588) > 1e-4:
        assert (low > 0 or high < 0) == (squared > 3.8414588)


def test_more_cases_narrow_the_interval() -> None:
    widths = [high - low for low, high in (wilson(9 * n, 10 * n) for n in (1, 10, 100))]
    assert widths == sorted(widths, reverse=True)


def test_nothing_seen_says_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize("right, of", [(3, 2), (-1, 2)])
def test_more_right_than_cases_is_refused(right: int, of: int) -> None:
    with pytest.raises(ValueError, match=f"need 0 <= right <= of, got {right} of {of}"):
        wilson(right, of)


@pytest.mark.parametrize("mended, broken, of", [(-1, 0, 3), (0, -1, 3), (2, 2, 3)])
def test_more_changed_than_there_are_is_refused(mended: int, broken: int, of: int) -> None:
    with pytest.raises(ValueError, match=f"got {mended} \\+ {broken} of {of}"):
        paired(mended, broken, of)


def test_no_case_says_nothing_of_a_change() -> None:
    assert paired(0, 0, 0) == (-1.0, 1.0)
