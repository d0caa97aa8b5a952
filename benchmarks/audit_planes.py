"""Small filters on planes of float32, in numpy alone."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

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
    """Give the highest value in a square of `reach` pixels on each side."""
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
    """Give the lowest value in a square of `reach` pixels on each side."""
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
