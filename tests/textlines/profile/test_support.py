"""What lines hold is counted in lines, and more lines never leave more lacking."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from textlines.labels.canonical import clusters
from textlines.profile.support import (
    Support,
    bucket_of,
    needed_in_epoch,
    pattern_of,
)
from textlines.rules.proportions import times_of

TEXTS = st.lists(st.text(alphabet="01.-AKa값갑가 漢", min_size=1, max_size=12), max_size=20)


@given(texts=TEXTS)
def test_a_character_counts_once_for_each_line_that_holds_it(texts: list[str]) -> None:
    support = Support.of(texts)
    assert support.lines == len(texts)
    held = Counter(char for text in texts for char in set(clusters(text)))
    assert support.characters == held
    assert sum(support.patterns.values()) == sum(support.lengths.values()) == len(texts)
    assert support.patterns == Counter(map(pattern_of, texts))
    assert support.lengths == Counter(bucket_of(len(text)) for text in texts)
    for part, count in support.parts.items():
        assert 0 < count <= len(texts), part


@given(texts=TEXTS, more=TEXTS, enough=st.integers(1, 40))
def test_more_lines_never_leave_more_lacking(
    texts: list[str], more: list[str], enough: int
) -> None:
    before, after = Support.of(texts), Support.of(texts + more)
    for char in "01.-AKa값갑가 漢":
        assert 0 <= after.lacking(char, enough) <= before.lacking(char, enough) <= 1
    assert after.pair("0", "1") >= before.pair("0", "1")


@given(lines=st.integers(0, 500), held=st.integers(0, 500), enough=st.integers(1, 60))
def test_an_epoch_needs_as_many_drawn_lines_as_would_be_shown_of_own_ones(
    lines: int, held: int, enough: int
) -> None:
    needed = needed_in_epoch(held, lines, enough)
    assert needed == 0 if held >= enough else needed >= enough - held
    assert 1 <= times_of(lines) <= 8


def test_parts_of_syllables_are_pooled_over_syllables() -> None:
    support = Support.of(["값", "값", "갑", "각"])
    assert support.parts["initial ㄱ"] == 4
    assert (support.parts["final ㅄ"], support.parts["final ㅂ"]) == (2, 1)
    assert "final ㅅ" not in support.parts
