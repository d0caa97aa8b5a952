"""Programs in ONNX: what of them learns, where they can be cut, and the way back into the file."""

from typing import Any

import numpy as np
import pytest

from tests.train.graphs import recognizer
from textlines.errors import InputError
from train.networks.graph_spec import ending_of
from train.networks.onnx_program import filled, in_float32, program_of, skeleton_of, values_of

LEARNT = (
    "conv2d_0.w_0 batch_norm_0.w_0 batch_norm_0.b_0 conv2d_1.w_0 bias.1 conv2d_2.w_0 conv2d_3.w_0 "
    "ln.w ln.b linear_0.w_0 linear_0.b_0 linear_1.w_0 linear_1.b_0"
)


@pytest.mark.parametrize("uses_constants", [False, True])
def test_weights_are_told_from_what_formulas_hold(uses_constants: bool) -> None:
    program = program_of(recognizer(uses_constants=uses_constants), "m")
    assert [name for name, one in program.held.items() if one.learns] == LEARNT.split()
    assert [name for name, one in program.held.items() if not one.learns] == [
        "batch_norm_0.w_1",
        "batch_norm_0.w_2",
    ]
    assert {"two", "eps", "first"} <= set(program.fixed)


def test_one_number_learns_where_paddle_names_it_so() -> None:
    from onnx import TensorProto, helper

    sides = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n"]) for name in "xy"]
    nodes = [
        helper.make_node("Mul", ["x", "affine_0.w_0"], ["a"]),
        helper.make_node("Mul", ["a", "half"], ["y"]),
    ]
    tensors = [
        helper.make_tensor(name, TensorProto.FLOAT, [1], [0.5]) for name in ("affine_0.w_0", "half")
    ]
    model = helper.make_model(helper.make_graph(nodes, "g", sides[:1], sides[1:], tensors))
    assert list(program_of(model, "m").held) == ["affine_0.w_0"]


@pytest.mark.parametrize("op", ["Conv", "ConvTranspose"])
@pytest.mark.parametrize(
    ("is_apart", "channels", "again", "learns"),
    [
        (False, 1, False, True),
        (True, 1, False, True),
        (True, 1, True, False),
        (True, 2, False, False),
    ],
)
def test_one_number_learns_where_it_is_all_that_a_convolution_of_one_channel_is_added(
    op: str, is_apart: bool, channels: int, again: bool, learns: bool
) -> None:
    """A hard swish written out adds 3 to a value that is multiplied, too."""
    from onnx import TensorProto, helper

    sides = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 3, "h", "w"]) for n in "xy"]
    sizes = [channels, 3, 1, 1] if op == "Conv" else [3, channels, 1, 1]
    if is_apart:
        nodes = [
            helper.make_node(op, ["x", "kernel"], ["a"]),
            helper.make_node("Reshape", ["number", "four"], ["shaped"]),
            helper.make_node("Add", ["a", "shaped"], ["b"]),
        ]
    else:
        nodes = [helper.make_node(op, ["x", "kernel", "number"], ["b"])]
    nodes.append(helper.make_node(*("Mul", ["a", "b"]) if again else ("Sigmoid", ["b"]), ["y"]))
    tensors = [
        helper.make_tensor("kernel", TensorProto.FLOAT, sizes, [0.5] * 3 * channels),
        helper.make_tensor("number", TensorProto.FLOAT, [1], [0.5]),
        helper.make_tensor("four", TensorProto.INT64, [4], [1, 1, 1, 1]),
    ]
    model = helper.make_model(helper.make_graph(nodes, "g", sides[:1], sides[1:], tensors))

    assert list(program_of(model, "m").held) == ["kernel", *(["number"] if learns else [])]


def test_a_graph_is_cut_where_everything_goes_through() -> None:
    program = program_of(recognizer(), "m")
    ending = ending_of(program, "m")
    assert (ending.steps, ending.weight, ending.bias) == ("steps", "linear_1.w_0", "linear_1.b_0")
    narrow = program.bottlenecks("steps")
    assert [one for one in narrow if one in ("map", "h0", "sig", "sizes", "f")] == ["map", "f"]
    assert narrow[-1] == "steps"
    # The second way around the map leaves it no bottleneck.
    around = program_of(recognizer(has_map=False), "m").bottlenecks("steps")
    assert "map" not in around
    assert "both" in around


def test_both_halves_of_a_cut_are_the_whole() -> None:
    program = program_of(recognizer(), "m")
    whole = program.between("x", "steps")
    for cut in program.bottlenecks("steps"):
        halves = (*program.between("x", cut), *program.between(cut, "steps"))
        assert sorted(map(id, halves)) == sorted(map(id, whole))


@pytest.mark.parametrize("uses_constants", [False, True])
def test_a_skeleton_filled_is_the_same_model(uses_constants: bool) -> None:
    model = recognizer(uses_constants=uses_constants)
    program = program_of(model, "m")
    skeleton = skeleton_of(model, program)
    other = type(model)()
    other.ParseFromString(skeleton)
    values = values_of(model, program)
    assert filled(other, values).SerializeToString(deterministic=True) == model.SerializeToString(  # type: ignore[arg-type]
        deterministic=True
    )
    changed = {name: one + np.float32(1) for name, one in values.items()}  # type: ignore[operator]
    assert skeleton_of(filled(model, changed), program) == skeleton


def test_a_weight_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match=r"ln\.w is \(3,\), the graph has \(8,\)"):
        filled(recognizer(), {"ln.w": np.zeros(3, np.float32)})


def test_half_precision_becomes_single() -> None:
    from onnx import TensorProto, numpy_helper

    model = recognizer()
    for tensor in model.graph.initializer:
        if tensor.data_type == TensorProto.FLOAT:
            half = numpy_helper.to_array(tensor).astype(np.float16)
            tensor.CopyFrom(numpy_helper.from_array(half, tensor.name))
    for side in (*model.graph.input, *model.graph.output):
        side.type.tensor_type.elem_type = TensorProto.FLOAT16
    whole = in_float32(model)
    assert all(one.data_type != TensorProto.FLOAT16 for one in whole.graph.initializer)
    assert whole.graph.input[0].type.tensor_type.elem_type == TensorProto.FLOAT


def _broken(change: Any) -> Any:
    model = recognizer()
    change(model)
    return model


def _add_loop(model: Any) -> None:
    from onnx import helper

    inner = helper.make_graph([], "inner", [], [])
    model.graph.node.append(helper.make_node("If", ["sizes"], ["y"], name="if", then_branch=inner))


def _take_away(model: Any) -> None:
    del model.graph.node[0]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_add_loop, r"m: node if \(If\) holds a graph of its own"),
        (_take_away, r"m: node BatchNormalization\.n0 \(BatchNormalization\) takes c0 in"),
        (lambda model: model.graph.ClearField("output"), "m: takes nothing in or gives nothing"),
    ],
)
def test_what_is_no_program_is_refused(change: Any, told: str) -> None:
    with pytest.raises(InputError, match=told):
        program_of(_broken(change), "m")


def _ends_in_sigmoid(model: Any) -> None:
    model.graph.node[-1].op_type = "Sigmoid"
    model.graph.node[-1].ClearField("attribute")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_ends_in_sigmoid, r"at its end stands Sigmoid \(node Softmax\.out\), not Softmax"),
        (
            lambda model: model.graph.node[-1].input.__setitem__(0, "l1"),
            r"at its end stands MatMul \(node MatMul\.l1\), not Add",
        ),
    ],
)
def test_a_graph_that_ends_otherwise_is_no_recognizer(change: Any, told: str) -> None:
    with pytest.raises(InputError, match=f"m: is no CTC recognizer: {told}"):
        ending_of(program_of(_broken(change), "m"), "m")
