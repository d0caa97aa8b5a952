"""Intervals of figures, and of a change over several sets."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textlines.wilson import Interval, paired, wilson
from train.judging.intervals import (
    Stratum,
    change_interval,
    change_over,
    deviating_units,
    group_numbers,
    rate_interval,
    reckoned_design,
    share_interval,
)

LAW = settings(deadline=None, max_examples=60)
shares = st.floats(0, 1, allow_subnormal=False)


def bounds(found: Interval | None) -> Interval:
    assert found is not None
    return found


def width(found: Interval | None) -> float:
    low, high = bounds(found)
    return high - low


@given(st.integers(1, 3000), st.data())
def test_right_lines_that_stand_alone_have_the_interval_of_wilson(
    of: int, data: st.DataObject
) -> None:
    right = data.draw(st.integers(0, of))
    lines = np.repeat([1.0, 0.0], [right, of - right])
    assert share_interval(lines) == wilson(right, of)
    # Documents of one line are lines.
    assert share_interval(lines, np.arange(of)) == wilson(right, of)


@pytest.mark.parametrize(
    "right, of, low, high", [(3, 3, 0.4385, 1), (0, 28, 0, 0.1206), (1, 1, 0.2065, 1)]
)
def test_lines_that_agree_prove_no_more_than_so_few_can(
    right: int, of: int, low: float, high: float
) -> None:
    lines = np.repeat([1.0, 0.0], [right, of - right])
    assert share_interval(lines) == pytest.approx((low, high), abs=0.0001)
    # So with the figures that no formula bounds: mean accuracy, edits per character.
    assert share_interval(lines * 0.999999) == pytest.approx((low, high), abs=0.0001)
    edits = (1 - lines) * 7
    assert rate_interval(edits, np.full(of, 7.0)) == pytest.approx((1 - high, 1 - low), abs=0.0001)


def test_no_change_of_few_lines_is_not_proven() -> None:
    assert change_interval(np.zeros(28)) == pytest.approx((-0.1206, 0.1206), abs=0.0001)
    assert change_interval(np.ones(3)) == pytest.approx((-0.123, 1), abs=0.0001)
    assert change_interval(np.repeat([1.0, -1, 0], [15, 2, 81])) == paired(15, 2, 98)


@pytest.mark.parametrize("lines", [1, 100])
@given(count=st.integers(2, 200))
@LAW
def test_groups_that_agree_count_as_one_line_each(count: int, lines: int) -> None:
    groups = np.repeat(np.arange(count), lines)
    ones = np.ones(len(groups))
    assert share_interval(ones, groups) == pytest.approx(wilson(count, count))
    assert share_interval(1 - ones, groups) == pytest.approx(wilson(0, count))
    assert rate_interval(0 * ones, 5 * ones, groups) == pytest.approx(wilson(0, count))
    assert change_interval(0 * ones, groups) == pytest.approx(paired(0, 0, count))
    assert change_interval(-ones, groups) == pytest.approx(paired(0, count, count))


def test_one_fault_among_groups_that_agree_proves_little_more() -> None:
    groups = np.repeat(np.arange(50), 100)
    right = np.ones(5000)
    lows = [bounds(share_interval(right, groups))[0]]
    for group in range(8):
        right[100 * group] = 0
        lows.append(bounds(share_interval(right, groups))[0])
    assert lows[0] == pytest.approx(0.929, abs=0.001)
    assert lows[1] == pytest.approx(0.962, abs=0.001)
    # From some groups on the groups themselves say how alike their lines are.
    assert lows == sorted(lows[:7]) + lows[7:]
    assert lows[8] == pytest.approx(wilson(4992, 5000)[0], abs=0.001)


@given(
    st.lists(st.tuples(shares, st.integers(0, 12)), min_size=1, max_size=60),
    st.integers(1, 8),
)
@LAW
def test_a_mean_lies_in_its_interval_within_0_and_1(
    lines: list[tuple[float, int]], documents: int
) -> None:
    values = np.array([one for one, _ in lines])
    for groups in (None, np.array([name % documents for _, name in lines])):
        found = share_interval(values, groups)
        if found is None:
            assert groups is not None and len(set(groups.tolist())) == 1 < len(groups)
            continue
        low, high = found
        assert 0 <= low <= values.mean() + 1e-9 and values.mean() - 1e-9 <= high <= 1
        assert high - low > 0


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 20)), min_size=1, max_size=60),
    st.integers(1, 8),
)
@LAW
def test_a_rate_of_edits_lies_in_its_interval(lines: list[tuple[int, int]], documents: int) -> None:
    edits, length = (np.array(one, np.float64) for one in zip(*lines, strict=True))
    value = edits.sum() / length.sum()
    for groups in (None, np.arange(len(lines)) % documents):
        found = rate_interval(edits, length, groups)
        if found is not None:
            assert 0 <= found[0] <= value <= found[1]
            assert found[1] - found[0] > 0


@given(st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=1, max_size=80), st.integers(1, 9))
@LAW
def test_a_change_lies_in_its_interval_within_minus_1_and_1(
    lines: list[float], documents: int
) -> None:
    change = np.array(lines)
    for groups in (None, np.arange(len(lines)) % documents):
        found = change_interval(change, groups)
        if found is not None:
            assert -1 <= found[0] <= change.mean() <= found[1] <= 1
            assert found[1] - found[0] > 0


@given(st.lists(st.sampled_from([0.0, 0.25, 1.0]), min_size=2, max_size=40))
@LAW
def test_four_times_the_documents_prove_more(lines: list[float]) -> None:
    values = np.array(lines)
    many = np.tile(values, 4)
    assert width(share_interval(many)) < width(share_interval(values))
    assert width(change_interval(many.round())) < width(change_interval(values.round()))
    groups = np.repeat(np.arange(len(lines)), 3)
    more = np.repeat(np.arange(len(many)), 3)
    few = share_interval(np.repeat(values, 3), groups)
    assert width(share_interval(np.repeat(many, 3), more)) < width(few)


def test_lines_that_fail_together_widen_it() -> None:
    right = np.repeat([1.0, 0.0], [700, 300])
    groups = np.repeat(np.arange(20), 50)
    assert width(share_interval(right, groups)) > 3 * width(share_interval(right))
    change = np.repeat([1.0, 0.0], [100, 900])
    assert width(change_interval(change, groups)) > 3 * width(change_interval(change))


def test_a_group_without_lines_is_none() -> None:
    right = np.repeat([1.0, 0.0], 30)
    groups = np.repeat([0, 3, 5, 9], 15)
    assert share_interval(right, groups) == share_interval(right, np.repeat(np.arange(4), 15))


def test_the_same_seed_gives_the_same_bounds_in_any_order() -> None:
    edits, length = np.arange(50.0) % 7, np.arange(50.0) % 5 + 3
    groups = group_numbers([f"g{n % 9}" for n in range(50)])
    order = np.random.default_rng(3).permutation(50)
    one = bounds(rate_interval(edits, length, groups, seed=5))
    other = rate_interval(edits[order], length[order], groups[order], seed=5)
    assert one == pytest.approx(bounds(other))
    drawn = np.random.default_rng(1).random(300)
    assert share_interval(drawn, seed=5) == share_interval(drawn, seed=5)
    assert share_interval(drawn, seed=5) != share_interval(drawn, seed=6)


def test_too_little_gives_none() -> None:
    nothing, one_group = np.zeros(0), np.zeros(9, np.intp)
    for interval in (share_interval, change_interval):
        assert interval(nothing) is None
        assert interval(np.ones(9), one_group) is None
    assert rate_interval(nothing, nothing) is None
    assert rate_interval(np.zeros(9), np.zeros(9)) is None
    assert rate_interval(np.ones(9), np.ones(9), one_group) is None


def test_what_is_reckoned_with_goes_from_the_worst_to_what_is_seen() -> None:
    assert [reckoned_design(1.5, 40, count) for count in (0, 1, 60)] == [40, 20.75, 1.5]
    # What is seen may be worse than groups of one size could be.
    assert reckoned_design(50, 40, 0) == 50


def test_units_that_deviate_are_counted_by_all_that_they_hold() -> None:
    groups = np.repeat(np.arange(3), 2)
    assert deviating_units(np.array([0, 0, 1, -1, 0, 0]), groups) == 1
    assert deviating_units(np.array([1, 1, 1, 1, 1, 1]), groups) == 0
    assert deviating_units(np.array([0, 0, 1, 0, 0, 0]), None) == 1
    assert deviating_units(np.zeros(0), None) == 0


def stratum(mended: int, broken: int, same: int, groups: list[int] | None = None) -> Stratum:
    change = np.array([1] * mended + [-1] * broken + [0] * same, np.int8)
    return Stratum(change, None if groups is None else np.array(groups, np.intp))


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(*[st.integers(0, 40)] * 3).filter(any), min_size=1, max_size=4))
def test_the_interval_holds_the_change_and_every_line_weighs_alike(
    counts: list[tuple[int, int, int]],
) -> None:
    change = change_over([stratum(*one) for one in counts])
    lines = sum(map(sum, counts))
    assert change.lines == lines
    assert change.value == pytest.approx(sum(m - b for m, b, _ in counts) / lines)
    assert change.flips == pytest.approx(sum(m + b for m, b, _ in counts) / lines)
    low, high = change.interval
    assert -1 <= low <= change.value <= high <= 1
    assert change.width > 0


def test_the_interval_is_that_of_the_normal_approximation() -> None:
    change = change_over([stratum(60, 30, 1910), stratum(10, 20, 970)])
    spread = np.sqrt((90 - 30**2 / 2000 + 30 - 10**2 / 1000) / 3000**2)
    assert change.interval[1] - change.value == pytest.approx(1.96 * spread, rel=0.06)
    assert change.value - change.interval[0] == pytest.approx(1.96 * spread, rel=0.06)
    assert change.design == pytest.approx(1.0, abs=0.05)


def test_groups_that_flip_together_widen_it() -> None:
    groups = [k // 10 for k in range(400)]
    change = np.zeros(400, np.int8)
    change[:30] = 1  # three documents as a whole
    alone = change_over([Stratum(change)])
    together = change_over([Stratum(change, np.array(groups))])
    assert together.value == alone.value
    assert together.width > 2.5 * alone.width
    assert together.design == pytest.approx(10, rel=0.2)
    apart = change_over([Stratum(change, np.arange(400))])
    assert apart.width == pytest.approx(alone.width, rel=0.1)


def test_sets_without_a_flip_prove_little_when_they_are_small() -> None:
    assert change_over([stratum(0, 0, 30)]).interval == pytest.approx(paired(0, 0, 30))
    assert change_over([stratum(0, 0, 10), stratum(0, 0, 20)]).interval == pytest.approx(
        paired(0, 0, 30)
    )
    low, _ = change_over([stratum(0, 0, 3000)]).interval
    assert -0.0013 < low < -0.0012


@pytest.mark.parametrize("mended", [1, 2, 3])
def test_lines_that_are_all_mended_prove_no_gain_when_they_are_few(mended: int) -> None:
    low, high = change_over([stratum(mended, 0, 0)]).interval
    assert low < 0 and high == 1


def test_documents_without_a_flip_prove_what_so_many_lines_would() -> None:
    groups = [k // 30 for k in range(3000)]
    change = change_over([stratum(0, 0, 3000, groups)])
    assert change.interval == pytest.approx(paired(0, 0, 100))
    assert change.design == 30
    # Beside another set, by its share of the lines.
    both = change_over([stratum(0, 0, 3000, groups), stratum(0, 0, 3000)])
    assert both.design == pytest.approx((30 + 1) / 2)


def test_some_documents_with_a_flip_say_how_alike_their_lines_are() -> None:
    groups = np.array([k // 30 for k in range(3000)])
    widths = []
    for flips in (0, 1, 2, 4, 8):
        change = np.zeros(3000, np.int8)
        change[30 * np.arange(flips)] = 1
        found = change_over([Stratum(change, groups)])
        widths.append(found.interval[0])
    assert widths == sorted(widths)
    assert widths[0] < -0.03 and widths[-1] > 0


def test_the_same_lines_and_seed_give_the_same_interval() -> None:
    one = stratum(9, 3, 86)
    shuffled = Stratum(np.random.default_rng(0).permutation(one.change))
    assert change_over([one], seed=5) == change_over([shuffled], seed=5)
    with pytest.raises(ValueError, match="no line"):
        change_over([])


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 9), st.integers(0, 9), st.sampled_from([0.03, 0.01, 0.002]), st.booleans())
def test_the_interval_of_a_claim_holds_the_usual_one_and_leaves_it_as_it_is(
    mended: int, broken: int, alpha: float, is_grouped: bool
) -> None:
    change = np.repeat(np.array([1, -1, 0], np.int8), [mended, broken, 60 - mended - broken])
    stratum = Stratum(change, np.arange(60) // 3 if is_grouped else None)
    usual, claimed = change_over([stratum]), change_over([stratum], alpha=alpha)
    assert usual.claim == usual.interval == claimed.interval
    assert claimed.claim[0] < claimed.interval[0] and claimed.interval[1] < claimed.claim[1]
    if not is_grouped:
        low, high = paired(mended, broken, 60, alpha=alpha)
        assert claimed.claim[0] <= low and high <= claimed.claim[1]


@pytest.mark.parametrize("alpha", [0.0, 0.06, -1.0])
def test_a_level_that_no_look_has_is_refused(alpha: float) -> None:
    with pytest.raises(ValueError, match="alpha must be above 0"):
        change_over([Stratum(np.zeros(9, np.int8))], alpha=alpha)
