"""Features and posteriors kept for further runs of the same base, one small file a row.

A row is named by all that it depends on: the network's weights, the image's bytes, how it was
varied, its padded width. So folds, the run after them and later rounds share what they have in
common, wherever their lists lie; nothing is ever out of date. Files of another length than a row
has are computed again. Another processor may compute other last bits.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from textlines.errors import InputError
from textlines.files import NotRegularError, read_regular, replacing_bytes
from train.models.base_folder import Tensors
from train.networks.devices import Device
from train.tuning.cache import Row, Shape

_FORM = b"features 1"
"""Of the files; another form has other names."""

Computed = tuple[npt.NDArray[np.float16], npt.NDArray[np.int32], npt.NDArray[np.float16]]
"""Features C x T, classes T x K and their shares T x K of one row."""


def network_key(tensors: Tensors, closed: Sequence[int], device: Device = "cpu") -> bytes:
    """Return what stands for a network, the classes that its targets never hold, and what reads.

    A GPU multiplies with fewer bits than a CPU: its rows are other rows.
    """
    found = hashlib.sha256(_FORM)
    for name in sorted(tensors):
        array = np.ascontiguousarray(tensors[name])
        found.update(f"{name} {array.dtype} {array.shape}\n".encode())
        found.update(array.tobytes())
    found.update(f"{sorted(closed)}{'' if device == 'cpu' else device}".encode())
    return found.digest()


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

    def place(self, image: bytes, row: Row, width: int, shape: Shape) -> Path:
        """Return the file of a row.

        Args:
            image: the bytes of its file.
        """
        found = hashlib.sha256(self.network)
        # The plain crop depends on no name and no seed.
        variant = f"{self.seed}\0{row.path}\0{row.version} {row.moves}" if row.version else ""
        sizes = f"{width} {shape.channels} {shape.steps} {shape.top}"
        found.update(f"{variant}\n{row.turn} {sizes}\n".encode())
        found.update(hashlib.sha256(image).digest())
        key = found.hexdigest()
        return self.folder / key[:2] / key[2:]

    def find(self, place: Path, shape: Shape) -> Computed | None:
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


def _parts(shape: Shape) -> tuple[tuple[np.dtype[np.generic], tuple[int, ...]], ...]:
    """Return dtype and shape of each part of a row."""
    return (
        (np.dtype("<f2"), (shape.channels, shape.steps)),
        (np.dtype("<i4"), (shape.steps, shape.top)),
        (np.dtype("<f2"), (shape.steps, shape.top)),
    )
