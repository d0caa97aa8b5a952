"""The label files of a plan for PaddleOCR's own training: no line in them that it would change.

PaddleOCR puts another line in the place of one whose label is too long, cuts out what its
dictionary does not hold, looks each code point up as it is, and squeezes lines to 320 pixels: what
is wider has 40 time steps there as well.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from textlines.errors import UsageError
from textlines.files import replacing, unwritable
from textlines.labels.alphabet import Alphabet
from textlines.labels.tally import Tally, left_out
from textlines.pixels.resize import LEAST_WIDTH, STRIDE
from textlines.wording import say
from train.tuning.stopping_sets import StopSet
from train.tuning.training_lines import TrainingLine

LISTS = "paddleocr_lists"
"""Folder of the label files, in that of the run."""

STOP_LIST = "stop.txt"

STEPS = LEAST_WIDTH // STRIDE
"""Time steps of every line in PaddleOCR's training."""

REASONS = {
    "several_characters": left_out(
        say("label with an entry of several characters, which PaddleOCR never encodes")
    ),
    "squeezed": left_out(
        say("label that needs more than the {steps} time steps of 320 pixels", steps=STEPS)
    ),
    "too_long": left_out(say("label longer than the limit")),
    "outside_dictionary": left_out(say("label with a character outside the dictionary")),
}
"""Why a line is none for PaddleOCR, in words."""


def fault_of(ids: Sequence[int], alphabet: Alphabet) -> str:
    """Return the reason for which PaddleOCR would train on something else; "" for none.

    >>> alphabet = Alphabet(("a", "㈜회사"))
    >>> [fault_of(ids, alphabet) for ids in ([1], [1, 2], [1] * 21)]
    ['', 'several_characters', 'squeezed']
    """
    if any(len(alphabet.decode([number])) != 1 for number in set(ids)):
        return "several_characters"
    repeats = sum(one == two for one, two in pairwise(ids))
    return "squeezed" if len(ids) + repeats > STEPS else ""


def training_rows(
    lines: Iterable[TrainingLine], alphabet: Alphabet, tally: Tally
) -> Iterator[tuple[str, str]]:
    """Give path and label of what PaddleOCR can train on; what it cannot is counted.

    Labels are spelled with the entries of the dictionary, whatever form the label file has: each
    code point is encoded to the class that it has here.
    """
    for line in lines:
        fault = fault_of(line.ids, alphabet)
        if fault:
            tally.add(fault, line.path)
        else:
            yield line.path, alphabet.decode(line.ids)


def stop_rows(
    sets: Sequence[StopSet], images: str, alphabet: Alphabet, max_length: int, tally: Tally
) -> tuple[list[tuple[str, str]], Path]:
    """Give path and label of the lines to stop by, and the folder that their paths start from.

    Args:
        sets: the targets. images: the folder of their crops; "" for that of each label file.
    """
    homes = [Path(images) if images else one.judged.path.parent for one in sets]
    top = Path(os.path.commonpath([home.absolute() for home in homes]))
    rows = []
    for home, judged in zip(homes, sets, strict=True):
        for line in judged.lines:
            fault = "outside_dictionary" if alphabet.missing(line.label) else ""
            ids = [] if fault else alphabet.encode(line.label)
            fault = fault or fault_of(ids, alphabet)
            if not fault and len(ids) > max_length:
                fault = "too_long"
            if fault:
                tally.add(fault, f"{judged.judged.path.name}: {line.path}")
                continue
            place = (home.absolute() / line.path).relative_to(top).as_posix()
            rows.append((place, alphabet.decode(ids)))
    return rows, top


def write_list(path: Path, rows: Sequence[tuple[str, str]], tally: Tally) -> Path:
    """Write a list into the folder of lists, which is made, and return its absolute path.

    Raises:
        UsageError: there is no line.
        InputError: it cannot be written.
    """
    if not rows:
        told = "; ".join(tally.lines(REASONS))
        raise UsageError("--paddleocr-yaml", f"leaves no line in {path.name} ({told})", "")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(path.parent, error) from error
    with replacing(path) as out:
        out.writelines(f"{place}\t{label}\n" for place, label in rows)
    return path.absolute()
