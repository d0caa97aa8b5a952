"""Each operator in Paddle, against onnxruntime."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

F, I64 = np.float32, np.int64


@dataclass(frozen=True)
class Case:
    """One node: an operator, the shape of its first input, constants behind it, attributes."""

    op: str
    shape: tuple[int, ...] = (2, 4, 6, 8)
    constants: Sequence[Any] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    opset: int = 14
    outputs: int = 1
    positive: bool = False

    def __str__(self) -> str:
        told = "-".join(f"{key}={value}" for key, value in self.attributes.items())
        return f"{self.op}-{self.opset}-{told}"


def some(*shape: int) -> Any:
    return np.random.default_rng(len(shape)).uniform(-1, 1, shape).astype(F)


def ints(*values: int) -> Any:
    return np.asarray(values, I64)


NEAREST = {
    "mode": "nearest",
    "coordinate_transformation_mode": "asymmetric",
    "nearest_mode": "floor",
}
NONE = np.zeros(0, F)
CASES = [
    *(
        Case(op)
        for op in ["Abs", "Erf", "Exp", "HardSwish", "Neg", "Relu", "Sigmoid", "Softplus", "Tanh"]
    ),
    *(Case(op, positive=True) for op in ("Log", "Sqrt", "Reciprocal")),
    Case("Elu", attributes={"alpha": 0.7}),
    Case("LeakyRelu", attributes={"alpha": 0.2}),
    Case("HardSigmoid"),
    Case("HardSigmoid", attributes={"alpha": 1 / 6, "beta": 0.5}),
    Case("Mish", opset=18),
    Case("Gelu", opset=20),
    Case("Gelu", attributes={"approximate": "tanh"}, opset=20),
    Case("PRelu", constants=[some(4, 1, 1)]),
    *(Case(op, constants=[some(4, 1, 1)]) for op in ("Add", "Sub", "Mul", "Max", "Min")),
    Case("Div", constants=[np.asarray(1.5, F)]),
    Case("Pow", constants=[np.asarray(2, F)]),
    Case("Clip", attributes={"min": 0.0, "max": 0.5}, opset=9),
    Case("Clip", constants=[np.asarray(-0.2, F), np.asarray(0.3, F)]),
    Case("Conv", constants=[some(6, 4, 3, 3), some(6)], attributes={"pads": [1, 1, 1, 1]}),
    Case("Conv", constants=[some(6, 4, 3, 3)], attributes={"pads": [0, 1, 2, 1]}),
    Case(
        "Conv",
        constants=[some(8, 1, 3, 3)],
        attributes={"group": 4, "strides": [2, 1], "dilations": [1, 2]},
    ),
    Case("Conv", constants=[some(6, 4, 2, 2)], attributes={"auto_pad": "SAME_UPPER"}),
    Case("Conv", (2, 4, 9), [some(6, 4, 3)], {"pads": [1, 1]}),
    Case("ConvTranspose", constants=[some(4, 3, 2, 2), some(3)], attributes={"strides": [2, 2]}),
    Case(
        "ConvTranspose",
        constants=[some(4, 3, 3, 3)],
        attributes={"strides": [2, 2], "pads": [1, 1, 1, 1], "output_padding": [1, 1]},
    ),
    Case("BatchNormalization", constants=[some(4), some(4), some(4), abs(some(4)) + F(0.1)]),
    Case("BatchNormalization", (2, 4, 5), [some(4), some(4), some(4), abs(some(4)) + F(0.1)]),
    Case("LayerNormalization", constants=[some(8), some(8)], opset=17),
    Case("LayerNormalization", constants=[some(6, 8)], attributes={"axis": 2}, opset=17),
    Case("MaxPool", attributes={"kernel_shape": [2, 2], "strides": [2, 2]}),
    Case("MaxPool", attributes={"kernel_shape": [2, 2], "auto_pad": "SAME_UPPER"}),
    Case("MaxPool", attributes={"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1}),
    Case("AveragePool", attributes={"kernel_shape": [3, 2], "strides": [3, 2]}),
    *(
        Case(
            "AveragePool",
            attributes={"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "count_include_pad": counts},
        )
        for counts in (0, 1)
    ),
    Case("GlobalAveragePool"),
    Case("GlobalMaxPool"),
    Case("ReduceMean", attributes={"axes": [2, 3], "keepdims": 1}),
    Case("ReduceMean", constants=[ints(-1)], attributes={"keepdims": 0}, opset=18),
    Case("ReduceMax", attributes={"axes": [1], "keepdims": 0}),
    Case("ReduceSum", constants=[ints(1, 2)]),
    Case("MatMul", constants=[some(8, 3)]),
    Case("Gemm", (5, 4), [some(3, 4), some(3)], {"transB": 1, "alpha": 0.5, "beta": 2.0}),
    Case("Softmax", attributes={"axis": 1}),
    Case("Softmax", (2, 5, 7), attributes={"axis": 2}, opset=11),
    Case("LogSoftmax", attributes={"axis": -1}),
    Case("Transpose", attributes={"perm": [0, 2, 3, 1]}),
    Case("Reshape", constants=[ints(0, -1, 8)]),
    Case("Flatten"),
    Case("Squeeze", (2, 4, 1, 8), [ints(2)]),
    Case("Squeeze", (2, 4, 1, 8), attributes={"axes": [2]}, opset=11),
    Case("Unsqueeze", constants=[ints(0, 3)]),
    Case("Slice", constants=[ints(1, 2), ints(3, 2**62), ints(1, 3)]),
    Case("Slice", constants=[ints(0), ints(8), ints(3), ints(3)]),
    Case("Slice", attributes={"starts": [1], "ends": [-1], "axes": [2]}, opset=9),
    Case("Gather", constants=[ints(2, 0)], attributes={"axis": 1}),
    Case("Gather", constants=[np.asarray(1, I64)], attributes={"axis": 2}),
    Case("Concat", constants=[some(2, 1, 6, 8)], attributes={"axis": 1}),
    Case("Split", constants=[ints(1, 3)], attributes={"axis": 1}, outputs=2),
    Case("Split", attributes={"axis": 2}, outputs=3, opset=13),
    Case("Expand", (2, 1, 1, 8), [ints(1, 4, 1, 1)]),
    Case("Tile", constants=[ints(1, 1, 2, 3)]),
    Case("Pad", constants=[ints(0, 0, 1, 2, 0, 0, 3, 0), np.asarray(0.5, F)]),
    Case("Cast", attributes={"to": 7}),
    Case("Resize", constants=[NONE, np.asarray([1, 1, 2, 4], F)], attributes=NEAREST),
    Case("Resize", constants=[NONE, NONE, ints(2, 4, 12, 16)], attributes=NEAREST),
    Case(
        "Resize",
        constants=[NONE, np.asarray([1, 1, 2, 2], F)],
        attributes={"mode": "linear", "coordinate_transformation_mode": "half_pixel"},
    ),
    Case(
        "Resize",
        constants=[NONE, np.asarray([1, 1, 2, 2], F)],
        attributes={"mode": "linear", "coordinate_transformation_mode": "align_corners"},
    ),
    Case("Upsample", constants=[np.asarray([1, 1, 2, 2], F)], opset=9),
    Case("Shape"),
]


def by_onnxruntime(case: Case, value: Any) -> list[Any]:
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    names = [f"c{number}" if one.size else "" for number, one in enumerate(case.constants)]
    tensors = [
        numpy_helper.from_array(one, name)
        for one, name in zip(case.constants, names, strict=True)
        if name
    ]
    outputs = [f"y{number}" for number in range(case.outputs)]
    node = helper.make_node(case.op, ["x", *names], outputs, **case.attributes)
    side = helper.make_tensor_value_info("x", TensorProto.FLOAT, list(case.shape))
    kind = TensorProto.INT64 if case.op in ("Shape", "Cast") else TensorProto.FLOAT
    given = [helper.make_tensor_value_info(name, kind, None) for name in outputs]
    graph = helper.make_graph([node], "g", [side], given, tensors)
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", case.opset)], ir_version=8
    )
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return list(session.run(None, {"x": value}))


def by_paddle(paddle: Any, case: Case, value: Any) -> list[Any]:
    from train.networks.onnx_ops import OPS
    from train.networks.onnx_program import GraphNode

    attributes = {
        key: one.encode() if isinstance(one, str) else one for key, one in case.attributes.items()
    }
    outputs = tuple(f"y{number}" for number in range(case.outputs))
    node = GraphNode(case.op, "n", ("x",), outputs, attributes)
    weights = case.op in ("BatchNormalization", "LayerNormalization")
    constants = [
        None
        if not one.size
        else paddle.to_tensor(one)
        if weights
        else float(one)
        if one.size == 1 and one.dtype == F
        else one
        for one in case.constants
    ]
    found = OPS[case.op](node, [paddle.to_tensor(value), *constants], case.opset)
    return [one.numpy() for one in (found if isinstance(found, tuple) else (found,))]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_gives_what_onnxruntime_gives(paddle: Any, case: Case) -> None:
    value = np.random.default_rng(3).uniform(-2, 2, case.shape).astype(F)
    value = abs(value) + F(0.1) if case.positive else value
    wanted = by_onnxruntime(case, value)
    found = by_paddle(paddle, case, value)
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)


def test_every_operator_has_a_case() -> None:
    from train.networks.onnx_ops import OPS

    others = {"ConstantOfShape", "Equal", "Where"}
    assert {case.op for case in CASES} | others == set(OPS)


def test_sizes_are_computed_and_chosen_between(paddle: Any) -> None:
    """What paddle2onnx writes around a reshape: a filler of a computed size, and a choice."""
    from train.networks.onnx_ops import OPS
    from train.networks.onnx_program import GraphNode

    def node(op: str) -> GraphNode:
        return GraphNode(op, "n", ("a",), ("y",), {})

    shape = paddle.to_tensor([2, 3])
    ones = OPS["ConstantOfShape"](node("ConstantOfShape"), [shape], 14)
    assert ones.numpy().tolist() == [[0.0] * 3] * 2
    same = OPS["Equal"](node("Equal"), [shape, ints(2, 4)], 14)
    assert same.numpy().tolist() == [True, False]
    chosen = OPS["Where"](node("Where"), [same, ints(7, 7), shape], 14)
    assert chosen.numpy().tolist() == [7, 3]


@settings(max_examples=40, deadline=None)
@given(
    pads=st.lists(st.integers(0, 3), min_size=4, max_size=4),
    strides=st.lists(st.integers(1, 3), min_size=2, max_size=2),
    size=st.tuples(st.integers(5, 11), st.integers(5, 11)),
)
def test_a_convolution_pads_and_strides_as_onnx_says(
    paddle: Any, pads: list[int], strides: list[int], size: tuple[int, int]
) -> None:
    case = Case("Conv", (1, 2, *size), [some(3, 2, 3, 3)], {"pads": pads, "strides": strides})
    value = some(*case.shape)
    (wanted,), (found,) = by_onnxruntime(case, value), by_paddle(paddle, case, value)
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("case", "told"),
    [
        (Case("Softmax", attributes={"axis": 1}, opset=11), "is over the axes from 1 on together"),
        (Case("Flatten", attributes={"axis": 2}), "flattens at axis 2"),
        (Case("Conv", (1, 1, 4, 4, 4), [some(1, 1, 2, 2, 2)]), "convolves over 3 axes"),
        (Case("Conv", constants=[some(1, 4, 2, 2)], attributes={"auto_pad": "SAME_LOWER"}), "pads"),
        (Case("Cast", attributes={"to": 8}), "casts to type 8"),
        (
            Case("Resize", constants=[NONE, some(4)], attributes={"mode": "cubic"}),
            "resizes 4 axes by cubic",
        ),
        (
            Case(
                "Resize",
                constants=[NONE, np.asarray([1, 1, 1.5, 1.5], F)],
                attributes={"mode": "nearest"},
            ),
            "resizes by half_pixel and round_prefer_floor",
        ),
        (Case("Pad", constants=[ints(0) * 8], attributes={"mode": "reflect"}), "pads other than"),
    ],
    ids=lambda one: str(one) if isinstance(one, Case) else "",
)
def test_what_it_cannot_do_it_refuses(paddle: Any, case: Case, told: str) -> None:
    from train.networks.onnx_ops import UnfitError

    with pytest.raises(UnfitError, match=told):
        by_paddle(paddle, case, some(*case.shape))
