"""Characters that both models read, and the criteria on them.

The unit of the test is the line: one line that went wrong as a whole loses many characters at once,
and counting each of them as evidence of its own would find falls that are none.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from textlines.profile.align import align
from textlines.profile.units import splitter
from textlines.wording import UNSAID, joined, say
from textlines.wording.counts import line_count
from train.judging.figure_words import how_sure
from train.judging.significance import ALPHA, mcnemar
from train.judging.verdict import CharacterChange, Criterion, SpaceChange

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


def pair_characters(lines: Iterable[tuple[str, str, str]]) -> tuple[CharacterPair, ...]:
    """Pair the characters of all lines.

    Args:
        lines: label, base's and candidate's text of each, as the set's comparison leaves them.

    Returns:
        Most frequent first; the space among them when a label or a reading holds one.
    """
    tally, split = _Tally(), splitter(None)
    for keys in lines:
        label, base, candidate = map(split, keys)
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
            right[edit.label] += 1
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


_HOLD_CHARACTERS = say(
    "Add lines that hold these characters to what is distilled (balance mix --distil) and stopped "
    "by (train plan --general-stop), compared exactly, and train again."
)

_HOLD_SPACES = say(
    "Add lines that hold spaces to what is distilled (balance mix --distil) and stopped by (train "
    "plan --general-stop), compared exactly, and train again."
)


def characters_criterion(
    well_read: Sequence[CharacterPair], tests: dict[str, tuple[float, float]]
) -> Criterion:
    """Judge the characters that the base reads well.

    Args:
        tests: p, and p after Holm, of each.
    """
    title = say("No character that was read well fell")
    if not well_read:
        return Criterion(
            key="characters",
            title=title,
            status="not_judged",
            told=say(
                "none is read well ({least} times or more, recall 0.95 or more)",
                least=LEAST_SUPPORT,
            ),
        )
    fallen = [pair for pair in well_read if pair.fell > pair.rose and tests[pair.char][1] < ALPHA]
    words = joined(
        "; ",
        [
            say(
                "{char} from {base:.3f} to {candidate:.3f} (worse in {fell}, better in "
                "{rose}; {sure}, after Holm)",
                char=pair.char,
                base=pair.base_recall,
                candidate=pair.candidate_recall,
                fell=line_count(pair.fell),
                rose=pair.rose,
                sure=how_sure(tests[pair.char][1]),
            )
            for pair in fallen
        ],
    )
    if not fallen:
        words = say(
            "{count:,} well-read characters, none fell significantly after Holm",
            count=len(well_read),
        )
    return Criterion(
        key="characters",
        title=title,
        status="failed" if fallen else "passed",
        told=words,
        todo=_HOLD_CHARACTERS if fallen else UNSAID,
    )


def space_criterion(space: CharacterPair | None) -> Criterion:
    """Judge the space, however well the base reads it: lost spaces are half of all errors."""
    title = say("Spaces did not fall")
    if space is None or space.support < LEAST_SUPPORT:
        held = space.support if space else 0
        return Criterion(
            key="spaces",
            title=title,
            status="not_judged",
            told=say(
                "the labels hold {held} spaces, {least} are needed",
                held=held,
                least=LEAST_SUPPORT,
            ),
        )
    p = mcnemar(space.rose, space.fell)
    has_fallen = space.fell > space.rose and p < ALPHA
    return Criterion(
        key="spaces",
        title=title,
        status="failed" if has_fallen else "passed",
        told=say(
            "recall {base:.3f} to {candidate:.3f} of {support:,}, inserted {base_inserted:,} to "
            "{candidate_inserted:,}; worse in {fell}, better in {rose}; {sure}",
            base=space.base_recall,
            candidate=space.candidate_recall,
            support=space.support,
            base_inserted=space.base_inserted,
            candidate_inserted=space.candidate_inserted,
            fell=line_count(space.fell),
            rose=space.rose,
            sure=how_sure(p),
        ),
        todo=_HOLD_SPACES if has_fallen else UNSAID,
        value=space.candidate_recall - space.base_recall,
    )
