"""`train plan`: everything that a run will do, worked out before it costs anything."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from textlines.errors import InputError, UsageError
from textlines.files import sha256_of
from textlines.formats.history import History
from textlines.formats.judged_set import JudgedSet
from textlines.formats.mix import MixFolder, read_mix
from textlines.formats.predictions import Outcome
from textlines.formats.profile import load_profile
from textlines.labels.alphabet import Alphabet, refuse_other_space
from textlines.labels.dictionary_files import read_dictionary
from textlines.labels.tally import Tally
from textlines.progress import watching
from train.models.base_folder import MODEL, read_base
from train.models.records import Turning
from train.networks.devices import Device, use_device
from train.reading.model_opening import open_model
from train.seen import inherited
from train.tuning.batches import batches_in
from train.tuning.estimate import amounts_of, measured_costs
from train.tuning.folded import amounts_of_folds, folds_of, folds_plan, with_course
from train.tuning.from_profile import rows_from, wavering
from train.tuning.general_sets import compared_with_base
from train.tuning.guide_rules import guide_rules
from train.tuning.judging import StopSet, read_sets
from train.tuning.learning_rate import FINAL_SHARE, HEAD_RATE, from_scratch, guide_rate
from train.tuning.lines import TrainingLine
from train.tuning.plan_io import faults_of, with_values
from train.tuning.plan_model import (
    BaseModelPlan,
    ListPlan,
    MixPlan,
    RowPlan,
    Stage,
    StepPlan,
    StopPlan,
    TrainPlan,
)
from train.tuning.prepared_run import Start, start_of, survey
from train.tuning.stages import Mode, Rates, fitted, seconds_of, timed, warmed
from train.tuning.step_memory import StepMemory, heaviest_step
from train.tuning.timing import Costs
from train.tuning.traps import traps_of
from train.tuning.tunable import Tunable
from train.tuning.turned_lines import read_line_turns, turn_plan, turns_by_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What `train plan` is asked for.

    Attributes:
        model: the folder of the base model. mix: the folder of the mix.
        stop_on, general_stop: label files with their comparisons.
        folds: of `train fold`, in place of `stop_on`, or beside it to vet the own lines.
        accepts_suspects: labels that they doubt.
        count: folds to plan for, in place of both; 0 for one run.
        images: of these; None takes the folder of each.
        rate: peak of the whole network's stage; None takes the guide's. head_rate: of the head's.
        minutes: 0 for no budget.
        dictionary: another than the model's. use_space_char: whether a space follows it; None as
            it says itself, else as in the model.
        profile: what the new lines were made for (`from_profile` says what is taken from it).
        turning: whether crops are read in their turns; None as the base model's record says.
        changes: `key=value`, made to the plan last.
    """

    model: Path
    mix: Path
    stop_on: tuple[JudgedSet, ...] = ()
    general_stop: tuple[JudgedSet, ...] = ()
    folds: Path | None = None
    accepts_suspects: bool = False
    count: int = 0
    images: Path | None = None
    mode: Mode = "head"
    minutes: float = 0.0
    batch: int = 32
    devices: int = 1
    rate: float | None = None
    head_rate: float | None = None
    dictionary: Path | None = None
    use_space_char: bool | None = None
    rows: tuple[str, ...] = ()
    profile: Path | None = None
    turning: Turning | None = None
    changes: tuple[str, ...] = ()
    device: Device = "cpu"
    seed: int = 0


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


def make_plan(options: Options) -> Planned:
    """Read all that a run will need, count what it will do, and fit it to the minutes.

    Raises:
        InputError: model, its history, mix or a set cannot be read, or no line can be trained on.
        UsageError: the options contradict each other, or not one epoch fits, or a budget is to be
            fitted to a GPU and none is here.
    """
    if not options.count and not options.stop_on and options.folds is None:
        raise UsageError(
            "--stop-on, --folds",
            "one of them is needed",
            "Name lines to stop by, or what `train fold` left.",
        )
    base = read_base(options.model)
    mix = read_mix(options.mix)
    profile = load_profile(options.profile) if options.profile else None
    step = StepPlan(
        batch=options.batch,
        devices=options.devices,
        wavering=wavering(profile, base.alphabet) if profile else "",
    )
    stop = StopPlan(
        target=tuple(_absolute(one) for one in options.stop_on),
        general=tuple(_absolute(one) for one in options.general_stop),
        images=str(options.images.absolute()) if options.images else "",
    )
    rows = RowPlan()
    if options.dictionary:
        by = f"the base model {options.model}"
        chosen = Alphabet.read(
            options.dictionary, options.use_space_char, model=base.alphabet, told_by=by
        )
        rows = RowPlan(
            # What a training YAML names: PaddleOCR's own training reads it too.
            dictionary=str(read_dictionary(options.dictionary).path.absolute()),
            use_space_char=chosen.use_space_char,
            rows=(*options.rows, *rows_from(profile, base.alphabet, options.rows)),
        )
    else:
        has_space = base.alphabet.use_space_char
        by = f"the base model {options.model}, which has"
        refuse_other_space(options.use_space_char, has_space, by)
        if options.rows:
            raise UsageError(
                "--row-from", "is for another dictionary", "Name it: --dictionary FILE."
            )
    base_sha256 = sha256_of(base.path / MODEL)
    folds = None
    if options.folds:
        if options.mode != "head":
            raise UsageError("--folds", "tell of the head alone", "Leave --tune away.")
        record = folds_of(
            options.folds, mix, base_sha256, accepts_suspects=options.accepts_suspects
        )
        # Lines that none of them trained on say better when to stop; the folds still vet labels.
        folds = None if options.stop_on else folds_plan(options.folds, record)
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
            lists=tuple(ListPlan(name=one.list) for one in mix.epochs),
        ),
        stop=stop,
        folds=folds,
        stages=(Stage(tunes="head", epochs=1, rate=1e-6, final=1e-6),),  # until lines are read
        step=step,
        rows=rows,
        device=options.device,
        minutes=options.minutes,
        seed=options.seed,
    )
    return _with_lines(draft, options, mix, inherited(base.model_files))


def _with_lines(draft: TrainPlan, options: Options, mix: MixFolder, before: History) -> Planned:
    start = start_of(draft)
    tally = Tally()
    turned: tuple[Outcome, ...] = ()
    if (options.turning or start.base.turning) == "auto":
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
        told = "; ".join(tally.lines())
        raise InputError(str(mix.folder), f"holds no line to train on ({told})", "")
    counted = tuple(
        one.model_copy(
            update={
                "lines": sum(not line.is_distilled for line in lines),
                "distilled": sum(line.is_distilled for line in lines),
            }
        )
        for one, lines in zip(draft.mix.lists, lists, strict=True)
    )
    compared = compared_with_base(start.base, read_sets(draft.stop, tally, draft.turning))
    sets = compared.sets
    scratch = from_scratch(start.spec.family, start.spec.name)
    peak = guide_rate(scratch, options.batch * options.devices)
    rates = Rates(head=options.head_rate or peak * HEAD_RATE, whole=options.rate or peak)
    costs = None
    if options.minutes:
        use_device(draft.device, f"--minutes with --device {draft.device}")
        costs = measured_costs(start, draft.step, options.mode, draft.device)
    amounts = amounts_of(draft, lists, sets)
    if options.count:
        amounts = amounts_of_folds(amounts, lists, options.count)
    stages = fitted(
        options.mode,
        rates,
        costs,
        amounts,
        final_share=FINAL_SHARE,
        minutes=options.minutes,
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
        options.changes,
    )
    changed = _with_batches(changed, lists)
    plan = warmed(changed, _asked_warmups(options.changes, len(changed.stages)))
    if costs:
        plan = timed(plan, costs, amounts)
    ending = tuple(one.model_copy(update={"epochs": plan.last_epoch(one)}) for one in plan.stages)
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
        plan, mix, start, lists, sets, tally, costs, seconds, memory, warnings, before, turned
    )


def _with_batches(plan: TrainPlan, lists: Sequence[Sequence[TrainingLine]]) -> TrainPlan:
    counted = tuple(
        one.model_copy(update={"batches": batches_in(lines, plan.step.batch)})
        for one, lines in zip(plan.mix.lists, lists, strict=True)
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


def _asked_warmups(changes: tuple[str, ...], stages: int) -> frozenset[int]:
    """Return the numbers of the stages whose warm-up `--set` has set, alone or with all else."""
    keys = [change.partition("=")[0].strip() for change in changes]
    if "stages" in keys:
        return frozenset(range(stages))
    found = (re.fullmatch(r"stages\.(\d+)(\.warmup)?", key) for key in keys)
    return frozenset(int(one[1]) for one in found if one)


def _absolute(one: JudgedSet) -> JudgedSet:
    one.check()
    return JudgedSet(one.path.absolute(), one.comparison)
