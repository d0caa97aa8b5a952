"""The stages of the line as a table: name, commands, what they leave."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from textlines.formats.folds import FOLDS
from textlines.formats.judged_set import JudgedBy, JudgedSet
from textlines.formats.line_roles import ROLES
from textlines.formats.mix import MIX
from train.judging.line_kinds import LEAST_SHARE
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


@dataclass(frozen=True, slots=True)
class Target:
    """A team's own crops.

    Attributes:
        labels, images: the label file and the folder that its paths start from.
        stamp: of the file and of its images.
        lines, long_lines: how many lines the file names, and how many of them are long.
    """

    labels: Path
    images: Path
    stamp: str
    lines: int = 0
    long_lines: int = 0


@dataclass(frozen=True, slots=True)
class GeneralSet:
    """One of a team's general sets.

    Attributes:
        name: of its folders, unique.
    """

    target: Target
    comparison: JudgedBy
    name: str


def needs_guard(general: Sequence[GeneralSet]) -> bool:
    """Whether a guard is rendered: there is no general set, or next to no long line in any."""
    lines = sum(each.target.lines for each in general)
    return sum(each.target.long_lines for each in general) < max(LEAST_SHARE * lines, 1)


@dataclass(frozen=True, slots=True)
class Places:
    """Where the stages leave what others read, all in the folder of the work."""

    work: Path

    @property
    def base(self) -> Path:
        """The model that the line starts from."""
        return self.work / "base" / "base"

    @property
    def profile(self) -> Path:
        """What it misreads."""
        return self.work / "mine" / "profile.json"

    @property
    def new(self) -> Path:
        """The rendered lines that teach it."""
        return self.work / "generate" / "new"

    @property
    def mixed(self) -> Path:
        """The training lists."""
        return self.work / "mix" / "mixed"

    @property
    def run(self) -> Path:
        """The training run."""
        return self.work / "plan" / "run"

    @property
    def candidate(self) -> Path:
        """The exported model."""
        return self.work / "export" / "candidate"

    @property
    def queue(self) -> Path:
        """Which crops are to be labelled."""
        return self.work / "collect" / "queue"

    @property
    def own(self) -> Path:
        """The team's lines by role. No stage clears it: roles that are written stay."""
        return self.work / "own"

    @property
    def own_sums(self) -> Path:
        """What the label files of the own lines hold, as hashes."""
        return self.work / "lines" / "own.sha256"

    @property
    def own_mix(self) -> Path:
        """Lists of own and general lines alone, for the folds."""
        return self.work / "own-mix" / "mixed"

    @property
    def folds(self) -> Path:
        """Own lines, read by models that were not trained on them."""
        return self.work / "fold" / "folds"

    @property
    def features(self) -> Path:
        """What folds, runs and later rounds share."""
        return self.work / "features"

    @property
    def new_faces(self) -> Path:
        """Arguments for rendering: which faces the judged lines leave."""
        return self.work / "lines" / "new_faces.args"

    @property
    def guard(self) -> Path:
        """The rendered guard, in parts."""
        return self.work / "lines" / "guard"

    @property
    def verdict(self) -> Path:
        """The verdict, but for the endings of its files."""
        return self.work / GATE / "verdict"

    def lines(self, role: str, name: str = "") -> Path:
        """The label file of a role; it has a folder of its own.

        Args:
            name: of a general set.
        """
        return self.work / "lines" / role / name / "labels.txt"

    def general(self, role: str, general: "Sequence[GeneralSet]") -> tuple[JudgedSet, ...]:
        """The label files of a role of the general lines: one each set, and the guard's part."""
        sets = [JudgedSet(self.lines(role, each.name), each.comparison) for each in general]
        if needs_guard(general):
            sets.append(JudgedSet(self.guard / GUARD_PARTS[role] / "rec_gt_train.txt"))
        return tuple(sets)

    def arguments(self, stage: str) -> Path:
        """Arguments of a stage that depend on which roles the own lines have."""
        return self.work / "lines" / f"{stage}.args"

    def manifest(self, stage: str) -> Path:
        """The manifest of a stage."""
        return self.work / "manifests" / f"{stage}.json"


@dataclass(frozen=True, slots=True)
class Crops:
    """A team's crops without labels.

    Attributes:
        stamp: of all of them.
    """

    images: Path
    stamp: str


TARGET_ROLES = ("mine", "stop", "judge")
GENERAL_ROLES = ("original", "general-stop", "general-judge")
GUARD_PARTS = dict(zip(GENERAL_ROLES, ("replay", "stop", "judge"), strict=True))
"""Which part of a guard plays which role."""


def collecting_stages(settings: Settings, crops: Crops) -> list[Stage]:
    """Return the stages that end with a queue of crops to label."""
    places = Places(Path(settings.work))
    base = _base_stage(settings, places)
    queue, own, second = str(places.queue), settings.own, settings.collect.second
    collect = Stage(
        name="collect",
        commands=(
            (
                *("train", "collect", "--model", str(places.base), "--images", str(crops.images)),
                *(("--second", second) if second else ()),
                *("--budget", str(settings.collect.budget), "--group", own.group),
                *("--comparison", own.comparison, "--seed", str(settings.seed)),
                *(*_device(settings), "--workers", str(settings.workers), "--out", queue),
            ),
        ),
        before=base.manifest,
        manifest=places.manifest("collect"),
        outputs=(places.queue / "queue.json", places.queue / "label.html"),
        folder=places.work / "collect",
        goes_on=True,
        stamp=crops.stamp,
        needs=_CROPS_ON_GPU,
    )
    return [base, collect]


def _device(settings: Settings) -> Command:
    """Return what a command that trains or reads by a model folder is told of the device.

    The gate is told nothing: an exported candidate reads where it is deployed, by its graph.
    """
    return () if settings.device == "auto" else ("--device", settings.device)


def _base_stage(settings: Settings, places: Places) -> Stage:
    # Where it is off the model's own record holds: the last candidate may be read in turns.
    turn = ("--turn", "auto") if settings.turn == "auto" else ()
    return Stage(
        name="base",
        commands=(("train", "weights", settings.model, *turn, "--out", str(places.base)),),
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
    work, workers = places.work, str(settings.workers)
    minutes = f"{settings.minutes_of(own=target is not None):g}"
    roles = {role: str(places.lines(role)) for role in TARGET_ROLES}
    shared = {role: places.general(role, general) for role in GENERAL_ROLES}
    base, run, candidate = str(places.base), str(places.run), str(places.candidate)
    own, has_folds = str(places.own / "train.txt"), target is not None and settings.own.folds > 0
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
            *(("--own", own) if target else ("--epoch-lines", str(settings.mix.epoch_lines))),
            *("--epochs", str(settings.mix.epochs)),
            *("--dictionary", str(places.base / "dictionary.txt"), "--on-shortage", "repeat"),
            *("--seed", str(settings.seed), "--out", str(out)),
        )

    yield _base_stage(settings, places)
    yield stage(
        "lines",
        (PREPARE_LINES,),
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
    if has_folds:
        yield stage(
            "own-mix",
            mixing(places.own_mix),
            outputs=(places.own_mix / MIX,),
            needs=_CROPS,
        )
        yield stage(
            "fold",
            (
                *("train", "fold", "--model", base, "--mix", str(places.own_mix)),
                *("--count", str(settings.own.folds), "--group", settings.own.group),
                *("--comparison", comparison, "--general-stop", *general_stop),
                *(("--marks", settings.own.marks) if settings.own.marks else ()),
                *("--minutes", minutes, "--seed", str(settings.seed), *_device(settings)),
                *("--features", str(places.features), "--out", str(places.folds)),
            ),
            outputs=(places.folds / FOLDS, places.folds / "predictions.jsonl"),
            goes_on=True,
            needs=_CROPS_ON_GPU,
        )
    read: Command = ("--model", base, "--labels", own if target else roles["mine"])
    if has_folds:
        # Each own line as a model read it that was not trained on it: also in later rounds.
        read = (
            *("--predictions", str(places.folds / "predictions.jsonl")),
            *("--labels", str(places.folds / "own.txt")),
            *("--dictionary", str(places.base / "dictionary.txt")),
        )
    yield stage(
        "mine",
        (
            *("train", "mine", *read, "--out", str(places.profile)),
            *("--html", str(places.profile.with_suffix(".html"))),
            *(() if has_folds else (*_device(settings), "--workers", workers)),
        ),
        outputs=(places.profile,),
        is_synthetic=target is None,
        needs=_CROPS if has_folds else _CROPS_ON_GPU,
    )
    # What is drawn to teach may stand in a real general line; in lines that are to judge, not.
    guard = places.guard / GUARD_PARTS["general-judge"] / "rec_gt_train.txt"
    excluded = [] if target else list(roles.values())
    excluded += [str(guard)] if needs_guard(general) else []
    lacking: Command = ("--own", own) if target else ()
    lacking += ("--like", settings.own.like) if target and settings.own.like else ()
    yield stage(
        GENERATE,
        (
            *("synth", "generate", "--profile", str(places.profile), "--style", settings.style),
            *("--count", str(settings.new_lines), "--seed", str(settings.seed), *lacking),
            *(word for path in excluded for word in ("--exclude-texts", path)),
            *("--workers", workers, *settings.generate_options, "--out", str(places.new)),
        ),
        outputs=(places.new / "rec_gt_train.txt", places.new / "run.json"),
        goes_on=True,
        arguments=places.arguments(GENERATE) if target else places.new_faces,
    )
    yield stage(
        "mix",
        (
            *mixing(places.mixed),
            *("--new", str(places.new / "rec_gt_train.txt"), "--ratio", settings.mix.ratio),
            *("--profile", str(places.profile)),
        ),
        outputs=(places.mixed / MIX,),
        needs=_CROPS,
    )
    yield stage(
        "plan",
        (
            *("train", "plan", "--model", base, "--mix", str(places.mixed)),
            *(() if target else ("--stop-on", str(JudgedSet(places.lines("stop"), comparison)))),
            *("--general-stop", *general_stop),
            *("--profile", str(places.profile), "--minutes", minutes, *_device(settings)),
            *(*settings.plan_options, "--out", run),
        ),
        outputs=(places.run / "plan.toml",),
        arguments=places.arguments("plan") if target else None,
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
        ("train", "export", run, "--labels", own if target else roles["stop"], "--out", candidate),
        outputs=(places.candidate / "export.toml", places.candidate / "history.json"),
        needs=_CROPS,
    )
    verdict = places.verdict
    yield stage(
        GATE,
        (
            *("train", "gate", "--base", base, "--candidate", candidate),
            *(() if target else ("--target", str(JudgedSet(places.lines("judge"), comparison)))),
            *("--general", *map(str, shared["general-judge"])),
            *("--delta", f"{settings.delta:g}", "--workers", workers),
            *("--html", f"{verdict}.html", "--json", f"{verdict}.json"),
            *("--junit", f"{verdict}.xml", "--summary", f"{verdict}.md"),
            *("--out", str(work / GATE / "predictions")),
        ),
        outputs=tuple(Path(f"{verdict}.{kind}") for kind in VERDICT_KINDS),
        goes_on=True,
        ends=ENDS_OF_GATE,
        arguments=places.arguments(GATE) if target else None,
        is_synthetic=is_synthetic,
        needs=_CROPS,
    )
