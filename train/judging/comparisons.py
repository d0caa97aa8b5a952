"""What two texts are stripped of before they are compared."""

import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Literal

from textlines.formats.judged_set import no_spaces
from textlines.wording import say

ComparisonName = Literal["all", "case_folded", "no_spaces", "no_punctuation"]


def no_punctuation(text: str) -> str:
    """Take punctuation and symbols out (Unicode's categories P and S); spaces stay.

    >>> no_punctuation("$1.00, 값!")
    '100 값'
    """
    return "".join([char for char in text if not _is_mark(char)])


@lru_cache(maxsize=4096)
def _is_mark(char: str) -> bool:
    return unicodedata.category(char)[0] in "PS"


def _same(text: str) -> str:
    return text


COMPARISONS: Mapping[ComparisonName, Callable[[str], str]] = {
    "all": _same,
    "case_folded": str.casefold,
    "no_spaces": no_spaces,
    "no_punctuation": no_punctuation,
}
"""Each is applied to the label and to the reading, both in NFC."""

WORDS: Mapping[ComparisonName, str] = {
    "all": say("everything counted"),
    "case_folded": say("case folded"),
    "no_spaces": say("spaces ignored"),
    "no_punctuation": say("punctuation ignored"),
}

EXPLAINED = say(
    "Everything counted: spaces, case and punctuation, in NFC. PaddleOCR's own accuracy ignores "
    "spaces unless its configuration says ignore_space: False; it is the row 'spaces ignored'. "
    "Punctuation: Unicode's punctuation and symbols."
)
