"""An exported graph as a Paddle network: its nodes, run one by one, with weights that learn."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import paddle
from paddle import Tensor, nn

from textlines.errors import InputError
from train.networks.graph_spec import GraphSpec
from train.networks.onnx_ops import OPS, UnfitError
from train.networks.onnx_program import GraphNode, Program
from train.networks.recognizer import CtcHead, Recognizer


def check_ops(program: Program, where: str) -> None:
    """Refuse a program that holds an operator which is not built.

    Raises:
        InputError: it does; names the operator, the node and the file.
    """
    for node in program.nodes:
        if node.op not in OPS:
            raise InputError(
                where,
                f"holds the operator {node.op} (node {node.name}), which is not built here",
                "Report the model; or export it with other operators.",
            )


class GraphPart(nn.Layer):
    """The nodes of a program between two values, with their weights.

    Batch normalisations use their stored statistics in training as in evaluation, and never
    change them: those of a set of one kind of line would shift what the network reads elsewhere.

    Attributes:
        sources: of each weight of the state, by its name in it, its name in the file.
    """

    def __init__(self, program: Program, start: str, end: str, where: str = "the graph") -> None:
        """Build the part with weights of 0: `set_state_dict` puts in what it reads by.

        Args:
            start, end: the values that it takes in and gives.
            where: the file, for messages.

        Raises:
            InputError: it holds an operator that is not built.
        """
        super().__init__()
        check_ops(program, where)
        nodes = program.between(start, end)
        self._start, self._end, self._where, self._opset = start, end, where, program.opset
        used = {name for node in nodes for name in node.inputs}
        self.sources: dict[str, str] = {}
        self._weights: dict[str, str] = {}
        for name, held in program.held.items():
            if name in used:
                self._add(name, list(held.shape), learns=held.learns)
        self._fixed = {name: _fixed(program.fixed[name]) for name in used & set(program.fixed)}
        self._nodes = [node for node in nodes if not self._folds(node)]
        self._last = _last_uses(self._nodes)

    def _add(self, name: str, shape: list[int], *, learns: bool) -> None:
        attribute = re.sub(r"\W", "_", name)
        # A file may call a weight as a layer of Paddle calls something of its own.
        while attribute in self.sources or hasattr(self, attribute):
            attribute += "_"
        if learns:
            zero = nn.initializer.Constant(0.0)
            weight: Any = self.create_parameter(shape, default_initializer=zero)
            self.add_parameter(attribute, weight)
        else:
            self.register_buffer(attribute, paddle.zeros(shape))
        self.sources[attribute] = name
        self._weights[name] = attribute

    def _folds(self, node: GraphNode) -> bool:
        """Compute a node of constants alone once and for all: sizes that exporters write out."""
        if not node.inputs or any(name and name not in self._fixed for name in node.inputs):
            return False
        outputs = self._run(node, self._fixed)
        self._fixed.update(
            (name, _fixed(output.numpy()))
            for name, output in zip(node.outputs, outputs, strict=False)
        )
        return True

    def forward(self, value: Tensor) -> Tensor:
        """Return the value at the part's end for that at its start."""
        return self.values(value, (self._end,))[self._end]

    def values(self, value: Tensor, wanted: Sequence[str]) -> Mapping[str, Tensor]:
        """Run the part and return some of its values, by name.

        Raises:
            InputError: a node asks for what is not built; names it and the file.
        """
        there: dict[str, Any] = {self._start: value, **self._fixed}
        for name, attribute in self._weights.items():
            there[name] = getattr(self, attribute)
        kept = set(wanted)
        for number, node in enumerate(self._nodes):
            there.update(zip(node.outputs, self._run(node, there), strict=False))
            # What nobody takes in any more need not be held.
            for name in self._last[number]:
                if name not in kept:
                    there.pop(name, None)
        return {name: there[name] for name in wanted}

    def _run(self, node: GraphNode, there: Mapping[str, Any]) -> tuple[Any, ...]:
        inputs = [there[name] if name else None for name in node.inputs]
        try:
            outputs = OPS[node.op](node, inputs, self._opset)
        except UnfitError as unfit:
            raise InputError(
                self._where, f"node {node.name} ({node.op}) {unfit}", "Report the model."
            ) from unfit
        return outputs if isinstance(outputs, tuple) else (outputs,)


def _fixed(array: "np.ndarray[Any, Any]") -> Any:
    """Keep a constant as an array; one floating-point number as Python's."""
    return float(array.reshape(-1)[0]) if array.dtype.kind == "f" and array.size == 1 else array


def _last_uses(nodes: Sequence[GraphNode]) -> list[list[str]]:
    """List, for each node, the values that are taken in there for the last time."""
    last = {name: at for at, node in enumerate(nodes) for name in node.inputs if name}
    uses: list[list[str]] = [[] for _ in nodes]
    for name, at in last.items():
        uses[at].append(name)
    return uses


class GraphRecognizer(Recognizer):
    """A recognizer that is its exported graph: the nodes before and behind its features.

    Where the graph has no map of height 1 that everything goes through, the features are what the
    last layer is given, turned into such a map.
    """

    def __init__(self, spec: GraphSpec) -> None:
        """Build the network with weights of 0, but for the last layer's.

        Raises:
            InputError: the graph holds an operator that is not built.
        """
        nn.Layer.__init__(self)
        program = spec.program()
        self.spec = spec
        self.backbone: Any = GraphPart(program, program.input, spec.features, spec.name)
        self.backbone.channels = spec.channels
        self.neck: Any = GraphPart(program, spec.features, spec.steps, spec.name)
        self.head = CtcHead(spec.dims, spec.classes)
        self._is_flat = spec.features == spec.steps

    def features(self, lines: Tensor) -> Tensor:
        """Return what the backbone sees, N x channels x 1 x T."""
        features = self.backbone(lines)
        return features.transpose([0, 2, 1]).unsqueeze(2) if self._is_flat else features

    def time_steps(self, features: Tensor) -> Tensor:
        """Return what the last layer is given, N x T x dims, for the backbone's features."""
        if self._is_flat:
            return features.squeeze(2).transpose([0, 2, 1])
        return self.neck(features)

    def model(self) -> Any:
        """Return the graph with the network's weights, as an `onnx.ModelProto`: the same nodes."""
        state = self.state_dict()
        values = {name: state[parameter].numpy() for parameter, name in self.sources().items()}
        return self.spec.filled(values)

    def sources(self) -> dict[str, str]:
        """Return the name in the file of each weight, by its name in the network."""
        parts = {"backbone": self.backbone, "neck": self.neck}
        sources = {
            f"{part}.{parameter}": name
            for part, layer in parts.items()
            for parameter, name in layer.sources.items()
        }
        return {**sources, "head.fc.weight": self.spec.weight, "head.fc.bias": self.spec.bias}
