"""Labels beside readings, as rules are found in them."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from unicodedata import normalize

from rapidfuzz.distance import Levenshtein

from textlines.formats.reading_rules import ReadingRule, RuleStep
from textlines.profile.align import Edit, align
from textlines.profile.reading import Reading
from textlines.wording import UNSAID

Pair = tuple[str, str]
"""Label and reading."""


@dataclass(frozen=True)
class Lines:
    """Labels and readings in NFC, by code points: what the places of a rule are counted in."""

    pairs: tuple[Pair, ...]

    @classmethod
    def of(cls, readings: Iterable[Reading]) -> "Lines":
        """Compose both texts of each reading."""
        return cls(
            tuple((normalize("NFC", r.truth), normalize("NFC", r.prediction)) for r in readings)
        )

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The labels, in their order."""
        return tuple(truth for truth, _ in self.pairs)

    @cached_property
    def edits(self) -> Counter[Edit]:
        """How often what was read otherwise, put in or left out."""
        counts: Counter[Edit] = Counter()
        for truth, read in self.pairs:
            if truth != read:
                counts.update(e for e in align(tuple(truth), tuple(read)) if e.kind != "right")
        return counts

    @cached_property
    def replaced(self) -> dict[Pair, int]:
        """How often which character was read as which."""
        return {(e.truth, e.read): n for e, n in self.edits.items() if e.kind == "replaced"}

    @cached_property
    def label_characters(self) -> Counter[str]:
        """How often each character stands in the labels."""
        return Counter(char for truth in self.labels for char in truth)

    @cached_property
    def lengths(self) -> Counter[int]:
        """How many labels have which length."""
        return Counter(map(len, self.labels))

    def ruled(self, rule: ReadingRule) -> "Lines":
        """Return the lines with a rule applied to all readings."""
        return Lines(tuple((truth, rule.applied(read)) for truth, read in self.pairs))

    def read_characters(self) -> Iterator[str]:
        """Go through the characters of all readings."""
        return (char for _, read in self.pairs for char in read)


def is_mark(char: str) -> bool:
    """Whether a character is neither a letter nor a digit: what separates others."""
    return not char.isalnum()


def is_digit(char: str) -> bool:
    """Whether a character is one of 0 to 9: full-width ones are mended before."""
    return "0" <= char <= "9"


def without_harm(lines: Lines, steps: Sequence[RuleStep]) -> tuple[RuleStep, ...]:
    """Return the steps that do not take these readings further from their labels.

    Each alone, by edits and not by lines: where two places are misread, neither step alone makes
    the line right. Steps that change none of these readings stay.
    """
    kept = []
    for step in steps:
        rule = ReadingRule(kind="pattern", words=UNSAID, words_ko="", steps=(step,))
        find, gain = re.compile(step.find), 0
        for truth, read in lines.pairs:
            if find.fullmatch(read):
                made = rule.applied(read)
                gain += Levenshtein.distance(truth, read) - Levenshtein.distance(truth, made)
        if gain >= 0:
            kept.append(step)
    return tuple(kept)


def net(lines: Lines, rule: ReadingRule) -> tuple[int, int]:
    """Count the lines that a rule mends, and those that it breaks."""
    mended = broken = 0
    for truth, read in lines.pairs:
        made = rule.applied(read)
        mended += made == truth != read
        broken += read == truth != made
    return mended, broken
