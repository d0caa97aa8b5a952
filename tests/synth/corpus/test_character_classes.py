import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.corpus.character_classes import class_of, exchanged, partners

TEXTS = st.text("0O1lI5S값갑A-b. 7", min_size=1, max_size=12)
CHARS = st.sampled_from("0O1lI5S값갑")


@given(text=TEXTS, one=CHARS, other=CHARS)
def test_a_text_and_its_exchange_hold_the_two_in_equal_number(text, one, other):
    swapped = exchanged(text, one, other)
    if swapped is not None and one != other:
        assert text.count(one) + swapped.count(one) == text.count(other) + swapped.count(other)
        assert exchanged(swapped, one, other) == text
        assert len(swapped) == len(text)


@pytest.mark.parametrize(
    ("text", "one", "other", "wanted"),
    [
        ("이 값은", "값", "갑", "이 갑은"),
        ("10kg", "1", "l", None),  # a quantity is no code
        ("Seat 14A", "1", "I", None),
        ("S/N A0-93", "0", "O", "S/N AO-93"),
        ("SOLD", "O", "0", None),  # a word is no code
        ("TOTAL", "O", "I", "TITAL"),
        ("12.50", ".", ",", "12,50"),
        ("12.50", ".", "5", None),
        ("abc", "x", "y", None),
    ],
)
def test_exchanges_keep_to_plausible_texts(text, one, other, wanted):
    assert exchanged(text, one, other) == wanted


@given(st.lists(st.sampled_from("0123456789OIlSBZabAB값갑가각산"), unique=True, max_size=12))
def test_partners_are_asked_for_and_stand_in_one_pair_each(chars):
    pairs = partners(tuple(chars))
    assert all(one in chars and other in chars and one != other for one, other in pairs)
    assert len({frozenset(pair) for pair in pairs}) == len(pairs)
    for char in chars:
        if sum(class_of(char) == class_of(other) for other in chars) > 1:
            assert any(char in pair for pair in pairs)
