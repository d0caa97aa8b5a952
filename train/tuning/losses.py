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
    classes, shares = targets_of(posteriors)
    if wavering.classes:
        with paddle.no_grad():
            sums = paddle.logsumexp(logits, axis=-1, keepdim=True)
            chosen = paddle.take_along_axis(logits, paddle.to_tensor(classes), axis=-1)
            ours = paddle.exp(chosen - sums).numpy()
        shares = opened(classes, shares, ours, wavering)
    own = np.where(shares > 0, shares * np.log(np.maximum(shares, 1e-30)), 0).sum()
    # All classes, most of them 0: on the CPU Paddle's log_softmax takes 100 times as long to go
    # back through as this one operation (460 and 3 ms a line of 40 steps and 6,625 classes).
    target = np.zeros(logits.shape, np.float32)
    np.put_along_axis(target, classes, shares, axis=-1)
    crossed = paddle.nn.functional.cross_entropy(
        logits, paddle.to_tensor(target), soft_label=True, reduction="sum", axis=-1
    )
    return crossed + float(own)
