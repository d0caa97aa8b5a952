"""The gate from files to verdict."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from textlines.defects import of_readings
from textlines.errors import UsageError
from textlines.files import real_path
from textlines.formats.history import merged
from textlines.formats.judged_set import JudgedBy
from textlines.labels.tally import Tally
from textlines.progress import watching
from textlines.wording import say
from train.judging.decision import GateDecision, decide, sets_together
from train.judging.gate_request import GateRequest
from train.judging.intervals import Change, change_over
from train.judging.judged_lines import (
    JudgedLines,
    flips_of,
    read_both,
    vetoes_of,
    warnings_of,
    with_groups,
)
from train.judging.judged_sets import (
    NO_HISTORY,
    ListedSet,
    list_sets,
    look_of,
    rendered_notes,
    seen_rows,
    synthetic_reasons,
    unseen_criterion,
)
from train.judging.line_kinds import dominant, length_group, script_group
from train.judging.paired_characters import character_rows, pair_characters, space_row
from train.judging.set_criteria import SetNumbers, Veto, adjusted_p
from train.judging.significance import LEAST_JUDGED, smallest_gain
from train.judging.verdict import (
    ChangeRow,
    Criterion,
    FlippedLine,
    GateVerdict,
    KindRow,
    PatternRow,
    SetRow,
    TurningRow,
    VetoRow,
    outcome_of,
)
from train.models.model_sources import ModelSource, resolve
from train.models.records import Turning
from train.reading.crop_reading import usable_cores
from train.reading.model_opening import open_model, reading_device
from train.seen import find_history


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict, and the folder of images of each set by its name."""

    verdict: GateVerdict
    images: Mapping[str, Path]


def judge_candidate(request: GateRequest) -> Judged:
    """Judge a candidate, from files to verdict.

    Raises:
        UsageError: base and candidate are one model, sets overlap, or an option does not fit.
        InputError: a model, a set or a history cannot be read.
    """
    sources = resolve(request.base, "onnx"), resolve(request.candidate, "onnx")
    if real_path(sources[0].path) == real_path(sources[1].path):
        raise UsageError(
            "--base, --candidate", f"are the same model ({sources[0].path})", "Name two."
        )
    if not request.target:
        return _without_target(request, sources[0], sources[1])
    sets = list_sets(
        request.target, request.general, request.images, workers=request.workers or usable_cores()
    )
    history = find_history(sources[1].files)
    # What the base has seen, its candidate has too: a loop starts from the last candidate.
    before = find_history(sources[0].files)
    whole = merged([part for part in (before, history) if part is not None])
    known = None if history is None and before is None else whole
    seen = seen_rows(sets, known)
    criterion = unseen_criterion(
        seen, None if history is None else whole, is_allowed=request.allow_seen
    )
    head = GateVerdict(
        outcome="cannot_tell",
        base=_name(request.base, sources[0]),
        candidate=_name(request.candidate, sources[1]),
        synthetic=(*request.synthetic, *synthetic_reasons(sets, whole)),
        criteria=(criterion,),
        seen=seen,
        delta_points=request.delta,
        seed=request.seed,
        inputs={listed.judged.path.as_posix(): listed.sha256 for listed in sets},
        notes=(NO_HISTORY,) if history is None else whole.gaps,
    )
    if criterion.status == "cannot_tell":
        again = say("Judge on other lines, or with --allow-seen, which the verdict prints.")
        refused = head.model_copy(update={"is_refused": True, "notes": (*head.notes, again)})
        return Judged(refused, {})
    return _read_and_judge(request, sets, head, criterion)


def _read_and_judge(
    request: GateRequest, sets: tuple[ListedSet, ...], head: GateVerdict, criterion: Criterion
) -> Judged:
    names = (request.base, request.candidate)
    devices = {reading_device(name, request.device) for name in names}
    device = devices.pop() if len(devices) == 1 else "cpu"
    base, candidate = (open_model(name, device=device) for name in names)
    tally = Tally()
    notes = list(head.notes)
    recorded: Turning = "auto" if "auto" in (candidate.turning, base.turning) else "off"
    turning = request.turn or recorded
    if request.turn is None and turning == "auto":
        notes.append(
            say("both read crops in their turns, as the record of the candidate says")
            if candidate.turning == "auto"
            else say("both read crops in their turns, as the record of the base says")
        )
    if turning == "off" and recorded == "auto":
        notes.append(say("--turn off: read as crops lie, which is not how a record says they are"))
    if dict(base.source.hashes()) == dict(candidate.source.hashes()):
        notes.append(say("base and candidate are the same files in two places"))
    judged: tuple[JudgedLines, ...] = tuple(
        read_both(
            base,
            candidate,
            listed,
            tally,
            images=request.images,
            out=request.out,
            workers=request.workers,
            watching=watching,
            turning=turning,
        )
        for listed in sets
    )
    if request.group:
        judged, group_notes = with_groups(judged, request.group)
        notes += group_notes
    # Of general lines all that their labels record: `alnum` would leave no space to lose.
    characters = pair_characters(
        line.keys for judged_set in judged for line in judged_set.judged_strictly
    )
    numbers = [judged_set.numbers() for judged_set in judged]
    vetoes = vetoes_of(judged)
    decision = decide(
        numbers, characters, vetoes=vetoes, delta_points=request.delta, seed=request.seed
    )
    criteria = (criterion, *decision.criteria)
    gain, flips = smallest_gain(decision.target)
    inputs: dict[str, str] = {}
    for part in judged:
        inputs |= part.inputs
    notes += warnings_of(judged)
    notes += rendered_notes(sets)
    notes += tally.lines({**of_readings.READING, **of_readings.JUDGED})
    verdict = head.model_copy(
        update={
            "outcome": outcome_of(tuple(criterion.status for criterion in criteria)),
            "criteria": criteria,
            "target": change_row([each for each in numbers if each.is_target], decision.target),
            "general": change_row(sets_together(numbers), decision.general),
            "sets": set_rows(judged, decision, request.seed),
            "vetoes": veto_rows(vetoes, request.seed),
            "kinds": kind_rows(judged),
            "characters": character_rows(characters, decision.character_p),
            "spaces": space_row(characters, decision.space_p),
            "pattern": pattern_row([o for o in judged if o.listed.is_target], request.seed),
            "smallest_gain": gain,
            "smallest_gain_flips": flips,
            "flipped": tuple(flipped_lines(judged)),
            "counts": tally.as_dict(),
            "inputs": inputs,
            "looks": tuple(map(look_of, sets)),
            "versions": judged[0].versions,
            "notes": tuple(notes),
            "turning": turning_row(judged, request.seed) if turning == "auto" else None,
        }
    )
    return Judged(verdict, {judged_set.listed.name: judged_set.images for judged_set in judged})


def _without_target(request: GateRequest, base: ModelSource, candidate: ModelSource) -> Judged:
    """Return the verdict over no target line: no reading of other lines could pass a candidate."""
    for judged_set in request.general:
        judged_set.check()
    criterion = Criterion(
        key="target_gain",
        title=say("The target got better"),
        status="cannot_tell",
        told=say(
            "no line to judge on: label {count} more that no step trains on or stops by (`train "
            "share` makes a judge of them)",
            count=LEAST_JUDGED,
        ),
        more_lines=LEAST_JUDGED,
    )
    verdict = GateVerdict(
        outcome="cannot_tell",
        base=_name(request.base, base),
        candidate=_name(request.candidate, candidate),
        synthetic=request.synthetic,
        criteria=(criterion,),
        delta_points=request.delta,
        seed=request.seed,
        notes=(say("without a target the general sets were not read"),),
    )
    return Judged(verdict, {})


def _name(asked: str, source: ModelSource) -> str:
    """Name a model for the verdict: the folder that was asked for says more than its last part."""
    return asked.rstrip("/") or source.name


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
    """Yield the lines that only one of the two has right, set by set: by the set's comparison, or
    else by the strictest that its labels allow.
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
