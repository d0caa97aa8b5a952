"""The mean of the weights over a stage's steps, which reads better than the weights of any one.

Steps at a rate that teaches quickly knock old knowledge about, each in its own direction, and for
epochs: their mean does not. Step t weighs t ** `LEAN`, so that the mean follows what is learnt and
forgets the first steps, however long the stage is (polynomial-decay averaging, Shamir and Zhang
2013, 1212.1824; after Polyak and Juditsky 1992).
"""

from collections.abc import Mapping

import numpy as np
import paddle

from train.tuning.tunable import Tunable
from train.weights.base_folder import Tensors

LEAN = 1
"""How much the mean leans to later steps: 0 to none, 1 makes half of it of the last 29 % of them.
Measured: docs/decisions/013-where-a-run-ends.md."""


class Average:
    """The running mean of what learns.

    Args:
        is_on: else the last weights are taken.
    """

    def __init__(
        self, tunable: Tunable, kept: Mapping[str, np.ndarray] | None, *, is_on: bool
    ) -> None:
        """Begin with the weights as they are, or with those of a checkpoint."""
        self._tunable, self._is_on = tunable, is_on
        self._steps = 0
        named = tunable.learning()
        self._sizes = [(name, tuple(one.shape), int(one.size)) for name, one in named]
        self._learning = [one for _, one in named]
        self._mean = self._flat()
        if kept:
            self._steps = int(kept[_STEPS])
            flat = np.concatenate([kept[name].reshape(-1) for name, _, _ in self._sizes])
            self._mean = paddle.to_tensor(flat)

    def add(self) -> None:
        """Take a step's weights into the mean, where they are."""
        if not self._is_on:
            return
        self._steps += 1
        share = float(np.float32((LEAN + 1) / (self._steps + LEAN)))
        with paddle.no_grad():
            self._mean = self._mean * (1 - share) + self._flat() * share

    def tensors(self) -> Tensors:
        """Give all weights, those that learn as their mean."""
        last = self._tunable.tensors()
        return {**last, **self._named()} if self._is_on else last

    def state(self) -> Tensors:
        """Give what a checkpoint needs to go on."""
        return {**self._named(), _STEPS: np.array(self._steps)} if self._is_on else {}

    def _flat(self) -> paddle.Tensor:
        with paddle.no_grad():
            return paddle.concat([one.reshape([-1]) for one in self._learning])

    def _named(self) -> Tensors:
        whole, at, found = self._mean.numpy(), 0, {}
        for name, shape, size in self._sizes:
            found[name] = whole[at : at + size].reshape(shape)
            at += size
        return found


_STEPS = "averaged steps"
