"""A plan of a detector's fine-tune: all that a run depends on, as a value and on disk."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le
from pydantic import Field, ValidationError, model_validator

from textlines.errors import InputError
from textlines.files import read_text, replacing
from textlines.formats.judged_set import JudgedBy
from textlines.formats.roles import Role
from textlines.parsing import parse_toml
from train.detection.page_outcomes import Objective
from train.detection.settings import STRIDE
from train.detection.tuned_file import SettingsRecord, Sha256
from train.networks.devices import Device
from train.page_tuning.paddleocr_det_yaml import FROM_SCRATCH
from train.page_tuning.shrunk_labels import RATIOS
from train.page_tuning.strange_views import SHARE as STRANGE
from train.tuning.learning_rate import Course
from train.tuning.train_plan import Count, Rate, RuleRow, Share, Some, Strict, faults_of, text_of

PLAN = "plan.toml"

_AGAIN = "Mend the value, or make the plan again with `train det plan`."

Tunes = Literal["whole", "neck"]
"""What learns: every layer, or neck and head, on a backbone that stays."""

Replay = Literal["maps", "labels"]
"""What pages of other scenes teach: what the base model finds on them, or their labels."""

PageRuleCode = Literal[
    "pages",
    "meaning",
    "student",
    "original_to_new",
    "scene_to_general",
    "rate",
    "warmup",
    "scales",
    "negatives",
    "thresholds",
]


class PageRule(RuleRow):
    """A rule for detectors."""

    code: PageRuleCode


class DetBasePlan(Strict):
    """The detector that a run starts from.

    Attributes:
        model: as it was named. name: of the model, for the record.
        path: of its ONNX file, absolute. sha256: of it.
        files: sha256 by name of the model's own files (those of an exported folder where it is
            one).
    """

    model: str
    name: str
    path: str
    sha256: Sha256
    files: Mapping[str, Sha256] = {}


class PageMixPlan(Strict):
    """What is trained on.

    Attributes:
        path: of the mix's folder, absolute. sha256: of its record.
        lists: pages of each epoch's list that are trained on: those that are not held out.
    """

    path: str
    sha256: Sha256
    lists: Annotated[tuple[Some, ...], Field(min_length=1)]


class StopPages(Strict):
    """Pages that a run is blended and its settings are searched by. Never those of a gate.

    Attributes:
        labels: the page label file, absolute; of pages held out of the mix, a file of the run's
            own folder. sha256: of it. images: the folder that its paths start from, absolute.
        held: whether they were held out of the mix.
    """

    labels: str
    sha256: Sha256
    images: str
    pages: Some
    held: bool = False


class DetStopPlan(Strict):
    """By what the blend is chosen.

    Attributes:
        target: pages that are to be found better. general: that must not get worse; () for none.
        delta: that the general pages may lose of their hmean, and of their lines read exactly where
            these are the objective, as a share.
        alphas: weights of the tuned model that are tried; 0 is the base and always one of them.
        objective: what is counted. recognizer: that reads, where lines read exactly are.
        comparison: by which a reading is right.
    """

    target: StopPages
    general: tuple[StopPages, ...] = ()
    delta: Share = 0.005
    alphas: tuple[Share, ...] = (0.0, 0.25, 0.375, 0.5, 0.75, 1.0)
    objective: Objective = "hmean"
    recognizer: str = ""
    comparison: JudgedBy = "exact"


class ShownPages(Strict):
    """How pages of one role are shown.

    Attributes:
        role: of the mix; "own" and "new" are of the scene, all others of other scenes.
        low, high: between which the long side of the whole page lies, in pixels.
        ratio: by which lines are shrunk, fitted to what the base model finds.
        overlap: of cores with what it finds, 0..1; 0 where nothing could be fitted. lines: that
            were fitted to.
    """

    role: Role
    low: Annotated[float, Gt(0)]
    high: Annotated[float, Gt(0)]
    ratio: Annotated[float, Ge(RATIOS[0]), Le(1)]
    overlap: Share = 0.0
    lines: Count = 0

    @model_validator(mode="after")
    def _is_a_range(self) -> "ShownPages":
        if self.low > self.high:
            raise ValueError(f"{self.role}: low is {self.low:g}, above high ({self.high:g})")
        return self


class DetStepPlan(Strict):
    """How a step is made.

    Attributes:
        tunes: what learns. replay: what pages of other scenes teach.
        batch: crops a step. side: of a crop, in pixels, a multiple of 32.
        rate, final: peak and last learning rate, on a cosine. warmup: steps.
        decay: L2 of all weights. clip: largest norm of all gradients together.
        pull: towards the base model's weights, times the rate of a step.
        average: whether the mean of the weights of all steps is kept; else the last ones.
        augment: whether pages are turned, stretched and lit otherwise.
        strange: share of the crops that teach what the base finds, which are made strange.
        threshold_branch: whether a branch of thresholds learns beside the head of the map.
        alone: first steps, in which that branch learns by itself. alone_rate: of these.
    """

    tunes: Tunes = "whole"
    replay: Replay = "maps"
    batch: Some = 4
    side: Annotated[int, Ge(STRIDE)] = 640
    rate: Rate
    final: Rate
    warmup: Count = 0
    decay: Annotated[float, Ge(0)] = 0.0
    clip: Annotated[float, Gt(0)] = 10.0
    pull: Annotated[float, Ge(0)] = 0.0
    average: bool = True
    augment: bool = True
    strange: Share = STRANGE
    threshold_branch: Literal["off", "on"] = "off"
    alone: Count = 0
    alone_rate: Rate = FROM_SCRATCH

    @property
    def has_branch(self) -> bool:
        """Whether a branch of thresholds learns."""
        return self.threshold_branch == "on"

    # What `UpdateRule` asks of a step, and detectors have not.
    @property
    def head_decay(self) -> float:
        """L2 of the last layer's weights: as of all."""
        return self.decay

    @property
    def amp(self) -> bool:
        """Whether half precision is used: never."""
        return False

    @model_validator(mode="after")
    def _fits_the_network(self) -> "DetStepPlan":
        if self.side % STRIDE:
            raise ValueError(f"side is {self.side}, no multiple of {STRIDE}")
        if self.alone and not self.has_branch:
            raise ValueError(f"alone is {self.alone}, and there is no branch (threshold_branch)")
        return self

    def course(self, steps: int) -> Course:
        """Return the course of the rate; a short run warms up shorter.

        Args:
            steps: of the run in which the network learns.
        """
        return Course("cosine", self.rate, self.final, min(self.warmup, max(steps - 1, 0)), steps)


class DetPlan(Strict):
    """All of a detector's fine-tune. The run keeps it, and so does each checkpoint.

    Attributes:
        shown: how pages are shown, role by role.
        epochs: passes over the mix's lists, which start again when they are used up. steps: made
            in all: a budget of minutes may end a run within an epoch.
        deployed: the settings that the base predicts with, before any are searched.
        limits: long sides of pages that the searched settings may have, in pixels.
        save_every: steps between two checkpoints. keep: how many of them are kept.
        minutes: budget that the steps were fitted to; 0 for none.
        device: that the steps are made on; blends are computed on the CPU.
        seconds_a_step: measured when the plan was made; 0 where nothing was measured.
        branch_seconds: of these, what a branch of thresholds takes; 0 without one.
    """

    format: Literal[1] = 1
    kind: Literal["detector"] = "detector"
    base: DetBasePlan
    mix: PageMixPlan
    stop: DetStopPlan
    step: DetStepPlan
    shown: Annotated[tuple[ShownPages, ...], Field(min_length=1)]
    epochs: Some
    steps: Some
    deployed: SettingsRecord
    limits: Annotated[tuple[Some, ...], Field(min_length=1)]
    save_every: Some = 25
    keep: Some = 2
    minutes: Annotated[float, Ge(0)] = 0
    seconds_a_step: Annotated[float, Ge(0)] = 0
    branch_seconds: Annotated[float, Ge(0)] = 0
    device: Device = "cpu"
    seed: int = 0
    rules: tuple[PageRule, ...] = ()

    @model_validator(mode="after")
    def _is_whole(self) -> "DetPlan":
        if 0.0 not in self.stop.alphas:
            raise ValueError("stop.alphas lacks 0, the base model: the answer that is always safe")
        if self.steps <= self.step.alone:
            raise ValueError(
                f"steps is {self.steps}, no more than step.alone ({self.step.alone}): the network "
                "would learn nothing"
            )
        self.deployed.settings()
        return self

    def rate_at(self, done: int) -> float:
        """Return the rate of the step behind `done` others."""
        alone = self.step.alone
        if done < alone:
            return self.step.alone_rate
        return self.step.course(self.steps - alone).rate_at(done - alone)

    def shown_as(self, role: Role) -> ShownPages:
        """Return how pages of a role are shown.

        Raises:
            KeyError: the plan has none of the role.
        """
        for shown in self.shown:
            if shown.role == role:
                return shown
        raise KeyError(role)

    def learns_labels(self, role: Role) -> bool:
        """Whether pages of a role teach their labels, not what the base model finds on them.

        Those of distil have none: to be taught that nothing is on them would unteach what is.
        """
        return role in OF_THE_SCENE or (self.step.replay == "labels" and role != WITHOUT_LABELS)


OF_THE_SCENE: tuple[Role, ...] = ("own", "new")
"""Roles whose pages show what is to be found better."""

WITHOUT_LABELS: Role = "distil"
"""The role of pages that nobody labelled."""


def plan_text(plan: DetPlan) -> str:
    """Write a plan as TOML."""
    content = plan.model_dump(mode="json", exclude_none=True)
    stop = content["stop"]
    tables: dict[str, list[dict[str, Any]]] = {
        "stop.general": stop.pop("general"),
        "shown": content.pop("shown"),
        "rules": content.pop("rules"),
    }
    return text_of(content, tables)


def write_det_plan(plan: DetPlan, path: Path) -> None:
    """Write a plan, whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    with replacing(path) as out:
        out.write(plan_text(plan))


def read_det_plan(path: Path) -> DetPlan:
    """Read a plan.

    Raises:
        InputError: the file is not there, no TOML, that of a recognizer, or holds unknown keys or
            values out of their range; names each.
    """
    content = parse_toml(read_text(path, "the plan"), str(path), "the plan", _AGAIN)
    if content.get("kind") != "detector":
        raise InputError(
            str(path), "is no plan of a detector", "A recognizer's run is trained by `train rec`."
        )
    try:
        return DetPlan.model_validate(content)
    except ValidationError as error:
        raise InputError(str(path), f"is no plan ({faults_of(error)})", _AGAIN) from error
