"""The networks of detectors: a graph run by onnxruntime, an exported folder run by Paddle."""

import importlib
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from textlines.errors import InputError
from textlines.files import raise_if_of_the_machine
from textlines.installing import PADDLE, install_line
from train.detection.postprocessing import ProbabilityMap
from train.models.model_sources import ModelSource
from train.networks.paddle_process import quiet
from train.reading.conversion import check_parameters
from train.reading.onnx_session import first_line, open_session, runtime

Prepared = npt.NDArray[np.float32]
"""1 x 3 x height x width, sides multiples of 32: what a network takes."""

_EXPORT = "Name a detector as paddle2onnx exports it, with free height and width."

_TRIAL_SIDE = 64
"""In pixels, a multiple of 32."""


class MapNetwork(Protocol):
    """Computes maps of probabilities; several threads may ask at once.

    Attributes:
        name: of what computes, with its version, for the record.
    """

    name: str

    def map_of(self, prepared: Prepared) -> ProbabilityMap:
        """Run the network on one page."""
        ...


class OnnxMaps:
    """Runs a graph, one thread a page."""

    def __init__(self, path: Path, *, is_own: bool = False) -> None:
        """Open and check a graph.

        Args:
            is_own: this project made the file: it is not tried in a process of its own first.

        Raises:
            InputError: the file is no ONNX, or no detector.
        """
        self._session = open_session(path, _EXPORT, is_own=is_own, height=_TRIAL_SIDE)
        self._input = _checked_input(self._session, path)
        self.name, self._place = f"onnxruntime {runtime().__version__}", str(path)
        try:
            shape = self._run(np.zeros((1, 3, _TRIAL_SIDE, 2 * _TRIAL_SIDE), np.float32)).shape
        except Exception as error:  # onnxruntime raises classes of its own
            raise_if_of_the_machine(path, error)
            raise InputError(
                str(path),
                f"does not run on a page of 64 x 128 pixels ({first_line(error)})",
                _EXPORT,
            ) from error
        if shape != (1, 1, _TRIAL_SIDE, 2 * _TRIAL_SIDE):
            told = " x ".join(map(str, shape))
            raise InputError(
                str(path), f"gives {told} for a page of 64 x 128 pixels, no map of it", _EXPORT
            )

    def map_of(self, prepared: Prepared) -> ProbabilityMap:
        """Run the network on one page.

        Raises:
            InputError: what comes out are no numbers.
        """
        return _checked_map(self._run(prepared), self._place)

    def _run(self, prepared: Prepared) -> npt.NDArray[np.float32]:
        result: npt.NDArray[np.float32] = self._session.run(None, {self._input: prepared})[0]
        return result


class PaddleMaps:
    """Runs an exported folder as paddleocr does without oneDNN, one page at a time."""

    def __init__(self, source: ModelSource) -> None:
        """Open an exported folder.

        Raises:
            InputError: Paddle is not installed, or the folder is not whole.
        """
        check_parameters(source)
        try:
            with quiet():
                paddle: Any = importlib.import_module("paddle")
                inference: Any = importlib.import_module("paddle.inference")
        except ImportError:
            raise InputError(
                str(source.path),
                "is an exported Paddle folder, and Paddle is not installed",
                f"Run: {install_line('train', PADDLE)}",
            ) from None
        graph, parameters = source.files
        config = inference.Config(str(graph), str(parameters))
        config.disable_glog_info()
        config.disable_mkldnn()
        # As paddlex has it: without both, the passes over a graph of Paddle 3 fail.
        config.enable_new_ir(True)
        config.enable_new_executor()
        config.enable_memory_optim()
        config.set_cpu_math_library_num_threads(1)
        with quiet():
            self._predictor: Any = inference.create_predictor(config)
        self.name, self._place = f"paddle {paddle.__version__}", str(source.path)
        self._lock = Lock()

    def map_of(self, prepared: Prepared) -> ProbabilityMap:
        """Run the network on one page.

        Raises:
            InputError: what comes out are no numbers.
        """
        with self._lock:
            entry = self._predictor.get_input_handle(self._predictor.get_input_names()[0])
            entry.reshape(prepared.shape)
            entry.copy_from_cpu(prepared)
            self._predictor.run()
            exit_ = self._predictor.get_output_handle(self._predictor.get_output_names()[0])
            result: npt.NDArray[np.float32] = exit_.copy_to_cpu()
        return _checked_map(result, self._place)


def _checked_input(session: Any, path: Path) -> str:
    inputs = session.get_inputs()
    shape = inputs[0].shape if inputs else []
    fits = len(inputs) == 1 and len(shape) == 4 and shape[1] == 3
    if not fits or any(isinstance(side, int) for side in shape[2:]):
        taken = "; ".join(f"{value.name} {' x '.join(map(str, value.shape))}" for value in inputs)
        raise InputError(str(path), f"takes {taken}, not N x 3 x any height x any width", _EXPORT)
    return str(inputs[0].name)


def _checked_map(result: npt.NDArray[np.float32], place: str) -> ProbabilityMap:
    map_: ProbabilityMap = np.ascontiguousarray(result[0, 0])
    if not np.isfinite(map_).all():
        raise InputError(
            place, "gives NaN or infinity in place of probabilities", "Copy the model again, whole."
        )
    return map_
