"""The stages of one round: those of a single turn, on what earlier rounds have left.

The start model and the lines that judge stay over all rounds. A round starts from the last
candidate that passed where there are lines to stop by. Without any the folds say when training
ends, and they can say it of the model alone that they started from: then the round trains from the
start model on the lines of all rounds. Either way the gate holds its candidate against the last
one that passed.

Folds start from the start model in every round. It has seen no own line, while a candidate was
trained on them all; what it lacks beside the candidate, the lines that earlier rounds drew, is in
the mix that folds are trained on. So each own line is read as the last candidate would read it had
it not been trained on it.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from textlines.formats.line_roles import ROLES
from train.pipeline.places import (
    GENERAL_ROLES,
    TARGET_ROLES,
    GeneralSet,
    Places,
    Round,
    Target,
    needs_guard,
)
from train.pipeline.settings import Settings
from train.pipeline.stage import PREPARE_LINES, SHARE_OWN, Command, Stage
from train.pipeline.table import asking, base_stage, teaching_rows


def round_stages(
    settings: Settings, this: Round, target: Target | None, general: Sequence[GeneralSet]
) -> list[Stage]:
    """Return the stages of a round, after those that stay over all rounds, which come first.

    Own lines that are asked for are known when the round's queue is answered; until then the
    stages end with the queue.

    Args:
        target: the team's own crops with labels; None where labels are asked for, or lines
            rendered.
    """
    home = Path(settings.work)
    places = Places(home / this.name, home)
    asks = this.crops is not None
    is_own = target is not None or asks or bool(this.labelled)
    is_synthetic = not is_own or not general
    base = places.base if this.passed else places.start
    stages = staying_stages(settings, general, is_own=is_own)
    rows: list[Stage] = []
    if this.passed:
        rows.append(base_stage(settings, places, model=str(this.passed)))
    if this.crops:
        assert this.answers is not None  # they come together
        rows.append(
            Stage(
                name="collect",
                commands=(asking(settings, this.crops, base, places.queue, this.queues),),
                before=None,
                manifest=places.manifest("collect"),
                outputs=(places.queue / "queue.json", places.queue / "label.html"),
                # The answers lie beside it, and no stage takes them away.
                folder=places.queue,
                goes_on=True,
                answered=this.answers,
            )
        )
    if this.crops and this.answered:
        assert this.answers is not None
        rows.append(
            Stage(
                name="label",
                commands=(_answering(places.queue, this.answers, places.labelled),),
                before=None,
                manifest=places.manifest("label"),
                outputs=(places.labelled / "rec_gt.txt", places.labelled / ROLES),
                folder=places.work / "label",
                stamp=this.answered,
            )
        )
    if not asks or this.answered:
        if is_own:
            rows.append(_share_stage(settings, places, target))
        rows += teaching_rows(
            settings,
            places,
            general,
            base=base,
            this=this,
            is_own=is_own,
            is_synthetic=is_synthetic,
        )
    before = stages[-1].manifest
    for number, stage in enumerate(rows):
        stamp = stage.stamp if number else f"{stage.stamp}\n{this.before}"
        name = f"{this.name}/{stage.name}"
        stages.append(replace(stage, name=name, before=before, stamp=stamp))
        before = stage.manifest
    return stages


def staying_stages(
    settings: Settings, general: Sequence[GeneralSet], *, is_own: bool
) -> list[Stage]:
    """Return the stages whose work stays over all rounds: the start model, and sealed lines."""
    places = Places(Path(settings.work))
    base = base_stage(settings, places)
    shared = {role: places.general(role, general) for role in GENERAL_ROLES}
    own = [] if is_own else [places.lines(role) for role in TARGET_ROLES]
    lines = Stage(
        name="lines",
        commands=((PREPARE_LINES,),),
        before=base.manifest,
        manifest=places.manifest("lines"),
        outputs=(*own, *(judged.path for sets in shared.values() for judged in sets)),
        folder=places.work / "lines",
        goes_on=True,
        stamp=_lines_stamp(settings, general, is_own=is_own),
        is_synthetic=not is_own or not general,
    )
    return [base, lines]


def _share_stage(settings: Settings, places: Places, target: Target | None) -> Stage:
    return Stage(
        name="share",
        commands=((SHARE_OWN,),),
        before=None,
        manifest=places.manifest("share"),
        outputs=(places.own / "train.txt", places.own / ROLES, places.own_sums),
        folder=places.work / "lines",
        stamp=f"{settings.own.model_dump_json()}\n{target.stamp if target else ''}",
    )


def _lines_stamp(settings: Settings, general: Sequence[GeneralSet], *, is_own: bool) -> str:
    """Return what the lines depend on that are no own ones."""
    return "\n".join(
        [
            settings.general.model_dump_json(),
            "" if is_own and not needs_guard(general) else settings.rendered.model_dump_json(),
            f"{settings.style} {settings.seed}",
            *(f"{each.name} {each.target.stamp}" for each in general),
        ]
    )


def _answering(queue: Path, answers: Path, out: Path) -> Command:
    """Return the command that makes labelled lines of a queue's answers."""
    return ("train", "collect", str(queue), "--answers", str(answers), "--out", str(out))
