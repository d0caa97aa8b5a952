"""How far a change of two predictions on the same pages can be trusted."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.train.detection.made_pages import outcome
from textlines.wilson import paired as tango
from train.detection.page_intervals import (
    hmean_change,
    hmean_error,
    hmean_interval,
    reading_change,
)
from train.detection.page_outcomes import hmean_of

COUNTS = st.integers(1, 30).flatmap(
    lambda labels: st.tuples(st.just(labels), st.integers(0, labels), st.integers(0, labels))
)


@given(pages=st.lists(COUNTS, min_size=2, max_size=20))
def test_the_interval_holds_the_change(pages: list[tuple[int, int, int]]) -> None:
    before = [outcome(labels, labels, first) for labels, first, _ in pages]
    after = [outcome(labels, labels, second) for labels, _, second in pages]
    change = hmean_change(before, after)
    assert change.interval is not None
    low, high = change.interval
    assert low <= change.value <= high
    assert change.value == pytest.approx(hmean_of(after) - hmean_of(before))
    back = hmean_change(after, before)
    assert back.interval is not None
    # Of ties, which units deviate is decided by their order: both ways may differ by that.
    assert back.interval == pytest.approx((-high, -low), abs=0.05)


def test_a_gain_on_every_page_is_above_zero() -> None:
    before = [outcome(10, 10, 5, *[False] * 10) for _ in range(12)]
    after = [outcome(10, 10, 7, *[True] * 10) for _ in range(12)]
    hmean, reading = hmean_change(before, after), reading_change(before, after)
    assert hmean.interval is not None and hmean.interval[0] > 0.1
    assert reading.value == 1.0
    assert reading.interval is not None and reading.interval[0] > 0.4


def test_a_single_page_has_no_interval() -> None:
    assert hmean_change([outcome(4, 4, 1)], [outcome(4, 4, 2)]).interval is None
    assert reading_change([outcome(4, 4, 1)], [outcome(4, 4, 2)]).interval is None


def test_other_pages_are_refused() -> None:
    with pytest.raises(ValueError, match="need the same pages twice, got 1 and 0"):
        hmean_change([outcome(4, 4, 1)], [])
    with pytest.raises(ValueError, match="need the same labels twice, got 1 and 0"):
        reading_change([outcome(4, 4, 1, True)], [outcome(4, 4, 1)])


def test_pages_on_which_nothing_changed_prove_what_as_many_labels_would() -> None:
    same = [outcome(30, 31, 28, *[True] * 30) for _ in range(60)]
    for change in (hmean_change(same, same), reading_change(same, same)):
        assert change.interval == pytest.approx(tango(0, 0, 60))
    assert hmean_error(same, same) == 0.0


@given(gains=st.lists(st.integers(0, 1), min_size=2, max_size=12))
@settings(max_examples=30, deadline=None)
def test_no_interval_is_narrower_than_that_of_as_many_independent_pages(gains: list[int]) -> None:
    """A label a page: the change of recall is Tango's, and hmean moves by half of it or more."""
    before = [outcome(1, 1, 0) for _ in gains]
    after = [outcome(1, 1, gain) for gain in gains]
    interval = hmean_interval(before, after)
    assert interval is not None
    low, high = tango(sum(gains), 0, len(gains))
    assert interval[1] - interval[0] >= (high - low) / 2 - 1e-9


def test_pages_without_a_label_bound_nothing() -> None:
    without = [outcome(0, 2, 0), outcome(0, 0, 0), outcome(5, 5, 4)]
    assert hmean_change(without, without).interval is None


def test_sets_are_drawn_each_by_itself() -> None:
    before = [outcome(10, 10, 5)] * 20 + [outcome(10, 10, 9)] * 20
    after = [outcome(10, 10, 9)] * 20 + [outcome(10, 10, 8)] * 20
    apart, mixed = hmean_interval(before, after, sizes=(20, 20)), hmean_interval(before, after)
    assert apart is not None and mixed is not None
    assert apart[1] - apart[0] <= mixed[1] - mixed[0]
