"""The network while it is tuned: which parts learn, by which steps, and the mean of its weights.

Gradients of half precision vanish below 6e-8 and overflow above 65,504: the loss is multiplied
before the way back and the gradients divided after it (Micikevicius et al. 2018, 1710.03740). An
overflow skips the step and halves the scale; a run of steps without one doubles it.

Steps at a rate that teaches quickly knock old knowledge about, each in its own direction, and for
epochs: the mean of their weights does not. Step t weighs t ** `LEAN`, so that the mean follows what
is learnt and forgets the first steps, however long the stage is (polynomial-decay averaging, Shamir
and Zhang 2013, 1212.1824; after Polyak and Juditsky 1992).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import paddle
from paddle import nn

from textlines.errors import InputError
from train.models.base_folder import Tensors
from train.networks.building import build
from train.networks.graph_spec import Spec
from train.networks.recognizer import Recognizer, fuse
from train.tuning.ranks import Ranks, add_up
from train.tuning.train_plan import Part

HEAD = "head."
"""How the names of the last layer's parameters begin."""

STATISTICS = ("._mean", "._variance")
"""How the names of what a normalisation has seen end."""

FROZEN_IN_HEAD = "backbone."
"""How the names of parameters begin that a stage of the head leaves alone."""

FIRST_SCALE, LEAST_SCALE, MOST_SCALE = 1024.0, 2.0**-10, 2.0**24
"""Of the loss in half precision."""

GROWS_AFTER = 1000
"""Steps in a row without an overflow after which the scale doubles."""

_SCALE_STATE = "loss scale"

LEAN = 1
"""How much the mean leans to later steps: 0 to none, 1 makes half of it of the last 29 % of them.
Measured: docs/decisions/013-where-a-run-ends.md."""

_AVERAGED_STEPS = "averaged steps"


class Learner(Protocol):
    """A network while it learns."""

    def learning(self) -> list[tuple[str, paddle.Tensor]]:
        """Return the parameters that learn, by name, in the network's order."""
        ...

    def tensors(self) -> Tensors:
        """Copy all weights out, float32, by the same names."""
        ...


class UpdateRule(Protocol):
    """What of a plan says how gradients change weights: as in `StepPlan`."""

    @property
    def decay(self) -> float:
        """L2 of all weights but the last layer's."""
        ...

    @property
    def head_decay(self) -> float:
        """L2 of the last layer's."""
        ...

    @property
    def clip(self) -> float:
        """Largest norm of all gradients together."""
        ...

    @property
    def pull(self) -> float:
        """Share of the way back to the base model, times the rate."""
        ...

    @property
    def amp(self) -> bool:
        """Whether half precision is used."""
        ...


@dataclass
class Tunable:
    """A fused network and its parameters by PaddleOCR's names.

    The batch normalisations that are left (in the neck) keep their statistics: those of a set of
    one kind of line would shift what the network reads elsewhere.
    """

    network: Recognizer

    @classmethod
    def of(cls, spec: Spec, tensors: Tensors) -> "Tunable":
        """Build the network with these weights, fused, in evaluation mode.

        Raises:
            ValueError: a tensor is missing, left over or of another size.
        """
        # Parameters get the same names in every process: the optimizer's state goes by them.
        with paddle.utils.unique_name.guard():
            self = cls(build(spec))
            self.put(tensors)
            fuse(self.network)
        return self

    def put(self, tensors: Tensors) -> None:
        """Put weights in, all of them or none.

        Raises:
            ValueError: a tensor is missing, left over or of another size.
        """
        state = self.network.state_dict()
        wanted = {name: tuple(value.shape) for name, value in state.items()}
        given = {name: array.shape for name, array in tensors.items()}
        if wanted != given:
            off = sorted(set(wanted.items()) ^ set(given.items()))
            raise ValueError(f"weights are not the network's: {off[:4]}")
        for name, value in state.items():
            value.set_value(tensors[name])

    def tensors(self) -> Tensors:
        """Copy the weights out, float32, by name, in the network's order."""
        return {name: value.numpy() for name, value in self.network.state_dict().items()}

    def choose(self, part: Part, *, dropout: bool) -> None:
        """Let a part learn and freeze the rest, statistics of normalisations always."""
        self.network.eval()
        for name, parameter in self.network.named_parameters():
            is_frozen = part == "head" and name.startswith(FROZEN_IN_HEAD)
            # Paddle counts statistics among the parameters: with a gradient of 0 in the place of
            # none (several processes, half precision), Adam's decay would pull them down.
            parameter.stop_gradient = is_frozen or name.endswith(STATISTICS)
        if dropout:
            for layer in self.network.neck.sublayers():
                if isinstance(layer, nn.Dropout):
                    layer.train()

    def learning(self) -> list[tuple[str, paddle.Tensor]]:
        """Return the parameters that learn, by name, in the network's order."""
        named = self.network.named_parameters()
        return [(name, parameter) for name, parameter in named if not parameter.stop_gradient]


@dataclass(slots=True)
class LossScale:
    """A scale that follows what the steps find.

    It is a function of the plan and of the steps made: part of each checkpoint.

    Attributes:
        value: what the loss is multiplied by. good: steps since it last changed.
        skipped: steps that changed no weight, of the whole stage.
    """

    value: float = FIRST_SCALE
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
            if self.value < LEAST_SCALE:
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
            self.good, self.value = 0, min(2 * self.value, MOST_SCALE)

    def state(self) -> Tensors:
        """Return what a checkpoint needs to go on."""
        return {_SCALE_STATE: np.array([self.value, self.good, self.skipped])}

    @classmethod
    def of(cls, state: Tensors) -> "LossScale":
        """Return the scale of a checkpoint; a first one where it holds none."""
        if _SCALE_STATE not in state:
            return cls()
        value, good, skipped = state[_SCALE_STATE].tolist()
        return cls(float(value), int(good), int(skipped))


def without_scale(state: Tensors) -> Tensors:
    """Return the rest of a checkpoint's moments."""
    return {name: array for name, array in state.items() if name != _SCALE_STATE}


class Updater:
    """Adam over what learns, with PaddleOCR's decay and one clip over all gradients.

    Where several processes share a step, their gradients are added up first, and what they are
    then is one thing in all of them: whether the step overflowed too. (Paddle's own `GradScaler`
    asks the gradients of each process by themselves: one that overflows alone skips a step that
    the others make, and the weights part for good.)

    Where the plan has a `pull`, the weights are drawn back after each step towards those of the
    base model, by the step's rate times the pull of the way (L2-SP, Li et al. 2018, 1802.01483;
    outside of Adam, as AdamW has its decay: Adam would take the gradient of a distance for as
    large as any other).
    """

    def __init__(
        self, tunable: Learner, plan: UpdateRule, base: Tensors, ranks: Ranks | None = None
    ) -> None:
        """Take what learns now.

        Args:
            base: the weights to be drawn towards.
            ranks: who shares each step; None for this process alone.
        """
        named = tunable.learning()
        self._learning = [parameter for _, parameter in named]
        self._ranks = ranks or Ranks()
        self.scale = LossScale() if plan.amp else None
        self._pull = plan.pull
        self._drawn = [
            (parameter, paddle.to_tensor(base[name])) for name, parameter in named if plan.pull
        ]
        groups = [
            {
                "params": [
                    parameter for name, parameter in named if name.startswith(HEAD) == of_head
                ],
                "weight_decay": plan.head_decay if of_head else plan.decay,
            }
            for of_head in (False, True)
        ]
        self._names = {parameter.name: name for name, parameter in named}
        self.adam = paddle.optimizer.Adam(
            learning_rate=1e-9,
            beta1=0.9,
            beta2=0.999,
            parameters=[group for group in groups if group["params"]],  # type: ignore[arg-type]
            grad_clip=nn.ClipGradByGlobalNorm(plan.clip),
        )

    @property
    def factor(self) -> float:
        """What a loss is multiplied by before the way back: 1 in full precision."""
        return self.scale.value if self.scale else 1.0

    def step(self, rate: float) -> bool:
        """Make one step at a rate, by the gradients of all processes, and forget them.

        Returns:
            Whether weights changed, the same in every process: an overflow skips the step.

        Raises:
            InputError: half precision overflows at every scale.
        """
        is_finite = self._settled()
        if self.scale:
            self.scale.took(is_finite=is_finite)
        if is_finite:
            self._change(rate)
        self.adam.clear_grad()
        return is_finite

    def figures(self, skipped: int) -> dict[str, float]:
        """Return what metrics hold of half precision; nothing in full precision.

        Args:
            skipped: steps that overflowed, of those that are told of.
        """
        return {"skipped": skipped, "scale": self.scale.value} if self.scale else {}

    def _settled(self) -> bool:
        """Add the gradients up and divide them by the scale; return whether they are numbers."""
        if self._ranks.world < 2 and not self.scale:
            return True
        with paddle.no_grad():
            flat = paddle.concat(
                [_gradient(parameter).reshape([-1]) for parameter in self._learning]
            )
            add_up(flat, self._ranks)
            is_finite = True
            if self.scale:
                # Infinity and NaN survive the sum: all processes see what one has found. This is
                # the one number that a step in half precision waits for.
                is_finite = bool(paddle.isfinite(flat).all())
                flat = flat * (1 / self.scale.value)
            at = 0
            for parameter in self._learning:
                size = int(parameter.size)
                parameter.grad = flat[at : at + size].reshape(parameter.shape)
                at += size
        return is_finite

    def _change(self, rate: float) -> None:
        self.adam.set_lr(rate)
        # The first step names the moments, with a number that counts up over all optimizers of
        # the process: a resumed run, which makes fewer of them, would not know its own again.
        with paddle.utils.unique_name.guard():
            self.adam.step()
        share = rate * self._pull
        with paddle.no_grad():
            for parameter, home in self._drawn:
                paddle.assign(paddle.lerp(parameter, home, share) if share < 1 else home, parameter)

    def state(self) -> Tensors:
        """Copy the moments and the scale out, by PaddleOCR's names of the parameters."""
        state = dict(self.scale.state()) if self.scale else {}
        for key, value in self.adam.state_dict().items():
            if isinstance(value, paddle.Tensor):
                state[self._plain(key)] = value.numpy()
        return state

    def put(self, state: Tensors) -> None:
        """Put moments in that `state` gave.

        Raises:
            ValueError: they belong to other parameters.
        """
        back = {plain: name for name, plain in self._names.items()}
        if self.scale:
            self.scale = LossScale.of(state)
        content = {}
        for key, array in without_scale(state).items():
            name, _, kind = key.rpartition("/")
            if name not in back:
                raise ValueError(f"the optimizer's state holds {name}, which does not learn here")
            content[f"{back[name]}_{kind}"] = paddle.to_tensor(array)
        self.adam.set_state_dict(content)

    def _plain(self, key: str) -> str:
        """Name an accumulator by the parameter's own name: `neck....weight/moment1_0`."""
        longest = max((name for name in self._names if key.startswith(f"{name}_")), key=len)
        return f"{self._names[longest]}/{key[len(longest) + 1 :]}"


def _gradient(parameter: paddle.Tensor) -> paddle.Tensor:
    """Return a parameter's gradient, zeros where a step did not reach."""
    return parameter.grad if parameter.grad is not None else paddle.zeros_like(parameter)


class Average:
    """The running mean of what learns.

    On a CPU it is changed where it stands, tensor by tensor; on a GPU it stays there, in one piece:
    three operations a step, and no copy to the host.

    Args:
        is_on: else the last weights are taken.
    """

    def __init__(
        self, tunable: Learner, kept: Mapping[str, np.ndarray] | None, *, is_on: bool
    ) -> None:
        """Begin with the weights as they are, or with those of a checkpoint."""
        self._tunable, self._is_on = tunable, is_on
        self._steps = 0
        named = tunable.learning()
        self._sizes = [
            (name, tuple(parameter.shape), int(parameter.size)) for name, parameter in named
        ]
        self._mean = {name: parameter.numpy().astype(np.float32) for name, parameter in named}
        if kept:
            self._steps = int(kept[_AVERAGED_STEPS])
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
                parts = [parameter.reshape([-1]) for _, parameter in self._tunable.learning()]
                step_weights = paddle.concat(parts) * float(share)
                self._there = self._there * float(1 - share) + step_weights
            return
        for name, parameter in self._tunable.learning():
            mean = self._mean[name]
            mean *= 1 - share
            mean += share * parameter.numpy()

    def tensors(self) -> Tensors:
        """Return all weights, those that learn as their mean."""
        last = self._tunable.tensors()
        return {**last, **self._named()} if self._is_on else last

    def state(self) -> Tensors:
        """Return what a checkpoint needs to go on."""
        return {**self._named(), _AVERAGED_STEPS: np.array(self._steps)} if self._is_on else {}

    def _named(self) -> Mapping[str, np.ndarray]:
        if self._there is None:
            return self._mean
        whole, at, means = self._there.numpy(), 0, {}
        for name, shape, size in self._sizes:
            means[name] = whole[at : at + size].reshape(shape)
            at += size
        return means
