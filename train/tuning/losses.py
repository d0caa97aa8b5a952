"""What a step makes smaller: CTC of labelled lines, distance from the base model on distilled ones.

Both are sums over the time steps of a line, in nats, so that they can stand side by side.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import paddle
from paddle import Tensor

from train.reading.ctc import BLANK, Probabilities


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


def opened(
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
    own = np.where(group, np.maximum(ours, 1e-30), 0)
    whole = np.maximum(own.sum(axis=-1, keepdims=True), 1e-30)
    return np.where(group, theirs * own / whole, shares).astype(np.float32)


def opened_there(classes: Tensor, shares: Tensor, ours: Tensor, wavering: Wavering) -> Tensor:
    """Leave the same choice open as `opened` does, where the logits are."""
    lost = (classes.unsqueeze(-1) == paddle.to_tensor(wavering.classes, classes.dtype)).any(-1)
    none = paddle.zeros_like(shares)
    is_open = paddle.where(lost, shares, none).max(axis=-1, keepdim=True) >= wavering.hint
    group = paddle.logical_and(paddle.logical_or(lost, classes == BLANK), is_open)
    theirs = paddle.where(group, shares, none).sum(axis=-1, keepdim=True)
    own = paddle.where(group, ours.clip(min=1e-30), none)
    whole = own.sum(axis=-1, keepdim=True).clip(min=1e-30)
    return paddle.where(group, theirs * own / whole, shares)


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
    """Give the classes and shares of distilled lines, N x T x K, the shares summing to 1.

    What the kept classes leave open belongs to none of them.
    """
    classes = np.stack([one.classes for one in posteriors]).astype(np.int64)
    shares = np.stack([one.shares for one in posteriors]).astype(np.float32)
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
    own = paddle.where(shares > 0, shares * paddle.log(shares.clip(min=1e-30)), 0 * shares)
    # The target holds a handful of the classes: those are gathered where the logits are, and no
    # array of all classes is made for it (359 MiB at 128 lines of v5, carried over each step).
    return own.sum() + sums.sum() - (shares * chosen).sum()
