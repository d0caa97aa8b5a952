"""Which texts show neither their size nor their line, and what each could be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.corpus.unplaced import RIVALS, STOPS, is_unplaced, unplaced_pairs, untold_pairs

TEXTS = st.text("zZoO0lI1|,.'·-_—~ aB값っつ", max_size=6)


@given(TEXTS)
def test_each_pair_is_of_rivals_and_one_of_it_stands_in_the_text(text: str) -> None:
    for one, other in unplaced_pairs(text):
        assert other in RIVALS[one] and one in RIVALS[other]
        assert one in text or other in text


@given(TEXTS, st.sampled_from("aB값7가"))
def test_a_character_that_its_form_tells_places_the_text(text: str, char: str) -> None:
    assert not is_unplaced(text + char)
    assert unplaced_pairs(text + char) == frozenset()


@given(TEXTS)
def test_spaces_place_nothing(text: str) -> None:
    assert is_unplaced(text) == is_unplaced(f" {text} ")


@pytest.mark.parametrize("text", [*RIVALS, "xx", "SOS", "...", "--", "P.", "ー・", "вв"])
def test_alone_or_among_their_like_they_are_unplaced(text: str) -> None:
    assert is_unplaced(text)


@pytest.mark.parametrize("text", ["", " ", "00", "1.0", "-0", "So", "Pop", "lo", "ov1", "2", "Ab"])
def test_numbers_and_letters_of_two_heights_are_placed(text: str) -> None:
    assert not is_unplaced(text)


def test_among_letters_no_digit_is_thought_of() -> None:
    assert ("0", "O") in unplaced_pairs("O")
    assert ("0", "O") not in unplaced_pairs("OX")


@given(TEXTS)
def test_a_comma_and_a_full_stop_are_asked_apart_in_every_text(text: str) -> None:
    asked = untold_pairs(text) - unplaced_pairs(text)
    assert asked == ({STOPS} if "," in text or "." in text else set())
