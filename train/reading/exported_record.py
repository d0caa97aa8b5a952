"""`export.toml` of an exported folder: whether the ONNX file in it is that of its program."""

from pathlib import Path

from textlines.errors import InputError
from textlines.files import read_text, sha256_of
from textlines.parsing import parse_toml
from train.reading.model_source import ModelSource

FORMAT = 1
"""Of the record. One of another version is as good as none: the program is converted."""

RECORD, GRAPH = "export.toml", "inference.onnx"


def own_onnx(source: ModelSource) -> Path | None:
    """Give the ONNX file of an exported folder if it was made of the program beside it.

    The record of `train export` holds the hashes of all of them, and that they read alike was
    proven before it was written. Anything else, None: the program is what PaddleOCR runs.
    """
    path = source.path / GRAPH
    try:
        record, what = source.path / RECORD, "the record of the export"
        content = parse_toml(read_text(record, what), str(record), what, "")
        known = content["files"] if content["format"] == FORMAT else {}
        files = (*source.files, path)
        if all(sha256_of(file) == known.get(file.name) for file in files):
            return path
    except (InputError, KeyError, TypeError, AttributeError):
        pass
    return None
