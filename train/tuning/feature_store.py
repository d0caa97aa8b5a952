"""Features and posteriors of lines, computed once and kept on disk, for a run and for later ones.

A run has a folder for what is computed with its base model: in it two arrays for each padded
width, and one byte for each row that is done, so that a killed run goes on where it was.

Further runs of the same base share a folder of small files, one a row. A row is named by all that
it depends on: the network's weights, the image's bytes, how it was varied, its padded width. So
folds, the run after them and later rounds share what they have in common, wherever their lists
lie; nothing is ever out of date. Files of another length than a row has are computed again. Another
processor may compute other last bits.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from textlines.errors import InputError
from textlines.files import NotRegularError, read_regular, replacing_bytes, unwritable
from textlines.formats.predictions import Turn
from textlines.pixels.resize import STRIDE
from train.models.base_folder import Tensors
from train.networks.devices import Device
from train.tuning.train_plan import StepPlan
from train.tuning.training_lines import TrainingLine

_FORM = b"features 1"
"""Of the files; another form has other names."""


class LineVariant(NamedTuple):
    """What is shown of a line; the fields are those of `crop_loading.Wanted` behind the file."""

    path: str
    version: int
    turn: Turn = 0
    moves: bool = False


@dataclass(frozen=True, slots=True)
class RowShape:
    """Sizes of what is kept for a line of a width: features C x T, posteriors T x K.

    Without channels only posteriors are kept.
    """

    channels: int
    steps: int
    top: int


class WidthStore:
    """The rows of one padded width.

    Attributes:
        rows: which line and variant each row is of, in the order of the arrays.
        shape: of what is kept for each.
    """

    def __init__(
        self, folder: Path, width: int, rows: Sequence[LineVariant], shape: RowShape
    ) -> None:
        """Open the arrays, or make them.

        Raises:
            InputError: the disk is full, or the files are of other sizes.
        """
        self.rows, self.shape = tuple(rows), shape
        self._at = {row: number for number, row in enumerate(self.rows)}
        count = len(self.rows)
        stem = folder / f"w{width:04d}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.features = None
            if shape.channels:
                self.features = _array(
                    stem.with_suffix(".features.npy"),
                    (count, shape.channels, shape.steps),
                    np.dtype(np.float16),
                )
            self.classes = _array(
                stem.with_suffix(".classes.npy"),
                (count, shape.steps, shape.top),
                np.dtype(np.int32),
            )
            self.shares = _array(
                stem.with_suffix(".shares.npy"),
                (count, shape.steps, shape.top),
                np.dtype(np.float16),
            )
            self._done = _array(stem.with_suffix(".done.npy"), (count,), np.dtype(np.uint8))
        except OSError as error:
            raise unwritable(folder, error) from error

    def missing(self) -> Iterator[int]:
        """Yield the rows that are still to be computed."""
        yield from (int(at) for at in np.flatnonzero(self._done == 0))

    def put(
        self,
        numbers: Sequence[int],
        features: npt.NDArray[np.float16],
        classes: npt.NDArray[np.int32],
        shares: npt.NDArray[np.float16],
    ) -> None:
        """Keep some rows; they count as done once all of them are written."""
        rows = list(numbers)
        if self.features is not None:
            self.features[rows] = features
        self.classes[rows] = classes
        self.shares[rows] = shares
        self._done[rows] = 1

    def row_of(self, row: LineVariant) -> int:
        """Return the number of a line's row."""
        return self._at[row]

    def flush(self) -> None:
        """Write all to the disk.

        Raises:
            InputError: it is full.
        """
        for array in (self.features, self.classes, self.shares, self._done):
            if array is None:
                continue
            try:
                array.flush()
            except OSError as error:
                raise unwritable(Path(str(array.filename)), error) from error


def _array(path: Path, shape: tuple[int, ...], dtype: "np.dtype[np.generic]") -> Any:
    """Open an array on disk, or make it full of zeros.

    Raises:
        InputError: the file is of another size or kind.
        OSError: the disk is full, or the file cannot be opened.
    """
    if not path.exists():
        partial = path.with_name(f"{path.name}.part")
        made: Any = np.lib.format.open_memmap(  # type: ignore[no-untyped-call]
            partial, mode="w+", dtype=dtype, shape=shape
        )
        # A file with holes would fail only when it is written to, by a signal.
        with partial.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, partial.stat().st_size)
        made.flush()
        partial.replace(path)
    try:
        opened_array: Any = np.lib.format.open_memmap(path, mode="r+")  # type: ignore[no-untyped-call]
    except ValueError as error:
        raise InputError(
            str(path), f"is broken ({error})", "Delete the run's cache/ folder."
        ) from error
    if opened_array.shape != shape or opened_array.dtype != dtype:
        raise InputError(
            str(path),
            f"is {opened_array.shape} {opened_array.dtype}, not {shape} {dtype}",
            "It belongs to another plan: delete the run's cache/ folder.",
        )
    return opened_array


@dataclass(frozen=True, slots=True)
class Needed:
    """What the epochs of a run need: rows by padded width, each once, in order."""

    rows: dict[int, tuple[LineVariant, ...]]

    @classmethod
    def of(
        cls,
        epochs: Sequence[Sequence[TrainingLine]],
        plan: StepPlan,
        *,
        features: bool,
    ) -> "Needed":
        """List the lines of all epochs with the variants that they are shown in.

        Args:
            epochs: the lines of each epoch that is run, in order.
            features: all lines are needed; else only distilled ones.
        """
        needed: dict[int, set[LineVariant]] = {}
        for epoch, lines in enumerate(epochs):
            for line in lines:
                if features or line.is_distilled:
                    needed.setdefault(line.width, set()).add(row_of(line, epoch, plan))
        return cls({width: tuple(sorted(rows)) for width, rows in sorted(needed.items())})

    def __len__(self) -> int:
        return sum(map(len, self.rows.values()))


def row_of(line: TrainingLine, epoch: int, plan: StepPlan) -> LineVariant:
    """Name what an epoch shows of a line: each variant in turn, the plain one first.

    Rendered lines carry effects already and are shown as they are. A labelled line that stands
    several times in a list is shown in several variants.
    """
    versions = plan.versions if line.is_distilled else plan.labelled_versions
    if line.is_rendered or plan.augment == "none":
        versions = 1
    version = (epoch + line.copy) % versions
    return LineVariant(line.path, version, line.turn, moves=version > 0 and not line.is_distilled)


def opened(
    folder: Path, needed: Needed, *, channels: int, classes: int, plan: StepPlan
) -> dict[int, WidthStore]:
    """Open the store of each padded width.

    Args:
        channels: of the features; 0 keeps posteriors only.

    Raises:
        InputError: the disk is full, or the folder belongs to another plan.
    """
    top = min(plan.distil_top, classes)
    return {
        width: WidthStore(folder, width, rows, RowShape(channels, width // STRIDE, top))
        for width, rows in needed.rows.items()
    }


Computed = tuple[npt.NDArray[np.float16], npt.NDArray[np.int32], npt.NDArray[np.float16]]
"""Features C x T, classes T x K and their shares T x K of one row."""


def network_key(tensors: Tensors, closed: Sequence[int], device: Device = "cpu") -> bytes:
    """Return what stands for a network, the classes that its targets never hold, and what reads.

    A GPU multiplies with fewer bits than a CPU: its rows are other rows.
    """
    digest = hashlib.sha256(_FORM)
    for name in sorted(tensors):
        array = np.ascontiguousarray(tensors[name])
        digest.update(f"{name} {array.dtype} {array.shape}\n".encode())
        digest.update(array.tobytes())
    digest.update(f"{sorted(closed)}{'' if device == 'cpu' else device}".encode())
    return digest.digest()


@dataclass(frozen=True, slots=True)
class KeptFeatures:
    """A folder of rows.

    Attributes:
        folder: made when the first row is kept.
        network: of `network_key`. seed: of the variants.
    """

    folder: Path
    network: bytes
    seed: int

    def place(self, image: bytes, row: LineVariant, width: int, shape: RowShape) -> Path:
        """Return the file of a row.

        Args:
            image: the bytes of its file.
        """
        digest = hashlib.sha256(self.network)
        # The plain crop depends on no name and no seed.
        variant = f"{self.seed}\0{row.path}\0{row.version} {row.moves}" if row.version else ""
        sizes = f"{width} {shape.channels} {shape.steps} {shape.top}"
        digest.update(f"{variant}\n{row.turn} {sizes}\n".encode())
        digest.update(hashlib.sha256(image).digest())
        key = digest.hexdigest()
        return self.folder / key[:2] / key[2:]

    def find(self, place: Path, shape: RowShape) -> Computed | None:
        """Return a row, or None where it is not there or is no whole row."""
        try:
            content = read_regular(place)
        except (FileNotFoundError, NotRegularError):
            return None
        arrays, at = [], 0
        for dtype, form in _parts(shape):
            count = int(np.prod(form))
            if at + count * dtype.itemsize > len(content):
                return None
            arrays.append(np.frombuffer(content, dtype, count, at).reshape(form))
            at += count * dtype.itemsize
        return (arrays[0], arrays[1], arrays[2]) if at == len(content) else None

    def keep(self, place: Path, row: Computed) -> None:
        """Write a row, whole or not at all.

        Raises:
            InputError: it cannot be written.
        """
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(
                str(self.folder), f"no folder can be made in it ({error.strerror})", ""
            ) from error
        with replacing_bytes(place) as out:
            for array in row:
                out.write(np.ascontiguousarray(array).tobytes())


def _parts(shape: RowShape) -> tuple[tuple[np.dtype[np.generic], tuple[int, ...]], ...]:
    """Return dtype and shape of each part of a row."""
    return (
        (np.dtype("<f2"), (shape.channels, shape.steps)),
        (np.dtype("<i4"), (shape.steps, shape.top)),
        (np.dtype("<f2"), (shape.steps, shape.top)),
    )
