"""What bounds new lines, by the team's own files: how many, how long, what they may not be."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path

from synth.draws import Draws
from synth.plan.plan_options import RATIO
from textlines.defects import of_lines, of_texts
from textlines.errors import UsageError
from textlines.files import open_named, unreadable
from textlines.labels.alphabet import Alphabet
from textlines.labels.canonical import MAX_LENGTH, LabelError, canonical, clusters
from textlines.labels.fitting import nothing_left
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from textlines.rules.line_rules import check_line
from textlines.rules.proportions import HIGHEST, LOWEST
from textlines.wording.counts import count_of

Cell = tuple[int, int]
"""Length in characters, and how many of them are spaces."""


_GOLDEN = 0.6180339887498949

NARROWEST_PX = 12
"""Width of one character at height 48 that nearly every face is above; for the CTC rule."""

EXCLUDED = of_texts.EXCLUDED.code


def allowed_range(originals: int) -> tuple[int, int]:
    """Return the least and the most new lines beside so many original ones.

    Raises:
        UsageError: there are too few for any.

    >>> allowed_range(4000)
    (400, 800)
    """
    least, most = -(-originals // HIGHEST), originals // LOWEST
    if most < 1 or least > most:
        raise UsageError(
            "--original",
            f"holds {count_of(originals, 'line')}; {HIGHEST}:1 to {LOWEST}:1 leaves no room for a "
            "new one",
            "Name more original lines, or say --count.",
        )
    return least, most


def count_for(originals: int, ratio: float = RATIO) -> int:
    """Return how many new lines a ratio of original to new makes, within the allowed range.

    >>> count_for(4000), count_for(4000, 5), count_for(7)
    (500, 800, 1)
    """
    least, most = allowed_range(originals)
    return max(least, min(most, round(originals / ratio)))


@dataclass(frozen=True)
class Originals:
    """The team's own lines: how many, and how often each character stands in them."""

    lines: int
    characters: Mapping[str, int]


def read_originals(path: Path, tally: Tally) -> Originals:
    """Count the usable lines of a label file and their characters.

    Raises:
        InputError: it cannot be read or holds no label.
    """
    lines, characters = 0, Counter[str]()
    for row in read_labels(path, tally=tally):
        lines += 1
        characters.update(clusters(row.label))
    if not lines:
        raise nothing_left(path, tally, what="labelled line", mend="Name another --original.")
    return Originals(lines, dict(sorted(characters.items())))


@dataclass(frozen=True)
class LineShape:
    """The cells (length, spaces) of the reference's labels, with how often each stands there."""

    cells: tuple[tuple[Cell, int], ...]

    @classmethod
    def of(cls, texts: Iterable[str]) -> "LineShape":
        """Measure texts.

        >>> LineShape.of(["a b", "cd", "e f"]).cells
        (((2, 0), 1), ((3, 1), 2))
        """
        return cls(tuple(sorted(Counter(cell_of(text) for text in texts).items())))

    @cached_property
    def _running(self) -> list[int]:
        return list(accumulate(count for _, count in self.cells))

    def cell(self, k: int, offset: float) -> Cell:
        """Return the cell that the k-th line aims at.

        Stratified: for any run of lines, each cell comes up as often as its share says, within
        one or two lines (multiples of the golden ratio spread evenly over 0..1).

        Args:
            k: the line's number. offset: in [0, 1), from the run's seed.
        """
        share = (offset + k * _GOLDEN) % 1.0
        at = bisect_right(self._running, share * self._running[-1])
        return self.cells[min(at, len(self.cells) - 1)][0]

    def within(self, longest: int) -> "LineShape":
        """Leave out the cells that are longer than a line may be.

        >>> LineShape.of(["a b", "cd"]).within(2).cells
        (((2, 0), 1),)
        """
        return LineShape(tuple(item for item in self.cells if item[0][0] <= longest))

    def length(self, draws: Draws) -> int:
        """Draw a length, for cutting long lines."""
        return draws.weighted(self.cells, self._running)[0][0]

    @property
    def longest(self) -> int:
        """Return the greatest length of the reference."""
        return max(length for (length, _), _ in self.cells)


def cell_of(text: str) -> Cell:
    """Measure one text.

    >>> cell_of("총 3,000 원")
    (9, 2)
    """
    return len(text), text.count(" ")


def distance(cell: Cell, other: Cell) -> int:
    """Return how far two cells are apart: a space counts as two characters."""
    return abs(cell[0] - other[0]) + 2 * abs(cell[1] - other[1])


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
            tally.add(of_texts.NO_READING, f"{path}:{number}")


@dataclass(frozen=True, eq=False)
class Limits:
    """The alphabet, the length limit and the texts that are kept out.

    Attributes:
        alphabet: of the model; without one, every character may be planned.
        max_length: in characters, as PaddleOCR counts.
        excluded: texts of judging sets, canonical.
    """

    alphabet: Alphabet | None = None
    max_length: int = MAX_LENGTH
    excluded: frozenset[str] = frozenset()

    def fault(self, text: str) -> str | None:
        """Return the first reason why the text may not be planned; None if it may.

        A reason is a code of the line rules, or "excluded".

        >>> limits = Limits(Alphabet(("1", "0")), 3, frozenset({"10"}))
        >>> [limits.fault(text) for text in ("01", "10", "1O", "0101")]
        [None, 'excluded', 'outside_dictionary', 'too_long']
        """
        if text in self.excluded:
            return EXCLUDED
        if self.alphabet is None:
            return of_lines.TOO_LONG.code if len(text) > self.max_length else None
        findings = check_line(
            text, self.alphabet, max_length=self.max_length, width_px=NARROWEST_PX * len(text)
        )
        return next((finding.code for finding in findings if finding.defect.is_error), None)

    def can_hold(self, char: str) -> bool:
        """Return whether a label may hold the character at all."""
        return self.alphabet is None or not self.alphabet.missing(char)
