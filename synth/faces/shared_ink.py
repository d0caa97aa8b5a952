"""The ink that two glyphs have in common where they are drawn beside each other."""

import numpy as np

from textlines.pixels.arrays import Grey

MOST_SHARED = 0.02
"""Of the lesser neighbour's ink, 0..1: beyond it the two run together. Pairs that are set tightly
share 0 to 0.8 % (`TY`, `AX`) and 2.2 % at most (`fl`); letters of connected scripts 2 to 10 %."""

LEAST_SHARED = 3
"""Pixels in common from which two neighbours are asked."""


def shared_ink(under: Grey, over: Grey, one: Grey, other: Grey) -> float:
    """Measure the ink that two glyphs have in common, as a share of the lesser one's, 0..1.

    Args:
        under, over: coverage of the two where their boxes meet, of one shape.
        one, other: coverage of the two glyphs.
    """
    both = int(np.count_nonzero(np.minimum(under, over) >= 128))
    if both < LEAST_SHARED:
        return 0.0
    lesser = min(int(np.count_nonzero(glyph >= 128)) for glyph in (one, other))
    return min(1.0, both / max(lesser, 1))


def shared_beside(one: Grey, other: Grey, right: int, down: int) -> float:
    """Measure the same of two glyphs, the second so many pixels further right and down.

    Args:
        one, other: coverage of the two, each as large as its own box.

    >>> bar = np.full((4, 4), 255, np.uint8)
    >>> shared_beside(bar, bar, 2, 0), shared_beside(bar, bar, -2, 2), shared_beside(bar, bar, 4, 0)
    (0.5, 0.25, 0.0)
    """
    height, width = one.shape
    high, wide = other.shape
    x0, x1 = max(0, right), min(width, right + wide)
    y0, y1 = max(0, down), min(height, down + high)
    if x0 >= x1 or y0 >= y1:
        return 0.0
    over = other[y0 - down : y1 - down, x0 - right : x1 - right]
    return shared_ink(one[y0:y1, x0:x1], over, one, other)
