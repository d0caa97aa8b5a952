"""A recognizer that is its exported graph, in numbers and nodes. Needs no Paddle."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from textlines.errors import InputError
from train.networks.onnx_program import GraphNode, Program, filled, program_of, skeleton_of
from train.networks.spec import NetworkSpec

_NOT_CTC = "Name a text recognition model, not detection or classification."


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphSpec:
    """A CTC recognizer whose network is a graph in ONNX.

    Attributes:
        name: of the published model, for the record ("PP-OCRv6_small_rec").
        classes: of the last layer, with the CTC blank (id 0) and the space if there is one.
        dims: features a time step that the last layer is given.
        channels: of the features that are kept, N x channels x 1 x T.
        features: the value at which the graph is cut; what is before it is the backbone. The
            same as `steps` where the graph has no map of height 1 that all goes through.
        steps: the value that the last layer is given, N x T x dims.
        weight, bias: the last layer's tensors, dims x classes and classes.
        skeleton: the graph without its weights, as `skeleton_of` writes it.
    """

    name: str
    classes: int
    dims: int
    channels: int
    features: str
    steps: str
    weight: str
    bias: str
    skeleton: bytes = field(repr=False)
    family: Literal["graph"] = "graph"
    form: Literal["fused"] = "fused"
    height: int = 48

    def with_classes(self, classes: int) -> "GraphSpec":
        """Return the same network with another alphabet: its last layer has another size."""
        model = self.model()
        values = {self.weight: (self.dims, classes), self.bias: (classes,)}
        for tensor in model.graph.initializer:
            _resized(tensor, values.get(tensor.name))
        for node in model.graph.node:
            if node.op_type == "Constant" and node.output[0] in values:
                _resized(node.attribute[0].t, values[node.output[0]])
        model.graph.output[0].type.tensor_type.shape.dim[-1].dim_value = classes
        skeleton = bytes(model.SerializeToString(deterministic=True))
        return replace(self, classes=classes, skeleton=skeleton)

    def model(self) -> Any:
        """Return the graph as an `onnx.ModelProto` of its own, without weights."""
        import onnx

        return onnx.load_model_from_string(self.skeleton)

    def program(self) -> Program:
        """Return the graph's nodes."""
        return program_of(self.model(), self.name)

    def filled(self, values: Mapping[str, npt.NDArray[np.float32]]) -> Any:
        """Return the graph with weights.

        Args:
            values: all of them, by their names in the file.
        """
        return filled(self.model(), values)

    def table(self) -> dict[str, Any]:
        """Return what a record keeps of it: all but the skeleton, which the graph's file gives."""
        return {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if field.name != "skeleton"
        }

    @classmethod
    def of_table(cls, table: Mapping[str, Any], data: bytes) -> "GraphSpec":
        """Read what `table` wrote.

        Args:
            data: the content of the graph's file.

        Raises:
            TypeError: a key is missing or unknown.
            ValueError: the file holds no graph, or another.
        """
        import onnx
        from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

        try:
            model = onnx.load_model_from_string(data)
            program = program_of(model, "the graph")
        except (DecodeError, InputError) as error:
            raise ValueError(f"its graph cannot be read: {error}") from error
        spec = cls(**table, skeleton=skeleton_of(model, program))
        if {spec.weight, spec.bias} - set(program.held) or spec.features not in program.maker:
            raise ValueError("its graph is of another model")
        return spec


Spec = NetworkSpec | GraphSpec
"""Which network: one of ours in numbers, or a graph."""


@dataclass(frozen=True, slots=True)
class Ending:
    """The last layer of a CTC recognizer: what it is given, and the names of its tensors."""

    steps: str
    weight: str
    bias: str


def ending_of(program: Program, where: str) -> Ending:
    """Find the last layer of a recognizer: a matrix product, an addition, a softmax.

    Raises:
        InputError: the graph ends otherwise; says in what.
    """
    softmax = _made_by(program, program.output, "Softmax", where)
    add = _made_by(program, softmax.inputs[0], "Add", where)
    bias, product = _parted(program, add, where)
    matmul = _made_by(program, product, "MatMul", where)
    weight, steps = _parted(program, matmul, where)
    shape, size = program.held[weight].shape, int(np.prod(program.held[bias].shape))
    if len(shape) != 2 or matmul.inputs[1] != weight or shape[1] != size:
        raise InputError(
            where,
            f"is no CTC recognizer: the last layer's weight is {' x '.join(map(str, shape))}, its "
            f"bias {size}",
            _NOT_CTC,
        )
    return Ending(steps, weight, bias)


def _made_by(program: Program, value: str, op: str, where: str) -> GraphNode:
    node = program.maker.get(value)
    if node is None or node.op != op:
        maker = f"{node.op} (node {node.name})" if node else "nothing"
        raise InputError(
            where, f"is no CTC recognizer: at its end stands {maker}, not {op}", _NOT_CTC
        )
    return node


def _parted(program: Program, node: GraphNode, where: str) -> tuple[str, str]:
    """Return the weight that a node takes in, and the value."""
    weights = [name for name in node.inputs if name in program.held]
    values = [name for name in node.inputs if name not in program.held]
    if len(weights) != 1 or len(values) != 1:
        raise InputError(
            where,
            f"is no CTC recognizer: node {node.name} ({node.op}) at its end has no weights",
            _NOT_CTC,
        )
    return weights[0], values[0]


def _resized(tensor: Any, shape: tuple[int, ...] | None) -> None:
    """Set a tensor without numbers to another size; a bias keeps its leading ones."""
    if shape is not None:
        ahead = [1] * (len(tensor.dims) - len(shape))
        tensor.ClearField("dims")
        tensor.dims.extend([*ahead, *shape])
