"""In words of letters and digits a face must tell look-alikes apart; elsewhere language does."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.corpus.lookalikes import LOOKALIKES, unclear_in_codes
from synth.draws import Draws
from synth.faces.face_pool import FacePool
from synth.faces.font_face import Face
from synth.faces.glyph_ink import same_form

ALPHABET = "0O1IlXx27-"


@given(st.text("0O1Il5S8B2ZXx7-/ 값", max_size=12))
def test_each_pair_is_of_one_group_and_one_of_it_stands_in_the_text(text: str) -> None:
    for one, other in unclear_in_codes(text):
        assert one in text or other in text
        assert any(one in group and other in group for group in LOOKALIKES)


@given(st.one_of(st.text("0123456789.,:- ", max_size=12), st.text("OIlSBZabc -", max_size=12)))
def test_words_of_digits_or_of_letters_alone_are_no_codes(text: str) -> None:
    assert unclear_in_codes(text) == frozenset()


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("A0-93", {"0O"}),
        ("a0-93", set()),  # a capital would not stand among small letters
        ("K1", {"1I"}),
        ("k1", {"1l"}),
        ("Kk1", {"1I", "1l"}),
        ("0I-l", {"0O", "1I", "1l", "Il"}),
        ("0Il", {"1I", "1l", "Il"}),  # its digits are a number, should it be a unit
        ("250ml", set()),
        ("20OZ", set()),
        ("452O", {"0O"}),
        ("10kg", set()),
        ("B8", {"8B"}),
    ],
)
def test_the_case_of_the_word_decides_which_letter_could_stand_there(
    text: str, pairs: set[str]
) -> None:
    assert {"".join(pair) for pair in unclear_in_codes(text)} == pairs


def box(width: int, height: int, thick: int) -> np.ndarray:
    """Draw a frame of so many pixels into the frame of a probe."""
    ink = np.zeros((256, 256), np.uint8)
    top, left = 179 - height, 128 - width // 2
    ink[top:179, left : left + width] = 255
    ink[top + thick : 179 - thick, left + thick : left + width - thick] = 0
    return ink


def test_size_or_form_tells_two_glyphs_apart() -> None:
    assert same_form(box(60, 90, 12), box(70, 90, 12))
    assert not same_form(box(50, 90, 12), box(70, 90, 12))
    assert not same_form(box(60, 70, 12), box(60, 90, 12))
    slashed = box(60, 90, 12)
    slashed[125:145, 110:146] = 255
    assert not same_form(slashed, box(66, 90, 12))
    assert not same_form(np.zeros((256, 256), np.uint8), box(66, 90, 12))


def test_a_face_that_mixes_two_is_kept_from_codes_only_and_counted(
    make_font: Callable[..., Path], face_of: Callable[[Path], Face], rectangle: Any
) -> None:
    def face(name: str, narrow: int) -> Face:
        shapes = {
            "0": (rectangle(50, 0, 50 + narrow, 700),),
            "O": (rectangle(50, 0, 450, 700),),
            "X": (rectangle(50, 0, 300, 500),),
            "2": (rectangle(50, 200, 300, 700),),
        }
        return face_of(make_font(shapes, name=name))

    pool = FacePool([face("Near", 350), face("Far", 280)], ALPHABET)

    def families(text: str) -> set[str]:
        ids = (pool.choose(text, Draws(1, k)) for k in range(40))
        return {pool.by_id(found).family for found in ids if found is not None}

    assert families("X02") == {"Far"}
    assert pool.why_not("X02") == {"in a code not clear '0' 'O'": 1}
    assert pool.kept_from_codes == Counter({"0O": 40})
    assert families("2002") == families("OX") == {"Near", "Far"}
    assert pool.kept_from_codes == Counter({"0O": 40})


def test_a_pair_that_no_label_can_hold_is_not_asked(
    make_font: Callable[..., Path], face_of: Callable[[Path], Face], rectangle: Any
) -> None:
    shapes = {char: (rectangle(50, 0, 400 + k, 700 - 90 * k),) for k, char in enumerate("0OX")}
    near = face_of(make_font(shapes, name="Near"))
    pool = FacePool([near], "0X27")
    assert pool.why_not("X0") == {}


@pytest.mark.parametrize(
    ("kind", "clear"), [("text", False), ("dot_matrix", False), ("seven_segment", True)]
)
def test_a_face_that_lacks_the_look_alike_is_no_clearer_unless_it_shows_digits_only(
    make_font: Callable[..., Path],
    face_of: Callable[[Path], Face],
    rectangle: Any,
    kind: Any,
    clear: bool,
) -> None:
    shapes = {char: (rectangle(50, 0, 450 - 60 * k, 700),) for k, char in enumerate("0X2")}
    lone = replace(face_of(make_font(shapes, name="Lone")), kind=kind)
    pool = FacePool([lone], ALPHABET)
    assert (pool.choose("X02", Draws(1, 0)) is not None) == clear
    assert pool.choose("2002", Draws(1, 0)) is not None
