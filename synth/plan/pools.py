"""Lines to draw from without drawing a used-up one twice."""

from array import array
from collections.abc import Callable, Sequence
from typing import Protocol

from synth.draws import Draws
from synth.plan.shape import Cell, cell_of, distance


class Pool(Protocol):
    """Lines, by their position in a source."""

    def draw(self, draws: Draws, cell: Cell | None, is_open: Callable[[int], bool]) -> int | None:
        """Draw a line that is open; None when there is none left."""


class EvenPool:
    """Draws each entry as often as the others, whatever its length.

    Args:
        entries: positions of lines; a position may stand in it several times.
    """

    __slots__ = ("_entries",)

    def __init__(self, entries: "array[int]") -> None:
        self._entries = entries[:]

    def draw(self, draws: Draws, cell: Cell | None, is_open: Callable[[int], bool]) -> int | None:
        entries = self._entries
        while entries:
            k = draws.whole(0, len(entries))
            if is_open(entries[k]):
                return entries[k]
            # Used up for good: the last entry takes its place, so no draw meets it again.
            entries[k] = entries[-1]
            entries.pop()
        return None


class CellPool:
    """Draws a line whose length and spaces are nearest to what is asked for.

    Args:
        entries: positions of lines. texts: the lines.
    """

    __slots__ = ("_cells",)

    def __init__(self, entries: "array[int]", texts: Sequence[str]) -> None:
        self._cells: dict[Cell, EvenPool] = {}
        grouped: dict[Cell, array[int]] = {}
        for entry in entries:
            grouped.setdefault(cell_of(texts[entry]), array("I")).append(entry)
        for cell in sorted(grouped):
            self._cells[cell] = EvenPool(grouped[cell])

    def draw(self, draws: Draws, cell: Cell | None, is_open: Callable[[int], bool]) -> int | None:
        while self._cells:
            aim = cell if cell is not None else draws.pick(list(self._cells))
            near = (
                aim
                if aim in self._cells
                else min(self._cells, key=lambda have: (distance(have, aim), have))
            )
            found = self._cells[near].draw(draws, None, is_open)
            if found is not None:
                return found
            del self._cells[near]
        return None
