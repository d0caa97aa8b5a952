"""How much a line converges: the change of its letters' height from its left to its right end.

A plane that is seen from one side shows letters of one size larger at its near end. In the ink of a
line whose text is known it is what heights of letters that a face draws equally high do along it.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from synth.calibrate.dials import Table
from synth.calibrate.letters import letters_of, levelled, runs_of
from synth.calibrate.measured_style import beyond, values_of
from synth.calibrate.measures import Inked
from textlines.labels.scripts import script_of

Floats = npt.NDArray[np.float64]
Height = tuple[float, float, str]
"""Of one piece of ink: its middle in pixels from the left, its height, and its class."""

LEAST_LINES = 12
"""By which a style's perspective is set."""

_LOW = frozenset("acemnorsuvwxz")
_HIGH = frozenset("bdfhkl")
_UNEVEN = frozenset("QJ")
_SQUARE = frozenset({"Han", "Hangul", "Hiragana", "Katakana"})
_ALPHABETS = frozenset({"Latin", "Greek", "Cyrillic"})

_FEWEST = 3
"""Pieces of ink by which a line is measured."""

_FAR = 1.5
"""Heights of the ink between the first and the last of them, at least."""

_FLAT = 0.75
"""Of the median height of a class below which a piece is no whole letter of it."""

_ROUGH = 0.05
"""Median distance of heights from their slope beyond which they are not those of whole letters:
edges of a window and shadows count as ink."""

_MOST = 0.5

_MOST_NOISE = 0.07
"""Spread of what flat lines show beyond which the measure says little of any: in meters the edges
of the window reach into the ink of half of them."""

_SURE = 2.0
"""Standard errors that the medians of real and flat lines must lie apart to be told apart."""

_UNMEASURED = 0.03
"""Share of lines whose corners stray beside what was measured."""


def convergence_of(line: Inked) -> float | None:
    """Return the change of height from the left to the right side of the crop.

    Returns:
        As a share of the greater height, above 0 where letters grow to the right: what
        `geometry.keystone.side` asks for. None where too few letters of one height are there.
    """
    heights = list(_heights(line))
    if len(heights) < _FEWEST:
        return None
    usual = {
        kind: np.median([tall for _, tall, of in heights if of == kind]) for *_, kind in heights
    }
    heights = [one for one in heights if one[1] >= _FLAT * usual[one[2]]]
    middles = [at for at, _, _ in heights]
    if len(heights) < _FEWEST or max(middles) - min(middles) < _FAR * max(usual.values()):
        return None
    pairs = [
        ((np.log(other[1]) - np.log(one[1])) / (other[0] - one[0]), abs(other[0] - one[0]))
        for one, other in combinations(heights, 2)
        if one[2] == other[2] and abs(other[0] - one[0]) >= 1
    ]
    if len(pairs) < _FEWEST:
        return None
    slope = _middle(pairs)
    if _left(heights, slope) > _ROUGH:
        return None
    growth = slope * line.mask.shape[1]
    return float(np.sign(growth) * (1 - np.exp(-abs(growth))))


def _heights(line: Inked) -> Iterator[Height]:
    """Find the pieces of ink whose heights compare.

    Of letters that can be cut out each is told by its character. Letters that touch, or whose text
    is not sure, are taken as they come where all of the text is of one height.
    """
    lettered = letters_of(line)
    if lettered is not None:
        for letter in lettered.letters:
            if kind := _class(letter.char):
                yield (letter.left + letter.right) / 2, float(letter.bottom - letter.top), kind
        return
    kinds = {_class(char) for char in line.text if char.isalnum()}
    if len(kinds) != 1 or not (kind := kinds.pop()):
        return
    ink = levelled(line.mask, line.look.slope, line.look.slant)
    for left, right in runs_of(np.asarray(ink.any(0))):
        inside = np.flatnonzero(ink[:, left:right].any(1))
        yield (left + right) / 2, float(inside[-1] - inside[0] + 1), kind


def _class(char: str) -> str:
    """Name the height that a face draws a character in; "" where that is its own.

    >>> [_class(char) for char in "A7하gx-"]
    ['high', 'high', 'square', '', 'low', '']
    """
    script = script_of(char)
    if script in _SQUARE:
        return "square"
    if char in _LOW:
        return "low"
    is_capital = script in _ALPHABETS and char.isupper() and char not in _UNEVEN
    return "high" if char in _HIGH or is_capital or (char.isascii() and char.isdigit()) else ""


def _left(heights: Sequence[Height], slope: float) -> float:
    """Return the median distance of heights from what the slope says, as a logarithm."""
    found = []
    for kind in {one[2] for one in heights}:
        flat = np.array([np.log(tall) - slope * at for at, tall, of in heights if of == kind])
        found += list(np.abs(flat - np.median(flat)))
    return float(np.median(found))


def _middle(pairs: Sequence[tuple[float, float]]) -> float:
    """Return the median of slopes by weight (Sievers 1978, after Theil 1950)."""
    slopes, weights = np.array(sorted(pairs)).T
    return float(slopes[np.searchsorted(np.cumsum(weights), weights.sum() / 2)])


def convergences(lines: Sequence[Inked]) -> Floats:
    """Return the change of height of each line that shows it."""
    found = map(convergence_of, lines)
    return np.array([one for one in found if one is not None], np.float64)


_MEDIAN = 1.253
"""The standard error of a median beside that of a mean."""


def _spread(sides: Floats) -> float:
    """Return the spread of numbers by their quartiles, as that of a normal distribution."""
    low, high = np.quantile(sides, (0.25, 0.75))
    return float(high - low) / 1.349


def _error(sides: Floats) -> float:
    return float(sides.std()) / len(sides) ** 0.5


def in_perspective(table: Table, real: Floats, level: Floats) -> tuple[Table, Floats]:
    """Let drawn lines converge as real ones do; the table is left as it is.

    Args:
        real: of real lines, as `convergences` has it. level: of the same texts drawn flat: what
            these show is the texts' and the measure's own, and is taken off; where their medians
            may be one, lines converge to either side alike.

    Returns:
        The style, and what its lines were given: nothing, and the style as it was, where too few
        lines could be measured, or flat ones seem to converge at random.
    """
    if min(len(real), len(level)) < LEAST_LINES or _spread(level) > _MOST_NOISE:
        return dict(table), np.zeros(0)
    sides = beyond(real, level)
    error = _MEDIAN * float(np.hypot(_error(real), _error(level)))
    if abs(float(np.median(real) - np.median(level))) < _SURE * error:
        sides = sides - float(np.median(sides))
    sides = np.clip(sides, -_MOST, _MOST)
    geometry = {**table.get("geometry", {})}
    geometry["keystone"] = {"p": 1.0, "side": values_of(sides)}
    if "perspective" in geometry:  # whose corners stray would converge once more
        geometry["perspective"] = {**geometry["perspective"], "p": _UNMEASURED}
    return {**table, "geometry": geometry}, sides
