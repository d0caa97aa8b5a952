"""The rows of a verdict: its figures by set, veto, kind of line, character, pattern and turning.

What passes or fails a candidate is decided before (`train.judging.decision`); this is what stands
beside it.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from textlines.formats.judged_set import JudgedBy
from train.judging.decision import GateDecision, sets_together
from train.judging.intervals import Change, change_over
from train.judging.judged_lines import (
    JudgedLines,
    flips_of,
)
from train.judging.line_kinds import dominant, length_group, script_group
from train.judging.paired_characters import CharacterPair, character_rows, space_row
from train.judging.set_criteria import SetNumbers, Veto, adjusted_p
from train.judging.significance import ALPHA, smallest_gain
from train.judging.verdict import (
    ChangeRow,
    FlippedLine,
    KindRow,
    PatternRow,
    SetRow,
    TurningRow,
    VetoRow,
)
from train.models.records import Turning


def verdict_rows(
    judged: Sequence[JudgedLines],
    decision: GateDecision,
    characters: Sequence[CharacterPair],
    vetoes: Sequence[Veto],
    *,
    seed: int,
    turning: Turning,
) -> dict[str, object]:
    """Return the fields of a verdict that hold figures and lines, by name.

    Args:
        characters, vetoes: that were decided on.
        seed: of the bootstrap.
        turning: as both models read the crops.
    """
    numbers = [judged_set.numbers() for judged_set in judged]
    alpha = decision.levels.target if decision.levels else ALPHA
    gain, flips = smallest_gain(decision.target, alpha)
    return {
        "target": change_row([each for each in numbers if each.is_target], decision.target),
        "general": change_row(sets_together(numbers), decision.general),
        "sets": set_rows(judged, decision, seed),
        "vetoes": veto_rows(vetoes, seed),
        "kinds": kind_rows(judged),
        "characters": character_rows(characters, decision.character_p),
        "spaces": space_row(characters, decision.space_p),
        "pattern": pattern_row([each for each in judged if each.listed.is_target], seed),
        "smallest_gain": gain,
        "smallest_gain_flips": flips,
        "flipped": tuple(flipped_lines(judged)),
        "turning": turning_row(judged, seed) if turning == "auto" else None,
    }


def change_row(sets: Sequence[SetNumbers], change: Change) -> ChangeRow:
    """Return accuracies and flips over some sets."""
    lines = sum(len(numbers.base) for numbers in sets)
    return ChangeRow(
        lines=lines,
        base=_share(sum(int(numbers.base.sum()) for numbers in sets), lines),
        candidate=_share(sum(int(numbers.candidate.sum()) for numbers in sets), lines),
        change=round(change.value, 6),
        interval=(round(change.interval[0], 6), round(change.interval[1], 6)),
        flips=round(change.flips, 6),
        mended=sum(numbers.mended for numbers in sets),
        broken=sum(numbers.broken for numbers in sets),
    )


def set_rows(
    judged: Sequence[JudgedLines], decision: GateDecision, seed: int
) -> tuple[SetRow, ...]:
    """Return a row for each set, with an interval of its own."""
    rows = []
    for judged_set in judged:
        numbers = judged_set.numbers()
        comparison: JudgedBy = judged_set.listed.judged.comparison
        rows.append(
            SetRow(
                name=numbers.name,
                role="target" if numbers.is_target else "general",
                comparison=comparison,
                figures=change_row([numbers], change_over([numbers.stratum()], seed=seed)),
                p=decision.p[numbers.name],
                holm=decision.holm.get(numbers.name),
                drawn=judged_set.drawn,
                left_out=judged_set.listed.lines - len(judged_set.lines),
                is_synthetic=judged_set.listed.is_synthetic,
            )
        )
    return tuple(rows)


def veto_rows(vetoes: Sequence[Veto], seed: int) -> tuple[VetoRow, ...]:
    """Return a row for each further reading of general lines."""
    return tuple(
        VetoRow(
            kind=veto.kind,
            name=veto.numbers.name,
            comparison=veto.comparison,
            figures=change_row([veto.numbers], change_over([veto.numbers.stratum()], seed=seed)),
            p=veto.p,
            holm=p,
        )
        for veto, p in zip(vetoes, adjusted_p(vetoes), strict=True)
    )


def kind_rows(judged: Sequence[JudgedLines]) -> tuple[KindRow, ...]:
    """Count the general lines by script and length, those of which most was forgotten first."""
    counts: dict[tuple[str, str], list[int]] = {}
    for judged_set in judged:
        if judged_set.listed.is_target:
            continue
        for line, flip in zip(judged_set.lines, flips_of(judged_set), strict=True):
            kind = script_group(line.label), length_group(line.label)
            row = counts.setdefault(kind, [0, 0, 0])
            row[0] += 1
            row[1] += int(flip > 0)
            row[2] += int(flip < 0)
    rows = [
        KindRow(script=script, length=length, lines=lines, mended=mended, broken=broken)
        for (script, length), (lines, mended, broken) in counts.items()
    ]
    return tuple(sorted(rows, key=lambda row: (row.mended - row.broken, row.script, row.length)))


def pattern_row(targets: Sequence[JudgedLines], seed: int) -> PatternRow | None:
    """Return the gain with and without the pattern that stands out among the target's labels."""
    pattern = dominant([line.keys[0] for judged_set in targets for line in judged_set.lines])
    if pattern is None:
        return None
    parts: list[ChangeRow | None] = []
    for wanted in (True, False):
        some = []
        for judged_set in targets:
            fits = np.array(
                [pattern.fits(line.keys[0]) is wanted for line in judged_set.lines], np.bool_
            )
            if fits.any():
                some.append(judged_set.numbers().some(fits))
        strata = [numbers.stratum() for numbers in some]
        parts.append(change_row(some, change_over(strata, seed=seed)) if some else None)
    return PatternRow(
        pattern=pattern.told(), share=round(pattern.share, 6), within=parts[0], without=parts[1]
    )


def turning_row(judged: Sequence[JudgedLines], seed: int) -> TurningRow:
    """Return what reading crops in their turns brings to the base alone."""
    parts: list[ChangeRow | None] = []
    for is_target in (True, False):
        some = [
            judged_set.turning_numbers()
            for judged_set in judged
            if judged_set.listed.is_target is is_target
        ]
        strata = [numbers.stratum() for numbers in some]
        parts.append(change_row(some, change_over(strata, seed=seed)) if some else None)
    return TurningRow(
        target=parts[0],
        general=parts[1],
        base_turned=sum(judged_set.turned[0] for judged_set in judged),
        candidate_turned=sum(judged_set.turned[1] for judged_set in judged),
    )


def flipped_lines(judged: Sequence[JudgedLines]) -> Iterator[FlippedLine]:
    """Yield the lines that only one of the two has right, set by set.

    By the set's comparison, or else by the strictest that its labels allow.
    """
    for judged_set in judged:
        for line, strict in zip(judged_set.lines, flips_of(judged_set), strict=True):
            by_comparison = line.candidate_is_right - line.base_is_right
            if not by_comparison and not strict:
                continue
            yield FlippedLine(
                set=judged_set.listed.name,
                path=line.path,
                kind="broken" if (by_comparison or strict) < 0 else "mended",
                truth=line.label,
                base=line.base,
                candidate=line.candidate,
                strictly=not by_comparison,
            )


def _share(part: int, whole: int) -> float:
    return round(part / whole, 6)
