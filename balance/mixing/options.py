"""What a mix is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Literal

from balance.mixing.caps import Cap
from balance.mixing.listing import CheckImages
from balance.mixing.ratio import Ratio
from textlines.labels.label_file import PLAIN, Dialect
from textlines.rules.line_rules import MAX_LENGTH

By = Literal["lines", "characters"]
OnShortage = Literal["error", "repeat", "accept"]
Placing = Literal["in_place", "link", "copy"]


@dataclass(frozen=True, slots=True)
class Inputs:
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
class Options:
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
