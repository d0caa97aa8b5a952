"""ONNX's operators in Paddle: those of recognizers and detectors that PaddleOCR exports.

Each is a function of a node and its inputs, by the operator's definition in ONNX (opset 7 to 21),
differentiable wherever the operator is. Sizes are tensors too (Shape, Slice, Concat, Reshape), so
that one program runs any batch and width, and can be exported again.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import paddle as typed_paddle
from paddle.nn import functional as typed_functional

from train.networks.onnx_program import GraphNode

# Their stubs ask for literals and lists of one kind where a file has values.
paddle: Any = typed_paddle
functional: Any = typed_functional

Value = Any
"""A Tensor; a constant that stays is an array, or a Python float where it is one number."""

Op = Callable[[GraphNode, Sequence[Value], int], "Value | tuple[Value, ...]"]
"""From a node, its inputs (None where one is left out) and the opset to its output or outputs."""


class UnfitError(Exception):
    """A node asks for what is not built; says what."""


def _tensor(value: Value, like: Value = None) -> Any:
    """Make a tensor of a constant: floats in the precision of `like`, where that is a tensor."""
    if not isinstance(value, np.ndarray | float):
        return value
    array = np.asarray(value)
    if array.dtype.kind == "f":
        known = like is not None and not isinstance(like, np.ndarray | float)
        return paddle.to_tensor(array, dtype=like.dtype if known else paddle.get_default_dtype())
    return paddle.to_tensor(array)


def _numbers(value: Value, what: str) -> list[Any]:
    """Read a constant as numbers: what must be known before the program runs."""
    if not isinstance(value, np.ndarray | float | int):
        raise UnfitError(f"has {what} that are computed")
    numbers: list[Any] = np.asarray(value).reshape(-1).tolist()
    return numbers


def _axes(node: GraphNode, inputs: Sequence[Value]) -> list[int] | None:
    """Read axes: an attribute in older opsets, the second input in newer ones."""
    if "axes" in node.attributes:
        return [int(axis) for axis in node.attributes["axes"]]
    if len(inputs) > 1 and inputs[1] is not None:
        return [int(axis) for axis in _numbers(inputs[1], "axes")]
    return None


def _pads(node: GraphNode, spatial: int) -> list[int] | str:
    """Read the padding: SAME, or [begin, end] of each axis as Paddle takes it."""
    auto = node.attributes.get("auto_pad", b"NOTSET").decode()
    if auto in ("SAME_UPPER", "VALID"):
        return auto.split("_")[0]
    if auto != "NOTSET":
        raise UnfitError(f"pads by {auto}")
    pads = [int(pad) for pad in node.attributes.get("pads", [0] * 2 * spatial)]
    return [pads[at + side * spatial] for at in range(spatial) for side in (0, 1)]


def _even(pads: list[int] | str) -> list[int] | str:
    """Write equal padding of both sides once, which every kernel of Paddle takes."""
    if isinstance(pads, str) or pads[::2] != pads[1::2]:
        return pads
    return pads[::2]


def _strides(node: GraphNode, spatial: int, name: str = "strides") -> list[int]:
    return [int(stride) for stride in node.attributes.get(name, [1] * spatial)]


def _conv(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
    x, weight, bias = (*inputs, None)[:3]
    spatial = len(x.shape) - 2
    if spatial not in (1, 2):
        raise UnfitError(f"convolves over {spatial} axes")
    function = functional.conv2d if spatial == 2 else functional.conv1d
    return function(
        x,
        _tensor(weight, x),
        None if bias is None else _tensor(bias, x),
        stride=_strides(node, spatial),
        padding=_even(_pads(node, spatial)),
        dilation=_strides(node, spatial, "dilations"),
        groups=int(node.attributes.get("group", 1)),
    )


def _conv_transpose(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
    x, weight, bias = (*inputs, None)[:3]
    if len(x.shape) != 4 or "output_shape" in node.attributes:
        raise UnfitError("is not over two axes, or names the size of what it gives")
    return functional.conv2d_transpose(
        x,
        _tensor(weight, x),
        None if bias is None else _tensor(bias, x),
        stride=_strides(node, 2),
        padding=_even(_pads(node, 2)),
        output_padding=[int(pad) for pad in node.attributes.get("output_padding", [0, 0])],
        dilation=_strides(node, 2, "dilations"),
        groups=int(node.attributes.get("group", 1)),
    )


def _batch_norm(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
    x, weight, bias, mean, variance = inputs
    # By the stored statistics, whatever mode the network is in; they are never updated.
    return functional.batch_norm(
        x,
        mean,
        variance,
        weight=weight,
        bias=bias,
        training=False,
        epsilon=float(node.attributes.get("epsilon", 1e-5)),
        data_format={2: "NC", 3: "NCL", 4: "NCHW"}[len(x.shape)],
        use_global_stats=True,
    )


def _layer_norm(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
    x, weight, bias = (*inputs, None)[:3]
    axis = int(node.attributes.get("axis", -1)) % len(x.shape)
    epsilon = float(node.attributes.get("epsilon", 1e-5))
    flat = (None if affine is None else affine.reshape([-1]) for affine in (weight, bias))
    return functional.layer_norm(x, list(x.shape[axis:]), *flat, epsilon)


def _pool(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
    (x,) = inputs
    if len(x.shape) != 4 or len(node.outputs) > 1:
        raise UnfitError("pools over other than two axes, or gives places")
    if set(_strides(node, 2, "dilations")) != {1}:
        raise UnfitError("is dilated")
    pads = _even(_pads(node, 2))
    kernel, strides = _strides(node, 2, "kernel_shape"), _strides(node, 2)
    ceil_mode = bool(node.attributes.get("ceil_mode", 0))
    if node.op == "MaxPool":
        return functional.max_pool2d(x, kernel, strides, pads, ceil_mode=ceil_mode)
    counts = bool(node.attributes.get("count_include_pad", 0))
    return functional.avg_pool2d(
        x, kernel, strides, pads, ceil_mode=ceil_mode, exclusive=not counts
    )


def _over_map(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
    reduce = paddle.mean if node.op == "GlobalAveragePool" else paddle.amax
    return reduce(inputs[0], axis=list(range(2, len(inputs[0].shape))), keepdim=True)


def _reduce(function: Callable[..., Any]) -> Op:
    def op(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
        axes, keeps = _axes(node, inputs), bool(node.attributes.get("keepdims", 1))
        if axes is None and node.attributes.get("noop_with_empty_axes", 0):
            return inputs[0]
        return function(_tensor(inputs[0]), axis=axes, keepdim=keeps)

    return op


def _softmax(function: Callable[..., Any]) -> Op:
    def op(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
        rank = len(inputs[0].shape)
        axis = int(node.attributes.get("axis", -1 if opset >= 13 else 1)) % rank
        # Older ones take all axes from this one on together: the same only for the last.
        if opset < 13 and axis != rank - 1:
            raise UnfitError(f"is over the axes from {axis} on together")
        return function(inputs[0], axis=axis)

    return op


def _binary(function: Callable[[Any, Any], Any]) -> Op:
    def op(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
        a, b = inputs
        if isinstance(a, float) and isinstance(b, float):
            a = _tensor(a)
        # Single numbers stay Python's: they take the precision of the other.
        if isinstance(a, np.ndarray):
            a = _tensor(a, b)
        if isinstance(b, np.ndarray):
            b = _tensor(b, a)
        return function(a, b)

    return op


def _both(function: Callable[..., Any]) -> Op:
    """Make an operator of a function that takes tensors alone."""
    return _binary(lambda a, b: function(_tensor(a, b), _tensor(b, a)))


def _divided(a: Any, b: Any) -> Any:
    if not isinstance(a, float) and a.dtype in (paddle.int32, paddle.int64):
        return a // b
    return a / b


def _unary(function: Callable[..., Any], **names: float) -> Op:
    """Make an operator of a function of one tensor.

    Args:
        names: numbers that are attributes, with their defaults; handed on in this order.
    """

    def op(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
        numbers = [float(node.attributes.get(name, usual)) for name, usual in names.items()]
        return function(_tensor(inputs[0]), *numbers)

    return op


def _clip(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
    x, low, high = (*inputs, None, None)[:3]
    low, high = node.attributes.get("min", low), node.attributes.get("max", high)
    least, most = (None if bound is None else _numbers(bound, "bounds")[0] for bound in (low, high))
    return paddle.clip(_tensor(x), least, most)


def _prelu(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
    x, slope = inputs
    return functional.relu(x) - _tensor(slope, x) * functional.relu(-x)


def _gelu(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
    return functional.gelu(inputs[0], node.attributes.get("approximate", b"none") == b"tanh")


def _matmul(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
    a, b = inputs
    return paddle.matmul(_tensor(a), _tensor(b, a))


def _gemm(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
    a, b, c = (*inputs, None)[:3]
    flips = [bool(node.attributes.get(name, 0)) for name in ("transA", "transB")]
    product = paddle.matmul(a, _tensor(b, a), *flips)
    alpha, beta = (float(node.attributes.get(name, 1.0)) for name in ("alpha", "beta"))
    product = product if alpha == 1 else product * alpha
    return product if c is None else product + _tensor(c, a) * beta


def _reshape(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
    x, shape = inputs
    if node.attributes.get("allowzero", 0):
        raise UnfitError("takes 0 for a size, not for that of its input")
    known = isinstance(shape, np.ndarray)
    return paddle.reshape(_tensor(x), [int(size) for size in shape] if known else shape)


def _flatten(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
    axis = int(node.attributes.get("axis", 1))
    if axis != 1:
        raise UnfitError(f"flattens at axis {axis}")
    return paddle.flatten(_tensor(inputs[0]), 1)


def _transpose(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
    x = _tensor(inputs[0])
    usual = list(range(len(x.shape)))[::-1]
    return paddle.transpose(x, [int(axis) for axis in node.attributes.get("perm", usual)])


def _squeeze(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
    return paddle.squeeze(_tensor(inputs[0]), _axes(node, inputs))


def _unsqueeze(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
    axes = _axes(node, inputs)
    if axes is None:
        raise UnfitError("names no axes")
    return paddle.unsqueeze(_tensor(inputs[0]), axes)


def _shape(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
    sizes = paddle.shape(_tensor(inputs[0])).astype("int64")
    start, end = node.attributes.get("start", 0), node.attributes.get("end")
    return sizes if not start and end is None else sizes[start:end]


def _slice(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
    x = _tensor(inputs[0])
    if "starts" in node.attributes:
        starts, ends = node.attributes["starts"], node.attributes["ends"]
        axes = node.attributes.get("axes", list(range(len(starts))))
        return paddle.slice(x, list(axes), list(starts), list(ends))
    starts, ends, axes, steps = (*inputs[1:], None, None)[:4]
    count = len(starts) if isinstance(starts, np.ndarray) else int(starts.shape[0])
    along = list(range(count)) if axes is None else [int(a) for a in _numbers(axes, "axes")]
    by = [1] * count if steps is None else [int(number) for number in _numbers(steps, "steps")]
    bounds = [_bound(number) for number in (starts, ends)]
    if any(number != 1 for number in by):
        return paddle.strided_slice(x, along, *bounds, by)
    return paddle.slice(x, along, *bounds)


def _bound(value: Value) -> list[Any]:
    """Return the starts or ends of a slice, one for each axis, as Paddle wants them."""
    if isinstance(value, np.ndarray):
        # ONNX writes "to the end" as the largest number of 64 bits, Paddle's kernels count in 32.
        return [min(max(int(place), 1 - 2**31), 2**31 - 1) for place in value]
    return [value[at] for at in range(int(value.shape[0]))]


def _gather(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
    x, places = _tensor(inputs[0]), inputs[1]
    axis = int(node.attributes.get("axis", 0))
    index = _tensor(places)
    picked = paddle.index_select(x, paddle.reshape(index, [-1]), axis)
    if not index.shape:
        return paddle.squeeze(picked, [axis])
    if len(index.shape) == 1:
        return picked
    raise UnfitError(f"takes places of {len(index.shape)} axes")


def _concat(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
    like = next((value for value in inputs if not isinstance(value, np.ndarray | float)), None)
    parts = [_tensor(value, like) for value in inputs]
    return paddle.concat(parts, axis=int(node.attributes["axis"]))


def _split(node: GraphNode, inputs: Sequence[Value], opset: int) -> tuple[Value, ...]:
    sizes = node.attributes.get("split")
    if sizes is None and len(inputs) > 1 and inputs[1] is not None:
        sizes = [int(size) for size in _numbers(inputs[1], "sizes")]
    parts = list(sizes) if sizes is not None else len(node.outputs)
    return tuple(paddle.split(_tensor(inputs[0]), parts, axis=int(node.attributes.get("axis", 0))))


def _expand(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
    # Of two sizes the larger counts in ONNX, where one of them is 1.
    x, shape = _tensor(inputs[0]), inputs[1]
    ones = paddle.ones([int(size) for size in shape] if isinstance(shape, np.ndarray) else shape)
    return x * ones.astype(x.dtype)


def _tile(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
    times = inputs[1]
    known = isinstance(times, np.ndarray)
    return paddle.tile(_tensor(inputs[0]), [int(count) for count in times] if known else times)


def _cast(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
    to = int(node.attributes["to"])
    if to in (1, 10, 11):
        # One precision for all: that of the weights.
        x = _tensor(inputs[0])
        return x if x.is_floating_point() else x.astype(paddle.get_default_dtype())
    kinds = {6: "int32", 7: "int64", 9: "bool"}
    if to not in kinds:
        raise UnfitError(f"casts to type {to}")
    return _tensor(inputs[0]).astype(kinds[to])


def _pad(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
    if node.attributes.get("mode", b"constant") != b"constant" or len(inputs) > 3:
        raise UnfitError("pads other than all axes with one number")
    x, pads, value = (*inputs, None, None)[:3]
    sizes = node.attributes.get("pads")
    sizes = [int(size) for size in (_numbers(pads, "sizes") if sizes is None else sizes)]
    rank = len(x.shape)
    filler = node.attributes.get("value", 0.0) if value is None else _numbers(value, "values")[0]
    both = [sizes[at + side * rank] for at in range(rank) for side in (0, 1)]
    return functional.pad(x, both, value=float(filler), pad_from_left_axis=True)


def _resize(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
    x = inputs[0]
    mode = node.attributes.get("mode", b"nearest").decode()
    is_old = node.op == "Upsample" or opset < 11
    scales = inputs[1 if is_old else 2] if len(inputs) > 1 else None
    sizes = inputs[3] if len(inputs) > 3 else None
    if "scales" in node.attributes:
        scales = np.asarray(node.attributes["scales"])
    if len(x.shape) != 4 or mode not in ("nearest", "linear"):
        raise UnfitError(f"resizes {len(x.shape)} axes by {mode}")
    usual = b"asymmetric" if is_old else b"half_pixel"
    by = node.attributes.get("coordinate_transformation_mode", usual).decode()
    whole: dict[str, Any] = {}
    if sizes is not None:
        whole["size"] = (
            [int(number) for number in sizes][2:] if isinstance(sizes, np.ndarray) else sizes[2:]
        )
    else:
        factors = _numbers(scales, "scales")
        if factors[:2] != [1.0, 1.0]:
            raise UnfitError("resizes lines or channels")
        whole["scale_factor"] = [float(number) for number in factors[2:]]
    if mode == "nearest":
        usual = b"floor" if is_old else b"round_prefer_floor"
        rounds = node.attributes.get("nearest_mode", usual)
        doubles = all(float(number).is_integer() for number in whole.get("scale_factor", [0.5]))
        # By a whole number both ways of counting take each pixel so many times.
        if not (by == "asymmetric" and rounds == b"floor") and not (doubles and by == "half_pixel"):
            raise UnfitError(f"resizes by {by} and {rounds.decode()}")
        return functional.interpolate(x, mode="nearest", **whole)
    if by not in ("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"):
        raise UnfitError(f"resizes by {by}")
    return functional.interpolate(
        x,
        mode="bilinear",
        align_corners=by == "align_corners",
        align_mode=int(by == "asymmetric"),
        **whole,
    )


def _constant_of_shape(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
    from onnx import numpy_helper

    value = node.attributes.get("value")
    filler = numpy_helper.to_array(value) if value is not None else np.zeros(1, np.float32)
    shape = inputs[0]
    known = isinstance(shape, np.ndarray)
    return paddle.full(
        [int(size) for size in shape] if known else shape, filler.item(), dtype=str(filler.dtype)
    )


def _where(node: GraphNode, inputs: Sequence[Value], opset: int) -> Value:
    chosen, a, b = inputs
    return paddle.where(_tensor(chosen), _tensor(a, b), _tensor(b, a))


OPS: Mapping[str, Op] = {
    "Abs": _unary(paddle.abs),
    "Add": _binary(lambda a, b: a + b),
    "AveragePool": _pool,
    "BatchNormalization": _batch_norm,
    "Cast": _cast,
    "Clip": _clip,
    "Concat": _concat,
    "ConstantOfShape": _constant_of_shape,
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "Div": _binary(_divided),
    "Elu": _unary(functional.elu, alpha=1.0),
    "Equal": _both(paddle.equal),
    "Erf": _unary(paddle.erf),
    "Exp": _unary(paddle.exp),
    "Expand": _expand,
    "Flatten": _flatten,
    "Gather": _gather,
    "Gelu": _gelu,
    "Gemm": _gemm,
    "GlobalAveragePool": _over_map,
    "GlobalMaxPool": _over_map,
    "HardSigmoid": _unary(functional.hardsigmoid, alpha=0.2, beta=0.5),
    "HardSwish": _unary(functional.hardswish),
    "LayerNormalization": _layer_norm,
    "LeakyRelu": _unary(functional.leaky_relu, alpha=0.01),
    "Log": _unary(paddle.log),
    "LogSoftmax": _softmax(functional.log_softmax),
    "MatMul": _matmul,
    "Max": _both(paddle.maximum),
    "MaxPool": _pool,
    "Min": _both(paddle.minimum),
    "Mish": _unary(functional.mish),
    "Mul": _binary(lambda a, b: a * b),
    "Neg": _unary(paddle.neg),
    "PRelu": _prelu,
    "Pad": _pad,
    "Pow": _binary(lambda a, b: a**b),
    "Reciprocal": _unary(paddle.reciprocal),
    "ReduceMax": _reduce(paddle.amax),
    "ReduceMean": _reduce(paddle.mean),
    "ReduceSum": _reduce(paddle.sum),
    "Relu": _unary(functional.relu),
    "Reshape": _reshape,
    "Resize": _resize,
    "Shape": _shape,
    "Sigmoid": _unary(functional.sigmoid),
    "Slice": _slice,
    "Softmax": _softmax(functional.softmax),
    "Softplus": _unary(functional.softplus),
    "Split": _split,
    "Sqrt": _unary(paddle.sqrt),
    "Squeeze": _squeeze,
    "Sub": _binary(lambda a, b: a - b),
    "Tanh": _unary(paddle.tanh),
    "Tile": _tile,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
    "Upsample": _resize,
    "Where": _where,
}
"""By the operator's name. A model with another is refused before anything of it runs."""
