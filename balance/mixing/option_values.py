"""Values of the options of a mix, and how people write them: ratios, caps, folders, memory."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import get_args

from textlines.errors import UsageError
from textlines.rules.proportions import HIGHEST, LOWEST
from textlines.wording.counts import count_of

_FORM = re.compile(r"(\d+(?:\.\d+)?)(?::(\d+(?:\.\d+)?))?")

LEAST_MEMORY = 32 << 20
"""Bytes to sort in."""

_UNITS = {"": 1, "K": 10, "M": 20, "G": 30, "T": 40}


def read_ratio(text: str, option: str) -> Fraction:
    """Read a ratio as people write it: "8:1", "7.5:1", "8" or "3:2".

    Raises:
        UsageError: it is no ratio above 0.

    >>> read_ratio("7.5:1", "--ratio"), read_ratio("3", "--general-ratio")
    (Fraction(15, 2), Fraction(3, 1))
    """
    match = _FORM.fullmatch(text.strip())
    second = Fraction(match[2] or 1) if match else Fraction(0)
    if not match or not second or not Fraction(match[1]):
        raise UsageError(option, f"{text!r} is no ratio", "Write it as in 8:1.")
    return Fraction(match[1]) / second


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
        """Return the least and the most new amount that keeps 10:1 to 5:1, in lines or characters.

        >>> Ratio().bounds(4000)
        (400, 800)
        """
        return -(-originals // HIGHEST), originals // LOWEST

    def new_amount(self, originals: int, noun: str = "line") -> int:
        """Return how much new stands beside so much original, rounded, and within the bounds.

        Args:
            noun: what is counted, in words.

        Raises:
            UsageError: with 1 to 4 (and 6 to 9 for some) originals no whole number fits.

        >>> Ratio().new_amount(4000), Ratio(Fraction(5)).new_amount(13)
        (500, 2)
        """
        least, most = self.bounds(originals)
        if most < max(least, 1):
            distilled = noun == "line"  # no page is
            raise UsageError(
                "--original",
                f"holds {count_of(originals, f'usable {noun}')}{' (with --distil)' * distilled}: "
                f"{HIGHEST}:1 to {LOWEST}:1 leaves no room for a new one",
                f"Name {LOWEST} original{' or distilled' * distilled} {noun}s or more.",
            )
        # Half up, not half to even: by the same rule for every amount.
        return max(least, min(most, int(originals / self.value + Fraction(1, 2))))

    def holds(self, originals: int, new: int) -> bool:
        """Whether two amounts stand within 10:1 and 5:1."""
        return LOWEST * new <= originals <= HIGHEST * new


_KINDS = ("text", "face", "source")


@dataclass(frozen=True, slots=True)
class Cap:
    """One limit: `most` lines of a kind, or a share of the choice (0..1)."""

    kind: str
    most: int = 0
    share: float = 0.0

    def limit(self, lines: int) -> int:
        """Return how many lines of one group a choice of so many may hold; 1 or more."""
        return self.most or max(1, int(self.share * lines))


def read_caps(text: str) -> tuple[Cap, ...]:
    """Read caps as in "text=3,face=10%,source=50%".

    Raises:
        UsageError: a kind that is none, or a limit that is neither a count nor a share.

    >>> read_caps("text=3, face=10%")
    (Cap(kind='text', most=3, share=0.0), Cap(kind='face', most=0, share=0.1))
    """
    limits = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        kind, _, value = (piece.strip() for piece in part.partition("="))
        number = value.removesuffix("%")
        try:
            amount = float(number) / 100 if value.endswith("%") else int(number)
        except ValueError:
            amount = 0
        if kind not in _KINDS or amount <= 0 or (isinstance(amount, float) and amount > 1):
            raise UsageError(
                "--caps",
                f"{part!r} is no cap",
                f"Write {', '.join(_KINDS)} with a count or a share, as in text=3,face=10%.",
            )
        limits.append(
            Cap(kind, share=amount) if isinstance(amount, float) else Cap(kind, most=amount)
        )
    return tuple(limits)


def read_memory(text: str) -> int:
    """Read an amount of memory as in "4GB", in bytes.

    Raises:
        UsageError: it is none, or too little to sort in.

    >>> read_memory("200MB"), read_memory("1.5 GiB")
    (209715200, 1610612736)
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?", text.strip(), re.IGNORECASE)
    if not match:
        raise UsageError("--memory", f"{text!r} is no amount of memory", "Write it as in 4GB.")
    unit = _UNITS[match[2].upper()]
    amount = int(float(match[1]) * (1 << unit if unit > 1 else 1))
    if amount < LEAST_MEMORY:
        raise UsageError(
            "--memory", f"{text} is less than the {LEAST_MEMORY >> 20} MB to sort in", "Allow more."
        )
    return amount


ALL_ROLES = ""
"""In the place of a role: every role that has no folder of its own."""


def read_images(values: Sequence[str]) -> dict[str, Path]:
    """Read `--images`: DIR for all roles, or ROLE=DIR for one; each once.

    Raises:
        UsageError: a role has two folders, or a folder is not there.

    >>> {role: str(folder) for role, folder in read_images([".", "new=./"]).items()}
    {'': '.', 'new': '.'}
    """
    from textlines.formats.roles import Role  # loads numpy, which `--help` need not

    # A folder that is really named "new=x" is reached as "./new=x".
    folders: dict[str, Path] = {}
    for value in values:
        name, equals, rest = value.partition("=")
        role, folder = (name, rest) if equals and name in get_args(Role) else (ALL_ROLES, value)
        if role in folders:
            raise UsageError(
                "--images",
                f"{value} is a second folder for {role or 'all roles'}",
                "Say it once, or for a role: --images new=DIR.",
            )
        folders[role] = Path(folder)
        if not folders[role].is_dir():
            raise UsageError("--images", f"{folders[role]} is no folder", "Name a folder.")
    return folders


def read_replay(values: Sequence[str]) -> dict[str, tuple[Path, ...]]:
    """Read `--replay`, NAME=FILE; a name may come again, and a file after it belongs to it.

    Raises:
        UsageError: a value has no name, or one of other than letters and digits.

    >>> {name: len(files) for name, files in read_replay(["old=a.txt", "b.txt"]).items()}
    {'old': 2}
    """
    named: dict[str, tuple[Path, ...]] = {}
    last = ""
    for value in values:
        name, equals, file = value.partition("=")
        if not equals:
            name, file = last, value
        if not name or not file or not name.replace("-", "").replace("_", "").isalnum():
            raise UsageError("--replay", f"{value!r} is no NAME=FILE", "As in invoices=old.txt.")
        named[name] = (*named.get(name, ()), Path(file))
        last = name
    return named
