"""Gaps between characters are told apart by what the label and the reading hold there."""

import numpy as np
import pytest

from benchmarks.lost_spaces import emissions, gaps

SPACE = 3


def read_as(*best: int, space: float = 0.0) -> np.ndarray:
    """Return probabilities of 4 classes whose best at each step are these; a space elsewhere."""
    found = np.zeros((len(best), 4), np.float32)
    found[:, SPACE] = space
    found[np.arange(len(best)), list(best)] = 0.9
    return found


def test_a_repeated_class_is_one_character() -> None:
    assert emissions(read_as(0, 1, 1, 0, 1, 2, 0)) == [(1, 1), (4, 1), (5, 2)]


def test_gaps_are_read_lost_or_none() -> None:
    line = read_as(1, 0, 2, 0, SPACE, 0, 1, 0, 2, space=0.05)
    kinds = list(gaps(line, "ab ab", SPACE))
    assert [kind for kind, _ in kinds] == ["none", "read", "none"]
    assert kinds[1][1] == pytest.approx(0.9)
    lost = list(gaps(read_as(1, 0, 2, 0, 1, space=0.05), "a ba", SPACE))
    assert [kind for kind, _ in lost] == ["lost", "none"]
    assert lost[0][1] == pytest.approx(0.05)


def test_a_line_read_with_another_number_of_characters_tells_nothing() -> None:
    assert list(gaps(read_as(1, 0, 2), "a b c", SPACE)) == []
