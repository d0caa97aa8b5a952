"""How many new lines stand beside the original ones."""

import re
from dataclasses import dataclass
from fractions import Fraction

from textlines.errors import UsageError
from textlines.rules.proportions import HIGHEST, LOWEST

_FORM = re.compile(r"(\d+(?:\.\d+)?)(?::(\d+(?:\.\d+)?))?")


def read_ratio(text: str, option: str) -> Fraction:
    """Read a ratio as people write it: "8:1", "7.5:1", "8" or "3:2".

    Raises:
        UsageError: it is no ratio above 0.

    >>> read_ratio("7.5:1", "--ratio"), read_ratio("3", "--general-ratio")
    (Fraction(15, 2), Fraction(3, 1))
    """
    found = _FORM.fullmatch(text.strip())
    second = Fraction(found[2] or 1) if found else Fraction(0)
    if not found or not second or not Fraction(found[1]):
        raise UsageError(option, f"{text!r} is no ratio", "Write it as in 8:1.")
    return Fraction(found[1]) / second


@dataclass(frozen=True, slots=True)
class Ratio:
    """Original to new, 5:1 to 10:1, as a fraction of any denominator.

    Raises:
        UsageError: it is not within 5..10.
    """

    value: Fraction = Fraction(8)

    def __post_init__(self) -> None:
        if not LOWEST <= self.value <= HIGHEST:
            raise UsageError(
                "--ratio",
                f"{float(self.value):g}:1 is not within {LOWEST}:1 and {HIGHEST}:1",
                "More new lines make a model forget, fewer teach it nothing.",
            )

    def bounds(self, originals: int) -> tuple[int, int]:
        """Give the least and the most new amount that keeps 10:1 to 5:1, in lines or characters.

        >>> Ratio().bounds(4000)
        (400, 800)
        """
        return -(-originals // HIGHEST), originals // LOWEST

    def new_amount(self, originals: int) -> int:
        """Give how much new stands beside so much original, rounded, and within the bounds.

        Raises:
            UsageError: with 1 to 4 (and 6 to 9 for some) originals no whole number fits.

        >>> Ratio().new_amount(4000), Ratio(Fraction(5)).new_amount(13)
        (500, 2)
        """
        least, most = self.bounds(originals)
        if most < max(least, 1):
            raise UsageError(
                "--original",
                f"holds {originals} usable lines (with --distil): {HIGHEST}:1 to {LOWEST}:1 leaves "
                "no room for a new one",
                f"Name {LOWEST} original or distilled lines or more.",
            )
        # Half up, not half to even: by the same rule for every amount.
        return max(least, min(most, int(originals / self.value + Fraction(1, 2))))

    def holds(self, originals: int, new: int) -> bool:
        """Tell whether two amounts stand within 10:1 and 5:1."""
        return LOWEST * new <= originals <= HIGHEST * new


def general_amount(own: int, ratio: Fraction) -> int:
    """Give how many general lines stand beside so many of one's own (original and new).

    >>> general_amount(2946, Fraction(3))
    982
    """
    return int(own / ratio + Fraction(1, 2))
