"""The network of a base folder, run by Paddle: on a GPU, or to check the ONNX file against."""

import importlib
from typing import Any

import numpy as np

from textlines.errors import InputError
from textlines.installing import PADDLE, install_line
from train.models.base_folder import BaseFolder
from train.networks.devices import Device, use_device
from train.reading.ctc import Probabilities
from train.reading.engine import Batching

# One line at a time on the CPU, for the same reason as with onnxruntime; a GPU wants many, and a
# long chunk of lines to find those of one width in.
BATCHINGS: dict[Device, Batching] = {
    "cpu": Batching(lines=1, chunk=8, is_parallel=False),
    "gpu": Batching(lines=64, chunk=512, is_parallel=False),
}


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
        from train.networks.build import build

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
            found: Probabilities = self._network(self._paddle.to_tensor(lines)).numpy()
        return found

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
            told = f"lacks {len(missing)} and misfits {len(other)} of {len(wanted)} tensors"
            raise InputError(
                str(base.weights_path),
                f"{told} (first: {(missing + other)[0]})",
                "Make the folder again with `train weights`.",
            )
        self._network.set_state_dict({name: tensors[name] for name in wanted})
