import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from textlines.profile.jamo import FINALS, INITIALS, MEDIALS, misread_parts, parts

syllables = st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3)


@given(syllable=syllables)
def test_parts_are_those_of_the_canonical_decomposition(syllable: str) -> None:
    taken = parts(syllable)
    assert taken is not None
    jamo = unicodedata.normalize("NFD", syllable)
    assert ord(jamo[0]) - 0x1100 == INITIALS.index(taken[0])
    assert ord(jamo[1]) - 0x1161 == MEDIALS.index(taken[1])
    final = ord(jamo[2]) - 0x11A7 if len(jamo) == 3 else 0
    assert final == FINALS.index(taken[2])


@given(one=syllables, other=syllables)
def test_parts_that_are_named_are_those_that_differ(one: str, other: str) -> None:
    a, b = parts(one), parts(other)
    assert a is not None
    assert b is not None
    assert len(misread_parts(one, other)) == sum(x != y for x, y in zip(a, b, strict=True))


def test_a_wrong_final_is_named_as_such() -> None:
    assert misread_parts("값", "갑") == ("final ㅄ→ㅂ",)
    assert misread_parts("갑", "가") == ("final ㅂ→none",)
    assert misread_parts("가", "간") == ("no final→ㄴ",)
    assert misread_parts("강", "광") == ("medial ㅏ→ㅘ",)


def test_what_is_no_syllable_has_no_parts() -> None:
    assert parts("ㄱ") is parts("A") is parts("가나") is parts("") is None
    assert misread_parts("가", "7") == ()
