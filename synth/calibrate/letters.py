"""Letters cut out of the ink of lines whose texts are sure: their shapes, widths, heights and gaps.

Real and drawn lines are cut by the same functions: what the cutting itself gets wrong is the same
on both sides.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt
import regex

from synth.calibrate.measures import Inked
from textlines.pixels.arrays import Grey

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

_SURE = 0.999
"""Of its text that a mask must read as for its letters to be taken as those of the text."""

_WIDEST = 1.3
"""Widths of a letter, in heights of its line, beyond which several have run together."""

_LEAST_LETTERS = 3
"""Of a line, for what is measured beside neighbours."""

_LEAST_SEEN = 3
"""Drawn letters that a character's usual width and height are told by."""

_STEP = 0.1
"""Between the means of logarithms of heights of a line's two parts: less is no second size."""

_FITS = 0.75
"""Share of the spread of heights that two sizes must explain."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One character of a line, as ink.

    Attributes:
        char: what the text says.
        ink: H x W, all of its ink and no more.
        left, right, top, bottom: of it in the levelled line, pixels; right and bottom excluded.
    """

    char: str
    ink: Mask
    left: int
    right: int
    top: int
    bottom: int


@dataclass(frozen=True, slots=True)
class LetteredLine:
    """A line and its letters, from left to right.

    Attributes:
        height: of all of its ink, in pixels.
        parted: for each letter but the first, whether a space stands before it in the text.
    """

    height: int
    letters: tuple[Letter, ...]
    parted: tuple[bool, ...]


def letters_of(line: Inked) -> LetteredLine | None:
    """Cut a line into its letters where the columns of its ink are as many.

    Columns without ink part letters; where there are more parts than letters, the nearest ones are
    joined (two strokes of a Hangul syllable, quotes).

    Returns:
        None where the text is not sure, letters touch, or the script joins them.
    """
    chars = regex.findall(r"\X", line.text)
    letters = [char for char in chars if not char.isspace()]
    if line.agreement < _SURE or not letters or max(map(len, letters)) > 1:
        return None
    ink = levelled(line.mask, line.look.slope, line.look.slant)
    rows = np.flatnonzero(ink.any(1))
    if not len(rows):
        return None
    height = int(rows[-1] - rows[0] + 1)
    spans = _joined(runs_of(np.asarray(ink.any(0))), len(letters))
    if spans is None or max(right - left for left, right in spans) > _WIDEST * height:
        return None
    found = []
    for char, (left, right) in zip(letters, spans, strict=True):
        inside = np.flatnonzero(ink[:, left:right].any(1))
        top, bottom = int(inside[0]), int(inside[-1]) + 1
        found.append(Letter(char, ink[top:bottom, left:right], left, right, top, bottom))
    places = [at for at, char in enumerate(chars) if not char.isspace()]
    parted = tuple(after - before > 1 for before, after in pairwise(places))
    return LetteredLine(height, tuple(found), parted)


def levelled(mask: Mask, slope: float, slant: float) -> Mask:
    """Take climb and lean (degrees) off a mask, with room at its sides."""
    tall, wide = mask.shape
    lean, climb = math.tan(math.radians(slant)), math.tan(math.radians(slope))
    room = math.ceil(abs(lean) * tall) + 2
    deep = math.ceil(abs(climb) * wide) + 2
    # Of a point: down by the climb of the line at its place, and left by its height times the lean.
    shift = np.array(
        [
            [1.0, lean, room - lean * tall / 2],
            [climb, 1.0, deep - climb * wide / 2],
        ]
    )
    size = (wide + 2 * room, tall + 2 * deep)
    grey = cv2.warpAffine(mask.astype(np.uint8) * 255, shift, size, flags=cv2.INTER_LINEAR)
    level: Mask = grey >= 128
    return level


def runs_of(columns: Mask) -> list[tuple[int, int]]:
    """Return where a row of flags is set: first, and one beyond the last.

    >>> runs_of(np.array([0, 1, 1, 0, 1], bool))
    [(1, 3), (4, 5)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([0], columns.astype(np.int8), [0]))))
    return [(int(edges[at]), int(edges[at + 1])) for at in range(0, len(edges), 2)]


def _joined(runs: list[tuple[int, int]], count: int) -> list[tuple[int, int]] | None:
    """Join the nearest runs until they are as many as asked; None where they are fewer.

    >>> _joined([(0, 3), (4, 6), (10, 14)], 2)
    [(0, 6), (10, 14)]
    """
    if len(runs) < count:
        return None
    runs = list(runs)
    while len(runs) > count:
        at = min(range(1, len(runs)), key=lambda k: runs[k][0] - runs[k - 1][1])
        runs[at - 1 : at + 1] = [(runs[at - 1][0], runs[at][1])]
    return runs


@dataclass(frozen=True, slots=True)
class LineSetting:
    """How one line is set, beside how the same characters are drawn plainly.

    Attributes:
        stretch: widths of its letters, as a factor.
        gap: white between neighbours less that of lines drawn without spacing, as a share of the
            line's ink's height. NaN where there are none.
        group_gap: white where letters and digits meet less that between others; NaN without.
        jitter: spread of the logarithms of its letters' widths beside their usual ones.
        smaller: size of the smaller of two parts of the line beside the larger; 1 for one size.
    """

    stretch: float
    gap: float
    group_gap: float
    jitter: float
    smaller: float


class Usual:
    """Widths, heights and gaps of characters in lines that are drawn plainly."""

    def __init__(self, lines: Sequence[LetteredLine]) -> None:
        """Learn from lines drawn level, with no spacing and of one size."""
        sizes: dict[str, list[tuple[float, float]]] = defaultdict(list)
        gaps: list[float] = []
        for line in lines:
            for letter in line.letters:
                sizes[letter.char].append(_size(letter, line.height))
            gaps += [white for white, _, _ in _whites(line)]
        self._sizes: Mapping[str, Floats] = {
            char: np.median(np.array(seen), axis=0)
            for char, seen in sizes.items()
            if len(seen) >= _LEAST_SEEN
        }
        self.gap = float(np.median(gaps)) if gaps else 0.0

    def setting(self, line: LetteredLine) -> LineSetting | None:
        """Measure a line; None where too few of its characters are known."""
        known = [letter for letter in line.letters if letter.char in self._sizes]
        if len(known) < _LEAST_LETTERS:
            return None
        beside = np.array(
            [np.subtract(_size(one, line.height), self._sizes[one.char]) for one in known]
        )
        widths, heights = beside[:, 0], beside[:, 1]
        stretch = float(np.median(widths))
        inner = [white for white, meets, _ in _whites(line) if not meets]
        groups = [white for white, meets, _ in _whites(line) if meets]
        return LineSetting(
            stretch=math.exp(stretch),
            gap=float(np.median(inner)) - math.exp(stretch) * self.gap if inner else math.nan,
            group_gap=float(np.mean(groups) - np.median(inner)) if inner and groups else math.nan,
            jitter=float(np.std(widths - stretch)),
            smaller=_smaller(heights),
        )


def _size(letter: Letter, height: int) -> tuple[float, float]:
    """Return the logarithms of a letter's width and height beside the line's height."""
    tall, wide = letter.ink.shape
    return math.log(wide / height), math.log(tall / height)


def _whites(line: LetteredLine) -> list[tuple[float, bool, int]]:
    """Return the white before each letter but the first, without spaces of the text.

    Returns:
        As a share of the line's height; whether a letter and a digit meet there; which it is.
    """
    found = []
    pairs = zip(line.letters, line.letters[1:], line.parted, strict=False)
    for at, (before, after, parted) in enumerate(pairs):
        if not parted:
            meets = _class(before.char) != _class(after.char)
            found.append(((after.left - before.right) / line.height, meets, at))
    return found


def _class(char: str) -> str:
    return "digit" if char.isdigit() else "letter" if char.isalpha() else "other"


def _smaller(heights: Floats) -> float:
    """Return the factor between two parts of a line that differ in size; 1 where they do not.

    Args:
        heights: logarithms beside each character's usual height.
    """
    whole = float(heights.var())
    best, step = whole, 0.0
    for at in range(1, len(heights)):
        first, second = heights[:at], heights[at:]
        inside = (first.var() * len(first) + second.var() * len(second)) / len(heights)
        if inside < best:
            best, step = float(inside), abs(float(first.mean() - second.mean()))
    told = step >= _STEP and best <= (1 - _FITS) * whole
    return math.exp(-step) if told else 1.0


SHAPE = 20
"""Pixels, both ways, that a letter is brought to for its shape to be compared."""


def shape_of(ink: Mask | Grey) -> Floats:
    """Return a letter's shape, 2 x SHAPE x SHAPE, coverage 0..1, whatever its size.

    First as wide as high, whatever its width; then as wide as it is, in the middle of its square.

    Args:
        ink: of the letter and no more, as a mask or as coverage 0..255.
    """
    grey = ink.astype(np.uint8) * (255 if ink.dtype == np.bool_ else 1)
    tall, wide = grey.shape
    scale = SHAPE / max(tall, wide)
    size = (max(1, round(wide * scale)), max(1, round(tall * scale)))
    inside = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    square = np.zeros((SHAPE, SHAPE), np.uint8)
    x, y = (SHAPE - size[0]) // 2, (SHAPE - size[1]) // 2
    square[y : y + size[1], x : x + size[0]] = inside
    both = (cv2.resize(grey, (SHAPE, SHAPE), interpolation=cv2.INTER_AREA), square)
    return np.stack([cv2.GaussianBlur(one, (0, 0), 1.0) for one in both]) / 255.0


def shapes_of(lines: Iterable[LetteredLine]) -> dict[str, list[Floats]]:
    """Return the shapes of the letters of lines, by character."""
    found: dict[str, list[Floats]] = defaultdict(list)
    for line in lines:
        for letter in line.letters:
            if min(letter.ink.shape) >= 3:  # a stroke of a pixel or two has no shape
                found[letter.char].append(shape_of(letter.ink))
    return dict(found)
