"""Which of several characters that look the same a line shows: the rule of the gate."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple
from unicodedata import east_asian_width, normalize

from textlines.labels.canonical import script_of

_NO_SCRIPT = frozenset({"Common", "Inherited", "Unknown"})
_EAST_ASIAN = frozenset({"Han", "Hangul", "Hiragana", "Katakana", "Bopomofo"})


class Verdict(NamedTuple):
    """Whether a character may be drawn in a face.

    reason: "" when it may; else "absent", "blank", "tofu" or "looks like X".
    twins: the characters that the face draws the same, whatever the verdict.
    """

    ok: bool
    reason: str = ""
    twins: tuple[str, ...] = ()


def evidence_of(char: str, twins: Iterable[str]) -> str | None:
    """Name the script that a character proves its line to be in; None if it proves none.

    A character that looks like one of another script proves nothing.

    >>> evidence_of("я", ()), evidence_of("О", ("O",)), evidence_of("7", ())
    ('Cyrillic', None, None)
    """
    script = script_of(char)
    if script in _NO_SCRIPT or any(script_of(twin) != script for twin in twins):
        return None
    return script


def shown(
    char: str, twins: tuple[str, ...], declared: frozenset[str] | None, scripts: frozenset[str]
) -> bool:
    """Say whether a line shows this character, and not one of those that look the same.

    The script of the line decides; a wide sign of no script (`：`, `ー`) belongs to the lines of
    East Asia, an ASCII digit or sign to all. In a line of none of their scripts the ASCII
    character is shown, and where there is none, the one that belongs to no script. Where
    that leaves several, the one that the face alone declares is shown, and else none.

    Args:
        char: the character of the label.
        twins: the others that the face draws the same.
        declared: what the face says its glyphs stand for; None without such a declaration.
        scripts: the scripts that other characters of the line prove it to be in.

    >>> shown("О", ("O",), None, frozenset({"Cyrillic"})), shown("О", ("O",), None, frozenset())
    (True, False)
    >>> shown("O", ("О",), None, frozenset({"Hangul"})), shown("-", ("‐",), None, frozenset())
    (True, True)
    >>> shown("：", ("∶",), None, frozenset({"Han"})), shown("A", ("Ａ",), None, frozenset())
    (True, True)
    >>> shown("5", ("S",), None, frozenset()), shown("5", ("S",), frozenset("5"), frozenset())
    (False, True)
    """
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
