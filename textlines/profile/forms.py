"""Characters that are one character in two forms, as far as a picture can tell."""

import unicodedata
from typing import Literal

# NFKC also joins ² with 2 and ① with 1, which no picture shows alike: their tags stay out.
_WIDTH, _SAME_LOOK = {"<wide>", "<narrow>"}, {"", "<compat>", "<noBreak>"}


def same_in_two_forms(char: str, other: str) -> Literal["width_form", "other_form"] | None:
    """Return in what two characters differ that stand for one: width or code; else None.

    >>> [same_in_two_forms(*pair) for pair in ("：:", "µμ", "2²", "–-", "aA")]
    ['width_form', 'other_form', None, None, None]
    """
    if char == other or unicodedata.normalize("NFKC", char) != unicodedata.normalize("NFKC", other):
        return None
    tags = {_tag(char), _tag(other)}
    if tags & _WIDTH:
        return "width_form"
    return "other_form" if tags <= _SAME_LOOK else None


def _tag(char: str) -> str:
    """Name the compatibility mapping of one character: "<wide>", or "" for none."""
    mapping = unicodedata.decomposition(char) if len(char) == 1 else ""
    return mapping.partition(" ")[0] if mapping.startswith("<") else ""
