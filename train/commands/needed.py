"""What must be installed for a command, said before it starts."""

import sys
from typing import NoReturn

from textlines.errors import InputError
from textlines.installing import NO_CONVERTER, PADDLE, install_line, missing_modules

TRAINING = ("paddle", "paddle2onnx", "onnx", "onnxruntime")
"""Modules that a command needs which builds a network of ours and writes it as ONNX."""


def need_paddle(command: str, *more: str) -> None:
    """Check that all that trains and exports is installed.

    Args:
        more: modules that this command needs besides.

    Raises:
        InputError: something is not; names it, and the line that installs it.
    """
    missing = missing_modules(*TRAINING, *more)
    if missing:
        refuse(command, missing)


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
