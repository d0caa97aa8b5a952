"""What a model was mined from, trained on and stopped on, as a value."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from train.seen.images import SeenImages

FORMAT = 1
"""Of `history.json`. Another one is refused."""

TRAINED = "train on"
"""How the steps begin whose lines the model learned; all others chose or stopped by theirs."""


class Step(BaseModel, frozen=True, extra="forbid"):
    """One label file that one step read.

    Attributes:
        step: what was done: "mine from", "train on", "stop on", and what else one wants to tell.
        file: the label file, as it was named.
        sha256: of the label file, 64 hexadecimal digits.
        lines: whose images were read.
        synthetic: the lines were rendered, not photographed.
    """

    step: Annotated[str, Field(min_length=1)]
    file: str
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    lines: Annotated[int, Field(ge=0)]
    synthetic: bool = False


class HistoryFile(BaseModel, frozen=True, extra="forbid"):
    """`history.json`, beside a model. `images`: the name of the .npy file beside it."""

    format: Literal[1] = 1
    steps: tuple[Step, ...]
    images: Annotated[str, Field(pattern=r"^[^/\\]+\.npy$")]


@dataclass(frozen=True, slots=True)
class History:
    """All that the earlier steps of a model have seen.

    Attributes:
        steps: in the order in which they were made, none twice.
        images: that any of them read.
    """

    steps: tuple[Step, ...] = ()
    images: SeenImages = field(default_factory=SeenImages)

    def with_step(self, step: Step, images: SeenImages) -> "History":
        """Add a step and the images that it read; a step that is known adds only images."""
        known = () if step in self.steps else (step,)
        return History((*self.steps, *known), self.images | images)

    def saw_file(self, sha256: str) -> tuple[Step, ...]:
        """Give the steps that read a label file, by its hash."""
        return tuple(step for step in self.steps if step.sha256 == sha256)

    def synthetic_choices(self) -> tuple[Step, ...]:
        """Give the steps that chose or stopped by rendered lines.

        To train on rendered lines is what they are for; to choose by them is worth a word.
        """
        return tuple(
            step for step in self.steps if step.synthetic and not step.step.startswith(TRAINED)
        )


def merged(histories: Sequence[History]) -> History:
    """Put histories together, the steps in order and each once.

    >>> merged([]).steps
    ()
    """
    whole = History()
    for one in histories:
        steps = (*whole.steps, *(step for step in one.steps if step not in whole.steps))
        whole = History(tuple(dict.fromkeys(steps)), whole.images | one.images)
    return whole
