"""The network as an ONNX file that is read by onnxruntime, and given other weights in a moment.

onnxruntime runs a line on a CPU in a tenth of what Paddle's own operations take. The export takes
ten seconds, so it is made once; weights are then put into the file in its constants' places.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from textlines.errors import InputError
from textlines.files import replacing_bytes
from train.reading.onnx_session import open_session
from train.tuning.tunable import Tunable
from train.weights.base_folder import Tensors

if TYPE_CHECKING:
    from paddle import Tensor, nn

_PROBABILITIES, _FEATURES = 0, 1
"""The places of the graph's outputs."""


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
        self._model: Any = onnx.load(str(path))
        constants = {
            node.output[0]: node.attribute[0].t
            for node in self._model.graph.node
            if node.op_type == "Constant"
        }
        constants |= {one.name: one for one in self._model.graph.initializer}
        state = tunable.network.state_dict()
        self._places = {name: constants.get(value.name) for name, value in state.items()}
        lost = [name for name, place in self._places.items() if place is None]
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
        for name, place in self._places.items():
            if name not in tensors:
                raise ValueError(f"{name} is missing")
            array = np.ascontiguousarray(tensors[name], np.float32)
            if tuple(place.dims) != array.shape:  # type: ignore[union-attr]
                raise ValueError(f"{name} is {array.shape}, the graph has {tuple(place.dims)}")  # type: ignore[union-attr]
            place.ClearField("float_data")  # type: ignore[union-attr]
            place.raw_data = array.tobytes()  # type: ignore[union-attr]
        with replacing_bytes(path) as out:
            out.write(self._model.SerializeToString())


class FeatureReader:
    """Computes probabilities and features by onnxruntime; several threads may call it."""

    def __init__(self, path: Path) -> None:
        self._session = open_session(path, "Start a new run folder.", is_own=True)
        self._name = self._session.get_inputs()[0].name

    def read(
        self, lines: "np.ndarray[Any, np.dtype[np.float32]]"
    ) -> tuple["np.ndarray[Any, np.dtype[np.float32]]", "np.ndarray[Any, np.dtype[np.float32]]"]:
        """Give probabilities N x T x classes and features N x C x T of N x 3 x 48 x W lines."""
        found = self._session.run(None, {self._name: lines})
        return found[_PROBABILITIES], found[_FEATURES][:, :, 0]


def _export(tunable: Tunable, path: Path) -> None:
    import paddle
    from paddle import nn

    from train.networks.spec import CHANNELS
    from train.weights.graph_export import program_to_onnx, quiet

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
    height = tunable.network.spec.height
    lines = paddle.static.InputSpec([None, CHANNELS, height, None], "float32", "x")
    with quiet():
        paddle.jit.save(both, str(folder / "both"), input_spec=[lines])
    program_to_onnx(folder / "both.json", folder / "both.pdiparams", path)
