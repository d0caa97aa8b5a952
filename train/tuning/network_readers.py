"""The network with weights that change, as it reads: by onnxruntime on CPUs, by Paddle on a GPU.

onnxruntime runs a line on a CPU in a tenth of what Paddle's own operations take. The export to ONNX
takes ten seconds, so it is made once; weights are then put into the file in its constants' places.

On a GPU the network that reads stands beside the one that learns, and takes many lines at once.
What comes back to the host is what is needed: the best class of each time step, or the few classes
of a posterior, not all of them (68 MB for 64 lines of 6,625 classes).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
import paddle
from paddle import Tensor, nn

from textlines.errors import InputError
from textlines.files import replacing_bytes
from textlines.labels.alphabet import Alphabet
from textlines.pixels.arrays import Image
from train.models.base_folder import Tensors
from train.networks.devices import Device
from train.networks.graph_spec import GraphSpec, Spec
from train.networks.onnx_program import places_of, put_into
from train.reading.ctc import Line, Probabilities, read_best, read_probabilities
from train.reading.engine import CtcEngine, batch_of
from train.reading.engine_networks import BATCHINGS, ON_CPU
from train.reading.onnx_session import open_session
from train.tuning.feature_store import Computed
from train.tuning.losses import posterior_of
from train.tuning.tunable import Tunable

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
        constants = places_of(model)
        places = {name: constants[tensor] for name, tensor in names.items() if tensor in constants}
        return cls(model, places)

    def write(self, tensors: Tensors, path: Path) -> None:
        """Write the graph with these weights.

        Raises:
            ValueError: a tensor is missing or of another size.
        """
        for name, place in self.places.items():
            if name not in tensors:
                raise ValueError(f"{name} is missing")
            put_into(place, tensors[name], name)
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
        state = tunable.network.state_dict()
        if isinstance(tunable.network.spec, GraphSpec):
            model, self._names = _with_features(tunable.network), tunable.network.sources()
        else:
            import onnx

            path = folder / "graph.onnx"
            _export(tunable, path)
            model, self._names = onnx.load(str(path)), {n: value.name for n, value in state.items()}
        self._whole = _Fillable.of(model, self._names)
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


def _with_features(network: Any) -> Any:
    """Return the graph of a network that is one, with its features as a second output."""
    from onnx import TensorProto, helper

    spec, model = network.spec, network.model()
    features = spec.features
    if spec.features == spec.steps:
        features = _as_map(model, spec.steps)
    model.graph.output.append(helper.make_tensor_value_info(features, TensorProto.FLOAT, None))
    return model


def _as_map(model: Any, steps: str) -> str:
    """Lead what the last layer is given, N x T x dims, through a map N x dims x 1 x T, in place.

    Returns:
        The name of the map.
    """
    from onnx import TensorProto, helper

    turned, wide, back = f"{steps}.turned", f"{steps}.map", f"{steps}.back"
    # 0 is the size that there is: the same in every opset, as squeezing is not.
    sizes = [
        helper.make_tensor(f"{steps}.{name}", TensorProto.INT64, [len(size)], size)
        for name, size in (("wide", [0, 0, 1, -1]), ("flat", [0, 0, -1]))
    ]
    at = next(n for n, node in enumerate(model.graph.node) if steps in node.output) + 1
    for node in model.graph.node:
        for number, name in enumerate(node.input):
            if name == steps:
                node.input[number] = f"{steps}.again"
    made = [
        helper.make_node("Transpose", [steps], [turned], perm=[0, 2, 1]),
        helper.make_node("Reshape", [turned, sizes[0].name], [wide]),
        helper.make_node("Reshape", [wide, sizes[1].name], [back]),
        helper.make_node("Transpose", [back], [f"{steps}.again"], perm=[0, 2, 1]),
    ]
    model.graph.initializer.extend(sizes)
    for number, node in enumerate(made):
        model.graph.node.insert(at + number, node)
    return wide


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
        """Return probabilities N x T x classes and features N x C x T of N x 3 x 48 x W lines."""
        outputs = self._session.run(None, {self._name: lines})
        return outputs[_PROBABILITIES], outputs[_FEATURES][:, :, 0]

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
        probabilities: np.ndarray[Any, np.dtype[np.float32]]
        probabilities = self._session.run(None, {self._name: features[:, :, None]})[0]
        return probabilities


Features = dict[int, npt.NDArray[np.float32]]
"""1 x C x T of each crop, by the identity of its image, which the sets hold as long as this."""


class FeatureEngine:
    """Reads crops whose features are known, by a head.

    Stands for `train.reading.engine.CtcEngine` on the whole graph, and gives the same bits.
    """

    batching = ON_CPU

    def __init__(self, head: HeadReader, features: Features, alphabet: Alphabet) -> None:
        self.name, self.alphabet = "onnxruntime, from features", alphabet
        self._head, self._features = head, features

    def prepare(self, image: Image) -> Image:
        """Return the crop itself: what is not among the features cannot be read."""
        return image

    def read(self, prepared: Sequence[Image]) -> list[Line]:
        """Read crops of one padded width."""
        return read_probabilities(self.probabilities(prepared), self.alphabet)

    def probabilities(self, prepared: Sequence[Image]) -> Probabilities:
        """Return N x T x classes for crops of one padded width."""
        return self._head.read(np.concatenate([self._features[id(crop)] for crop in prepared]))


def _export(tunable: Tunable, path: Path) -> None:
    from train.weights.graph_export import program_to_onnx, save_program

    class Both(nn.Layer):
        """The network with its features as a second output."""

        def __init__(self, network: nn.Layer) -> None:
            super().__init__()
            self.network = network

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            """Return probabilities and features."""
            features = self.network.features(x)
            logits = self.network.logits_of(features)
            return paddle.nn.functional.softmax(logits, axis=-1), features

    both = Both(tunable.network)
    both.eval()
    folder = path.parent / "graph"
    folder.mkdir(parents=True, exist_ok=True)
    program, weights = save_program(both, folder / "both", tunable.network.spec.height)
    program_to_onnx(program, weights, path)


Lines = npt.NDArray[np.float32]
"""N x 3 x 48 x W, -1..1."""


class DeviceReader:
    """A fused network on Paddle's current device with weights of its own.

    Several threads may call it; they take turns.

    Attributes:
        spec: of the network.
        lines_at_once: at most in a batch of `computed`.
        name, place, classes, batching: as of `train.reading.engine.Network`.
    """

    def __init__(self, spec: Spec, tensors: Tensors, device: Device = "gpu") -> None:
        """Build the network.

        Raises:
            ValueError: a tensor is missing, left over or of another size.
        """
        self.spec, self._tunable = spec, Tunable.of(spec, tensors)
        self._lock = Lock()
        self.name = f"paddle {paddle.version.full_version} on {device}"
        self.place = "the tuned network"
        self.classes, self.batching = spec.classes, BATCHINGS[device]
        self.lines_at_once = self.batching.lines

    def put(self, tensors: Tensors) -> None:
        """Take other weights."""
        with self._lock:
            self._tunable.put(tensors)

    def probabilities(self, lines: Lines) -> Probabilities:
        """Return N x T x classes."""
        with self._lock, paddle.no_grad():
            probabilities: Probabilities = self._both(lines)[0].numpy()
        return probabilities

    def best(self, lines: Lines) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Return the best class of each time step and its probability, both N x T.

        The probability is NaN where one of the time step is no number.
        """
        with self._lock, paddle.no_grad():
            probabilities, _ = self._both(lines)
            best = probabilities.argmax(axis=-1)
            sure = probabilities.max(axis=-1)
            whole = paddle.isfinite(probabilities.sum(axis=-1))
            sure = paddle.where(whole, sure, paddle.full_like(sure, float("nan")))
            return best.numpy(), sure.numpy()

    def computed(self, lines: Lines, top: int, closed: Sequence[int]) -> list[Computed]:
        """Return features and posteriors of lines of one padded width, as a run keeps them.

        Args:
            top: classes that are kept of each time step. closed: classes that no target holds.
        """
        with self._lock, paddle.no_grad():
            probabilities, features = self._both(lines)
            if closed:
                open_classes = np.ones(self.classes, np.float32)
                open_classes[list(closed)] = 0
                probabilities = probabilities * paddle.to_tensor(open_classes)
            shares, classes = probabilities.topk(min(top, self.classes), axis=-1)
            order = classes.argsort(axis=-1)
            classes = paddle.take_along_axis(classes, order, axis=-1).astype("int32").numpy()
            shares = paddle.take_along_axis(shares, order, axis=-1).astype("float16").numpy()
            kept = features[:, :, 0].astype("float16").numpy()
        return list(zip(kept, classes, shares, strict=True))

    def _both(self, lines: Lines) -> tuple[Any, Any]:
        network = self._tunable.network
        features = network.features(paddle.to_tensor(lines))
        logits = network.logits_of(features)
        return paddle.nn.functional.softmax(logits, axis=-1), features


class DeviceEngine(CtcEngine):
    """Reads crops by a `DeviceReader`."""

    def __init__(self, reader: DeviceReader, alphabet: Alphabet) -> None:
        super().__init__(reader, alphabet)
        self._reader = reader

    def read(self, prepared: Sequence[Image]) -> list[Line]:
        """Read resized crops (48 x w x 3) of one padded width."""
        best, sure = self._reader.best(batch_of(prepared))
        return read_best(best, sure, self.alphabet, self._reader.place)
