"""What a model was mined from, trained on and stopped on: `history.json` and `seen_images.npy`.

A history lies beside the model that it describes and goes where that goes. Format 2 holds the
images of each step apart, the hashes of the model's files, so that a history beside another model
is noticed, and a hash of itself. Format 1, which holds none of them, is read.
"""

import hashlib
import io
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, Field, ValidationError

from textlines.array_files import read_npy
from textlines.errors import InputError
from textlines.files import read_text, replacing, replacing_bytes, sha256_of
from textlines.formats.contract import SaidRecord
from textlines.formats.seen_images import WIDTH, Digests, SeenImages
from textlines.parsing import parse_json
from textlines.wording import Sentence, say
from textlines.wording.counts import count_of

FORMAT, FIRST_FORMAT = 2, 1
"""Of `history.json`. Others are refused."""

HISTORY, IMAGES = "history.json", "seen_images.npy"

TRAINED = say("train on")
"""How the steps begin whose lines the model learned; all others chose or stopped by theirs."""

STOP = say("stop on")
"""The step that stopped by lines that are to get better."""

GENERAL_STOP = say("general stop")
"""The step that stopped by lines that must not get worse."""

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, le=10**12)]

_AGAIN = (
    "Copy the model's folder again, whole, or move the file away: then nobody knows which lines "
    "the model has seen."
)


class Step(BaseModel, frozen=True, extra="forbid"):
    """One label file that one step read.

    Attributes:
        step: what was done: "mine from", "train on", "stop on", and what else one wants to tell.
        file: the label file, as it was named.
        sha256: of the label file, 64 hexadecimal digits.
        lines: whose images were read.
        synthetic: the lines were rendered, not photographed.
        round: of the loop, from 1; 0 where an older program did not write it down.
        is_look: the lines were read, and nothing of the model depends on what was read.
    """

    step: Annotated[str, Field(min_length=1)]
    file: str
    sha256: Sha256
    lines: Count
    synthetic: bool = False
    round: Count = 0
    is_look: bool = False

    def told(self) -> Sentence:
        """Return what the step did, in words.

        >>> Step(step="stop on", file="s.txt", sha256="0" * 64, lines=1, round=2).told()
        'round 2: stop on s.txt'
        """
        step = Sentence(self.step)  # of a file, and one of few
        if self.round:
            return say("round {round}: {step} {file}", round=self.round, step=step, file=self.file)
        return say("{step} {file}", step=step, file=self.file)


class StepRow(Step, frozen=True, extra="forbid"):
    """A step as `history.json` has it. `images`: how many rows of the array are its own."""

    images: Count


class HistoryFile(BaseModel, frozen=True, extra="forbid"):
    """`history.json`.

    Attributes:
        model: sha256 by name of the files that the history describes; empty for a run folder.
        steps: in the order in which they were made. The first rows of the array belong to the
            first step, and so on; what is left belongs to steps of format 1, not told apart.
        gaps: what is not known, in words. said: of those with figures, the figures apart; a file
            without any has no such key.
        images: the name of the array beside it, N x 16 uint8: the first 16 bytes of the sha256 of
            each image. images_sha256: of that file.
        sha256: of all the other values, as JSON with sorted keys.
    """

    format: Literal[2] = 2
    model: Mapping[str, Sha256] = {}
    steps: tuple[StepRow, ...]
    gaps: tuple[Sentence, ...] = ()
    said: Mapping[str, SaidRecord] = {}
    images: Annotated[str, Field(pattern=r"^[^/\\]+\.npy$")]
    images_sha256: Sha256
    sha256: Sha256


class FirstHistoryFile(BaseModel, frozen=True, extra="forbid"):
    """`history.json` of format 1: the images of all steps are one set."""

    format: Literal[1] = 1
    steps: tuple[Step, ...]
    images: Annotated[str, Field(pattern=r"^[^/\\]+\.npy$")]


@dataclass(frozen=True, slots=True)
class History:
    """All that the earlier steps of a model have seen.

    Attributes:
        steps: in the order in which they were made, none twice.
        untold: images that were seen by steps which do not tell them apart.
        by_step: the images of each step, as far as no earlier step of the same name saw them;
            steps beyond its end have none.
        gaps: what is not known of the model, in words; a gate cannot clear lines then.
    """

    steps: tuple[Step, ...] = ()
    untold: SeenImages = field(default_factory=SeenImages)
    by_step: tuple[SeenImages, ...] = ()
    gaps: tuple[Sentence, ...] = ()

    def __post_init__(self) -> None:
        own = list(self.by_step)
        while own and not len(own[-1]):
            own.pop()
        object.__setattr__(self, "by_step", tuple(own))

    @property
    def images(self) -> SeenImages:
        """All images that any step saw."""
        every = [self.untold, *self.by_step]
        return SeenImages.of(np.concatenate([one.digests for one in every]))

    @property
    def saw(self) -> int:
        """How many steps saw lines: all but the looks."""
        return sum(not step.is_look for step in self.steps)

    @property
    def round(self) -> int:
        """The last round that a step was made in; 0 before the first."""
        return max((step.round for step in self.steps), default=0)

    def images_of(self, at: int) -> SeenImages:
        """Return the images of the step at a place in `steps`."""
        return self.by_step[at] if at < len(self.by_step) else SeenImages()

    def with_step(self, step: Step, images: SeenImages) -> "History":
        """Add a step and the images that it read; a step that is known adds only images.

        What an earlier step of the same name has is not kept twice: rounds share their lines.
        A look's images are not kept.
        """
        steps = self.steps if step in self.steps else (*self.steps, step)
        own = [self.images_of(at) for at in range(len(steps))]
        fresh = SeenImages() if step.is_look else images
        for at, other in enumerate(steps):
            if other.step == step.step:
                fresh = fresh - own[at]
        at = steps.index(step)
        own[at] = own[at] | fresh
        return replace(self, steps=steps, by_step=tuple(own))

    def with_gap(self, gap: Sentence) -> "History":
        """Add something that is not known, in words."""
        return replace(self, gaps=tuple(dict.fromkeys((*self.gaps, gap))))

    def saw_file(self, sha256: str) -> tuple[Step, ...]:
        """Return the steps that read a label file, by its hash; looks are none."""
        return tuple(step for step in self.steps if step.sha256 == sha256 and not step.is_look)

    def saw_images(self, digests: Digests) -> tuple[tuple[Step, int], ...]:
        """Return the steps that saw some of these images, and how many."""
        found = []
        for step, own in zip(self.steps, self.by_step, strict=False):
            count = int(own.holds(digests).sum())
            if count:
                found.append((step, count))
        return tuple(found)

    def synthetic_choices(self) -> tuple[Step, ...]:
        """Return the steps that chose or stopped by rendered lines.

        To train on rendered lines is what they are for; to choose by them is worth a word.
        """
        return tuple(
            step
            for step in self.steps
            if step.synthetic and not step.is_look and not step.step.startswith(TRAINED)
        )

    def told(self) -> str:
        """Return how much is known, in words.

        >>> History().told()
        'an empty history: no step has read a line for it'
        """
        if not self.saw and not self.gaps and not len(self.untold):
            return "an empty history: no step has read a line for it"
        told = f"a history: {count_of(self.saw, 'step')}, {count_of(len(self.images), 'image')}"
        if self.round > 1:
            told += f", {self.round} rounds"
        return f"{told}; with gaps: {'; '.join(self.gaps)}" if self.gaps else told

    def summary(self) -> dict[str, object]:
        """Return how much is known, in figures, for a command's JSON.

        >>> History().summary()
        {'steps': 0, 'images': 0, 'rounds': 0, 'gaps': []}
        """
        return {
            "steps": self.saw,
            "images": len(self.images),
            "rounds": self.round,
            "gaps": list(map(str, self.gaps)),
        }


def merged(histories: Sequence[History]) -> History:
    """Put histories together, the steps in order and each once.

    >>> merged([]).steps
    ()
    """
    whole = History()
    for one in histories:
        for at, step in enumerate(one.steps):
            whole = whole.with_step(step, one.images_of(at))
        gaps = tuple(dict.fromkeys((*whole.gaps, *one.gaps)))
        whole = replace(whole, untold=whole.untold | one.untold, gaps=gaps)
    return whole


def prefix_of(file: Path) -> str:
    """Return what the names of a history start with that stands beside a file, not in a folder.

    >>> prefix_of(Path("out/profile.json"))
    'profile.'
    """
    return f"{file.stem}."


def history_beside(file: Path) -> tuple[Path, Path]:
    """Return the paths of the history and the images that stand beside a file."""
    prefix = prefix_of(file)
    return file.with_name(f"{prefix}{HISTORY}"), file.with_name(f"{prefix}{IMAGES}")


def write_history(
    history: History, folder: Path, *, model: Mapping[str, str] | None = None, prefix: str = ""
) -> None:
    """Write both files into a model's folder, each whole or not at all.

    Args:
        model: sha256 by name of the files that it describes; None binds it to none.
        prefix: of both names, for a history beside a file that shares its folder with others.

    Raises:
        InputError: the folder cannot be written to.
    """
    blocks = [history.images_of(at).digests for at in range(len(history.steps))]
    array = io.BytesIO()
    np.save(array, np.concatenate([*blocks, history.untold.digests]), allow_pickle=False)
    # The images first: a history that names images which are not there yet would be broken.
    with replacing_bytes(folder / f"{prefix}{IMAGES}") as out:
        out.write(array.getvalue())
    rows = [
        StepRow(**step.model_dump(), images=len(block))
        for step, block in zip(history.steps, blocks, strict=True)
    ]
    unsigned = HistoryFile(
        model=dict(model or {}),
        steps=tuple(rows),
        gaps=history.gaps,
        said={gap: gap.record() for gap in history.gaps if gap.arguments},
        images=f"{prefix}{IMAGES}",
        images_sha256=hashlib.sha256(array.getvalue()).hexdigest(),
        sha256="0" * 64,
    )
    content = unsigned.model_dump(mode="json")
    if not content["said"]:
        del content["said"]
    content["sha256"] = _hash(content)
    with replacing(folder / f"{prefix}{HISTORY}") as file:
        file.write(json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def read_history(
    folder: Path, *, model: Collection[str] | None = None, prefix: str = ""
) -> History | None:
    """Read what lies beside a model; None when no history is there.

    Args:
        model: sha256 of the files that the model is read from. Where the history describes
            others, or was changed since it was written, it gets a gap: what it says may still
            hold, but nobody can rely on what it does not say.

    Raises:
        InputError: the history, or the images that it names, cannot be read; it is broken or of
            another format.
    """
    path = folder / f"{prefix}{HISTORY}"
    if not path.exists():
        return None
    content = parse_json(read_text(path, "the history"), str(path), "the history", _AGAIN)
    found = content.get("format") if isinstance(content, dict) else None
    try:
        if found == FORMAT:
            return _second(path, content, HistoryFile.model_validate(content), model)
        if found == FIRST_FORMAT:
            first = FirstHistoryFile.model_validate(content)
            images, _ = _read_images(folder / first.images)
            return History(first.steps, SeenImages.of(images))
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()
        )
        raise InputError(str(path), f"is no history ({faults})", _AGAIN) from error
    known = f"{FIRST_FORMAT} and {FORMAT}"
    raise InputError(
        str(path), f"is a history of format {found}, this program reads {known}", _AGAIN
    )


def _second(
    path: Path, content: Mapping[str, Any], file: HistoryFile, model: Collection[str] | None
) -> History:
    images, sha256 = _read_images(path.parent / file.images)
    ends = np.cumsum([row.images for row in file.steps], dtype=np.int64)
    if len(ends) and ends[-1] > len(images):
        raise InputError(
            str(path),
            f"names {count_of(int(ends[-1]), 'image')} of its steps, {file.images} holds "
            f"{len(images):,}",
            _AGAIN,
        )
    *blocks, untold = np.split(images, ends)
    history = History(
        tuple(Step(**row.model_dump(exclude={"images"})) for row in file.steps),
        SeenImages.of(untold),
        tuple(map(SeenImages.of, blocks)),
        tuple(gap.as_said(file.said.get(gap, {})) for gap in file.gaps),
    )
    if file.sha256 != _hash(content) or sha256 != file.images_sha256:
        history = history.with_gap(say("{path} was changed since it was written", path=path))
    elif model and file.model and not set(model) <= set(file.model.values()):
        history = history.with_gap(
            say("{path} describes another model than the one beside it", path=path)
        )
    return history


def _hash(content: Mapping[str, Any]) -> str:
    unsigned = {key: value for key, value in content.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(unsigned, sort_keys=True).encode()).hexdigest()


def _read_images(path: Path) -> tuple[Digests, str]:
    """Read the array, N x 16 as it is, and the sha256 of its file."""
    what = "the list of seen images"
    digests = read_npy(path, what, _AGAIN)
    if digests.dtype != np.uint8 or digests.ndim != 2 or digests.shape[1] != WIDTH:
        raise InputError(str(path), f"is no list of seen images (need N x {WIDTH} uint8)", _AGAIN)
    return digests, sha256_of(path)
