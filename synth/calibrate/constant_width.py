"""Crops of one width: those of a display, which is as wide whatever stands in it.

A crop that is cut around its text is as wide as the text and two margins. A crop of a window is as
wide for a short text as for a long one: what the text leaves is margin, on the side that the text
does not stand at. Its own edges lie around the text, and are no ink.
"""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from synth.calibrate.dials import Table
from synth.calibrate.ink import WORKING_HEIGHT
from synth.calibrate.measured_style import values_of
from synth.calibrate.measures import Floats, Inked, Mask
from synth.rendering.style import Align

_LEAST_LINES = 12
"""By which it can be told whether widths follow texts, and where these stand."""

_MOST_FOLLOWED = 0.5
"""Per cent that a crop is wider for a text that is one per cent longer: 1 is cut around it, 0 is a
window. Of fuel pumps' counters it is 0.13, with an error of 0.10."""

_SURE = 2.0
"""Standard errors that it stays below that by: of a few lines of much the same length any width
may come out."""

_RIM = WORKING_HEIGHT // 16
"""Pixels from a side within which what a window shows is its edge."""

_LEAST_MARGIN = 0.05
"""Quantile of the margins on the side that the text is not held at: what is always there."""


@dataclass(frozen=True, slots=True)
class ConstantWidth:
    """Crops that are as wide whatever stands in them. All lengths are in heights of the crop.

    Attributes:
        widths: of the crops. align: where the texts stand.
        left, right: margins: those of the side that the texts are held at, and the least one of
            the other; of texts in the middle, how far they lie beside it, to either side.
        fill: heights of the ink. above: shares of the spare height that lie above it, 0..1.
    """

    widths: Floats
    align: Align
    left: Floats
    right: Floats
    fill: Floats
    above: Floats


def constant_width(lines: Sequence[Inked]) -> ConstantWidth | None:
    """Return the width that crops have whatever stands in them; None where they follow the text.

    Also None where it cannot be told: of few lines, and of texts that are all as long.
    """
    inside = [found for found in (_within(line.mask) for line in lines) if found is not None]
    if len(inside) < _LEAST_LINES:
        return None
    widths = np.array([line.look.width for line in lines], np.float64)
    if not _is_constant(widths, np.array([cells(line.text) for line in lines], np.float64)):
        return None
    left, right, above, below = np.array(inside, np.float64).T
    aside = left - right
    ways: dict[Align, Floats] = {"left": left, "right": right, "centre": aside / 2}
    align = min(ways, key=lambda way: _spread(ways[way]))
    if align == "left":
        right = _least(right)
    elif align == "right":
        left = _least(left)
    else:
        left, right = np.maximum(aside, 0.0), np.maximum(-aside, 0.0)
    spare = above + below
    return ConstantWidth(
        widths, align, left, right, 1 - spare, above / np.maximum(spare, 1 / WORKING_HEIGHT)
    )


def cells(text: str) -> float:
    """Return about how long a text is, in widths of a letter.

    >>> cells("37.01"), cells("합계"), cells("A B")
    (4.5, 4.0, 2.5)
    """
    length = 0.0
    for char in text:
        if unicodedata.category(char).startswith("M"):
            continue
        wide = 2.0 if unicodedata.east_asian_width(char) in "WF" else 1.0
        length += wide if char.isalnum() else wide / 2
    return length


def _is_constant(widths: Floats, lengths: Floats) -> bool:
    """Whether widths surely do not follow the lengths of texts: by least squares of logarithms."""
    is_there = lengths > 0
    x, y = np.log(lengths[is_there]), np.log(widths[is_there])
    if len(x) < _LEAST_LINES or float(x.var()) < 1e-6:
        return False
    x = x - x.mean()
    slope = float(x @ y / (x @ x))
    left = y - y.mean() - slope * x
    error = math.sqrt(float(left @ left) / (len(x) - 2) / float(x @ x))
    return slope + _SURE * error < _MOST_FOLLOWED


def _within(ink: Mask) -> tuple[float, float, float, float] | None:
    """Return the margins (left, right, above, below) of what comes to no side; None if all does."""
    count, names, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    tall, wide = ink.shape
    x, y, w, h = stats[:, :4].T
    is_clear = (x >= _RIM) & (y >= _RIM) & (x + w <= wide - _RIM) & (y + h <= tall - _RIM)
    is_clear[0] = False
    if count < 2 or not is_clear.any():
        return None
    kept = is_clear[names]
    rows, columns = np.flatnonzero(kept.any(1)), np.flatnonzero(kept.any(0))
    margins = columns[0], wide - 1 - columns[-1], rows[0], tall - 1 - rows[-1]
    left, right, above, below = (float(margin) / tall for margin in margins)
    return left, right, above, below


def _spread(numbers: Floats) -> float:
    """Return how far apart the quartiles lie: of some lines the ink is a part, or more than all."""
    low, high = np.quantile(numbers, (0.25, 0.75))
    return float(high - low)


def _least(margins: Floats) -> Floats:
    return np.full(1, float(np.quantile(margins, _LEAST_MARGIN)))


def in_window(table: Table, found: ConstantWidth) -> Table:
    """Return a style whose files are as wide as these crops; the table is left as it is."""
    placed = {name: values_of(getattr(found, name)) for name in ("left", "right", "above")}
    window = {"width": values_of(found.widths), "align": found.align}
    return {
        **table,
        "output": {**table.get("output", {}), "window": window},
        "text": {
            **table.get("text", {}),
            **placed,
            "fill": values_of(np.clip(found.fill, 0.2, 0.97)),
        },
    }
