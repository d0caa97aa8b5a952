"""Counts and nouns agree, in the helper and in what commands print of runs of one."""

from hypothesis import given
from hypothesis import strategies as st

from textlines.wording.counts import count_of, form_of


@given(count=st.integers(0, 10**9))
def test_one_is_singular_and_every_other_count_is_plural(count: int) -> None:
    number, _, noun = count_of(count, "line").partition(" ")
    assert int(number.replace(",", "")) == count
    assert noun == form_of(count, "line", "lines")
    assert (noun == "line") == (count == 1)


def test_a_noun_names_its_plural_where_an_s_does_not_make_it() -> None:
    assert [count_of(n, "entry", "entries") for n in (0, 1, 2)] == [
        "0 entries",
        "1 entry",
        "2 entries",
    ]
