"""Planes of float32 in numpy alone: small filters, and the way from the flat line to the image."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from tools.label_audit.ink import Cluster

Plane = npt.NDArray[np.float32]
"""H x W; `blurred` takes stacks of any number of leading axes as well."""


@lru_cache(maxsize=32)
def _taps(sigma: float) -> tuple[np.float32, ...]:
    reach = max(1, int(3 * sigma + 0.5))
    steps = np.arange(-reach, reach + 1)
    weights = np.exp(-0.5 * (steps / sigma) ** 2)
    return tuple((weights / weights.sum()).astype(np.float32))


def blurred(stack: Plane, sigma: float) -> Plane:
    """Blur by a Gaussian along the last two axes; the border goes on beyond the plane."""
    if sigma <= 0:
        return stack
    taps = _taps(sigma)
    reach = len(taps) // 2
    still = [(0, 0)] * (stack.ndim - 2)
    height, width = stack.shape[-2:]
    padded = np.pad(stack, [*still, (reach, reach), (reach, reach)], mode="edge")
    rows = taps[0] * padded[..., :height, :]
    for i, weight in enumerate(taps[1:], 1):
        rows += weight * padded[..., i : i + height, :]
    out = taps[0] * rows[..., :, :width]
    for i, weight in enumerate(taps[1:], 1):
        out += weight * rows[..., i : i + width]
    return np.asarray(out, np.float32)


def widest(plane: Plane, reach: int) -> Plane:
    """Return the highest value in a square of `reach` pixels on each side."""
    height, width = plane.shape
    padded = np.pad(plane, reach, mode="edge")
    rows = padded[:height].copy()
    for i in range(1, 2 * reach + 1):
        np.maximum(rows, padded[i : i + height], out=rows)
    out = rows[:, :width].copy()
    for i in range(1, 2 * reach + 1):
        np.maximum(out, rows[:, i : i + width], out=out)
    return out


def narrowest(plane: Plane, reach: int) -> Plane:
    """Return the lowest value in a square of `reach` pixels on each side."""
    return -widest(-plane, reach)


def half_stroke(ink: Plane) -> int:
    """Count how often ink can be narrowed by a pixel before none is left, half its height at most.

    A filled square is as wide as a line is high.
    """
    left, count = ink, 0
    while count < ink.shape[0] // 2 and (left > 0.5).any():
        left, count = narrowest(left, 1), count + 1
    return count


def stroke_width(ink: Plane) -> float:
    """Estimate the mean width of strokes in pixels: twice their area by the length of their edges.

    Edges are measured along rows and columns, so that slanted strokes count as thinner; 0 without
    ink.
    """
    padded = np.pad(ink, 1)
    edges = float(np.abs(np.diff(padded, axis=0)).sum() + np.abs(np.diff(padded, axis=1)).sum())
    return 2 * float(ink.sum()) / edges if edges else 0.0


Matrix = npt.NDArray[np.float64]
"""3 x 3, from the bent line to the image; pixel (x, y) has its middle at (x, y)."""

Numbers = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Arc:
    """A line bent to a parabola, its letters upright to it, kept inside by getting smaller.

    Attributes:
        middle: of the flat ink (x, y). half: half its width. lift: height of the arc in pixels.
        scale: of the bent line. aim: where its middle comes to lie.
    """

    middle: tuple[float, float]
    half: float
    lift: float
    scale: float
    aim: tuple[float, float]

    def points(self, x: Numbers, y: Numbers) -> tuple[Numbers, Numbers]:
        """Move points of the flat line to where they lie in the bent one."""
        along, down = x + 0.5 - self.middle[0], y + 0.5 - self.middle[1]
        share = along / self.half
        slope = 2 * self.lift * share / self.half
        foot = self.lift / 2 - self.lift * (1 - share * share)
        long = np.sqrt(1 + slope * slope)
        across, off = along - slope * down / long, foot + down / long
        return self.aim[0] + self.scale * across - 0.5, self.aim[1] + self.scale * off - 0.5


STEEPEST = 0.7
"""Rise over run at the ends of an arc, at most."""


def arc_of(rise: float, clusters: Sequence[Cluster], size: tuple[int, int], taller: int = 0) -> Arc:
    """Return the arc of a line.

    Args:
        rise: as drawn, a share of the height. size: (width, height) of the flat line.
        taller: pixels by which the ink is higher than the glyphs drawn here.
    """
    width, height = size
    x0, x1 = min(c.extent[0] for c in clusters), max(c.extent[1] for c in clusters)
    y0, y1 = min(c.y for c in clusters) - taller, max(c.y + c.glyph.ink.shape[0] for c in clusters)
    half, tall = max(1.0, (x1 - x0) / 2), max(1.0, y1 - y0)
    lift = max(-STEEPEST * half / 2, min(STEEPEST * half / 2, rise * height))
    lean = 2 * abs(lift) / half
    wide, high = half + tall / 2 * lean / math.sqrt(1 + lean * lean), (tall + abs(lift)) / 2
    scale = min(1.0, (width - 2) / (2 * wide), (height - 2) / (2 * high))
    aims = []
    for low, most, reach, room in ((x0, x1, wide, width), (y0, y1, high, height)):
        edge = reach * scale + 1
        aims.append(min(max((low + most) / 2, edge), max(room - edge, room / 2)))
    return Arc(((x0 + x1) / 2, (y0 + y1) / 2), half, lift, scale, (aims[0], aims[1]))


@dataclass(frozen=True, slots=True)
class Way:
    """The way from the flat line, of (width, height) pixels, to the image."""

    size: tuple[int, int]
    matrix: Matrix
    arc: Arc | None = None

    def points(self, x: Numbers, y: Numbers) -> tuple[Numbers, Numbers]:
        """Move points of the flat line to the image."""
        if self.arc is not None:
            x, y = self.arc.points(x, y)
        return moved(x, y, self.matrix)


def ways_of(row: Mapping[str, Any], clusters: Sequence[Cluster], height: int) -> list[Way]:
    """Return the ways that a line whose flat image is so many pixels high may have come.

    There are several of a bent one: a row of faint ink at the head of a glyph, which one library
    draws and another does not, makes the whole line smaller by a fiftieth.
    """
    matrix = np.eye(3) if row["matrix"] is None else np.array(row["matrix"], float).reshape(3, 3)
    size = row["line"]["width"], height
    rises = [params["rise"] for name, params in row["effects"] if name == "arc"]
    if not rises or not clusters:
        return [Way(size, matrix)]
    return [Way(size, matrix, arc_of(rises[0], clusters, size, taller)) for taller in (0, -1, 1)]


def laid_back(grey: Plane, way: Way) -> Plane:
    """Bring an image back to the flat line; its border goes on beyond it."""
    width, height = way.size
    if way.arc is None and np.array_equal(way.matrix, np.eye(3)) and grey.shape == (height, width):
        return grey
    x, y = np.meshgrid(np.arange(width, dtype=float), np.arange(height, dtype=float))
    u, v = way.points(x, y)
    u, v = np.clip(u, 0, grey.shape[1] - 1.001), np.clip(v, 0, grey.shape[0] - 1.001)
    i, j = v.astype(np.intp), u.astype(np.intp)
    dv, du = (v - i).astype(np.float32), (u - j).astype(np.float32)
    above = grey[i, j] * (1 - du) + grey[i, j + 1] * du
    below = grey[i + 1, j] * (1 - du) + grey[i + 1, j + 1] * du
    return np.asarray(above * (1 - dv) + below * dv, np.float32)


def share_inside(cluster: Cluster, way: Way, size: tuple[int, int]) -> float:
    """Return how much of a cluster's ink lies inside an image of (width, height) pixels."""
    rows, columns = np.nonzero(cluster.glyph.ink)
    weights = cluster.glyph.ink[rows, columns]
    x, y = way.points(columns + float(cluster.x), rows + float(cluster.y))
    inside = (x > -0.5) & (y > -0.5) & (x < size[0] - 0.5) & (y < size[1] - 0.5)
    return float(weights[inside].sum() / weights.sum())


def moved(x: Numbers, y: Numbers, m: Matrix) -> tuple[Numbers, Numbers]:
    """Move points by a 3 x 3 matrix."""
    scale = m[2, 0] * x + m[2, 1] * y + m[2, 2]
    moved_x = (m[0, 0] * x + m[0, 1] * y + m[0, 2]) / scale
    moved_y = (m[1, 0] * x + m[1, 1] * y + m[1, 2]) / scale
    return moved_x, moved_y
