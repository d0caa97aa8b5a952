"""The benchmark of turning counts what the rule does."""

import pytest

from benchmarks.turning import Row, planted_told, told
from train.reading.ctc import Line


def row(label: str, lies: tuple[str, float], turned: tuple[str, float]) -> Row:
    lines = {0: Line(*lies), 180: Line(*turned)}
    return Row(label, lines, {0: 0.5, 180: 0.25})


ROWS = [
    row("값 1", ("값 1", 0.99), ("l ㄲ", 0.3)),
    row("640", ("0ɥ9", 0.4), ("640", 0.95)),
    row("999", ("999", 0.7), ("666", 0.8)),  # surer, and not by the margin
    row("OBER", ("OBER", 0.3), ("8380", 0.99)),
]


def test_the_figures_of_a_set_are_of_its_lines() -> None:
    line = told(ROWS)
    assert line.startswith("    4  off 0.7500  surer 0.5000  auto 0.7500  change +0.00")
    assert "turned 2, mended 1, broken 1" in line
    assert line.endswith("read again 0.750, time +0.375")


@pytest.mark.parametrize("count", [1, 4])
def test_planted_turns_are_held_against_what_is_read_upright(count: int) -> None:
    upright = ROWS[:count]
    planted = [row("값 1", ("l ㄲ", 0.3), ("값 1", 0.99))] * count
    right = sum(one.is_right(0) for one in upright)
    assert planted_told(upright, planted) == (
        f"of {right} read right upright: 0 as they lie, {right} in their turns"
    )
