"""From judged lines and a decision to the verdict."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from textlines.formats.judged_set import JudgedBy
from train.judging.characters import SPACE, CharacterPair
from train.judging.decision import Decision
from train.judging.intervals import Change, change_over
from train.judging.judged_lines import JudgedLines
from train.judging.label_pattern import dominant
from train.judging.line_kinds import length_group, script_group
from train.judging.paired_lines import SetNumbers
from train.judging.significance import smallest_provable_gain
from train.judging.verdict import (
    ChangeRow,
    CharacterRow,
    FlippedLine,
    KindRow,
    PatternRow,
    SetRow,
    SpaceRow,
    TurningRow,
    VetoRow,
)
from train.judging.vetoes import Veto, adjusted, flips_of

LEAST_FLIPS = 0.01
"""Share of lines that flips for no reason in any fine-tuning: fewer seen prove little."""


def change_row(sets: Sequence[SetNumbers], change: Change) -> ChangeRow:
    """Give accuracies and flips over some sets."""
    lines = sum(len(one.base) for one in sets)
    return ChangeRow(
        lines=lines,
        base=_share(sum(int(one.base.sum()) for one in sets), lines),
        candidate=_share(sum(int(one.candidate.sum()) for one in sets), lines),
        change=round(change.value, 6),
        interval=(round(change.interval[0], 6), round(change.interval[1], 6)),
        flips=round(change.flips, 6),
        mended=sum(one.mended for one in sets),
        broken=sum(one.broken for one in sets),
    )


def set_rows(judged: Sequence[JudgedLines], decision: Decision, seed: int) -> tuple[SetRow, ...]:
    """Give a row for each set, with an interval of its own."""
    rows = []
    for one in judged:
        own = one.numbers()
        comparison: JudgedBy = one.listed.judged.comparison
        rows.append(
            SetRow(
                name=own.name,
                role="target" if own.is_target else "general",
                comparison=comparison,
                figures=change_row([own], change_over([own.stratum()], seed=seed)),
                p=decision.p[own.name],
                holm=decision.holm.get(own.name),
                drawn=one.drawn,
                left_out=one.listed.lines - len(one.lines),
                is_synthetic=one.listed.is_synthetic,
            )
        )
    return tuple(rows)


def veto_rows(vetoes: Sequence[Veto], seed: int) -> tuple[VetoRow, ...]:
    """Return a row for each further reading of general lines."""
    return tuple(
        VetoRow(
            kind=one.kind,
            name=one.numbers.name,
            comparison=one.comparison,
            figures=change_row([one.numbers], change_over([one.numbers.stratum()], seed=seed)),
            p=one.p,
            holm=p,
        )
        for one, p in zip(vetoes, adjusted(vetoes), strict=True)
    )


def kind_rows(judged: Sequence[JudgedLines]) -> tuple[KindRow, ...]:
    """Count the general lines by script and length, those of which most was forgotten first."""
    counts: dict[tuple[str, str], list[int]] = {}
    for one in judged:
        if one.listed.is_target:
            continue
        for line, flip in zip(one.lines, flips_of(one), strict=True):
            kind = script_group(line.truth), length_group(line.truth)
            row = counts.setdefault(kind, [0, 0, 0])
            row[0] += 1
            row[1] += int(flip > 0)
            row[2] += int(flip < 0)
    rows = [
        KindRow(script=script, length=length, lines=lines, mended=mended, broken=broken)
        for (script, length), (lines, mended, broken) in counts.items()
    ]
    return tuple(sorted(rows, key=lambda row: (row.mended - row.broken, row.script, row.length)))


def character_rows(
    characters: Sequence[CharacterPair], tests: Mapping[str, tuple[float, float]]
) -> tuple[CharacterRow, ...]:
    """Give a row for each character but the space; those that fell most first."""
    rows = [
        CharacterRow(
            char=one.char,
            support=one.support,
            base_recall=round(one.base_recall, 6),
            candidate_recall=round(one.candidate_recall, 6),
            fell=one.fell,
            rose=one.rose,
            p=tests[one.char][0] if one.char in tests else None,
            holm=tests[one.char][1] if one.char in tests else None,
        )
        for one in characters
        if one.char != SPACE and one.support
    ]
    return tuple(sorted(rows, key=lambda row: (row.rose - row.fell, -row.support, row.char)))


def space_row(characters: Sequence[CharacterPair], p: float | None) -> SpaceRow | None:
    """Give the figures of the space; None when neither labels nor readings hold one."""
    space = next((one for one in characters if one.char == SPACE), None)
    if space is None or p is None:
        return None
    return SpaceRow(
        support=space.support,
        base_right=space.base_right,
        candidate_right=space.candidate_right,
        base_inserted=space.base_inserted,
        candidate_inserted=space.candidate_inserted,
        fell=space.fell,
        rose=space.rose,
        p=p,
    )


def pattern_row(targets: Sequence[JudgedLines], seed: int) -> PatternRow | None:
    """Give the gain with and without the pattern that stands out among the target's labels."""
    found = dominant([line.keys[0] for one in targets for line in one.lines])
    if found is None:
        return None
    parts: list[ChangeRow | None] = []
    for wanted in (True, False):
        some = []
        for one in targets:
            fits = np.array([found.fits(line.keys[0]) is wanted for line in one.lines], np.bool_)
            if fits.any():
                some.append(one.numbers().some(fits))
        strata = [one.stratum() for one in some]
        parts.append(change_row(some, change_over(strata, seed=seed)) if some else None)
    return PatternRow(
        pattern=found.told(), share=round(found.share, 6), within=parts[0], without=parts[1]
    )


def turning_row(judged: Sequence[JudgedLines], seed: int) -> TurningRow:
    """Return what reading crops in their turns brings to the base alone."""
    parts: list[ChangeRow | None] = []
    for is_target in (True, False):
        some = [one.turning_numbers() for one in judged if one.listed.is_target is is_target]
        strata = [one.stratum() for one in some]
        parts.append(change_row(some, change_over(strata, seed=seed)) if some else None)
    return TurningRow(
        target=parts[0],
        general=parts[1],
        base_turned=sum(one.turned[0] for one in judged),
        candidate_turned=sum(one.turned[1] for one in judged),
    )


def smallest_gain(target: Change) -> tuple[float, float]:
    """Give the least gain that these target lines show, and the flips that it reckons with.

    Flips beyond the gain that was seen, but at least 1 % of the lines.
    """
    flips = max(LEAST_FLIPS, target.flips - abs(target.value))
    gain = smallest_provable_gain(target.lines, min(flips, 1.0), design=target.design)
    return round(gain, 6), round(flips, 6)


def flipped_lines(judged: Sequence[JudgedLines]) -> Iterator[FlippedLine]:
    """Give the lines that only one of the two has right, set by set: by the set's comparison, or
    else by the strictest that its labels allow.
    """
    for one in judged:
        for line, strict in zip(one.lines, flips_of(one), strict=True):
            own = line.candidate_is_right - line.base_is_right
            if not own and not strict:
                continue
            yield FlippedLine(
                set=one.listed.name,
                path=line.path,
                kind="broken" if (own or strict) < 0 else "mended",
                truth=line.truth,
                base=line.base,
                candidate=line.candidate,
                strictly=not own,
            )


def _share(part: int, whole: int) -> float:
    return round(part / whole, 6)
