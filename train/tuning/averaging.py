"""The mean of the weights over a stage's steps, which reads better than the weights of any one.

Steps at a rate that teaches quickly knock old knowledge about, each in its own direction, and for
epochs: their mean does not. Step t weighs t ** `LEAN`, so that the mean follows what is learnt and
forgets the first steps, however long the stage is (polynomial-decay averaging, Shamir and Zhang
2013, 1212.1824; after Polyak and Juditsky 1992).
"""

from collections.abc import Mapping

import numpy as np
import paddle

from train.models.base_folder import Tensors
from train.tuning.tunable import Tunable

LEAN = 1
"""How much the mean leans to later steps: 0 to none, 1 makes half of it of the last 29 % of them.
Measured: docs/decisions/013-where-a-run-ends.md."""


class Average:
    """The running mean of what learns.

    On a CPU it is changed where it stands, tensor by tensor; on a GPU it stays there, in one piece:
    three operations a step, and no copy to the host.

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
        self._mean = {name: one.numpy().astype(np.float32) for name, one in named}
        if kept:
            self._steps = int(kept[_STEPS])
            self._mean = {name: kept[name] for name in self._mean}
        self._there: paddle.Tensor | None = None
        if paddle.device.get_device() != "cpu":
            whole = [self._mean[name].reshape(-1) for name, _, _ in self._sizes]
            self._there = paddle.to_tensor(np.concatenate(whole))

    def add(self) -> None:
        """Take a step's weights into the mean."""
        if not self._is_on:
            return
        self._steps += 1
        share = np.float32((LEAN + 1) / (self._steps + LEAN))
        if self._there is not None:
            with paddle.no_grad():
                parts = [one.reshape([-1]) for _, one in self._tunable.learning()]
                own = paddle.concat(parts) * float(share)
                self._there = self._there * float(1 - share) + own
            return
        for name, one in self._tunable.learning():
            mean = self._mean[name]
            mean *= 1 - share
            mean += share * one.numpy()

    def tensors(self) -> Tensors:
        """Give all weights, those that learn as their mean."""
        last = self._tunable.tensors()
        return {**last, **self._named()} if self._is_on else last

    def state(self) -> Tensors:
        """Give what a checkpoint needs to go on."""
        return {**self._named(), _STEPS: np.array(self._steps)} if self._is_on else {}

    def _named(self) -> Mapping[str, np.ndarray]:
        if self._there is None:
            return self._mean
        whole, at, found = self._there.numpy(), 0, {}
        for name, shape, size in self._sizes:
            found[name] = whole[at : at + size].reshape(shape)
            at += size
        return found


_STEPS = "averaged steps"
