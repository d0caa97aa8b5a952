"""Counts and nouns agree, in the helper and in what commands print of runs of one."""

from hypothesis import given
from hypothesis import strategies as st

from textlines.wording import say, speaking
from textlines.wording.counts import count_of, form_of, line_count


@given(count=st.integers(0, 10**9))
def test_one_is_singular_and_every_other_count_is_plural(count: int) -> None:
    number, _, noun = count_of(count, "line").partition(" ")
    assert int(number.replace(",", "")) == count
    assert noun == form_of(count, "line", "lines")
    assert (noun == "line") == (count == 1)


@given(count=st.integers(0, 10**9))
def test_lines_are_counted_alike_in_text_and_in_sentences(count: int) -> None:
    told = say("{lines} taken", lines=line_count(count))
    assert told == f"{count_of(count, 'line')} taken"
    with speaking("ko"):
        assert f"{line_count(count):s}" == count_of(count, "line")  # as text it is English
        assert line_count(count).__html__() == f"라인 {count:,}개"


def test_a_noun_names_its_plural_where_an_s_does_not_make_it() -> None:
    assert [count_of(n, "entry", "entries") for n in (0, 1, 2)] == [
        "0 entries",
        "1 entry",
        "2 entries",
    ]
