"""A step of training: from the crops or features of a batch to new weights, and what it holds.

What it holds in memory is counted from what it is made of, before a run. Most of it are the maps
that the layers keep for the way back. They are not guessed by a formula: one line goes forward, and
Paddle says which tensors its layers keep. All else is counted in numbers of the network. What a
process really takes is printed beside it by `benchmarks/memory.py`.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import paddle
from paddle import Tensor

from textlines.errors import InputError
from textlines.pixels.arrays import Image
from textlines.pixels.resize import HEIGHT, LEAST_WIDTH, network_batch
from train.networks.devices import on_cpu
from train.tuning.crop_loading import normalised
from train.tuning.feature_store import WidthStore, row_of
from train.tuning.losses import LastLayer, Nats, Posterior, Wavering
from train.tuning.ranks import Ranks
from train.tuning.train_plan import Part, StepPlan
from train.tuning.training_lines import TrainingLine, heaviest
from train.tuning.tunable import Tunable, Updater


@dataclass(frozen=True, slots=True)
class Losses:
    """What steps found, summed over their lines: nats, and lines of both kinds.

    Attributes:
        ctc, distil: on a GPU they stay there until they are looked at, which waits for all steps
            up to then.
        skipped: steps that changed no weight, as half precision overflowed.
    """

    ctc: Nats = 0.0
    distil: Nats = 0.0
    labelled: int = 0
    distilled: int = 0
    skipped: int = 0

    def __add__(self, other: "Losses") -> "Losses":
        return Losses(
            self.ctc + other.ctc,
            self.distil + other.distil,
            self.labelled + other.labelled,
            self.distilled + other.distilled,
            self.skipped + other.skipped,
        )

    def is_finite(self) -> bool:
        """Whether both are numbers."""
        return math.isfinite(float(self.ctc) + float(self.distil))

    def per_line(self) -> tuple[float | None, float | None]:
        """Return the mean losses of labelled and of distilled lines; None where there are none."""
        ctc = float(self.ctc) / self.labelled if self.labelled else None
        return ctc, float(self.distil) / self.distilled if self.distilled else None


def check_finite(
    losses: Losses,
    done: int,
    lines: Sequence[TrainingLine],
    steps: int = 1,
    ranks: Ranks | None = None,
) -> None:
    """Check that the last steps have losses that are numbers.

    Args:
        done: steps made before the last of them. lines: of them all. steps: how many.
        ranks: who has shared them, all at one place: what is not finite in one of them is in the
            weights of all. None for this process alone.

    Raises:
        InputError: they have not; names the first lines, or that another process can.
    """
    is_finite = losses.is_finite()
    if ranks.all_hold(is_finite) if ranks else is_finite:
        return
    paths = ", ".join(line.path for line in lines[:3])
    place = "in another process of the run" if is_finite else f"(lines {paths}, ...)"
    raise InputError(
        f"step {done}" if steps == 1 else f"one of the {steps} steps up to {done}",
        f"has a loss that is not finite {place}",
        "The last checkpoint is whole. Lower the rate (--set stages.0.rate=...), or look at these "
        "lines.",
    )


class Stepper:
    """Makes steps on a network.

    Args:
        stores: features and posteriors by padded width.
        wavering: classes of the plan's wavering characters.
    """

    def __init__(
        self,
        tunable: Tunable,
        updater: Updater,
        plan: StepPlan,
        stores: Mapping[int, WidthStore],
        ranks: Ranks,
        *,
        seed: int,
        wavering: Sequence[int] = (),
    ) -> None:
        self._tunable, self._updater, self._plan = tunable, updater, plan
        self._stores, self._ranks, self._seed = stores, ranks, seed
        self._last = LastLayer(
            tunable.network,
            distil_weight=plan.distil_weight,
            amp=plan.amp,
            wavering=Wavering(tuple(wavering), plan.hint),
        )

    @property
    def is_checked(self) -> bool:
        """Whether each step is checked before it changes a weight: where losses are at hand.

        Else they are checked where they are looked at (`check_finite`).
        """
        return self._last.by_hand

    def on_crops(
        self,
        lines: Sequence[TrainingLine],
        epoch: int,
        done: int,
        rate: float,
        *,
        crops: Sequence[Image],
    ) -> Losses:
        """Step on images, all layers in use; no lines make a step of zeros."""
        width = lines[0].width if lines else LEAST_WIDTH
        pixels = (
            network_batch(crops, width) if lines else np.zeros((1, 3, HEIGHT, width), np.float32)
        )
        return self._on_lines(paddle.to_tensor(pixels), lines, epoch, done, rate)

    def on_bytes(
        self, lines: Sequence[TrainingLine], epoch: int, done: int, rate: float, *, pixels: Tensor
    ) -> Losses:
        """Step on images that lie on the device as bytes (`padded`); else as `on_crops`."""
        return self._on_lines(normalised(pixels), lines, epoch, done, rate)

    def kept_features(self, lines: Sequence[TrainingLine], epoch: int) -> npt.NDArray[np.float16]:
        """Return the features of a batch, N x C x 1 x T; of no lines, one of zeros."""
        if not lines:
            return np.zeros((1, self._tunable.network.backbone.channels, 1, 40), np.float16)
        store = self._stores[lines[0].width]
        rows = [store.row_of(row_of(line, epoch, self._plan)) for line in lines]
        assert store.features is not None
        kept: npt.NDArray[np.float16] = store.features[rows][:, :, None]
        return kept

    def on_features(
        self,
        lines: Sequence[TrainingLine],
        epoch: int,
        done: int,
        rate: float,
        *,
        features: Tensor | None = None,
    ) -> Losses:
        """Step on features that are kept, neck and last layer in use.

        Args:
            features: those of the lines, where they are on the device already.
        """
        if features is None:
            features = paddle.to_tensor(self.kept_features(lines, epoch))
        kept = features.astype("float32")
        return self._step(lambda: self._tunable.network.time_steps(kept), lines, epoch, done, rate)

    def _on_lines(
        self, pixels: Tensor, lines: Sequence[TrainingLine], epoch: int, done: int, rate: float
    ) -> Losses:
        def time_steps() -> Tensor:
            network = self._tunable.network
            return network.time_steps(network.features(pixels))

        return self._step(time_steps, lines, epoch, done, rate)

    def _step(
        self,
        time_steps: Callable[[], Tensor],
        lines: Sequence[TrainingLine],
        epoch: int,
        done: int,
        rate: float,
    ) -> Losses:
        if self._plan.dropout:
            # Of step and process alone: a resumed run drops what an unbroken one drops.
            paddle.seed((self._seed * 1_000_003 + done * 1009 + self._ranks.rank) % (1 << 31))
        with paddle.amp.auto_cast(enable=self._plan.amp):
            steps = time_steps()
        loss, losses = self._loss(steps, lines, epoch)
        if self.is_checked:
            check_finite(losses, done, lines)
        share = self._updater.factor / (self._plan.batch * self._ranks.world)
        (loss * share).backward()
        changed = self._updater.step(rate)
        return losses if changed else replace(losses, skipped=1)

    def _loss(
        self, steps: Tensor, lines: Sequence[TrainingLine], epoch: int
    ) -> tuple[Tensor, Losses]:
        # Labelled lines stand first in a batch, so that both kinds are slices of it.
        count = sum(not line.is_distilled for line in lines)
        labels = [line.ids for line in lines[:count]]
        kept = [self._posterior(line, epoch) for line in lines[count:]]
        loss, ctc, distil = self._last.losses(steps, labels, kept)
        return loss, Losses(ctc, distil, count, len(lines) - count)

    def _posterior(self, line: TrainingLine, epoch: int) -> Posterior:
        store = self._stores[line.width]
        at = store.row_of(row_of(line, epoch, self._plan))
        return Posterior(store.classes[at], store.shares[at])


def in_order(lines: Sequence[TrainingLine]) -> list[TrainingLine]:
    """Put the labelled lines of a batch first."""
    return sorted(lines, key=lambda line: line.is_distilled)


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
