"""Exported Paddle folders as ONNX files, made once and kept in the user's cache."""

import hashlib
import os
import sys
from importlib import metadata
from pathlib import Path

from textlines.errors import InputError
from textlines.files import raise_if_of_the_machine, replacing_bytes
from textlines.installing import NO_CONVERTER, install_line
from textlines.partials import scratch_folder
from train.reading.model_source import ModelSource
from train.reading.scalar_joins import with_vectors
from train.reading.whole_parameters import check_parameters

FORM = 4
"""Of our call of the converter: a change of its options converts anew."""


def cache_folder() -> Path:
    """Name the folder of converted models: in OCR_MEND_CACHE, or in the user's cache."""
    own = os.environ.get("OCR_MEND_CACHE")
    if own:
        return Path(own) / "onnx"
    if sys.platform == "darwin":
        home = Path.home() / "Library" / "Caches"
    elif sys.platform == "win32":
        home = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return home / "ocr-mend" / "onnx"


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


def _convert(source: ModelSource) -> bytes:
    # Without this, importing paddle2onnx runs pip.
    os.environ.setdefault("POLYGRAPHY_AUTOINSTALL_DEPS", "0")
    import paddle2onnx

    from train.weights.graph_export import quiet

    graph, parameters = source.files
    with scratch_folder() as folder:
        made = folder / "model.onnx"
        try:
            with quiet():
                paddle2onnx.export(
                    str(graph),
                    str(parameters),
                    str(made),
                    opset_version=14,
                    auto_upgrade_opset=False,
                    enable_optimize=False,
                    enable_onnx_checker=True,
                    optimize_tool="None",
                )
            return with_vectors(made.read_bytes())
        # Its C++ part raises whatever it likes, and a broken graph may end in a missing file.
        except Exception as error:
            raise_if_of_the_machine(source.path, error)
            raise InputError(
                str(source.path),
                f"cannot be converted to ONNX ({error})",
                "Check that the folder is whole; --reference reads it without conversion.",
            ) from error
