"""What a planned text may not be."""

from dataclasses import dataclass

from textlines.labels.alphabet import Alphabet
from textlines.rules.line_rules import MAX_LENGTH, check_line

NARROWEST_PX = 12
"""Width of one character at height 48 that nearly every face is above; for the CTC rule."""

EXCLUDED = "excluded"


@dataclass(frozen=True, eq=False)
class Limits:
    """The alphabet, the length limit and the texts that are kept out.

    Attributes:
        alphabet: of the model; without one, every character may be planned.
        max_length: in characters, as PaddleOCR counts.
        excluded: texts of judging sets, canonical.
    """

    alphabet: Alphabet | None = None
    max_length: int = MAX_LENGTH
    excluded: frozenset[str] = frozenset()

    def fault(self, text: str) -> str | None:
        """Name the first reason why the text may not be planned: a code of the line rules,
        or "excluded"; None if it may.

        >>> limits = Limits(Alphabet(("1", "0")), 3, frozenset({"10"}))
        >>> [limits.fault(text) for text in ("01", "10", "1O", "0101")]
        [None, 'excluded', 'outside_dictionary', 'too_long']
        """
        if text in self.excluded:
            return EXCLUDED
        if self.alphabet is None:
            return "too_long" if len(text) > self.max_length else None
        found = check_line(
            text, self.alphabet, max_length=self.max_length, width_px=NARROWEST_PX * len(text)
        )
        return next((finding.code for finding in found if finding.severity == "error"), None)

    def can_hold(self, char: str) -> bool:
        """Say whether a label may hold the character at all."""
        return self.alphabet is None or not self.alphabet.missing(char)
