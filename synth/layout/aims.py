"""How high, how plain to see and where on their page the lines of displays are drawn.

Without a profile heights are spread evenly in the logarithm, so that large lines come as often as
small ones: detectors that were trained on documents miss a number that takes a third of a photo.
With one, half of the pages are drawn to it, each property by the lines that were missed, so that
what a detector finds already stays in the mix.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from synth.draws import Draws
from textlines.formats.missed_lines import MissedBin, MissedLines, Place

BY_PROFILE = 0.5
"""Share of draws that follow the profile."""

LEAST_PX, MOST_PX = 12, 512
"""Heights of a display's digits in pixels: below, a photo of a display is not read either."""

SMALLEST, LARGEST = 0.035, 0.36
"""The same as shares of the shorter side of a page, without a profile."""

LEAST_CONTRAST, MOST_CONTRAST = 0.07, 0.9

COLUMNS, ROWS = ("left", "middle", "right"), ("upper", "", "lower")


class Spot(NamedTuple):
    """Where the middle of a line is to lie, as shares of the page's width and height, 0..1."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class LineAim:
    """What one page is drawn to.

    Attributes:
        height_px: of the digits of its main display, on the page.
        contrast: between ink and ground, as a share of the full range; None leaves it to the
            style.
        spot: of the main display; None leaves it to the layout.
    """

    height_px: float
    contrast: float | None = None
    spot: Spot | None = None


@dataclass(frozen=True, slots=True)
class Aims:
    """Distributions that pages are drawn to.

    Attributes:
        missed: what a detector misses; None for pages that are drawn for none.
    """

    missed: MissedLines | None = None

    def draw(self, short_px: int, draws: Draws) -> LineAim:
        """Draw what one page is to be.

        The stream gives the same number of values with a profile and without.

        Args:
            short_px: the shorter side of the page.
        """
        low, high = (max(LEAST_PX, short_px * share) for share in (SMALLEST, LARGEST))
        most = min(max(high, 0.45 * short_px), MOST_PX)
        turns = [draws.unit() for _ in range(9)]
        height = min(low * (high / low) ** turns[0], most)
        contrast, spot = None, None
        if self.missed is None:
            return LineAim(height)
        heights = self.missed.of("seen_height") or self.missed.of("height")
        if heights and turns[1] < BY_PROFILE:
            one = _picked(heights, turns[2])
            # An open bin ends where lines end that a page of this size can hold.
            start, end = max(one.low or LEAST_PX, LEAST_PX), min(one.high or most, most)
            height = start * (end / start) ** turns[3] if start < end else min(start, most)
        contrasts = self.missed.of("contrast")
        if contrasts and turns[4] < BY_PROFILE:
            one = _picked(contrasts, turns[5])
            start = max(one.low or LEAST_CONTRAST, LEAST_CONTRAST)
            end = min(one.high or MOST_CONTRAST, MOST_CONTRAST)
            contrast = start + (max(end, start) - start) * turns[6]
        places = self.missed.of("place")
        if places and turns[7] < BY_PROFILE:
            place = _picked(places, turns[8]).place
            spot = None if place is None else spot_of(place, draws)
        return LineAim(height, contrast, spot)


def _picked(bins: Sequence[MissedBin], turn: float) -> MissedBin:
    """Pick a bin by its missed lines, `turn` 0..1 of the way through all of them."""
    sums = list(accumulate(one.missed for one in bins))
    return next(one for one, end in zip(bins, sums, strict=True) if turn * sums[-1] < end)


def spot_of(place: Place, draws: Draws) -> Spot:
    """Draw a spot in a place of the page; at the edge: close to one of its four sides.

    >>> spot = spot_of("upper_right", Draws(1, 1))
    >>> spot.x > 2 / 3, spot.y < 1 / 3
    (True, True)
    """
    along, across = draws.unit(), draws.unit()
    if place == "edge":
        near = 0.12 * across
        side = int(along * 4)
        along = along * 4 - side
        return (Spot(along, near), Spot(along, 1 - near), Spot(near, along), Spot(1 - near, along))[
            side
        ]
    row = 0 if place.startswith("upper_") else 2 if place.startswith("lower_") else 1
    column = COLUMNS.index(place.rpartition("_")[2])
    return Spot((column + along) / 3, (row + across) / 3)
