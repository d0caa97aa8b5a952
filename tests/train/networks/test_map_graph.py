"""A detector's graph as a network: the same numbers out, weights that go in and come out."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import paddle
import pytest

from textlines.errors import InputError
from train.networks.map_graph import MapGraph, map_graph_of


def model_of(end: str = "Sigmoid", *, bias: float | None = None) -> Any:
    """Return a graph that halves a page, and brings it back to its size.

    Args:
        bias: added to all logits, as a value that is reshaped first.
    """
    helper, float_ = onnx.helper, onnx.TensorProto.FLOAT
    random = np.random.default_rng(1)
    shapes = {"down": (4, 3, 3, 3), "up": (8, 1, 2, 2), "deep": (4, 4, 3, 3)}
    weights = {name: random.normal(0, 0.3, shape) for name, shape in shapes.items()}
    nodes = [
        helper.make_node("Conv", ["x", "down"], ["low"], strides=[2, 2], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["low"], ["kept"]),
        helper.make_node("Conv", ["kept", "deep"], ["deeper"], pads=[1, 1, 1, 1]),
        helper.make_node("Concat", ["deeper", "kept"], ["both"], axis=1),
        helper.make_node("ConvTranspose", ["both", "up"], ["sum"], strides=[2, 2]),
        helper.make_node(end, ["sum"], ["map"]),
    ]
    if bias is not None:
        weights["plus"] = np.array([bias])
        nodes[-1:] = [
            helper.make_node("Reshape", ["plus", "four"], ["shaped"]),
            helper.make_node("Add", ["sum", "shaped"], ["logits"]),
            helper.make_node(end, ["logits"], ["map"]),
        ]
    graph = helper.make_graph(
        nodes,
        "halves",
        [helper.make_tensor_value_info("x", float_, ["n", 3, "h", "w"])],
        [helper.make_tensor_value_info("map", float_, ["n", 1, "h", "w"])],
        [onnx.numpy_helper.from_array(weights[name].astype(np.float32), name) for name in weights]
        + [onnx.numpy_helper.from_array(np.ones(4, np.int64), "four")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)])
    model.ir_version = 8
    return model


@pytest.fixture
def graph_file(tmp_path: Path) -> Path:
    path = tmp_path / "halves.onnx"
    path.write_bytes(model_of().SerializeToString())
    return path


def test_logits_are_those_of_the_file(graph_file: Path) -> None:
    runtime = pytest.importorskip("onnxruntime")
    spec, weights = map_graph_of(onnx.load(str(graph_file)), "halves", "halves.onnx")
    pages = np.random.default_rng(0).random((2, 3, 32, 64), np.float32)

    logits = MapGraph(spec, weights)(paddle.to_tensor(pages)).numpy()

    wanted = runtime.InferenceSession(str(graph_file)).run(None, {"x": pages})[0]
    assert np.abs(1 / (1 + np.exp(-logits)) - wanted).max() < 1e-5


def test_weights_go_in_and_come_out(graph_file: Path) -> None:
    spec, weights = map_graph_of(onnx.load(str(graph_file)), "halves", "halves.onnx")
    network = MapGraph(spec, weights)
    other = {name: array + 1 for name, array in weights.items()}

    network.put(other)

    assert all(np.array_equal(array, other[name]) for name, array in network.tensors().items())
    written = {entry.name: entry for entry in spec.filled(other).graph.initializer}
    assert all(
        np.array_equal(onnx.numpy_helper.to_array(written[name]), other[name]) for name in other
    )


def test_the_bias_of_the_logits_is_found_where_there_is_one() -> None:
    with_bias, weights = map_graph_of(model_of(bias=0.25), "halves", "halves.onnx")

    assert with_bias.bias == "plus" and weights["plus"] == pytest.approx(0.25)
    assert "plus" in with_bias.neck
    assert map_graph_of(model_of(), "halves", "halves.onnx")[0].bias is None


def test_a_weight_of_another_size_is_refused(graph_file: Path) -> None:
    spec, weights = map_graph_of(onnx.load(str(graph_file)), "halves", "halves.onnx")

    with pytest.raises(ValueError, match="are not the network's"):
        MapGraph(spec, {**weights, "up": weights["up"][:4]})


def test_the_neck_is_what_stands_behind_the_last_halving(graph_file: Path) -> None:
    spec, weights = map_graph_of(onnx.load(str(graph_file)), "halves", "halves.onnx")
    network = MapGraph(spec, weights)

    network.choose(neck_alone=True)
    neck = {name for name, _ in network.learning()}
    network.choose(neck_alone=False)

    assert neck == {"deep", "up"} == spec.neck
    assert {name for name, _ in network.learning()} == {"down", "deep", "up"}


def test_what_is_frozen_gets_no_gradient(graph_file: Path) -> None:
    spec, weights = map_graph_of(onnx.load(str(graph_file)), "halves", "halves.onnx")
    network = MapGraph(spec, weights)
    network.choose(neck_alone=True)

    network(paddle.ones([1, 3, 32, 32])).mean().backward()

    assert all(
        np.abs(value.grad.numpy()).sum() > 0
        for _, value in network.learning()
        if value.grad is not None
    )
    assert all(value.grad is not None for _, value in network.learning())
    frozen = [value for value in network.parameters() if value.stop_gradient]
    assert frozen and all(value.grad is None for value in frozen)


def test_a_graph_that_is_no_map_is_refused() -> None:
    with pytest.raises(InputError, match=r"ends in Relu .* not in the sigmoid of a map"):
        map_graph_of(model_of("Relu"), "other", "other.onnx")
