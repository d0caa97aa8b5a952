"""`train fold`: each own line read by a model that was trained on all lines but those of its fold.

A fold is a run of its own in a folder of its own; features of the frozen backbone are computed
once for all. Killed anywhere, called again it goes on: finished folds stay.
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import paddle
from pydantic import ValidationError

from textlines.errors import InputError
from textlines.files import replacing, unwritable
from textlines.formats.contract import Document, read_document, validated
from textlines.formats.folds import FoldRow
from textlines.formats.history import History
from textlines.formats.judged_set import JudgedBy, JudgedSet
from textlines.formats.mix import MixFolder, read_mix
from textlines.formats.predictions import Outcome
from textlines.labels.tally import Tally
from textlines.partials import holds_anything
from textlines.profile.suspects import Evidence
from textlines.progress import Watching
from textlines.wording.counts import count_of, form_of
from train.judging.mining import trained_on
from train.models.records import Turning
from train.networks.devices import Device, use_device
from train.own.held_out import HeldLines, evidence_of, held_lines, read_evidence, write_evidence
from train.reading.crop_reading import usable_cores
from train.tuning.full_run import Blend, blended, chosen, sweep
from train.tuning.network_readers import FeatureReader, Features
from train.tuning.pacing import Pacer
from train.tuning.plan_request import PlanRequest
from train.tuning.planning import make_plan
from train.tuning.prepared_run import Ready, ready_for
from train.tuning.ranks import Ranks
from train.tuning.run_readings import BASE_GRAPH, OfBase, features_of
from train.tuning.run_states import FOLDER, locked
from train.tuning.stopping_sets import StopSet, read_sets
from train.tuning.train_plan import PLAN, StopPlan, TrainPlan, write_plan
from train.tuning.trainer import Trainer
from train.tuning.training_lines import write_turns
from train.tuning.tunable import Tunable

WORK = "work.json"
EVIDENCE, FINISHED, HELD = "evidence.jsonl", "fold.json", "held.txt"
CACHE = "cache"

GENERAL_LINES = 200
"""General lines that a fold is judged by: it chooses an epoch, and five of them do."""

_WORK = Document("the folds' work", "a record of work", "Name a new folder as --out.")
_ROW = Document("the fold", "a record of a fold", "Delete the fold's folder.")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldOptions:
    """What `train fold` is asked for.

    Attributes:
        model, mix, out: folders. count: of folds.
        group: a regular expression on the path whose first capture group names the document; ""
            for none.
        comparison: by which a reading is right.
        marks: what a person said of single lines: those marked as real are not suspected.
        changes: `key=value`, made to the plan of each fold.
        turning: whether crops are read in their turns; None as the base model's record says.
        allow_seen: fold lines that the base model was trained on all the same.
    """

    model: Path
    mix: Path
    out: Path
    count: int = 5
    group: str = ""
    minutes: float = 0.0
    general_stop: tuple[JudgedSet, ...] = ()
    images: Path | None = None
    comparison: JudgedBy = "exact"
    marks: Path | None = None
    changes: tuple[str, ...] = ()
    turning: Turning | None = None
    allow_seen: bool = False
    device: Device = "cpu"
    batch: int = 32
    seed: int = 0

    def asked(self) -> dict[str, Any]:
        """Return what the folds depend on, as plain values."""
        return {
            "count": self.count,
            "group": self.group,
            "general_stop": [str(judged) for judged in self.general_stop],
            "comparison": self.comparison,
            "changes": list(self.changes),
            "turning": self.turning,
            "batch": self.batch,
            "seed": self.seed,
        }


@dataclass(frozen=True, slots=True)
class Work:
    """Folds that are about to be trained.

    Attributes:
        plan: of all folds, without a target to stop by.
        seconds: of all of them together, estimated; None without a budget, or when they go on.
        resumed: whether an earlier call had begun.
        turned: what was read in the crops that are trained on turned; written when they begin.
    """

    options: FoldOptions
    plan: TrainPlan
    mix: MixFolder
    held: HeldLines
    seconds: float | None
    resumed: bool
    warnings: tuple[str, ...]
    turned: tuple[Outcome, ...] = ()


def prepare(options: FoldOptions) -> Work:
    """Plan the folds, or take up those that an earlier call has begun.

    Raises:
        InputError: model, mix or a set cannot be read, the mix holds no own line or too few
            documents, or the folder holds other folds or other files.
        UsageError: an option does not fit.
    """
    mix = read_mix(options.mix)
    held = held_lines(mix, group=options.group, count=options.count, seed=options.seed)
    known = _known_plan(options, mix)
    if known is not None:
        return Work(
            options=options, plan=known, mix=mix, held=held, seconds=None, resumed=True, warnings=()
        )
    planned = make_plan(
        PlanRequest(
            model=options.model,
            mix=options.mix,
            out=options.out,
            general_stop=options.general_stop,
            images=options.images,
            minutes=options.minutes,
            batch=options.batch,
            fold_count=options.count,
            tune="head",
            changes=(f"stop.most_lines={GENERAL_LINES}", *options.changes),
            turn=options.turning,
            device=options.device,
            seed=options.seed,
        )
    )
    if not options.allow_seen:
        _refuse_trained(planned.before, held, mix)
    return Work(
        options=options,
        plan=planned.plan,
        mix=mix,
        held=held,
        seconds=planned.seconds,
        resumed=False,
        warnings=planned.warnings,
        turned=planned.turned,
    )


def _refuse_trained(history: History, held: HeldLines, mix: MixFolder) -> None:
    """Refuse a base model that was trained on the own lines: no fold would be out of its memory.

    Raises:
        InputError: it was; names the step and the way out.
    """
    remembered = trained_on(history, [mix.data / line.path for line in held.lines])
    if remembered is None:
        return
    step, count = remembered
    raise InputError(
        str(mix.folder),
        f"holds {count:,} of {count_of(len(held.lines), 'own line')} that the base model was "
        f"trained on ({step.step}, round {step.round}): it remembers "
        f"{form_of(count, 'it', 'them')} in every fold",
        "Start from the model that it was made from: lines of all rounds train together. Or fold "
        "all the same: --allow-seen.",
    )


def _known_plan(options: FoldOptions, mix: MixFolder) -> TrainPlan | None:
    """Read the plan of folds that have begun.

    Raises:
        InputError: they are others than those that are asked for, or the folder is not one of
            folds.
    """
    path = options.out / WORK
    if not path.is_file():
        if holds_anything(options.out):
            raise InputError(
                str(options.out), "holds other files", "Name a new or empty folder as --out."
            )
        return None
    content = read_document(path, _WORK)
    try:
        plan = TrainPlan.model_validate(content["plan"])
        asked = content["asked"]
    except (KeyError, ValidationError) as error:
        raise InputError(str(path), f"is damaged ({type(error).__name__})", _WORK.again) from error
    differs = [key for key, value in options.asked().items() if asked.get(key) != value]
    if plan.mix.sha256 != mix.sha256:
        differs.append("mix")
    if plan.device != options.device:
        differs.append("device")
    if Path(plan.base.path) != options.model.absolute():
        differs.append("model")
    if differs:
        raise InputError(
            str(options.out),
            f"holds folds that were asked for otherwise ({', '.join(differs)})",
            "Name a new folder as --out, or ask as before.",
        )
    return plan


def train_folds(
    work: Work, watching: Watching, features: Path | None = None
) -> tuple[list[FoldRow], list[Evidence]]:
    """Train all folds that are not finished.

    Args:
        features: a folder of features that runs of one base share.

    Returns:
        What each fold found, and what its model read, fold by fold.

    Raises:
        InputError: a fold cannot go on, or a file cannot be written; finished folds stay.
    """
    out = work.options.out
    _begin(work)
    folders = [out / f"fold-{number}" for number in range(1, work.options.count + 1)]
    with locked(out):
        left = [at for at, folder in enumerate(folders) if _finished(folder) is None]
        if left:
            _train(work, folders, left, watching, features)
        # What was read is kept; the features only cost room.
        shutil.rmtree(out / CACHE, ignore_errors=True)
    rows = [row for folder in folders if (row := _finished(folder)) is not None]
    return rows, [row for folder in folders for row in read_evidence(folder / EVIDENCE)]


def _begin(work: Work) -> None:
    out = work.options.out
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(out, error) from error
    if not work.resumed:
        if work.plan.turn:
            write_turns(work.turned, out)
        content = {"asked": work.options.asked(), "plan": work.plan.model_dump(mode="json")}
        with replacing(out / WORK) as file:
            json.dump(content, file, ensure_ascii=False, indent=1)


def _finished(folder: Path) -> FoldRow | None:
    if not (folder / FINISHED).is_file():
        return None
    return validated(FoldRow, read_document(folder / FINISHED, _ROW), folder / FINISHED, _ROW)


def _train(
    work: Work,
    folders: Sequence[Path],
    left: Sequence[int],
    watching: Watching,
    features: Path | None,
) -> None:
    use_device(work.plan.device, f"--device {work.plan.device}")
    paddle.seed(work.plan.seed)
    whole, ranks = ready_for(work.plan, work.options.out), Ranks()
    cache = work.options.out / CACHE
    cache.mkdir(exist_ok=True)
    tunable = Tunable.of(whole.start.spec, whole.start.tensors)
    of_base = OfBase.computed(
        cache=cache,
        ready=whole,
        tunable=tunable,
        ranks=ranks,
        watching=watching,
        features=features,
    )
    tally = Tally()
    general = read_sets(work.plan.stop, tally, work.plan.turning)
    channels = tunable.network.backbone.channels
    # Once for all folds, which have their own lines to stop by beside them.
    known = None
    if of_base.reader is None:
        known = features_of(FeatureReader(cache / BASE_GRAPH), general, usable_cores(), channels)
    for at in left:
        _train_fold(
            work=work,
            at=at,
            folder=folders[at],
            whole=whole,
            of_base=of_base,
            general=general,
            known=known,
            watching=watching,
        )


def _train_fold(
    work: Work,
    at: int,
    folder: Path,
    whole: Ready,
    of_base: OfBase,
    general: Sequence[StopSet],
    known: Features | None,
    watching: Watching,
) -> None:
    """Train a fold's model on all lines but its own, read those, and write both down.

    Raises:
        InputError: not one of its crops can be read, or as training says.
    """
    folder.mkdir(parents=True, exist_ok=True)
    members = work.held.members(at)
    held = _held_set(work, members, folder / HELD, whole.data)
    plan = work.plan.model_copy(
        update={"stop": work.plan.stop.model_copy(update={"target": (held.judged,)})}
    )
    write_plan(plan, folder / PLAN)
    out_of_fold = {work.held.lines[number].path for number in members}
    lists = tuple(
        tuple(line for line in lines if line.path not in out_of_fold) for lines in whole.lists
    )
    ready = replace(whole, plan=plan, lists=lists)
    trainer = Trainer(
        run=folder,
        ready=ready,
        sets=(held, *general),
        ranks=Ranks(),
        watching=lambda what: watching(f"fold {at + 1} of {work.options.count}: {what}"),
        # The minutes are those of all folds: the epochs were fitted to them.
        pacer=Pacer(folder, plan.model_copy(update={"minutes": 0.0})),
        of_base=of_base,
        known=known,
    )
    trainer.train()
    best, base = trainer.keeper.best, trainer.keeper.base
    assert base is not None  # there is one process
    tuned = trainer.keeper.weights()
    # Both ends have been judged already: reading is what a fold spends most of its time with.
    blends = [Blend(0.0, base)]
    if best.done:
        between = [alpha for alpha in plan.stop.alphas if 0 < alpha < 1]
        blends += sweep(trainer.base, tuned, between, trainer.judge)
        blends += [Blend(1.0, best.standing)] if 1.0 in plan.stop.alphas else []
    taken = chosen(blends, plan.stop.delta)
    model = trainer.reader.engine(blended(trainer.base, tuned, taken.alpha))
    rows = evidence_of(model, trainer.reader.base_engine(), held.lines, usable_cores())
    write_evidence(folder / EVIDENCE, rows)
    row = FoldRow(
        lines=len(held.lines),
        documents=len({work.held.documents[number] for number in members}),
        epoch=_epoch_of(ready, best.done),
        alpha=taken.alpha,
        before=base.right[0],
        after=taken.standing.right[0],
    )
    # Last: a fold with this file is finished, and what it was trained with is not needed again.
    with replacing(folder / FINISHED) as file:
        file.write(row.model_dump_json(indent=1) + "\n")
    for leftover in (CACHE, FOLDER):
        shutil.rmtree(folder / leftover, ignore_errors=True)
    for tensors in folder.glob("tuned-*.npz"):
        tensors.unlink()


def _held_set(work: Work, members: Sequence[int], file: Path, data: Path) -> StopSet:
    """Read the crops of a fold's own lines as a set to stop by.

    One that cannot be read is not among them, and has no evidence.
    """
    with replacing(file) as out:
        for number in members:
            line = work.held.lines[number]
            out.write(f"{line.path}\t{line.label}\n")
    judged = JudgedSet(file.absolute(), work.options.comparison)
    (held,) = read_sets(
        StopPlan(target=(judged,), images=str(data)), Tally(), turning=work.plan.turning
    )
    return held


def _epoch_of(ready: Ready, done: int) -> int:
    """Return after how many epochs so many steps were made."""
    epoch = made = 0
    while made < done:
        made += ready.steps_of(epoch)
        epoch += 1
    return epoch
