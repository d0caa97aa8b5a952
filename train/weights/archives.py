"""`.tar`: a model as PaddleOCR offers it for download, unpacked for as long as it is read.

Training archives hold `best_accuracy.pdparams` and a log, those for inference a program and its
parameters, each in a folder of the archive's name. An archive comes from anywhere: nothing of it is
written outside a folder of our own, no link is followed, and what its files may take is limited.
"""

import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from textlines.errors import InputError
from textlines.files import unreadable
from train.models.model_sources import ARCHIVES, GRAPHS, PARAMETERS

MOST_BYTES = 1 << 32
"""Of all files that are taken together, unpacked."""

MOST_MEMBERS = 10_000

_NEEDED = frozenset(
    {".pdparams", ".pdmodel", ".pdiparams", ".info", ".json", ".onnx", ".yml", ".yaml", ".txt"}
    | {".toml", ".npy", ".npz"}
)
"""Endings of what a model is read from; logs and states of optimizers stay in the archive."""

_CHUNK = 1 << 20
_AGAIN = "Download it again, or name another."


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A model that was unpacked.

    Attributes:
        path: what to read: a folder, or a file where the archive holds nothing else of a model.
        archive: that it came from; None where the model was named as it is.
        taken, left: names in the archive, in its order: files that were unpacked, and others.
    """

    path: str
    archive: Path | None = None
    taken: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def is_archive(path: Path) -> bool:
    """Whether a path is a file that is named as an archive is.

    >>> is_archive(Path("nowhere.tar"))
    False
    """
    return path.name.lower().endswith(ARCHIVES) and path.is_file()


@contextmanager
def unpacked(model: str) -> Iterator[Unpacked]:
    """Unpack a model for the time of a block; what is no archive is handed on as it is.

    Raises:
        InputError: the archive is broken, holds a link, a device or a path out of it, or no model
            or several. Errors about its files, from within the block too, name them as they stand
            in the archive.
    """
    archive = Path(model)
    if not is_archive(archive):
        yield Unpacked(model)
        return
    with tempfile.TemporaryDirectory(prefix="model-") as name:
        folder = Path(name).resolve()
        try:
            taken, left = _unpack(archive, folder)
            yield Unpacked(str(_model_in(archive, folder)), archive, taken, left)
        except InputError as error:
            if not error.where.startswith(str(folder)):
                raise
            within = Path(error.where).relative_to(folder).as_posix()
            where = str(archive) if within == "." else f"{archive}: {within}"
            raise type(error)(where, error.what, error.mend) from error


def _unpack(archive: Path, folder: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Write the files that a model is read from; name those and the others."""
    taken: list[str] = []
    left: list[str] = []
    size = members = 0
    try:
        with tarfile.open(archive, "r:*") as content:
            for member in content:
                members += 1
                _check(archive, member)
                if not member.isreg():
                    continue
                name = PurePosixPath(member.name)
                # What a Mac adds beside each file (`._x`) is no model.
                if name.name.startswith(".") or name.suffix.lower() not in _NEEDED:
                    left.append(member.name)
                    continue
                size += member.size
                if size > MOST_BYTES or members > MOST_MEMBERS:
                    raise InputError(
                        str(archive),
                        f"unpacks to more than {MOST_BYTES >> 30} GiB or {MOST_MEMBERS:,} files",
                        "Unpack it by hand and name the model's folder.",
                    )
                _write(archive, content, member, folder.joinpath(*name.parts))
                taken.append(member.name)
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise InputError(str(archive), f"is no whole archive ({error})", _AGAIN) from error
    except OSError as error:
        raise unreadable(archive, error, "the archive") from error
    return tuple(taken), tuple(left)


def _check(archive: Path, member: tarfile.TarInfo) -> None:
    """Refuse what would leave the folder: nobody packs a model so.

    Raises:
        InputError: the member is a link or a device, or its path leads out of the archive.
    """
    name = PurePosixPath(member.name)
    leads_out = name.is_absolute() or ".." in name.parts or any("\\" in p for p in name.parts)
    kind = "" if member.isreg() or member.isdir() else "a link or a device"
    if leads_out or kind:
        what = kind or "a path that leads out of it"
        raise InputError(
            str(archive),
            f"holds {what} ({member.name!r}); nothing of it was used",
            "Name an archive that holds plain files only.",
        )


def _write(archive: Path, content: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    if path.exists():
        raise InputError(str(archive), f"holds {member.name!r} twice", _AGAIN)
    path.parent.mkdir(parents=True, exist_ok=True)
    source = content.extractfile(member)
    if source is None:
        raise tarfile.ReadError(f"{member.name} has no content")
    with source, path.open("wb") as out:
        while chunk := source.read(_CHUNK):
            out.write(chunk)


def _model_in(archive: Path, folder: Path) -> Path:
    """Find the model: the one folder with a program or a checkpoint, or the one ONNX file.

    Raises:
        InputError: there is none, or there are several.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    programs = (*GRAPHS, PARAMETERS)
    exported = {path.parent for path in files if path.name in programs}
    trained = {path.parent for path in files if path.suffix == ".pdparams"} - exported
    models = sorted(exported | trained)
    if not models:
        models = [path for path in files if path.suffix == ".onnx"]
    if len(models) == 1:
        return models[0]
    names = ", ".join(path.relative_to(folder).as_posix() for path in models[:6])
    raise InputError(
        str(archive),
        f"holds {len(models)} models ({names})" if models else "holds no model",
        "Unpack it and name one of them."
        if models
        else "A model's archive holds a .pdparams file, inference.json or inference.pdmodel beside "
        "inference.pdiparams, or an .onnx file.",
    )
