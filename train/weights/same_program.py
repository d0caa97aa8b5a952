"""A trained graph written back into the Paddle program that it was converted from.

The program stays as it is, byte for byte; its `.pdiparams` gets the weights, by the names that
paddle2onnx leaves on them. What it cannot leave (weights in half precision, or rearranged on the
way) has no way back, and the network is exported anew.
"""

import shutil
from pathlib import Path

import numpy as np

from train.models.graph_files import parameters_of
from train.models.model_sources import PARAMETERS
from train.models.paddle_params import Array, write_params
from train.networks.graph_spec import GraphSpec
from train.networks.onnx_program import places_of
from train.networks.recognizer import Recognizer


def write_same(network: Recognizer, program: Path, folder: Path) -> tuple[Path, Path] | None:
    """Copy a program and write a network's weights beside it.

    Args:
        network: whose graph was converted from the program; in evaluation mode.
        program: `inference.json` or `inference.pdmodel`.
        folder: there already; the files in it are replaced.

    Returns:
        Both files; None, and nothing written, where the program has a parameter that the graph
        does not hold in that size.

    Raises:
        OSError: the disk is full.
    """
    if not isinstance(network.spec, GraphSpec):
        return None
    held = _constants(network)
    found: dict[str, Array] = {}
    for name, shape in parameters_of(program).items():
        if name not in held or held[name].shape != shape:
            return None
        found[name] = held[name]
    weights = folder / PARAMETERS
    copy = folder / program.name
    shutil.copyfile(program, copy)
    write_params(weights, found)
    return copy, weights


def _constants(network: Recognizer) -> dict[str, Array]:
    """Return all float32 constants of a network's graph, learnt or not, by name."""
    from onnx import numpy_helper

    model = network.model()
    arrays = {name: numpy_helper.to_array(one) for name, one in places_of(model).items()}
    return {name: np.asarray(one) for name, one in arrays.items() if one.dtype == np.float32}
