"""Crops read in their turns: as they lie, and turned where another reading is clearly surer.

A crop that lies upside down, or on its side, reads as rubbish that nobody is sure of. The surer of
two readings alone is no rule: figures upside down are figures too (`6` and `9`, `OB` and `80`), and
seven-segment meters, all upright, read so lose 9 points. A turned reading has to be surer by
`MARGIN`, and a short one by more (`benchmarks/turning.py` prints what that brings and costs). The
margin saves time as well: as no reading is surer than 1, a crop that is read with 1 - `MARGIN` or
more need not be read again, and that changes no reading.
"""

from collections.abc import Callable, Mapping, Sequence
from unicodedata import normalize

import numpy as np
from rapidfuzz.distance import Levenshtein

from textlines.errors import InputError
from textlines.formats.predictions import Turn
from textlines.pixels.arrays import Image
from train.models.records import Turning
from train.reading.ctc import Line
from train.reading.engine import Engine, by_width

MARGIN = 0.15
"""By which a turned reading's score has to exceed that of the crop as it lies."""

EVIDENCE = 0.4
"""The same, in all characters of the turned reading together: one or two characters are easily
others upside down, and a mean over them swings."""

TALL = 1.5
"""Heights to a width from which on a crop may stand on its side. From there on PaddleOCR's own
cropping turns a box by 90 degrees, and its classifier of orientation by 180 more."""

IN_PADDLEOCR = (
    "paddleocr.PaddleOCR(use_textline_orientation=True), whose classifier "
    "PP-LCNet_x1_0_textline_ori (or textline_orientation_model_name="
    "'PP-LCNet_x0_25_textline_ori') turns text lines by 180 degrees before they are read; "
    "paddleocr.TextRecognition alone turns nothing"
)
"""The reference reader's way of doing the same (paddleocr 3.7.0)."""

Turned = dict[Turn, Line]
"""What was read in a crop, by turn; 0 is always among them."""


def turns_of(height: int, width: int, turning: Turning) -> tuple[Turn, ...]:
    """Return the turns that a crop may be read in, the crop as it lies first.

    >>> turns_of(48, 200, "auto"), turns_of(200, 48, "auto"), turns_of(48, 200, "off")
    ((0, 180), (0, 90, 270), (0,))
    """
    if turning == "off":
        return (0,)
    return (0, 90, 270) if height >= TALL * width else (0, 180)


def turned(image: Image, turn: int) -> Image:
    """Turn a crop counter-clockwise.

    Args:
        image: H x W x 3 uint8. Left as it is.
        turn: degrees, a multiple of 90.

    Returns:
        The image itself for 0, else a new one.
    """
    return np.ascontiguousarray(np.rot90(image, turn // 90)) if turn else image


def prepared_turns(
    prepare: Callable[[Image], Image], image: Image, turning: Turning
) -> dict[Turn, Image]:
    """Prepare a crop in each of its turns."""
    height, width = image.shape[:2]
    return {turn: prepare(turned(image, turn)) for turn in turns_of(height, width, turning)}


def is_settled(line: Line) -> bool:
    """Whether no turned reading can be surer than this one by the margin.

    >>> is_settled(Line("a", 0.85)), is_settled(Line("a", 0.84))
    (True, False)
    """
    return line.score + MARGIN >= 1


def surest(lines: Mapping[Turn, Line]) -> Turn:
    """Return the turn of the reading to keep: that of the crop as it lies, unless one is surer.

    >>> surest({0: Line("009", 0.8), 180: Line("600", 0.94)})
    0
    >>> surest({0: Line("0ɥ9", 0.7), 180: Line("640", 0.94)})
    180
    >>> surest({0: Line("6", 0.7), 180: Line("9", 0.94)})
    0
    """
    best = max(lines, key=lambda turn: (_score(lines[turn]), -turn))
    lead = max(MARGIN, EVIDENCE / max(len(lines[best].text), 1))
    return best if _score(lines[best]) > lines[0].score + lead else 0


def nearest(lines: Mapping[Turn, Line], label: str) -> Turn:
    """Return the turn whose reading is nearest to a label; of several such, as `surest` does.

    Case is no matter of turns. Where even the nearest reading has less than half of the label
    right, it says nothing, and the surest is taken.

    >>> nearest({0: Line("LM", 0.97), 180: Line("W1", 0.9)}, "W1")
    180
    >>> nearest({0: Line("YOU", 0.9), 180: Line("nou", 0.7)}, "you")
    0
    """
    wanted = _folded(label)
    edits = {turn: Levenshtein.distance(_folded(line.text), wanted) for turn, line in lines.items()}
    least = min(edits.values())
    tied = {turn: line for turn, line in lines.items() if edits[turn] == least}
    if 0 in tied:
        return surest(tied)
    if 2 * least > len(wanted):
        return surest(lines)
    return max(tied, key=lambda turn: (_score(tied[turn]), -turn))


def read_turns(
    engine: Engine,
    prepared: Mapping[int, Mapping[Turn, Image]],
    is_enough: Callable[[int, Line], bool],
    name: Callable[[int], str],
) -> dict[int, Turned]:
    """Read crops as they lie, and in their other turns those for which that is not enough.

    Args:
        prepared: crops in their turns, by number.
        is_enough: told of a crop's number and of its reading as it lies.
        name: of a crop, by its number, for messages.

    Raises:
        InputError: the model gives no probabilities for one; names it.
    """
    first = _read(engine, [(number, 0) for number in prepared], prepared, name)
    by_crop: dict[int, Turned] = {number: {0: line} for (number, _), line in first.items()}
    others = [
        (number, turn)
        for number, turns in prepared.items()
        if len(turns) > 1 and not is_enough(number, by_crop[number][0])
        for turn in turns
        if turn
    ]
    for (number, turn), line in _read(engine, others, prepared, name).items():
        by_crop[number][turn] = line
    return by_crop


def _read(
    engine: Engine,
    wanted: Sequence[tuple[int, Turn]],
    prepared: Mapping[int, Mapping[Turn, Image]],
    name: Callable[[int], str],
) -> dict[tuple[int, Turn], Line]:
    images = {at: prepared[number][turn] for at, (number, turn) in enumerate(wanted)}
    read = {}
    for batch in by_width(images, engine.batching.lines):
        try:
            lines = engine.read([images[at] for at in batch])
        except InputError as error:
            first = name(wanted[batch[0]][0])
            raise InputError(error.where, f"{error.what} (crop {first})", error.mend) from error
        for at, line in zip(batch, lines, strict=True):
            read[wanted[at]] = line
    return read


def _folded(text: str) -> str:
    return normalize("NFC", text).casefold()


def _score(line: Line) -> float:
    # A sum of float32 probabilities may pass 1 by a hair: no reading is surer than sure.
    return min(line.score, 1.0)
