"""Small recognizers in ONNX, as exporters write them: what the tests of graphs run."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

CLASSES = 7
"""Of `recognizer`: the blank, five entries and the space."""

ENTRIES = tuple("12.5k")


def recognizer(
    *,
    opset: int = 14,
    has_map: bool = True,
    uses_constants: bool = False,
    classes: int = CLASSES,
) -> Any:
    """Make a CTC recognizer of random weights: N x 3 x 48 x W to N x W/8 x classes probabilities.

    Its formulas are written out as paddle2onnx writes them: swish, layer normalisation, biases as
    additions, sizes computed from the input.

    Args:
        has_map: whether all goes through a map of height 1; else a second way leads around it.
        uses_constants: weights stand in Constant nodes, not among the initializers.
    """
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(7)
    weights: dict[str, np.ndarray] = {}
    nodes: list[Any] = []

    def weight(name: str, *shape: int, near: float = 0.0, spread: float = 0.5) -> str:
        drawn = near + rng.uniform(-spread, spread, shape)
        weights[name] = drawn.astype(np.float32)
        return name

    def add(op: str, inputs: list[str], output: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(op, inputs, [output], name=f"{op}.{output}", **attributes))
        return output

    def axes(op: str, value: str, output: str, which: list[int]) -> str:
        if opset < 13:
            return add(op, [value], output, axes=which)
        weights[f"{output}.axes"] = np.asarray(which)
        return add(op, [value, f"{output}.axes"], output)

    def number(name: str, value: float) -> str:
        weights[name] = np.asarray(value, np.float32)
        return name

    def conv(value: str, number: int, size: list[int], **attributes: Any) -> str:
        return add(
            "Conv", [value, weight(f"conv2d_{number}.w_0", *size)], f"c{number}", **attributes
        )

    first = conv("x", 0, [4, 3, 3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    norm = [
        weight("batch_norm_0.w_0", 4, near=1.0),
        weight("batch_norm_0.b_0", 4),
        weight("batch_norm_0.w_1", 4),
        weight("batch_norm_0.w_2", 4, near=1.0),
    ]
    value = add("BatchNormalization", [first, *norm], "n0", epsilon=1e-5)
    value = add("Mul", [value, add("HardSigmoid", [value], "h0", alpha=1 / 6, beta=0.5)], "s0")
    value = conv(value, 1, [6, 4, 3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    value = add("Relu", [add("Add", [value, weight("bias.1", 1, 6, 1, 1)], "b1")], "r1")
    value = conv(value, 2, [8, 6, 3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    value = add("Identity", [value], "same")
    pooled = add("AveragePool", [value], "map", kernel_shape=[6, 1], strides=[6, 1])
    value = conv(pooled, 3, [8, 8, 1, 1])
    value = add("Mul", [value, add("Sigmoid", [value], "sig")], "swish")
    weights["shape"], weights["first"] = np.asarray([-1]), np.asarray([8])
    sizes = add("Slice", [add("Shape", [value], "sizes"), "from", "to", "axis"], "n")
    weights["from"], weights["to"], weights["axis"] = (np.asarray([one]) for one in (0, 1, 0))
    value = add("Reshape", [value, add("Concat", [sizes, "first", "shape"], "wide", axis=0)], "f")
    value = add("Transpose", [value], "t", perm=[0, 2, 1])
    if not has_map:
        again = add("MaxPool", ["same"], "around", kernel_shape=[6, 1], strides=[6, 1])
        again = add("Transpose", [axes("Squeeze", again, "flat", [2])], "rows", perm=[0, 2, 1])
        value = add("Add", [value, again], "both")
    centred = add("Sub", [value, add("ReduceMean", [value], "m", axes=[-1])], "d")
    squared = add("Pow", [centred, number("two", 2.0)], "p")
    spread = add("Add", [add("ReduceMean", [squared], "v", axes=[-1]), number("eps", 1e-5)], "ve")
    value = add("Div", [centred, add("Sqrt", [spread], "sd")], "ln")
    value = add("Mul", [value, weight("ln.w", 8, near=1.0)], "lw")
    value = add("Add", [value, weight("ln.b", 8)], "lb")
    value = add("MatMul", [value, weight("linear_0.w_0", 8, 5)], "l0")
    value = add("Add", [value, weight("linear_0.b_0", 5)], "steps")
    value = add("MatMul", [value, weight("linear_1.w_0", 5, classes)], "l1")
    value = add("Add", [value, weight("linear_1.b_0", classes)], "logits")
    add("Softmax", [value], "out", axis=2)
    tensors = [numpy_helper.from_array(array, name) for name, array in weights.items()]
    if uses_constants:
        made = [helper.make_node("Constant", [], [one.name], value=one) for one in tensors]
        nodes, tensors = [*made, *nodes], []
    sides = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))
        for name, shape in (("x", ("n", 3, 48, "w")), ("out", ("n", "t", classes)))
    ]
    graph = helper.make_graph(nodes, "recognizer", sides[:1], sides[1:], tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=7)


def detector() -> Any:
    """Make what PaddleOCR's detectors are built of: it gives a map of probabilities."""
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(8)
    weights = {
        "conv.w": rng.uniform(-1, 1, (6, 3, 3, 3)),
        "narrow.w": rng.uniform(-1, 1, (4, 6, 1, 1)),
        "up.w": rng.uniform(-1, 1, (10, 4, 2, 2)),
        "up.b": rng.uniform(-1, 1, (4,)),
        "last.w": rng.uniform(-1, 1, (4, 1, 2, 2)),
    }
    tensors = [
        numpy_helper.from_array(one.astype(np.float32), name) for name, one in weights.items()
    ]
    tensors.append(numpy_helper.from_array(np.asarray([1, 1, 2, 2], np.float32), "twice"))
    nodes = [
        helper.make_node("Conv", ["x", "conv.w"], ["a"], strides=[2, 2], pads=[1, 1, 1, 1]),
        helper.make_node("HardSwish", ["a"], ["b"]),
        helper.make_node("GlobalAveragePool", ["b"], ["mean"]),
        helper.make_node("Mul", ["b", "mean"], ["weighed"]),
        helper.make_node("MaxPool", ["weighed"], ["half"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Conv", ["half", "narrow.w"], ["low"]),
        helper.make_node(
            "Resize",
            ["low", "", "twice"],
            ["wide"],
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        ),
        helper.make_node("Concat", ["weighed", "wide"], ["all"], axis=1),
        helper.make_node("ConvTranspose", ["all", "up.w", "up.b"], ["up"], strides=[2, 2]),
        helper.make_node("AveragePool", ["up"], ["again"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("ConvTranspose", ["again", "last.w"], ["whole"], strides=[2, 2]),
        helper.make_node("Sigmoid", ["whole"], ["out"]),
    ]
    sides = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", channels, "h", "w"])
        for name, channels in (("x", 3), ("out", 1))
    ]
    graph = helper.make_graph(nodes, "detector", sides[:1], sides[1:], tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=7)


HEADS = ("v3", "v4", "v5", "v6_small", "v6_tiny", "resized")
"""Of detectors, as the exporters of each version leave them; and one that enlarges otherwise."""


def headed_detector(form: str = "v4", channels: int = 8) -> Any:
    """Make a detector whose features, "both", have a quarter of the page's size, behind a head.

    Its map is .18 or so everywhere.

    Args:
        form: of the head, one of `HEADS`: normalised or fused, biases apart, reshaped or neither.
        channels: of the features, even.
    """
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(9)
    tensors: dict[str, np.ndarray] = {}
    nodes: list[Any] = []

    def held(name: str, *shape: int, near: float = 0.0, spread: float = 0.2) -> str:
        tensors[name] = (near + rng.uniform(-spread, spread, shape)).astype(np.float32)
        return name

    def add(op: str, inputs: list[str], output: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(op, inputs, [output], name=f"{op}.{output}", **attributes))
        return output

    def biased(value: str, name: str, size: int, near: float = 0.0) -> str:
        """Add a bias as the form has it."""
        if form == "v3":
            tensors[f"{name}.sizes"] = np.asarray([1, size, 1, 1])
            bias = add("Reshape", [held(f"{name}.b_0", size, near=near), f"{name}.sizes"], name)
        else:
            bias = held(f"{name}.b_0" if form == "v4" else name, 1, size, 1, 1, near=near)
        return add("Add", [value, bias], f"{name}.added")

    def settled(value: str, name: str, size: int) -> str:
        norm = [held(f"{name}.{part}", size, near=float(part in "wv")) for part in "wbm"]
        return add(
            "BatchNormalization", [value, *norm, held(f"{name}.v", size, near=1.0)], f"{name}.n"
        )

    def larger(value: str, name: str, into: int) -> str:
        if form != "resized":
            kernel = held(f"{name}.k", narrow, into, 2, 2)
            return add("ConvTranspose", [value, kernel], f"{name}.up", strides=[2, 2])
        tensors["twice"] = np.asarray([1, 1, 2, 2], np.float32)
        wide = add("Resize", [value, "", "twice"], f"{name}.wide", mode="nearest")
        return add("Conv", [wide, held(f"{name}.k", into, narrow, 1, 1)], f"{name}.up")

    half, narrow = channels // 2, max(channels // 4, 1)
    first = add(
        "Conv", ["x", held("down", half, 3, 3, 3)], "half", strides=[2, 2], pads=[1, 1, 1, 1]
    )
    quarter = add(
        "Conv",
        [add("Relu", [first], "seen"), held("deep", half, half, 3, 3)],
        "quarter",
        strides=[2, 2],
        pads=[1, 1, 1, 1],
    )
    other = add("Conv", [quarter, held("side", half, half, 1, 1)], "other")
    value = add("Concat", [quarter, other], "both", axis=1)
    kernel = [held("head.k", narrow, channels, 3, 3)]
    if form in ("v6_tiny", "resized"):
        kernel.append(held("head.kb", narrow))
    value = add("Conv", [value, *kernel], "c1", pads=[1, 1, 1, 1])
    has_norms = form in ("v3", "v4", "v5")
    if has_norms:
        value = settled(value, "norm1", narrow)
    elif form == "v6_small":
        value = biased(value, "shift1", narrow)
    value = larger(add("Relu", [value], "r1"), "up1", narrow)
    value = biased(value, "shift2", narrow)
    value = settled(value, "norm2", narrow) if has_norms else value
    value = larger(add("Relu", [value], "r2"), "up2", 1)
    add("Sigmoid", [biased(value, "shift3", 1, near=-1.5)], "map")
    sides = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", size, "h", "w"])
        for name, size in (("x", 3), ("map", 1))
    ]
    initial = [numpy_helper.from_array(array, name) for name, array in tensors.items()]
    graph = helper.make_graph(nodes, "headed", sides[:1], sides[1:], initial)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=7)


def written(model: Any, path: Path) -> Path:
    """Write a model into a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString())
    return path


def run(model: Any, lines: "np.ndarray[Any, np.dtype[np.float32]]") -> Any:
    """Read by onnxruntime, as the graph says, without optimisations."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return session.run(None, {"x": lines})[0]


def configuration(entries: Sequence[str], name: str = "PP-OCRv6_tiny_rec") -> str:
    """Write the part of an inference.yml that says what a model is and reads by."""
    held = "".join(f"  - '{entry}'\n" for entry in entries)
    return (
        f"Global:\n  model_name: {name}\n"
        f"PostProcess:\n  name: CTCLabelDecode\n  character_dict:\n{held}"
    )


def shipped(folder: Path, model: Any, entries: Sequence[str]) -> Path:
    """Write a model as other tools ship it: rec.onnx beside its inference.yml."""
    written(model, folder / "rec.onnx")
    (folder / "inference.yml").write_text(configuration(entries), encoding="utf-8")
    return folder
