from hypothesis import given
from hypothesis import strategies as st

from textlines.profile.likeness import LEAST, MOST, unlikeness


@given(one=st.characters(), other=st.characters())
def test_unlikeness_is_symmetric_and_bounded(one: str, other: str) -> None:
    assert unlikeness(one, other) == unlikeness(other, one)
    assert LEAST <= unlikeness(one, other) <= MOST


def test_syllables_that_share_parts_are_more_alike() -> None:
    assert unlikeness("값", "갑") < unlikeness("값", "김") < unlikeness("값", "홍")


def test_kinds_stand_closer_than_strangers() -> None:
    assert unlikeness("1", "7") < unlikeness("1", "l") < unlikeness("1", ".")
    assert unlikeness("а", "б") < unlikeness("а", "a")
