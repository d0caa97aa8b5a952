"""A plane that is drawn on before the camera sees it: rectangles, free room, shapes with edges."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import cv2
import numpy as np

from synth.draws import Draws
from synth.rendering.colour import Colour
from synth.rendering.margins import FINE, Point, rounded
from textlines.pixels.arrays import Grey, Image
from textlines.pixels.tone import exact


class Rect(NamedTuple):
    """An upright rectangle in pixels, x and y of two corners, the far ones excluded."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """Return the width."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Return the height."""
        return self.y1 - self.y0

    @property
    def middle(self) -> Point:
        """Return the middle."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    def grown(self, by: float, upright: float | None = None) -> "Rect":
        """Return it with `by` pixels more on each side; `upright` of them above and below."""
        high = by if upright is None else upright
        return Rect(self.x0 - by, self.y0 - high, self.x1 + by, self.y1 + high)

    def moved(self, dx: float, dy: float) -> "Rect":
        """Return it moved."""
        return Rect(self.x0 + dx, self.y0 + dy, self.x1 + dx, self.y1 + dy)

    def meets(self, other: "Rect") -> bool:
        """Return whether the two share a pixel.

        >>> Rect(0, 0, 4, 4).meets(Rect(3, 3, 9, 9)), Rect(0, 0, 4, 4).meets(Rect(4, 0, 9, 9))
        (True, False)
        """
        return (
            self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1
        )

    def holds(self, other: "Rect") -> bool:
        """Return whether the other lies in it."""
        return (
            self.x0 <= other.x0
            and self.y0 <= other.y0
            and other.x1 <= self.x1
            and other.y1 <= self.y1
        )

    def corners(self) -> list[Point]:
        """Return the corners, from the upper left one clockwise."""
        return [(self.x0, self.y0), (self.x1, self.y0), (self.x1, self.y1), (self.x0, self.y1)]


def around(rects: Sequence[Rect]) -> Rect:
    """Return the rectangle around others, one at least."""
    return Rect(
        min(one.x0 for one in rects),
        min(one.y0 for one in rects),
        max(one.x1 for one in rects),
        max(one.y1 for one in rects),
    )


@dataclass(slots=True)
class Room:
    """What is taken of a plane; grows as things are placed.

    Attributes:
        bounds: where things may lie.
    """

    bounds: Rect
    taken: list[Rect] = field(default_factory=list)

    def take(self, rect: Rect) -> None:
        """Take a rectangle, whatever lies there."""
        self.taken.append(rect)

    def is_free(self, rect: Rect) -> bool:
        """Return whether a rectangle lies inside and meets nothing."""
        return self.bounds.holds(rect) and not any(rect.meets(other) for other in self.taken)

    def find(
        self, width: float, height: float, draws: Draws, gap: float = 0.0, tries: int = 12
    ) -> Rect | None:
        """Find a place for a rectangle and take it with `gap` pixels around; None without one.

        Takes `2 * tries` values from the stream, whether it finds one or not.
        """
        found = None
        for _ in range(tries):
            across, down = draws.unit(), draws.unit()
            x = self.bounds.x0 + across * (self.bounds.width - width)
            y = self.bounds.y0 + down * (self.bounds.height - height)
            rect = Rect(x, y, x + width, y + height)
            if found is None and self.is_free(rect.grown(gap)):
                found = rect
        if found is not None:
            self.take(found.grown(gap))
        return found


def fill_rounded(image: Image, rect: Rect, radius: float, colour: Colour) -> None:
    """Fill a rectangle with round corners and smooth edges, in place."""
    points = np.array([(round(x * 16), round(y * 16)) for x, y in _outline(rect, radius)], np.int32)
    cv2.fillPoly(image, [points], colour, cv2.LINE_AA, FINE)


def rounded_mask(shape: tuple[int, int], rect: Rect, radius: float) -> Grey:
    """Return the coverage (H x W, 255 = full) of a rectangle with round corners."""
    mask = np.zeros(shape, np.uint8)
    points = np.array([(round(x * 16), round(y * 16)) for x, y in _outline(rect, radius)], np.int32)
    cv2.fillPoly(mask, [points], 255, cv2.LINE_AA, FINE)
    return mask


def _outline(rect: Rect, radius: float) -> list[Point]:
    most = min(rect.width, rect.height) / 2
    # OpenCV fills its outline too: half a pixel on each side.
    inner = Rect(rect.x0, rect.y0, rect.x1 - 1, rect.y1 - 1)
    return rounded(inner.corners(), max(0.0, min(radius, most)))


def slices(rect: Rect, image: Image) -> tuple[slice, slice]:
    """Return the rows and columns of an image that a rectangle covers, rounded to pixels."""
    height, width = image.shape[:2]
    x0, x1 = (min(max(round(x), 0), width) for x in (rect.x0, rect.x1))
    y0, y1 = (min(max(round(y), 0), height) for y in (rect.y0, rect.y1))
    return slice(y0, y1), slice(x0, x1)


def shade(image: Image, mask: Grey, share: float) -> None:
    """Darken an image where a mask covers it, by a share (0..1), in place."""
    lost = cv2.convertScaleAbs(mask, alpha=exact(share))
    gain = cv2.bitwise_not(lost)
    image[:] = cv2.multiply(image, cv2.merge([gain] * 3), scale=1 / 255)


def glow(image: Image, mask: Grey, colour: Colour, share: float) -> None:
    """Add light of a colour where a mask covers an image, by a share (0..1), in place."""
    planes = [cv2.convertScaleAbs(mask, alpha=exact(share * level / 255)) for level in colour]
    image[:] = cv2.add(image, cv2.merge(planes))
