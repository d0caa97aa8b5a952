"""Kinds of lines: by length, by script, whether they are prose, and the pattern that many share."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from textlines.labels.scripts import script_of
from textlines.wording import Sentence, say
from train.judging.verdict import LengthGroup

LONG = 40
"""Characters from which on a line is a long one. Book pages fell by 3 to 6 points while words and
receipts, whose lines are shorter, showed nothing."""

LEAST_SHARE = 0.01
"""Share of general lines that are to be long, and prose, for damage there to be seen."""

LENGTHS: tuple[tuple[int, LengthGroup], ...] = (
    (10, "1 to 9"),
    (25, "10 to 24"),
    (LONG, "25 to 39"),
)
"""Groups of lengths in characters: the first length that is beyond each."""

DIGITS = "digits and signs"
"""The group of lines that hold no letter."""

LENGTH_WORDS: Mapping[LengthGroup, Sentence] = {
    "1 to 9": say("1 to 9"),
    "10 to 24": say("10 to 24"),
    "25 to 39": say("25 to 39"),
    "40 and more": say("40 and more"),
}
SCRIPT_WORDS: Mapping[str, Sentence] = {
    DIGITS: say("digits and signs"),
    "Latin": say("Latin"),
    "Hangul": say("Hangul"),
    "Han": say("Han"),
    "Japanese": say("Japanese"),
    "Cyrillic": say("Cyrillic"),
    "Greek": say("Greek"),
    "Arabic": say("Arabic"),
    "Hebrew": say("Hebrew"),
    "Thai": say("Thai"),
    "Devanagari": say("Devanagari"),
}
"""What pages call the groups; another script goes by its name in Unicode."""

_UNSPACED = frozenset({"Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer", "Myanmar"})
"""Scripts whose prose has no spaces between words."""


def is_long(text: str) -> bool:
    """Whether a line is a long one."""
    return len(text) >= LONG


def length_group(text: str) -> LengthGroup:
    """Return the group of a text's length.

    >>> length_group("12.05"), length_group("x" * 40)
    ('1 to 9', '40 and more')
    """
    return next((name for beyond, name in LENGTHS if len(text) < beyond), "40 and more")


def script_group(text: str) -> str:
    """Return the script that most letters of a text are of; kana with Han are Japanese.

    >>> script_group("값 50,000 won"), script_group("12.05"), script_group("東京の駅")
    ('Latin', 'digits and signs', 'Japanese')
    """
    counts = Counter(script_of(char) for char in text if char.isalpha())
    for name in ("Common", "Inherited", "Unknown"):
        counts.pop(name, None)
    if not counts:
        return DIGITS
    if counts["Hiragana"] + counts["Katakana"]:
        counts["Japanese"] = sum(
            counts.pop(script, 0) for script in ("Hiragana", "Katakana", "Han")
        )
    return min(counts, key=lambda name: (-counts[name], name))


def is_prose(text: str) -> bool:
    """Whether a line reads like one of a book: words in a row, few digits, not all capitals.

    >>> is_prose("the boat lay still upon the water"), is_prose("TOTAL DUE 12.50 THANK YOU")
    (True, False)
    >>> is_prose("강가에는 아무도 없었고 바람만 불었다")
    True
    >>> is_prose("他沿着河慢慢走回去，天色已经暗了。")
    True
    """
    letters = [char for char in text if char.isalpha()]
    if len(letters) < 12 or len(letters) < 0.75 * len("".join(text.split())):
        return False
    cased = [char for char in letters if char.isupper() or char.islower()]
    if 2 * sum(map(str.isupper, cased)) > len(letters):
        return False
    unspaced = sum(script_of(char) in _UNSPACED for char in letters)
    return 2 * unspaced > len(letters) or len(text.split()) >= 4


def gaps_of(labels: Sequence[str]) -> tuple[Sentence, ...]:
    """Return which kinds of lines general labels hold next to nothing of, in words."""
    least = LEAST_SHARE * len(labels)
    gaps = []
    for name, count in (
        (
            say("long lines ({length} characters and more)", length=LONG),
            sum(map(is_long, labels)),
        ),
        (say("prose (sentences, as in a book or a letter)"), sum(map(is_prose, labels))),
    ):
        if count < max(least, 1):
            gaps.append(
                say(
                    "the general lines hold {count} {name} among {lines:,}: damage there is not "
                    "seen. Add such lines; `synth guard` renders some that can fail a candidate",
                    count=str(count) if count else say("no", context="count"),
                    name=name,
                    lines=len(labels),
                )
            )
    return tuple(gaps)


PATTERN_SHARE = 0.4
FEWEST_LABELS = 10
SHORTEST, LONGEST = 2, 12
"""Characters of a shared beginning or end."""

COMMON_SHAPE = 0.9
"""A shape that more labels have is what these labels are; nothing would stand apart."""


@dataclass(frozen=True, slots=True)
class LabelPattern:
    """What many labels share.

    Attributes:
        kind: where `text` stands; for a shape, `text` has 9 for digits and a for letters.
        share: of the labels that have it, 0..1.
    """

    kind: Literal["ends in", "starts with", "looks like"]
    text: str
    share: float

    def fits(self, label: str) -> bool:
        """Whether a label has it."""
        if self.kind == "ends in":
            return label.endswith(self.text)
        if self.kind == "starts with":
            return label.startswith(self.text)
        return shape(label) == self.text

    def told(self) -> Sentence:
        """Return it in words."""
        if self.kind == "ends in":
            return say("ends in {text!r}", text=self.text)
        if self.kind == "starts with":
            return say("starts with {text!r}", text=self.text)
        return say("looks like {text!r}", text=self.text)

    def __str__(self) -> str:
        return str(self.told())


def shape(label: str) -> str:
    """Write 9 for every digit and a for every letter; all else stays.

    >>> shape("No. 12/05")
    'aa. 99/99'
    """
    return "".join("9" if c.isdigit() else "a" if c.isalpha() else c for c in label)


def dominant(labels: Sequence[str]) -> LabelPattern | None:
    """Find the pattern that stands out most; None when none does.

    The longest beginning or end that at least 40 % of the labels share; without one, a shape of
    the whole label that 40 to 90 % of them have.

    >>> print(dominant([f"{n}.00" for n in range(6)] + ["1.25", "2.50", "3.75", "4.99"]))
    ends in '.00'
    """
    if len(labels) < FEWEST_LABELS:
        return None
    for size in range(LONGEST, SHORTEST - 1, -1):
        long = [label for label in labels if len(label) >= size]
        patterns = [
            pattern
            for pattern in (
                _most("ends in", [label[-size:] for label in long], len(labels)),
                _most("starts with", [label[:size] for label in long], len(labels)),
            )
            if pattern
        ]
        if patterns:
            return max(patterns, key=lambda pattern: pattern.share)
    alike = _most("looks like", [shape(label) for label in labels], len(labels))
    return alike if alike and alike.share <= COMMON_SHAPE else None


def _most(
    kind: Literal["ends in", "starts with", "looks like"], texts: Sequence[str], of: int
) -> LabelPattern | None:
    if not texts:
        return None
    text, count = min(Counter(texts).items(), key=lambda item: (-item[1], item[0]))
    return LabelPattern(kind, text, count / of) if count >= PATTERN_SHARE * of else None
