"""From what a user names to the files that the weights are in."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from textlines.errors import InputError
from textlines.files import open_regular
from train.models.model_sources import CONFIGURATION, PUBLISHED, resolve

_FOR_DOWNLOAD = re.compile(r"(?:_(?:infer|train|pretrained))?(?:\.pdparams|\.onnx)?$")
"""What files and folders for download have behind the published name."""

SourceKind = Literal["checkpoint", "paddle", "onnx"]


@dataclass(frozen=True, slots=True)
class Located:
    """The files of a model that is to be converted.

    Attributes:
        name: the published name if the user gave one or the folder tells it; "" if not.
        file_name: the published name that the file or its folder has for a name, as those for
            download have; "" for none. Nothing but the name says so.
        files: of paddle, the program and the weights; else the one file.
        dictionary: that belongs to it; None for none (an ONNX file may hold its own).
    """

    kind: SourceKind
    name: str
    files: tuple[Path, ...]
    dictionary: Path | None = None
    file_name: str = ""


def locate(model: str) -> Located:
    """Find the weights of a model: as every command finds it, the exported form first.

    Raises:
        InputError: there is no such model, or it is one of ours already.
    """
    source = resolve(model, "exported")
    if source.form == "base":
        raise InputError(
            model, "is a model folder of `train weights` already", "Use it as it is: --model."
        )
    published = source.name if PUBLISHED.match(source.name) else ""
    file_name = _published_as(source.path)
    if source.form == "onnx":
        told = _name_within(source.dictionary) if source.dictionary else ""
        return Located("onnx", published or told, (source.path,), source.dictionary, file_name)
    if source.form == "checkpoint":
        told = _name_within(source.path.parent / CONFIGURATION)
        return Located("checkpoint", told, source.files, file_name=file_name)
    told = _name_within(source.path / CONFIGURATION) or published
    return Located("paddle", told, source.files, source.dictionary, file_name)


def _published_as(path: Path) -> str:
    """Return the published name that a file or its folder is named after; "" for none.

    >>> _published_as(Path("PP-OCRv5_server_rec_pretrained.pdparams"))
    'PP-OCRv5_server_rec'
    >>> _published_as(Path("korean_PP-OCRv3_mobile_rec_train/best_accuracy.pdparams"))
    'korean_PP-OCRv3_mobile_rec'
    """
    for name in (path.name, path.absolute().parent.name):
        bare = _FOR_DOWNLOAD.sub("", name)
        if PUBLISHED.match(bare):
            return bare
    return ""


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
