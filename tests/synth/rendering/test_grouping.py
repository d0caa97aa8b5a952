"""Characters differ in width, groups stand apart, and no space is read where none is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.draws import Draws
from synth.rendering.grouping import KEPT_WIDE, character_widths, gaps_after
from synth.rendering.spans import Span
from synth.rendering.style import Gaps

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
