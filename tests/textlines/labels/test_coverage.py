import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.errors import InputError
from textlines.labels.alphabet import Alphabet
from textlines.labels.coverage import few, foreign, refuse_other_labels

LATIN = Alphabet(tuple("abcdefghij0123456789,."))


def test_a_dictionary_of_another_script_is_refused_with_what_it_lacks() -> None:
    labels = [*(f"합계 {n},000원" for n in range(40)), "12"]
    told = (
        r"d\.txt: can write 1 of the 41 labels at hand: of their 3 letters it lacks 3: "
        r"'계', '원', '합'\. Name the dictionary of the model"
    )
    with pytest.raises(InputError, match=told):
        refuse_other_labels("d.txt", LATIN, labels)
    assert not foreign(LATIN, [*labels, "abc"])  # half of the letters: too little to say so


def test_a_sign_that_every_label_has_makes_no_foreign_dictionary() -> None:
    assert not foreign(LATIN, ["₩1,000", "₩20 abc", "₩3"])
    assert foreign(LATIN, ["₩", "€"]).endswith("of their 2 characters it lacks 2: '₩', '€'")


def test_many_missing_characters_are_cut() -> None:
    told = foreign(LATIN, ["가나다라마바사"])
    assert told.endswith("it lacks 7: '가', '나', '다', '라', '마', ...")


@given(st.lists(st.text(st.sampled_from("ab가나 1"), min_size=1), max_size=30))
def test_a_dictionary_of_their_own_is_never_foreign(labels: list[str]) -> None:
    assert foreign(Alphabet.assumed(["ab가나1"]), labels) == ""


def test_no_labels_are_no_few() -> None:
    assert few(0, 0, set(), {}) == ""
