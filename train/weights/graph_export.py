"""Our network as Paddle's own program, and that as an ONNX file."""

import errno
import json
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING

from textlines.errors import InputError
from textlines.files import replacing_bytes
from textlines.partials import scratch_folder
from train.networks.graph_spec import GraphSpec
from train.networks.paddle_process import quiet
from train.networks.recognizer import Recognizer
from train.networks.spec import CHANNELS

if TYPE_CHECKING:
    from paddle import nn

OPSET = 14
"""Of the ONNX files. The lowest with all operators here, read by onnxruntime 1.10 and later."""


def export_program(network: Recognizer, folder: Path) -> tuple[Path, Path]:
    """Write a network in evaluation mode as Paddle's own program, lines and width free.

    Returns:
        `inference.json` and `inference.pdiparams` in the folder, which is made.

    Raises:
        OSError: the disk is full.
    """
    network.eval()
    return save_program(network, folder / "inference", network.spec.height)


def save_program(layer: "nn.Layer", path: Path, height: int | None) -> tuple[Path, Path]:
    """Write a layer as Paddle's own program, and return the paths: `.json` and `.pdiparams`.

    Args:
        layer: in evaluation mode; takes crops or pages.
        path: without suffix.
        height: of the crops, in pixels; None leaves it free, as for pages.

    Raises:
        OSError: the disk is full.
    """
    import paddle

    import train.networks

    # What our networks compute never hangs on what a tensor holds. Called as they stand they give
    # the same bytes as when Paddle rewrites each of their functions first, in a third of the time.
    paddle.jit.ignore_module([train.networks])
    images = paddle.static.InputSpec([None, CHANNELS, height, None], "float32", "x")
    with quiet():
        paddle.jit.save(layer, str(path), input_spec=[images])
    program, weights = path.with_suffix(".json"), path.with_suffix(".pdiparams")
    _check_whole(program, weights, layer)
    return program, weights


def _check_whole(program: Path, weights: Path, layer: "nn.Layer") -> None:
    """Check that Paddle wrote both files to their ends: on a full disk it says nothing."""
    count = sum(math.prod(value.shape) for value in layer.state_dict().values())
    try:
        json.loads(program.read_bytes())
        is_whole = weights.stat().st_size >= 4 * count
    except (ValueError, FileNotFoundError):
        is_whole = False
    if not is_whole:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def export_onnx(network: Recognizer, path: Path) -> None:
    """Write a network in evaluation mode as ONNX: one input, N x 3 x 48 x W, both free.

    A network that is a graph is written as that graph: the same nodes, other weights.

    Raises:
        InputError: the file cannot be made.
    """
    if isinstance(network.spec, GraphSpec):
        data = network.model().SerializeToString(deterministic=True)
        with replacing_bytes(path) as out:
            out.write(data)
        return
    with scratch_folder() as folder:
        program_to_onnx(*export_program(network, folder), path)


def program_to_onnx(program: Path, weights: Path, path: Path) -> None:
    """Turn an exported program into an ONNX file.

    The graph is left as paddle2onnx makes it: its optimiser would run `pip install` by itself
    for what it misses, and onnxruntime folds the same constants when it loads the file.

    Raises:
        InputError: the file cannot be made.
    """
    # Before the first import: the optimiser within would run pip even so.
    os.environ.setdefault("POLYGRAPHY_AUTOINSTALL_DEPS", "0")
    import paddle2onnx

    with quiet():
        paddle2onnx.export(
            str(program),
            str(weights),
            str(path),
            opset_version=OPSET,
            auto_upgrade_opset=False,
            enable_onnx_checker=True,
            enable_optimize=False,
            optimize_tool="None",
        )
    if not path.is_file() or not path.stat().st_size:
        raise InputError(str(path), "paddle2onnx wrote no file", "Report this with its output.")
