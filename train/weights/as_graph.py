"""A recognizer whose exported graph is its network, for models that none of our networks is.

A trained graph can be written back into the Paddle program that it was converted from. The program
stays as it is, byte for byte; its `.pdiparams` gets the weights, by the names that paddle2onnx
leaves on them. What it cannot leave (weights in half precision, or rearranged on the way) has no
way back, and the network is exported anew.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from textlines.errors import InputError
from textlines.pixels.resize import HEIGHT, STRIDE
from textlines.wording.counts import count_of
from train.models.base_folder import Tensors
from train.models.graph_files import load_onnx, parameters_of
from train.models.model_sources import PARAMETERS
from train.models.paddle_params import Array, write_params
from train.networks.graph_network import GraphPart, GraphRecognizer, check_ops
from train.networks.graph_spec import Ending, GraphSpec, ending_of
from train.networks.onnx_program import (
    Program,
    in_float32,
    places_of,
    program_of,
    skeleton_of,
    values_of,
)
from train.weights.checkpoint import Matched, as_float32, precision_of

_WIDTHS = (320, 416)
"""Of the lines that a graph is tried on: time steps must follow the width."""


@dataclass(frozen=True, slots=True)
class _Cut:
    """Where a graph is cut, and how many channels its features have there."""

    features: str
    channels: int


def as_graph(where: str, path: Path) -> Matched:
    """Take an exported graph as the network itself.

    It is cut at the first value that everything goes through and that is a map of height 1: what
    is before it is the backbone, whose features can be kept. Its statistics of batch
    normalisations stay as they are.

    Args:
        where: the model, for messages.
        path: of its ONNX file.

    Raises:
        InputError: it is no CTC recognizer, holds an operator that is not built, takes one line at
            a time alone, or has another number of time steps than one for 8 pixels.
    """
    model = load_onnx(path)
    precision = precision_of(list(values_of(model, program_of(model, where)).values()))
    model = in_float32(model)
    # What the file says of dictionary and history is of the model as it was, not of its graph.
    model.ClearField("metadata_props")
    program = program_of(model, where)
    check_ops(program, where)
    ending = ending_of(program, where)
    weights = {
        name: as_float32(where, name, array) for name, array in values_of(model, program).items()
    }
    cut = _cut(where, program, ending, weights)
    dims, classes = program.held[ending.weight].shape
    spec = GraphSpec(
        name="",
        classes=classes,
        dims=dims,
        channels=cut.channels,
        features=cut.features,
        steps=ending.steps,
        weight=ending.weight,
        bias=ending.bias,
        skeleton=skeleton_of(model, program),
    )
    tensors = _named(spec, weights)
    single = sum(array.dtype.kind == "f" and array.size == 1 for array in program.fixed.values())
    counts = {"loaded": len(tensors), "single_numbers": single}
    return Matched(spec=spec, tensors=tensors, precision=precision, counts=counts)


def _named(spec: GraphSpec, weights: Tensors) -> Tensors:
    """Name weights as they are named in the network, in its order."""
    network = GraphRecognizer(spec)
    sources = network.sources()
    return {
        parameter: weights[sources[parameter]].reshape(tuple(value.shape))
        for parameter, value in network.state_dict().items()
    }


def _cut(where: str, program: Program, ending: Ending, weights: Tensors) -> _Cut:
    """Find the features: by running the graph, as many exporters tell no sizes."""
    import paddle

    part = GraphPart(program, program.input, ending.steps, where)
    part.set_state_dict(
        {attribute: paddle.to_tensor(weights[name]) for attribute, name in part.sources.items()}
    )
    narrow = [name for name in program.bottlenecks(ending.steps) if name != program.input]
    random = np.random.default_rng(48)
    sizes: dict[str, list[tuple[int, ...]]] = {name: [] for name in narrow}
    with paddle.no_grad():
        for width in _WIDTHS:
            lines = random.random((2, 3, HEIGHT, width), np.float32) * 2 - 1
            values = _values(where, part, lines, narrow)
            for name in narrow:
                sizes[name].append(tuple(values[name].shape))
            _check_steps(where, values[ending.steps].shape, width)
            alone = _values(where, part, lines[1:], [ending.steps])[ending.steps]
            apart = float(paddle.abs(alone[0] - values[ending.steps][1]).max())
            if not apart <= 1e-2:
                raise InputError(
                    where,
                    f"reads a line otherwise beside another (by {apart:.2g})",
                    "Export it for any number of lines.",
                )
    wanted = [(2, 1, width // STRIDE) for width in _WIDTHS]
    for name in narrow:
        shapes = sizes[name]
        fits = all(
            len(shape) == 4 and (shape[0], shape[2], shape[3]) == want
            for shape, want in zip(shapes, wanted, strict=True)
        )
        if fits and not _shares_weights(program, name, ending):
            return _Cut(name, shapes[0][1])
    return _Cut(ending.steps, program.held[ending.weight].shape[0])


def _values(where: str, part: Any, lines: np.ndarray, names: Sequence[str]) -> Any:
    """Run a graph, and say whose fault it is where it does not run."""
    import paddle

    try:
        return part.values(paddle.to_tensor(lines), tuple(names))
    except InputError:
        raise
    # Paddle raises what its C++ met, for sizes that do not fit.
    except Exception as error:
        message = str(error).strip().splitlines()
        raise InputError(
            where,
            f"does not run on {count_of(len(lines), 'line')} of {HEIGHT} x {lines.shape[3]} pixels "
            f"({message[-1][:200] if message else type(error).__name__})",
            "Export it for any number of lines and any width.",
        ) from error


def _check_steps(where: str, shape: Sequence[int], width: int) -> None:
    if len(shape) != 3 or shape[1] != width // STRIDE:
        raise InputError(
            where,
            f"gives {' x '.join(map(str, shape))} features for 2 lines of {width} pixels, not "
            f"{count_of(width // STRIDE, 'time step')} each",
            f"Known are recognizers of one time step for {STRIDE} pixels.",
        )


def _shares_weights(program: Program, features: str, ending: Ending) -> bool:
    """Whether a weight is used on both sides of a cut: one of them would learn, one not."""
    sides = (program.between(program.input, features), program.between(features, ending.steps))
    before, behind = ({name for node in nodes for name in node.inputs} for nodes in sides)
    return bool(before & behind & set(program.held))


def write_same(
    constants: Mapping[str, Array], program: Path, folder: Path
) -> tuple[Path, Path] | None:
    """Copy a program and write the weights of a graph beside it, by their names.

    Args:
        constants: of a graph that was converted from the program, by name, as `constants_of` has
            them.
        program: `inference.json` or `inference.pdmodel`.
        folder: there already; the files in it are replaced.

    Returns:
        Both files; None, and nothing written, where the program has a parameter that the graph
        does not hold in that size.

    Raises:
        InputError: the program is broken.
        OSError: the disk is full.
    """
    arrays: dict[str, Array] = {}
    for name, shape in parameters_of(program).items():
        # A bias that the graph adds to a map has axes of 1 around it.
        if name not in constants or _without_ones(constants[name].shape) != _without_ones(shape):
            return None
        arrays[name] = constants[name].reshape(shape)
    weights = folder / PARAMETERS
    copy = folder / program.name
    shutil.copyfile(program, copy)
    write_params(weights, arrays)
    return copy, weights


def _without_ones(shape: Sequence[int]) -> list[int]:
    return [size for size in shape if size != 1]


def constants_of(model: Any) -> dict[str, Array]:
    """Return all float32 constants of a graph, learnt or not, by name."""
    from onnx import numpy_helper

    arrays = {name: numpy_helper.to_array(constant) for name, constant in places_of(model).items()}
    return {
        name: np.asarray(constant)
        for name, constant in arrays.items()
        if constant.dtype == np.float32
    }
