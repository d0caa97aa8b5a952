"""One pattern that many target labels share, so that a gain on it alone is seen as such.

58 % of a set of meter readings may end in `.00`: a model that learned to write `.00` gains there.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from textlines.wording import Sentence, say

LEAST_SHARE = 0.4
FEWEST_LABELS = 10
SHORTEST, LONGEST = 2, 12
"""Characters of a shared beginning or end."""

COMMON_SHAPE = 0.9
"""A shape that more labels have is what these labels are; nothing would stand apart."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """What many labels share.

    Attributes:
        kind: where `text` stands; for a shape, `text` has 9 for digits and a for letters.
        share: of the labels that have it, 0..1.
    """

    kind: Literal["ends in", "starts with", "looks like"]
    text: str
    share: float

    def fits(self, label: str) -> bool:
        """Tell whether a label has it."""
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


def dominant(labels: Sequence[str]) -> Pattern | None:
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
        found = [
            pattern
            for pattern in (
                _most("ends in", [label[-size:] for label in long], len(labels)),
                _most("starts with", [label[:size] for label in long], len(labels)),
            )
            if pattern
        ]
        if found:
            return max(found, key=lambda one: one.share)
    alike = _most("looks like", [shape(label) for label in labels], len(labels))
    return alike if alike and alike.share <= COMMON_SHAPE else None


def _most(
    kind: Literal["ends in", "starts with", "looks like"], texts: Sequence[str], of: int
) -> Pattern | None:
    if not texts:
        return None
    text, count = min(Counter(texts).items(), key=lambda item: (-item[1], item[0]))
    return Pattern(kind, text, count / of) if count >= LEAST_SHARE * of else None
