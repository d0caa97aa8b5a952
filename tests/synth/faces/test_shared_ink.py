"""The ink that two glyphs have in common, wherever the second stands."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from synth.faces.shared_ink import LEAST_SHARED, shared_beside, shared_ink
from textlines.pixels.arrays import Grey


def test_of_the_lesser_ink_and_not_of_a_pixel_or_two() -> None:
    large, small = np.full((20, 20), 255, np.uint8), np.full((5, 4), 255, np.uint8)
    assert shared_ink(large[:5, :2], small[:, :2], large, small) == 0.5
    assert shared_ink(large[:1, :2], small[:1, :2], large, small) == 0.0
    assert LEAST_SHARED == 3
    faint = np.full((5, 4), 100, np.uint8)
    assert shared_ink(large[:5, :4], faint, large, faint) == 0.0


def glyphs() -> st.SearchStrategy[Grey]:
    """Return glyphs of random ink, up to 8 pixels high and wide."""
    sizes = st.tuples(st.integers(1, 8), st.integers(1, 8), st.integers(0, 2**32 - 1))
    return sizes.map(
        lambda drawn: np.random.default_rng(drawn[2]).integers(0, 256, drawn[:2]).astype(np.uint8)
    )


@given(glyphs(), glyphs(), st.integers(-9, 9), st.integers(-9, 9))
def test_it_is_what_both_leave_on_one_canvas(one: Grey, other: Grey, right: int, down: int) -> None:
    canvas = np.zeros((2, 40, 40), np.uint8)
    canvas[0, 16 : 16 + one.shape[0], 16 : 16 + one.shape[1]] = one
    x, y = 16 + right, 16 + down
    canvas[1, y : y + other.shape[0], x : x + other.shape[1]] = other
    assert shared_beside(one, other, right, down) == shared_ink(canvas[0], canvas[1], one, other)
    assert shared_beside(other, one, -right, -down) == shared_beside(one, other, right, down)
