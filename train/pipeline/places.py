"""What the stages of the line work on, and where they leave it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from textlines.formats.judged_set import JudgedBy, JudgedSet
from train.judging.line_kinds import LEAST_SHARE


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
    """Where the stages leave what others read, all in the folder of the work.

    Attributes:
        work: the folder of one turn: of the line, or of a round of it.
        home: of what stays over rounds; None where there is one turn alone.
    """

    work: Path
    home: Path | None = None

    @property
    def root(self) -> Path:
        """The folder of all that is made."""
        return self.home or self.work

    @property
    def base(self) -> Path:
        """The model that the turn starts from."""
        return self.work / "base" / "base"

    @property
    def start(self) -> Path:
        """The model that the first turn starts from."""
        return self.root / "base" / "base"

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
    def labelled(self) -> Path:
        """What the answers of the turn's queue have become."""
        return self.work / "label" / "labelled"

    @property
    def all_labelled(self) -> Path:
        """The labelled lines of all rounds so far."""
        return self.root / "labelled"

    @property
    def own(self) -> Path:
        """The team's lines by role. No stage clears it: roles that are written stay."""
        return self.root / "own"

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
        return self.root / "features"

    @property
    def new_faces(self) -> Path:
        """Arguments for rendering: which faces the judged lines leave."""
        return self.root / "lines" / "new_faces.args"

    @property
    def looks(self) -> Path:
        """Which verdicts have looked at the lines that judge."""
        return self.root / "looks.json"

    @property
    def verdict(self) -> Path:
        """What the gate said, as JSON."""
        return self.work / "gate" / "verdict.json"

    @property
    def guard(self) -> Path:
        """The rendered guard, in parts."""
        return self.root / "lines" / "guard"

    def lines(self, role: str, name: str = "") -> Path:
        """The label file of a role; it has a folder of its own.

        Args:
            name: of a general set.
        """
        return self.root / "lines" / role / name / "labels.txt"

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One turn of several: what it goes on from.

    Attributes:
        number: from 1.
        passed: the last candidate that passed; None where none has yet.
        before: sha256 of what the earlier rounds came to: of another the round is made anew.
        drawn: label files of the lines that earlier rounds drew, the latest first.
        profiles: that each of them was drawn for.
        crops: to ask for labels of; None where the labels are at hand, or no crop is left.
        queues: of earlier rounds, in order.
        answers: the file that the round's labels come in.
        answered: its sha256; "" while it is not there: the round ends with its queue.
        labelled: the folders of labelled lines of all rounds whose queues are answered.
        looks: verdicts that the lines to judge by are to serve for.
    """

    number: int
    passed: Path | None = None
    before: str = ""
    drawn: tuple[Path, ...] = ()
    profiles: tuple[Path, ...] = ()
    crops: Crops | None = None
    queues: tuple[Path, ...] = ()
    answers: Path | None = None
    answered: str = ""
    labelled: tuple[Path, ...] = ()
    looks: int = 1

    @property
    def name(self) -> str:
        """The name of its folder and of its tasks."""
        return round_name(self.number)


def round_name(number: int) -> str:
    """Return the name of a round's folder.

    >>> round_name(2)
    'round-2'
    """
    return f"round-{number}"


TARGET_ROLES = ("mine", "stop", "judge")
GENERAL_ROLES = ("original", "general-stop", "general-judge")
GUARD_PARTS = dict(zip(GENERAL_ROLES, ("replay", "stop", "judge"), strict=True))
"""Which part of a guard plays which role."""
