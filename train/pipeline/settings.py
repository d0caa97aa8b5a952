"""`pipeline.toml`: what the line is to do, in one turn or in rounds, as a value."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field, ValidationError, model_validator

from textlines.errors import InputError, UsageError
from textlines.files import read_text
from textlines.formats.judged_set import JudgedBy, JudgedSet
from textlines.parsing import parse_toml
from textlines.wording.counts import count_of

Count = Annotated[int, Field(ge=1)]
Share = Annotated[int, Field(ge=1, le=98)]

SETTINGS = Path("pipeline.toml")
"""What the settings are called where nothing else is said."""

OWN_MINUTES = 30
"""For a hundred crops and more on two cores: five folds take some 10, ten epochs after them 5."""

RENDERED_MINUTES = 3
"""For the few lines that the line renders itself where it is only to be seen running."""


def _several(value: object) -> object:
    """Take one text for a list of it, and "" for none."""
    return ((value,) if value else ()) if isinstance(value, str) else value


def _unless_auto(value: object) -> object:
    """Take "auto" for nothing."""
    return None if value == "auto" else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_several)]


class Frozen(BaseModel, frozen=True, extra="forbid"):
    """Unknown keys are refused, values never change."""


class OwnLines(Frozen):
    """How a team's crops are shared out, in per cent of the documents. They add up to 100.

    group: expression on the path whose first brackets name the document; "" takes each crop
        for its own. comparison: by which the gate judges them.
    stop_labels, judge_labels: label files of lines to stop and to judge by, their paths from the
        folder of the images on; "" draws them by share. roles: a file of roles that came
        with the lines; "" for none. marks: what a person said of single lines, saved from a page.
    folds: that the own lines are read out of: 0 for none. like: a label file of lines as
        production holds them, or the predictions of unlabelled crops; what of it own lines lack is
        drawn. "" takes the own lines themselves.
    """

    train: Share = 65
    stop: Share = 15
    judge: Share = 20
    group: str = ""
    comparison: JudgedBy = "exact"
    stop_labels: str = ""
    judge_labels: str = ""
    roles: str = ""
    marks: str = ""
    folds: Annotated[int, Field(ge=0, le=20)] = 5
    like: str = ""

    @model_validator(mode="after")
    def _whole(self) -> "OwnLines":
        if self.train + self.stop + self.judge != 100:
            raise ValueError("train, stop and judge must add up to 100")
        if self.folds == 1:
            raise ValueError("folds must be 0 (none) or 2 to 20")
        return self


class General(Frozen):
    """Lines of other scenes, that must not get worse.

    labels: label files, FILE or FILE:COMPARISON; none renders a guard instead.
    images: the folder that their paths start from, one for all or one each; "" for a file's own.
    original, stop, judge: per cent of the documents of each file to distil from, to stop by, and
        to judge by. group: as of the own lines. comparison: of files that name none.
    """

    labels: Texts = ()
    images: Texts = ()
    original: Share = 50
    stop: Share = 10
    judge: Share = 40
    group: str = ""
    comparison: JudgedBy = "exact"

    @model_validator(mode="after")
    def _whole(self) -> "General":
        if self.original + self.stop + self.judge != 100:
            raise ValueError("original, stop and judge must add up to 100")
        if len(self.images) not in (0, 1, len(self.labels)):
            raise ValueError(
                f"images names {count_of(len(self.images), 'folder')} for "
                f"{count_of(len(self.labels), 'label file')}: name "
                "one for all, or one each"
            )
        return self

    def sets(self) -> tuple[tuple[JudgedSet, str], ...]:
        """Return each label file with its comparison, and the folder of its images, "" for its own.

        >>> [(str(one), images) for one, images in General(labels=["a.txt:alnum", "b"]).sets()]
        [('a.txt:alnum', ''), ('b:exact', '')]
        """
        folders = self.images * len(self.labels) if len(self.images) == 1 else self.images
        folders = folders or ("",) * len(self.labels)
        sets = []
        for text, images in zip(self.labels, folders, strict=True):
            judged = JudgedSet.parse(text)
            names_none = judged.path == Path(text)
            sets.append(
                (replace(judged, comparison=self.comparison) if names_none else judged, images)
            )
        return tuple(sets)


class Rendered(Frozen):
    """Numbers of lines that are rendered where there are none of a team's own.

    guard: lines of `synth guard`, all parts together.
    """

    mine: Count = 240
    stop: Count = 120
    judge: Count = 200
    guard: Annotated[int, Field(ge=30)] = 960


class Mix(Frozen):
    """Of `balance mix`: original to new, lists, and original lines in each list.

    The last where no line is the team's own: beside those as many others stand.
    """

    ratio: str = "5:1"
    epochs: Count = 4
    epoch_lines: Annotated[int, Field(ge=5)] = 240


class Collecting(Frozen):
    """Of `train collect`, where there are crops and no labels yet.

    budget: crops to label. second: a second model, "" for none, "stock" for another published one
        on this machine. judge: random crops of the first queue that judge; 0 leaves it to the
        budget.
    """

    budget: Count = 50
    second: str = ""
    judge: Annotated[int, Field(ge=0)] = 0


class Rounds(Frozen):
    """How many turns one call takes, each from the last candidate that passed.

    most: rounds at most; 1 is a single turn. patience: rounds in a row without a gain after which
        there is no further one. minutes: of commands, over all rounds, after which no round
        begins; 0 for no end.
    labels: crops to label in each round after the first, where crops are named; 0 for as many as
        in the first. answers: the file in which a round's labels come, "{round}" for its number;
        "" for round-N/collect/answers.json in the folder of the work.
    """

    most: Annotated[int, Field(ge=1, le=50)] = 1
    patience: Count = 2
    minutes: Annotated[float, Field(ge=0)] = 0.0
    labels: Annotated[int, Field(ge=0)] = 0
    answers: str = ""

    @model_validator(mode="after")
    def _whole(self) -> "Rounds":
        if self.answers and "{round}" not in self.answers:
            raise ValueError('answers must hold "{round}": each round has a file of its own')
        return self


class Settings(Frozen):
    """One turn of the line.

    Attributes:
        model: a name or path for `train weights`.
        style: of the new lines. new_lines: how many of them there are to choose from.
        minutes: that the training is fitted to, and before it all folds together; None ("auto")
            gives a team's own lines more than those of a demonstration.
        plan_options, generate_options: further options of these commands, as typed.
        delta: points that the general lines may lose together.
        turn: "auto" where crops are read in their turns: by the base, and so by all after it.
        device: that each command trains or reads on: "auto" is a GPU where Paddle has one.
        workers: processes or threads of each command.
        work: folder of everything that is made.
    """

    model: str = "PP-OCRv4_mobile_rec"
    style: str = "lcd"
    seed: Annotated[int, Field(ge=0)] = 1
    new_lines: Count = 400
    minutes: Annotated[Annotated[float, Field(gt=0)] | None, BeforeValidator(_unless_auto)] = None
    delta: Annotated[float, Field(gt=0, le=100)] = 1.0
    turn: Literal["auto", "off"] = "off"
    device: Literal["auto", "cpu", "gpu"] = "auto"
    workers: Count = 2
    work: str = "loop-out"
    generate_options: tuple[str, ...] = ()
    plan_options: tuple[str, ...] = ()
    rounds: Rounds = Rounds()
    collect: Collecting = Collecting()
    own: OwnLines = OwnLines()
    general: General = General()
    rendered: Rendered = Rendered()
    mix: Mix = Mix()

    @model_validator(mode="after")
    def _mines_out_of_fold(self) -> "Settings":
        if self.rounds.most > 1 and not self.own.folds:
            raise ValueError(
                "rounds.most above 1 needs own.folds: a later round would mine lines that the last "
                "candidate was trained on"
            )
        return self

    def minutes_of(self, *, own: bool) -> float:
        """Return the minutes that a training may take.

        Args:
            own: whether it trains on a team's own lines.

        >>> Settings().minutes_of(own=True), Settings(minutes=5).minutes_of(own=True)
        (30, 5.0)
        """
        if self.minutes is None:
            return OWN_MINUTES if own else RENDERED_MINUTES
        return self.minutes


def read_settings(path: Path) -> Settings:
    """Read a `pipeline.toml`.

    Raises:
        InputError: the file cannot be read.
        UsageError: it is no TOML, or a key in it is unknown or out of range; names the key.
    """
    what = "the pipeline's settings"
    text = read_text(path, what)
    try:
        content = parse_toml(text, str(path), what, "Mend it.")
    except InputError as error:
        raise UsageError(error.where, error.what, error.mend) from error
    return _checked(content, str(path))


def with_rounds(settings: Settings, most: str) -> Settings:
    """Return settings with another number of rounds, as the environment names it.

    Raises:
        UsageError: it is no number, or out of range.
    """
    content = settings.model_dump()
    return _checked(content | {"rounds": content["rounds"] | {"most": most}}, f"ROUNDS={most}")


def _checked(content: Mapping[str, object], where: str) -> Settings:
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()
        )
        raise UsageError(where, faults, "docs/pipeline.md lists the keys.") from error
