"""The scale of a loss in half precision, and what a step that overflows does to it.

Gradients of half precision vanish below 6e-8 and overflow above 65,504: the loss is multiplied
before the way back and the gradients divided after it (Micikevicius et al. 2018, 1710.03740). An
overflow skips the step and halves the scale; a run of steps without one doubles it.
"""

from dataclasses import dataclass

import numpy as np

from textlines.errors import InputError
from train.models.base_folder import Tensors

FIRST, LEAST, MOST = 1024.0, 2.0**-10, 2.0**24

GROWS_AFTER = 1000
"""Steps in a row without an overflow after which the scale doubles."""

_STATE = "loss scale"


@dataclass(slots=True)
class LossScale:
    """A scale that follows what the steps find.

    It is a function of the plan and of the steps made: part of each checkpoint.

    Attributes:
        value: what the loss is multiplied by. good: steps since it last changed.
        skipped: steps that changed no weight, of the whole stage.
    """

    value: float = FIRST
    good: int = 0
    skipped: int = 0

    def took(self, *, is_finite: bool) -> None:
        """Follow a step.

        Raises:
            InputError: gradients overflow however small the scale is.

        >>> scale = LossScale()
        >>> scale.took(is_finite=False)
        >>> scale
        LossScale(value=512.0, good=0, skipped=1)
        """
        if not is_finite:
            self.skipped += 1
            self.good, self.value = 0, self.value / 2
            if self.value < LEAST:
                raise InputError(
                    "half precision",
                    f"overflows at a loss scale of {self.value:g} still ({self.skipped} steps "
                    "skipped)",
                    "The last checkpoint is whole. Train in float32 (--set step.amp=false in a new "
                    "plan), or lower the rate.",
                )
            return
        self.good += 1
        if self.good >= GROWS_AFTER:
            self.good, self.value = 0, min(2 * self.value, MOST)

    def state(self) -> Tensors:
        """Return what a checkpoint needs to go on."""
        return {_STATE: np.array([self.value, self.good, self.skipped])}

    @classmethod
    def of(cls, state: Tensors) -> "LossScale":
        """Return the scale of a checkpoint; a first one where it holds none."""
        if _STATE not in state:
            return cls()
        value, good, skipped = state[_STATE].tolist()
        return cls(float(value), int(good), int(skipped))


def without_scale(state: Tensors) -> Tensors:
    """Return the rest of a checkpoint's moments."""
    return {name: array for name, array in state.items() if name != _STATE}
