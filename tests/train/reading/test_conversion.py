from typing import Any

import numpy as np
import pytest

from train.reading.conversion import with_vectors


def graph(is_scalar: bool) -> bytes:
    """Make a graph that joins a passed-on constant with a vector."""
    from onnx import TensorProto, helper

    number = helper.make_tensor("", TensorProto.INT64, [] if is_scalar else [1], [7])
    nodes = [
        helper.make_node("Constant", [], ["c"], value=number),
        helper.make_node("Identity", ["c"], ["i"]),
        helper.make_node("Cast", ["i"], ["k"], to=TensorProto.INT64),
        helper.make_node("Concat", ["x", "k"], ["y"], axis=0),
    ]
    value = helper.make_tensor_value_info
    made = helper.make_graph(
        nodes, "g", [value("x", TensorProto.INT64, [2])], [value("y", TensorProto.INT64, [3])]
    )
    opset = [helper.make_opsetid("", 14)]
    return bytes(helper.make_model(made, opset_imports=opset, ir_version=8).SerializeToString())


@pytest.mark.usefixtures("make_tiny")
def test_a_joined_scalar_becomes_a_vector() -> None:
    import onnxruntime

    broken = graph(is_scalar=True)
    with pytest.raises(Exception, match="same rank"):
        onnxruntime.InferenceSession(broken, providers=["CPUExecutionProvider"])
    session = onnxruntime.InferenceSession(with_vectors(broken), providers=["CPUExecutionProvider"])
    joined = session.run(None, {"x": np.array([1, 2], np.int64)})[0]
    assert joined.tolist() == [1, 2, 7]


def shape_graph() -> bytes:
    """Make a graph that joins a size, taken out of a shape as Paddle does it, with a vector."""
    from onnx import TensorProto, helper

    def constant(name: str, number: int) -> Any:
        value = helper.make_tensor("", TensorProto.INT64, [1], [number])
        return helper.make_node("Constant", [], [name], value=value)

    nodes = [
        *(constant(f"c{number}", number) for number in range(3)),
        helper.make_node("Shape", ["x"], ["s"]),
        helper.make_node("Slice", ["s", "c1", "c2", "c0"], ["one"]),
        helper.make_node("Squeeze", ["one", "c0"], ["w"]),
        helper.make_node("Identity", ["w"], ["i"]),
        helper.make_node("Concat", ["c2", "i"], ["y"], axis=0),
    ]
    value = helper.make_tensor_value_info
    made = helper.make_graph(
        nodes,
        "g",
        [value("x", TensorProto.FLOAT, [2, "W"])],
        [value("y", TensorProto.INT64, [2])],
    )
    opset = [helper.make_opsetid("", 14)]
    return bytes(helper.make_model(made, opset_imports=opset, ir_version=8).SerializeToString())


@pytest.mark.usefixtures("make_tiny")
def test_a_joined_size_becomes_a_vector() -> None:
    import onnxruntime

    session = onnxruntime.InferenceSession(
        with_vectors(shape_graph()), providers=["CPUExecutionProvider"]
    )
    assert session.run(None, {"x": np.zeros((2, 9), np.float32)})[0].tolist() == [2, 9]


@pytest.mark.usefixtures("make_tiny")
def test_a_sound_graph_stays_as_it_is() -> None:
    sound = graph(is_scalar=False)
    assert with_vectors(sound) == sound
