"""Both exported forms read against the network that they were made of, a few lines at a time."""

from collections.abc import Sequence
from dataclasses import replace

from textlines.labels.alphabet import Alphabet
from textlines.progress import Watcher, unwatched
from train.models.base_folder import Parity
from train.networks.recognizer import Recognizer
from train.weights.parity import OwnReadings, compare
from train.weights.probe_lines import ProbeLine
from train.weights.readers import Reader, exact_reader, network_reader

CHUNK = 16
"""Lines whose probabilities are held at a time: a line of PP-OCRv5 has 3 MB of them."""


def prove(
    others: Sequence[tuple[str, Reader]],
    network: Recognizer,
    lines: Sequence[ProbeLine],
    alphabet: Alphabet,
    watch: Watcher = unwatched,
) -> tuple[Parity, ...]:
    """Read all lines by the network and by the others.

    Args:
        others: what each comparison is of, in words, and who reads.
        network: in evaluation mode.

    Returns:
        One figure for each of the others; none where there is no line.

    Raises:
        InputError: one of them reads otherwise.
    """
    ours, exact = network_reader(network), exact_reader(network)
    found: list[Parity] = []
    for start in range(0, len(lines), CHUNK):
        chunk = lines[start : start + CHUNK]
        own = OwnReadings.read(chunk, ours, exact)
        figures = [compare(of, read, own, alphabet, "fp32") for of, read in others]
        found = [together(*pair) for pair in zip(found, figures, strict=True)] if found else figures
        watch(start + len(chunk), len(lines), "")
    return tuple(found)


def together(one: Parity, two: Parity) -> Parity:
    """Give the figure over the lines of both.

    >>> first = Parity(of="a and b", lines=2, largest=1e-5, same_text=1, tolerance=1e-4, ties=1)
    >>> together(first, replace(first, largest=2e-5)).largest
    2e-05
    """
    return replace(
        one,
        lines=one.lines + two.lines,
        largest=max(one.largest, two.largest),
        same_text=one.same_text + two.same_text,
        beyond=one.beyond + two.beyond,
        ties=one.ties + two.ties,
    )
