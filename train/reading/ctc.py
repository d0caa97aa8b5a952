"""Greedy CTC: from the probabilities of classes to a text with its score.

As PaddleOCR's `CTCLabelDecode`: the best class of each time step, repeats once, blanks out; the
score is the mean of the probabilities that are kept (float32), 0 when nothing is.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from textlines.errors import InputError
from textlines.labels.alphabet import Alphabet

BLANK = 0

BROKEN = "Its weights or its numbers are broken: copy or export the model again, in float32."

Probabilities = npt.NDArray[np.float32]
"""N x T x classes float32, 0..1: of each line, time step and class."""


@dataclass(frozen=True, slots=True)
class Line:
    """What was read in one crop: the entries of the dictionary as they are, and 0..1."""

    text: str
    score: float


def emitted(best: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Tell at which time steps greedy CTC reads a character: no blank, and no repeat.

    Args:
        best: T integers, the best class of each time step.

    >>> emitted(np.array([0, 1, 1, 0, 1, 2, 0])).tolist()
    [False, True, False, False, True, True, False]
    """
    kept: npt.NDArray[np.bool_] = best != BLANK
    kept[1:] &= best[1:] != best[:-1]
    return kept


def read_classes(best: npt.NDArray[Any], sure: npt.NDArray[Any], alphabet: Alphabet) -> Line:
    """Read a line from its best class and that class's probability at each time step.

    Args:
        best: T integers. sure: T floats.

    >>> read_classes(np.array([0, 1, 1, 0, 1, 2, 0]), np.full(7, 0.5, np.float32),
    ...              Alphabet(("a", "b")))
    Line(text='aab', score=0.5)
    """
    kept = emitted(best)
    if not kept.any():
        return Line("", 0.0)
    text = alphabet.decode(best[kept].tolist())
    return Line(text, round(float(sure[kept].mean()), 6))


def read_probabilities(
    probabilities: Probabilities, alphabet: Alphabet, where: str = "the model"
) -> list[Line]:
    """Read all lines of a batch; each depends on its own probabilities alone.

    Args:
        where: the model, for messages.

    Raises:
        InputError: there is no time step, or one has no numbers: that reads as text of nothing.
    """
    if not probabilities.shape[1]:
        raise InputError(where, "gives no time step for a line", BROKEN)
    best = probabilities.argmax(axis=-1)
    # NaN is the largest to argmax, so that one anywhere in a time step stands here.
    sure = np.take_along_axis(probabilities, best[..., None], axis=-1)[..., 0]
    return read_best(best, sure, alphabet, where)


def read_best(
    best: npt.NDArray[Any], sure: npt.NDArray[Any], alphabet: Alphabet, where: str = "the model"
) -> list[Line]:
    """Read all lines of a batch from the best class of each time step; else `read_probabilities`.

    Args:
        best, sure: N x T: class and its probability, NaN where one of the time step is no number.

    Raises:
        InputError: a probability is no number.
    """
    unsure = ~np.isfinite(sure)
    if unsure.any():
        raise InputError(
            where,
            f"gives NaN or infinity in {int(unsure.sum()):,} of {sure.size:,} time steps",
            BROKEN,
        )
    return [read_classes(one, two, alphabet) for one, two in zip(best, sure, strict=True)]


def smallest_lead(probabilities: npt.NDArray[Any]) -> float:
    """Give how far the best class leads the second at the time step where it leads least.

    Args:
        probabilities: T x classes, of one line.

    >>> float(smallest_lead(np.array([[0.75, 0.25], [0.5, 0.5]])))
    0.0
    """
    top = np.partition(probabilities, -2, axis=-1)[:, -2:]
    return float((top[:, 1] - top[:, 0]).min())
