"""A plan of a fine-tune: all that a run depends on and nothing else, as a value and on disk.

`plan.toml` holds it in the folder of a run.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le
from pydantic import BaseModel, Field, ValidationError, model_validator

from textlines.errors import InputError
from textlines.files import read_text, replacing
from textlines.formats.contract import SaidRecord
from textlines.formats.judged_set import JudgedSetText
from textlines.parsing import parse_toml, to_toml
from textlines.wording import Sentence
from textlines.wording.counts import count_of
from train.judging.comparisons import Strictness
from train.models.records import Turning
from train.tuning.learning_rate import Course, CourseName

FORMAT = 2
"""Of `plan.toml`. A plan of another format is refused: format 1 guessed which lines are new."""

Part = Literal["head", "whole"]
"""What a stage tunes. "head": neck and last layer, on features of the frozen backbone that are
computed once a line and kept on disk. "whole": every layer."""

Count = Annotated[int, Ge(0)]
Some = Annotated[int, Ge(1)]
Rate = Annotated[float, Gt(0), Le(1)]
Share = Annotated[float, Ge(0), Le(1)]


class Strict(BaseModel, frozen=True, extra="forbid"):
    """Unknown keys are refused, values never change."""


class BaseModelPlan(Strict):
    """The model that the run starts from.

    Attributes:
        path: of its folder, absolute. sha256: of its `model.toml`, which names all its files.
    """

    path: str
    sha256: str
    name: str
    family: str
    classes: Some


class ListPlan(Strict):
    """What of an epoch's lists is trained on; the lists themselves are the mix's.

    Attributes:
        name: of the list in the mix's folder.
        lines, distilled: that can be trained on.
        batches: that they make: lines of a batch have one padded width.
    """

    name: str
    lines: Count = 0
    distilled: Count = 0
    batches: Count = 0


class MixPlan(Strict):
    """What is trained on.

    Attributes:
        path: of the mix's folder, absolute. sha256: of its `mix.json`, which names all its lists
            and their roles by hash.
    """

    path: str
    sha256: str
    lists: Annotated[tuple[ListPlan, ...], Field(min_length=1)]


class StopPlan(Strict):
    """What the run is stopped and blended by. Never what it is judged by.

    Attributes:
        target, general: label files with their comparison, absolute; no target where folds have
            said when to stop.
        strictest: of each general set, what its lines are counted by where its labels allow more
            than its own comparison looks at: "exact", "casefold", "casefold+nospace", ...; "" for
            its own. () is its own for all of them.
        images: folder that their paths start from; "" for that of each file.
        patience: epochs in a row that are clearly worse than the best, after which a stage ends; 0
            never ends it early.
        delta: share of the general lines that may be lost (0.01: one line in a hundred).
        alphas: weights of the tuned model that are tried; 0 is the base and always one of them.
        most_lines: read of all general sets together, chosen by hash; 0 reads all.
    """

    target: tuple[JudgedSetText, ...] = ()
    general: tuple[JudgedSetText, ...] = ()
    strictest: tuple[str, ...] = ()
    images: str = ""
    patience: Count = 6
    delta: Share = 0.01
    alphas: tuple[Share, ...] = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    most_lines: Count = 600

    @model_validator(mode="after")
    def _strictest_fit(self) -> "StopPlan":
        if self.strictest and len(self.strictest) != len(self.general):
            raise ValueError(
                f"stop.strictest holds {count_of(len(self.strictest), 'comparison')} for "
                f"{count_of(len(self.general), 'general set')}: one each, or none at all"
            )
        self.strictest_of_general()
        return self

    def strictest_of_general(self) -> tuple[Strictness | None, ...]:
        """Return what the lines of each general set are counted by; None for its own comparison."""
        named = self.strictest or ("",) * len(self.general)
        return tuple(Strictness.parse(text) if text else None for text in named)


class StagePlan(Strict):
    """One stage of the run.

    Attributes:
        tunes: "head" or "whole".
        epochs: passes over the lists, which start again from the first when they are used up.
        rate, final: peak and last learning rate.
        warmup: steps.
        epoch_seconds: that one epoch and its judging are to take, where the run has a budget of
            minutes: what the machine's real pace is held against.
    """

    tunes: Part
    epochs: Some
    rate: Rate
    final: Rate
    warmup: Count = 0
    epoch_seconds: Annotated[float, Ge(0)] | None = None

    def course(self, name: CourseName, steps: int) -> Course:
        """Return the course of the rate over so many steps; a short stage warms up shorter."""
        return Course(name, self.rate, self.final, min(self.warmup, max(steps - 1, 0)), steps)


class StepPlan(Strict):
    """How a step is made.

    Attributes:
        batch: lines a step on each device. devices: processes that share a step.
        course: of the learning rate within a stage.
        decay, head_decay: L2, of all weights and of the last layer (PaddleOCR's `fc_decay`).
        clip: largest norm of all gradients together.
        pull: towards the base model's weights; times the rate of a step, the share of the way that
            they are drawn back by it. 20 keeps what no line holds, and costs what few lines teach.
        dropout: whether the neck drops values, as PaddleOCR trains.
        distil_weight: of a distilled line's loss beside a labelled line's.
        distil_top: classes of the base model's posterior that are kept for each time step.
        wavering: characters that the base model loses. Where it gives one of them `hint` or more
            of a time step, the choice between that and nothing is left open in distillation.
        hint: share of a time step.
        average: whether the mean of a stage's weights is judged and kept; else the last ones.
        bucket: lines are padded to the next multiple of this, in pixels, 320 at least.
        augment: lines that carry no effects: "light" varies them, "none" does not.
        versions, labelled_versions: how many variants of a distilled line, and of one that carries
            its label, are shown in turn and have their features kept. The ink of labelled ones
            moves too.
        amp: half precision where the device has it.
    """

    batch: Some = 32
    devices: Some = 1
    course: CourseName = "cosine"
    decay: Annotated[float, Ge(0)] = 3e-5
    head_decay: Annotated[float, Ge(0)] = 1e-5
    clip: Annotated[float, Gt(0)] = 10.0
    pull: Annotated[float, Ge(0)] = 0.0
    dropout: bool = False
    distil_weight: Annotated[float, Ge(0)] = 2.0
    distil_top: Some = 8
    wavering: str = ""
    hint: Annotated[float, Gt(0), Le(1)] = 0.01
    average: bool = True
    bucket: Annotated[int, Ge(8)] = 64
    augment: Literal["none", "light"] = "light"
    versions: Some = 2
    labelled_versions: Some = 6
    amp: bool = False

    @model_validator(mode="after")
    def _whole_steps(self) -> "StepPlan":
        if self.bucket % 8:
            raise ValueError(f"bucket is {self.bucket}, no multiple of 8 (a time step)")
        return self


class TurnPlan(Strict):
    """Crops are read in their turns: upside down too, and those on their side both ways round.

    Attributes:
        mode: "auto".
        sha256: of the run's `turns.jsonl`, which names the lines that are trained on turned.
        lines, turned: that were read for it, and that lie turned.
    """

    mode: Literal["auto"] = "auto"
    sha256: str
    lines: Count = 0
    turned: Count = 0


class RowPlan(Strict):
    """A dictionary of other entries than the base model's.

    Attributes:
        dictionary: the file, absolute; "" keeps the base model's.
        use_space_char: whether a space follows its entries.
        rows: where rows of new entries start from: NEW=OLD, entries of the two dictionaries.
    """

    dictionary: str = ""
    use_space_char: bool = True
    rows: tuple[str, ...] = ()


class FoldsPlan(Strict):
    """What folds of the own lines have found, in place of a target to stop by.

    Attributes:
        path: of `folds.json`, absolute. sha256: of it.
        epochs: of the course of their rate, which the run follows. epoch: of it, after which the
            run ends.
        alpha: weight of the tuned model at most.
    """

    path: str
    sha256: str
    epochs: Some
    epoch: Some
    alpha: Annotated[float, Gt(0), Le(1)]


RuleCode = Literal[
    "real_lines",
    "dictionary",
    "length",
    "original_to_new",
    "scene_to_general",
    "floors",
    "evened",
    "unconfirmed",
    "rate",
    "warmup",
    "gtc",
    "recconaug",
]

RuleState = Literal["kept", "broken", "not applicable"]


class RuleRow(Strict):
    """One rule of PaddleOCR's fine-tune guide, held against a mix and a plan.

    Attributes:
        code: names the rule. rule: in words.
        kept: whether it is; of a rule that does not apply, False.
        applies: whether the plan has what the rule is about.
        why: by what it is kept, what stands against it, or what is not there. said: the same with
            its figures apart, where it has any (`Sentence.record_of_figures`): a page is made of
            it.
    """

    code: str
    rule: str
    kept: bool
    applies: bool = True
    why: Sentence
    said: SaidRecord = {}

    @property
    def state(self) -> RuleState:
        """Whether it is kept, in the word that people are shown."""
        if not self.applies:
            return "not applicable"
        return "kept" if self.kept else "broken"


class GuideRule(RuleRow):
    """A rule for recognizers."""

    code: RuleCode


class TrainPlan(Strict):
    """All of a fine-tune. The run keeps it, and so does each checkpoint.

    Attributes:
        folds: what ends the run and bounds the blend where there is no target to stop by.
        max_length: characters of the longest label that is trained on.
        save_every: steps between two checkpoints. keep: how many of them are kept.
        minutes: budget of wall time that the epochs were fitted to; 0 for none.
        workers: processes that decode and vary lines, for each process that trains; "auto" follows
            the cores that are there when the run is made.
        device: that the run is made on.
        dropped: lines of all lists that cannot be trained on, by reason.
        turn: how crops are turned in training and stopping; None reads all as they lie.
        rules: of the guide, as they stood when the plan was made.
    """

    format: Literal[2] = 2
    base: BaseModelPlan
    mix: MixPlan
    stop: StopPlan
    folds: FoldsPlan | None = None
    stages: Annotated[tuple[StagePlan, ...], Field(min_length=1)]
    step: StepPlan = StepPlan()
    rows: RowPlan = RowPlan()
    max_length: Some = 25
    save_every: Some = 200
    keep: Some = 2
    minutes: Annotated[float, Ge(0)] = 0
    workers: Count | Literal["auto"] = "auto"
    device: Literal["cpu", "gpu"] = "cpu"
    seed: int = 0
    dropped: dict[str, int] = {}
    turn: TurnPlan | None = None
    rules: tuple[GuideRule, ...] = ()

    @property
    def turning(self) -> Turning:
        """Whether crops are read in their turns, or as they lie."""
        return self.turn.mode if self.turn else "off"

    @model_validator(mode="after")
    def _base_is_tried(self) -> "TrainPlan":
        if 0.0 not in self.stop.alphas:
            raise ValueError("stop.alphas lacks 0, the base model: the answer that is always safe")
        return self

    @model_validator(mode="after")
    def _one_stage_by_folds(self) -> "TrainPlan":
        if self.folds and (self.stop.target or len(self.stages) > 1):
            raise ValueError("folds end one stage of the head, and stand in place of stop.target")
        return self

    def last_epoch(self, stage: StagePlan) -> int:
        """Return the number of epochs after which a stage ends at the latest."""
        return min(self.folds.epoch, stage.epochs) if self.folds else stage.epochs


PLAN = "plan.toml"

_AGAIN = "Mend the value, or make the plan again with `train plan`."


def plan_text(plan: TrainPlan) -> str:
    """Write a plan as TOML; lists of tables as PaddleOCR's users know them, `[[stages]]`."""
    content = plan.model_dump(mode="json", exclude_none=True)
    tables = {
        "stages": content.pop("stages"),
        "mix.lists": content["mix"].pop("lists"),
        "rules": content.pop("rules"),
    }
    return text_of(content, tables)


def text_of(content: Mapping[str, Any], tables: Mapping[str, Sequence[dict[str, Any]]]) -> str:
    """Write a plan's content as TOML, lists of tables behind it.

    Args:
        tables: by their names, which are not in the content any more; figures that are said apart
            (`said`) are taken out of each row, and stand behind it.
    """
    text = to_toml(content)
    for name, rows in tables.items():
        for row in rows:
            said = row.pop("said", None)
            text += f"\n[[{name}]]\n" + to_toml(row)
            text += to_toml({name: {"said": said}}) if said else ""
    return text


def write_plan(plan: TrainPlan, path: Path) -> None:
    """Write a plan, whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    with replacing(path) as out:
        out.write(plan_text(plan))


def read_plan(path: Path) -> TrainPlan:
    """Read a plan.

    Raises:
        InputError: the file is not there, no TOML, of another format, or holds unknown keys or
            values out of their range; names each.
    """
    content = parse_toml(read_text(path, "the plan"), str(path), "the plan", _AGAIN)
    version = content.get("format")
    if version != FORMAT:
        old = version == 1
        raise InputError(
            str(path),
            f"is a plan of format {version}, not {FORMAT}"
            + (": it does not say which lines are new and which were rendered" if old else ""),
            "Make the mix and the plan again: balance mix, train plan." if old else _AGAIN,
        )
    try:
        plan = TrainPlan.model_validate(content)
    except ValidationError as error:
        raise InputError(str(path), f"is no plan ({faults_of(error)})", _AGAIN) from error
    if not plan.stop.target and plan.folds is None:
        raise InputError(
            str(path), "names nothing to stop by (stop.target is empty, there are no folds)", _AGAIN
        )
    return plan


def faults_of(error: ValidationError) -> str:
    """Put what pydantic found into one line."""
    return "; ".join(
        f"{'.'.join(map(str, fault['loc'])) or 'plan'}: {fault['msg']}" for fault in error.errors()
    )
