"""A new run folder: its plan, the history of what was seen, the plan for PaddleOCR if asked for."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from textlines.defects import of_lines
from textlines.errors import InputError, UsageError
from textlines.files import sha256_of, unwritable
from textlines.formats.history import (
    GENERAL_STOP,
    HISTORY,
    IMAGES,
    STOP,
    TRAINED,
    History,
    Step,
    merged,
    read_history,
    write_history,
)
from textlines.formats.mix import MIX, MixFolder
from textlines.formats.rendered import profile_of
from textlines.formats.seen_images import Digests, SeenImages
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from textlines.partials import holds_anything
from textlines.wording import say
from textlines.wording.counts import count_of, form_of
from train.seen import add_mined, add_step, digests_of
from train.tuning.paddleocr_plan import (
    CHECKPOINT,
    LISTS,
    part_for_paddleocr,
    write_paddleocr,
)
from train.tuning.planning import Planned
from train.tuning.run_states import checkpoints_of
from train.tuning.train_plan import PLAN, StopPlan, TrainPlan, write_plan
from train.tuning.training_lines import TURNS, write_turns

STOPS: Mapping[str, str] = {"target": STOP, "general": GENERAL_STOP}
"""How the steps of the stopping sets are called."""

_BEFORE_PLAN = (HISTORY, IMAGES, TURNS, CHECKPOINT, LISTS)


def new_run(
    run: Path,
    planned: Planned,
    *,
    profiles: Sequence[Path] = (),
    seen: Sequence[Path] = (),
    yaml: Path | None = None,
) -> tuple[str, ...]:
    """Write a run folder, ready for `train rec`.

    Args:
        profiles: their lines count as mined from. seen: label files that other steps have read.
        yaml: where the plan for PaddleOCR's own training goes.

    Returns:
        What to mind about the lines and what has seen them, in words.

    Raises:
        UsageError: a line is to be trained on and to be stopped by, or PaddleOCR cannot train so.
        InputError: the folder holds a run that has begun, something else, or cannot be written.
    """
    check_new(run)
    if yaml:
        part_for_paddleocr(planned)  # before anything is written
    history = history_of(planned, profiles=profiles, seen=seen)
    notes = notes_of(planned, history)
    try:
        run.mkdir(parents=True, exist_ok=True)
        # An older plan must not stand beside the new history.
        (run / PLAN).unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(run, error) from error
    write_history(history, run)
    if planned.plan.turn:
        write_turns(planned.turned, run)
    if yaml:
        kept_from = write_paddleocr(planned, run, yaml)
        notes += tuple(f"{yaml}: {line}" for line in kept_from.lines(of_lines.PADDLEOCR))
    # Last: a folder with a plan is one that can be trained.
    write_plan(planned.plan, run / PLAN)
    return notes


def check_new(run: Path) -> None:
    """Check that a folder may take a new plan.

    Raises:
        InputError: it holds a run that has begun, or other files.
    """
    if checkpoints_of(run):
        raise InputError(
            str(run), "holds a run that has begun", "Go on with `train rec`, or name a new folder."
        )
    # A kill or an error before the plan, which comes last, leaves what is written before it.
    if holds_anything(run, but=_BEFORE_PLAN) and not (run / PLAN).is_file():
        raise InputError(str(run), "holds other files", "Name a new or empty folder.")


def history_of(planned: Planned, *, profiles: Sequence[Path], seen: Sequence[Path]) -> History:
    """Put together what the base model, the mix and the stopping sets have seen.

    Raises:
        UsageError: a line is to be trained on and to be stopped by.
        InputError: a label file, a profile or its history cannot be read.
    """
    stop, mix = planned.plan.stop, planned.mix
    now = planned.before.round + 1
    trained = _trained(mix, now)
    _refuse_shared(stop, trained.images)
    history = with_stops(merged([planned.before, trained]), stop, now)
    for path in seen:
        history = add_step(history, "read before", path, images=_images_of(stop), round=now)
    for profile in profiles:
        history = add_mined(history, profile, now)
    named = set(map(sha256_of, profiles))
    for source in mix.sources:
        labels = mix.place(source.labels)
        made_for = profile_of(labels) if source.role == "new" else ""
        if made_for and made_for not in named:
            history = history.with_gap(
                say(
                    "{labels} was rendered for a profile (sha256 {sha256}…) that `train plan "
                    "--profile` did not name: which lines it was mined from is not known",
                    labels=labels.as_posix(),
                    sha256=made_for[:12],
                )
            )
    return history


def _trained(mix: MixFolder, round: int) -> History:
    """Return what is trained on. The lines of a mix count whole, also those that no epoch shows."""
    history, is_whole = History(), True
    for source in mix.sources:
        labels = mix.place(source.labels)
        is_there = labels.is_file()
        if is_there:
            history = add_step(
                history,
                f"{TRAINED} ({source.role})",
                labels,
                images=mix.place(source.images),
                round=round,
                synthetic=source.rendered > 0,
            )
        is_whole = is_whole and is_there and sha256_of(labels) == source.sha256
    if is_whole:
        return history
    # A label file that was moved or changed since tells nothing of the lines that it gave.
    lines = [listed.line.path for epoch in mix.epochs for listed in mix.lines(epoch, Tally())]
    digests, _ = digests_of([mix.data / path for path in dict.fromkeys(lines)])
    step = Step(
        step=say("train on (lists)"),
        file=(mix.folder / MIX).as_posix(),
        sha256=mix.sha256,
        lines=len(digests),
        round=round,
    )
    return history.with_step(step, SeenImages.of(digests))


def _refuse_shared(stop: StopPlan, trained: SeenImages) -> None:
    """Refuse lines that are to be trained on and to be stopped by.

    Raises:
        UsageError: there are some.
    """
    for path, images, digests in _stopping(stop):
        shared = trained.holds(digests)
        if shared.any():
            first = images[int(shared.argmax())]
            raise UsageError(
                str(path),
                f"shares {int(shared.sum()):,} of its {count_of(len(images), 'image')} with what "
                f"is trained on (first: {first})",
                "Take them out of one of the two: what the model has learnt cannot tell when to "
                "stop.",
            )


def _stopping(stop: StopPlan) -> Iterator[tuple[Path, list[str], Digests]]:
    """Read the stopping sets: label file, and of each image that is there its path and digest."""
    for role in STOPS:
        for judged in getattr(stop, role):
            labels = judged.path
            folder = _images_of(stop) or labels.parent
            listed = read_labels(labels, tally=Tally(), need_label=False, home=folder)
            paths = list(dict.fromkeys(line.path for line in listed))
            digests, were_read = digests_of([folder / path for path in paths])
            kept = [path for path, was_read in zip(paths, were_read, strict=True) if was_read]
            yield labels, kept, digests


def _images_of(stop: StopPlan) -> Path | None:
    return Path(stop.images) if stop.images else None


def with_stops(history: History, stop: StopPlan, round: int) -> History:
    """Add the stopping sets; also by these the blend with the base is chosen.

    Raises:
        InputError: a label file cannot be read.
    """
    for role, step in STOPS.items():
        for judged in getattr(stop, role):
            path = judged.path
            history = add_step(history, step, path, images=_images_of(stop), round=round)
    return history


def history_of_run(run: Path, plan: TrainPlan) -> History:
    """Return what the model of a run will have seen, when its stopping sets were read.

    A plan may be changed by hand: its sets are added as they are now.

    Raises:
        InputError: the run has no history, or one that is broken.
    """
    history = read_history(run)
    if history is None:
        raise InputError(
            str(run / HISTORY),
            "is not there: nobody could tell what the model has seen",
            "Put it back, or make a new plan.",
        )
    return with_stops(history, plan.stop, history.round if history.steps else 1)


def notes_of(planned: Planned, history: History) -> tuple[str, ...]:
    """Return what a plan's reader should know of the lines and of what has seen them."""
    before = planned.before
    notes = [f"not all is known: {gap}" for gap in history.gaps if gap not in before.gaps]
    trained = SeenImages()
    for at, step in enumerate(before.steps):
        if step.step.startswith(TRAINED):
            trained = trained | before.images_of(at)
    for path, images, digests in _stopping(planned.plan.stop):
        again = int(trained.holds(digests).sum())
        if again:
            notes.append(
                f"{path}: {again:,} of {count_of(len(images), 'image')} "
                f"{form_of(again, 'was', 'were')} trained on in an earlier "
                "round; the model remembers them, and stops too late by them"
            )
    return tuple(notes)
