"""A new run folder: its plan, the history of what was seen, the plan for PaddleOCR if asked for."""

from collections.abc import Sequence
from pathlib import Path

from textlines.errors import InputError
from textlines.files import sha256_of, unwritable
from textlines.labels.tally import Tally
from textlines.partials import holds_anything
from textlines.profile.profile_io import load_profile
from train.evaluation.judged_set import JudgedSet
from train.seen.history import History, Step
from train.seen.history_io import HISTORY, IMAGES, add_step, read_history, write_history
from train.seen.images import SeenImages
from train.tuning.checkpoints import found
from train.tuning.paddleocr_plan import CHECKPOINT
from train.tuning.plan_io import PLAN, write_plan
from train.tuning.planning import Planned

_BEFORE_PLAN = (HISTORY, IMAGES, CHECKPOINT)


def new_run(
    run: Path,
    planned: Planned,
    *,
    profile: Path | None = None,
    seen: Sequence[Path] = (),
    yaml: Path | None = None,
) -> None:
    """Write a run folder, ready for `train rec`.

    Args:
        profile: its inputs count as mined from. seen: label files that other steps have read.
        yaml: where the plan for PaddleOCR's own training goes.

    Raises:
        InputError: the folder holds a run that has begun, something else, or cannot be written.
    """
    check_new(run)
    try:
        run.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(run, error) from error
    write_history(history_of(planned, profile=profile, seen=seen), run)
    if yaml:
        from train.tuning.paddleocr_plan import write_paddleocr

        write_paddleocr(planned, run, yaml)
    # Last: a folder with a plan is one that can be trained.
    write_plan(planned.plan, run / PLAN)


def check_new(run: Path) -> None:
    """Check that a folder may take a new plan.

    Raises:
        InputError: it holds a run that has begun, or other files.
    """
    if found(run):
        raise InputError(
            str(run), "holds a run that has begun", "Go on with `train rec`, or name a new folder."
        )
    # A kill or an error before the plan, which comes last, leaves what is written before it.
    if holds_anything(run, but=_BEFORE_PLAN) and not (run / PLAN).is_file():
        raise InputError(str(run), "holds other files", "Name a new or empty folder.")


def history_of(planned: Planned, *, profile: Path | None, seen: Sequence[Path]) -> History:
    """Put together what the base model, the mix and the stopping sets have seen.

    The lines of a mix count whole, also those that no epoch shows.
    """
    tally = Tally()
    history = read_history(planned.start.base.path) or History()
    for source in planned.mix.sources:
        if source.labels.is_file():
            history = add_step(
                history,
                f"train on ({source.role})",
                source.labels,
                images=source.images,
                tally=tally,
            )
    stop = planned.plan.stop
    images = Path(stop.images) if stop.images else None
    for name, files in (("stop on", stop.target), ("general stop", stop.general)):
        for one in files:
            path = JudgedSet.parse(one).path
            history = add_step(history, name, path, images=images, tally=tally)
    for path in seen:
        history = add_step(history, "read before", path, images=images, tally=tally)
    return history if profile is None else _mined(history, profile)


def _mined(history: History, profile: Path) -> History:
    content = load_profile(profile)
    for name, sha256 in content.inputs.items():
        if len(sha256) == 64:
            step = Step(step="mine from", file=name, sha256=sha256, lines=content.lines.lines)
            history = history.with_step(step, SeenImages())
    step = Step(step="mine from", file=profile.name, sha256=sha256_of(profile), lines=0)
    return history.with_step(step, SeenImages())
