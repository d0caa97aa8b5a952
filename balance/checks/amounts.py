"""Whether there is enough: lines, samples of each character, originals for the new lines."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from balance.checks.findings import Finding, Findings
from balance.checks.sets import LineSet
from textlines.defects import of_checks
from textlines.labels.canonical import name_of
from textlines.wording import arranged, joined, say, say_n

LEAST_LINES = 5000
"""Real lines that the fine-tune guide asks for with an unchanged dictionary."""

FLOOR, JUDGED_FLOOR = 200, 30
"""Samples of a character in training: fewer are a warning; fewer are an error where the
character is judged."""

JUDGED = 30
"""A character that stands so often in the validation lines is judged by them."""

RATIO = (5.0, 10.0)


@dataclass(frozen=True, slots=True)
class CharacterCount:
    """How often a character stands in training and in validation lines."""

    char: str
    train: int
    val: int


def character_counts(sets: Sequence[LineSet]) -> tuple[CharacterCount, ...]:
    """Count the characters (not the space), fewest in training first."""
    train, val = (
        Counter(chain.from_iterable(line.label for s in sets if s.role == role for line in s.lines))
        for role in ("train", "val")
    )
    rows = [CharacterCount(c, train[c], val[c]) for c in {*train, *val} if c != " "]
    return tuple(sorted(rows, key=lambda row: (row.train, row.char)))


def check_characters(
    sets: Sequence[LineSet],
    counts: Sequence[CharacterCount],
    hard: Mapping[str, float],
    findings: Findings,
    *,
    floor: int = FLOOR,
) -> None:
    """Report characters with too few training lines.

    Args:
        counts: as `character_counts` gives them.
        hard: gain by character of a profile: those above 0 are what a training is for, and so
            are judged whatever the validation set holds.
        floor: below it is a warning; an error below 30 where the character is judged.
    """
    first = next((one for one in sets if one.role == "train" and one.lines), None)
    if first is None:
        return
    known = {row.char for row in counts}
    absent = [CharacterCount(c, 0, 0) for c, gain in sorted(hard.items()) if gain > 0]
    for row in chain((one for one in absent if one.char not in known), counts):
        if row.train >= floor or row.char == " ":
            continue
        judged = row.val >= JUDGED or hard.get(row.char, 0.0) > 0
        is_scarce = judged and row.train < JUDGED_FLOOR
        defect = of_checks.CHAR_SCARCE if is_scarce else of_checks.CHAR_FEW
        told = [say("{count:,} in training", count=row.train)]
        if row.val:
            told.append(say("{count:,} in validation", count=row.val))
        if hard.get(row.char, 0.0) > 0:
            told.append(say("misread by the model"))
        detail = arranged(
            "{char!r} ({name}): {told}",
            char=row.char,
            name=name_of(row.char[0]),
            told=joined(", ", told),
        )
        findings.add(Finding(defect, first.name, 0, detail, subject=row.char))


def check_lines(sets: Sequence[LineSet], findings: Findings) -> None:
    """Report a training set that is smaller than the guide asks for."""
    train = [one for one in sets if one.role == "train"]
    count = sum(len(one.lines) for one in train)
    if train and 0 < count < LEAST_LINES:
        findings.add(
            Finding(
                of_checks.FEW_LINES, train[0].name, 0, say_n("{n:,} line", "{n:,} lines", count)
            )
        )


def check_ratio(sets: Sequence[LineSet], findings: Findings) -> None:
    """Report originals and new lines (named as such) whose ratio leaves 5:1 to 10:1."""
    old, new = (
        sum(len(one.lines) for one in sets if one.part == part) for part in ("original", "new")
    )
    if not old or not new:
        return
    low, high = RATIO
    if not low * new <= old <= high * new:
        first = next(one.name for one in sets if one.part == "new")
        detail = say(
            "{old:,} originals to {new:,} new lines, {ratio:.2f}:1",
            old=old,
            new=new,
            ratio=old / new,
        )
        findings.add(Finding(of_checks.RATIO, first, 0, detail))
