"""A recognizer on disk, in the forms that it comes in."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from textlines.errors import InputError
from textlines.files import sha256_of

Form = Literal["base", "exported", "onnx", "checkpoint"]
"""A checkpoint is trained on from, and reads only once `train weights` has made a model of it."""

GRAPHS = ("inference.json", "inference.pdmodel")
"""The graph of an exported Paddle folder: of Paddle 3, and of Paddle 2."""

PARAMETERS = "inference.pdiparams"
CONFIGURATION = "inference.yml"

ARCHIVES = (".tar", ".tar.gz", ".tgz")
"""How the names of archives end, in which PaddleOCR offers models for download."""

_PREFERRED = ("best_accuracy.pdparams", "student.pdparams", "latest.pdparams")
"""The checkpoint of a folder of several that is taken, the first of these that is there."""

_FORMS = (
    "A model is a folder of `train weights`, an exported Paddle folder (inference.json or "
    "inference.pdmodel beside inference.pdiparams), an .onnx file or the folder of one, or a name"
)


@dataclass(frozen=True, slots=True)
class ModelSource:
    """Where a recognizer lies.

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
    """Tell what form of a model a path holds.

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
            names = ", ".join(one.name for one in graphs[:6])
            raise InputError(
                str(path), f"holds {len(graphs)} ONNX files ({names})", "Name one of them."
            )
    if graph is None:
        held = sorted(one.name for one in path.iterdir())
        told = ", ".join(held[:8]) + (", …" if len(held) > 8 else "")
        raise InputError(str(path), f"holds no model (but {told or 'nothing'})", f"{_FORMS}.")
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
    found = sorted(folder.glob("*.pdparams"))
    preferred = [folder / name for name in _PREFERRED if folder / name in found]
    if not preferred and len(found) > 1:
        names = ", ".join(one.name for one in found[:6])
        raise InputError(
            str(folder), f"holds {len(found)} checkpoints ({names})", "Name one of them."
        )
    return next(iter(preferred or found), None)


def _check_all(folder: Path, files: tuple[Path, ...]) -> None:
    missing = [file.name for file in files if not file.is_file()]
    if missing:
        raise InputError(
            str(folder),
            f"lacks {' and '.join(missing)}",
            "Copy the whole folder, or make it again.",
        )
