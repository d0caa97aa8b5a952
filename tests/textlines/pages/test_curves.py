"""Curves of a run's report."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.pages.curves import curves, round_marks

VALUE = st.floats(-1e6, 1e6)


@given(one=VALUE, other=VALUE)
def test_the_axis_holds_all_values_by_few_round_marks(one: float, other: float) -> None:
    low, high = sorted((one, other))
    marks = round_marks(low, high)
    slack = 1e-6 * max(abs(low), abs(high), high - low)
    assert marks[0] <= low + slack
    assert marks[-1] >= high - slack
    assert 2 <= len(marks) <= 6
    steps = [after - before for before, after in itertools.pairwise(marks)]
    assert steps == pytest.approx([steps[0]] * len(steps), rel=0.01)


def test_names_and_hints_are_escaped_and_empty_ones_left_out() -> None:
    drawn = curves({"<a>": [(0, 1.0), (10, 2.0)], "empty": []}, title="A & B")
    assert "&lt;a&gt;, step 10: 2" in drawn
    assert "A &amp; B" in drawn
    assert "empty" not in drawn
    assert drawn.count("<circle") == 2


def test_nothing_to_draw_is_said() -> None:
    assert "Nothing to draw" in curves({"a": []}, title="A")


def test_one_point_stands_on_the_axis() -> None:
    assert 'cx="60.0"' in curves({"a": [(0, 5.0)]}, title="A")


@pytest.mark.parametrize(("last", "marks"), [(1, [0, 1]), (3, [0, 1, 3]), (10, [0, 5, 10])])
def test_marks_of_the_steps_name_those_that_they_stand_at(last: int, marks: list[int]) -> None:
    drawn = curves({"a": [(0, 1.0), (last, 2.0)]}, title="A", counted="round")
    places = [float(x) for x in re.findall('<text class="tick" x="([0-9.]+)"', drawn)]
    assert places == [pytest.approx(60 + step / last * 460, abs=0.1) for step in marks]
