"""Judged lines as values: pairs of readings, the numbers that a decision is made from, characters.

The unit of the test on characters is the line: one line that went wrong as a whole loses many
characters at once, and counting each of them as evidence of its own would find falls that are none.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from textlines.formats.judged_set import JudgedSet
from textlines.profile.align import align
from textlines.profile.units import splitter
from train.judging.intervals import Stratum
from train.judging.significance import mcnemar
from train.judging.strictness import Strictness
from train.judging.verdict import CharacterChange, SpaceChange, VetoKind


@dataclass(frozen=True, slots=True)
class PairedLine:
    """One line that both models read.

    Attributes:
        path: from the folder of the images on.
        label, base, candidate: texts as they are.
        keys: what the set's comparison leaves of the three, in this order.
        unturned: what it leaves of the base's reading of the crop as it lies; None where that is
            its reading.
    """

    path: str
    label: str
    base: str
    candidate: str
    keys: tuple[str, str, str]
    unturned: str | None = None

    @property
    def base_is_right(self) -> bool:
        """Whether the base read it right."""
        return self.keys[1] == self.keys[0]

    @property
    def candidate_is_right(self) -> bool:
        """Whether the candidate read it right."""
        return self.keys[2] == self.keys[0]

    @property
    def unturned_is_right(self) -> bool:
        """Whether the base read it right as it lies."""
        return (self.keys[1] if self.unturned is None else self.unturned) == self.keys[0]


def paired(
    judged: JudgedSet | Strictness,
    path: str,
    label: str,
    base: str,
    candidate: str,
    unturned: str | None = None,
) -> PairedLine:
    """Pair two readings of a line under a comparison.

    Args:
        unturned: what the base reads in the crop as it lies, if that is another reading.
    """
    keys = (judged.key(label), judged.key(base), judged.key(candidate))
    lies = None if unturned is None else judged.key(unturned)
    return PairedLine(
        path=path, label=label, base=base, candidate=candidate, keys=keys, unturned=lies
    )


@dataclass(frozen=True, slots=True, eq=False)
class SetNumbers:
    """One judged set as numbers; the arrays have one for each line, at least one.

    Attributes:
        name: of the set, unique.
        is_target: or general.
        base, candidate: whether each has the line right.
        groups: number of each line's group; None for lines that stand alone.
        is_rendered: it holds rendered lines, which prove harm and never its absence.
    """

    name: str
    is_target: bool
    base: npt.NDArray[np.bool_]
    candidate: npt.NDArray[np.bool_]
    groups: npt.NDArray[np.intp] | None = None
    is_rendered: bool = False

    @property
    def mended(self) -> int:
        """Count the lines that only the candidate has right."""
        return int(np.count_nonzero(self.candidate & ~self.base))

    @property
    def broken(self) -> int:
        """Count the lines that only the base has right."""
        return int(np.count_nonzero(self.base & ~self.candidate))

    def stratum(self) -> Stratum:
        """Return what the bootstrap draws from."""
        return Stratum(self.candidate.astype(np.int8) - self.base.astype(np.int8), self.groups)

    def some(self, chosen: npt.NDArray[np.bool_]) -> "SetNumbers":
        """Return some of the lines, by a mask."""
        groups = None if self.groups is None else self.groups[chosen]
        return replace(
            self, base=self.base[chosen], candidate=self.candidate[chosen], groups=groups
        )


def numbers(
    name: str,
    is_target: bool,
    lines: Sequence[PairedLine],
    groups: npt.NDArray[np.intp] | None = None,
    *,
    is_rendered: bool = False,
) -> SetNumbers:
    """Turn the lines of a set into numbers."""
    return SetNumbers(
        name=name,
        is_target=is_target,
        base=np.array([line.base_is_right for line in lines], np.bool_),
        candidate=np.array([line.candidate_is_right for line in lines], np.bool_),
        groups=groups,
        is_rendered=is_rendered,
    )


def turning_numbers(
    name: str,
    is_target: bool,
    lines: Sequence[PairedLine],
    groups: npt.NDArray[np.intp] | None = None,
) -> SetNumbers:
    """Turn the base's readings into numbers: as the crops lie, and in their turns."""
    return SetNumbers(
        name=name,
        is_target=is_target,
        base=np.array([line.unturned_is_right for line in lines], np.bool_),
        candidate=np.array([line.base_is_right for line in lines], np.bool_),
        groups=groups,
    )


@dataclass(frozen=True, slots=True)
class Veto:
    """One further reading.

    Attributes:
        comparison: in words: "exact", "casefold+nospace", or of several sets.
        numbers: of its lines, under that comparison.
    """

    kind: VetoKind
    comparison: str
    numbers: SetNumbers

    @property
    def p(self) -> float:
        """The exact McNemar test, two-sided."""
        return mcnemar(self.numbers.mended, self.numbers.broken)

    @property
    def change(self) -> float:
        """The change, as a share of its lines."""
        return (self.numbers.mended - self.numbers.broken) / len(self.numbers.base)


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
        """The share that the base read right; 0 for a character that no label holds."""
        return self.base_right / self.support if self.support else 0.0

    @property
    def candidate_recall(self) -> float:
        """The share that the candidate read right."""
        return self.candidate_right / self.support if self.support else 0.0

    @property
    def is_well_read(self) -> bool:
        """Whether a fall of it would fail the candidate."""
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
        label, base, candidate = (split(key) for key in line.keys)
        units = Counter(label)
        tally.support.update(units)
        ours = _right(label, units, candidate)
        theirs = ours if base == candidate else _right(label, units, base)
        for at, counts in enumerate((theirs, ours)):
            tally.right[at].update(counts[0])
            tally.inserted[at] += counts[1]
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
    label: tuple[str, ...], units: Counter[str], read: tuple[str, ...]
) -> tuple[Counter[str], int]:
    """Count what was read right, by character, and the spaces that were read where none stand."""
    if label == read:
        return units, 0
    right: Counter[str] = Counter()
    inserted = 0
    for edit in align(label, read):
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
            char=char,
            support=tally.support[char],
            base_right=tally.right[0][char],
            candidate_right=tally.right[1][char],
            fell=tally.fell[char],
            rose=tally.rose[char],
            base_inserted=base,
            candidate_inserted=candidate,
        )


def character_rows(
    characters: Sequence[CharacterPair], tests: Mapping[str, tuple[float, float]]
) -> tuple[CharacterChange, ...]:
    """Return a row for each character but the space; those that fell most first."""
    rows = [
        CharacterChange(
            char=pair.char,
            support=pair.support,
            base_recall=round(pair.base_recall, 6),
            candidate_recall=round(pair.candidate_recall, 6),
            fell=pair.fell,
            rose=pair.rose,
            p=tests[pair.char][0] if pair.char in tests else None,
            holm=tests[pair.char][1] if pair.char in tests else None,
        )
        for pair in characters
        if pair.char != SPACE and pair.support
    ]
    return tuple(sorted(rows, key=lambda row: (row.rose - row.fell, -row.support, row.char)))


def space_row(characters: Sequence[CharacterPair], p: float | None) -> SpaceChange | None:
    """Return the figures of the space; None when neither labels nor readings hold one."""
    space = next((pair for pair in characters if pair.char == SPACE), None)
    if space is None or p is None:
        return None
    return SpaceChange(
        support=space.support,
        base_right=space.base_right,
        candidate_right=space.candidate_right,
        base_inserted=space.base_inserted,
        candidate_inserted=space.candidate_inserted,
        fell=space.fell,
        rose=space.rose,
        p=p,
    )
