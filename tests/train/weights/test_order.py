"""A dictionary of the right length in another order is found out by labelled lines."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.errors import InputError
from textlines.labels.alphabet import Alphabet
from train.weights.order import order_of, refuse_other_order

ENTRIES = tuple("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ가나다라마바사아자차카타파하")
TRUE = Alphabet(ENTRIES)
TEXTS = ["합계 1200", "나라 345", "가나다 67", "ABC 890", "바사아자 1", "HELLO 42", "차카타파하"]
TEXTS = [text.replace("합", "하").replace("계", "가") for text in TEXTS]


def read_by(other: Alphabet, texts: list[str]) -> list[str]:
    """Return what a model that reads all of it right seems to read by another dictionary."""
    return [other.decode(TRUE.encode(text)) for text in texts]


def test_the_right_order_is_proven() -> None:
    order = order_of(TEXTS, read_by(TRUE, TEXTS), TRUE)
    assert (order.right, order.lines, order.always, order.moved) == (7, 7, (), None)
    assert (
        order.characters
        == order.characters_right
        == sum(len(text.replace(" ", "")) for text in TEXTS)
    )
    assert order.is_proven
    refuse_other_order("d.txt", order)


def test_a_shuffled_dictionary_is_refused_with_what_is_read_instead() -> None:
    entries = list(ENTRIES)
    random.Random(3).shuffle(entries)
    other = Alphabet(tuple(entries))
    order = order_of(TEXTS, read_by(other, TEXTS), other)
    assert order.is_other and not order.is_proven
    told = (
        r"d\.txt: has the right length, and its order does not fit the network: 0 of 7 labelled "
        r"lines and \d+ of their \d+ characters are read right; it reads '.' as '.' \(\d times\)"
    )
    with pytest.raises(InputError, match=told):
        refuse_other_order("d.txt", order)


@pytest.mark.parametrize("at", [0, 12, 40])
def test_an_entry_put_in_moves_all_from_there_on(at: int) -> None:
    # One line was put in, and the last taken away: as long as before.
    other = Alphabet((*ENTRIES[:at], "", *ENTRIES[at:-1]))
    texts = TEXTS * 2
    order = order_of(texts, read_by(other, texts), other)
    assert order.moved is not None
    assert order.moved[0] == -1
    with pytest.raises(InputError, match=r"from '.' on entries stand 1 off\. Name the dictionary"):
        refuse_other_order("d.txt", order)


def test_a_dictionary_of_digits_in_another_order_is_told_from_a_poor_model() -> None:
    """By chance a tenth of ten digits is right: what is always another tells."""
    digits = Alphabet(tuple("0123456789"), use_space_char=False)
    mapping = dict(zip("0123456789", "9876543210", strict=True))
    texts = [f"{n:05d}" for n in range(10_000, 90_000, 4_567)]
    order = order_of(texts, ["".join(map(mapping.get, text)) for text in texts], digits)  # type: ignore[arg-type]
    assert order.is_other
    draws = random.Random(1)
    poor = ["".join(draws.choice([c, *"0123456789"]) for c in text) for text in texts]
    assert not order_of(texts, poor, digits).is_other


def test_another_case_width_or_dash_is_no_other_order() -> None:
    latin = Alphabet(tuple("abcABC-–１1"))
    texts = ["ABC-1", "CAB-1", "BAC-1"]
    order = order_of(texts, ["abc–１", "cab–１", "bac–１"], latin)
    assert not order.is_other
    assert order.characters_right == 12


def test_right_to_left_lines_may_be_read_as_drawn() -> None:
    hebrew = Alphabet(tuple("אבגדהוזחט"))
    texts = ["אבגד", "הוזח", "טאבג"]
    assert order_of(texts, [text[::-1] for text in texts], hebrew).is_proven


def test_lines_in_which_nothing_is_read_say_so() -> None:
    order = order_of(TEXTS, [""] * len(TEXTS), TRUE)
    told = r"cannot be shown to be in the network's order: 0 of 7 .* and nothing is read in any\."
    with pytest.raises(InputError, match=told):
        refuse_other_order("d.txt", order)


def test_few_characters_neither_prove_nor_refuse() -> None:
    order = order_of(["12", "가"], ["AB", "나"], TRUE)
    assert (order.characters, order.is_other, order.is_proven) == (3, False, False)


@given(st.lists(st.text(st.sampled_from(ENTRIES), min_size=1, max_size=12), max_size=20))
def test_what_is_read_as_it_stands_is_never_refused(texts: list[str]) -> None:
    order = order_of(texts, texts, TRUE)
    assert (order.right, order.is_other) == (len(texts), False)


@given(
    st.permutations(ENTRIES),
    st.lists(st.text(st.sampled_from(ENTRIES), min_size=5), min_size=20, max_size=20),
)
def test_characters_read_right_are_those_of_the_places_that_stayed(
    entries: list[str], texts: list[str]
) -> None:
    other = Alphabet(tuple(entries))
    order = order_of(texts, read_by(other, texts), other)
    stayed = {a for a, b in zip(ENTRIES, entries, strict=True) if a == b}
    assert order.characters_right >= sum(char in stayed for text in texts for char in text)
    assert order.is_other or stayed
