"""The stages of the line as a table: name, commands, what they leave."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from textlines.formats.folds import FOLDS
from textlines.formats.judged_set import JudgedSet
from textlines.formats.line_roles import ROLES
from textlines.formats.mix import MIX
from train.pipeline.places import (
    GENERAL_ROLES,
    GUARD_PARTS,
    TARGET_ROLES,
    Crops,
    GeneralSet,
    Places,
    Round,
    Target,
    needs_guard,
)
from train.pipeline.settings import Settings
from train.pipeline.stage import PREPARE_LINES, Command, Need, Stage

GENERATE = "generate"
"""The stage that can be done in parts, on several machines at once: it reads texts alone."""

GATE = "gate"

ENDS_OF_GATE = frozenset({0, 1, 3})
"""Passed, failed, cannot tell: a verdict was written."""

VERDICT_KINDS = ("html", "json", "xml", "md")
"""What the verdict is written as: a page with crops, and three files of text."""

_CROPS: frozenset[Need] = frozenset({"crops"})
_CROPS_ON_GPU: frozenset[Need] = frozenset({"crops", "gpu"})


def collecting_stages(settings: Settings, crops: Crops) -> list[Stage]:
    """Return the stages that end with a queue of crops to label."""
    places = Places(Path(settings.work))
    base = base_stage(settings, places)
    collect = Stage(
        name="collect",
        commands=(asking(settings, crops, places.base, places.queue),),
        before=base.manifest,
        manifest=places.manifest("collect"),
        outputs=(places.queue / "queue.json", places.queue / "label.html"),
        folder=places.work / "collect",
        goes_on=True,
        stamp=crops.stamp,
        needs=_CROPS_ON_GPU,
    )
    return [base, collect]


def asking(
    settings: Settings, crops: Crops, model: Path, queue: Path, earlier: Sequence[Path] = ()
) -> Command:
    """Return the command that chooses which crops are worth a label.

    Args:
        earlier: queues of earlier rounds. Their crops are not asked for again, and the random part
            is drawn from crops alone that arrived since.
    """
    own, asked, second = settings.own, settings.collect, settings.collect.second
    budget = settings.rounds.labels if earlier and settings.rounds.labels else asked.budget
    return (
        *("train", "collect", "--model", str(model), "--images", str(crops.images)),
        *(("--second", second) if second else ()),
        *("--budget", str(budget)),
        *(("--judge", str(asked.judge)) if asked.judge and not earlier else ()),
        *("--group", own.group),
        *("--comparison", own.comparison, "--seed", str(settings.seed)),
        *(word for folder in earlier for word in ("--earlier", str(folder))),
        *(*device_words(settings), "--workers", str(settings.workers), "--out", str(queue)),
    )


def device_words(settings: Settings) -> Command:
    """Return what a command that trains or reads by a model folder is told of the device.

    The gate is told nothing: an exported candidate reads where it is deployed, by its graph.
    """
    return () if settings.device == "auto" else ("--device", settings.device)


def base_stage(settings: Settings, places: Places, model: str = "") -> Stage:
    """Return the stage that makes a network of a model, by default of that of the settings."""
    # Where it is off the model's own record holds: the last candidate may be read in turns.
    turn = ("--turn", "auto") if settings.turn == "auto" else ()
    return Stage(
        name="base",
        commands=(("train", "weights", model or settings.model, *turn, "--out", str(places.base)),),
        before=None,
        manifest=places.manifest("base"),
        outputs=(places.base / "model.toml",),
        folder=places.work / "base",
    )


def line_stages(
    settings: Settings, target: Target | None, general: Sequence[GeneralSet]
) -> list[Stage]:
    """Return the stages in order, each with the manifest of the one before.

    Args:
        target: the team's own crops; None renders lines.
        general: its general sets; without any, a guard is rendered.
    """
    places = Places(Path(settings.work))
    is_synthetic = target is None or not general
    stages: list[Stage] = []
    before: Path | None = None
    for stage in _rows(settings, places, target, general, is_synthetic):
        stages.append(replace(stage, before=before))
        before = stage.manifest
    return stages


def stage_names(settings: Settings) -> tuple[str, ...]:
    """Return the names of all stages that a line to a verdict may have, in order.

    >>> stage_names(Settings())[2:5]
    ('own-mix', 'fold', 'mine')
    """
    folds = settings.own.folds or 5
    settings = settings.model_copy(update={"own": settings.own.model_copy(update={"folds": folds})})
    return tuple(stage.name for stage in line_stages(settings, Target(Path(), Path(), ""), ()))


def _rows(
    settings: Settings,
    places: Places,
    target: Target | None,
    general: Sequence[GeneralSet],
    is_synthetic: bool,
) -> Iterator[Stage]:
    shared = {role: places.general(role, general) for role in GENERAL_ROLES}
    yield base_stage(settings, places)
    yield Stage(
        name="lines",
        commands=((PREPARE_LINES,),),
        before=None,
        manifest=places.manifest("lines"),
        folder=places.work / "lines",
        outputs=(
            *(
                (places.own / "train.txt", places.own / ROLES, places.own_sums)
                if target
                else [places.lines(role) for role in TARGET_ROLES]
            ),
            *(judged.path for sets in shared.values() for judged in sets),
        ),
        goes_on=True,
        stamp="\n".join(
            [
                settings.own.model_dump_json(),
                settings.general.model_dump_json(),
                "" if target and not needs_guard(general) else settings.rendered.model_dump_json(),
                f"{settings.style} {settings.seed}",
                target.stamp if target else "",
                *(f"{each.name} {each.target.stamp}" for each in general),
            ]
        ),
        is_synthetic=is_synthetic,
        needs=_CROPS,
    )
    yield from teaching_rows(
        settings,
        places,
        general,
        base=places.base,
        this=None,
        is_own=target is not None,
        is_synthetic=is_synthetic,
    )


def teaching_rows(
    settings: Settings,
    places: Places,
    general: Sequence[GeneralSet],
    *,
    base: Path,
    this: Round | None,
    is_own: bool,
    is_synthetic: bool,
) -> Iterator[Stage]:
    """Yield the stages from the roles of all lines to a verdict.

    Args:
        base: the model that a candidate is to replace.
        this: the round; None for a single turn.
    """
    work, workers = places.work, str(settings.workers)
    minutes = f"{settings.minutes_of(own=is_own):g}"
    roles = {role: str(places.lines(role)) for role in TARGET_ROLES}
    shared = {role: places.general(role, general) for role in GENERAL_ROLES}
    run, candidate, dictionary = (
        str(places.run),
        str(places.candidate),
        str(base / "dictionary.txt"),
    )
    own, has_folds = str(places.own / "train.txt"), is_own and settings.own.folds > 0
    # A model that was trained on a line remembers it: folds begin where none was, in any round.
    start = places.start if this else base
    drawn = [str(path) for path in this.drawn] if this else []
    earlier = [str(path) for path in this.profiles] if this else []
    comparison, general_stop = settings.own.comparison, [*map(str, shared["general-stop"])]

    def stage(name: str, *commands: Command, outputs: tuple[Path, ...], **others: object) -> Stage:
        return Stage(
            name=name,
            commands=commands,
            before=None,
            manifest=places.manifest(name),
            outputs=outputs,
            **{"folder": work / name, **others},  # type: ignore[arg-type]
        )

    def mixing(out: Path) -> Command:
        """Return what both mixes have in common."""
        return (
            *("balance", "mix", "--distil", *(str(judged.path) for judged in shared["original"])),
            *(("--own", own) if is_own else ("--epoch-lines", str(settings.mix.epoch_lines))),
            *("--epochs", str(settings.mix.epochs)),
            *("--dictionary", dictionary, "--on-shortage", "repeat"),
            *("--seed", str(settings.seed), "--out", str(out)),
        )

    if has_folds:
        yield stage(
            "own-mix",
            (
                *mixing(places.own_mix),
                # The last candidate was trained on these too: its folds are, but for their lines.
                *(("--new", *drawn, "--ratio", settings.mix.ratio) if drawn else ()),
                *(("--profile", str(this.profiles[0])) if this and drawn else ()),
            ),
            outputs=(places.own_mix / MIX,),
            needs=_CROPS,
        )
        yield stage(
            "fold",
            (
                *("train", "fold", "--model", str(start), "--mix", str(places.own_mix)),
                *("--count", str(settings.own.folds), "--group", settings.own.group),
                *("--comparison", comparison, "--general-stop", *general_stop),
                *(("--marks", settings.own.marks) if settings.own.marks else ()),
                *("--minutes", minutes, "--seed", str(settings.seed), *device_words(settings)),
                *("--features", str(places.features), "--out", str(places.folds)),
            ),
            outputs=(places.folds / FOLDS, places.folds / "predictions.jsonl"),
            goes_on=True,
            needs=_CROPS_ON_GPU,
        )
    read: Command = ("--model", str(base), "--labels", own if is_own else roles["mine"])
    if has_folds:
        # Each own line as a model read it that was not trained on it: also in later rounds.
        read = (
            *("--predictions", str(places.folds / "predictions.jsonl")),
            *("--labels", str(places.folds / "own.txt")),
            *("--dictionary", str(start / "dictionary.txt")),
        )
    yield stage(
        "mine",
        (
            *("train", "mine", *read, "--out", str(places.profile)),
            *("--html", str(places.profile.with_suffix(".html"))),
            *(() if has_folds else (*device_words(settings), "--workers", workers)),
        ),
        outputs=(places.profile,),
        is_synthetic=not is_own,
        needs=_CROPS if has_folds else _CROPS_ON_GPU,
    )
    # What is drawn to teach may stand in a real general line; in lines that are to judge, not.
    guard = places.guard / GUARD_PARTS["general-judge"] / "rec_gt_train.txt"
    excluded = [] if is_own else list(roles.values())
    excluded += [str(guard)] if needs_guard(general) else []
    lacking: Command = ("--own", own) if is_own else ()
    lacking += ("--like", settings.own.like) if is_own and settings.own.like else ()
    # Another seed: what a round draws stands beside what earlier ones have drawn.
    seed = settings.seed + (this.number - 1 if this else 0)
    yield stage(
        GENERATE,
        (
            *("synth", "generate", "--profile", str(places.profile), "--style", settings.style),
            *("--count", str(settings.new_lines), "--seed", str(seed), *lacking),
            *(word for path in excluded for word in ("--exclude-texts", path)),
            *("--workers", workers, *settings.generate_options, "--out", str(places.new)),
        ),
        outputs=(places.new / "rec_gt_train.txt", places.new / "run.json"),
        goes_on=True,
        arguments=places.arguments(GENERATE) if is_own else places.new_faces,
    )
    yield stage(
        "mix",
        (
            *mixing(places.mixed),
            *("--new", str(places.new / "rec_gt_train.txt"), *drawn, "--ratio", settings.mix.ratio),
            *("--profile", str(places.profile)),
        ),
        outputs=(places.mixed / MIX,),
        needs=_CROPS,
    )
    yield stage(
        "plan",
        (
            # In rounds the model is among the arguments: where to start hangs on what there is to
            # stop by.
            *("train", "plan", *(() if this and is_own else ("--model", str(base)))),
            *("--mix", str(places.mixed)),
            *(() if is_own else ("--stop-on", str(JudgedSet(places.lines("stop"), comparison)))),
            *("--general-stop", *general_stop),
            *("--profile", str(places.profile), "--minutes", minutes, *device_words(settings)),
            *(word for path in earlier for word in ("--earlier-profile", path)),
            *(*settings.plan_options, "--out", run),
        ),
        outputs=(places.run / "plan.toml",),
        arguments=places.arguments("plan") if is_own else None,
        needs=_CROPS_ON_GPU,
    )
    yield stage(
        "rec",
        ("train", "rec", run, "--features", str(places.features)),
        outputs=(places.run / "best" / "model.toml", places.run / "history.json"),
        folder=None,  # in that of the plan
        goes_on=True,
        needs=_CROPS_ON_GPU,
    )
    yield stage(
        "export",
        ("train", "export", run, "--labels", own if is_own else roles["stop"], "--out", candidate),
        outputs=(places.candidate / "export.toml", places.candidate / "history.json"),
        needs=_CROPS,
    )
    verdict = places.verdict.with_suffix("")
    paid = ("--looks", str(places.looks), "--planned-looks", str(this.looks)) if this else ()
    yield stage(
        GATE,
        (
            *("train", "gate", "--base", str(base), "--candidate", candidate),
            *(() if is_own else ("--target", str(JudgedSet(places.lines("judge"), comparison)))),
            *("--general", *map(str, shared["general-judge"])),
            *("--delta", f"{settings.delta:g}", "--workers", workers, *paid),
            *("--html", f"{verdict}.html", "--json", f"{verdict}.json"),
            *("--junit", f"{verdict}.xml", "--summary", f"{verdict}.md"),
            *("--out", str(work / GATE / "predictions")),
        ),
        outputs=tuple(Path(f"{verdict}.{kind}") for kind in VERDICT_KINDS),
        goes_on=True,
        ends=ENDS_OF_GATE,
        arguments=places.arguments(GATE) if is_own else None,
        is_synthetic=is_synthetic,
        needs=_CROPS,
    )
