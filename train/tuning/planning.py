"""`train plan`: everything that a run will do, worked out before it costs anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from textlines.errors import InputError, UsageError
from textlines.files import sha256_of
from textlines.formats.folds import FOLDS, SUSPECTS_PAGE, FoldsRecord, read_folds
from textlines.formats.history import History
from textlines.formats.judged_set import JudgedSet
from textlines.formats.mix import MixFolder, read_mix
from textlines.formats.predictions import Outcome
from textlines.formats.profile import ErrorProfile, load_profile
from textlines.labels.alphabet import Alphabet, refuse_other_space
from textlines.labels.dictionary_files import read_dictionary
from textlines.labels.tally import Tally
from textlines.progress import watching
from textlines.wording.counts import count_of
from train.judging.paired_characters import SPACE, WELL_READ
from train.models.base_folder import BaseFolder, read_base
from train.models.model_sources import MODEL, inherited
from train.networks.devices import use_device
from train.reading.model_opening import open_model
from train.tuning.guide_rules import guide_rules, traps_of
from train.tuning.learning_rate import FINAL_SHARE, HEAD_RATE, from_scratch, guide_rate
from train.tuning.plan_request import Mode, PlanRequest, asked_warmups, with_values
from train.tuning.prepared_run import Start, rows_from, start_of, survey
from train.tuning.stages import (
    Costs,
    PeakRates,
    amounts_of,
    amounts_of_folds,
    fitted,
    measured_costs,
    seconds_of,
    timed,
    warmed,
    with_course,
)
from train.tuning.stopping_sets import StopSet, compared_with_base, read_sets
from train.tuning.train_plan import (
    BaseModelPlan,
    FoldsPlan,
    ListPlan,
    MixPlan,
    RowPlan,
    StagePlan,
    StepPlan,
    StopPlan,
    TrainPlan,
    faults_of,
)
from train.tuning.training_lines import (
    TrainingLine,
    batches_in,
    own_lines,
    own_sha256,
    read_line_turns,
    turn_plan,
    turns_by_path,
)
from train.tuning.training_steps import StepMemory, heaviest_step
from train.tuning.tunable import Tunable

MOST_SUSPECTED, LEAST_SUSPECTS = 0.02, 5
"""A share of wrong labels from which on a person has to look before training, and how many
suspects there must be at least: a few may be lines that no model reads."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan and what was found on the way.

    Attributes:
        costs: None without a budget of minutes. seconds: of the whole run, estimated; None then.
        left_out: lines by reason, and what is odd in the stopping sets.
        memory: of the heaviest step.
        warnings: traps that are no errors.
        before: what the base model has seen, by its history.
        turned: what was read in the crops that are trained on turned.
    """

    plan: TrainPlan
    mix: MixFolder
    start: Start
    lists: tuple[tuple[TrainingLine, ...], ...]
    sets: tuple[StopSet, ...]
    left_out: Tally
    costs: Costs | None
    seconds: float | None
    memory: StepMemory
    warnings: tuple[str, ...]
    before: History
    turned: tuple[Outcome, ...] = ()


def make_plan(request: PlanRequest) -> Planned:
    """Read all that a run will need, count what it will do, and fit it to the minutes.

    Raises:
        InputError: model, its history, mix or a set cannot be read, or no line can be trained on.
        UsageError: the options contradict each other, or not one epoch fits, or a budget is to be
            fitted to a GPU and none is here.
    """
    if not request.fold_count and not request.stop_on and request.folds is None:
        raise UsageError(
            "--stop-on, --folds",
            "one of them is needed",
            "Name lines to stop by, or what `train fold` left.",
        )
    tunes, device = request.tuned_on()
    base = read_base(request.model)
    mix = read_mix(request.mix)
    profile = load_profile(request.profile) if request.profile else None
    step = StepPlan(
        batch=request.batch,
        devices=request.devices,
        wavering=wavering(profile, base.alphabet) if profile else "",
    )
    stop = StopPlan(
        target=tuple(_absolute(judged) for judged in request.stop_on),
        general=tuple(_absolute(judged) for judged in request.general_stop),
        images=str(request.images.absolute()) if request.images else "",
    )
    rows = _row_plan(request, base, profile)
    base_sha256 = sha256_of(base.path / MODEL)
    folds = _folds_plan(request, tunes, mix, base_sha256)
    draft = TrainPlan(
        base=BaseModelPlan(
            path=str(base.path.absolute()),
            sha256=base_sha256,
            name=base.spec.name,
            family=base.spec.family,
            classes=base.spec.classes,
        ),
        mix=MixPlan(
            path=str(mix.folder),
            sha256=mix.sha256,
            lists=tuple(ListPlan(name=epoch.list) for epoch in mix.epochs),
        ),
        stop=stop,
        folds=folds,
        stages=(StagePlan(tunes="head", epochs=1, rate=1e-6, final=1e-6),),  # until lines are read
        step=step,
        rows=rows,
        device=device,
        minutes=request.minutes,
        seed=request.seed,
    )
    return _with_lines(draft, request, tunes, mix, inherited(base.model_files))


def _row_plan(request: PlanRequest, base: BaseFolder, profile: ErrorProfile | None) -> RowPlan:
    """Return the dictionary that was asked for.

    Raises:
        UsageError: its space or its rows contradict the base model.
    """
    if not request.dictionary:
        has_space = base.alphabet.use_space_char
        by = f"the base model {request.model}, which has"
        refuse_other_space(request.use_space_char, has_space, by)
        if request.row_from:
            raise UsageError(
                "--row-from", "is for another dictionary", "Name it: --dictionary FILE."
            )
        return RowPlan()
    by = f"the base model {request.model}"
    chosen = Alphabet.read(
        request.dictionary, request.use_space_char, model=base.alphabet, told_by=by
    )
    return RowPlan(
        # What a training YAML names: PaddleOCR's own training reads it too.
        dictionary=str(read_dictionary(request.dictionary).path.absolute()),
        use_space_char=chosen.use_space_char,
        rows=(*request.row_from, *rows_from(profile, base.alphabet, request.row_from)),
    )


def _folds_plan(
    request: PlanRequest, tunes: Mode, mix: MixFolder, base_sha256: str
) -> FoldsPlan | None:
    """Return what the folds found, if they are to end the run; they vet labels in any case.

    Raises:
        InputError: they are of other lines or of another base, or doubt too many labels.
        UsageError: more than the head is to be tuned.
    """
    if not request.folds:
        return None
    if tunes != "head":
        raise UsageError("--folds", "tell of the head alone", "Leave --tune away.")
    # Lines that none of them trained on say better when to stop; the folds still vet labels, from
    # whichever model they started.
    record = folds_of(
        request.folds,
        mix,
        None if request.stop_on else base_sha256,
        accepts_suspects=request.suspects == "accept",
    )
    return None if request.stop_on else folds_plan(request.folds, record)


def folds_of(
    folder: Path, mix: MixFolder, base_sha256: str | None, *, accepts_suspects: bool
) -> FoldsRecord:
    """Read folds of the own lines of a mix.

    Args:
        folder: of `train fold`. base_sha256: of the base's `model.toml`; None takes folds of any.
        accepts_suspects: go on with labels that may be wrong.

    Raises:
        InputError: the folds are not finished, are of other own lines or of another base, or
            doubt too many labels.
    """
    path = _record_of(folder)
    record = read_folds(folder)
    again = "Train folds of this mix: train fold."
    if base_sha256 is not None and record.base_sha256 != base_sha256:
        raise InputError(str(path), "is of folds that started from another base model", again)
    lines = own_lines(mix)
    if record.own_sha256 != own_sha256(lines, mix.data):
        raise InputError(
            str(path),
            f"is of folds of other own lines ({record.lines:,}; this mix has {len(lines):,}, and "
            "an image or a label differs)",
            again,
        )
    suspected = record.suspected
    is_suspicious = suspected.low > MOST_SUSPECTED and suspected.suspects >= LEAST_SUSPECTS
    if is_suspicious and not accepts_suspects:
        raise InputError(
            str(path.with_name(SUSPECTS_PAGE)),
            f"shows {suspected.suspects:,} of {count_of(suspected.lines, 'own line')} whose label "
            f"looks wrong (at least {suspected.low:.1%} of all for sure, more than "
            f"{MOST_SUSPECTED:.0%})",
            "Mark them there, share the lines again with --marks marks.tsv, mix and fold again. "
            "Or go on with them: --suspects accept.",
        )
    return record


def _record_of(folder: Path) -> Path:
    return (folder / FOLDS if folder.is_dir() else folder).absolute()


def folds_plan(folder: Path, record: FoldsRecord) -> FoldsPlan:
    """Take from folds where a run on the same own lines ends and how it is blended.

    Raises:
        InputError: they found nothing that training wins.
    """
    path = _record_of(folder)
    if not record.epoch or not record.alpha:
        raise InputError(
            str(path),
            "found nothing to train: by the median of the folds the base reads held-out own lines "
            "best",
            "Label more lines, or train longer: train fold --minutes, --set stages.0.epochs=...",
        )
    return FoldsPlan(
        path=str(path),
        sha256=sha256_of(path),
        epochs=record.epochs,
        epoch=record.epoch,
        alpha=record.alpha,
    )


def _with_lines(
    draft: TrainPlan, request: PlanRequest, tunes: Mode, mix: MixFolder, before: History
) -> Planned:
    start = start_of(draft)
    tally = Tally()
    turned: tuple[Outcome, ...] = ()
    if (request.turn or start.base.turning) == "auto":
        with watching("lines read in their turns") as watch:
            turned, read = read_line_turns(open_model(draft.base.path), mix, watch=watch)
        draft = draft.model_copy(update={"turn": turn_plan(turned, read)})
    lists = survey(
        mix,
        start.alphabet,
        bucket=draft.step.bucket,
        max_length=draft.max_length,
        tally=tally,
        turns=turns_by_path(turned),
    )
    if not any(lists):
        reasons = "; ".join(tally.lines())
        raise InputError(str(mix.folder), f"holds no line to train on ({reasons})", "")
    counted = tuple(
        listed.model_copy(
            update={
                "lines": sum(not line.is_distilled for line in lines),
                "distilled": sum(line.is_distilled for line in lines),
            }
        )
        for listed, lines in zip(draft.mix.lists, lists, strict=True)
    )
    compared = compared_with_base(start.base, read_sets(draft.stop, tally, draft.turning))
    sets = compared.sets
    scratch = from_scratch(start.spec.family, start.spec.name)
    peak = guide_rate(scratch, request.batch * request.devices)
    rates = PeakRates(head=request.head_rate or peak * HEAD_RATE, whole=request.rate or peak)
    costs = None
    if request.minutes:
        use_device(draft.device, f"--minutes with --device {draft.device}")
        costs = measured_costs(start, draft.step, tunes, draft.device)
    amounts = amounts_of(draft, lists, sets)
    if request.fold_count:
        amounts = amounts_of_folds(amounts, lists, request.fold_count)
    stages = fitted(
        tunes,
        rates,
        costs,
        amounts,
        final_share=FINAL_SHARE,
        minutes=request.minutes,
    )
    if draft.folds:
        stages = with_course(stages, draft.folds)
    changed = _changed(
        draft.model_copy(
            update={
                "mix": draft.mix.model_copy(update={"lists": counted}),
                "stop": draft.stop.model_copy(update={"strictest": compared.strictest()}),
                "stages": stages,
                "dropped": tally.as_dict(),
            }
        ),
        request.changes,
    )
    changed = _with_batches(changed, lists)
    plan = warmed(changed, asked_warmups(request.changes, len(changed.stages)))
    if costs:
        plan = timed(plan, costs, amounts)
    ending = tuple(
        stage.model_copy(update={"epochs": plan.last_epoch(stage)}) for stage in plan.stages
    )
    seconds = seconds_of(ending, costs, amounts) if costs else None
    plan = plan.model_copy(update={"rules": guide_rules(plan, mix, scratch)})
    memory = heaviest_step(
        Tunable.of(start.spec, start.tensors),
        plan.step,
        [stage.tunes for stage in plan.stages],
        lists,
        by_hand=plan.device == "cpu" and not plan.step.amp,
    )
    warnings = (*traps_of(plan, mix, lists), *compared.warnings)
    return Planned(
        plan=plan,
        mix=mix,
        start=start,
        lists=lists,
        sets=sets,
        left_out=tally,
        costs=costs,
        seconds=seconds,
        memory=memory,
        warnings=warnings,
        before=before,
        turned=turned,
    )


def _with_batches(plan: TrainPlan, lists: Sequence[Sequence[TrainingLine]]) -> TrainPlan:
    counted = tuple(
        listed.model_copy(update={"batches": batches_in(lines, plan.step.batch)})
        for listed, lines in zip(plan.mix.lists, lists, strict=True)
    )
    return plan.model_copy(update={"mix": plan.mix.model_copy(update={"lists": counted})})


def _changed(plan: TrainPlan, changes: tuple[str, ...]) -> TrainPlan:
    """Make the changes of `--set`.

    Raises:
        UsageError: one names no value, or the plan would hold what it may not.
    """
    if not changes:
        return plan
    try:
        return TrainPlan.model_validate(with_values(plan.model_dump(), changes))
    except ValidationError as error:
        raise UsageError("--set", f"makes no plan ({faults_of(error)})", "") from error


def _absolute(judged: JudgedSet) -> JudgedSet:
    judged.check()
    return JudgedSet(judged.path.absolute(), judged.comparison)


def wavering(profile: ErrorProfile, alphabet: Alphabet) -> str:
    """Name what the base model often reads as nothing, so that it is no teacher of it: the space.

    Lost spaces are half of all errors on receipts; where one was lost the model mostly gave it
    some share (docs/decisions/006). A space that is read well, surely (95 %), is not named.
    """
    spaces = profile.spaces
    is_misread = spaces.are_lost and spaces.interval[1] < WELL_READ
    return SPACE if is_misread and SPACE in alphabet.characters else ""
