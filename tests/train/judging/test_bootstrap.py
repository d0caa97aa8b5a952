import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textlines.wilson import paired
from train.judging.bootstrap import Stratum, change_over


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
