"""A deployed graph's layers put into the network that they came from, by order and size.

A CTC recognizer of PP-OCR is one chain of operations that carry weights, so their order is the same
whoever exported it: Paddle, paddle2onnx, or a simplifier that fused a normalisation into its
convolution.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from textlines.errors import InputError
from train.models.graph_files import Graph, Op, without_copies
from train.models.paddle_params import Array
from train.networks.spec import FAMILIES, FamilyName, NetworkSpec
from train.weights.checkpoint import Matched, as_float32, listed, precision_of, unfit
from train.weights.tensor_names import left_out_as, plain_name, split_models

StepKind = Literal["conv", "norm", "layer_norm", "linear", "affine"]

_MATCHED: tuple[FamilyName, ...] = (
    "svtr_lcnet_v4",
    "svtr_mobilenet_v3",
    "svtr_hgnet_v4",
    "svtr_hgnet_v5",
)
"""Families whose exported graphs are one chain of layers in the order of their definition."""

_PLACES: dict[str, str] = {"mean": "_mean", "variance": "_variance"}


@dataclass(frozen=True, slots=True)
class WeightedStep:
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


def steps_of(graph: Graph) -> Sequence[WeightedStep]:
    """List the layers with weights, first to last."""
    graph = without_copies(graph)
    steps: list[WeightedStep] = []
    made_by: dict[str, WeightedStep] = {}  # value -> the layer that it left last
    for op in graph.ops:
        if op.kind == "add" and (added := _bias(graph, op, made_by)):
            step, name = added
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


def _step(graph: Graph, op: Op) -> WeightedStep | None:
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


def _made(
    graph: Graph, kind: StepKind, roles: dict[str, str], epsilon: float = 0.0
) -> WeightedStep:
    used = {role: name for role, name in roles.items() if name}
    tensors = {role: graph.constants[name] for role, name in used.items()}
    if kind not in ("conv", "linear"):
        tensors = {role: array.reshape(-1) for role, array in tensors.items()}
    return WeightedStep(kind, tensors, used, epsilon)


def _scaling(graph: Graph, op: Op) -> WeightedStep | None:
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
    """Return an operation's constant input and its other one; "" where there is none."""
    for value, other in _either_way(op.inputs):
        if (name := graph.constant(value)) and not graph.constant(other):
            return name, other
    return "", ""


def _either_way(inputs: Sequence[str]) -> Iterator[tuple[str, str]]:
    if len(inputs) == 2:
        yield inputs[1], inputs[0]
        yield inputs[0], inputs[1]


def _bias(
    graph: Graph, op: Op, made_by: dict[str, WeightedStep]
) -> tuple[WeightedStep, str] | None:
    """Find the layer that an addition gives a bias to, right behind it."""
    name, value = _parts(graph, op)
    step = made_by.get(value)
    if not name or step is None or step.kind not in ("conv", "linear") or "bias" in step.tensors:
        return None
    weight = step.tensors["weight"]
    wanted = weight.shape[0] if step.kind == "conv" else weight.shape[1]
    return (step, name) if graph.constants[name].size == wanted else None


class UnknownNetworkError(InputError):
    """A recognizer's graph is of none of our networks."""


@dataclass(frozen=True, slots=True)
class _Layer:
    """A layer that our network has: its name, kind, first tensor's size."""

    name: str
    kind: StepKind
    shape: tuple[int, ...]
    has_bias: bool
    epsilon: float


def match_graph(where: str, graph: Graph) -> Matched:
    """Find the network that a graph is of, and its tensors.

    Layers are matched in the order of the forward pass. A normalisation that the exporter fused
    into its convolution becomes one that changes nothing but adds that bias. Where the file
    names its tensors in words, each must be the one that its place says.

    Raises:
        UnknownNetworkError: no network fits; says where the nearest differs.
        InputError: it is no recognizer, or its names are those of another network.
    """
    try:
        steps = steps_of(graph)
    # Operations without the inputs, outputs or weights that they must have.
    except (IndexError, KeyError, ValueError, AttributeError) as broken:
        raise InputError(
            where,
            f"holds operations that lack what they work on ({type(broken).__name__})",
            "Copy it again, whole.",
        ) from broken
    last = steps[-1] if steps else None
    if last is None or last.kind != "linear":
        ending = f"ends in a {last.kind} layer" if last else "holds no layer with weights"
        raise InputError(
            where,
            f"is no CTC recognizer: it {ending}, not in a linear one",
            "Name a text recognition model, not detection or classification.",
        )
    faults = []
    for family in _MATCHED:
        spec = replace(FAMILIES[family], classes=last.shape[1])
        pairs, at = _place(_layers(spec), steps)
        if pairs:
            return _matched(where, graph, spec, pairs)
        faults.append((at, spec))
    at, spec = max(faults, key=lambda fault: fault[0])
    layers = _layers(spec)
    wanted = [(f"{layer.kind} {layer.name}", layer.shape) for layer in layers[at:]]
    left = [(f"{step.kind} {next(iter(step.sources.values()))}", step.shape) for step in steps]
    error = unfit(where, f"the nearest network, {spec.family}", wanted, left[at:], len(layers))
    raise UnknownNetworkError(where, f"{error.what} (layers, from number {at + 1} on)", error.mend)


def _layers(spec: NetworkSpec) -> Sequence[_Layer]:
    """List our network's layers with weights, first to last."""
    from paddle import nn

    from train.networks.building import build
    from train.networks.rep_conv import Affine

    kinds: tuple[tuple[type, StepKind], ...] = (
        (nn.Conv2D, "conv"),
        (nn.BatchNorm2D, "norm"),
        (nn.LayerNorm, "layer_norm"),
        (nn.Linear, "linear"),
        (Affine, "affine"),
    )
    layers = []
    for name, layer in build(spec).named_sublayers():
        kind = next((kind for cls, kind in kinds if isinstance(layer, cls)), None)
        if kind is None:
            continue
        leaf: Any = layer
        first = leaf.scale if kind == "affine" else leaf.weight
        layers.append(
            _Layer(
                name,
                kind,
                tuple(first.shape),
                getattr(leaf, "bias", None) is not None,
                float(getattr(leaf, "_epsilon", 0.0)),
            )
        )
    return layers


@dataclass(frozen=True, slots=True)
class _Pair:
    """A layer and its step; for a normalisation fused into its convolution, the step of that.

    `shift` is the bias that a convolution had although a normalisation follows it.
    """

    layer: _Layer
    step: WeightedStep
    is_fused: bool = False
    shift: Array | None = None


def _place(layers: Sequence[_Layer], steps: Sequence[WeightedStep]) -> tuple[Sequence[_Pair], int]:
    """Assign each layer its step; () and the number of the first layer that has none."""
    pairs: list[_Pair] = []
    at = 0
    for number, layer in enumerate(layers):
        step = steps[at] if at < len(steps) else None
        bias = None
        if layer.kind == "norm" and pairs:
            bias = pairs[-1].step.tensors.get("bias")
        if step is not None and _fits(layer, step):
            pairs.append(_Pair(layer, step, shift=bias))
            at += 1
        elif bias is not None:
            # The exporter fused it: its convolution has a bias that ours has not.
            pairs.append(_Pair(layer, pairs[-1].step, is_fused=True))
        else:
            return (), number
    return (pairs, at) if at == len(steps) else ((), len(layers))


def _fits(layer: _Layer, step: WeightedStep) -> bool:
    if layer.kind != step.kind or layer.shape != step.shape:
        return False
    return "bias" in step.tensors or not layer.has_bias


def _matched(where: str, graph: Graph, spec: NetworkSpec, pairs: Sequence[_Pair]) -> Matched:
    tensors: dict[str, np.ndarray] = {}
    arrays: list[Array] = []
    confirmed = 0
    for pair in pairs:
        layer, step = pair.layer, pair.step
        if pair.is_fused:
            bias = as_float32(where, layer.name, step.tensors["bias"])
            tensors |= _standing_still(layer, bias)
            continue
        for role, array in step.tensors.items():
            if role == "bias" and not layer.has_bias:
                continue  # of a convolution; it goes into the normalisation behind it
            place = "scale" if (layer.kind, role) == ("affine", "weight") else role
            name = f"{layer.name}.{_PLACES.get(role, place)}"
            value = as_float32(where, name, array)
            if role == "variance" and step.epsilon:
                # Ours adds its own epsilon: the difference goes into the variance.
                value = value + np.float32(step.epsilon - layer.epsilon)
            if role == "mean" and pair.shift is not None:
                value = value - as_float32(where, name, pair.shift)
            tensors[name] = value
            arrays.append(array)
            confirmed += _confirmed(where, graph, step.sources[role], name)
    counts = {"loaded": len(tensors)}
    if fused := sum(pair.is_fused for pair in pairs):
        counts["fused_norms"] = fused
    if graph.names:
        counts["confirmed_by_name"] = confirmed
        for words in graph.names.values():
            if reason := left_out_as(plain_name(words)):
                counts[reason] = counts.get(reason, 0) + 1
    return Matched(spec=spec, tensors=tensors, precision=precision_of(arrays), counts=counts)


def _standing_still(layer: _Layer, bias: np.ndarray) -> dict[str, np.ndarray]:
    """Make a normalisation that adds a bias and changes nothing else."""
    ones = np.ones_like(bias)
    return {
        f"{layer.name}.weight": ones * np.float32(np.sqrt(1 + layer.epsilon)),
        f"{layer.name}.bias": bias,
        f"{layer.name}._mean": ones * 0,
        f"{layer.name}._variance": ones,
    }


def _confirmed(where: str, graph: Graph, source: str, name: str) -> bool:
    """Whether the file's words for a tensor say the place that it got."""
    words = graph.names.get(source)
    if words is None:
        return False
    (named,) = next(iter(split_models([words]).values())).values()
    if plain_name(named) != name:
        raise InputError(
            where,
            f"puts {source} where {listed([(name, graph.constants[source].shape)])} belongs, but "
            f"names it {words}",
            "The program and .pdiparams.info are of two exports: delete the .info or mend it.",
        )
    return True
