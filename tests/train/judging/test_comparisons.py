"""Lines scored under each comparison."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.profile.reading import Reading
from train.judging.comparisons import COMPARISONS, scores

TEXTS = st.text(st.sampled_from("aAbB1. 값\u1100\u1161,$"), max_size=8)


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=20))
def test_figures_stay_within_their_bounds(pairs: list[tuple[str, str]]) -> None:
    found = scores([Reading(str(n), a, b) for n, (a, b) in enumerate(pairs)])
    assert list(found) == list(COMPARISONS)
    for some in found.values():
        assert ((some.accuracy >= 0) & (some.accuracy <= 1)).all()
        assert ((some.right == 1) == (some.edits == 0)).all()
    # What ignores something is never stricter than what counts everything.
    for name in ("case_folded", "no_spaces", "no_punctuation"):
        assert (found[name].right >= found["all"].right).all()  # type: ignore[index]


@pytest.mark.parametrize(
    "label, read, right",
    [
        ("Total", "TOTAL", {"case_folded"}),
        ("a b", "ab", {"no_spaces"}),
        ("1.00", "100", {"no_punctuation"}),
        ("값", "\u1100\u1161\u11b9", {"all", "case_folded", "no_spaces", "no_punctuation"}),
        ("a", "b", set()),
    ],
)
def test_each_comparison_ignores_what_it_says(label: str, read: str, right: set[str]) -> None:
    found = scores([Reading("x", label, read)])
    assert {name for name, some in found.items() if some.right[0]} == right


def test_order_changes_no_sum() -> None:
    readings = [Reading(str(n), "abc"[: n % 4], "abd"[: n % 3]) for n in range(40)]
    shuffled = random.Random(1).sample(readings, len(readings))
    one, other = scores(readings)["all"], scores(shuffled)["all"]
    assert np.array_equal(np.sort(one.edits), np.sort(other.edits))
