import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.calibrate.distances import auc, distance, frechet


def normal(count: int, shift: float, seed: int, spread: float = 1.0) -> np.ndarray:
    return np.random.default_rng(seed).normal(shift, spread, (count, 5))


def test_a_set_is_at_no_distance_from_itself() -> None:
    rows = normal(60, 0, 1)
    assert frechet(rows, rows) == pytest.approx(0, abs=1e-6)


def test_of_gaussians_the_distance_is_that_of_the_formula() -> None:
    found = frechet(normal(40_000, 0, 1), normal(40_000, 2, 2, 3.0))
    assert found == pytest.approx(5 * (2**2 + (3 - 1) ** 2), rel=0.03)


@given(st.integers(0, 1000), st.floats(0.5, 4))
def test_the_distance_is_that_of_either_side(seed: int, shift: float) -> None:
    one, other = normal(30, 0, seed), normal(30, shift, seed + 1)
    assert frechet(one, other) == pytest.approx(frechet(other, one), rel=1e-6)
    assert frechet(one, other) >= 0


def test_one_line_has_no_spread() -> None:
    with pytest.raises(ValueError, match="two lines"):
        frechet(normal(1, 0, 1), normal(4, 0, 2))


def test_a_classifier_guesses_between_alike_and_knows_the_different() -> None:
    assert auc(normal(150, 0, 1), normal(150, 0, 2)) == pytest.approx(0.5, abs=0.1)
    assert auc(normal(150, 0, 1), normal(150, 3, 2)) > 0.99


def test_a_text_on_both_sides_gives_nothing_away() -> None:
    """What is learnt of a text would tell its other lines, so that they stay in one fold."""
    texts = np.repeat(np.arange(40), 2)
    of_text = np.random.default_rng(3).normal(0, 5, (40, 5))
    one = of_text[texts] + normal(80, 0, 1, 0.1)
    other = of_text[texts] + normal(80, 0, 2, 0.1)
    found = distance(one, other, np.concatenate((texts, texts)))
    assert found.auc == pytest.approx(0.5, abs=0.12)
    assert found.lines == 80
