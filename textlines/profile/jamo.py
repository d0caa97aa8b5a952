"""Hangul syllables taken apart, to say which part of one was misread."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

INITIALS = tuple("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ")
MEDIALS = tuple("ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ")
FINALS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")
"""The finals (받침), each one letter, those of two consonants too; "" is none."""

Place = Literal["initial", "medial", "final"]
PLACES: tuple[Place, ...] = ("initial", "medial", "final")
LETTERS: Mapping[Place, tuple[str, ...]] = {
    "initial": INITIALS,
    "medial": MEDIALS,
    "final": FINALS,
}

_FIRST = 0xAC00
_COUNT = len(INITIALS) * len(MEDIALS) * len(FINALS)


def parts(syllable: str) -> tuple[str, str, str] | None:
    """Take a composed syllable apart into initial, medial and final; None for anything else.

    The arithmetic of the Unicode Standard, section 3.12.

    >>> parts("값"), parts("가"), parts("A")
    (('ㄱ', 'ㅏ', 'ㅄ'), ('ㄱ', 'ㅏ', ''), None)
    """
    if len(syllable) != 1 or not 0 <= ord(syllable) - _FIRST < _COUNT:
        return None
    rest, final = divmod(ord(syllable) - _FIRST, len(FINALS))
    initial, medial = divmod(rest, len(MEDIALS))
    return INITIALS[initial], MEDIALS[medial], FINALS[final]


def composed(initial: str, medial: str, final: str = "") -> str:
    """Put a syllable together.

    >>> composed("ㄱ", "ㅏ", "ㅄ"), composed("ㄱ", "ㅏ")
    ('값', '가')
    """
    number = INITIALS.index(initial) * len(MEDIALS) + MEDIALS.index(medial)
    return chr(_FIRST + number * len(FINALS) + FINALS.index(final))


def with_part(syllable: str, place: Place, letter: str) -> str:
    """Return the syllable that differs in one part alone; as it is where it is no syllable.

    >>> with_part("값", "final", "ㅂ"), with_part("차", "initial", "ㅈ")
    ('갑', '자')
    """
    taken = parts(syllable)
    if taken is None:
        return syllable
    changed = [*taken]
    changed[PLACES.index(place)] = letter
    return composed(*changed)


@lru_cache(maxsize=1)
def common_syllables() -> tuple[str, ...]:
    """Return the 2,350 syllables of KS X 1001, in its order: what nearly all Korean texts use.

    >>> len(common_syllables()), common_syllables()[:3]
    (2350, ('가', '각', '간'))
    """
    # Rows 16 to 40 of the standard, 94 to a row, which EUC-KR writes from B0A1 on.
    rows = (bytes((0xA0 + row, 0xA0 + cell)) for row in range(16, 41) for cell in range(1, 95))
    return tuple(code.decode("euc-kr") for code in rows)


def misread_parts(label: str, read: str) -> tuple[str, ...]:
    """Name the parts of a syllable that were misread; empty when either is no syllable.

    >>> misread_parts("값", "갑"), misread_parts("가", "간"), misread_parts("갼", "까")
    (('final ㅄ→ㅂ',), ('no final→ㄴ',), ('initial ㄱ→ㄲ', 'medial ㅑ→ㅏ', 'final ㄴ→none'))
    """
    label_parts, read_parts = parts(label), parts(read)
    if label_parts is None or read_parts is None:
        return ()
    named = [
        f"{name} {a}→{b}"
        for name, a, b in zip(("initial", "medial"), label_parts, read_parts, strict=False)
        if a != b
    ]
    if label_parts[2] != read_parts[2]:
        named.append(
            f"final {label_parts[2]}→{read_parts[2] or 'none'}"
            if label_parts[2]
            else f"no final→{read_parts[2]}"
        )
    return tuple(named)
