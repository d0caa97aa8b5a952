"""How long lines are and how many spaces they hold: taken over from a reference label file."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path

from synth.draws import Draws
from textlines.files import open_named, unreadable
from textlines.labels.canonical import LabelError, canonical
from textlines.labels.fitting import nothing_left
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally

Cell = tuple[int, int]
"""Length in characters, and how many of them are spaces."""

NO_READING = "no_reading"

_GOLDEN = 0.6180339887498949


@dataclass(frozen=True)
class Shape:
    """The cells (length, spaces) of the reference's labels, with how often each stands there."""

    cells: tuple[tuple[Cell, int], ...]

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Shape":
        """Measure texts.

        >>> Shape.of(["a b", "cd", "e f"]).cells
        (((2, 0), 1), ((3, 1), 2))
        """
        return cls(tuple(sorted(Counter(cell_of(text) for text in texts).items())))

    @cached_property
    def _running(self) -> list[int]:
        return list(accumulate(count for _, count in self.cells))

    def cell(self, k: int, offset: float) -> Cell:
        """Give the cell that the k-th line aims at.

        Stratified: for any run of lines, each cell comes up as often as its share says, within
        one or two lines (multiples of the golden ratio spread evenly over 0..1).

        Args:
            k: the line's number. offset: in [0, 1), from the run's seed.
        """
        share = (offset + k * _GOLDEN) % 1.0
        at = bisect_right(self._running, share * self._running[-1])
        return self.cells[min(at, len(self.cells) - 1)][0]

    def within(self, longest: int) -> "Shape":
        """Leave out the cells that are longer than a line may be.

        >>> Shape.of(["a b", "cd"]).within(2).cells
        (((2, 0), 1),)
        """
        return Shape(tuple(item for item in self.cells if item[0][0] <= longest))

    def length(self, draws: Draws) -> int:
        """Draw a length, for cutting long lines."""
        return draws.weighted(self.cells, self._running)[0][0]

    @property
    def longest(self) -> int:
        """Give the greatest length of the reference."""
        return max(length for (length, _), _ in self.cells)


def cell_of(text: str) -> Cell:
    """Measure one text.

    >>> cell_of("총 3,000 원")
    (9, 2)
    """
    return len(text), text.count(" ")


def distance(one: Cell, other: Cell) -> int:
    """Say how far two cells are apart: a space counts as two characters."""
    return abs(one[0] - other[0]) + 2 * abs(one[1] - other[1])


def read_like(path: Path, tally: Tally) -> tuple[str, ...]:
    """Read the labels of a label file, or the readings of a `predictions.jsonl`.

    What is odd about the file is counted in `tally`; crops that could not be read or hold nothing
    count as "no_reading".

    Raises:
        InputError: the file cannot be read or holds no label.
    """
    texts = tuple(_readings(path, tally) if _has_readings(path) else _labels(path, tally))
    if not texts:
        raise nothing_left(path, tally, what="label to be like", mend="Name another --like.")
    return texts


def _labels(path: Path, tally: Tally) -> Iterator[str]:
    return (row.label for row in read_labels(path, tally=tally))


def _has_readings(path: Path) -> bool:
    try:
        with open_named(path) as file:
            return file.peek(1)[:1] == b"{"
    except OSError as error:
        raise unreadable(path, error, "the label file") from error


def _readings(path: Path, tally: Tally) -> Iterator[str]:
    from textlines.formats.predictions import read_outcomes  # label files need no reader of these

    for number, outcome in enumerate(read_outcomes(path), 1):
        try:
            yield canonical(" ".join(outcome.text.split()))
        except LabelError:
            tally.add(NO_READING, f"{path}:{number}")
