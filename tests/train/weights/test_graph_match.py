"""Deployed graphs: every exporter's form gives the same tensors."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from textlines.errors import InputError
from train.models.graph_files import Graph, Op, without_copies
from train.weights.graph_match import match_graph

Draw = Callable[..., Any]


@pytest.fixture(scope="module", params=["svtr_lcnet_v4", "svtr_mobilenet_v3"])
def exported(
    request: Any, drawn: Draw, tmp_path_factory: Any
) -> tuple[Any, dict[str, Any], Path, Path]:
    """Return spec, tensors, an ONNX file and an exported Paddle folder of one network."""
    from train.networks.building import loaded
    from train.weights.graph_export import export_program, program_to_onnx

    spec, tensors = drawn(request.param)
    folder = tmp_path_factory.mktemp("exported")
    program = export_program(loaded(spec, tensors), folder)
    program_to_onnx(*program, folder / "inference.onnx")
    return spec, tensors, folder / "inference.onnx", folder


def near(found: Any, tensors: Any) -> None:
    """Compare but for the variances, which take up the exporter's rounding of epsilon."""
    assert list(found) == list(tensors)
    for name, array in tensors.items():
        np.testing.assert_allclose(found[name], array, rtol=1e-6, atol=1e-9, err_msg=name)


def test_onnx_gives_the_tensors_back(exported: Any) -> None:
    from train.models.graph_files import read_onnx

    spec, tensors, path, _ = exported
    matched = match_graph("m", read_onnx(path).graph)
    assert matched.spec == spec
    near(matched.tensors, tensors)


def test_an_exported_folder_gives_the_tensors_back(exported: Any) -> None:
    from train.models.graph_files import read_pir

    spec, tensors, _, folder = exported
    matched = match_graph("m", read_pir(folder / "inference.json", folder / "inference.pdiparams"))
    assert (matched.spec, matched.precision) == (spec, "fp32")
    near(matched.tensors, tensors)


def folded(graph: Graph) -> Graph:
    """Fuse each normalisation into the convolution before it, as simplifiers do."""
    graph = without_copies(graph)
    constants, ops = dict(graph.constants), []
    renamed: dict[str, str] = {}
    for op in graph.ops:
        before = graph.maker.get(op.inputs[0]) if op.inputs else None
        op = replace(op, inputs=tuple(renamed.get(name, name) for name in op.inputs))
        if op.kind != "batch_norm" or before is None or before.kind != "conv":
            ops.append(op)
            continue
        scale, bias, mean, variance = (constants[name] for name in op.inputs[1:5])
        gain = scale / np.sqrt(variance + op.epsilon)
        conv = ops.pop()
        weight = conv.inputs[1]
        constants[f"{weight}.folded"] = constants[weight] * gain.reshape(-1, 1, 1, 1)
        constants[f"{weight}.bias"] = bias - mean * gain
        taken = (conv.inputs[0], f"{weight}.folded", f"{weight}.bias")
        ops.append(replace(conv, inputs=taken, outputs=(op.outputs[0],)))
    return Graph(ops, constants)


def test_normalisations_that_were_fused_read_the_same(exported: Any) -> None:
    from train.models.graph_files import read_onnx
    from train.networks.building import loaded
    from train.weights.readers import network_reader

    spec, tensors, path, _ = exported
    graph = folded(read_onnx(path).graph)
    assert not any(op.kind == "batch_norm" for op in graph.ops)
    matched = match_graph("m", graph)
    assert matched.counts["fused_norms"] == sum(name.endswith("._mean") for name in tensors)
    pixels = np.random.default_rng(3).uniform(-1, 1, (1, 3, 48, 320)).astype(np.float32)
    ours, theirs = (network_reader(loaded(spec, one))(pixels) for one in (tensors, matched.tensors))
    np.testing.assert_allclose(theirs, ours, atol=1e-5)


def test_half_precision_is_told(exported: Any) -> None:
    from train.models.graph_files import read_onnx

    _, tensors, path, _ = exported
    graph = read_onnx(path).graph
    halved = {
        name: array.astype(np.float16) if array.dtype == np.float32 else array
        for name, array in graph.constants.items()
    }
    matched = match_graph("m", Graph(graph.ops, halved))
    assert matched.precision == "fp16"
    found = matched.tensors["head.fc.weight"]
    np.testing.assert_array_equal(found, tensors["head.fc.weight"].astype(np.float16))


def test_words_that_contradict_the_place_are_refused(exported: Any) -> None:
    from train.models.graph_files import read_pir

    spec, tensors, _, folder = exported
    graph = read_pir(folder / "inference.json", folder / "inference.pdiparams")
    matched = match_graph("m", graph)
    sources = {
        source: name
        for source in graph.constants
        for name, array in matched.tensors.items()
        if array.size > 100 and np.array_equal(array, graph.constants[source])
    }
    told = match_graph("m", replace(graph, names=sources))
    assert told.counts["confirmed_by_name"] == len(sources) > 40
    first = next(iter(sources))
    wrong = sources | {first: "head.fc.bias"}
    with pytest.raises(InputError, match=r"names it head\.fc\.bias.*of two exports"):
        match_graph("m", replace(graph, names=wrong))
    assert spec.classes == tensors["head.fc.bias"].size


def test_a_layer_of_another_size_says_where_the_nearest_network_differs(exported: Any) -> None:
    from train.models.graph_files import read_onnx

    spec, _, path, _ = exported
    graph = read_onnx(path).graph
    name = next(n for n, a in graph.constants.items() if a.shape == (120, 360))
    wider = dict(graph.constants) | {name: np.zeros((120, 361), np.float32)}
    with pytest.raises(InputError) as caught:
        match_graph("m.onnx", Graph(graph.ops, wider))
    told = str(caught.value)
    assert f"does not fit the nearest network, {spec.family}" in told
    assert "linear neck.encoder.svtr_block." in told and "(120 x 361)" in told


def test_a_graph_that_ends_in_no_linear_layer_is_no_recognizer() -> None:
    with pytest.raises(InputError, match="is no CTC recognizer: it holds no layer with weights"):
        match_graph("m", Graph([], {}))
    conv = Op("conv", ("x", "w"), ("y",))
    with pytest.raises(InputError, match="it ends in a conv layer"):
        match_graph("m", Graph([conv], {"w": np.zeros((1, 1, 1, 1), np.float32)}))
