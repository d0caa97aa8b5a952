from hypothesis import given
from hypothesis import strategies as st

from synth.corpus.lookalikes import evidence_of, shown

LOOK_ALIKES = ("OОΟ0", "-‐‑", "µμ", "AАΑＡ", "：:∶", "ー一—", "5S", "Il|", "へヘ")
SCRIPTS = st.frozensets(
    st.sampled_from(["Latin", "Cyrillic", "Greek", "Hangul", "Han", "Hiragana", "Katakana"])
)


@given(
    members=st.sampled_from(LOOK_ALIKES),
    declared=st.none() | st.frozensets(st.sampled_from("OA5-：へ")),
    scripts=SCRIPTS,
)
def test_of_a_class_one_member_at_most_is_shown(
    members: str, declared: frozenset[str] | None, scripts: frozenset[str]
) -> None:
    drawn = [
        char
        for char in members
        if shown(char, tuple(c for c in members if c != char), declared, scripts)
    ]
    assert len(drawn) <= 1


@given(char=st.characters(codec="utf-8"), scripts=SCRIPTS)
def test_a_character_without_twins_is_always_shown(char: str, scripts: frozenset[str]) -> None:
    assert shown(char, (), None, scripts)


def test_katakana_decides_between_kana_and_a_line_of_both_does_not() -> None:
    assert shown("ヘ", ("へ",), None, frozenset({"Katakana"}))
    assert not shown("ヘ", ("へ",), None, frozenset({"Katakana", "Hiragana"}))


def test_a_digit_that_looks_like_a_letter_is_refused_in_a_line_of_letters() -> None:
    assert not shown("0", ("O",), None, frozenset({"Latin"}))
    assert not shown("O", ("0",), None, frozenset({"Latin"}))
    assert shown("0", ("O",), frozenset("0"), frozenset({"Latin"}))


def test_a_declaration_of_several_look_alikes_decides_nothing() -> None:
    assert not shown("5", ("S",), frozenset("5S"), frozenset())


def test_a_character_with_a_twin_in_another_script_proves_nothing() -> None:
    assert evidence_of("A", ("А",)) is None
    assert evidence_of("l", ("I",)) == "Latin"
    assert evidence_of("값", ()) == "Hangul"
