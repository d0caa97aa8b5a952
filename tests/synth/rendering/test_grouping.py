"""Characters differ in width, groups stand apart, and no space is read where none is."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.corpus.lookalikes import code_spans, is_unplaced
from synth.draws import Draws
from synth.rendering.grouping import (
    KEPT_WIDE,
    character_widths,
    gaps_after,
    group_sizes,
    spans_beside,
)
from synth.rendering.spans import Span
from synth.rendering.text_style import Gaps, SecondFace, Sizes

SPAN = Span(low=0.8, high=1.3)
TEXTS = st.text("AB7 0O-.가나1", min_size=1, max_size=12)


@given(text=TEXTS, index=st.integers(0, 999))
def test_letters_and_digits_alone_have_widths_of_their_own(text: str, index: int) -> None:
    widths = character_widths(text, SPAN, Draws(1, index))
    assert len(widths) == len(text)
    for char, width in zip(text, widths, strict=True):
        assert 0.8 <= width <= 1.3
        if not char.isalnum() or char in KEPT_WIDE:
            assert width == 1.0


@given(text=TEXTS, index=st.integers(0, 999), every=st.integers(0, 4))
def test_gaps_stand_between_letters_and_digits_alone(text: str, index: int, every: int) -> None:
    gaps = Gaps(p=0.7, amount=Span(low=0.1, high=0.5), every=Span(low=every, high=every))
    found = gaps_after(text, gaps, Draws(2, index))
    assert found == () or len(found) == len(text)
    for number, gap in enumerate(found):
        if gap:
            assert text[number].isalnum() and text[number + 1].isalnum()
            assert 0.1 <= gap <= 0.5


@pytest.mark.parametrize(
    ("text", "every", "changes", "places"),
    [
        ("12가3456", 0, 1.0, [1, 2]),
        ("AB1234", 0, 1.0, [1]),
        ("AB-1234", 0, 1.0, []),
        ("123456", 2, 0.0, [1, 3]),
        ("12 3456", 3, 0.0, [5]),
        ("12 34567", 2, 0.0, [4, 6]),
        ("12-34567", 3, 0.0, [5]),
        ("12가3456", 0, 0.0, []),
    ],
)
def test_a_gap_stands_where_groups_end(
    text: str, every: int, changes: float, places: list[int]
) -> None:
    gaps = Gaps(p=1, every=Span(low=every, high=every), changes=changes)
    found = gaps_after(text, gaps, Draws(3, 1))
    assert [number for number, gap in enumerate(found) if gap] == places


@given(text=TEXTS)
def test_the_stream_gives_the_same_number_of_values_for_every_text(text: str) -> None:
    after = []
    for other in (text, "A1"):
        draws = Draws(4, 4)
        character_widths(other, SPAN, draws)
        gaps_after(other, Gaps(p=0.5), draws)
        after.append(draws.unit())
    assert after[0] == after[1]


@given(text=TEXTS, index=st.integers(0, 999))
def test_groups_are_of_one_size_and_one_of_them_keeps_it(text: str, index: int) -> None:
    factors = group_sizes(text, Sizes(p=1, factor=Span(low=0.5, high=0.9)), Draws(5, index))
    if not factors:
        return
    assert len(factors) == len(text)
    assert max(factors) == 1.0 and min(factors) >= 0.5
    for (char, after), (factor, next_factor) in zip(pairwise(text), pairwise(factors), strict=True):
        if not char.isalnum():
            assert factor == 1.0
        elif char.isdigit() and after.isdigit():
            assert factor == next_factor


@pytest.mark.parametrize(
    ("text", "kept"),
    [("AB 12", False), ("서울 12가 3456", False), ("AB12", False), ("AB", True), ("123", True)],
)
def test_only_a_line_of_several_groups_is_of_several_sizes(text: str, kept: bool) -> None:
    found = [group_sizes(text, Sizes(p=1), Draws(6, k)) for k in range(20)]
    assert all(sizes == () for sizes in found) if kept else all(min(sizes) < 1 for sizes in found)


def test_what_its_size_alone_tells_keeps_it() -> None:
    # A small C would be a c, a small 0 an o.
    for text in ("AB C", "12 s", "가 0", "Ab O"):
        for k in range(20):
            sizes = group_sizes(text, Sizes(p=1), Draws(7, k))
            assert sizes[-1:] in ((), (1.0,))


@pytest.mark.parametrize(
    ("text", "at", "parts"),
    [
        ("합계 12,500원", "script", {("12,500",)}),
        ("Total 12", "script", {()}),
        ("ПРИЗ No. 7 и A4", "script", {("No.", "7", "A4")}),
        ("이름: 김 서연", "word", {("김 서연",)}),
        ("김 서연 씨", "word", {("서연 씨",), ("씨",)}),
        ("합계", "word", {()}),
        ("12가3456", "group", {("12",), ("가",), ("3456",)}),
        ("LOT A0B1 42", "group", {("LOT",), ("A0B1",), ("42",)}),
        ("A0B1", "group", {()}),
        # What its neighbours alone tell stays with them: 0 alone may be an O, c a C.
        ("0 값", "group", {()}),
        ("12 c", "word", {()}),
    ],
)
def test_a_second_face_draws_a_whole_part(text: str, at: str, parts: set[tuple[str, ...]]) -> None:
    faces = SecondFace.model_validate({"p": 1, "at": at})
    drawn = {tuple(text[a:b] for a, b in spans_beside(text, faces, Draws(5, k))) for k in range(40)}
    assert drawn == parts


@given(
    text=st.text("AB7 0O-.가나1cZ:", min_size=1, max_size=14).map(str.strip).filter(bool),
    at=st.sampled_from(["script", "group", "word"]),
    index=st.integers(0, 99),
)
def test_no_code_is_cut_between_two_faces(text: str, at: str, index: int) -> None:
    spans = spans_beside(text, SecondFace.model_validate({"p": 1, "at": at}), Draws(6, index))
    held = {place for start, end in spans for place in range(start, end)}
    assert sorted(held) == [place for start, end in spans for place in range(start, end)]
    for start, end in code_spans(text):
        assert held.issuperset(range(start, end)) or held.isdisjoint(range(start, end))
    if spans:
        rest = "".join(char for place, char in enumerate(text) if place not in held)
        assert rest.strip() and not is_unplaced(rest)
