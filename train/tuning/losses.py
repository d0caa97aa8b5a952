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


def distil_sum(logits: Tensor, posteriors: Sequence[Posterior]) -> Tensor:
    """Add up how far readings are from the base model's: KL(base || ours) over its top classes.

    0 where they agree (Hinton et al. 2015 at temperature 1; Li and Hoiem 2016 keep old knowledge
    so).

    Args:
        logits: N x T x classes.
    """
    classes, shares = targets_of(posteriors)
    own = np.where(shares > 0, shares * np.log(np.maximum(shares, 1e-30)), 0).sum()
    # All classes, most of them 0: on the CPU Paddle's log_softmax takes 100 times as long to go
    # back through as this one operation (460 and 3 ms a line of 40 steps and 6,625 classes).
    target = np.zeros(logits.shape, np.float32)
    np.put_along_axis(target, classes, shares, axis=-1)
    crossed = paddle.nn.functional.cross_entropy(
        logits, paddle.to_tensor(target), soft_label=True, reduction="sum", axis=-1
    )
    return crossed + float(own)
