"""What must be installed for a command, said before it starts."""

import sys
import warnings
from typing import NoReturn

from textlines.errors import InputError
from textlines.installing import NO_CONVERTER, PADDLE, install_line, missing_modules

TRAINING = ("paddle", "paddle2onnx", "onnx", "onnxruntime")
"""Modules that a command needs which builds a network of ours and writes it as ONNX."""


def need_paddle_on_cpu(command: str, *more: str) -> None:
    """Check as `need_paddle`, and let Paddle compute on the CPU from here on.

    For what writes a model: it is compared bit by bit, in whole float32, on a machine with a GPU
    too.

    Raises:
        InputError: something is not installed.
    """
    need_paddle(command, *more)
    from train.networks.devices import use_device

    use_device("cpu", command)


def need_paddle(command: str, *more: str) -> None:
    """Check that all that trains and exports is installed; Paddle is not imported by it.

    Args:
        more: modules that this command needs besides.

    Raises:
        InputError: something is not; names it, and the line that installs it.
    """
    # Paddle looks for a C++ compiler's cache when it is imported, and complains without one.
    warnings.filterwarnings("ignore", message="No ccache found")
    missing = missing_modules(*TRAINING, *more)
    if missing:
        refuse(command, missing)


def need_polygons(command: str) -> None:
    """Check that what measures and offsets polygons is installed.

    Raises:
        InputError: something is not; names it, and the line that installs it.
    """
    missing = missing_modules("shapely", "pyclipper")
    if missing:
        what = f"needs {' and '.join(missing)}, which {_are(missing)} not installed"
        raise InputError(command, what, f"Run: {install_line('detect')}")


def refuse(command: str, missing: list[str]) -> NoReturn:
    """Raise what is missing as one line.

    Raises:
        InputError: always.
    """
    if "paddle2onnx" in missing and sys.version_info >= NO_CONVERTER:
        raise InputError(
            command,
            f"needs paddle2onnx, which has no wheel for Python {sys.version_info[0]}."
            f"{sys.version_info[1]}",
            "Run it in an environment of Python 3.11 or 3.12. Here `train mine`, `evaluate` and "
            "`gate` read ONNX files and our model folders, and exported folders with --reference.",
        )
    what = f"needs {' and '.join(missing)}, which {_are(missing)} not installed"
    if "paddle" not in missing:
        raise InputError(command, what, f"Run: {install_line('train')}")
    raise InputError(
        command,
        what,
        f"Run: {install_line('train', PADDLE)}. On a GPU name Paddle's paddlepaddle-gpu in its "
        "place, from the index that README names.",
    )


def _are(names: list[str]) -> str:
    return "are" if len(names) > 1 else "is"
