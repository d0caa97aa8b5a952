"""Particles by the final consonant of what stands before them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.wording.particles import PARTICLES, final_of, with_particle


@pytest.mark.parametrize(
    ("word", "object_", "way"),
    [
        ("값", "을", "으로"),
        ("나무", "를", "로"),
        ("서울", "을", "로"),  # behind ㄹ: 로
        ("10", "을", "으로"),
        ("1", "을", "로"),
        ("2", "를", "로"),
        ("12 %", "를", "로"),
        ("30°", "를", "로"),
        ("'값'", "을", "으로"),
        ("파일(사본)", "을", "으로"),
    ],
)
def test_the_form_is_that_of_the_word(word: str, object_: str, way: str) -> None:
    assert with_particle("을(를)", word) == object_
    assert with_particle("(으)로", word) == way


@given(st.integers(0xAC00, 0xD7A3).map(chr), st.sampled_from(sorted(PARTICLES)))
def test_behind_hangul_one_form_is_chosen(syllable: str, particle: str) -> None:
    chosen = with_particle(f"{particle} 뒤", syllable)
    assert chosen.removesuffix(" 뒤") in PARTICLES[particle]


@given(st.text(), st.text())
def test_what_begins_with_no_particle_is_left_alone(literal: str, word: str) -> None:
    if not literal.startswith(tuple(PARTICLES)):
        assert with_particle(literal, word) == literal


def test_letters_are_read_in_more_ways_than_one() -> None:
    assert final_of("gate.html") is None and with_particle("이(가)", "OCR") == "이(가)"
    assert final_of("") is None
