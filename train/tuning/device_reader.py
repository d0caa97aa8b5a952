"""The network that reads on a GPU: many lines at once, beside the one that learns.

What comes back to the host is what is needed: the best class of each time step, or the few classes
of a posterior, not all of them (68 MB for 64 lines of 6,625 classes).
"""

from collections.abc import Sequence
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
import paddle

from textlines.labels.alphabet import Alphabet
from textlines.pixels.arrays import Image
from train.models.base_folder import Tensors
from train.networks.devices import Device
from train.networks.graph_spec import Spec
from train.reading.ctc import Line, Probabilities, read_best
from train.reading.engine import CtcEngine, batch_of
from train.reading.engine_networks import BATCHINGS
from train.tuning.kept_features import Computed
from train.tuning.tunable import Tunable

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
            found: Probabilities = self._both(lines)[0].numpy()
        return found

    def best(self, lines: Lines) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Return the best class of each time step and its probability, both N x T.

        The probability is NaN where one of the time step is no number.
        """
        with self._lock, paddle.no_grad():
            found, _ = self._both(lines)
            best = found.argmax(axis=-1)
            sure = found.max(axis=-1)
            whole = paddle.isfinite(found.sum(axis=-1))
            sure = paddle.where(whole, sure, paddle.full_like(sure, float("nan")))
            return best.numpy(), sure.numpy()

    def computed(self, lines: Lines, top: int, closed: Sequence[int]) -> list[Computed]:
        """Return features and posteriors of lines of one padded width, as a run keeps them.

        Args:
            top: classes that are kept of each time step. closed: classes that no target holds.
        """
        with self._lock, paddle.no_grad():
            found, features = self._both(lines)
            if closed:
                open_classes = np.ones(self.classes, np.float32)
                open_classes[list(closed)] = 0
                found = found * paddle.to_tensor(open_classes)
            shares, classes = found.topk(min(top, self.classes), axis=-1)
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
