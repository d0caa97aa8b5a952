"""What a mix is asked for: files, ratio, limits and all other options, as values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Literal

from textlines.errors import UsageError
from textlines.labels.label_file import PLAIN, Dialect
from textlines.rules.line_rules import MAX_LENGTH
from textlines.rules.proportions import HIGHEST, LOWEST

CheckImages = Literal["listing", "stat", "none"]
_FORM = re.compile(r"(\d+(?:\.\d+)?)(?::(\d+(?:\.\d+)?))?")


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

    def new_amount(self, originals: int) -> int:
        """Return how much new stands beside so much original, rounded, and within the bounds.

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


By = Literal["lines", "characters"]
OnShortage = Literal["error", "repeat", "accept"]
Placing = Literal["in_place", "link", "copy"]


@dataclass(frozen=True, slots=True)
class MixInputs:
    """The files that a mix reads.

    Attributes:
        own: labelled lines of the team's own scene, all in every epoch.
        replay: label files by the name of their set.
        images: the folder that paths start from, by role; "" is for all roles without one. What
            is not named takes each label file's own.
        previous: the mix.json of an earlier mix, whose lines are preferred.
        dialect: how all of the label files depart from PaddleOCR's form.
    """

    new: tuple[Path, ...] = ()
    own: tuple[Path, ...] = ()
    original: tuple[Path, ...] = ()
    distil: tuple[Path, ...] = ()
    general: tuple[Path, ...] = ()
    replay: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    dictionary: Path | None = None
    profile: Path | None = None
    like: Path | None = None
    previous: Path | None = None
    images: Mapping[str, Path] = field(default_factory=dict)
    dialect: Dialect = PLAIN


@dataclass(frozen=True, slots=True)
class MixOptions:
    """How a mix is made.

    Attributes:
        general_ratio: of the own scene to general scenes.
        own_times: how often an own line stands in every epoch; None as `times_of` says.
        epochs: how many lists. epoch_lines: original lines (own and distilled ones among them) in
            each; None takes all, and beside own lines what the ratios ask for.
        even: choose new lines by what they hold; else by hash alone.
        alpha: 0..1, how natural the target is; 1 is the natural distribution.
        word_floor: share of its expected count that a frequent word or character keeps, 0..1.
        floor_words, floor_characters: how many of the most frequent have a floor.
        repeat_originals: how often an original line with rare characters may stand at most.
    """

    ratio: Ratio = field(default_factory=Ratio)
    by: By = "lines"
    general_ratio: Fraction = Fraction(1)
    own_times: int | None = None
    epochs: int = 1
    epoch_lines: int | None = None
    on_shortage: OnShortage = "error"
    check_images: CheckImages = "listing"
    even: bool = True
    alpha: float = 0.5
    word_floor: float = 0.9
    floor_words: int = 1000
    floor_characters: int = 200
    caps: tuple[Cap, ...] = ()
    repeat_originals: int = 1
    max_length: int = MAX_LENGTH
    use_space_char: bool | None = None
    strict: bool = False
    seed: int = 0
