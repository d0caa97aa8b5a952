import numpy as np
import pytest

from textlines.wilson import wilson
from train.evaluation.intervals import group_numbers, ratio_interval


def test_without_groups_it_is_about_the_interval_of_a_share() -> None:
    right = np.repeat([1.0, 0.0], [700, 300])
    found = ratio_interval(right, np.ones(1000))
    assert found == pytest.approx(wilson(700, 1000), abs=0.004)


def test_lines_that_fail_together_widen_it() -> None:
    right = np.repeat([1.0, 0.0], [700, 300])
    groups = np.repeat(np.arange(20), 50)
    alone, together = (ratio_interval(right, np.ones(1000), some) for some in (None, groups))
    assert alone is not None and together is not None
    assert together[1] - together[0] > 3 * (alone[1] - alone[0])


def test_the_same_seed_gives_the_same_bounds_in_any_order() -> None:
    edits, length = np.arange(50.0) % 7, np.arange(50.0) % 5 + 3
    groups = group_numbers([f"g{n % 9}" for n in range(50)])
    order = np.random.default_rng(3).permutation(50)
    one = ratio_interval(edits, length, groups, seed=5)
    assert one == ratio_interval(edits[order], length[order], groups[order], seed=5)
    assert one != ratio_interval(edits, length, groups, seed=6)


def test_too_little_gives_none() -> None:
    assert ratio_interval(np.ones(1), np.ones(1)) is None
    assert ratio_interval(np.ones(9), np.ones(9), np.zeros(9, np.intp)) is None
    assert ratio_interval(np.zeros(9), np.zeros(9)) is None
