"""Graphs as networks: they read as onnxruntime reads them, learn, and go back into the graph."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.train.graphs import CLASSES, detector, recognizer, run, written
from textlines.errors import InputError
from train.networks.onnx_program import program_of, values_of


def lines(width: int, count: int = 2) -> Any:
    pixels = np.random.default_rng(width).uniform(-1, 1, (count, 3, 48, width))
    return pixels.astype(np.float32)


def loaded(paddle: Any, model: Any, start: str = "", end: str = "") -> Any:
    """Build the part of a model between two values, with its weights."""
    from train.networks.graph_network import GraphPart

    program = program_of(model, "m")
    part = GraphPart(program, start or program.input, end or program.output)
    values = values_of(model, program)
    part.set_state_dict({own: paddle.to_tensor(values[one]) for own, one in part.sources.items()})
    return part


def recognizing(paddle: Any, tmp_path: Path, **options: Any) -> Any:
    """Build a recognizer from its file, as `train weights` does."""
    from train.networks.building import loaded
    from train.weights.as_graph import as_graph

    matched = as_graph("m", written(recognizer(**options), tmp_path / "rec.onnx"))
    return loaded(matched.spec, matched.tensors)


@pytest.mark.parametrize("options", [{}, {"opset": 11}, {"has_map": False}, {"uses_constants": 1}])
@pytest.mark.parametrize("width", [320, 328])
def test_a_recognizer_reads_as_its_file(
    paddle: Any, tmp_path: Path, options: Any, width: int
) -> None:
    network = recognizing(paddle, tmp_path, **options)
    with paddle.no_grad():
        found = network(paddle.to_tensor(lines(width))).numpy()
    wanted = run(recognizer(**options), lines(width))
    assert found.shape == (2, width // 8, CLASSES)
    np.testing.assert_allclose(found, wanted, atol=1e-6)


@pytest.mark.parametrize("size", [(1, 32, 64), (2, 64, 96)])
def test_a_detector_reads_as_its_file(paddle: Any, size: tuple[int, int, int]) -> None:
    count, height, width = size
    pixels = np.random.default_rng(height).uniform(-1, 1, (count, 3, height, width))
    pixels = pixels.astype(np.float32)
    with paddle.no_grad():
        found = loaded(paddle, detector())(paddle.to_tensor(pixels)).numpy()
    assert found.shape == (count, 1, height, width)
    np.testing.assert_allclose(found, run(detector(), pixels), atol=1e-6)


def test_features_are_a_map_of_height_1(paddle: Any, tmp_path: Path) -> None:
    network = recognizing(paddle, tmp_path)
    with paddle.no_grad():
        features = network.features(paddle.to_tensor(lines(320)))
        assert tuple(features.shape) == (2, 8, 1, 40)
        assert tuple(network.time_steps(features).shape) == (2, 40, 5)
    assert (network.spec.features, network.spec.channels) == ("map", 8)
    assert all(name.startswith("backbone.") for name in _names(network, "conv2d_2", "bias"))
    assert all(name.startswith("neck.") for name in _names(network, "conv2d_3", "ln", "linear_0"))


def _names(network: Any, *words: str) -> list[str]:
    found = [
        name
        for name, source in network.sources().items()
        if source.startswith(tuple(words)) and not name.startswith("head.")
    ]
    assert found
    return found


def test_without_such_a_map_the_last_layer_alone_is_the_head(paddle: Any, tmp_path: Path) -> None:
    network = recognizing(paddle, tmp_path, has_map=False)
    with paddle.no_grad():
        features = network.features(paddle.to_tensor(lines(320)))
        assert tuple(features.shape) == (2, 5, 1, 40)
        steps = network.time_steps(features).numpy()
    assert steps.shape == (2, 40, 5)
    assert np.array_equal(steps.transpose(0, 2, 1)[:, :, None], features.numpy())
    names = {name for name, _ in network.named_parameters() if not name.startswith("backbone.")}
    assert names == {"head.fc.weight", "head.fc.bias"}


def test_weights_learn_and_statistics_stay(paddle: Any, tmp_path: Path) -> None:
    network = recognizing(paddle, tmp_path)
    network.train()
    before = {name: value.numpy().copy() for name, value in network.state_dict().items()}
    adam = paddle.optimizer.Adam(1e-2, parameters=network.parameters())
    logits = network(paddle.to_tensor(lines(320, 4)))
    paddle.nn.functional.cross_entropy(
        logits.reshape([-1, CLASSES]), paddle.zeros([160], "int64")
    ).backward()
    adam.step()
    after = {name: value.numpy() for name, value in network.state_dict().items()}
    stays = {name for name in before if np.array_equal(before[name], after[name])}
    assert stays == {"backbone.batch_norm_0_w_1", "backbone.batch_norm_0_w_2"}


def test_gradients_are_those_of_small_steps(paddle: Any) -> None:
    """Each learnt weight of a detector, against differences in float64."""
    part = loaded(paddle, detector())
    part.to(dtype="float64")
    pixels = paddle.to_tensor(np.random.default_rng(1).uniform(-1, 1, (1, 3, 16, 24)))
    part(pixels).sum().backward()
    for _, weight in part.named_parameters():
        at = (0,) * weight.ndim
        held = weight.numpy().copy()
        sums = []
        for step in (1e-6, -1e-6):
            moved = held.copy()
            moved[at] += step
            weight.set_value(moved)
            sums.append(float(part(pixels).sum()))
        weight.set_value(held)
        assert float(weight.grad[at]) == pytest.approx((sums[0] - sums[1]) / 2e-6, rel=1e-4)


def test_weights_go_back_into_the_same_nodes(paddle: Any, tmp_path: Path) -> None:
    network = recognizing(paddle, tmp_path)
    source = recognizer()
    assert network.model().SerializeToString(deterministic=True) == source.SerializeToString(
        deterministic=True
    )
    for value in network.state_dict().values():
        value.set_value(value.numpy() * np.float32(1.1))
    changed = network.model()
    assert [*changed.graph.node] == [*source.graph.node]
    with paddle.no_grad():
        found = network(paddle.to_tensor(lines(320))).numpy()
    np.testing.assert_allclose(found, run(changed, lines(320)), atol=1e-6)
    assert np.abs(found - run(source, lines(320))).max() > 1e-3


def test_another_alphabet_changes_the_last_layer_alone(paddle: Any, tmp_path: Path) -> None:
    from train.networks.building import build

    spec = recognizing(paddle, tmp_path).spec.with_classes(11)
    assert (spec.classes, spec.dims) == (11, 5)
    network = build(spec)
    assert tuple(network.head.fc.weight.shape) == (5, 11)
    assert run(network.model(), lines(320)).shape == (2, 40, 11)


def test_a_weight_may_be_called_as_a_layers_own_parts_are(paddle: Any) -> None:
    model = detector()
    names = {"conv.w": "forward", "narrow.w": "a.b", "up.w": "a_b", "up.b": "1"}
    for tensor in model.graph.initializer:
        tensor.name = names.get(tensor.name, tensor.name)
    for node in model.graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
    pixels = np.random.default_rng(5).uniform(-1, 1, (1, 3, 32, 32)).astype(np.float32)
    with paddle.no_grad():
        found = loaded(paddle, model)(paddle.to_tensor(pixels)).numpy()
    np.testing.assert_allclose(found, run(detector(), pixels), atol=1e-6)


def test_what_constants_alone_make_is_computed_once(paddle: Any) -> None:
    """Sizes of a padding put together from parts, as paddle2onnx writes them."""
    from onnx import helper, numpy_helper

    model = detector()
    first = model.graph.node[0]
    del first.attribute[:]
    first.attribute.append(helper.make_attribute("strides", [2, 2]))
    first.input[0] = "padded"
    sizes = {"none": [0, 0], "ones": [1, 1, 9]}
    model.graph.initializer.extend(
        numpy_helper.from_array(np.asarray(one), name) for name, one in sizes.items()
    )
    model.graph.initializer.append(numpy_helper.from_array(np.asarray([2, 1]), "parts"))
    for at, node in enumerate(
        [
            helper.make_node("Split", ["ones", "parts"], ["some", "rest"], axis=0),
            helper.make_node("Concat", ["none", "some", "none", "some"], ["pads"], axis=0),
            helper.make_node("Pad", ["x", "pads"], ["padded"]),
        ]
    ):
        model.graph.node.insert(at, node)
    pixels = np.random.default_rng(6).uniform(-1, 1, (1, 3, 32, 32)).astype(np.float32)
    with paddle.no_grad():
        found = loaded(paddle, model)(paddle.to_tensor(pixels)).numpy()
    np.testing.assert_allclose(found, run(detector(), pixels), atol=1e-6)


def test_an_operator_that_is_not_built_is_named(paddle: Any) -> None:
    model = detector()
    model.graph.node[1].op_type = "Celu"
    model.graph.node[1].name = "act.1"
    with pytest.raises(InputError, match=r"^m\.onnx: holds the operator Celu \(node act\.1\)"):
        loaded_as(model, "m.onnx")


def loaded_as(model: Any, where: str) -> Any:
    from train.networks.graph_network import GraphPart

    program = program_of(model, where)
    return GraphPart(program, program.input, program.output, where)


def test_what_an_operator_cannot_do_is_told_with_its_node(paddle: Any) -> None:
    from onnx import helper

    model = detector()
    resize = next(node for node in model.graph.node if node.op_type == "Resize")
    resize.name = "up"
    del resize.attribute[:]
    resize.attribute.append(helper.make_attribute("mode", "cubic"))
    part = loaded_as(model, "m.onnx")
    with pytest.raises(InputError, match=r"^m\.onnx: node up \(Resize\) resizes 4 axes by cubic"):
        part(paddle.zeros([1, 3, 32, 32]))
