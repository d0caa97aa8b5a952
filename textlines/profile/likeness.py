"""How unlike two characters are, for choosing among alignments that cost the same."""

import unicodedata
from functools import lru_cache

from textlines.profile.jamo import parts

LEAST, MOST = 0, 4


@lru_cache(maxsize=65536)
def unlikeness(char: str, other: str) -> int:
    """Return how unlike two characters are: 0 (one in another form) to 4 (nothing in common).

    0: equal but for case or for a compatibility form (`：` and `:`). 1: syllables of Hangul that
    differ in one part. 2: of one kind: two digits, two letters of one script, two marks; or
    syllables that differ in two parts. 3: both letters or digits. 4: a letter and a mark.

    >>> [unlikeness(*pair) for pair in ("：:", "oO", "값갑", "17", "1l", "1#")]
    [0, 0, 1, 2, 3, 4]
    """
    if _folded(char) == _folded(other):
        return LEAST
    first, second = parts(char), parts(other)
    if first and second:
        return sum(a != b for a, b in zip(first, second, strict=True))
    kind, other_kind = _kind(char), _kind(other)
    if kind == other_kind:
        return 2
    return 3 if kind[0] in "LN" and other_kind[0] in "LN" else MOST


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _kind(text: str) -> str:
    """Name the class of a character: "N", "LLATIN", "LHANGUL", "P" (all marks and signs)."""
    major = unicodedata.category(text[0])[0]
    if major == "L":
        # Unicode names begin with the script; a script property is not in the standard library.
        return "L" + unicodedata.name(text[0], "").partition(" ")[0]
    return major if major in "NZ" else "P"
