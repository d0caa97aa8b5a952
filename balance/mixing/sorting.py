"""Lines brought into the order of their keys: in memory, or on disk where they outgrow it.

What outgrows memory is written as sorted runs, and those are merged by ranges of the key, whose
values are spread evenly (external merge sort: Knuth, The Art of Computer Programming 3, 5.4).
"""

import mmap
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from balance.mixing.lots import Lot, order_of
from balance.mixing.option_values import LEAST_MEMORY
from balance.mixing.slices import SLACK, Bytes, Ints, gather
from textlines.files import unwritable
from textlines.formats.roles import Role
from textlines.partials import partial_folder

STORE = ".mix-store"
"""What the name of the folder starts with."""

_MOST_RUN = 128 << 20
_LINE_BYTES = 32
"""What the columns of a line take."""

_LINES = 1 << 18
"""Lines copied together."""

_EDGES = 1 << 12
"""Ranges of the key that a run knows its lines of."""

_ROW = np.dtype(
    [("keys", "<u8"), ("path_lengths", "<i4"), ("lengths", "<i4"), ("sizes", "<i4"),
     ("origins", "<i4")]
)  # fmt: skip


@dataclass(slots=True)
class LineSpace:
    """Where lines are kept: in memory as far as it does, and beyond in a folder of its own.

    Made by `line_space`. Counts what is held.

    Attributes:
        memory: bytes that lines may take. is_on_disk: whether nothing is to stay there.
    """

    within: Path
    memory: int
    is_on_disk: bool
    held: ExitStack
    used: int = 0
    _made: Path | None = field(default=None)
    _files: int = 0

    @property
    def most_run(self) -> int:
        """Return the bytes of lines that are sorted together: a copy of them has room too."""
        most = max(LEAST_MEMORY, self.memory - self.used) // 2
        return min(most // 2, _MOST_RUN) if self.is_on_disk else most

    def new_file(self) -> Path:
        """Name a file that is not there yet.

        Raises:
            MendError: no folder can be made for it.
        """
        if self._made is None:
            try:
                self._made = self.held.enter_context(partial_folder(self.within / STORE))
            except OSError as error:
                raise unwritable(self.within, error) from error
        self._files += 1
        return self._made / f"{self._files}"


@contextmanager
def line_space(
    folder: Path | None, memory: int, *, is_on_disk: bool = False
) -> Iterator[LineSpace]:
    """Open a space whose files, if any, lie inside `folder`; they go at the end.

    Args:
        folder: None takes the system's folder for temporary files.
        memory: in bytes.
    """
    with ExitStack() as held:
        yield LineSpace(folder or Path(tempfile.gettempdir()), memory, is_on_disk, held)


@dataclass(frozen=True, slots=True)
class _Run:
    """Sorted lines in two files, and where in them each range of the key begins."""

    rows: Path
    texts: Path
    row_edges: Ints
    text_edges: Ints


class LineSorter:
    """Brings the lines of some label files into the order of their keys.

    Grows by what is added, and is sealed once.

    Args:
        space: for lines that outgrow memory; None for none.
        stays: whether the lines stay in memory, however many they are.
    """

    def __init__(self, space: LineSpace | None, *, stays: bool) -> None:
        self._space = None if stays else space
        self._runs: list[_Run] = []
        self._clear()

    def _clear(self) -> None:
        self._texts = bytearray()
        self._rows: list[npt.NDArray[np.void]] = []
        self._starts: list[Ints] = []
        self._count = 0

    def add(
        self, buffer: Bytes, size: int, starts: Ints, columns: Mapping[str, npt.NDArray[np.generic]]
    ) -> None:
        """Add lines of a buffer, of which `size` bytes are copied.

        Args:
            starts: of the lines in the buffer.
            columns: path_lengths, lengths, sizes, origins and keys, as in `Lot`.

        Raises:
            MendError: they outgrow memory, and cannot be written.
        """
        if not len(starts):
            return
        rows = np.empty(len(starts), _ROW)
        for name in _ROW.names or ():
            rows[name] = columns[name]
        self._rows.append(rows)
        self._starts.append(starts + len(self._texts))
        self._texts += memoryview(buffer[:size])  # type: ignore[arg-type]
        self._count += len(starts)
        bytes_held = len(self._texts) + _LINE_BYTES * self._count
        if self._space and bytes_held > self._space.most_run:
            self._spill(self._space)

    def seal(self, roles: Mapping[int, Role]) -> Lot:
        """Return all lines that were added. The sorter is empty afterwards.

        Args:
            roles: of the label files, by their number.

        Raises:
            MendError: they outgrow memory, and cannot be written.
        """
        space = self._space
        if space and (self._runs or (space.is_on_disk and self._count)):
            self._spill(space)
            return _merged(space, self._runs, roles)
        lot = self._sorted(roles)
        if space:
            space.used += len(lot.texts) + _LINE_BYTES * len(lot)
        return lot

    def _sorted(self, roles: Mapping[int, Role]) -> Lot:
        self._texts += bytes(SLACK)
        texts = np.frombuffer(self._texts, np.uint8)
        starts = np.concatenate([np.zeros(0, np.int64), *self._starts])
        rows = np.concatenate([np.zeros(0, _ROW), *self._rows])
        self._clear()
        order = order_of(rows["keys"])
        return Lot(texts, starts[order], roles=roles, **_columns_of(rows[order]))

    def _spill(self, space: LineSpace) -> None:
        if not self._count:
            return
        lot = self._sorted({})
        rows, texts = space.new_file(), space.new_file()
        try:
            with rows.open("wb") as rows_out, texts.open("wb") as texts_out:
                for low in range(0, len(lot), _LINES):
                    some = slice(low, low + _LINES)
                    block, _ = gather(lot.texts, lot.starts[some], lot.lengths[some])
                    texts_out.write(block[:-SLACK].data)
                    row = np.empty(len(lot.keys[some]), _ROW)
                    for name in _ROW.names or ():
                        row[name] = getattr(lot, name)[some]
                    rows_out.write(row.data)
        except OSError as error:
            raise unwritable(space.within, error) from error
        ranges = (np.arange(1, _EDGES, dtype=np.uint64) << np.uint64(52)).astype(np.uint64)
        inner = np.searchsorted(lot.keys, ranges)
        row_edges = np.concatenate(([0], inner, [len(lot)])).astype(np.int64)
        ends = np.concatenate(([0], np.cumsum(lot.lengths + 1, dtype=np.int64)))
        self._runs.append(_Run(rows, texts, row_edges, ends[row_edges]))


_TYPES: Mapping[str, Any] = {
    "texts": "u1",
    "starts": "<i8",
    **{name: _ROW[name] for name in _ROW.names or ()},
}
"""Of the columns of a lot, each in a file of its own."""


def _merged(space: LineSpace, sorted_runs: Sequence[_Run], roles: Mapping[int, Role]) -> Lot:
    """Merge runs into files of one column each, and map those."""
    places = {name: space.new_file() for name in _TYPES}
    offset = 0
    try:
        with ExitStack() as opened:
            outs = {name: opened.enter_context(place.open("wb")) for name, place in places.items()}
            # Rows and texts stand four times in memory while they are merged.
            for low, high in _ranges(sorted_runs, space.most_run // 4):
                rows, texts, offset = _merge_range(sorted_runs, low, high, offset)
                outs["texts"].write(texts.data)
                for name, column in rows.items():
                    outs[name].write(column.data)
            outs["texts"].write(bytes(SLACK))
        for run in sorted_runs:
            run.rows.unlink()
            run.texts.unlink()
    except OSError as error:
        raise unwritable(space.within, error) from error
    maps = {name: _mapped(place) for name, place in places.items()}
    columns: dict[str, Any] = {
        name: np.frombuffer(mapped, _TYPES[name]) for name, mapped in maps.items()
    }
    return Lot(**columns, roles=roles, maps=tuple(maps.values()))


def _ranges(sorted_runs: Sequence[_Run], most: int) -> Iterator[tuple[int, int]]:
    """Cut the ranges of the key into neighbours that are merged together."""
    sizes = sum(
        np.diff(run.text_edges) + _LINE_BYTES * np.diff(run.row_edges) for run in sorted_runs
    )
    upto = np.concatenate(([0], np.cumsum(sizes)))
    low = 0
    while low < _EDGES:
        high = max(low + 1, int(np.searchsorted(upto, upto[low] + most, "right")) - 1)
        yield low, high
        low = high


def _merge_range(
    sorted_runs: Sequence[_Run], low: int, high: int, offset: int
) -> tuple[dict[str, Any], Bytes, int]:
    """Sort the lines of neighbouring ranges of the key; also where the next text begins."""
    parts, pieces = [], []
    for run in sorted_runs:
        at, to = (int(run.row_edges[edge]) for edge in (low, high))
        parts.append(np.fromfile(run.rows, _ROW, to - at, offset=at * _ROW.itemsize))
        at, to = (int(run.text_edges[edge]) for edge in (low, high))
        pieces.append(np.fromfile(run.texts, np.uint8, to - at, offset=at))
    rows = np.concatenate(parts)
    buffer = np.concatenate([*pieces, np.zeros(SLACK, np.uint8)])
    lengths = rows["lengths"]
    starts = np.cumsum(lengths + 1, dtype=np.int64) - lengths - 1
    order = order_of(rows["keys"])
    texts, places = gather(buffer, starts[order], lengths[order])
    texts = texts[:-SLACK]
    return {"starts": places + offset, **_columns_of(rows[order])}, texts, offset + len(texts)


def _columns_of(rows: npt.NDArray[np.void]) -> dict[str, Any]:
    return {name: np.ascontiguousarray(rows[name]) for name in _ROW.names or ()}


def _mapped(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
