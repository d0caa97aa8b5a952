"""The networks that engines read by: a graph run by onnxruntime, a base folder run by Paddle.

Paddle runs on a GPU, or on the CPU to check the ONNX file against.
"""

import importlib
import math
from pathlib import Path
from typing import Any

import numpy as np

from textlines.errors import InputError
from textlines.files import raise_if_of_the_machine
from textlines.installing import PADDLE, install_line
from textlines.labels.dictionary_files import MOST_CLASSES
from textlines.pixels.resize import HEIGHT, LEAST_WIDTH
from textlines.wording.counts import count_of
from train.models.base_folder import BaseFolder
from train.models.records import TURN_PROPERTY, Turning, checked_turning
from train.networks.devices import Device, use_device
from train.reading.ctc import BROKEN, Probabilities
from train.reading.engine import Batching
from train.reading.onnx_session import first_line, open_session, runtime

# Measured on two models: a line costs least alone (its activations stay in the cache); a batch of
# 64 costs half as much again. One thread for each line then needs no barrier between threads.
ON_CPU = Batching(lines=1, chunk=8, is_parallel=True)


_EXPORT = "Name a recognizer as paddle2onnx exports it, with free width."

# One line at a time on the CPU, for the same reason as with onnxruntime; a GPU wants many, and a
# long chunk of lines to find those of one width in.
BATCHINGS: dict[Device, Batching] = {
    "cpu": Batching(lines=1, chunk=8, is_parallel=False),
    "gpu": Batching(lines=64, chunk=512, is_parallel=False),
}


class OnnxNetwork:
    """Runs a graph. Several threads may run it at once, each on a core of its own.

    Attributes:
        entries: the dictionary that the file itself holds (metadata `character`), or None.
        turning: whether the file says that crops are read in their turns (metadata
            `ocr-mend-turn`).
    """

    batching = ON_CPU

    def __init__(self, path: Path) -> None:
        """Open and check a graph.

        Raises:
            InputError: the file is no ONNX, or no recognizer of lines of height 48.
        """
        self._session = open_session(path, _EXPORT)
        self.name = f"onnxruntime {runtime().__version__}"
        self.place = str(path)
        self._input = _checked_input(self._session, path)
        self.entries = _entries(self._session)
        self.turning = _turning(self._session, path)
        self.classes = self._checked_classes(path)

    def probabilities(self, lines: "np.ndarray[Any, np.dtype[np.float32]]") -> Probabilities:
        """Run N x 3 x 48 x W and give N x T x classes."""
        shares: Probabilities = self._session.run(None, {self._input: lines})[0]
        return shares

    def _checked_classes(self, path: Path) -> int:
        try:
            shares = self.probabilities(np.zeros((1, 3, HEIGHT, LEAST_WIDTH), np.float32))
        except Exception as error:  # onnxruntime raises classes of its own
            raise_if_of_the_machine(path, error)
            raise InputError(
                str(path),
                f"does not run on a line of 48 x 320 pixels ({first_line(error)})",
                _EXPORT,
            ) from error
        if shares.ndim != 3 or shares.shape[-1] < 2:
            shape = " x ".join(map(str, shares.shape))
            raise InputError(str(path), f"gives {shape}, not lines x time steps x classes", _EXPORT)
        if not shares.shape[1]:
            raise InputError(str(path), "gives no time step for a line", BROKEN)
        if shares.shape[-1] > MOST_CLASSES:
            raise InputError(
                str(path), f"has {shares.shape[-1]:,} classes, more than {MOST_CLASSES:,}", _EXPORT
            )
        total = float(shares.astype(np.float64).sum(axis=-1).mean())
        if not abs(total - 1) <= 0.01:  # NaN too
            raise InputError(
                str(path),
                f"gives no probabilities (those of a time step sum to {total:.3g}, not 1)",
                "Export it with its softmax." if math.isfinite(total) else BROKEN,
            )
        return int(shares.shape[-1])


def _checked_input(session: Any, path: Path) -> str:
    inputs = session.get_inputs()
    shape = inputs[0].shape
    wanted = [(0, 1), (1, 3), (2, HEIGHT)]
    fits = len(inputs) == 1 and len(shape) == 4
    fits = fits and all(shape[at] == size or not isinstance(shape[at], int) for at, size in wanted)
    if not fits or isinstance(shape[3], int):
        taken = "; ".join(f"{value.name} {' x '.join(map(str, value.shape))}" for value in inputs)
        raise InputError(str(path), f"takes {taken}, not N x 3 x 48 x any width", _EXPORT)
    return str(inputs[0].name)


def _entries(session: Any) -> tuple[str, ...] | None:
    """Read the dictionary that RapidOCR's files hold, one entry a line.

    Split at line feeds alone: alphabets hold characters that `splitlines` breaks at.
    """
    held = session.get_modelmeta().custom_metadata_map.get("character")
    return tuple(held.removesuffix("\n").split("\n")) if held else None


def _turning(session: Any, path: Path) -> Turning:
    held = session.get_modelmeta().custom_metadata_map.get(TURN_PROPERTY, "off")
    return checked_turning(held, str(path))


class PaddleNetwork:
    """Runs a network in Paddle, from one thread at a time."""

    def __init__(self, base: BaseFolder, device: Device = "cpu") -> None:
        """Build the network and put the weights in.

        Raises:
            InputError: Paddle is not installed, or the weights are not the network's.
            UsageError: a GPU is wanted and this Paddle or machine has none.
        """
        try:
            paddle: Any = importlib.import_module("paddle")
        except ImportError:
            raise InputError(
                "--engine paddle",
                "needs Paddle, which is not installed",
                f"Run: {install_line('train', PADDLE)}",
            ) from None
        from train.networks.building import build

        name = use_device(device, "--device gpu")
        self._paddle = paddle
        self._network: Any = build(base.spec)
        self._load(base)
        self._network.eval()
        self.name = f"paddle {paddle.__version__} on {name}"
        self.place = str(base.path)
        self.classes = base.spec.classes
        self.batching = BATCHINGS[device]

    def probabilities(self, lines: "np.ndarray[Any, np.dtype[np.float32]]") -> Probabilities:
        """Run N x 3 x 48 x W and give N x T x classes."""
        with self._paddle.no_grad():
            shares: Probabilities = self._network(self._paddle.to_tensor(lines)).numpy()
        return shares

    def _load(self, base: BaseFolder) -> None:
        tensors = base.tensors()
        wanted = self._network.state_dict()
        missing = sorted(set(wanted) - set(tensors))
        other = [
            name
            for name, value in wanted.items()
            if name in tensors and tuple(value.shape) != tensors[name].shape
        ]
        if missing or other:
            all_of_them = count_of(len(wanted), "tensor")
            misfit = f"lacks {len(missing)} and misfits {len(other)} of {all_of_them}"
            raise InputError(
                str(base.weights_path),
                f"{misfit} (first: {(missing + other)[0]})",
                "Make the folder again with `train weights`.",
            )
        self._network.set_state_dict({name: tensors[name] for name in wanted})
