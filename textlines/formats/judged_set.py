"""A label file with what counts as the same text in it: `FILE:exact|casefold|alnum|nospace`."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, PlainSerializer

from textlines.errors import InputError, UsageError
from textlines.wording import say


def no_spaces(text: str) -> str:
    r"""Take all white space out.

    PaddleOCR's RecMetric takes U+0020 out, by default and without a word (`ignore_space`).

    >>> no_spaces("a b\u3000c")
    'abc'
    """
    return "".join(text.split())


def letters_and_digits(text: str) -> str:
    """Keep letters, digits and the marks that belong to them (categories L, M and N); case stays.

    Marks stay, as Thai and Devanagari write vowels with them.

    >>> letters_and_digits("No. 1,000-ก็!")
    'No1000ก็'
    """
    return "".join([char for char in text if _is_word(char)])


@lru_cache(maxsize=4096)
def _is_word(char: str) -> bool:
    return unicodedata.category(char)[0] in "LMN"


JudgedBy = Literal["exact", "casefold", "alnum", "nospace"]

JUDGED_BY: Mapping[JudgedBy, Callable[[str], str]] = {
    "exact": lambda text: text,
    "casefold": str.casefold,
    "alnum": letters_and_digits,
    "nospace": no_spaces,
}
"""What is left of label and reading, both in NFC, before they are compared."""

JUDGED_WORDS: Mapping[JudgedBy, str] = {
    "exact": say("every character counts"),
    "casefold": say("case folded"),
    "alnum": say("only letters and digits count, case too"),
    "nospace": say("spaces ignored"),
}


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """A label file, and by what its lines are judged.

    >>> print(JudgedSet.parse("sets/judge.txt"))
    sets/judge.txt:exact
    """

    path: Path
    comparison: JudgedBy = "exact"

    def __str__(self) -> str:
        return f"{self.path.as_posix()}:{self.comparison}"

    @classmethod
    def parse(cls, text: str) -> "JudgedSet":
        r"""Read `FILE` or `FILE:COMPARISON`.

        Only the name of a comparison behind the last colon is one: all else belongs to the file.
        A file that ends so itself is written with its comparison: `odd:exact:exact`.

        Raises:
            UsageError: no file is named.

        >>> JudgedSet.parse("a.txt:alnum").comparison
        'alnum'
        >>> JudgedSet.parse(r"C:\sets\a.txt").comparison
        'exact'
        """
        head, _, tail = text.rpartition(":")
        known: JudgedBy | None = next((name for name in JUDGED_BY if name == tail), None)
        if not known or not head:
            head, known = text, "exact"
        if not head.strip():
            raise UsageError(repr(text), "names no label file", "Write FILE or FILE:COMPARISON.")
        return cls(Path(head), known)

    def check(self) -> None:
        """Check that the label file is there.

        Raises:
            UsageError: it is there without what stands behind its last colon: no comparison.
            InputError: it is not there, or is no file.
        """
        if self.path.is_file():
            return
        head, colon, tail = str(self.path).rpartition(":")
        if colon and Path(head).is_file():
            raise UsageError(
                str(self.path),
                f"{tail!r} is no comparison",
                f"Those are {', '.join(JUDGED_BY)}: {head}:casefold.",
            )
        if self.path.exists():
            raise InputError(str(self.path), "is no label file", "Name the file, not its folder.")
        raise InputError(str(self.path), "the label file is not there", "Check the path.")

    def key(self, text: str) -> str:
        """Return what is left of a text to compare; "" when nothing is.

        >>> JudgedSet.parse("a.txt:alnum").key("No. 1-2")
        'No12'
        """
        return JUDGED_BY[self.comparison](unicodedata.normalize("NFC", text))

    def is_right(self, label: str, read: str) -> bool:
        """Return whether a reading is that of its label.

        >>> JudgedSet.parse("a.txt:nospace").is_right("1 000", "10 00")
        True
        """
        return self.key(label) == self.key(read)


def _read(value: object) -> object:
    if isinstance(value, str):
        try:
            return JudgedSet.parse(value)
        except UsageError as error:
            raise ValueError(str(error)) from error
    return value


JudgedSetText = Annotated[JudgedSet, BeforeValidator(_read), PlainSerializer(str)]
"""A judged set in a file of ours: read from `FILE:COMPARISON` and written as that."""
