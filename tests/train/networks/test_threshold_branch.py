"""The branch of thresholds: where it stands in each form of graph, and what reaches it."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import paddle
import pytest

from tests.train.graphs import HEADS, detector, headed_detector
from textlines.errors import InputError
from train.networks.map_graph import MapGraph, map_graph_of
from train.networks.threshold_branch import (
    BRANCH,
    BranchedMap,
    HeadInput,
    ThresholdBranch,
    first_weights,
    head_input_of,
    split_branch,
)


def branched(form: str = "v4") -> BranchedMap:
    spec, weights = map_graph_of(headed_detector(form), form, f"{form}.onnx")
    network = MapGraph(spec, weights)
    network.choose(neck_alone=False)
    return BranchedMap(network, seed=3)


def pages(count: int = 2) -> paddle.Tensor:
    return paddle.to_tensor(np.random.default_rng(0).random((count, 3, 32, 64), np.float32))


@pytest.mark.parametrize("form", HEADS)
def test_the_head_is_found_in_every_form(form: str) -> None:
    both = branched(form)

    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a user is told nothing in each step
        logits, thresholds = both.maps(pages(), [0, 1], alone=False)

    assert head_input_of(both.network.spec) == HeadInput("both", 8)
    assert np.array_equal(logits.numpy(), both.network(pages()).numpy())
    assert thresholds is not None and thresholds.shape == logits.shape
    assert 0 < float(thresholds.min()) < float(thresholds.max()) < 1


def _model(nodes: list[Any], sizes: dict[str, tuple[int, ...]]) -> Any:
    helper, float_ = onnx.helper, onnx.TensorProto.FLOAT
    sides = [
        helper.make_tensor_value_info(name, float_, ["n", channels, "h", "w"])
        for name, channels in (("x", 3), ("map", 1))
    ]
    held = [
        onnx.numpy_helper.from_array(np.full(size, 0.1, np.float32), name)
        for name, size in sizes.items()
    ]
    graph = helper.make_graph(nodes, "other", sides[:1], sides[1:], held)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=7)


def _node(op: str, inputs: list[str], output: str, **attributes: Any) -> Any:
    return onnx.helper.make_node(op, inputs, [output], name=f"n_{output}", **attributes)


def test_a_graph_without_such_a_head_says_where_it_parts() -> None:
    flat = _model(
        [_node("Conv", ["x", "k"], "sum"), _node("Sigmoid", ["sum"], "map")], {"k": (1, 3, 1, 1)}
    )
    far = _model(
        [
            _node("Conv", ["x", "k"], "low", strides=[8, 8]),
            _node("ConvTranspose", ["low", "up"], "sum", strides=[8, 8]),
            _node("Sigmoid", ["sum"], "map"),
        ],
        {"k": (4, 3, 8, 8), "up": (4, 1, 8, 8)},
    )
    joined = _model(
        [
            _node("Conv", ["x", "k"], "low", strides=[2, 2]),
            _node("ConvTranspose", ["low", "up"], "one", strides=[2, 2]),
            _node("ConvTranspose", ["low", "other"], "two", strides=[2, 2]),
            _node("Add", ["one", "two"], "sum"),
            _node("Sigmoid", ["sum"], "map"),
        ],
        {"k": (4, 3, 2, 2), "up": (4, 1, 2, 2), "other": (4, 1, 2, 2)},
    )
    cases = {
        "flat": (flat, r"no convolution stands before .* enlarged 4 times \(found: 1\)"),
        "far": (far, r"up to node n_sum \(ConvTranspose\) the map is enlarged 8 times"),
        "joined": (joined, r"node n_sum \(Add\) takes in 2 values .* enlarged 1 times, not 4"),
        "pooled": (detector(), r"node .* \(AveragePool\) makes the map smaller"),
    }
    for name, (model, what) in cases.items():
        spec, _ = map_graph_of(model, name, f"{name}.onnx")
        with pytest.raises(InputError, match=what) as caught:
            head_input_of(spec)
        assert str(caught.value).startswith(f"{name}: has no head")
        assert "without --threshold-branch" in str(caught.value)


def test_a_seed_makes_a_branch_and_another_seed_another() -> None:
    first, same, other = (first_weights(16, seed) for seed in (1, 1, 2))

    assert all(np.array_equal(first[name], same[name]) for name in first)
    assert not np.array_equal(first[f"{BRANCH}conv1.weight"], other[f"{BRANCH}conv1.weight"])
    assert ThresholdBranch(16, 1).tensors().keys() == first.keys()
    assert len(first) == 13
    # He's limits: the root of 2 / (9 x 16), of 6 / (4 x 4) and of 6 / 4.
    assert first[f"{BRANCH}conv1.weight"].std() == pytest.approx(np.sqrt(2 / 144), rel=0.1)
    assert np.abs(first[f"{BRANCH}conv2.weight"]).max() <= np.sqrt(6 / 16)
    assert 0.8 * np.sqrt(1.5) < np.abs(first[f"{BRANCH}conv3.weight"]).max() <= np.sqrt(1.5)


def test_alone_gradients_reach_the_branch_and_nothing_else() -> None:
    both = branched()

    logits, thresholds = both.maps(pages(), [1], alone=True)
    assert thresholds is not None and len(thresholds) == 1
    (thresholds.mean() + logits.mean()).backward()

    assert all(value.grad is not None for _, value in both.branch.learning())
    assert all(value.grad is None for _, value in both.network.learning())


def test_together_thresholds_teach_the_features_too() -> None:
    both = branched()

    _, thresholds = both.maps(pages(), [1], alone=False)
    assert thresholds is not None
    thresholds.mean().backward()

    grads = {name: value.grad for name, value in both.network.learning()}
    assert grads["down"] is not None and float(grads["down"].abs().sum()) > 0
    assert grads["head.k"] is None  # of the other head


def test_without_labelled_pages_nothing_is_said_of_thresholds() -> None:
    assert branched().maps(pages(), [], alone=False)[1] is None


def test_tensors_of_both_go_out_and_in(tmp_path: Path) -> None:
    both = branched()
    tensors = {name: array + 1 for name, array in both.tensors().items()}

    both.put(tensors)

    assert all(np.array_equal(array, tensors[name]) for name, array in both.tensors().items())
    own, others = split_branch(tensors)
    assert all(name.startswith(BRANCH) for name in own)
    assert others.keys() == both.network.tensors().keys()
    assert {name for name, _ in both.branch.learning()} < own.keys()
    assert not any(name.endswith(("_mean", "_variance")) for name, _ in both.branch.learning())
    with pytest.raises(ValueError, match="are not the branch's"):
        both.put(others)
