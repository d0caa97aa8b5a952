"""An exported model in ONNX as a program: its nodes, which of its numbers learn, and the way back.

Needs no Paddle. What learns is told by use: a floating-point constant of several numbers that a
layer with weights takes in, reshaped or cast on the way or not. The statistics of a batch
normalisation are weights that stay. Single numbers stay where they are, as the 0.5 and the epsilon
of a formula written out do: Paddle's own names (`.w_0`, `.b_0`) tell a learnt one from them, and
that it is all that is added to a convolution of one channel.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from textlines.errors import InputError

Array = npt.NDArray[np.generic]

_LEARNT: Mapping[str, tuple[int, ...]] = {
    "Conv": (1, 2),
    "ConvTranspose": (1, 2),
    "BatchNormalization": (1, 2),
    "LayerNormalization": (1, 2),
    "InstanceNormalization": (1, 2),
    "PRelu": (1,),
    "MatMul": (0, 1),
    "Gemm": (0, 1, 2),
    "Add": (0, 1),
    "Sub": (0, 1),
    "Mul": (0, 1),
    "Div": (0, 1),
}
"""The inputs of a layer that its weights come in at."""

_STATISTICS: Mapping[str, tuple[int, ...]] = {"BatchNormalization": (3, 4)}

_PASSING = frozenset({"Identity", "Reshape", "Unsqueeze", "Squeeze", "Transpose", "Cast"})
"""Operations behind which a constant is the same numbers still."""

_CONVOLUTIONS = frozenset({"Conv", "ConvTranspose"})

_PADDLES = re.compile(r"\.[wb]_\d+$")
"""The end of the name that Paddle gives to a parameter."""


@dataclass(frozen=True, slots=True)
class GraphNode:
    """One operation: values in, values out, by name; "" for an input that is left out."""

    op: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HeldTensor:
    """A weight of a program.

    Attributes:
        shape: in the file. learns: False for the statistics of a normalisation.
    """

    shape: tuple[int, ...]
    learns: bool

    @property
    def is_single(self) -> bool:
        """Whether it is one number."""
        return all(size == 1 for size in self.shape)


@dataclass(frozen=True)
class Program:
    """The operations of a graph in the order in which they run, and its constants.

    Attributes:
        nodes: constants and copies (Identity, Dropout) are none of them; what took the copy takes
            the value itself.
        held: the weights, by their names in the file, in the order of use.
        fixed: the constants that stay, by name.
        input, output: the first of each. opset: of ONNX's own operators.
    """

    nodes: tuple[GraphNode, ...]
    held: Mapping[str, HeldTensor]
    fixed: Mapping[str, Array]
    input: str
    output: str
    opset: int

    @cached_property
    def maker(self) -> Mapping[str, GraphNode]:
        """The node that makes a value."""
        return {output: node for node in self.nodes for output in node.outputs}

    def between(self, start: str, end: str) -> tuple[GraphNode, ...]:
        """List the nodes that `end` is made by, from `start` on, in the order in which they run.

        >>> add = GraphNode("Add", "a", ("x", "x"), ("y",), {})
        >>> Program((add,), {}, {}, "x", "y", 14).between("y", "y")
        ()
        """
        wanted, chosen = {end} - {start}, []
        for node in reversed(self.nodes):
            if wanted.intersection(node.outputs):
                chosen.append(node)
                wanted.difference_update(node.outputs)
                wanted.update(name for name in node.inputs if name and name != start)
        return tuple(reversed(chosen))

    def bottlenecks(self, end: str) -> tuple[str, ...]:
        """List the values that everything from the input to `end` goes through, in order.

        At such a value a network can be cut in two: what is behind needs nothing else of what is
        before.
        """
        nodes = self.between(self.input, end)
        last_use = {name: at for at, node in enumerate(nodes) for name in node.inputs}
        depends, live = {self.input}, {self.input}
        narrow: list[str] = []
        for at, node in enumerate(nodes):
            if not depends.intersection(node.inputs):
                continue
            depends.update(node.outputs)
            live.update(name for name in node.outputs if last_use.get(name, -1) > at or name == end)
            live = {name for name in live if last_use.get(name, -1) > at or name == end}
            if len(live) == 1:
                narrow.extend(live.difference(narrow[-1:]))
        return tuple(narrow)


def program_of(model: Any, where: str) -> Program:
    """Read the program of an ONNX model.

    Args:
        model: an `onnx.ModelProto`, whole or a skeleton; left as it is.
        where: its file, for messages.

    Raises:
        InputError: a node holds graphs of its own, or takes a value in that nothing makes.
    """
    from onnx import helper

    constants = dict(_constants(model))
    source: dict[str, str] = {}
    nodes = []
    for number, node in enumerate(model.graph.node):
        if node.op_type == "Constant" and node.output[0] in constants:
            continue
        inputs = tuple(source.get(name, name) for name in node.input)
        if node.op_type in ("Identity", "Dropout"):
            source[node.output[0]] = inputs[0]
            continue
        name = node.name or f"number {number + 1}"
        kinds = {attribute.type for attribute in node.attribute}
        if kinds & {5, 10}:  # GRAPH, GRAPHS
            raise InputError(
                where,
                f"node {name} ({node.op_type}) holds a graph of its own",
                "Export the model without loops and branches.",
            )
        attributes = {entry.name: helper.get_attribute_value(entry) for entry in node.attribute}
        nodes.append(GraphNode(node.op_type, name, inputs, tuple(node.output), attributes))
    inputs_of_graph = [entry.name for entry in model.graph.input if entry.name not in constants]
    outputs = [source.get(entry.name, entry.name) for entry in model.graph.output]
    if not inputs_of_graph or not outputs:
        raise InputError(where, "takes nothing in or gives nothing out", "Copy it again, whole.")
    _check_made(nodes, {*inputs_of_graph, *constants}, where)
    held = _held(nodes, constants)
    return Program(
        nodes=tuple(nodes),
        held=held,
        fixed={name: _array(entry) for name, entry in constants.items() if name not in held},
        input=inputs_of_graph[0],
        output=outputs[0],
        opset=next((entry.version for entry in model.opset_import if not entry.domain), 1),
    )


def places_of(model: Any) -> Mapping[str, Any]:
    """Return the tensors of a model by name, to be read or written in place."""
    return dict(_constants(model))


def values_of(model: Any, program: Program) -> Mapping[str, Array]:
    """Copy a program's weights out of its model, by their names in the file."""
    places = dict(_constants(model))
    return {name: _array(places[name]) for name in program.held}


def filled(model: Any, values: Mapping[str, npt.NDArray[np.float32]]) -> Any:
    """Put weights into a model, in place: its nodes stay as they are.

    Args:
        values: float32 by name in the file, in the file's sizes.

    Returns:
        The model.

    Raises:
        ValueError: one is of another size.
    """
    places = dict(_constants(model))
    for name, value in values.items():
        put_into(places[name], value, name)
    return model


def put_into(tensor: Any, value: npt.NDArray[np.float32], name: str) -> None:
    """Put numbers into a tensor of a model, in place.

    Args:
        value: float32; the file may have axes of 1 before those of the value.
        name: of the weight, for the message.

    Raises:
        ValueError: it is of another size.
    """
    dims = tuple(tensor.dims)
    ahead = len(dims) - value.ndim
    if dims[max(ahead, 0) :] != value.shape or any(size != 1 for size in dims[: max(ahead, 0)]):
        raise ValueError(f"{name} is {value.shape}, the graph has {dims}")
    tensor.ClearField("float_data")
    tensor.raw_data = np.ascontiguousarray(value, np.float32).tobytes()


def skeleton_of(model: Any, program: Program) -> bytes:
    """Return a model without the numbers of its weights: nodes, sizes, all other constants.

    Two models that differ in weights alone have the same. `filled` makes a model of it again.
    """
    bare = type(model)()
    bare.CopyFrom(model)
    places = dict(_constants(bare))
    for name in program.held:
        for field in ("raw_data", "float_data"):
            places[name].ClearField(field)
    return bytes(bare.SerializeToString(deterministic=True))


def in_float32(model: Any) -> Any:
    """Turn float16 constants, casts, inputs and outputs of a model into float32, in place."""
    from onnx import TensorProto, numpy_helper

    half, single = TensorProto.FLOAT16, TensorProto.FLOAT
    for tensor in _constants_of_half(model, half):
        wide = numpy_helper.to_array(tensor).astype(np.float32)
        tensor.CopyFrom(numpy_helper.from_array(wide, tensor.name))
    for node in model.graph.node:
        for attribute in node.attribute:
            if node.op_type == "Cast" and attribute.name == "to" and attribute.i == half:
                attribute.i = single
    for value in (*model.graph.input, *model.graph.output, *model.graph.value_info):
        if value.type.tensor_type.elem_type == half:
            value.type.tensor_type.elem_type = single
    return model


def _constants_of_half(model: Any, half: int) -> list[Any]:
    return [tensor for _, tensor in _constants(model) if tensor.data_type == half]


def _constants(model: Any) -> Iterator[tuple[str, Any]]:
    for tensor in model.graph.initializer:
        yield tensor.name, tensor
    for node in model.graph.node:
        if node.op_type == "Constant":
            for attribute in node.attribute:
                if attribute.name == "value":
                    yield node.output[0], attribute.t


def _array(tensor: Any) -> Array:
    from onnx import numpy_helper

    return np.asarray(numpy_helper.to_array(tensor))


def _check_made(nodes: Sequence[GraphNode], there: set[str], where: str) -> None:
    made = set(there)
    for node in nodes:
        lost = next((name for name in node.inputs if name and name not in made), None)
        if lost is not None:
            raise InputError(
                where,
                f"node {node.name} ({node.op}) takes {lost} in, which nothing before it makes",
                "Copy it again, whole.",
            )
        made.update(node.outputs)


def _held(nodes: Sequence[GraphNode], constants: Mapping[str, Any]) -> dict[str, HeldTensor]:
    """Find the weights, in the order in which they are used."""
    takers: dict[str, list[tuple[GraphNode, int]]] = defaultdict(list)
    for node in nodes:
        for at, name in enumerate(node.inputs):
            takers[name].append((node, at))
    makers = {output: node for node in nodes for output in node.outputs}
    order: dict[str, tuple[int, bool]] = {}
    numbers = {id(node): number for number, node in enumerate(nodes)}
    for name, tensor in constants.items():
        if tensor.data_type not in (1, 10):  # FLOAT, FLOAT16
            continue
        uses = list(_uses(name, takers))
        is_single = int(np.prod(tensor.dims)) < 2 and not _PADDLES.search(name)
        if is_single and not _is_bias(uses, constants, takers, makers):
            continue
        learns = any(at in _LEARNT.get(node.op, ()) for node, at in uses)
        if learns or any(at in _STATISTICS.get(node.op, ()) for node, at in uses):
            order[name] = (min(numbers[id(node)] for node, _ in uses), learns)
    return {
        name: HeldTensor(tuple(constants[name].dims), learns)
        for name, (_, learns) in sorted(order.items(), key=lambda item: item[1][0])
    }


def _is_bias(
    uses: Sequence[tuple[GraphNode, int]],
    constants: Mapping[str, Any],
    takers: Mapping[str, Sequence[tuple[GraphNode, int]]],
    makers: Mapping[str, GraphNode],
) -> bool:
    """Whether a single number is the bias of a convolution of one channel, and nothing else.

    A formula that adds a number to what a convolution gives (the 3 of a hard swish) takes the same
    value in at another place, too.
    """
    if len(uses) != 1:
        return False
    node, at = uses[0]
    if node.op == "Add":
        return any(
            len(takers[name]) == 1 and _has_one_channel(makers.get(name), makers, constants)
            for name in node.inputs
        )
    return at == 2 and _has_one_channel(node, makers, constants)


def _has_one_channel(
    node: GraphNode | None, makers: Mapping[str, GraphNode], constants: Mapping[str, Any]
) -> bool:
    """Whether a node is a convolution that gives one channel."""
    if node is None or node.op not in _CONVOLUTIONS:
        return False
    kernel = constants.get(constant_behind(node.inputs[1], makers))
    if kernel is None:
        return False
    if node.op == "Conv":
        return int(kernel.dims[0]) == 1
    return int(kernel.dims[1]) * int(node.attributes.get("group", 1)) == 1


def constant_behind(value: str, makers: Mapping[str, GraphNode]) -> str:
    """Return the name of the value that another is the same numbers of, reshaped or cast."""
    while (node := makers.get(value)) is not None and node.op in _PASSING:
        value = node.inputs[0]
    return value


def _uses(
    name: str, takers: Mapping[str, Sequence[tuple[GraphNode, int]]]
) -> Iterator[tuple[GraphNode, int]]:
    for node, at in takers.get(name, ()):
        if node.op in _PASSING and at == 0:
            yield from _uses(node.outputs[0], takers)
        else:
            yield node, at
