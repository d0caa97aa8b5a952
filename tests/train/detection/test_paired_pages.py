"""Changes between two detectors on the same pages."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.train.detection.two_detectors import page_results, paired, result
from textlines.wilson import paired as tango
from train.detection.page_intervals import hmean_change
from train.detection.paired_pages import (
    PagedSet,
    PageResult,
    change_of_hmean,
    change_of_reading,
    failure_changes,
    negative_change,
)

rows = st.lists(page_results(), min_size=2, max_size=14)


def pages(some: Sequence[tuple[PageResult, PageResult]]) -> PagedSet:
    return paired(some).pages


@given(rows=rows)
@settings(max_examples=30, deadline=None)
def test_the_change_is_that_of_the_pages_and_its_interval_holds_it(
    rows: list[tuple[PageResult, PageResult]],
) -> None:
    change = change_of_hmean([pages(rows)])
    plain = hmean_change([base.outcome for base, _ in rows], [new.outcome for _, new in rows])
    if change is None:
        assert not any(base.outcome.counts.labels for base, _ in rows)
        return
    assert (change.before, change.after) == (plain.before, plain.after)
    low, high = change.interval
    assert -1 <= low <= change.value <= high <= 1
    assert plain.interval in (None, change.interval), "a search is bounded as a gate is"


@given(rows=rows)
@settings(max_examples=30, deadline=None)
def test_p_is_below_the_level_where_the_interval_leaves_0_out(
    rows: list[tuple[PageResult, PageResult]],
) -> None:
    for change in (change_of_hmean([pages(rows)]), change_of_reading([pages(rows)])):
        if change is None:
            continue
        leaves_out = change.interval[0] > 0 or change.interval[1] < 0
        assert 0 <= change.p <= 1
        assert (change.p < 0.0499) <= leaves_out <= (change.p <= 0.0501)


def test_pages_without_a_change_prove_what_as_many_lines_would() -> None:
    same = [(result(30, 28, 31), result(30, 28, 31))] * 60
    change = change_of_hmean([pages(same)])
    assert change is not None
    assert change.interval == pytest.approx(tango(0, 0, 60))
    assert (change.changed, change.p, change.pages_for(change.value)) == (0, 1.0, None)
    wanted = change.pages_for(0.01)
    assert wanted is not None and wanted > 60


def test_sets_are_drawn_each_by_itself() -> None:
    """Two sets that differ, each alike in itself, are drawn as they are every time."""
    up = pages([(result(10, 5, 10), result(10, 9, 10))] * 20)
    down = pages([(result(10, 9, 10), result(10, 8, 10))] * 20)
    apart, mixed = change_of_hmean([up, down]), change_of_hmean([[*up, *down]])
    assert apart is not None and mixed is not None
    assert apart.value == mixed.value
    assert apart.interval[1] - apart.interval[0] <= mixed.interval[1] - mixed.interval[0]


def test_failures_are_counted_with_the_pages_on_which_they_moved() -> None:
    some = [(result(5, 5, 5), result(5, 3, 5))] * 9 + [(result(5, 3, 5), result(5, 4, 5))] * 3
    missed = next(one for one in failure_changes(pages(some)) if one.failure == "missed")
    assert (missed.before, missed.after) == (6, 21)
    assert (missed.more, missed.fewer) == (9, 3)
    assert missed.interval[0] < 15 < missed.interval[1]
    assert missed.p == pytest.approx(0.146, abs=0.001)


def test_only_pages_without_text_count_as_negatives() -> None:
    assert negative_change(pages([(result(5, 5, 5), result(5, 5, 9))])).pages == 0


def test_a_page_that_is_only_read_otherwise_has_not_changed_its_boxes() -> None:
    some = pages([(result(4, 3, 4, 3), result(4, 3, 4, 2))] * 6)
    hmean, reading = change_of_hmean([some]), change_of_reading([some])
    assert hmean is not None and reading is not None
    assert (hmean.changed, reading.changed) == (0, 6)
    assert all(page.has_changed for page in some)
