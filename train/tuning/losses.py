"""What a step makes smaller: CTC of labelled lines, distance from the base model on distilled ones.

Both are sums over the time steps of a line, in nats, so that they can stand side by side.

The last layer and both losses are one. It is the largest array of a step by far (1,280 x 6,625 for
32 lines). Paddle goes over it some twenty times, each time in fresh memory, and its matrix product
takes four times as long as NumPy's on an AMD CPU (4.7 and 1.2 ms a line). So on a CPU it stays in
one place and is changed there, by NumPy: softmax, then the gradient, worked out by hand, which is
softmax less the target.
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
from train.reading.ctc import BLANK, Probabilities, States, ctc_states

Array = npt.NDArray[np.float32]

Nats = float | Tensor
"""A sum of losses; a tensor where it stands on the device that computed it."""


@dataclass(frozen=True, slots=True)
class Posterior:
    """What the base model read in a line, kept small.

    Attributes:
        classes: T x K int32, the likeliest classes of each time step.
        shares: T x K float32, their probabilities.
    """

    classes: npt.NDArray[np.int32]
    shares: npt.NDArray[np.float32]


def posterior_of(
    probabilities: Probabilities, top: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float16]]:
    """Keep the likeliest classes of each time step.

    Args:
        probabilities: ... x T x classes.

    Returns:
        Classes (... x T x top, int32, by rising id) and their probabilities (float16).
    """
    top = min(top, probabilities.shape[-1])
    chosen = np.sort(np.argpartition(probabilities, -top, axis=-1)[..., -top:], axis=-1)
    shares = np.take_along_axis(probabilities, chosen, axis=-1)
    return chosen.astype(np.int32), shares.astype(np.float16)


@dataclass(frozen=True, slots=True)
class Wavering:
    """Classes that the base model loses: it reads nothing (blank) where they stand.

    Attributes:
        classes: ids. hint: share of a time step from which on the base model wavers.
    """

    classes: tuple[int, ...] = ()
    hint: float = 0.01


NOTHING_OPEN = Wavering()


def opened_here(
    classes: npt.NDArray[np.int64],
    shares: npt.NDArray[np.float32],
    ours: npt.NDArray[np.float32],
    wavering: Wavering,
) -> npt.NDArray[np.float32]:
    """Leave the choice between a lost class and the blank to us where the base model wavered.

    There the two count as one: what the base model gives both is shared between them as we share
    it now. The divergence is then that of the coarser reading, and so is its gradient.

    Args:
        classes, shares: N x T x K, of the base model. ours: our shares of the same classes.

    Returns:
        The target's shares, N x T x K.
    """
    if not wavering.classes:
        return shares
    lost = np.isin(classes, wavering.classes)
    open_step = (np.where(lost, shares, 0).max(axis=-1, keepdims=True)) >= wavering.hint
    group = (lost | (classes == BLANK)) & open_step
    theirs = np.where(group, shares, 0).sum(axis=-1, keepdims=True)
    ours_open = np.where(group, np.maximum(ours, 1e-30), 0)
    whole = np.maximum(ours_open.sum(axis=-1, keepdims=True), 1e-30)
    return np.where(group, theirs * ours_open / whole, shares).astype(np.float32)


def opened_there(classes: Tensor, shares: Tensor, ours: Tensor, wavering: Wavering) -> Tensor:
    """Leave the same choice open as `opened` does, where the logits are."""
    lost = (classes.unsqueeze(-1) == paddle.to_tensor(wavering.classes, classes.dtype)).any(-1)
    none = paddle.zeros_like(shares)
    is_open = paddle.where(lost, shares, none).max(axis=-1, keepdim=True) >= wavering.hint
    group = paddle.logical_and(paddle.logical_or(lost, classes == BLANK), is_open)
    theirs = paddle.where(group, shares, none).sum(axis=-1, keepdim=True)
    ours_open = paddle.where(group, ours.clip(min=1e-30), none)
    whole = ours_open.sum(axis=-1, keepdim=True).clip(min=1e-30)
    return paddle.where(group, theirs * ours_open / whole, shares)


def ctc_sum(logits: Tensor, labels: Sequence[Sequence[int]]) -> Tensor:
    """Add up the CTC losses of lines (Graves et al. 2006).

    Args:
        logits: N x T x classes. labels: the classes of each line, none empty, none infeasible.
    """
    longest = max(map(len, labels))
    padded = np.zeros((len(labels), longest), np.int32)
    for row, label in zip(padded, labels, strict=True):
        row[: len(label)] = label
    steps = paddle.full([len(labels)], logits.shape[1], "int64")
    return paddle.nn.functional.ctc_loss(
        logits.transpose([1, 0, 2]),
        paddle.to_tensor(padded),
        steps,
        paddle.to_tensor(np.array([len(label) for label in labels], np.int64)),
        blank=BLANK,
        reduction="sum",
    )


def targets_of(
    posteriors: Sequence[Posterior],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Return the classes and shares of distilled lines, N x T x K, the shares summing to 1.

    What the kept classes leave open belongs to none of them.
    """
    classes = np.stack([posterior.classes for posterior in posteriors]).astype(np.int64)
    shares = np.stack([posterior.shares for posterior in posteriors]).astype(np.float32)
    shares /= np.maximum(shares.sum(axis=-1, keepdims=True), 1e-6)
    return classes, shares


def distil_sum(
    logits: Tensor, posteriors: Sequence[Posterior], wavering: Wavering = NOTHING_OPEN
) -> Tensor:
    """Add up how far readings are from the base model's: KL(base || ours) over its top classes.

    0 where they agree (Hinton et al. 2015 at temperature 1; Li and Hoiem 2016 keep old knowledge
    so).

    Args:
        logits: N x T x classes.
        wavering: what is left open (`opened`).
    """
    known, kept = targets_of(posteriors)
    classes, shares = paddle.to_tensor(known), paddle.to_tensor(kept)
    chosen = paddle.take_along_axis(logits, classes, axis=-1)
    sums = paddle.logsumexp(logits, axis=-1)
    if wavering.classes:
        with paddle.no_grad():
            ours = paddle.exp(chosen - sums.unsqueeze(-1))
            shares = opened_there(classes, shares, ours, wavering)
    entropy = paddle.where(shares > 0, shares * paddle.log(shares.clip(min=1e-30)), 0 * shares)
    # The target holds a handful of the classes: those are gathered where the logits are, and no
    # array of all classes is made for it (359 MiB at 128 lines of v5, carried over each step).
    return entropy.sum() + sums.sum() - (shares * chosen).sum()


@dataclass(frozen=True, slots=True)
class LayerGradients:
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
) -> LayerGradients:
    """Compute what `ctc_sum` and `distil_sum` give, and the gradients.

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
        label_logits = np.take_along_axis(lines[:known], states.classes[:, None], axis=-1)
    if posteriors:
        classes, shares = targets_of(posteriors)
        others = np.take_along_axis(lines[known:], classes, axis=-1)
    np.exp(room, out=room)
    sums = room.sum(axis=1, keepdims=True)
    room /= sums
    logs = np.log(sums.astype(np.float64)).reshape(count, length, 1)
    ctc = distil = 0.0
    if states:
        losses, occupied = ctc_states(label_logits - logs[:known], states)
        ctc = float(losses.sum())
        at = np.broadcast_to(states.classes[:, None], occupied.shape)
        numbers = np.arange(known * length).reshape(known, length, 1)
        np.subtract.at(room, (np.broadcast_to(numbers, at.shape), at), occupied.astype(np.float32))
    scale = np.ones((count * length, 1), np.float32)
    if posteriors:
        ours = np.take_along_axis(lines[known:], classes, axis=-1)
        shares = opened_here(classes, shares, ours, wavering)
        likeness = shares * np.log(np.maximum(shares, 1e-30)) - shares * (others - logs[known:])
        distil = float(likeness.sum())
        np.put_along_axis(lines[known:], classes, ours - shares, axis=-1)
        scale[known * length :] = distil_weight
    # Each row's weight goes onto the small arrays.
    given = (room @ weight.T) * scale
    scaled = flat * scale
    return LayerGradients(
        ctc, distil, given.reshape(steps.shape), scaled.T @ room, (scale.T @ room)[0]
    )


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
        """Return the sum to go back from, and the sums of both losses, in nats.

        On a GPU these stay where they are: to look at a number there is to wait for it.

        Args:
            steps: N x T x dims; labelled lines first, then distilled ones. Without lines all
                gradients are 0.
        """
        if self.by_hand and (labels or posteriors):
            kept: list[LayerGradients] = []

            def work(given: Array, weight: Array, bias: Array) -> LayerGradients:
                room = self._room_for(given.shape[0] * given.shape[1], len(bias))
                gradients = found_by_hand(
                    steps=given,
                    weight=weight,
                    bias=bias,
                    labels=labels,
                    posteriors=posteriors,
                    distil_weight=self._weight,
                    wavering=self._wavering,
                    room=room,
                )
                kept.append(gradients)
                return gradients

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
            distilled = distil_sum(logits[len(labels) :], posteriors, self._wavering)
            distil = distilled.detach()
            parts.append(distilled * self._weight)
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
        work: Callable[..., LayerGradients],
        distil_weight: float,
    ) -> Tensor:
        """Return the loss."""
        ctx.learns = [not tensor.stop_gradient for tensor in (steps, weight, bias)]
        ctx.gradients = work(steps.numpy(), weight.numpy(), bias.numpy())
        whole = ctx.gradients.ctc + distil_weight * ctx.gradients.distil
        return paddle.to_tensor(whole, dtype="float32")

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Any:
        """Return the gradients of the three; Paddle wants None for what does not learn."""
        factor = np.float32(float(gradient))
        gradients: LayerGradients = ctx.gradients
        return tuple(
            paddle.to_tensor(part * factor) if learns else None
            for part, learns in zip(
                (gradients.steps, gradients.weight, gradients.bias), ctx.learns, strict=True
            )
        )
