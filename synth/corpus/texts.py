"""Plain lists of texts: what is to be drawn, or what must never be."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from synth.corpus.lines import read_lines
from synth.corpus.load import ANY_LENGTH, looks_like_labels
from textlines.errors import InputError
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally


def read_texts(path: Path, tally: Tally) -> tuple[str, ...]:
    """Read the texts of a text file (one a line, never cut) or the labels of a label file.

    Raises:
        InputError: it cannot be read or holds no text.
    """
    texts = tuple(_texts(path, tally))
    if not texts:
        why = f" ({'; '.join(tally.lines())})" if tally else ""
        raise InputError(str(path), f"holds no text{why}", "Name another file.")
    return texts


def read_excluded(paths: Sequence[Path], tally: Tally) -> frozenset[str]:
    """Read the texts that a run must not hold, with doubled spaces and without.

    Raises:
        InputError: one of the files cannot be read or holds no text.
    """
    found: set[str] = set()
    for path in paths:
        for text in read_texts(path, tally):
            found |= {text, " ".join(text.split())}
    return frozenset(found)


def _texts(path: Path, tally: Tally) -> Iterator[str]:
    if looks_like_labels(path):
        for row in read_labels(path, tally=tally):
            yield row.label
    else:
        yield from read_lines(path, longest=ANY_LENGTH, tally=tally, length=lambda _: ANY_LENGTH)
