"""How each character was read by base and candidate, pair by pair.

The unit of the test is the line: one line that went wrong as a whole loses many characters at
once, and counting each of them as evidence of its own would find falls that are none.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from textlines.profile.align import align
from textlines.profile.units import splitter
from train.judging.paired_lines import PairedLine

SPACE = " "

WELL_READ = 0.95
"""Recall from which on a character is one that the base reads well."""

LEAST_SUPPORT = 30
"""Fewer occurrences tell nothing of a character."""


@dataclass(frozen=True, slots=True)
class CharacterPair:
    """One character of the labels, read by both.

    Attributes:
        char: as the comparison of its set leaves it (folded where case is folded).
        support: occurrences. base_right, candidate_right: how many of them each read right.
        fell, rose: lines in which the candidate read fewer, or more, of them right.
        base_inserted, candidate_inserted: read where none stands; counted for the space alone,
            where they count as faults in `fell` and `rose`.
    """

    char: str
    support: int
    base_right: int
    candidate_right: int
    fell: int
    rose: int
    base_inserted: int = 0
    candidate_inserted: int = 0

    @property
    def base_recall(self) -> float:
        """Give the share that the base read right; 0 for a character that no label holds."""
        return self.base_right / self.support if self.support else 0.0

    @property
    def candidate_recall(self) -> float:
        """Give the share that the candidate read right."""
        return self.candidate_right / self.support if self.support else 0.0

    @property
    def is_well_read(self) -> bool:
        """Tell whether a fall of it would fail the candidate."""
        return self.support >= LEAST_SUPPORT and self.base_recall >= WELL_READ


@dataclass(slots=True)
class _Tally:
    support: Counter[str] = field(default_factory=Counter)
    right: tuple[Counter[str], Counter[str]] = field(
        default_factory=lambda: (Counter[str](), Counter[str]())
    )
    inserted: list[int] = field(default_factory=lambda: [0, 0])
    fell: Counter[str] = field(default_factory=Counter)
    rose: Counter[str] = field(default_factory=Counter)


def pair_characters(lines: Iterable[PairedLine]) -> tuple[CharacterPair, ...]:
    """Pair the characters of all lines, as their sets' comparisons leave them.

    Returns:
        Most frequent first; the space among them when a label or a reading holds one.
    """
    tally, split = _Tally(), splitter(None)
    for line in lines:
        truth, base, candidate = (split(key) for key in line.keys)
        units = Counter(truth)
        tally.support.update(units)
        ours = _right(truth, units, candidate)
        theirs = ours if base == candidate else _right(truth, units, base)
        for at, found in enumerate((theirs, ours)):
            tally.right[at].update(found[0])
            tally.inserted[at] += found[1]
        if theirs is ours:
            continue
        for char in units:
            # A space that was read where none stands is a fault of spaces.
            extra = (theirs[1] - ours[1]) if char == SPACE else 0
            _count(tally, char, ours[0][char] - theirs[0][char] + extra)
        if SPACE not in units:
            _count(tally, SPACE, theirs[1] - ours[1])
    return tuple(_pairs(tally))


def _right(
    truth: tuple[str, ...], units: Counter[str], read: tuple[str, ...]
) -> tuple[Counter[str], int]:
    """Count what was read right, by character, and the spaces that were read where none stand."""
    if truth == read:
        return units, 0
    right: Counter[str] = Counter()
    inserted = 0
    for edit in align(truth, read):
        if edit.kind == "right":
            right[edit.truth] += 1
        elif edit.read == SPACE:
            inserted += 1
    return right, inserted


def _count(tally: _Tally, char: str, difference: int) -> None:
    if difference < 0:
        tally.fell[char] += 1
    elif difference > 0:
        tally.rose[char] += 1


def _pairs(tally: _Tally) -> Iterable[CharacterPair]:
    chars = set(tally.support)
    if any(tally.inserted):
        chars.add(SPACE)
    for char in sorted(chars, key=lambda char: (-tally.support[char], char)):
        base, candidate = tally.inserted if char == SPACE else (0, 0)
        yield CharacterPair(
            char,
            tally.support[char],
            tally.right[0][char],
            tally.right[1][char],
            tally.fell[char],
            tally.rose[char],
            base,
            candidate,
        )
