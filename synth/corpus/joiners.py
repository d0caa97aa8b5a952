"""Joiners without width (ZWNJ, ZWJ), and where they show.

Between letters that would join a ZWNJ keeps them apart (Persian), behind a virama the two decide
whether letters become one (Devanagari): there a reader sees them, and labels hold them. Elsewhere
nobody does, and a label with one says what the picture does not.
"""

from functools import lru_cache
from typing import Any

ZWNJ, ZWJ = "\u200c", "\u200d"

JOINERS = frozenset({ZWNJ, ZWJ})


@lru_cache(maxsize=1)
def _idle() -> Any:
    import regex

    # RFC 5892, A.1 and A.2. A ZWJ also shows beside one joining letter alone, whose form it keeps
    # as in a word, and in the pictures of emoji.
    letters = r"\p{Joining_Type=D}\p{Joining_Type=C}"
    before = rf"[{letters}\p{{Joining_Type=L}}]\p{{Joining_Type=T}}*"
    after = rf"\p{{Joining_Type=T}}*[{letters}\p{{Joining_Type=R}}]"
    virama = r"(?<!\p{Canonical_Combining_Class=9})"
    apart = rf"(?!(?<={before}){ZWNJ}{after}){virama}{ZWNJ}"
    emoji = rf"(?<!\p{{Extended_Pictographic}}\ufe0f?\p{{Emoji_Modifier}}?){ZWJ}"
    beside = rf"(?!(?<={before}){ZWJ}(?!{after})|(?<!{before}){ZWJ}{after}){virama}{emoji}"
    return regex.compile(f"{apart}|{beside}")


def without_idle(text: str) -> str:
    r"""Take out the joiners that leave no trace in a picture of the text.

    >>> len(without_idle("A\u200cB")), len(without_idle("\u0628\u200c\u0628"))
    (2, 3)
    """
    if JOINERS.isdisjoint(text):
        return text
    return str(_idle().sub("", text))
