"""A deployed model as a list of operations: of an ONNX file, or of a Paddle program."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from textlines.errors import InputError
from textlines.files import read_regular, read_text, unreadable
from textlines.parsing import parse_json
from train.models.onnx_wire import MOST_BYTES, check_graph
from train.models.paddle_params import Array, read_params
from train.models.records import TURN_PROPERTY, Turning, checked_turning
from train.models.unpickling import read_pickle

_ONNX_KINDS = {
    "Conv": "conv",
    "BatchNormalization": "batch_norm",
    "LayerNormalization": "layer_norm",
    "MatMul": "matmul",
    "Gemm": "gemm",
    "HardSwish": "hardswish",
}

MARK = "ocr-mend"
"""Key of the metadata of a file that `train export` wrote."""

_PADDLE_KINDS = {
    "conv2d": "conv",
    "depthwise_conv2d": "conv",
    "fused_conv2d_add_act": "conv",
    "batch_norm": "batch_norm",
    "batch_norm_": "batch_norm",
    "layer_norm": "layer_norm",
    "matmul": "matmul",
    "matmul_v2": "matmul",
    "add": "add",
    "elementwise_add": "add",
    "multiply": "mul",
    "elementwise_mul": "mul",
    "hardswish": "hardswish",
    "hard_swish": "hardswish",
    "reshape": "reshape",
    "reshape2": "reshape",
}

# PIR has (x, mean, variance, scale, bias), a program names its inputs; ours is ONNX's order.
_PIR_NORM = (0, 3, 4, 1, 2)

_SLOTS: Mapping[str, tuple[str, ...]] = {
    "conv2d": ("Input", "Filter", "Bias"),
    "depthwise_conv2d": ("Input", "Filter", "Bias"),
    "batch_norm": ("X", "Scale", "Bias", "Mean", "Variance"),
    "layer_norm": ("X", "Scale", "Bias"),
}

_COPY = "Copy it again, whole."

_EFFECTS = re.compile(
    r"^(?:save|load|py_?func|py_?layer|run_program|print|assert|read|write|send|recv|listen|c_|"
    r"distributed|while|if$|conditional_block|cond$|array_|create_)"
)
"""Operations that touch files or other machines, run other code, or may not end."""


@dataclass(frozen=True, slots=True)
class Op:
    """One operation: values in, values out, by name.

    Attributes:
        kind: in the vocabulary of `graph_match.py`, else as the file calls it, lower case.
        epsilon: of a normalisation; 0 for others.
        is_transposed: the weight of a "gemm" stands as (out, in).
    """

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    epsilon: float = 0.0
    is_transposed: bool = False


@dataclass(frozen=True)
class Graph:
    """Operations in the order in which they can run, and the constants that they take in.

    Attributes:
        ops: constants themselves are none of them.
        constants: by name; of formats that tell parameters from helpers, the parameters alone.
        names: what the file calls a parameter in words ("backbone.conv1.conv.weight"), where it
            does.
    """

    ops: Sequence[Op]
    constants: Mapping[str, Array]
    names: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def maker(self) -> Mapping[str, Op]:
        """The operation that makes a value."""
        return {output: op for op in self.ops for output in op.outputs}

    @cached_property
    def takers(self) -> Mapping[str, Sequence[Op]]:
        """The operations that take a value in."""
        takers: dict[str, list[Op]] = defaultdict(list)
        for op in self.ops:
            for name in op.inputs:
                takers[name].append(op)
        return takers

    def constant(self, name: str) -> str:
        """Return the constant behind a value: itself, or reshaped on the way; "" if none."""
        for _ in range(8):
            if name in self.constants:
                return name
            op = self.maker.get(name)
            if op is None or op.kind not in ("reshape", "unsqueeze"):
                return ""
            name = op.inputs[0]
        return ""


def without_copies(graph: Graph) -> Graph:
    """Leave out operations that pass a value on as it is in use: copies, casts, dropout."""
    source: dict[str, str] = {}
    ops = []
    for op in graph.ops:
        inputs = tuple(source.get(name, name) for name in op.inputs)
        if op.kind in ("identity", "cast", "dropout") and inputs:
            source[op.outputs[0]] = inputs[0]
        else:
            ops.append(replace(op, inputs=inputs))
    return Graph(ops, graph.constants, graph.names)


@dataclass(frozen=True, slots=True)
class OnnxModel:
    """An ONNX file.

    Attributes:
        entries: of the dictionary that RapidOCR keeps in the file; () if there is none.
        turning: whether crops are to be read in their turns.
    """

    graph: Graph
    entries: tuple[str, ...]
    turning: Turning = "off"


def load_onnx(path: Path) -> Any:
    """Read an ONNX file as an `onnx.ModelProto`.

    Raises:
        InputError: the file is no ONNX model, is cut short, or holds what no recognizer does.
    """
    import onnx
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

    try:
        data = read_regular(path, MOST_BYTES)
    except OSError as error:
        raise unreadable(path, error, "the model") from error
    check_graph(path, data, "Copy it again, whole.")
    try:
        model = onnx.load_model_from_string(data)
    except (DecodeError, ValueError) as error:
        raise InputError(
            str(path), f"is no ONNX model, or is cut short ({error})", "Copy it again, whole."
        ) from error
    if not model.graph.node:
        raise InputError(str(path), "is no ONNX model", "Copy it again, whole.")
    return model


def read_onnx(path: Path) -> OnnxModel:
    """Read an ONNX file.

    Raises:
        InputError: the file is no ONNX model, or is cut short.
    """
    from onnx import numpy_helper

    model = load_onnx(path)
    constants: dict[str, Array] = {}
    for tensor in model.graph.initializer:
        constants[tensor.name] = _array(path, tensor, numpy_helper)
    ops = []
    for node in model.graph.node:
        attributes = {attribute.name: attribute for attribute in node.attribute}
        if node.op_type == "Constant":
            if "value" in attributes:
                tensor = attributes["value"].t
                constants[node.output[0]] = _array(path, tensor, numpy_helper)
            continue
        ops.append(_op(node, attributes))
    properties = {entry.key: entry.value for entry in model.metadata_props}
    turning = checked_turning(properties.get(TURN_PROPERTY, "off"), str(path))
    return OnnxModel(Graph(ops, constants), _entries(properties.get("character", "")), turning)


def is_marked_onnx(path: Path) -> bool:
    """Whether `train export` wrote an ONNX file; one that is broken was written by nobody."""
    import onnx
    from google.protobuf.message import DecodeError

    try:
        model = onnx.load_model(str(path), load_external_data=False)
    except (OSError, DecodeError, ValueError):
        return False  # whoever reads it next says what is wrong
    return any(entry.key == MARK for entry in model.metadata_props)


def _op(node: Any, attributes: dict[str, Any]) -> Op:
    epsilon = attributes["epsilon"].f if "epsilon" in attributes else 0.0
    if not epsilon and node.op_type in ("BatchNormalization", "LayerNormalization"):
        epsilon = 1e-5  # the operator's default, which exporters leave out
    return Op(
        _ONNX_KINDS.get(node.op_type, node.op_type.lower()),
        tuple(node.input),
        tuple(node.output),
        epsilon=epsilon,
        is_transposed="transB" in attributes and bool(attributes["transB"].i),
    )


def _array(path: Path, tensor: Any, helper: Any) -> Array:
    if tensor.data_location == 1:
        raise InputError(
            str(path),
            f"keeps {tensor.name} in another file",
            "Save it as one file: onnx.save_model(model, path, save_as_external_data=False).",
        )
    try:
        return np.asarray(helper.to_array(tensor))
    except (ValueError, TypeError) as error:
        raise InputError(
            str(path), f"tensor {tensor.name} is broken ({error})", "Copy it again, whole."
        ) from error


def _entries(characters: str) -> tuple[str, ...]:
    """Split RapidOCR's list: one entry a line, without blank and space."""
    if not characters:
        return ()
    lines = characters.split("\n")
    if lines[-1] == "":
        lines.pop()
    return tuple(line.strip("\r") for line in lines)


def _refuse_effects(program: Path, kinds: Iterable[str]) -> None:
    """Refuse a program that does more than compute: Paddle runs all that it names.

    Raises:
        InputError: it does; names the operation.
    """
    kind = next((kind for kind in kinds if _EFFECTS.match(kind)), None)
    if kind is not None:
        raise InputError(
            str(program),
            f"holds an operation ({kind[:40]}) that does more than compute: no recognizer does, "
            "and it is not run",
            "Get the model from its publisher.",
        )


def read_pir(program: Path, weights: Path) -> Graph:
    """Read `inference.json` and its weights.

    Raises:
        InputError: a file is broken or cut short, or the two do not belong together.
    """
    try:
        text = read_text(program, "the program")
        content = parse_json(text, str(program), "the program", "Copy it again, whole.")
        operations = content["program"]["regions"][0]["blocks"][0]["ops"]
        names, ops = {}, []
        for operation in operations:
            if operation["#"] == "p":
                names[str(operation["O"]["%"])] = str(operation["A"][3])
            else:
                _refuse_effects(program, ["while"] if operation.get("regions") else [])
                _refuse_effects(program, [str(operation["#"]).split(".", 1)[-1]])
                ops.append(_pir_op(operation))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise InputError(
            str(program),
            f"is no exported Paddle program ({type(error).__name__}: {str(error)[:200]})",
            "Copy it again, whole.",
        ) from error
    tensors = read_params(weights, list(names.values()))
    return Graph(_renamed(ops, names), tensors)


def parameters_of(program: Path) -> Mapping[str, tuple[int, ...]]:
    """Return the sizes of a program's parameters, by name.

    Raises:
        InputError: the program is broken.
    """
    try:
        if program.suffix == ".json":
            content = parse_json(
                read_text(program, "the program"), str(program), "the program", _COPY
            )
            operations = content["program"]["regions"][0]["blocks"][0]["ops"]
            return {
                str(entry["A"][3]): tuple(int(size) for size in entry["O"]["TT"]["D"][1])
                for entry in operations
                if entry["#"] == "p"
            }
        return {
            entry.name: _sizes(entry.type)
            for entry in _description(program).blocks[0].vars
            if entry.persistable and entry.name not in ("feed", "fetch")
        }
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise InputError(str(program), f"is no exported Paddle program ({error})", _COPY) from error


def _sizes(kind: Any) -> tuple[int, ...]:
    """Return the sizes of a variable of a program, from its type."""
    # Paddle 3 calls the field dense_tensor, Paddle 2 called it lod_tensor: it is number 3 in both.
    name = kind.DESCRIPTOR.fields_by_number[3].name
    return tuple(getattr(kind, name).tensor.dims)


def _pir_op(operation: Mapping[str, Any]) -> Op:
    kind = operation["#"].split(".", 1)[-1]
    inputs = [str(value["%"]) for value in operation.get("I", ())]
    outputs = [str(value["%"]) for value in operation.get("O", ())]
    attributes = {entry["N"]: entry["AT"].get("D") for entry in operation.get("A", ())}
    if kind in ("batch_norm", "batch_norm_"):
        inputs = [inputs[at] for at in _PIR_NORM]
    return Op(
        _PADDLE_KINDS.get(kind, kind),
        tuple(inputs),
        tuple(outputs),
        epsilon=float(attributes.get("epsilon") or 0.0),
    )


def _renamed(ops: list[Op], names: Mapping[str, str]) -> list[Op]:
    """Call parameters by their names instead of their numbers."""
    return [
        Op(
            op.kind,
            tuple(names.get(value, value) for value in op.inputs),
            op.outputs,
            op.epsilon,
            op.is_transposed,
        )
        for op in ops
    ]


def read_program(program: Path, weights: Path) -> Graph:
    """Read `inference.pdmodel`, its weights and, if it is there, `.pdiparams.info` with names.

    Raises:
        InputError: a file is broken or cut short, or the two do not belong together.
    """
    description = _description(program)
    block = description.blocks[0]
    _refuse_effects(program, ["while"] if len(description.blocks) > 1 else [])
    _refuse_effects(program, (op.type for op in block.ops))
    names = [v.name for v in block.vars if v.persistable and v.name not in ("feed", "fetch")]
    ops = [_program_op(op) for op in block.ops]
    return Graph(ops, read_params(weights, names), _words(weights))


def _description(program: Path) -> Any:
    """Read `inference.pdmodel`, of at least one block."""
    from google.protobuf.message import DecodeError
    from paddle.base.proto import framework_pb2

    # The module makes its classes when it is imported: mypy sees none.
    description = framework_pb2.ProgramDesc()  # type: ignore[attr-defined]
    try:
        description.ParseFromString(read_regular(program))
        _ = description.blocks[0]
    except OSError as error:
        raise unreadable(program, error, "the program") from error
    except (DecodeError, IndexError) as error:
        raise InputError(str(program), f"is no exported Paddle program ({error})", _COPY) from error
    return description


def _program_op(op: Any) -> Op:
    slots = {slot.parameter: list(slot.arguments) for slot in op.inputs}
    order = _SLOTS.get(op.type, ("X", "Y") if "Y" in slots else tuple(slots))
    inputs = [name for slot in order for name in slots.get(slot, [])]
    results = {slot.parameter: list(slot.arguments) for slot in op.outputs}
    first = next((slot for slot in ("Y", "Out", "Output") if results.get(slot)), "")
    outputs = results[first] if first else [name for all_ in results.values() for name in all_]
    epsilon = next((attribute.f for attribute in op.attrs if attribute.name == "epsilon"), 0.0)
    return Op(_PADDLE_KINDS.get(op.type, op.type), tuple(inputs), tuple(outputs), epsilon=epsilon)


def _words(weights: Path) -> dict[str, str]:
    """Read what `.pdiparams.info` calls the tensors; {} without that file."""
    info = weights.with_name(weights.name + ".info")
    if not info.is_file():
        return {}
    content = read_pickle(info)
    if not isinstance(content, dict):
        raise InputError(str(info), "is no list of tensor names", "Copy it again, or delete it.")
    return {
        name: about["structured_name"]
        for name, about in content.items()
        if isinstance(about, dict) and isinstance(about.get("structured_name"), str)
    }
