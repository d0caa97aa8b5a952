"""onnxruntime, imported here alone: its telemetry off, its messages held back, graphs tried first.

A graph from anywhere is opened only when it was looked at and tried.
The first look (`onnx_wire`) refuses what no recognizer has: loops, branches, other files. What an
operation makes of its inputs no look can tell: an addition of two vectors makes a table, and one
of a hundred thousand rows fills the machine. So each graph is first opened by a process of its
own that may not take more than some memory and time, and reads two blank images. What has passed
is known by its hash in the user's cache and is not tried again.
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from textlines.errors import InputError, MendError
from textlines.files import raise_if_of_the_machine, read_regular, replacing, unreadable
from textlines.installing import install_line
from textlines.pixels.resize import HEIGHT
from train.models.onnx_wire import MOST_BYTES, check_graph, not_opened

_MEMORY = 2 << 30
"""That a trial may take, beside eight times the file. PP-OCRv5 mobile takes 0.5 GB of it."""

_CPU_SECONDS, _SECONDS = 60, 600
"""That a trial may take: of a core, and by the clock, which a busy machine does not run out of."""

# Two widths: what grows with the square of one is met here and not on a long line.
_TRIAL = """
import json, resource, sys
path, most, seconds, height = sys.argv[1], *map(int, sys.argv[2:])
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_DATA, (most, most))
resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
try:
    import numpy as np
    import onnxruntime as ort
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    session.get_modelmeta().custom_metadata_map
    inputs = session.get_inputs()
    first = inputs[0]
    sizes = [n if isinstance(n, int) else wanted for n, wanted in zip(first.shape, (1, 3, height, 0))]
    if len(inputs) == 1 and sizes == [1, 3, height, 0] and first.type in ("tensor(float)", "tensor(float16)"):
        kind = np.float16 if "16" in first.type else np.float32
        for width in (320, 1280):
            session.run(None, {first.name: np.zeros((1, 3, height, width), kind)})
    told = ""
except MemoryError:
    told = "takes more memory than any recognizer"
except Exception as error:
    told = (str(error).strip().splitlines() or [type(error).__name__])[0]
print(json.dumps({"fault": told[:200]}))
"""  # noqa: E501


def cache_folder() -> Path:
    """Return the folder of models converted and tried: OCR_MEND_CACHE, or the user's cache."""
    named = os.environ.get("OCR_MEND_CACHE")
    if named:
        return Path(named) / "onnx"
    if sys.platform == "darwin":
        home = Path.home() / "Library" / "Caches"
    elif sys.platform == "win32":
        home = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return home / "ocr-mend" / "onnx"


def without_telemetry() -> None:
    """Turn onnxruntime's telemetry off, in this process and those that it starts.

    On import it would store an id of this machine below the user's home, and a database of what
    it is to send. It looks at its environment once, so this comes before.
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")


def runtime() -> Any:
    """Import onnxruntime, with its telemetry off.

    Raises:
        InputError: it is not installed.
    """
    without_telemetry()
    try:
        import onnxruntime
    except ImportError as error:
        if error.name != "onnxruntime":
            raise
        raise InputError(
            "onnxruntime", "reads ONNX models and is not installed", f"Run: {install_line('train')}"
        ) from None
    return onnxruntime


def open_session(
    path: Path,
    mend: str,
    *,
    is_own: bool = False,
    is_plain: bool = False,
    height: int = HEIGHT,
    second_output: Callable[[Any, str], str] | None = None,
) -> Any:
    """Open a graph on the CPU, one thread a line.

    Args:
        mend: the way out, for messages.
        is_own: this process wrote it: it is opened as it is.
        is_plain: without the optimisations that choose other kernels.
        height: of the blank images that a graph is tried on, in pixels.
        second_output: finds, in a GraphProto and the place of its file, a value that is given
            back after the first output.

    Raises:
        InputError: it cannot be read, is no graph, or one that is not to be run; says why.
    """
    try:
        data = read_regular(path, MOST_BYTES)
    except OSError as error:
        raise unreadable(path, error, "the model") from error
    ort = runtime()
    if not is_own:
        _check(path, data, mend, height)
    if second_output is not None:
        data = _with_second(data, str(path), second_output)
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    # Widths differ from line to line: a plan of memory for each would never be freed.
    options.enable_mem_pattern = False
    if is_plain:
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    try:
        return ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    # It raises classes of its own for each kind of fault, all of them RuntimeErrors in some
    # releases and plain Exceptions in others.
    except Exception as error:
        raise_if_of_the_machine(path, error)
        raise not_opened(path, first_line(error), mend) from error


def _with_second(data: bytes, place: str, find: Callable[[Any, str], str]) -> bytes:
    import onnx

    model = onnx.load_model_from_string(data)
    name = find(model.graph, place)
    del model.graph.output[1:]
    second = onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
    model.graph.output.append(second)
    content: bytes = model.SerializeToString()
    return content


def first_line(error: BaseException) -> str:
    """Return the first line of what a library says, not too much of it."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def _check(path: Path, data: bytes, mend: str, height: int) -> None:
    check_graph(path, data, mend)
    trial = f"{_TRIAL}{height}".encode()
    key = hashlib.sha256(trial + hashlib.sha256(data).digest()).hexdigest()[:32]
    known = cache_folder() / f"{key}.tried"
    if known.is_file():
        return
    fault = _tried(path, len(data), height)
    if fault:
        raise not_opened(path, fault, mend)
    try:
        with replacing(known) as out:
            out.write("")
    except MendError:
        return  # without a cache it is tried again


def _tried(path: Path, size: int, height: int) -> str:
    """Let a process of its own open a graph and read by it; say what went wrong."""
    most = str(_MEMORY + 8 * size)
    # Not from the working directory, but from wherever this process has its libraries.
    numbers = [most, str(_CPU_SECONDS), str(height)]
    command = [sys.executable, "-P", "-c", _TRIAL, str(path.absolute()), *numbers]
    environment = {**os.environ, "ORT_DISABLE_TELEMETRY": "1"}
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=_SECONDS, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        return f"it does not read two lines within {_SECONDS} s"
    try:
        return str(json.loads(done.stdout.splitlines()[-1])["fault"])
    except (IndexError, ValueError, KeyError, TypeError):
        if done.returncode == -signal.SIGXCPU:
            return f"it does not read two lines within {_CPU_SECONDS} s"
        return f"it ends the process that opens it: {how_ended(done.returncode)}"


def how_ended(code: int) -> str:
    """Name the signal or the code that a process ended with.

    >>> how_ended(-11), how_ended(3)
    ('SIGSEGV', 'code 3')
    """
    return signal.Signals(-code).name if code < 0 else f"code {code}"
