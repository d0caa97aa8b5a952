"""Figures of whole sets: whether there is enough of everything, and how far the sets are apart.

Enough: lines, samples of each character, originals for the new lines. Apart: the drift between
training, validation and production lines.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

from balance.checks.findings import Finding, Findings
from balance.checks.sets import LineSet, Role
from balance.checks.survey import Survey
from balance.drift import Drift, label_drifts, value_drift
from textlines.defects import of_checks
from textlines.labels.canonical import name_of
from textlines.wording import arranged, joined, say, say_n
from textlines.wording.counts import line_count

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
    first = next(
        (line_set for line_set in sets if line_set.role == "train" and line_set.lines), None
    )
    if first is None:
        return
    known = {row.char for row in counts}
    absent = [CharacterCount(c, 0, 0) for c, gain in sorted(hard.items()) if gain > 0]
    for row in chain((row for row in absent if row.char not in known), counts):
        if row.train >= floor or row.char == " ":
            continue
        judged = row.val >= JUDGED or hard.get(row.char, 0.0) > 0
        is_scarce = judged and row.train < JUDGED_FLOOR
        defect = of_checks.CHAR_SCARCE if is_scarce else of_checks.CHAR_FEW
        amounts = [say("{count:,} in training", count=row.train)]
        if row.val:
            amounts.append(say("{count:,} in validation", count=row.val))
        if hard.get(row.char, 0.0) > 0:
            amounts.append(say("misread by the model"))
        detail = arranged(
            "{char!r} ({name}): {told}",
            char=row.char,
            name=name_of(row.char[0]),
            told=joined(", ", amounts),
        )
        findings.add(Finding(defect, first.name, 0, detail, subject=row.char))


def check_lines(sets: Sequence[LineSet], findings: Findings) -> None:
    """Report a training set that is smaller than the guide asks for."""
    train = [line_set for line_set in sets if line_set.role == "train"]
    count = sum(len(line_set.lines) for line_set in train)
    if train and 0 < count < LEAST_LINES:
        findings.add(Finding(of_checks.FEW_LINES, train[0].name, 0, line_count(count)))


def check_ratio(sets: Sequence[LineSet], findings: Findings) -> None:
    """Report originals and new lines (named as such) whose ratio leaves 5:1 to 10:1."""
    old, new = (
        sum(len(line_set.lines) for line_set in sets if line_set.part == part)
        for part in ("original", "new")
    )
    if not old or not new:
        return
    low, high = RATIO
    if not low * new <= old <= high * new:
        first = next(line_set.name for line_set in sets if line_set.part == "new")
        detail = say(
            "{old} to {new}, {ratio:.2f}:1",
            old=say_n("{n:,} original", "{n:,} originals", old),
            new=say_n("{n:,} new line", "{n:,} new lines", new),
            ratio=old / new,
        )
        findings.add(Finding(of_checks.RATIO, first, 0, detail))


@dataclass(frozen=True, slots=True)
class DriftRow:
    """Drift of the lines of one role from those of another, the reference."""

    role: Role
    reference: Role
    drift: Drift


ROLE_NAMES: dict[Role, str] = {
    "train": say("training"),
    "val": say("validation"),
    "like": say("production"),
}
LEAST_COMPARED = 20
"""Lines that a set must have to be compared."""


def check_drifts(
    sets: Sequence[LineSet], survey: Survey | None, findings: Findings
) -> tuple[DriftRow, ...]:
    """Compare every two roles that have lines; large drifts become findings.

    The width is compared where the images of both were looked at (those of `like` never are).
    """
    rows = []
    roles: tuple[Role, ...] = ("train", "val", "like")
    for role, reference in combinations(roles, 2):
        here, there = _labels(sets, role), _labels(sets, reference)
        if min(len(here), len(there)) < LEAST_COMPARED:
            continue
        drifts = list(label_drifts(here, there))
        shapes = [_shapes(sets, side, survey) for side in (role, reference)]
        if min(map(len, shapes)) >= LEAST_COMPARED:
            drifts.append(value_drift("width", *shapes))
        rows += [DriftRow(role, reference, drift) for drift in drifts]
        file = next(line_set.name for line_set in sets if line_set.role == role)
        for drift in drifts:
            if drift.is_far:
                figures = f"PSI {drift.psi:.2f}"
                figures += f", KS {drift.ks:.2f}" if drift.ks is not None else ""
                detail = say(
                    "{role} against {reference}: {figures}; {detail}",
                    role=ROLE_NAMES[role],
                    reference=ROLE_NAMES[reference],
                    figures=figures,
                    detail=drift.detail,
                )
                findings.add(
                    Finding(
                        of_checks.DRIFTS[drift.name],
                        file,
                        detail=detail,
                        subject=f"{role} {reference}",
                    )
                )
    return tuple(rows)


def _labels(sets: Sequence[LineSet], role: Role) -> list[str]:
    return [line.label for line_set in sets if line_set.role == role for line in line_set.lines]


def _shapes(sets: Sequence[LineSet], role: Role, survey: Survey | None) -> list[float]:
    """Return width by height of the images, in tenths, so that equal crops fall together."""
    if survey is None or role == "like":
        return []
    facts = (
        survey.facts[line_set.image(line)]
        for line_set in sets
        if line_set.role == role
        for line in line_set.lines
    )
    return [round(fact.width / fact.height, 1) for fact in facts if fact.height]
