"""A detector's graph in the forms that are exported: an ONNX file, and a Paddle program.

The Paddle program that a graph was converted from stays as it is, byte for byte, and gets its
weights by the names that the converter leaves on them. Where there is none, or the names are lost
(weights in half precision, graphs that were rearranged), the graph is exported anew: its nodes as
Paddle's, height and width free.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import paddle

from textlines.errors import InputError
from textlines.files import raise_if_of_the_machine
from textlines.formats.history import HISTORY
from train.detection.map_networks import Prepared
from train.detection.postprocessing import ProbabilityMap
from train.models.base_folder import Precision, Tensors
from train.models.graph_files import MARK, load_onnx
from train.networks.graph_network import GraphPart
from train.networks.onnx_program import Program, in_float32, program_of, values_of
from train.reading.onnx_session import first_line
from train.weights.as_graph import constants_of, write_same
from train.weights.checkpoint import as_float32, precision_of
from train.weights.graph_export import save_program

FloatName = Literal["float32", "float64"]


@dataclass(frozen=True, slots=True)
class DetectorGraph:
    """The graph of a detector in float32.

    Attributes:
        where: its file, for messages.
        model: an `onnx.ModelProto`. program: its nodes.
        weights: float32, by their names in the file. precision: that the file has them in.
    """

    where: str
    model: Any
    program: Program
    weights: Tensors
    precision: Precision

    @classmethod
    def read(cls, path: Path) -> "DetectorGraph":
        """Read an ONNX file, and turn what is float16 in it into float32.

        Raises:
            InputError: the file is broken, or a weight is not finite.
        """
        model = load_onnx(path)
        where = str(path)
        precision = precision_of(list(values_of(model, program_of(model, where)).values()))
        model = in_float32(model)
        program = program_of(model, where)
        values = values_of(model, program)
        weights = {name: as_float32(where, name, array) for name, array in values.items()}
        return cls(where, model, program, weights, precision)

    def network(self, precision: FloatName = "float32") -> GraphPart:
        """Build the graph as a Paddle network in evaluation mode, from pages to maps.

        Raises:
            InputError: it holds an operator that is not built.
        """
        part = GraphPart(self.program, self.program.input, self.program.output, self.where)
        sources = part.sources.items()
        part.set_state_dict(
            {attribute: paddle.to_tensor(self.weights[name]) for attribute, name in sources}
        )
        part.eval()
        if precision != "float32":
            part.to(dtype=precision)
        return part


def map_by(
    network: GraphPart, prepared: Prepared, precision: FloatName = "float32"
) -> ProbabilityMap:
    """Return the map of a page by a network of Paddle, in the network's precision."""
    with paddle.no_grad():
        result = network(paddle.to_tensor(prepared.astype(precision))).numpy()
    map_: ProbabilityMap = np.asarray(result[0, 0])
    return map_


def write_graph(graph: DetectorGraph, path: Path) -> None:
    """Write a graph as an ONNX file that says that a history belongs to it.

    Raises:
        OSError: the disk is full.
    """
    import onnx

    model = type(graph.model)()
    model.CopyFrom(graph.model)
    known = {entry.key: entry.value for entry in model.metadata_props}
    onnx.helper.set_model_props(model, {**known, MARK: HISTORY})
    path.write_bytes(model.SerializeToString(deterministic=True))


def write_program(graph: DetectorGraph, program: Path | None, folder: Path) -> bool:
    """Write a graph as a Paddle program with its weights.

    Args:
        program: that it was converted from; None where it is not there.
        folder: to write into.

    Returns:
        Whether the program is that one; else the graph was exported anew.

    Raises:
        InputError: an operator of the graph cannot be exported; names the file and says why.
        OSError: the disk is full.
    """
    if program is not None and write_same(constants_of(graph.model), program, folder):
        return True
    network = graph.network()
    for attribute, name in network.sources.items():
        # Under the names of the graph: what is trained on from here goes back into this program.
        getattr(network, attribute).name = name
    try:
        save_program(network, folder / "inference", None)
    except (InputError, OSError):
        raise
    # Paddle raises what its C++ met, and classes of its own from tracing.
    except Exception as error:
        raise_if_of_the_machine(folder, error)
        raise InputError(
            graph.where,
            f"cannot be written as a Paddle program ({first_line(error)})",
            "Report the model; its ONNX file works in onnxruntime all the same.",
        ) from error
    return False
