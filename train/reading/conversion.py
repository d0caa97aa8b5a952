"""Exported Paddle folders as ONNX files, made once and kept in the user's cache."""

import hashlib
import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from textlines.errors import InputError
from textlines.files import raise_if_of_the_machine, replacing_bytes
from textlines.installing import NO_CONVERTER, install_line
from textlines.partials import scratch_folder
from train.models.model_sources import ModelSource
from train.reading.onnx_session import cache_folder, how_ended
from train.reading.scalar_joins import with_vectors
from train.reading.whole_parameters import check_parameters

FORM = 4
"""Of our call of the converter: a change of its options converts anew."""


def converted(source: ModelSource) -> Path:
    """Give the ONNX file of an exported Paddle folder; it is made if it is not there.

    Its name holds the hash of graph and parameters and the converter's version, so that a
    changed model is converted again.

    Raises:
        InputError: paddle2onnx is not installed, the folder is not whole, or its graph cannot be
            converted.
    """
    try:
        version = metadata.version("paddle2onnx")
    except metadata.PackageNotFoundError:
        raise InputError(
            str(source.path),
            "is an exported Paddle folder, which paddle2onnx turns into ONNX; it is not installed",
            "Name the .onnx file of the model, or read with --reference."
            + (f" Or run: {install_line('train')}" if sys.version_info < NO_CONVERTER else ""),
        ) from None
    hashes = source.hashes()
    key = hashlib.sha256(repr((version, FORM, sorted(hashes.items()))).encode()).hexdigest()[:32]
    path = cache_folder() / f"{key}.onnx"
    if not path.is_file():
        check_parameters(source)
        data = _convert(source)
        with replacing_bytes(path) as out:
            out.write(data)
    return path


_CONVERSION = """
import json, resource, sys
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
graph, parameters, made = sys.argv[1:]
fault = ""
try:
    import paddle2onnx
    paddle2onnx.export(
        graph,
        parameters,
        made,
        opset_version=14,
        auto_upgrade_opset=False,
        enable_optimize=False,
        enable_onnx_checker=True,
        optimize_tool="None",
    )
except BaseException as error:
    fault = (str(error).strip().splitlines() or [type(error).__name__])[0]
sys.stdout.flush()
print(chr(10) + json.dumps({"fault": fault[:200]}))
"""

_SECONDS = 600


def _convert(source: ModelSource) -> bytes:
    """Convert in a process of its own, which a graph may end and whose messages nobody sees."""
    graph, parameters = source.files
    with scratch_folder() as folder:
        made = folder / "model.onnx"
        command = [sys.executable, "-c", _CONVERSION, str(graph), str(parameters), str(made)]
        # Without this, importing paddle2onnx runs pip.
        environment = {**os.environ, "POLYGRAPHY_AUTOINSTALL_DEPS": "0"}
        try:
            done = subprocess.run(
                command, capture_output=True, timeout=_SECONDS, env=environment, check=False
            )
        except subprocess.TimeoutExpired:
            raise _not_converted(source, f"not done within {_SECONDS} s") from None
        try:
            fault = str(json.loads(done.stdout.splitlines()[-1])["fault"])
        except (IndexError, ValueError, KeyError, TypeError):
            fault = f"it ends the process that converts it: {how_ended(done.returncode)}"
        if fault or not made.is_file():
            raise _not_converted(source, fault or "no file is made")
        try:
            return with_vectors(made.read_bytes())
        # A graph that is none raises what protobuf's parser met.
        except Exception as error:
            raise_if_of_the_machine(source.path, error)
            raise _not_converted(source, str(error)[:200]) from error


def _not_converted(source: ModelSource, told: str) -> InputError:
    return InputError(
        str(source.path),
        f"cannot be converted to ONNX ({told})",
        "Check that the folder is whole; --reference reads it without conversion.",
    )
