"""Exported Paddle folders as ONNX files, made once and kept in the user's cache.

The parameters of a folder are first held against its graph: Paddle and paddle2onnx end the whole
process on a file that is cut short, in the midst of C++.

What paddle2onnx makes of exported folders of Paddle 2 is mended. There a number on its own was a
vector of one element. Their translation to Paddle 3 makes it a scalar, and the converter joins it
with vectors (Concat), which ONNX forbids: onnxruntime refuses the file. Each such scalar is made a
vector of one element again.

And what Paddle 3.3 writes is mended before it is converted. It holds the factors of an enlarged map
in double precision, in programs of its own and in those of Paddle 2 that it translates; paddle2onnx
2.1 knows them in single precision alone, and detectors are full of them.
"""

import hashlib
import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from textlines.errors import InputError
from textlines.files import raise_if_of_the_machine, replacing_bytes
from textlines.installing import NO_CONVERTER, install_line
from textlines.partials import scratch_folder
from train.models.graph_files import read_pir, read_program
from train.models.model_sources import ModelSource
from train.reading.onnx_session import cache_folder, how_ended

FORM = 4
"""Of our call of the converter: a change of its options converts anew."""

_CONVERSION = """
import json, resource, sys
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
graph, parameters, made = sys.argv[1:]
fault = ""
def in_single(program, *rest):
    if program.endswith(".json"):
        with open(program, encoding="utf-8") as file:
            content = json.load(file)
        for operation in content["program"]["regions"][0]["blocks"][0]["ops"]:
            if operation["#"].endswith("_interp"):
                for entry in operation["A"]:
                    if entry["N"] == "scale":
                        for number in entry["AT"]["D"]:
                            number["#"] = number["#"].replace("a_f64", "a_f32")
        program = made + ".json"
        with open(program, "w", encoding="utf-8") as file:
            json.dump(content, file)
    return convert(program, *rest)
try:
    import types
    import paddle2onnx
    import paddle2onnx.convert
    convert = paddle2onnx.convert.c_p2o.export
    paddle2onnx.convert.c_p2o = types.SimpleNamespace(export=in_single)
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

_PASSING = ("Identity", "Cast")
"""Operators that keep the shape of what goes through."""


def converted(source: ModelSource) -> Path:
    """Return the ONNX file of an exported Paddle folder; it is made if it is not there.

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


def _not_converted(source: ModelSource, reason: str) -> InputError:
    return InputError(
        str(source.path),
        f"cannot be converted to ONNX ({reason})",
        "Check that the folder is whole; --reference reads it without conversion.",
    )


def with_vectors(data: bytes) -> bytes:
    """Return the ONNX file `data` with every scalar that is joined made a vector.

    A file without any comes back as it is.
    """
    import onnx

    model = onnx.load_model_from_string(data)
    made_by = {name: node for node in model.graph.node for name in node.output}
    scalars = {constant.name for constant in model.graph.initializer if not constant.dims}
    nodes: list[Any] = []
    count = 0
    for node in model.graph.node:
        if node.op_type == "Concat":
            for at, name in enumerate(node.input):
                if _is_scalar(name, made_by, scalars):
                    vector = f"{name}/vector.{count}"
                    nodes.append(onnx.helper.make_node("Reshape", [name, "one_element"], [vector]))
                    node.input[at] = vector
                    count += 1
        nodes.append(node)
    if not count:
        return data
    one_element = onnx.helper.make_tensor("one_element", onnx.TensorProto.INT64, [1], [1])
    model.graph.initializer.append(one_element)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return bytes(model.SerializeToString())


def _is_scalar(name: str, made_by: dict[str, Any], scalars: set[str]) -> bool:
    """Whether a value is a scalar: a constant, or one size taken out of a shape."""
    name, node = _origin(name, made_by)
    if node is None:
        return name in scalars
    if node.op_type == "Constant":
        value = next((attribute for attribute in node.attribute if attribute.name == "value"), None)
        return value is not None and not value.t.dims
    return _kinds(node, made_by) == ["Squeeze", "Slice", "Shape"]


def _origin(name: str, made_by: dict[str, Any]) -> tuple[str, Any]:
    """Go back to what made a value, past all that keeps its shape."""
    node = made_by.get(name)
    while node is not None and node.op_type in _PASSING:
        name = node.input[0]
        node = made_by.get(name)
    return name, node


def _kinds(node: Any, made_by: dict[str, Any]) -> list[str]:
    """Name an operator and the two before it."""
    kinds = [str(node.op_type)]
    while len(kinds) < 3 and node.input:
        node = _origin(node.input[0], made_by)[1]
        if node is None:
            break
        kinds.append(str(node.op_type))
    return kinds


def check_parameters(source: ModelSource) -> None:
    """Check that the file of parameters holds all tensors that the graph names.

    Args:
        source: an exported folder.

    Raises:
        InputError: a file is broken or cut short, or the two do not belong together.
    """
    graph, parameters = source.files
    read = read_pir if graph.suffix == ".json" else read_program
    read(graph, parameters)
