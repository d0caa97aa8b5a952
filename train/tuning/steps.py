"""One step of training: from the crops or features of a batch to gradients, and to new weights."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import paddle
from paddle import Tensor

from textlines.errors import InputError
from textlines.pixels.arrays import Image
from train.tuning.cache import WidthStore
from train.tuning.filling import row_of
from train.tuning.last_layer import LastLayer
from train.tuning.lines import TrainingLine
from train.tuning.loading import as_input
from train.tuning.losses import Posterior, Wavering
from train.tuning.plan_model import StepPlan
from train.tuning.ranks import Ranks, add_up
from train.tuning.tunable import Tunable, Updater


@dataclass(frozen=True, slots=True)
class Losses:
    """What a step found, summed over its lines: nats, and lines of both kinds."""

    ctc: float = 0.0
    distil: float = 0.0
    labelled: int = 0
    distilled: int = 0

    def __add__(self, other: "Losses") -> "Losses":
        return Losses(
            self.ctc + other.ctc,
            self.distil + other.distil,
            self.labelled + other.labelled,
            self.distilled + other.distilled,
        )

    def per_line(self) -> tuple[float | None, float | None]:
        """Give the mean losses of labelled and of distilled lines; None where there are none."""
        ctc = self.ctc / self.labelled if self.labelled else None
        return ctc, self.distil / self.distilled if self.distilled else None


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
        self._scaler = paddle.amp.GradScaler(init_loss_scaling=1024.0) if plan.amp else None

    def on_crops(
        self,
        lines: Sequence[TrainingLine],
        crops: Sequence[Image],
        epoch: int,
        done: int,
        rate: float,
    ) -> Losses:
        """Step on images, all layers in use; no lines make a step of zeros."""
        width = lines[0].width if lines else 320
        pixels = as_input(crops, width) if lines else np.zeros((1, 3, 48, width), np.float32)

        def time_steps() -> Tensor:
            network = self._tunable.network
            return network.time_steps(network.features(paddle.to_tensor(pixels)))

        return self._step(time_steps, lines, epoch, done, rate)

    def on_features(
        self, lines: Sequence[TrainingLine], epoch: int, done: int, rate: float
    ) -> Losses:
        """Step on features that are kept, neck and last layer in use."""
        if lines:
            store = self._stores[lines[0].width]
            rows = [store.row_of(row_of(line, epoch, self._plan)) for line in lines]
            assert store.features is not None
            kept = store.features[rows].astype(np.float32)[:, :, None]
        else:
            kept = np.zeros((1, self._tunable.network.backbone.channels, 1, 40), np.float32)

        def time_steps() -> Tensor:
            return self._tunable.network.time_steps(paddle.to_tensor(kept))

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
        loss, found = self._loss(steps, lines, epoch)
        if not np.isfinite(found.ctc + found.distil):
            paths = ", ".join(line.path for line in lines[:3])
            raise InputError(
                f"step {done}",
                f"has a loss that is not finite (lines {paths}, ...)",
                "The last checkpoint is whole. Lower the rate (--set stages.0.rate=...), or look "
                "at these lines.",
            )
        whole = loss / (self._plan.batch * self._ranks.world)
        if self._scaler:
            self._scaler.scale(whole).backward()
            self._scaler.unscale_(self._updater.adam)  # type: ignore[no-untyped-call]
        else:
            whole.backward()
        if self._ranks.world > 1:
            add_up(self._tunable.gradients(), self._ranks)
        self._updater.step(rate, self._scaler)
        return found

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
