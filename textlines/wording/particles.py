"""Korean particles, whose form depends on how the word before them ends.

A translation writes both forms, as Korean does where the word is not known: `{name}을(를)`. When
the word is there, one is chosen.
"""

import re
import unicodedata
from collections.abc import Mapping

PARTICLES: Mapping[str, tuple[str, str]] = {
    "을(를)": ("을", "를"),
    "은(는)": ("은", "는"),
    "이(가)": ("이", "가"),
    "과(와)": ("과", "와"),
    "(으)로": ("으로", "로"),
    "(이)": ("이", ""),
}
"""What stands behind a final consonant (받침), and what behind a vowel."""

_FORM = re.compile("|".join(map(re.escape, PARTICLES)))
_FINALS = 28
_RIEUL = 8
"""The number of ㄹ among the finals; behind it (으)로 is 로."""

_FIRST, _LAST = "가", "힣"
_DIGITS: Mapping[str, int] = {"0": 21, "1": 8, "3": 16, "6": 1, "7": 8, "8": 8}
"""Finals of 영, 일, 삼, 육, 칠, 팔; the other digits end in a vowel."""

_SIGNS: Mapping[str, str] = {"%": "트", "°": "도"}
"""How a sign is read, by its last syllable: 퍼센트, 도."""


def with_particle(literal: str, before: str) -> str:
    """Choose the form of a particle that a text begins with, by what stands before it.

    A word that ends in no Hangul, digit or sign that is read so is left with both forms.

    >>> with_particle("을(를) 읽음", "파일"), with_particle("(으)로", "서울")
    ('을 읽음', '로')
    >>> with_particle("이(가)", "32")
    '가'
    >>> with_particle("은(는)", "gate.html")
    '은(는)'
    """
    found = _FORM.match(literal)
    final = final_of(before)
    if found is None or final is None:
        return literal
    behind_consonant, behind_vowel = PARTICLES[found.group()]
    is_open = final == 0 or (found.group() == "(으)로" and final == _RIEUL)
    return (behind_vowel if is_open else behind_consonant) + literal[found.end() :]


def final_of(text: str) -> int | None:
    """Return the number of the final consonant in which a text ends; 0 for a vowel.

    None for what may be read in more ways than one.

    >>> final_of("값"), final_of("파일 3"), final_of("값)"), final_of("A")
    (18, 16, 18, None)
    """
    core = text.rstrip("\"'’”)]} ")
    last = unicodedata.normalize("NFC", core)[-1:]
    last = _SIGNS.get(last, last)
    if _FIRST <= last <= _LAST and last:
        return (ord(last) - ord(_FIRST)) % _FINALS
    return _DIGITS.get(last, 0) if last.isascii() and last.isdigit() else None
