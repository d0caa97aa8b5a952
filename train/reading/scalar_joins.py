"""A mend for what paddle2onnx makes of exported folders of Paddle 2.

There a number on its own was a vector of one element. Their translation to Paddle 3 makes it a
scalar, and the converter joins it with vectors (Concat), which ONNX forbids: onnxruntime refuses
the file. Each such scalar is made a vector of one element again.
"""

from typing import Any

_PASSING = ("Identity", "Cast")
"""Operators that keep the shape of what goes through."""


def with_vectors(data: bytes) -> bytes:
    """Give the ONNX file `data` with every scalar that is joined made a vector.

    A file without any comes back as it is.
    """
    import onnx

    model = onnx.load_model_from_string(data)
    made_by = {name: node for node in model.graph.node for name in node.output}
    scalars = {one.name for one in model.graph.initializer if not one.dims}
    nodes: list[Any] = []
    count = 0
    for node in model.graph.node:
        if node.op_type == "Concat":
            for at, name in enumerate(node.input):
                if _is_scalar(name, made_by, scalars):
                    vector = f"{name}/vector.{count}"
                    nodes.append(onnx.helper.make_node("Reshape", [name, "one_element"], [vector]))
                    node.input[at] = vector
                    count += 1
        nodes.append(node)
    if not count:
        return data
    one_element = onnx.helper.make_tensor("one_element", onnx.TensorProto.INT64, [1], [1])
    model.graph.initializer.append(one_element)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return bytes(model.SerializeToString())


def _is_scalar(name: str, made_by: dict[str, Any], scalars: set[str]) -> bool:
    """Tell whether a value is a scalar: a constant, or one size taken out of a shape."""
    name, node = _origin(name, made_by)
    if node is None:
        return name in scalars
    if node.op_type == "Constant":
        value = next((one for one in node.attribute if one.name == "value"), None)
        return value is not None and not value.t.dims
    return _kinds(node, made_by) == ["Squeeze", "Slice", "Shape"]


def _origin(name: str, made_by: dict[str, Any]) -> tuple[str, Any]:
    """Go back to what made a value, past all that keeps its shape."""
    node = made_by.get(name)
    while node is not None and node.op_type in _PASSING:
        name = node.input[0]
        node = made_by.get(name)
    return name, node


def _kinds(node: Any, made_by: dict[str, Any]) -> list[str]:
    """Name an operator and the two before it."""
    kinds = [str(node.op_type)]
    while len(kinds) < 3 and node.input:
        node = _origin(node.input[0], made_by)[1]
        if node is None:
            break
        kinds.append(str(node.op_type))
    return kinds
