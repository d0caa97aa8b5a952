"""How many lines a run may have beside the team's own."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from textlines.errors import UsageError
from textlines.labels.canonical import clusters
from textlines.labels.fitting import nothing_left
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from textlines.rules.proportions import HIGHEST, LOWEST

RATIO = 8.0
"""Original lines beside one new line, where nothing else is asked for."""


def allowed_range(originals: int) -> tuple[int, int]:
    """Give the least and the most new lines beside so many original ones.

    Raises:
        UsageError: there are too few for any.

    >>> allowed_range(4000)
    (400, 800)
    """
    least, most = -(-originals // HIGHEST), originals // LOWEST
    if most < 1 or least > most:
        raise UsageError(
            "--original",
            f"holds {originals} lines; {HIGHEST}:1 to {LOWEST}:1 leaves no room for a new one",
            "Name more original lines, or say --count.",
        )
    return least, most


def count_for(originals: int, ratio: float = RATIO) -> int:
    """Give how many new lines a ratio of original to new makes, within the allowed range.

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
