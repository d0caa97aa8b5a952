"""The network as an ONNX file that is read by onnxruntime, and given other weights in a moment.

onnxruntime runs a line on a CPU in a tenth of what Paddle's own operations take. The export takes
ten seconds, so it is made once; weights are then put into the file in its constants' places.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from textlines.errors import InputError
from textlines.files import replacing_bytes
from train.reading.onnx_session import open_session
from train.tuning.kept_features import Computed
from train.tuning.losses import posterior_of
from train.tuning.tunable import Tunable
from train.weights.base_folder import Tensors

if TYPE_CHECKING:
    from paddle import Tensor, nn

_PROBABILITIES, _FEATURES = 0, 1
"""The places of the graph's outputs."""


@dataclass(frozen=True, slots=True)
class _Fillable:
    """A graph and the places of its weights, by their parameters' names."""

    model: Any
    places: Mapping[str, Any]

    @classmethod
    def of(cls, model: Any, names: Mapping[str, str]) -> "_Fillable":
        """Find the weights of a graph.

        Args:
            names: of the tensors in the graph, by parameter; those that it lacks have no place.
        """
        constants = {
            node.output[0]: node.attribute[0].t
            for node in model.graph.node
            if node.op_type == "Constant"
        }
        constants |= {one.name: one for one in model.graph.initializer}
        found = {name: constants[own] for name, own in names.items() if own in constants}
        return cls(model, found)

    def write(self, tensors: Tensors, path: Path) -> None:
        """Write the graph with these weights.

        Raises:
            ValueError: a tensor is missing or of another size.
        """
        for name, place in self.places.items():
            if name not in tensors:
                raise ValueError(f"{name} is missing")
            array = np.ascontiguousarray(tensors[name], np.float32)
            if tuple(place.dims) != array.shape:
                raise ValueError(f"{name} is {array.shape}, the graph has {tuple(place.dims)}")
            place.ClearField("float_data")
            place.raw_data = array.tobytes()
        with replacing_bytes(path) as out:
            out.write(self.model.SerializeToString())


class TuningGraph:
    """One exported network.

    Outputs: probabilities N x T x classes, and the backbone's features N x C x 1 x T.
    """

    def __init__(self, tunable: Tunable, folder: Path) -> None:
        """Export the network.

        Raises:
            InputError: the graph does not hold each weight under its parameter's name.
        """
        import onnx

        path = folder / "graph.onnx"
        _export(tunable, path)
        state = tunable.network.state_dict()
        self._names = {name: value.name for name, value in state.items()}
        self._whole = _Fillable.of(onnx.load(str(path)), self._names)
        self._head: _Fillable | None = None
        lost = [name for name in self._names if name not in self._whole.places]
        if lost:
            raise InputError(
                "the exported graph",
                f"lacks {len(lost)} of {len(state)} weights (first: {lost[0]})",
                "Install the versions of constraints.txt.",
            )

    def write(self, tensors: Tensors, path: Path) -> None:
        """Write the graph with these weights.

        Raises:
            ValueError: a tensor is missing or of another size.
        """
        self._whole.write(tensors, path)

    def write_head(self, tensors: Tensors, path: Path) -> None:
        """Write what follows the features, with these weights: from them to probabilities.

        Raises:
            ValueError: a tensor is missing or of another size.
        """
        if self._head is None:
            self._head = _Fillable.of(_behind_features(self._whole.model), self._names)
        self._head.write(tensors, path)


def _behind_features(model: Any) -> Any:
    """Cut a graph at its features; what is left is the same operations, and gives the same bits."""
    from onnx.utils import Extractor

    whole = type(model)()
    whole.CopyFrom(model)
    probabilities, features = whole.graph.output[_PROBABILITIES], whole.graph.output[_FEATURES]
    whole.graph.value_info.append(features)  # the extractor knows no outputs
    return Extractor(whole).extract_model([features.name], [probabilities.name])


class FeatureReader:
    """Computes probabilities and features by onnxruntime; several threads may call it."""

    lines_at_once = 1
    """A line alone leaves its activations in the processor's cache."""

    def __init__(self, path: Path) -> None:
        self._session = open_session(path, "Start a new run folder.", is_own=True)
        self._name = self._session.get_inputs()[0].name

    def read(
        self, lines: "np.ndarray[Any, np.dtype[np.float32]]"
    ) -> tuple["np.ndarray[Any, np.dtype[np.float32]]", "np.ndarray[Any, np.dtype[np.float32]]"]:
        """Give probabilities N x T x classes and features N x C x T of N x 3 x 48 x W lines."""
        found = self._session.run(None, {self._name: lines})
        return found[_PROBABILITIES], found[_FEATURES][:, :, 0]

    def computed(
        self, lines: "np.ndarray[Any, np.dtype[np.float32]]", top: int, closed: Sequence[int]
    ) -> list[Computed]:
        """Return features and posteriors of lines of one padded width, as a run keeps them.

        Args:
            lines: N x 3 x 48 x W.
            top: classes that are kept of each time step. closed: classes that no target holds.
        """
        probabilities, features = self.read(lines)
        probabilities[..., list(closed)] = 0
        classes, shares = posterior_of(probabilities, top)
        return list(zip(features.astype(np.float16), classes, shares, strict=True))


class HeadReader:
    """Computes probabilities from features by onnxruntime; several threads may call it."""

    def __init__(self, path: Path) -> None:
        self._session = open_session(path, "Start a new run folder.", is_own=True)
        self._name = self._session.get_inputs()[0].name

    def read(
        self, features: "np.ndarray[Any, np.dtype[np.float32]]"
    ) -> "np.ndarray[Any, np.dtype[np.float32]]":
        """Return probabilities N x T x classes of N x C x T features."""
        found: np.ndarray[Any, np.dtype[np.float32]]
        found = self._session.run(None, {self._name: features[:, :, None]})[0]
        return found


def _export(tunable: Tunable, path: Path) -> None:
    import paddle
    from paddle import nn

    from train.weights.graph_export import program_to_onnx, save_program

    class Both(nn.Layer):
        """The network with its features as a second output."""

        def __init__(self, network: "nn.Layer") -> None:
            super().__init__()
            self.network = network

        def forward(self, x: "Tensor") -> tuple["Tensor", "Tensor"]:
            """Give probabilities and features."""
            features = self.network.features(x)
            logits = self.network.logits_of(features)
            return paddle.nn.functional.softmax(logits, axis=-1), features

    both = Both(tunable.network)
    both.eval()
    folder = path.parent / "graph"
    folder.mkdir(parents=True, exist_ok=True)
    program, weights = save_program(both, folder / "both", tunable.network.spec.height)
    program_to_onnx(program, weights, path)
