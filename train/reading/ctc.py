"""CTC: from the probabilities of classes to a text with its score, and to the loss of a text.

Read greedily, as PaddleOCR's `CTCLabelDecode`: the best class of each time step, repeats once,
blanks out; the score is the mean of the probabilities that are kept (float32), 0 when nothing is.

The loss of lines, and how likely each state is at each time step, are those of Graves et al. 2006,
equations 6 to 16, over all lines of a batch at once, in logarithms.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from textlines.errors import InputError
from textlines.labels.alphabet import Alphabet
from textlines.profile.suspects import UNREADABLE_NATS
from textlines.wording.counts import count_of

BLANK = 0

BROKEN = "Its weights or its numbers are broken: copy or export the model again, in float32."

Probabilities = npt.NDArray[np.float32]
"""N x T x classes float32, 0..1: of each line, time step and class."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Line:
    """What was read in one crop: the entries of the dictionary as they are, and 0..1."""

    text: str
    score: float


def emitted(best: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Return at which time steps greedy CTC reads a character: no blank, and no repeat.

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
            f"gives NaN or infinity in {int(unsure.sum()):,} of {count_of(sure.size, 'time step')}",
            BROKEN,
        )
    return [
        read_classes(classes, shares, alphabet) for classes, shares in zip(best, sure, strict=True)
    ]


def smallest_lead(probabilities: npt.NDArray[Any]) -> float:
    """Return how far the best class leads the second at the time step where it leads least.

    Args:
        probabilities: T x classes, of one line.

    >>> float(smallest_lead(np.array([[0.75, 0.25], [0.5, 0.5]])))
    0.0
    """
    top = np.partition(probabilities, -2, axis=-1)[:, -2:]
    return float((top[:, 1] - top[:, 0]).min())


@dataclass(frozen=True, slots=True)
class States:
    """The states of labels: blank, first class, blank, second class, ..., blank.

    Attributes:
        classes: N x S, of each state; behind a line's last state blanks fill up.
        ends: N, the number of each line's last state.
        skips: N x S, whether a state may follow the one before the blank before it.
    """

    classes: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    skips: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, labels: Sequence[Sequence[int]]) -> "States":
        """Lay labels out, none of them empty."""
        classes = np.full((len(labels), 2 * max(map(len, labels)) + 1), BLANK, np.int64)
        for row, label in zip(classes, labels, strict=True):
            row[1 : 2 * len(label) : 2] = label
        skips = np.zeros(classes.shape, np.bool_)
        skips[:, 2:] = (classes[:, 2:] != BLANK) & (classes[:, 2:] != classes[:, :-2])
        return cls(classes, np.array([2 * len(label) for label in labels]), skips)


def ctc_states(logs: Floats, states: States) -> tuple[Floats, Floats]:
    """Return the losses of lines and the shares of their states.

    Args:
        logs: N x T x S, logarithms of the probability of each state's class at each time step.

    Returns:
        N losses in nats, infinite where a label needs more time steps than there are, and
        N x T x S shares, which sum to 1 over the states of a time step. What the loss falls by
        when a state's class gets likelier is its share.
    """
    count, length, _ = logs.shape
    rows = np.arange(count)
    forward = _forward(logs, states)
    backward = np.full(logs.shape, -np.inf)
    backward[rows, -1, states.ends] = backward[rows, -1, states.ends - 1] = 0
    for step in range(length - 2, -1, -1):
        backward[:, step] = _left(backward[:, step + 1] + logs[:, step + 1], states.skips)
    total = _total(forward, states)
    with np.errstate(invalid="ignore"):
        shares = np.exp(forward + backward - total[:, None, None])
    return -total, shares


def nats_of(
    probabilities: npt.NDArray[np.floating[Any]], texts: Sequence[str], alphabet: Alphabet
) -> list[float]:
    """Return the CTC loss of texts: minus the logarithm of their probabilities.

    Args:
        probabilities: T x classes, of one line.

    Returns:
        At most `UNREADABLE_NATS`: that of a text that the network cannot write.
    """

    def logs_of(classes: npt.NDArray[np.int64]) -> Floats:
        return np.asarray(np.log(np.maximum(probabilities[:, classes].astype(np.float64), 1e-12)))

    nats = dict.fromkeys(texts, UNREADABLE_NATS)
    labels = {text: alphabet.encode(text) for text in nats if text and alphabet.holds(text)}
    if "" in nats:
        nats[""] = min(float(-logs_of(np.array([BLANK])).sum()), UNREADABLE_NATS)
    if labels:
        states = States.of(list(labels.values()))
        several = logs_of(states.classes).transpose(1, 0, 2)
        losses = -_total(_forward(several, states), states)
        nats |= {
            text: float(min(loss, UNREADABLE_NATS))
            for text, loss in zip(labels, losses, strict=True)
        }
    return [nats[text] for text in texts]


def _forward(logs: Floats, states: States) -> Floats:
    forward = np.full(logs.shape, -np.inf)
    forward[:, 0, :2] = logs[:, 0, :2]
    for step in range(1, logs.shape[1]):
        forward[:, step] = logs[:, step] + _entered(forward[:, step - 1], states.skips)
    return forward


def _total(forward: Floats, states: States) -> Floats:
    rows = np.arange(len(forward))
    last = forward[:, -1]
    return np.asarray(np.logaddexp(last[rows, states.ends], last[rows, states.ends - 1]))


def _entered(before: Floats, skips: npt.NDArray[np.bool_]) -> Floats:
    """Add up the ways into each state: from itself, the one before, and the one before that."""
    totals = before.copy()
    totals[:, 1:] = np.logaddexp(before[:, 1:], before[:, :-1])
    skipping = np.where(skips[:, 2:], before[:, :-2], -np.inf)
    totals[:, 2:] = np.logaddexp(totals[:, 2:], skipping)
    return totals


def _left(after: Floats, skips: npt.NDArray[np.bool_]) -> Floats:
    """Add up the ways out of each state."""
    totals = after.copy()
    totals[:, :-1] = np.logaddexp(after[:, :-1], after[:, 1:])
    skipping = np.where(skips[:, 2:], after[:, 2:], -np.inf)
    totals[:, :-2] = np.logaddexp(totals[:, :-2], skipping)
    return totals
