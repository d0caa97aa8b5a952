"""Labels in one form: composed (NFC), without what a label line cannot hold."""

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache
from typing import Any, Literal

from textlines.errors import InputError
from textlines.labels.scripts import script_of
from textlines.wording import Sentence, arranged, joined, say

__all__ = [
    "MAX_LENGTH",
    "LabelError",
    "LabelFault",
    "canonical",
    "clusters",
    "name_of",
    "script_of",
    "short",
    "some_of",
]

MAX_LENGTH = 25
"""Characters of the longest label that PP-OCR's configurations train on (23 with NRTR)."""

LabelFault = Literal["empty_label", "control", "outside_dictionary"]


class LabelError(InputError, ValueError):
    """A label that cannot be used. `reason` is the code that tallies count it by."""

    def __init__(
        self, where: str, what: str, mend: str = "", reason: LabelFault = "control"
    ) -> None:
        super().__init__(where, what, mend)
        self.args = (where, what, mend, reason)  # all, so that it survives a process pool
        self.reason = reason


# Raqm raises RuntimeError on CR, LF and U+2029; TAB splits PaddleOCR's label line; lone
# surrogates cannot be written in UTF-8.
_REFUSED = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

_NAMES = {0: "NUL", 9: "TAB", 10: "line feed", 13: "carriage return", 0x7F: "DELETE"}

# Characters that neither combine nor join: each is a grapheme cluster of its own in NFC.
# Syllables of Hangul are here and the jamo that could extend them are not.
_PLAIN = re.compile(
    "[ -~\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u0590\u2010-\u2027\u2030-\u205e"
    "\u20a0-\u20cf\u2100-\u23ff\u2460-\u2bff\u3000-\u3029\u3030-\u303f\u3041-\u3096"
    "\u309b-\u30ff\u3131-\u318e\u3200-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
    "\uff01-\uff9d\uffa0-\uffdc\uffe0-\uffe6]*"
)


def canonical(label: str) -> str:
    r"""Compose the label (NFC) and refuse what a label line cannot hold.

    Raises:
        LabelError: the label is empty or holds a control character (TAB too), a line or
            paragraph separator, or half of a surrogate pair. It is a ValueError too.

    >>> canonical("\u1112\u1161\u11ab")
    '한'
    """
    if label.isascii() and label.isprintable() and label:
        return label
    found = _REFUSED.search(label)
    if found:
        raise LabelError(
            f"label {short(label)}",
            f"holds {name_of(found[0])} at character {found.start() + 1}",
            "Take it out of the label.",
            "control",
        )
    if not label:
        raise LabelError(
            "label ''", "is empty", "Give it a text or leave the line out.", "empty_label"
        )
    return unicodedata.normalize("NFC", label)


def short(text: str, most: int = 60) -> Sentence:
    """Quote a text for a message, cut after `most` characters."""
    if len(text) <= most:
        return arranged("{text!r}", text=text)
    return say("{text!r}... ({count} characters)", text=text[:most], count=len(text))


def some_of(texts: Collection[str], joint: str = ", ", most: int = 5) -> Sentence:
    """Join texts for a message: the first `most` of them, and how many more there are.

    >>> some_of(["a", "b"]), some_of(list("abcdefg"), most=2)
    ('a, b', 'a, b and 5 more')
    """
    told = joined(joint, list(texts)[:most])
    if len(texts) <= most:
        return told
    return say("{told} and {more:,} more", told=told, more=len(texts) - most)


def name_of(char: str) -> str:
    r"""Name a character for a message: code point and Unicode name.

    >>> name_of("\t"), name_of("값")
    ('U+0009 TAB', 'U+AC12 HANGUL SYLLABLE GABS')
    """
    name = _NAMES.get(ord(char)) or unicodedata.name(char, "")
    if not name and "\ud800" <= char <= "\udfff":
        name = "half of a surrogate pair"
    return f"U+{ord(char):04X} {name or 'control character'}"


@lru_cache(maxsize=1)
def _cluster_pattern() -> Any:
    import regex  # 20 ms, and most labels never need it

    return regex.compile(r"\X")


def clusters(text: str) -> tuple[str, ...]:
    r"""Split a text into grapheme clusters: what a reader takes for one character.

    By Unicode's extended rules (UAX #29), as the `regex` module has them.

    >>> clusters("값 1"), clusters("\u0e01\u0e47a"), len(clusters("e\u0301"))
    (('값', ' ', '1'), ('ก็', 'a'), 1)
    """
    if text.isascii() and text.isprintable():
        return tuple(text)
    if _PLAIN.fullmatch(text):
        return tuple(text)
    return tuple(_cluster_pattern().findall(text))
