"""An ONNX file as a graph, with what else it tells: dictionary and precision."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from textlines.errors import InputError
from textlines.files import read_regular, unreadable
from train.reading.exported_record import checked_turning
from train.reading.onnx_network import TURN_PROPERTY
from train.reading.onnx_session import MOST_BYTES, check_graph
from train.reading.turning import Turning
from train.weights.graph import Array, Graph, Op

_KINDS = {
    "Conv": "conv",
    "BatchNormalization": "batch_norm",
    "LayerNormalization": "layer_norm",
    "MatMul": "matmul",
    "Gemm": "gemm",
    "HardSwish": "hardswish",
}


MARK = "ocr-mend"
"""Key of the metadata of a file that `train export` wrote."""


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
        _KINDS.get(node.op_type, node.op_type.lower()),
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
