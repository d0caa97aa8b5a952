"""Numbers that carry a check digit, in a pattern: `<id business>`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from synth.draws import Draws

DIGITS = "0123456789"


@dataclass(frozen=True)
class Checked:
    """A number of a fixed form whose last digit follows from the others.

    Attributes:
        places: what may stand in each place but the last: some digits, or one sign.
        check: gives the last digit (0..9) for the digits before it.
    """

    name: str
    places: tuple[str, ...]
    check: Callable[[Sequence[int]], int]

    @cached_property
    def characters(self) -> frozenset[str]:
        """Name every character that the number can hold."""
        return frozenset(DIGITS).union(*self.places)

    def draw(self, draws: Draws, out: list[str]) -> None:
        """Append one drawn number."""
        self._write([draws.pick(place) for place in self.places], out)

    def draw_with(self, char: str, draws: Draws, out: list[str]) -> None:
        """Append a drawn number that holds `char`, one of `characters`."""
        drawn = [draws.pick(place) for place in self.places]
        at = draws.pick([k for k, place in enumerate(self.places) if char in place])
        drawn[at] = char
        self._write(drawn, out)

    def _write(self, drawn: Sequence[str], out: list[str]) -> None:
        out += [*drawn, str(self.check(_digits(drawn)))]

    def yields(self, text: str) -> bool:
        """Whether a text is such a number.

        >>> KINDS["ean13"].yields("8801234567893"), KINDS["ean13"].yields("8801234567890")
        (True, False)
        """
        if len(text) != len(self.places) + 1:
            return False
        before, last = text[:-1], text[-1]
        if not all(char in place for char, place in zip(before, self.places, strict=True)):
            return False
        return last == str(self.check(_digits(before)))


def _digits(chars: Sequence[str]) -> list[int]:
    return [int(char) for char in chars if char in DIGITS]


def _business(digits: Sequence[int]) -> int:
    """Check a Korean business registration number; the carry of the ninth digit counts too.

    >>> _business([1, 2, 3, 4, 5, 6, 7, 8, 9])
    1
    """
    weighed = sum(d * w for d, w in zip(digits, (1, 3, 7, 1, 3, 7, 1, 3, 5), strict=True))
    return -(weighed + digits[8] * 5 // 10) % 10


def _corporate(digits: Sequence[int]) -> int:
    """Check a Korean corporate registration number: weights 1 and 2 in turn.

    >>> _corporate([1, 1, 0, 1, 1, 1, 0, 0, 0, 0, 0, 1])
    0
    """
    return -sum(digit * (1 + k % 2) for k, digit in enumerate(digits)) % 10


def _ean13(digits: Sequence[int]) -> int:
    """Check a barcode: weights 1 and 3 in turn.

    >>> _ean13([8, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    3
    """
    return -sum(digit * (3 if k % 2 else 1) for k, digit in enumerate(digits)) % 10


NOT_0 = "123456789"

KINDS: Mapping[str, Checked] = {
    kind.name: kind
    for kind in (
        # Tax office, kind of business, its number.
        Checked(
            "business",
            ("123456", DIGITS, NOT_0, "-", DIGITS, NOT_0, "-", *(DIGITS,) * 4),
            _business,
        ),
        # Registry office, kind of corporation, its number.
        Checked(
            "corporate",
            ("12", "01234", DIGITS, "1", "12", "1234", "-", "0", *(DIGITS,) * 5),
            _corporate,
        ),
        Checked("ean13", (DIGITS,) * 12, _ean13),
    )
}
"""By the name in a pattern."""
