"""The operations of a graph that carry weights, in the order of the forward pass.

A CTC recognizer of PP-OCR is one chain of them, so their order is the same whoever exported it:
Paddle, paddle2onnx, or a simplifier that fused a normalisation into its convolution.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from train.models.graph_files import Graph, Op, without_copies
from train.models.paddle_params import Array

StepKind = Literal["conv", "norm", "layer_norm", "linear", "affine"]


@dataclass(frozen=True, slots=True)
class Step:
    """One layer with its weights.

    Attributes:
        kind: conv (weight O x I x h x w, perhaps bias), norm (weight, bias, mean, variance),
            layer_norm (weight, bias), linear (weight in x out, perhaps bias), affine (one scale,
            one bias).
        tensors: by role; as the file has them, in its own precision.
        sources: the file's name for each tensor.
        epsilon: of a normalisation.
    """

    kind: StepKind
    tensors: dict[str, Array]
    sources: dict[str, str]
    epsilon: float = 0.0

    @property
    def shape(self) -> tuple[int, ...]:
        """The size of the first tensor, which tells layers of a kind apart."""
        return next(iter(self.tensors.values())).shape


def steps_of(graph: Graph) -> Sequence[Step]:
    """List the layers with weights, first to last."""
    graph = without_copies(graph)
    steps: list[Step] = []
    made_by: dict[str, Step] = {}  # value -> the layer that it left last
    for op in graph.ops:
        if op.kind == "add" and (found := _bias(graph, op, made_by)):
            step, name = found
            step.tensors["bias"] = graph.constants[name].reshape(-1)
            step.sources["bias"] = name
        else:
            new = _step(graph, op)
            if new is None:
                continue
            step = new
            steps.append(step)
        made_by[op.outputs[0]] = step
    return steps


def _step(graph: Graph, op: Op) -> Step | None:
    """Make a layer of an operation, None if it has no weights."""
    constants = [graph.constant(name) for name in op.inputs]
    if op.kind == "conv" and constants[1]:
        return _made(graph, "conv", dict(zip(("weight", "bias"), constants[1:], strict=False)))
    if op.kind in ("matmul", "gemm") and len(constants) > 1 and constants[1]:
        step = _made(graph, "linear", dict(zip(("weight", "bias"), constants[1:], strict=False)))
        if op.is_transposed:
            step.tensors["weight"] = step.tensors["weight"].T
        # A matrix of other than two axes belongs to no layer of ours.
        return step if step.tensors["weight"].ndim == 2 else None
    if op.kind == "batch_norm" and all(constants[1:5]):
        roles = dict(zip(("weight", "bias", "mean", "variance"), constants[1:5], strict=True))
        return _made(graph, "norm", roles, op.epsilon)
    if op.kind == "layer_norm" and all(constants[1:3]):
        roles = dict(zip(("weight", "bias"), constants[1:3], strict=True))
        return _made(graph, "layer_norm", roles, op.epsilon)
    if op.kind == "mul":
        return _scaling(graph, op)
    return None


def _made(graph: Graph, kind: StepKind, roles: dict[str, str], epsilon: float = 0.0) -> Step:
    used = {role: name for role, name in roles.items() if name}
    tensors = {role: graph.constants[name] for role, name in used.items()}
    if kind not in ("conv", "linear"):
        tensors = {role: array.reshape(-1) for role, array in tensors.items()}
    return Step(kind, tensors, used, epsilon)


def _scaling(graph: Graph, op: Op) -> Step | None:
    """Read a multiplication and the addition behind it: a learnt affine, or a layer norm's end."""
    scale, value = _parts(graph, op)
    after = graph.takers.get(op.outputs[0], ())
    if not scale or len(after) != 1 or after[0].kind != "add":
        return None
    bias, _ = _parts(graph, after[0])
    if not bias or graph.constants[scale].size != graph.constants[bias].size:
        return None
    roles = {"weight": scale, "bias": bias}
    before = graph.maker.get(value)
    if graph.constants[scale].size > 1:
        is_norm = before is not None and before.kind == "div"
        return _made(graph, "layer_norm", roles, _spread(graph, before)) if is_norm else None
    # The attention's 1/sqrt(d) stands behind a slice of q, k and v; a learnt scale behind a
    # convolution (and its bias) or a hard swish, of which div and mul are the last operations.
    learnt = ("conv", "add", "hardswish", "div", "mul")
    if before is None or before.kind not in learnt:
        return None
    return _made(graph, "affine", roles)


def _spread(graph: Graph, division: Op | None) -> float:
    """Read the epsilon of a layer norm that was written out: div <- sqrt <- add of a scalar."""
    root = graph.maker.get(division.inputs[1]) if division else None
    total = graph.maker.get(root.inputs[0]) if root else None
    if total is None or total.kind != "add":
        return 0.0
    name, _ = _parts(graph, total)
    return float(np.asarray(graph.constants[name]).reshape(-1)[0]) if name else 0.0


def _parts(graph: Graph, op: Op) -> tuple[str, str]:
    """Tell an operation's constant input from its other one; "" where there is none."""
    for own, other in _either_way(op.inputs):
        if (name := graph.constant(own)) and not graph.constant(other):
            return name, other
    return "", ""


def _either_way(inputs: Sequence[str]) -> Iterator[tuple[str, str]]:
    if len(inputs) == 2:
        yield inputs[1], inputs[0]
        yield inputs[0], inputs[1]


def _bias(graph: Graph, op: Op, made_by: dict[str, Step]) -> tuple[Step, str] | None:
    """Find the layer that an addition gives a bias to, right behind it."""
    name, value = _parts(graph, op)
    step = made_by.get(value)
    if not name or step is None or step.kind not in ("conv", "linear") or "bias" in step.tensors:
        return None
    weight = step.tensors["weight"]
    wanted = weight.shape[0] if step.kind == "conv" else weight.shape[1]
    return (step, name) if graph.constants[name].size == wanted else None
