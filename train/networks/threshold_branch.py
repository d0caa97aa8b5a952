"""The branch of a detector that learns a threshold for each pixel, beside the head of its map.

No exported file holds it, since prediction needs none: it is made anew at the map of features that
the graph's own head takes in, which is found by the form of the graph.

Source: Liao et al., "Real-time Scene Text Detection with Differentiable Binarization", AAAI 2020;
layers, their names and what they begin with as in PaddleOCR's `DBHead`, so that its training goes
on with them.
"""

import math
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import paddle
from paddle import Tensor

from textlines.errors import InputError
from train.networks.map_graph import MapGraph, MapSpec, Weights
from train.networks.mobile_detector import MapHead
from train.networks.onnx_program import GraphNode, Program

BRANCH = "head.thresh."
"""How the names of the branch's tensors begin in PaddleOCR's checkpoints."""

ENLARGED = 4
"""Times by which the branch enlarges the features, as the head of every DB detector does."""

_FIRST_SHIFT = 1e-4
"""Of the branch's normalisations, at first."""

_STATISTICS = ("_mean", "_variance")

_MEND = "Plan the run without --threshold-branch, or report the model."


@dataclass(frozen=True, slots=True)
class HeadInput:
    """What the head of a detector's map takes in.

    Attributes:
        value: its name in the graph. channels: of it; it is a quarter as wide and high as the page.
    """

    value: str
    channels: int


def head_input_of(spec: MapSpec) -> HeadInput:
    """Find what the head takes in.

    It is what the convolution is given behind which the map is enlarged to the size of the page.

    Raises:
        InputError: the graph ends in another form; says in which node it parts from that.
    """
    program, where = spec.program(), spec.name
    of_page = _of_page(program)
    value, enlarged = spec.logits, 1
    while (node := program.maker.get(value)) is not None:
        if node.op == "Conv" and enlarged == ENLARGED:
            return HeadInput(node.inputs[0], _channels(program, node, where))
        enlarged *= _factor(program, node, where)
        if enlarged > ENLARGED:
            raise _unlike(where, f"up to {_told(node)} the map is enlarged {enlarged} times")
        before = [name for name in dict.fromkeys(node.inputs) if name in of_page]
        if len(before) != 1:
            raise _unlike(
                where,
                f"{_told(node)} takes in {len(before)} values that depend on the page, and behind "
                f"it the map is enlarged {enlarged} times, not {ENLARGED}",
            )
        value = before[0]
    raise _unlike(
        where,
        f"no convolution stands before the map is enlarged {ENLARGED} times (found: {enlarged})",
    )


def _of_page(program: Program) -> frozenset[str]:
    """Return the values that depend on the page."""
    known = {program.input}
    for node in program.nodes:
        if known.intersection(node.inputs):
            known.update(node.outputs)
    return frozenset(known)


def _factor(program: Program, node: GraphNode, where: str) -> int:
    """Return by how many times a node enlarges a map; 1 for a node that keeps its size."""
    factors: Sequence[float] = (1,)
    if node.op == "ConvTranspose":
        factors = node.attributes.get("strides", (1, 1))
    elif node.op in ("Resize", "Upsample"):
        # Scales are the last input of Upsample, and the third of Resize, before sizes.
        named = [program.fixed[name] for name in node.inputs if name in program.fixed]
        sizes = [array for array in named if array.size == 4 and array.dtype.kind == "f"]
        if not sizes:
            raise _unlike(where, f"{_told(node)} enlarges by a factor that is computed")
        factors = sizes[0].reshape(-1)[2:].tolist()
    elif max(node.attributes.get("strides", (1,))) > 1:
        raise _unlike(where, f"{_told(node)} makes the map smaller")
    if len(set(factors)) != 1 or factors[0] != int(factors[0]) or factors[0] < 1:
        told = " x ".join(f"{factor:g}" for factor in factors)
        raise _unlike(where, f"{_told(node)} enlarges by {told}")
    return int(factors[0])


def _channels(program: Program, node: GraphNode, where: str) -> int:
    kernel = program.held.get(node.inputs[1])
    if kernel is None or max(node.attributes.get("strides", (1,))) > 1:
        raise _unlike(where, f"{_told(node)} has no kernel of its own, or makes the map smaller")
    return kernel.shape[1] * int(node.attributes.get("group", 1))


def _told(node: GraphNode) -> str:
    return f"node {node.name} ({node.op})"


def _unlike(where: str, what: str) -> InputError:
    return InputError(where, f"has no head beside which thresholds could be learnt: {what}", _MEND)


class ThresholdBranch(MapHead):
    """From features, N x channels x H/4 x W/4, to thresholds, N x 1 x H x W, 0..1.

    Its normalisations go by the statistics of each batch, as everywhere in training from scratch.
    """

    def __init__(self, channels: int, seed: int) -> None:
        """Begin anew; the same numbers for one seed on any machine."""
        super().__init__(channels)
        self.train()
        self.put(first_weights(channels, seed))

    def forward(self, x: Tensor) -> Tensor:
        """Return thresholds for features."""
        with warnings.catch_warnings():
            # Paddle says in each step that statistics are tracked, as they are meant to be.
            warnings.filterwarnings("ignore", "When training, we now always track")
            return super().forward(x)

    def tensors(self) -> dict[str, npt.NDArray[np.float32]]:
        """Copy all tensors out, float32, by PaddleOCR's names."""
        return {f"{BRANCH}{name}": value.numpy() for name, value in self.state_dict().items()}

    def learning(self) -> list[tuple[str, paddle.Tensor]]:
        """Return the parameters that learn, by PaddleOCR's names."""
        named = self.named_parameters()
        return [
            (f"{BRANCH}{name}", value) for name, value in named if not name.endswith(_STATISTICS)
        ]

    def put(self, weights: Weights) -> None:
        """Put tensors in by PaddleOCR's names, all of them or none.

        Raises:
            ValueError: a tensor is missing, left over or of another size.
        """
        state = {f"{BRANCH}{name}": value for name, value in self.state_dict().items()}
        wanted = {name: tuple(value.shape) for name, value in state.items()}
        given = {name: array.shape for name, array in weights.items()}
        if wanted != given:
            off = sorted(set(wanted.items()) ^ set(given.items()))
            raise ValueError(f"tensors are not the branch's: {off[:4]}")
        for name, value in state.items():
            value.set_value(weights[name])


def first_weights(channels: int, seed: int) -> dict[str, npt.NDArray[np.float32]]:
    """Draw what a branch begins with, by PaddleOCR's names, float32.

    The convolution by He's normal distribution, transposed ones by his uniform one, both by the
    inputs that Paddle counts (of a transposed kernel, those of its outputs); biases within one by
    the root of the channels; normalisations as they are, but for a shift of 1e-4.
    """
    narrow = MapHead.narrow(channels)
    random = np.random.default_rng([seed, channels])

    def uniform(limit: float, *shape: int) -> npt.NDArray[np.float64]:
        return random.uniform(-limit, limit, shape)

    def drawn() -> Iterator[tuple[str, npt.NDArray[np.float64]]]:
        deviation = math.sqrt(2 / (9 * channels))
        yield "conv1.weight", random.normal(0, deviation, (narrow, channels, 3, 3))
        for number, outputs in ((2, narrow), (3, 1)):
            limit = math.sqrt(6 / (4 * outputs))
            yield f"conv{number}.weight", uniform(limit, narrow, outputs, 2, 2)
            yield f"conv{number}.bias", uniform(1 / math.sqrt(narrow), outputs)
        for number in (1, 2):
            yield f"conv_bn{number}.weight", np.ones(narrow)
            yield f"conv_bn{number}.bias", np.full(narrow, _FIRST_SHIFT)
            yield f"conv_bn{number}._mean", np.zeros(narrow)
            yield f"conv_bn{number}._variance", np.ones(narrow)

    return {f"{BRANCH}{name}": array.astype(np.float32) for name, array in drawn()}


class BranchedMap:
    """A detector and its branch while both learn."""

    def __init__(self, network: MapGraph, seed: int) -> None:
        """Begin a branch beside a network's head.

        Raises:
            InputError: the network has no such head.
        """
        taken = head_input_of(network.spec)
        self.network, self._taken = network, taken.value
        self.branch = ThresholdBranch(taken.channels, seed)

    def maps(
        self, pages: Tensor, labelled: Sequence[int], *, alone: bool
    ) -> tuple[Tensor, Tensor | None]:
        """Return logits of all pages, N x 1 x H x W, and the thresholds of some.

        Args:
            pages: N x 3 x H x W, normalised. labelled: numbers of those that thresholds are for;
                there are None without any.
            alone: whether the branch learns by itself: nothing flows back into the network.
        """
        graph: Any = self.network.graph
        wanted = (self.network.spec.logits, self._taken)
        with paddle.set_grad_enabled(not alone):
            values = graph.values(pages, wanted)
            logits, features = (values[name] for name in wanted)
            chosen = features
            if len(labelled) < len(features):
                chosen = paddle.gather(features, paddle.to_tensor(list(labelled), "int64"))
        return logits, self.branch(chosen) if len(labelled) else None

    def put(self, weights: Weights) -> None:
        """Put the tensors of both in, all of them or none.

        Raises:
            ValueError: a tensor is missing, left over or of another size.
        """
        own, others = split_branch(weights)
        self.branch.put(own)
        self.network.put(others)

    def tensors(self) -> dict[str, npt.NDArray[np.float32]]:
        """Copy the tensors of both out, by their names."""
        return {**self.network.tensors(), **self.branch.tensors()}

    def learning(self) -> list[tuple[str, paddle.Tensor]]:
        """Return what learns of both, by name."""
        return [*self.network.learning(), *self.branch.learning()]


def split_branch(weights: Weights) -> tuple[Weights, Weights]:
    """Return the tensors of a branch, and all others."""
    own = {name: array for name, array in weights.items() if name.startswith(BRANCH)}
    return own, {name: array for name, array in weights.items() if name not in own}
