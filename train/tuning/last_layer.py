"""The last layer and both losses in one: on a CPU by NumPy, with the gradient worked out by hand.

The last layer is the largest array of a step by far (1,280 x 6,625 for 32 lines). Paddle goes over
it some twenty times, each time in fresh memory, and its matrix product takes four times as long as
NumPy's on an AMD CPU (4.7 and 1.2 ms a line). Here it stays in one place and is changed there:
softmax, then the gradient, which is softmax less the target.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import paddle
from paddle import Tensor
from paddle.autograd import PyLayer

from train.networks.recognizer import Recognizer
from train.reading.ctc import States, ctc_states
from train.tuning.losses import (
    NOTHING_OPEN,
    Posterior,
    Wavering,
    ctc_sum,
    distil_sum,
    opened,
    targets_of,
)

Array = npt.NDArray[np.float32]

Nats = float | Tensor
"""A sum of losses; a tensor where it stands on the device that computed it."""


@dataclass(frozen=True, slots=True)
class Found:
    """Losses of a batch in nats, and the gradients of ctc + weight x distil.

    Attributes:
        steps: N x T x dims, of what the layer was given. weight, bias: of the layer.
    """

    ctc: float
    distil: float
    steps: Array
    weight: Array
    bias: Array


def found_by_hand(
    steps: Array,
    weight: Array,
    bias: Array,
    labels: Sequence[Sequence[int]],
    posteriors: Sequence[Posterior],
    distil_weight: float,
    wavering: Wavering,
    room: Array,
) -> Found:
    """Compute what `losses.ctc_sum` and `losses.distil_sum` give, and the gradients.

    Args:
        steps: N x T x dims; labelled lines first, then distilled ones.
        weight: dims x classes. bias: classes.
        labels: of the labelled lines. posteriors: of the distilled ones.
        wavering: what these leave open.
        room: N * T x classes, written over.
    """
    count, length, dims = steps.shape
    flat = steps.reshape(-1, dims)
    np.matmul(flat, weight, out=room)
    room += bias
    room -= room.max(axis=1, keepdims=True)
    lines = room.reshape(count, length, -1)
    known = len(labels)
    states = States.of(labels) if labels else None
    # The few values that the losses need, before the array is written over.
    if states:
        own = np.take_along_axis(lines[:known], states.classes[:, None], axis=-1)
    if posteriors:
        classes, shares = targets_of(posteriors)
        others = np.take_along_axis(lines[known:], classes, axis=-1)
    np.exp(room, out=room)
    sums = room.sum(axis=1, keepdims=True)
    room /= sums
    logs = np.log(sums.astype(np.float64)).reshape(count, length, 1)
    ctc = distil = 0.0
    if states:
        losses, occupied = ctc_states(own - logs[:known], states)
        ctc = float(losses.sum())
        at = np.broadcast_to(states.classes[:, None], occupied.shape)
        numbers = np.arange(known * length).reshape(known, length, 1)
        np.subtract.at(room, (np.broadcast_to(numbers, at.shape), at), occupied.astype(np.float32))
    scale = np.ones((count * length, 1), np.float32)
    if posteriors:
        ours = np.take_along_axis(lines[known:], classes, axis=-1)
        shares = opened(classes, shares, ours, wavering)
        likeness = shares * np.log(np.maximum(shares, 1e-30)) - shares * (others - logs[known:])
        distil = float(likeness.sum())
        np.put_along_axis(lines[known:], classes, ours - shares, axis=-1)
        scale[known * length :] = distil_weight
    # Each row's weight goes onto the small arrays.
    given = (room @ weight.T) * scale
    scaled = flat * scale
    return Found(ctc, distil, given.reshape(steps.shape), scaled.T @ room, (scale.T @ room)[0])


class LastLayer:
    """A network's last layer with the losses behind it.

    Attributes:
        by_hand: whether losses are plain numbers, at hand when a step is made.
    """

    def __init__(
        self,
        network: Recognizer,
        *,
        distil_weight: float,
        amp: bool,
        wavering: Wavering = NOTHING_OPEN,
    ) -> None:
        """Take the layer of a network; where it computes is settled now.

        Args:
            distil_weight: of a distilled line's loss beside a labelled line's.
            amp: half precision for the layer, where the device has it.
            wavering: what distilled lines leave open.
        """
        self._head, self._weight, self._amp = network.head, distil_weight, amp
        self._wavering = wavering
        self.by_hand = paddle.device.get_device() == "cpu" and not amp
        self._room = np.empty(0, np.float32)

    def losses(
        self,
        steps: Tensor,
        labels: Sequence[Sequence[int]],
        posteriors: Sequence[Posterior],
    ) -> tuple[Tensor, Nats, Nats]:
        """Give the sum to go back from, and the sums of both losses, in nats.

        On a GPU these stay where they are: to look at a number there is to wait for it.

        Args:
            steps: N x T x dims; labelled lines first, then distilled ones. Without lines all
                gradients are 0.
        """
        if self.by_hand and (labels or posteriors):
            kept: list[Found] = []

            def work(given: Array, weight: Array, bias: Array) -> Found:
                room = self._room_for(given.shape[0] * given.shape[1], len(bias))
                found = found_by_hand(
                    given, weight, bias, labels, posteriors, self._weight, self._wavering, room
                )
                kept.append(found)
                return found

            layer: Any = self._head.fc
            loss: Tensor = _ByHand.apply(  # type: ignore[no-untyped-call]
                steps, layer.weight, layer.bias, work, self._weight
            )
            return loss, kept[0].ctc, kept[0].distil
        with paddle.amp.auto_cast(enable=self._amp):
            logits = self._head(steps)
        return self._by_paddle(logits.astype("float32"), labels, posteriors)

    def _by_paddle(
        self, logits: Tensor, labels: Sequence[Sequence[int]], posteriors: Sequence[Posterior]
    ) -> tuple[Tensor, Nats, Nats]:
        parts: list[Tensor] = []
        ctc: Nats = 0.0
        distil: Nats = 0.0
        if labels:
            parts.append(ctc_sum(logits[: len(labels)], labels))
            ctc = parts[-1].detach()
        if posteriors:
            found = distil_sum(logits[len(labels) :], posteriors, self._wavering)
            distil = found.detach()
            parts.append(found * self._weight)
        return (sum(parts[1:], parts[0]) if parts else logits.sum() * 0.0), ctc, distil

    def _room_for(self, rows: int, classes: int) -> Array:
        if self._room.size < rows * classes:
            self._room = np.empty(rows * classes, np.float32)
        return self._room[: rows * classes].reshape(rows, classes)


class _ByHand(PyLayer):
    """Hands gradients that are already there to Paddle."""

    @staticmethod
    def forward(
        ctx: Any,
        steps: Tensor,
        weight: Tensor,
        bias: Tensor,
        work: Callable[..., Found],
        distil_weight: float,
    ) -> Tensor:
        """Give the loss."""
        ctx.learns = [not one.stop_gradient for one in (steps, weight, bias)]
        ctx.found = work(steps.numpy(), weight.numpy(), bias.numpy())
        whole = ctx.found.ctc + distil_weight * ctx.found.distil
        return paddle.to_tensor(whole, dtype="float32")

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Any:
        """Give the gradients of the three; Paddle wants None for what does not learn."""
        factor = np.float32(float(gradient))
        found: Found = ctx.found
        return tuple(
            paddle.to_tensor(one * factor) if learns else None
            for one, learns in zip((found.steps, found.weight, found.bias), ctx.learns, strict=True)
        )
