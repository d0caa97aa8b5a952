"""The gate from files to verdict."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from textlines.errors import UsageError
from textlines.files import real_path
from textlines.formats.history import GENERAL_STOP, History, merged
from textlines.formats.judged_set import JudgedSet
from textlines.labels.tally import Tally
from textlines.progress import watching
from textlines.wording import Sentence, say
from train.gate.characters import pair_characters
from train.gate.decide import decide
from train.gate.general_criteria import counted
from train.gate.judged import REASONS, JudgedLines, read_both, with_groups
from train.gate.listing import ListedSet, list_sets, look_of
from train.gate.model import Criterion, Verdict, outcome_of
from train.gate.power import LEAST_JUDGED
from train.gate.unseen import UNKNOWN, seen_rows, unseen_criterion
from train.gate.verdict import (
    change_row,
    character_rows,
    flipped_lines,
    kind_rows,
    pattern_row,
    set_rows,
    smallest_gain,
    space_row,
    turning_row,
    veto_rows,
)
from train.gate.vetoes import vetoes_of, warnings_of
from train.mining.reasons import REASONS as LABEL_REASONS
from train.models.model_sources import ModelSource, resolve
from train.models.records import Turning
from train.networks.devices import DeviceChoice
from train.reading.crop_reading import usable_cores
from train.reading.model_opening import open_model, reading_device
from train.seen import find_history


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is asked of the gate; the fields are the options of the command.

    Attributes:
        turning: whether both models read crops in their turns; None as the candidate's record says,
            or the base's: they are compared as they will be used.
        device: of both, so that nothing but the weights differs: auto is a GPU where both can be
            read there.
    """

    base: str
    candidate: str
    targets: tuple[JudgedSet, ...]
    general: tuple[JudgedSet, ...]
    images: Path | None = None
    group: str | None = None
    delta_points: float = 1.0
    allow_seen: bool = False
    synthetic: tuple[str, ...] = ()
    out: Path | None = None
    workers: int | None = None
    seed: int = 1
    turning: Turning | None = None
    device: DeviceChoice = "cpu"


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict, and the folder of images of each set by its name."""

    verdict: Verdict
    images: Mapping[str, Path]


def run(job: Job) -> Judged:
    """Judge a candidate.

    Raises:
        UsageError: base and candidate are one model, sets overlap, or an option does not fit.
        InputError: a model, a set or a history cannot be read.
    """
    sources = resolve(job.base, "onnx"), resolve(job.candidate, "onnx")
    if real_path(sources[0].path) == real_path(sources[1].path):
        raise UsageError(
            "--base, --candidate", f"are the same model ({sources[0].path})", "Name two."
        )
    if not job.targets:
        return _without_target(job, sources[0], sources[1])
    sets = list_sets(job.targets, job.general, job.images, workers=job.workers or usable_cores())
    history = find_history(sources[1].files)
    # What the base has seen, its candidate has too: a loop starts from the last candidate.
    before = find_history(sources[0].files)
    whole = merged([one for one in (before, history) if one is not None])
    known = None if history is None and before is None else whole
    seen = seen_rows(sets, known)
    criterion = unseen_criterion(
        seen, None if history is None else whole, is_allowed=job.allow_seen
    )
    head = Verdict(
        outcome="cannot_tell",
        base=_name(job.base, sources[0]),
        candidate=_name(job.candidate, sources[1]),
        synthetic=(*job.synthetic, *_synthetic(sets, whole)),
        criteria=(criterion,),
        seen=seen,
        delta_points=job.delta_points,
        seed=job.seed,
        inputs={one.judged.path.as_posix(): one.sha256 for one in sets},
        notes=(UNKNOWN,) if history is None else whole.gaps,
    )
    if criterion.status == "cannot_tell":
        again = say("Judge on other lines, or with --allow-seen, which the verdict prints.")
        refused = head.model_copy(update={"is_refused": True, "notes": (*head.notes, again)})
        return Judged(refused, {})
    return _read_and_judge(job, sets, head, criterion)


def _read_and_judge(
    job: Job, sets: tuple[ListedSet, ...], head: Verdict, criterion: Criterion
) -> Judged:
    names = (job.base, job.candidate)
    devices = {reading_device(name, job.device) for name in names}
    device = devices.pop() if len(devices) == 1 else "cpu"
    base, candidate = (open_model(name, device=device) for name in names)
    tally = Tally()
    notes = list(head.notes)
    recorded: Turning = "auto" if "auto" in (candidate.turning, base.turning) else "off"
    turning = job.turning or recorded
    if job.turning is None and turning == "auto":
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
            one,
            tally,
            images=job.images,
            out=job.out,
            workers=job.workers,
            watching=watching,
            turning=turning,
        )
        for one in sets
    )
    if job.group:
        judged, told = with_groups(judged, job.group)
        notes += told
    # Of general lines all that their labels record: `alnum` would leave no space to lose.
    characters = pair_characters(
        line
        for one in judged
        for line in (one.lines if one.listed.is_target else one.seen_strictly)
    )
    numbers = [one.numbers() for one in judged]
    vetoes = vetoes_of(judged)
    decision = decide(
        numbers, characters, vetoes=vetoes, delta_points=job.delta_points, seed=job.seed
    )
    criteria = (criterion, *decision.criteria)
    gain, flips = smallest_gain(decision.target)
    inputs: dict[str, str] = {}
    for part in judged:
        inputs |= part.inputs
    notes += warnings_of(judged)
    notes += _rendered_notes(sets)
    notes += tally.lines({**LABEL_REASONS, **REASONS})
    verdict = head.model_copy(
        update={
            "outcome": outcome_of(tuple(one.status for one in criteria)),
            "criteria": criteria,
            "target": change_row([one for one in numbers if one.is_target], decision.target),
            "general": change_row(counted(numbers), decision.general),
            "sets": set_rows(judged, decision, job.seed),
            "vetoes": veto_rows(vetoes, job.seed),
            "kinds": kind_rows(judged),
            "characters": character_rows(characters, decision.character_p),
            "spaces": space_row(characters, decision.space_p),
            "pattern": pattern_row([o for o in judged if o.listed.is_target], job.seed),
            "smallest_gain": gain,
            "smallest_gain_flips": flips,
            "flipped": tuple(flipped_lines(judged)),
            "counts": tally.as_dict(),
            "inputs": inputs,
            "looks": tuple(map(look_of, sets)),
            "versions": judged[0].versions,
            "notes": tuple(notes),
            "turning": turning_row(judged, job.seed) if turning == "auto" else None,
        }
    )
    return Judged(verdict, {one.listed.name: one.images for one in judged})


def _without_target(job: Job, base: ModelSource, candidate: ModelSource) -> Judged:
    """Return the verdict over no target line: no reading of other lines could pass a candidate."""
    for one in job.general:
        one.check()
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
    verdict = Verdict(
        outcome="cannot_tell",
        base=_name(job.base, base),
        candidate=_name(job.candidate, candidate),
        synthetic=job.synthetic,
        criteria=(criterion,),
        delta_points=job.delta_points,
        seed=job.seed,
        notes=(say("without a target the general sets were not read"),),
    )
    return Judged(verdict, {})


def _name(asked: str, source: ModelSource) -> str:
    """Name a model for the verdict: the folder that was asked for says more than its last part."""
    return asked.rstrip("/") or source.name


def _has_real_general(sets: tuple[ListedSet, ...]) -> bool:
    return any(not one.is_target and not one.is_synthetic for one in sets)


def _rendered_notes(sets: tuple[ListedSet, ...]) -> list[Sentence]:
    """Say which general sets are rendered beside real ones, and what they count for."""
    if not _has_real_general(sets):
        return []
    return [
        say(
            "{name} holds rendered lines: it can fail a candidate, and counts for nothing else",
            name=one.name,
        )
        for one in sets
        if one.is_synthetic and not one.is_target
    ]


def _synthetic(sets: tuple[ListedSet, ...], history: History) -> tuple[Sentence, ...]:
    told = [
        say("{name} holds rendered lines", name=one.name)
        for one in sets
        if one.is_synthetic and (one.is_target or not _has_real_general(sets))
    ]
    told += [
        say("{step} {file}, rendered", step=Sentence(step.step), file=step.file)
        for step in history.synthetic_choices()
        if not (_has_real_general(sets) and step.step == GENERAL_STOP)
    ]
    return tuple(dict.fromkeys(told))
