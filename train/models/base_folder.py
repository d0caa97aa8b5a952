"""`base/`: a recognizer as this project keeps it. Needs no Paddle.

`model.toml` says what it is, `weights.npz` holds the tensors under PaddleOCR's names,
`dictionary.txt` the entries, `inference.onnx` the same network as onnxruntime reads it,
`history.json` what its steps have seen. A graph that came as a Paddle program has that beside it
(`inference.json` or `inference.pdmodel`).
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from textlines.array_files import read_npz
from textlines.errors import InputError
from textlines.files import read_text, sha256_of, unwritable
from textlines.formats.history import History, write_history
from textlines.installing import installed_versions
from textlines.labels.alphabet import Alphabet
from textlines.parsing import parse_toml, to_toml
from textlines.partials import partial_folder, sweep, take_place
from train.models.model_sources import GRAPHS, MODEL
from train.models.records import GRAPH, TURN, Turning, checked_turning
from train.networks.graph_spec import GraphSpec, Spec
from train.networks.spec import NetworkSpec, dictionary_fault

FORMAT = 1
"""Of the folder. One of another version is refused."""

WEIGHTS = "weights.npz"

DICTIONARY = "dictionary.txt"


Tensors = Mapping[str, npt.NDArray[np.float32]]

Precision = Literal["fp32", "fp16"]

_MAKE_AGAIN = "Make the folder again with `train weights`."


_LIBRARIES = ("ocr-mend", "numpy", "onnxruntime", "paddle2onnx", "paddlepaddle", "paddlepaddle-gpu")


def refuse_foreign(path: Path, is_ours: Callable[[Path], bool]) -> None:
    """Refuse a place that a new folder may not take; called before the work as well.

    Raises:
        InputError: `path` is a file, or holds what `is_ours` does not tell to be of its kind.
    """
    if path.exists() and not path.is_dir():
        raise InputError(str(path), "is a file", "Name a folder with --out.")
    if path.is_dir() and any(path.iterdir()) and not is_ours(path):
        raise InputError(
            str(path), "holds other files, which would be lost", "Name a new or empty folder."
        )


@contextmanager
def appearing(path: Path, is_ours: Callable[[Path], bool]) -> Iterator[Path]:
    """Yield a folder to fill that takes the place of `path` when the block ends well.

    What `path` held before stays until then: an empty folder, or one that `is_ours` tells to be
    of the same kind. After an error nothing of the new folder is left.

    Raises:
        InputError: `path` is a file or holds something else, or cannot be written.
    """
    place = Path(os.path.realpath(path))
    # A kill while one folder took another's place left the old one to be put back.
    sweep(place.parent)
    refuse_foreign(path, is_ours)
    partial = None
    try:
        with partial_folder(place) as partial:
            yield partial
            for file in sorted(partial.iterdir()):
                with file.open("rb") as written:
                    os.fsync(written.fileno())
            take_place(partial, place)
    except OSError as error:
        if partial is None or error.filename is None or str(partial) in str(error.filename):
            raise unwritable(path, error) from error
        raise


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the weights came from.

    Attributes:
        kind: "checkpoint", "paddle" (exported folder) or "onnx".
        files: name, without folders, and sha256 of each file that was read.
        tensors: what was found, used, dropped, by reason.
        models: of a distillation checkpoint, the models in it, the one that was taken first.
    """

    kind: str
    files: Mapping[str, str]
    tensors: Mapping[str, int]
    models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parity:
    """How near two readings of the same lines are.

    Attributes:
        of: which two, in words.
        lines: how many were read by both.
        largest: difference of a class's probability, over all lines and time steps.
        same_text: lines that both read alike.
        tolerance: what `largest` may be, but on lines that float32 rounding moves by more.
        beyond: how many such lines there are.
        ties: of the other lines, those where the two best classes of a time step are nearer than
            the tolerance lets two readings be apart: no text is right there.
    """

    of: str
    lines: int
    largest: float
    same_text: int
    tolerance: float
    beyond: int = 0
    ties: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseFolder:
    """A recognizer on disk, checked: files whole, dictionary of the network's length.

    Attributes:
        path: of the folder.
        spec: the network.
        alphabet: of its classes.
        precision: of the tensors at their source; `weights.npz` holds float32 always.
        source, parity: where it came from and how near it reads to that.
        versions: of the libraries that made the folder.
        turning: whether crops are to be read in their turns.
        program: of a graph that came as a Paddle program, that program, without weights.
    """

    path: Path
    spec: Spec
    alphabet: Alphabet
    precision: Precision
    source: Source
    parity: tuple[Parity, ...]
    versions: Mapping[str, str]
    turning: Turning = "off"
    program: Path | None = None

    @property
    def weights_path(self) -> Path:
        """Name the file of tensors."""
        return self.path / WEIGHTS

    @property
    def graph_path(self) -> Path:
        """Name the ONNX file: input N x 3 x 48 x W, output N x T x classes probabilities."""
        return self.path / GRAPH

    @property
    def dictionary_path(self) -> Path:
        """Name the dictionary file."""
        return self.path / DICTIONARY

    @property
    def model_files(self) -> tuple[Path, ...]:
        """The files that the model is read from: a history beside it names their hashes."""
        return (self.weights_path, self.graph_path)

    def tensors(self) -> Tensors:
        """Read the tensors, float32, by PaddleOCR's parameter names, in the network's order.

        Raises:
            InputError: the file is no archive of plain arrays.
        """
        arrays = read_npz(self.weights_path, "the file of tensors", _MAKE_AGAIN)
        return {name: np.asarray(array, np.float32) for name, array in arrays.items()}


def is_base(path: Path) -> bool:
    """Whether a folder looks like a base folder."""
    return (path / MODEL).is_file() and (path / WEIGHTS).is_file()


def read_base(path: Path) -> BaseFolder:
    """Read and check a base folder: all files there, with the hashes that `model.toml` names.

    Raises:
        InputError: the folder is none, or a file of it is missing, changed or of another model.
    """
    about = path / MODEL
    if not path.is_dir() or not about.is_file():
        raise InputError(
            str(path),
            f"is no model folder (it holds no {MODEL})",
            "Make one: train weights NAME_OR_PATH --out FOLDER.",
        )
    what = "the model's description"
    content = parse_toml(read_text(about, what), str(about), what, _MAKE_AGAIN)
    if content.get("format") != FORMAT:
        raise InputError(
            str(about), f"is of format {content.get('format')}, not {FORMAT}", _MAKE_AGAIN
        )
    try:
        return _checked(path, content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"lacks {error}" if isinstance(error, KeyError) else f"is broken ({error})"
        raise InputError(str(about), what, _MAKE_AGAIN) from error


def _checked(path: Path, content: Mapping[str, Any]) -> BaseFolder:
    for name, known in content["files"].items():
        if not (path / name).is_file():
            raise InputError(str(path / name), "is not there", _MAKE_AGAIN)
        if sha256_of(path / name) != known:
            raise InputError(
                str(path / name), f"is not the file that {MODEL} describes", _MAKE_AGAIN
            )
    spec = _spec_of(path, content["network"])
    alphabet = Alphabet.read(path / DICTIONARY, content["dictionary"]["use_space_char"])
    if alphabet.classes != spec.classes:
        raise dictionary_fault(
            str(path / DICTIONARY), len(alphabet.entries), alphabet.use_space_char, spec.classes
        )
    return BaseFolder(
        path=path,
        spec=spec,
        alphabet=alphabet,
        precision=content["precision"],
        source=_source(content["source"]),
        parity=tuple(Parity(of=of, **figures) for of, figures in content["parity"].items()),
        versions=content["versions"],
        turning=checked_turning(content.get(TURN, "off"), str(path / MODEL)),
        program=next((path / name for name in GRAPHS if name in content["files"]), None),
    )


def _source(content: Mapping[str, Any]) -> Source:
    return Source(**{**content, "models": tuple(content.get("models", ()))})


def _spec_of(path: Path, network: Mapping[str, Any]) -> Spec:
    if network.get("family") == "graph":
        return GraphSpec.of_table(network, (path / GRAPH).read_bytes())
    return NetworkSpec(**(dict(network) | {"kernel": tuple(network["kernel"])}))


def write_base(
    path: Path,
    *,
    spec: Spec,
    tensors: Tensors,
    alphabet: Alphabet,
    write_graph: Callable[[Path], Parity | None],
    source: Source,
    precision: Precision = "fp32",
    parity: tuple[Parity, ...] = (),
    versions: Mapping[str, str] | None = None,
    history: History | None = None,
    turning: Turning = "off",
    program: Path | None = None,
) -> BaseFolder:
    """Write a base folder, whole or not at all, and read it back.

    Args:
        path: of the folder. One that is there already is replaced if it is a base folder or
            empty.
        tensors: float32 by name, in the network's order.
        write_graph: writes the ONNX file to the path that it is given, and says how near that
            file reads to the network if it was compared.
        history: of what the weights have seen; None writes none, and nobody knows.
        turning: whether crops are to be read in their turns, for the record.
        program: the Paddle program that a graph was converted from; a copy is kept.

    Raises:
        InputError: the folder holds something else, or cannot be written.
    """
    if alphabet.classes != spec.classes:
        raise dictionary_fault(
            "dictionary", len(alphabet.entries), alphabet.use_space_char, spec.classes
        )
    with appearing(path, is_ours=is_base) as partial:
        # Entries may hold a CR or start with what looks like a byte order mark; both read back.
        text = "".join(f"{entry}\n" for entry in alphabet.entries)
        (partial / DICTIONARY).write_bytes(text.encode("utf-8"))
        # numpy dates all members 1980: the same tensors give the same bytes.
        with (partial / WEIGHTS).open("wb") as out:
            np.savez(out, allow_pickle=False, **tensors)
        of_graph = write_graph(partial / GRAPH)
        proven = (*parity, of_graph) if of_graph else parity
        kept = [DICTIONARY, WEIGHTS, GRAPH]
        if program is not None:
            shutil.copyfile(program, partial / program.name)
            kept.append(program.name)
        files = {name: sha256_of(partial / name) for name in kept}
        if history is not None:
            write_history(history, partial, model=files)
        content = {
            "format": FORMAT,
            "precision": precision,
            **({} if turning == "off" else {TURN: turning}),
            "network": spec.table(),
            "dictionary": alphabet.table(),
            "files": files,
            "source": {key: value for key, value in asdict(source).items() if value != ()},
            "parity": {proof.of: _figures(proof) for proof in proven},
            "versions": dict(versions or {}),
        }
        (partial / MODEL).write_text(to_toml(content), encoding="utf-8", newline="\n")
        if read_base(partial).alphabet.entries != alphabet.entries:
            raise InputError(
                str(path / DICTIONARY),
                "would not read back as it is (an entry ends in CR, or the first is a BOM)",
                "Mend that entry in the model's dictionary.",
            )
    return read_base(path)


def _figures(parity: Parity) -> dict[str, Any]:
    return {key: value for key, value in asdict(parity).items() if key != "of"}


def library_versions() -> dict[str, str]:
    """Return the versions of what a model that is written depends on."""
    return installed_versions(_LIBRARIES)
