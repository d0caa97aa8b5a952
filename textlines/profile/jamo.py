"""Hangul syllables taken apart, to say which part of one was misread."""

INITIALS = tuple("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ")
MEDIALS = tuple("ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ")
FINALS = (
    *(
        "",
        "ㄱ",
        "ㄲ",
        "ㄱㅅ",
        "ㄴ",
        "ㄴㅈ",
        "ㄴㅎ",
        "ㄷ",
        "ㄹ",
        "ㄹㄱ",
        "ㄹㅁ",
        "ㄹㅂ",
        "ㄹㅅ",
        "ㄹㅌ",
    ),
    *("ㄹㅍ", "ㄹㅎ", "ㅁ", "ㅂ", "ㅂㅅ", "ㅅ", "ㅆ", "ㅇ", "ㅈ", "ㅊ", "ㅋ", "ㅌ", "ㅍ", "ㅎ"),
)
"""The finals (받침); those of two letters are written as two, "" is none."""

_FIRST = 0xAC00
_COUNT = len(INITIALS) * len(MEDIALS) * len(FINALS)


def parts(syllable: str) -> tuple[str, str, str] | None:
    """Take a composed syllable apart into initial, medial and final; None for anything else.

    The arithmetic of the Unicode Standard, section 3.12.

    >>> parts("값"), parts("가"), parts("A")
    (('ㄱ', 'ㅏ', 'ㅂㅅ'), ('ㄱ', 'ㅏ', ''), None)
    """
    if len(syllable) != 1 or not 0 <= ord(syllable) - _FIRST < _COUNT:
        return None
    rest, final = divmod(ord(syllable) - _FIRST, len(FINALS))
    initial, medial = divmod(rest, len(MEDIALS))
    return INITIALS[initial], MEDIALS[medial], FINALS[final]


def misread_parts(truth: str, read: str) -> tuple[str, ...]:
    """Name the parts of a syllable that were misread; empty when either is no syllable.

    >>> misread_parts("값", "갑"), misread_parts("가", "간"), misread_parts("갼", "까")
    (('final ㅂㅅ→ㅂ',), ('no final→ㄴ',), ('initial ㄱ→ㄲ', 'medial ㅑ→ㅏ', 'final ㄴ→none'))
    """
    one, other = parts(truth), parts(read)
    if one is None or other is None:
        return ()
    named = [
        f"{name} {a}→{b}"
        for name, a, b in zip(("initial", "medial"), one, other, strict=False)
        if a != b
    ]
    if one[2] != other[2]:
        named.append(f"final {one[2]}→{other[2] or 'none'}" if one[2] else f"no final→{other[2]}")
    return tuple(named)
