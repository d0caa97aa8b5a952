from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from synth.faces.glyph_ink import (
    GlyphProbe,
    Ink,
    as_high,
    coarse_of,
    ink_amount,
    ink_distance,
    least_distance,
)


def blot(top: int, left: int, height: int, width: int, level: int = 255) -> Ink:
    ink = np.zeros((256, 256), np.uint8)
    ink[top : top + height, left : left + width] = level
    return ink


PLACES = st.tuples(
    st.integers(0, 230), st.integers(0, 230), st.integers(0, 60), st.integers(0, 60),
    st.integers(1, 255),
)  # fmt: skip


@given(PLACES, PLACES)
def test_the_distance_is_symmetric_and_never_below_the_quick_one(
    one: tuple[int, ...], other: tuple[int, ...]
) -> None:
    a, b = blot(*one), blot(*other)
    far = ink_distance(a, b)
    assert far == ink_distance(b, a)
    assert ink_distance(a, a) == 0
    assert least_distance(coarse_of(a), coarse_of(b)[None])[0] <= far


def test_the_distance_counts_pixels_at_32_to_the_em() -> None:
    nothing = np.zeros((256, 256), np.uint8)
    assert ink_distance(blot(100, 100, 4, 4), nothing) == 1
    assert ink_distance(blot(100, 100, 4, 12), nothing) == 3
    # A line longer than the window counts by its part inside.
    assert ink_distance(blot(100, 10, 4, 200), nothing) == 4


def test_ink_is_counted_in_the_same_unit() -> None:
    assert ink_amount(coarse_of(blot(10, 10, 8, 8))) == 4


def test_a_glyph_is_drawn_centred_on_its_baseline(
    make_font: Callable[..., Path], face_of: Callable[..., Any], rectangle: Any
) -> None:
    face = face_of(
        make_font({"H": (rectangle(300, 0, 800, 500),), "L": (rectangle(0, 0, 500, 500),)})
    )
    probe = GlyphProbe(face)
    ink = probe.ink("H")
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    assert rows[-1] == 178  # the row above the baseline
    assert columns[0] + columns[-1] in (254, 255, 256)
    assert np.array_equal(ink, probe.ink("L"))
    place = probe.place(probe.metrics.nominal("H"))
    assert place == (0, 0.5, 0.5, 0.3, -0.2)


def test_a_glyph_larger_than_the_frame_is_cut(
    make_font: Callable[..., Path], face_of: Callable[..., Any], rectangle: Any
) -> None:
    face = face_of(make_font({"H": (rectangle(-3000, -3000, 3000, 3000),)}))
    assert GlyphProbe(face).ink("H").min() == 255


def test_a_taller_stroke_is_the_same_shape_once_as_high() -> None:
    low, tall = blot(90, 120, 89, 14), blot(80, 120, 99, 14)
    assert ink_distance(low, tall) > 2
    assert ink_distance(low, as_high(low, tall)) < 0.5
