"""The mean of the weights over the last steps, which reads better than the weights of any one step.

Exponential moving average (Polyak and Juditsky 1992), its decay small for the first steps. Single
steps at a rate that teaches quickly knock old knowledge about, each in its own direction; their
mean does not.
"""

from collections.abc import Mapping

import numpy as np

from train.tuning.tunable import Tunable
from train.weights.base_folder import Tensors

_EARLY = 10
"""After t steps the decay is at most (1 + t) / (10 + t)."""


class Average:
    """The running mean of what learns.

    Args:
        decay: 0 takes the last weights; 0.99 a mean of about the last 100 steps.
    """

    def __init__(
        self, tunable: Tunable, decay: float, kept: Mapping[str, np.ndarray] | None
    ) -> None:
        """Begin with the weights as they are, or with those of a checkpoint."""
        self._tunable, self._decay = tunable, decay
        self._steps = 0
        self._mean = {name: one.numpy().astype(np.float32) for name, one in tunable.learning()}
        if kept:
            self._steps = int(kept[_STEPS])
            self._mean = {name: kept[name] for name in self._mean}

    def add(self) -> None:
        """Take a step's weights into the mean."""
        if not self._decay:
            return
        decay = np.float32(min(self._decay, (1 + self._steps) / (_EARLY + self._steps)))
        self._steps += 1
        for name, one in self._tunable.learning():
            mean = self._mean[name]
            mean *= decay
            mean += (1 - decay) * one.numpy()

    def tensors(self) -> Tensors:
        """Give all weights, those that learn as their mean."""
        last = self._tunable.tensors()
        return last if not self._decay else {**last, **self._mean}

    def state(self) -> Tensors:
        """Give what a checkpoint needs to go on."""
        return {**self._mean, _STEPS: np.array(self._steps)} if self._decay else {}


_STEPS = "averaged steps"
