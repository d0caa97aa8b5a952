"""What must be installed for a command, said before it starts."""

import importlib.util

from textlines.errors import InputError

PADDLE = ("paddle", "paddle2onnx", "onnx", "onnxruntime")


def need_paddle(command: str) -> None:
    """Check that all that trains and exports is installed.

    Raises:
        InputError: something is not; names it.
    """
    missing = [name for name in PADDLE if importlib.util.find_spec(name) is None]
    if missing:
        raise InputError(
            command,
            f"needs {' and '.join(missing)}, which is not installed",
            'Run `pip install "ocr-mend[train]"`.',
        )
