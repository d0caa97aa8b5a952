"""Texts that show neither a size nor a line: what only a neighbour, or a kept line, could tell.

A `z` alone is a `Z` that is drawn smaller, a comma alone an apostrophe that stands lower, and a
crop is cut around its ink. Where such characters stand with others, those show how high a letter is
and where the line lies; where all of a text are such, the crop has to keep the line of the face,
and a face in which the line tells them apart too little may not draw the text.
"""

from collections.abc import Mapping
from functools import lru_cache

_SIZES = (
    *("cC", "oO0°○ㅇ", "pP", "sS", "uU", "vV", "wW", "xX×", "zZ", "1lI|ㅣ"),
    *(lower + lower.upper() for lower in "вгдзиклмнопстухчшщъыьэюяжцκορτφχψ"),
    *(small + chr(ord(small) + 1) for small in "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ"),
    *("ヵカ", "ヶケ"),
)
"""Letters of one form, told by their size; and strokes and rings that digits are drawn as too."""

_PLACES = (".·•・", ",'’‘`´", '"“”„', "-‐–—−_¯ー一ㅡ", "~˜～", "^ˆ")
"""Marks of one form, told by how high or how low they stand, or by their length."""

STOPS = (",", ".")
"""What no neighbour tells apart: `8,000` and `8.000` are both numbers. In nearly all faces the
comma reaches further down; in Baekmuk Headline the full stop lies as deep, and thinned ink loses
what is left of the tail."""

RIVALS: Mapping[str, tuple[str, ...]] = {
    char: tuple(other for other in group if other != char)
    for group in (*_SIZES, *_PLACES)
    for char in group
}
"""Each character that its form alone does not tell, with those that it could be."""

_MARKS = frozenset("".join(_PLACES) + "°○×|")
_SMALL = frozenset(group[0] for group in _SIZES) - {"1"}
_TALL = RIVALS.keys() - _MARKS - _SMALL


@lru_cache(maxsize=16_384)
def is_unplaced(text: str) -> bool:
    """Whether nothing in a text shows how large it is drawn and where its line lies.

    A number shows it by its digits, and so do a tall and a small letter together.

    >>> [is_unplaced(text) for text in (",", "z", "COS", "- -", "0", "l", "O.")]
    [True, True, True, True, True, True, True]
    >>> [is_unplaced(text) for text in ("a", "10", "-1", "Zoo", "z,b", "값", "B.")]
    [False, False, False, False, False, False, False]
    """
    held = frozenset(text) - {" "}
    if not held or not held <= RIVALS.keys():
        return False
    digits = held & {"0", "1"}
    if digits and len(text) - text.count(" ") > 1 and held <= digits | _MARKS:
        return False
    return not (held & _SMALL and held & _TALL)


def unplaced_pairs(text: str) -> frozenset[tuple[str, str]]:
    """Pair the characters of an unplaced text with those that each could be; of others none.

    Among letters no digit is thought of, as in words.

    >>> sorted(map("".join, unplaced_pairs("0"))), sorted(map("".join, unplaced_pairs("C O")))
    (['0O', '0o', '0°', '0○', '0ㅇ'], ['Cc', 'Oo', 'O°', 'O○', 'Oㅇ'])
    >>> unplaced_pairs("Zoo")
    frozenset()
    """
    if not is_unplaced(text):
        return frozenset()
    held = frozenset(text) - {" "}
    return frozenset(
        (min(char, other), max(char, other))
        for char in held
        for other in RIVALS[char]
        if len(held) == 1 or not other.isdigit()
    )


def untold_pairs(text: str) -> frozenset[tuple[str, str]]:
    """Pair what no neighbour tells: of an unplaced text all of it, of others `STOPS`.

    >>> untold_pairs("8,000"), untold_pairs("Zoo")
    (frozenset({(',', '.')}), frozenset())
    """
    stops = [STOPS] if any(stop in text for stop in STOPS) else []
    return unplaced_pairs(text).union(stops)
