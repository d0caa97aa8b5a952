"""What labelled lines hold, and so teach: characters, parts, patterns, lengths, spaces.

Everything is counted in lines: a character that stands five times in one line was seen in one
place, in one face, under one light.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from textlines.labels.canonical import clusters
from textlines.profile.jamo import parts
from textlines.rules.proportions import times_of

ENOUGH = 30
"""Own lines with a character from which on it is taken as taught.

Measured on meters (PP-OCRv4, last layer, 60 own lines beside 300 receipt lines, one run each), on
135 held-out lines with a `1`: read exactly .770 where 12 own lines hold one, .852 where 30 do.
Whole scenes agree: plates (PP-OCRv5) with some 4, 16 and 50 own lines for a character are at .914,
.925 and .946; meters with 11 and more for each digit at .948, and no better with three times that.
"""

LONGEST_RUN = 3
"""Signs of one kind in a row that a pattern tells apart by their number."""

LENGTHS = ((1, 4), (5, 8), (9, 16), (17, 25), (26, 40))
"""Buckets of lengths, both ends included; longer ones are one more."""


@dataclass(frozen=True, slots=True)
class Support:
    """How many of some lines hold what.

    Attributes:
        lines: of them all.
        characters: by grapheme cluster, the space among them.
        parts: of Hangul syllables, by name: "initial ㄱ", "medial ㅏ", "final ㅄ".
        patterns: see `pattern_of`. lengths: by bucket, "5-8".
    """

    lines: int = 0
    characters: Mapping[str, int] = field(default_factory=dict)
    parts: Mapping[str, int] = field(default_factory=dict)
    patterns: Mapping[str, int] = field(default_factory=dict)
    lengths: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Support":
        """Count texts, one a line.

        >>> support = Support.of(["값 11.50", "21.50"])
        >>> support.lines, support.characters["1"], support.parts["final ㅄ"]
        (2, 2, 1)
        """
        counter = SupportCounter()
        for text in texts:
            counter.add(text)
        return counter.support()

    def pair(self, char: str, other: str) -> int:
        """Count the lines that teach a pair of look-alikes apart: those of its rarer member."""
        return min(self.characters.get(char, 0), self.characters.get(other, 0))

    def lacking(self, char: str, enough: int = ENOUGH) -> float:
        """Return how much of what teaches a character is missing: 1 all of it, 0 nothing.

        >>> support = Support(characters={"1": 15, "0": 90})
        >>> [support.lacking(char, 30) for char in "102"]
        [0.5, 0.0, 1.0]
        """
        return max(0, enough - self.characters.get(char, 0)) / enough


class SupportCounter:
    """Counts lines as they come; see `Support`."""

    def __init__(self) -> None:
        self.lines = 0
        self._characters: Counter[str] = Counter()
        self._parts: Counter[str] = Counter()
        self._patterns: Counter[str] = Counter()
        self._lengths: Counter[str] = Counter()

    def add(self, text: str) -> None:
        """Count one line."""
        self.lines += 1
        held = set(clusters(text))
        self._characters.update(held)
        self._parts.update({part for char in held for part in parts_of(char)})
        self._patterns[pattern_of(text)] += 1
        self._lengths[bucket_of(len(text))] += 1

    def support(self) -> Support:
        """Return what was counted so far, each kind by falling number, then by name."""
        return Support(
            self.lines,
            *(
                dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
                for counts in (self._characters, self._parts, self._patterns, self._lengths)
            ),
        )


def parts_of(char: str) -> tuple[str, ...]:
    """Name the parts of a Hangul syllable; none for any other character.

    >>> parts_of("값"), parts_of("가"), parts_of("A")
    (('initial ㄱ', 'medial ㅏ', 'final ㅄ'), ('initial ㄱ', 'medial ㅏ'), ())
    """
    letters = parts(char)
    if letters is None:
        return ()
    names = zip(("initial", "medial", "final"), letters, strict=True)
    return tuple(f"{name} {part}" for name, part in names if part)


def sign_of(char: str) -> str:
    """Return the sign that stands for a character in a pattern; marks stand for themselves.

    >>> "".join(map(sign_of, "7Qq값車あ-"))
    'dAa가漢あ-'
    """
    first = char[0]
    if first.isascii():
        if first.isdigit():
            return "d"
        return ("A" if first.isupper() else "a") if first.isalpha() else first
    if parts(first):
        return "가"
    category = unicodedata.category(first)
    if category == "Nd":
        return "d"
    if category == "Lu":
        return "A"
    if category == "Ll":
        return "a"
    if category == "Lo":
        name = unicodedata.name(first, "")
        return "漢" if name.startswith("CJK") else "あ"
    return char


def pattern_of(text: str) -> str:
    """Return the shape of a text; from `LONGEST_RUN` on, signs in a row are as one.

    >>> [pattern_of(text) for text in ("57.01", "A-12", "값 1,000원", "TOTAL 12345")]
    ['dd.dd', 'A-dd', '가 d,ddd가', 'AAA+ ddd+']
    """
    pattern = ""
    for sign, run in groupby(map(sign_of, clusters(text))):
        count = sum(1 for _ in run)
        pattern += sign * min(count, LONGEST_RUN) + "+" * (count > LONGEST_RUN)
    return pattern


def bucket_of(length: int) -> str:
    """Name the bucket of a length.

    >>> bucket_of(5), bucket_of(99)
    ('5-8', '41 and more')
    """
    for low, high in LENGTHS:
        if length <= high:
            return f"{low}-{high}"
    return f"{LENGTHS[-1][1] + 1} and more"


def needed_in_epoch(held: int, lines: int, enough: int = ENOUGH) -> int:
    """Count the drawn lines that an epoch needs with what `held` of so many own lines hold.

    So many that it stands in an epoch as often as what own lines teach does.

    >>> needed_in_epoch(0, 100), needed_in_epoch(20, 100), needed_in_epoch(30, 100)
    (30, 10, 0)
    """
    return round(max(0, enough - held) * times_of(lines))
