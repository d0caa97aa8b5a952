"""What a step of training holds in memory, counted from what it is made of.

Most of it are the maps that the layers keep for the way back. They are not guessed by a formula:
one line goes forward, and Paddle says which tensors its layers keep. All else is counted in
numbers of the network. What a process really takes is printed beside it by `benchmarks/memory.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import paddle
from paddle import Tensor

from textlines.pixels.resize import HEIGHT, LEAST_WIDTH
from train.networks.devices import on_cpu
from train.tuning.train_plan import Part, StepPlan
from train.tuning.training_lines import TrainingLine, heaviest
from train.tuning.tunable import Tunable

BYTES = 4
"""Of a number in float32."""

PROCESS = 400_000_000
"""Of Python with Paddle, numpy and OpenCV: 341 MB resident once they are loaded (Paddle 3.3's CPU
wheel), the rest for what their kernels set up when they are first used."""

ROOM = 1.75
"""Resident memory for a byte that is kept. Paddle's own count of what it holds is what is counted
here to 1 % (553 of 548 MB, PP-OCRv6 tiny, 32 lines); its allocator's gaps, the buffers of kernels
and the gradients on their way add .3 to .75 of it (`benchmarks/memory.py`)."""

COPIES = 2
"""Of every number: the network's and the base model's, which a run compares and blends with."""

LEARNING_COPIES = 5
"""Of a number that learns: its gradient, the gradient once clipped, Adam's two moments, and the
mean of the stage's weights."""

LOGITS_BY_HAND, LOGITS_BY_PADDLE = 2, 5
"""Arrays of the size of the logits: by hand the one that is written over and room for products of
it; by Paddle logits, softmax, target, and the gradients of both."""


@dataclass(frozen=True, slots=True)
class StepMemory:
    """Bytes of one process that makes steps, in float32; half precision takes less.

    Attributes:
        process: of the interpreter and its libraries.
        weights: of weights, gradients and the optimizer's moments.
        kept: of the maps that are kept for the way back, with the room around them.
        logits: of the last layer's arrays.
    """

    process: int
    weights: int
    kept: int
    logits: int

    @property
    def total(self) -> int:
        """Return the sum."""
        return self.process + self.weights + self.kept + self.logits


def step_memory(
    tunable: Tunable, step: StepPlan, part: Part, lines: int, width: int, *, by_hand: bool
) -> StepMemory:
    """Count what a step on a batch holds.

    Args:
        tunable: its weights stay as they are; what learns is chosen anew.
        lines, width: of the batch; in pixels, as padded.
        by_hand: whether the last layer's losses are computed by hand, as on a CPU.
    """
    tunable.choose(part, dropout=step.dropout)
    with on_cpu():
        kept, length = _kept_of_a_line(tunable, part, width)
    numbers = sum(int(value.size) for value in tunable.network.state_dict().values())
    learning = sum(int(parameter.size) for _, parameter in tunable.learning())
    arrays = LOGITS_BY_HAND if by_hand else LOGITS_BY_PADDLE
    return StepMemory(
        process=PROCESS,
        weights=(COPIES * numbers + LEARNING_COPIES * learning) * BYTES,
        kept=round(lines * kept * ROOM),
        logits=lines * length * tunable.network.spec.classes * arrays * BYTES,
    )


def heaviest_step(
    tunable: Tunable,
    step: StepPlan,
    parts: Sequence[Part],
    lists: Sequence[Sequence[TrainingLine]],
    *,
    by_hand: bool,
) -> StepMemory:
    """Count what the heaviest step of a run holds: of all stages, its heaviest batch.

    Args:
        parts: that its stages tune. lists: the lines of each list.
    """
    lines, width = heaviest(lists, step.batch)
    memories = [
        step_memory(tunable, step, part, lines, width, by_hand=by_hand)
        for part in sorted(set(parts))
    ]
    return max(memories, key=lambda memory: memory.total)


def _kept_of_a_line(tunable: Tunable, part: Part, width: int) -> tuple[int, int]:
    """Return the bytes that one line's maps take until the way back, and its time steps."""
    network = tunable.network
    weights = {value.data_ptr() for value in network.state_dict().values()}
    kept: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        # Several layers may keep one map. Weights are kept too, and counted as such.
        if tensor.data_ptr() not in weights:
            kept[tensor.data_ptr()] = int(tensor.size) * tensor.element_size()
        return tensor

    line = paddle.to_tensor(np.zeros((1, 3, HEIGHT, max(width, LEAST_WIDTH)), np.float32))
    if part == "head":
        with paddle.no_grad():
            line = network.features(line)
    with paddle.autograd.saved_tensors_hooks(note, lambda tensor: tensor):
        steps = network.time_steps(line if part == "head" else network.features(line))
    return sum(kept.values()) + int(line.size) * BYTES, int(steps.shape[1])
