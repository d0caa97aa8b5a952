"""A plan of a fine-tune as a value: all that a run depends on, and nothing else."""

from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, Field, model_validator

from textlines.formats.judged_set import JudgedSetText
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
    """

    name: str
    lines: Count = 0
    distilled: Count = 0


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
        target, general: label files with their comparison, absolute.
        images: folder that their paths start from; "" for that of each file.
        patience: epochs without a better model after which a stage ends; 0 never ends it early.
        delta: share of the general lines that may be lost (0.01: one line in a hundred).
        alphas: weights of the tuned model that are tried; 0 is the base and always one of them.
        most_lines: read of all general sets together, chosen by hash; 0 reads all.
    """

    target: Annotated[tuple[JudgedSetText, ...], Field(min_length=1)]
    general: tuple[JudgedSetText, ...] = ()
    images: str = ""
    patience: Count = 6
    delta: Share = 0.01
    alphas: tuple[Share, ...] = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    most_lines: Count = 600


class Stage(Strict):
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
        """Give the course of the rate over so many steps; a short stage warms up shorter."""
        return Course(name, self.rate, self.final, min(self.warmup, max(steps - 1, 0)), steps)


class StepPlan(Strict):
    """How a step is made.

    Attributes:
        batch: lines a step on each device. devices: processes that share a step.
        course: of the learning rate within a stage.
        decay, head_decay: L2, of all weights and of the last layer (PaddleOCR's `fc_decay`).
        clip: largest norm of all gradients together.
        dropout: whether the neck drops values, as PaddleOCR trains.
        distil_weight: of a distilled line's loss beside a labelled line's.
        distil_top: classes of the base model's posterior that are kept for each time step.
        wavering: characters that the base model loses. Where it gives one of them `hint` or more
            of a time step, the choice between that and nothing is left open in distillation.
        hint: share of a time step.
        average: decay of the running mean of the weights that is judged and kept, 0..1; 0 takes
            the last weights.
        bucket: lines are padded to the next multiple of this, in pixels, 320 at least.
        augment: lines that carry no effects: "light" varies them, "none" does not.
        versions: how many variants of such a line have their features kept.
        amp: half precision where the device has it.
    """

    batch: Some = 32
    devices: Some = 1
    course: CourseName = "cosine"
    decay: Annotated[float, Ge(0)] = 3e-5
    head_decay: Annotated[float, Ge(0)] = 1e-5
    clip: Annotated[float, Gt(0)] = 10.0
    dropout: bool = False
    distil_weight: Annotated[float, Ge(0)] = 2.0
    distil_top: Some = 8
    wavering: str = ""
    hint: Annotated[float, Gt(0), Le(1)] = 0.01
    average: Annotated[float, Ge(0), Lt(1)] = 0.985
    bucket: Annotated[int, Ge(8)] = 64
    augment: Literal["none", "light"] = "light"
    versions: Some = 2
    amp: bool = False

    @model_validator(mode="after")
    def _whole_steps(self) -> "StepPlan":
        if self.bucket % 8:
            raise ValueError(f"bucket is {self.bucket}, no multiple of 8 (a time step)")
        return self


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


class TrainPlan(Strict):
    """All of a fine-tune. The run keeps it, and so does each checkpoint.

    Attributes:
        max_length: characters of the longest label that is trained on.
        save_every: steps between two checkpoints. keep: how many of them are kept.
        minutes: budget of wall time that the epochs were fitted to; 0 for none.
        workers: processes that decode and vary lines.
        dropped: lines of all lists that cannot be trained on, by reason.
    """

    format: Literal[2] = 2
    base: BaseModelPlan
    mix: MixPlan
    stop: StopPlan
    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]
    step: StepPlan = StepPlan()
    rows: RowPlan = RowPlan()
    max_length: Some = 25
    save_every: Some = 200
    keep: Some = 2
    minutes: Annotated[float, Ge(0)] = 0
    workers: Count = 1
    device: Literal["cpu", "gpu"] = "cpu"
    seed: int = 0
    dropped: dict[str, int] = {}

    @model_validator(mode="after")
    def _base_is_tried(self) -> "TrainPlan":
        if 0.0 not in self.stop.alphas:
            raise ValueError("stop.alphas lacks 0, the base model: the answer that is always safe")
        return self
