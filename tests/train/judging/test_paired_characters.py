"""Characters of judged lines, pair by pair."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from textlines.formats.judged_set import JudgedSet
from train.judging.judged_lines import PairedLine, paired
from train.judging.paired_characters import CharacterPair, pair_characters

EXACT = JudgedSet(Path("x"))


def line(label: str, base: str, candidate: str, comparison: str = "exact") -> PairedLine:
    return paired(JudgedSet(Path("x"), comparison), "p", label, base, candidate)  # type: ignore[arg-type]


def by_char(*lines: PairedLine) -> dict[str, CharacterPair]:
    return {one.char: one for one in pair_characters(each.keys for each in lines)}


def test_each_occurrence_is_counted_and_each_line_once() -> None:
    found = by_char(line("100", "100", "1"), line("20", "2", "20"), line("30", "30", "30"))
    assert found["0"] == CharacterPair("0", 4, 3, 2, fell=1, rose=1)
    assert found["1"] == CharacterPair("1", 1, 1, 1, fell=0, rose=0)


def test_a_character_lost_in_one_place_and_found_in_another_moves_nothing() -> None:
    assert by_char(line("1a1", "1a", "a1"))["1"] == CharacterPair("1", 2, 1, 1, 0, 0)


def test_spaces_that_were_put_in_are_faults_too() -> None:
    found = by_char(line("ab", "ab", "a b"), line("a b", "ab", "a b"), line("a b", "a b", "a  b"))
    assert found[" "] == CharacterPair(
        " ", 2, 1, 2, fell=2, rose=1, base_inserted=0, candidate_inserted=2
    )
    assert found["a"] == CharacterPair("a", 3, 3, 3, 0, 0)


def test_characters_are_those_that_the_comparison_leaves() -> None:
    assert set(by_char(line("A b!", "A b", "a B", "casefold"))) == {"a", "b", "!", " "}
    assert set(by_char(line("A b!", "A b", "a B", "alnum"))) == {"A", "b"}
    assert set(by_char(line("A b!", "A b", "a B", "nospace"))) == {"A", "b", "!"}


def test_well_read_needs_support_and_recall() -> None:
    assert CharacterPair("a", 100, 95, 0, 0, 0).is_well_read
    assert not CharacterPair("a", 100, 94, 100, 0, 0).is_well_read
    assert not CharacterPair("a", 29, 29, 29, 0, 0).is_well_read


texts = st.text("ab 1값", max_size=6)


@given(st.lists(st.tuples(texts, texts, texts), max_size=8))
def test_the_two_models_are_counted_alike(rows: list[tuple[str, str, str]]) -> None:
    there = by_char(*(line(t, b, c) for t, b, c in rows))
    back = by_char(*(line(t, c, b) for t, b, c in rows))
    assert set(there) == set(back)
    for char, one in there.items():
        other = back[char]
        assert (one.support, one.base_right) == (other.support, other.candidate_right)
        assert (one.fell, one.base_inserted) == (other.rose, other.candidate_inserted)
        assert one.base_right <= one.support == sum(t.count(char) for t, _, _ in rows)
