"""One step of training: from the crops or features of a batch to gradients, and to new weights."""

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
from train.tuning.crop_loading import normalised
from train.tuning.feature_store import WidthStore, row_of
from train.tuning.losses import LastLayer, Nats, Posterior, Wavering
from train.tuning.ranks import Ranks
from train.tuning.train_plan import StepPlan
from train.tuning.training_lines import TrainingLine
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
