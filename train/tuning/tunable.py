"""The network while it is tuned: which parts learn, in which mode, under which decay."""

from dataclasses import dataclass

import paddle
from paddle import nn

from train.models.base_folder import Tensors
from train.networks.building import build
from train.networks.graph_spec import Spec
from train.networks.recognizer import Recognizer, fuse
from train.tuning.loss_scale import LossScale, without_scale
from train.tuning.plan_model import Part, StepPlan
from train.tuning.ranks import Ranks, add_up

HEAD = "head."
STATISTICS = ("._mean", "._variance")
"""How the names of what a normalisation has seen end."""

"""How the last layer's parameters are named."""

FROZEN_IN_HEAD = "backbone."
"""How parameters are named that a stage of the head leaves alone."""


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
        """Give the parameters that learn, by name, in the network's order."""
        named = self.network.named_parameters()
        return [(name, one) for name, one in named if not one.stop_gradient]


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
        self, tunable: Tunable, plan: StepPlan, base: Tensors, ranks: Ranks | None = None
    ) -> None:
        """Take what learns now.

        Args:
            base: the weights to be drawn towards.
            ranks: who shares each step; None for this process alone.
        """
        named = tunable.learning()
        self._learning = [one for _, one in named]
        self._ranks = ranks or Ranks()
        self.scale = LossScale() if plan.amp else None
        self._pull = plan.pull
        self._drawn = [(one, paddle.to_tensor(base[name])) for name, one in named if plan.pull]
        groups = [
            {
                "params": [one for name, one in named if name.startswith(HEAD) == of_head],
                "weight_decay": plan.head_decay if of_head else plan.decay,
            }
            for of_head in (False, True)
        ]
        self._names = {one.name: name for name, one in named}
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
        """Add the gradients up and divide them by the scale; tell whether they are numbers."""
        if self._ranks.world < 2 and not self.scale:
            return True
        with paddle.no_grad():
            flat = paddle.concat([_gradient(one).reshape([-1]) for one in self._learning])
            add_up(flat, self._ranks)
            is_finite = True
            if self.scale:
                # Infinity and NaN survive the sum: all processes see what one has found. This is
                # the one number that a step in half precision waits for.
                is_finite = bool(paddle.isfinite(flat).all())
                flat = flat * (1 / self.scale.value)
            at = 0
            for one in self._learning:
                size = int(one.size)
                one.grad = flat[at : at + size].reshape(one.shape)
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
            for one, home in self._drawn:
                paddle.assign(paddle.lerp(one, home, share) if share < 1 else home, one)

    def state(self) -> Tensors:
        """Copy the moments and the scale out, by PaddleOCR's names of the parameters."""
        found = dict(self.scale.state()) if self.scale else {}
        for key, value in self.adam.state_dict().items():
            if isinstance(value, paddle.Tensor):
                found[self._plain(key)] = value.numpy()
        return found

    def put(self, state: Tensors) -> None:
        """Put moments in that `state` gave.

        Raises:
            ValueError: they belong to other parameters.
        """
        back = {plain: own for own, plain in self._names.items()}
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
        own = max((name for name in self._names if key.startswith(f"{name}_")), key=len)
        return f"{self._names[own]}/{key[len(own) + 1 :]}"


def _gradient(one: paddle.Tensor) -> paddle.Tensor:
    """Return a parameter's gradient, zeros where a step did not reach."""
    return one.grad if one.grad is not None else paddle.zeros_like(one)
