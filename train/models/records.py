"""What the records of our own folders say of how their model is read.

`export.toml` of an exported folder: whether the ONNX file in it is that of its program, and whether
crops are read in their turns; of a base folder `model.toml` says the latter.
"""

from pathlib import Path
from typing import Any, Literal

from textlines.errors import InputError
from textlines.files import read_text, sha256_of
from textlines.parsing import parse_toml
from train.models.model_sources import MODEL, RECORD, ModelSource

Turning = Literal["off", "auto"]
"""Whether crops are read as they lie, or in their turns too."""

FORMAT = 1
"""Of the record. One of another version is as good as none: the program is converted."""

GRAPH = "inference.onnx"

TURN = "turn"
"""Key of both records: "auto" where crops are to be read in their turns; without it as they lie."""

TURN_PROPERTY = "ocr-mend-turn"
"""Key of the metadata of a file whose model is to read crops in their turns."""


def own_onnx(source: ModelSource) -> Path | None:
    """Return the ONNX file of an exported folder if it was made of the program beside it.

    The record of `train export` holds the hashes of all of them, and that they read alike was
    proven before it was written. Anything else, None: the program is what PaddleOCR runs.
    """
    path = source.path / GRAPH
    try:
        known = _content(source.path / RECORD)["files"]
        files = (*source.files, path)
        if all(sha256_of(file) == known.get(file.name) for file in files):
            return path
    except (InputError, KeyError, TypeError, AttributeError):
        pass
    return None


def recorded_turning(source: ModelSource) -> Turning:
    """Return how the record of a folder of ours says that its model is read; "off" without one.

    The record of an export counts for the files that it was written for, and for no others that
    were put in their place.

    Raises:
        InputError: it says what we do not know.
    """
    if source.form == "onnx":
        return "off"  # the file itself says it
    path = source.path / (MODEL if source.form == "base" else RECORD)
    if not path.is_file():
        return "off"
    content = _content(path)
    if source.form == "exported":
        known = content.get("files")
        if not isinstance(known, dict):
            return "off"
        if any(sha256_of(file) != known.get(file.name) for file in source.files):
            return "off"
    return checked_turning(content.get(TURN, "off"), str(path))


def checked_turning(value: object, where: str) -> Turning:
    """Return a value as a way of reading.

    Raises:
        InputError: it is none.
    """
    if value == "auto":
        return "auto"
    if value == "off":
        return "off"
    raise InputError(where, f"says turn = {value!r}, neither 'auto' nor 'off'", "Make it again.")


def _content(path: Path) -> dict[str, Any]:
    """Read a record; that of another version is as good as empty.

    Raises:
        InputError: it cannot be read, or is no TOML.
    """
    what = "the model's record"
    content = parse_toml(read_text(path, what), str(path), what, "Make the folder again.")
    return content if content.get("format") == FORMAT else {}
