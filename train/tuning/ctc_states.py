"""CTC by its states: the loss of lines, and how likely each state is at each time step.

Graves et al. 2006, equations 6 to 16, over all lines of a batch at once, in logarithms.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from train.reading.ctc import BLANK

Floats = npt.NDArray[np.float64]


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
    """Give the losses of lines and the shares of their states.

    Args:
        logs: N x T x S, logarithms of the probability of each state's class at each time step.

    Returns:
        N losses in nats, infinite where a label needs more time steps than there are, and
        N x T x S shares, which sum to 1 over the states of a time step. What the loss falls by
        when a state's class gets likelier is its share.
    """
    count, length, _ = logs.shape
    rows = np.arange(count)
    forward = np.full(logs.shape, -np.inf)
    forward[:, 0, :2] = logs[:, 0, :2]
    for step in range(1, length):
        forward[:, step] = logs[:, step] + _entered(forward[:, step - 1], states.skips)
    backward = np.full(logs.shape, -np.inf)
    backward[rows, -1, states.ends] = backward[rows, -1, states.ends - 1] = 0
    for step in range(length - 2, -1, -1):
        backward[:, step] = _left(backward[:, step + 1] + logs[:, step + 1], states.skips)
    last = forward[rows, -1]
    total = np.logaddexp(last[rows, states.ends], last[rows, states.ends - 1])
    with np.errstate(invalid="ignore"):
        shares = np.exp(forward + backward - total[:, None, None])
    return -total, shares


def _entered(before: Floats, skips: npt.NDArray[np.bool_]) -> Floats:
    """Add up the ways into each state: from itself, the one before, and the one before that."""
    found = before.copy()
    found[:, 1:] = np.logaddexp(before[:, 1:], before[:, :-1])
    skipping = np.where(skips[:, 2:], before[:, :-2], -np.inf)
    found[:, 2:] = np.logaddexp(found[:, 2:], skipping)
    return found


def _left(after: Floats, skips: npt.NDArray[np.bool_]) -> Floats:
    """Add up the ways out of each state."""
    found = after.copy()
    found[:, :-1] = np.logaddexp(after[:, :-1], after[:, 1:])
    skipping = np.where(skips[:, 2:], after[:, 2:], -np.inf)
    found[:, :-2] = np.logaddexp(found[:, :-2], skipping)
    return found
