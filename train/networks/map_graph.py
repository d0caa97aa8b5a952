"""A detector whose exported graph is its network: from a page to the logits of its map.

The branch that learns a threshold for each pixel (differentiable binarization) is in no exported
file, and prediction needs none: what learns here is the branch of the probability map alone. A run
may make it anew (`threshold_branch`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import paddle
from paddle import Tensor, nn

from textlines.errors import InputError
from train.networks.graph_network import GraphPart, check_ops
from train.networks.onnx_program import (
    GraphNode,
    Program,
    constant_behind,
    filled,
    in_float32,
    program_of,
    skeleton_of,
    values_of,
)

Weights = Mapping[str, npt.NDArray[np.float32]]
"""By their names in the file."""

_NOT_DB = "Name a text detection model of the DB family (PP-OCR's), not recognition."


@dataclass(frozen=True, slots=True, kw_only=True)
class MapSpec:
    """A detector in nodes, without the numbers of its weights.

    Attributes:
        name: of the published model, or of its file.
        logits: the value that the last sigmoid is given.
        bias: the weight that is added to all logits alike; None where nothing is.
        neck: the weights behind the last map of the lowest resolution, and those that bring earlier
            maps there: what learns where the backbone is to stay.
        skeleton: the graph, as `skeleton_of` writes it.
    """

    name: str
    logits: str
    bias: str | None
    neck: frozenset[str]
    skeleton: bytes = field(repr=False)

    def program(self) -> Program:
        """Return the graph's nodes."""
        return program_of(self._model(), self.name)

    def filled(self, weights: Weights) -> Any:
        """Return the graph with weights, as an `onnx.ModelProto`: the same nodes."""
        return filled(self._model(), weights)

    def _model(self) -> Any:
        import onnx

        return onnx.load_model_from_string(self.skeleton)


def map_graph_of(model: Any, name: str, where: str) -> tuple[MapSpec, Weights]:
    """Take a detector in ONNX as a network.

    Args:
        model: an `onnx.ModelProto`, which is changed: half precision becomes float32.
        where: its file, for messages.

    Returns:
        What it is, and its weights in float32.

    Raises:
        InputError: it holds an operator that is not built, or does not end in the sigmoid of a
            map.
    """
    model = in_float32(model)
    program = program_of(model, where)
    check_ops(program, where)
    last = program.maker.get(program.output)
    if last is None or last.op != "Sigmoid":
        stands = f"{last.op} (node {last.name})" if last else "nothing"
        raise InputError(where, f"ends in {stands}, not in the sigmoid of a map", _NOT_DB)
    weights = {
        weight: np.ascontiguousarray(array, np.float32)
        for weight, array in values_of(model, program).items()
    }
    spec = MapSpec(
        name=name,
        logits=last.inputs[0],
        bias=_bias_of(program, last.inputs[0]),
        neck=_neck_of(program, last.inputs[0]),
        skeleton=skeleton_of(model, program),
    )
    return spec, weights


def _neck_of(program: Program, logits: str) -> frozenset[str]:
    """Find the weights of neck and head: all but what the last map of the backbone is made by.

    The backbone halves a page's size several times; behind the last time the same size is kept
    until it is enlarged again.
    """
    nodes = program.between(program.input, logits)
    halving = [node for node in nodes if _halves(node)]
    if not halving:
        return frozenset(program.held)
    before = program.between(program.input, halving[-1].outputs[0])
    kept = {name for node in before for name in node.inputs}
    return frozenset(name for name in program.held if name not in kept)


def _bias_of(program: Program, logits: str) -> str | None:
    """Find the weight of one number that makes the logits last."""
    last = program.maker[logits]
    if last.op not in ("Add", "Conv", "ConvTranspose"):
        return None
    behind = [constant_behind(name, program.maker) for name in last.inputs]
    singles = [name for name in behind if name in program.held and program.held[name].is_single]
    return singles[0] if len(singles) == 1 else None


def _halves(node: GraphNode) -> bool:
    strides = node.attributes.get("strides", (1,))
    return node.op in ("Conv", "MaxPool", "AveragePool") and max(strides) > 1


class MapGraph(nn.Layer):
    """A detector's graph, with weights that learn; statistics of normalisations never change."""

    def __init__(self, spec: MapSpec, weights: Weights) -> None:
        """Build the network with these weights.

        Raises:
            ValueError: a weight is missing, left over or of another size.
        """
        super().__init__()
        program = spec.program()
        self.spec = spec
        self.graph: Any = GraphPart(program, program.input, spec.logits, spec.name)
        self.put(weights)

    def forward(self, pages: Tensor) -> Tensor:
        """Return logits, N x 1 x H x W, for pages, N x 3 x H x W, normalised."""
        logits: Tensor = self.graph(pages)
        return logits

    @property
    def names(self) -> dict[str, str]:
        """Name in the file of each weight, by its name in the state of the network."""
        return {f"graph.{own}": name for own, name in self.graph.sources.items()}

    def put(self, weights: Weights) -> None:
        """Put weights in, all of them or none.

        Raises:
            ValueError: a weight is missing, left over or of another size.
        """
        state = self.graph.state_dict()
        wanted = {name: tuple(state[own].shape) for own, name in self.graph.sources.items()}
        given = {name: array.shape for name, array in weights.items()}
        if wanted != given:
            off = sorted(set(wanted.items()) ^ set(given.items()))
            raise ValueError(f"weights are not the network's: {off[:4]}")
        for own, name in self.graph.sources.items():
            state[own].set_value(weights[name])

    def tensors(self) -> dict[str, npt.NDArray[np.float32]]:
        """Copy the weights out, by their names in the file."""
        state = self.graph.state_dict()
        return {name: state[own].numpy() for own, name in self.graph.sources.items()}

    def choose(self, *, neck_alone: bool) -> None:
        """Let all weights learn, or those of neck and head; statistics never."""
        held = self.spec.program().held
        parameters = dict(self.graph.named_parameters())
        for own, name in self.graph.sources.items():
            if own in parameters:
                learns = held[name].learns and not (neck_alone and name not in self.spec.neck)
                parameters[own].stop_gradient = not learns

    def learning(self) -> list[tuple[str, paddle.Tensor]]:
        """Return the weights that learn, by their names in the file, in the network's order."""
        parameters = self.graph.named_parameters()
        sources = self.graph.sources
        return [
            (sources[own], parameter)
            for own, parameter in parameters
            if not parameter.stop_gradient
        ]


__all__ = ["MapGraph", "MapSpec", "Weights", "map_graph_of"]
