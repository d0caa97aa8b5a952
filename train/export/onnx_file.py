"""The ONNX form of an exported program, with its dictionary inside."""

from pathlib import Path

from textlines.formats.history import HISTORY
from textlines.labels.alphabet import Alphabet
from train.weights.graph_export import program_to_onnx
from train.weights.onnx_graph import MARK


def write_onnx(program: Path, weights: Path, path: Path, alphabet: Alphabet) -> None:
    """Turn a program into an ONNX file that holds its own dictionary.

    The metadata `character`, one entry a line and no space, is where RapidOCR looks for it.

    Raises:
        InputError: the file cannot be made.
        OSError: it cannot be written.
    """
    import onnx

    program_to_onnx(program, weights, path)
    model = onnx.load(str(path))
    # A line feed behind the last entry: a blank last entry reads back as one.
    characters = "".join(f"{entry}\n" for entry in alphabet.entries)
    # The file may go into production alone: it tells that a history belongs to it.
    onnx.helper.set_model_props(model, {"character": characters, MARK: HISTORY})
    path.write_bytes(model.SerializeToString(deterministic=True))
