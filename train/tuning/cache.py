"""Features and posteriors of lines, computed once and kept on disk, row by row.

One folder for what is computed with one base model; in it two arrays for each padded width, and
one byte for each row that is done, so that a killed run goes on where it was.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from textlines.errors import InputError
from textlines.files import unwritable
from textlines.formats.predictions import Turn


class Row(NamedTuple):
    """What is shown of a line; the fields are those of `variants.Wanted` behind the file."""

    path: str
    version: int
    turn: Turn = 0
    moves: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
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

    def __init__(self, folder: Path, width: int, rows: Sequence[Row], shape: Shape) -> None:
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
        """Give the rows that are still to be computed."""
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

    def row_of(self, row: Row) -> int:
        """Give the number of a line's row."""
        return self._at[row]

    def flush(self) -> None:
        """Write all to the disk.

        Raises:
            InputError: it is full.
        """
        for one in (self.features, self.classes, self.shares, self._done):
            if one is None:
                continue
            try:
                one.flush()
            except OSError as error:
                raise unwritable(Path(str(one.filename)), error) from error


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
        found: Any = np.lib.format.open_memmap(path, mode="r+")  # type: ignore[no-untyped-call]
    except ValueError as error:
        raise InputError(
            str(path), f"is broken ({error})", "Delete the run's cache/ folder."
        ) from error
    if found.shape != shape or found.dtype != dtype:
        raise InputError(
            str(path),
            f"is {found.shape} {found.dtype}, not {shape} {dtype}",
            "It belongs to another plan: delete the run's cache/ folder.",
        )
    return found
