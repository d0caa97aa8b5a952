"""Characters that look alike, and what in a text shows which of them is meant.

In codes, words of letters and digits, no language does. A `z` alone is a `Z` that is drawn smaller,
a comma alone an apostrophe that stands lower, and a crop is cut around its ink. Where such
characters stand with others, those show how high a letter is and where the line lies; where all of
a text are such, the crop has to keep the line of the face, and a face in which the line tells them
apart too little may not draw the text. Of characters of several scripts that a face draws the same,
the script of the line decides.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from unicodedata import east_asian_width, normalize

from synth.corpus.orthographies import meant
from textlines.labels.canonical import script_of

LOOKALIKES = ("0O", "1lI", "5S", "8B", "2Z")
"""Characters of several classes that models mistake for one another in most faces."""

_UNCLEAR = {
    char: tuple(other for other in group if other != char) for group in LOOKALIKES for char in group
}
"""Each look-alike with the others of its group; no character is in two groups."""

_UNIT = re.compile(
    r"[cdhkm]?l|[gkmt]?b|[mn]?s|[gkm]?hz|(?:fl)?oz|lbs?|mol|lm|lx", re.ASCII | re.IGNORECASE
)
"""Units with letters that look like others."""

CODE = re.compile(r"[A-Za-z0-9]+(?:[-/][A-Za-z0-9]+)*")
"""Words of ASCII letters and digits, with the hyphens and slashes between them."""

_WORD = re.compile("[A-Za-z0-9]+")

_QUANTITY = re.compile(r"[0-9]+[A-Za-z]{1,4}")


def unclear_in_codes(text: str) -> frozenset[tuple[str, str]]:
    """Pair the characters of codes with the look-alikes that could as well stand there.

    Within a word of letters and digits no language tells which of a pair is meant. A letter of
    the other case than all letters that look like nothing else could not stand there. The digits
    of a number with its unit are no code, nor are known units ("10kg", "20oz").

    >>> sorted("".join(pair) for pair in unclear_in_codes("LOT A0-93I, 10:10"))
    ['0O', '1I']
    >>> unclear_in_codes("Illinois 10l 2001"), unclear_in_codes("10lx 20O")
    (frozenset(), frozenset({('0', 'O')}))
    """
    unclear = set()
    for token in CODE.findall(text):
        if not is_mixed(token):
            continue
        asked = token
        if is_quantity(token):
            unit = token.lstrip("0123456789")
            asked = "" if _UNIT.fullmatch(unit) else unit
        cases = {char.isupper() for char in token if char.isalpha() and char not in _UNCLEAR}
        for char in _UNCLEAR.keys() & set(asked):
            for other in _UNCLEAR[char]:
                if other.isdigit() or not cases or other.isupper() in cases:
                    unclear.add((min(char, other), max(char, other)))
    return frozenset(unclear)


def code_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Return where words of letters and digits begin and end; a number with its unit is none.

    >>> code_spans("LOT A0-KM93, 10kg"), code_spans("118/76mmHg")
    (((4, 6), (7, 11)), ())
    """
    return tuple(
        (word.start(), word.end())
        for word in _WORD.finditer(text)
        if is_mixed(word[0]) and not is_quantity(word[0])
    )


def holds_code(text: str) -> bool:
    """Whether a text holds a word of letters and digits that no language spells.

    >>> [holds_code(text) for text in ("LOT RR9V-XOMI", "T3lDOQ8", "010-1234-5678", "10kg", "값 7")]
    [True, True, False, False, False]
    """
    return bool(code_spans(text))


def is_quantity(token: str) -> bool:
    """Whether a word of letters and digits is a number with its unit, and so no code.

    >>> is_quantity("10kg"), is_quantity("A10"), is_quantity("2P24")
    (True, False, False)
    """
    return bool(_QUANTITY.fullmatch(token))


def is_mixed(token: Sequence[str]) -> bool:
    """Whether a word holds both letters and digits."""
    return any(map(str.isdigit, token)) and any(map(str.isalpha, token))


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


_NO_SCRIPT = frozenset({"Common", "Inherited", "Unknown"})
_EAST_ASIAN = frozenset({"Han", "Hangul", "Hiragana", "Katakana", "Bopomofo"})


def evidence_of(char: str, twins: Iterable[str]) -> str | None:
    """Return the script that a character proves its line to be in; None if it proves none.

    A character that looks like one of another script proves nothing.

    >>> evidence_of("я", ()), evidence_of("О", ("O",)), evidence_of("7", ())
    ('Cyrillic', None, None)
    """
    script = script_of(char)
    if script in _NO_SCRIPT or any(script_of(twin) != script for twin in twins):
        return None
    return script


def shown(
    char: str,
    twins: tuple[str, ...],
    declared: frozenset[str] | None,
    scripts: frozenset[str],
    alphabets: frozenset[str] = frozenset(),
) -> bool:
    """Whether a line shows this character, and not one of those that look the same.

    The script of the line decides; a wide sign of no script (`：`, `ー`) belongs to the lines of
    East Asia, an ASCII digit or sign to all. In a line of none of their scripts the ASCII
    character is shown, and where there is none, the one that belongs to no script. Where
    that leaves several, the one that the face alone declares is shown, and else none. Of letters
    of one script the alphabet of the line decides first (`synth.corpus.orthographies`).

    Args:
        char: the character of the label.
        twins: the others that the face draws the same.
        declared: what the face says its glyphs stand for; None without such a declaration.
        scripts: the scripts that other characters of the line prove it to be in.
        alphabets: those of its script that the line may be written in.

    >>> shown("О", ("O",), None, frozenset({"Cyrillic"})), shown("О", ("O",), None, frozenset())
    (True, False)
    >>> shown("O", ("О",), None, frozenset({"Hangul"})), shown("-", ("‐",), None, frozenset())
    (True, True)
    >>> shown("：", ("∶",), None, frozenset({"Han"})), shown("A", ("Ａ",), None, frozenset())
    (True, True)
    >>> shown("5", ("S",), None, frozenset()), shown("5", ("S",), frozenset("5"), frozenset())
    (False, True)
    """
    twins = meant(twins, alphabets)
    if not twins:
        return True
    members = (char, *twins)
    plausible = [m for m in members if scripts & _scripts_of(m)]
    if plausible:
        # A digit or an ASCII sign belongs to lines of every script.
        plausible += [m for m in members if m.isascii() and not _scripts_of(m)]
    else:
        plausible = [m for m in members if m.isascii()]
        plausible = plausible or [m for m in members if not _scripts_of(m)] or list(members)
    # Of a character and its full-width form, drawn alike, a line shows the plain one.
    plausible = [m for m in plausible if not _is_form_of_another(m, plausible)]
    if char not in plausible:
        return False
    if len(plausible) == 1:
        return True
    return declared is not None and [m for m in plausible if m in declared] == [char]


@lru_cache(maxsize=65_536)
def _scripts_of(char: str) -> frozenset[str]:
    """Name the scripts whose lines a character belongs to; empty for those of all lines."""
    script = script_of(char)
    if script not in _NO_SCRIPT:
        return frozenset({script})
    return _EAST_ASIAN if east_asian_width(char) in "FW" else frozenset()


def _is_form_of_another(char: str, members: list[str]) -> bool:
    plain = normalize("NFKC", char)
    return plain != char and plain in members
