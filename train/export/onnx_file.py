"""The ONNX form of an exported program, with its dictionary inside."""

from pathlib import Path

from textlines.formats.history import HISTORY
from textlines.labels.alphabet import Alphabet
from train.models.graph_files import MARK
from train.models.records import TURN_PROPERTY, Turning
from train.networks.graph_spec import GraphSpec
from train.networks.recognizer import Recognizer
from train.weights.graph_export import export_onnx, program_to_onnx


def write_onnx(
    network: Recognizer,
    program: Path,
    weights: Path,
    path: Path,
    alphabet: Alphabet,
    turning: Turning = "off",
) -> None:
    """Write a network as an ONNX file that holds its own dictionary.

    The metadata `character`, one entry a line and no space, is where RapidOCR looks for it.

    Args:
        network: one that is a graph is written as that graph, with its weights.
        program, weights: of any other, which are turned into ONNX.
        turning: whether crops are to be read in their turns; the file says so.

    Raises:
        InputError: the file cannot be made.
        OSError: it cannot be written.
    """
    import onnx

    if isinstance(network.spec, GraphSpec):
        export_onnx(network, path)
    else:
        program_to_onnx(program, weights, path)
    model = onnx.load(str(path))
    # A line feed behind the last entry: a blank last entry reads back as one.
    characters = "".join(f"{entry}\n" for entry in alphabet.entries)
    # The file may go into production alone: it tells that a history belongs to it.
    turns = {} if turning == "off" else {TURN_PROPERTY: turning}
    onnx.helper.set_model_props(model, {"character": characters, MARK: HISTORY, **turns})
    path.write_bytes(model.SerializeToString(deterministic=True))
