"""From the flat line to the image and back, by the matrix of the manifest row, in numpy."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from audit_ink import Cluster, Plane

Matrix = npt.NDArray[np.float64]
"""3 x 3, from the flat line to the image; pixel (x, y) has its middle at (x, y)."""


def matrix_of(row: Mapping[str, Any]) -> Matrix:
    """Give the matrix from the flat line to the image."""
    return np.eye(3) if row["matrix"] is None else np.array(row["matrix"], float).reshape(3, 3)


def laid_back(grey: Plane, matrix: Matrix, size: tuple[int, int]) -> Plane:
    """Bring an image back to the flat line; its border goes on beyond it.

    Args:
        size: (width, height) of the flat line.
    """
    width, height = size
    if np.array_equal(matrix, np.eye(3)) and grey.shape == (height, width):
        return grey
    x, y = np.meshgrid(np.arange(width, dtype=float), np.arange(height, dtype=float))
    u, v = moved(x, y, matrix)
    u, v = np.clip(u, 0, grey.shape[1] - 1.001), np.clip(v, 0, grey.shape[0] - 1.001)
    i, j = v.astype(np.intp), u.astype(np.intp)
    dv, du = (v - i).astype(np.float32), (u - j).astype(np.float32)
    above = grey[i, j] * (1 - du) + grey[i, j + 1] * du
    below = grey[i + 1, j] * (1 - du) + grey[i + 1, j + 1] * du
    return np.asarray(above * (1 - dv) + below * dv, np.float32)


def share_inside(cluster: Cluster, matrix: Matrix, size: tuple[int, int]) -> float:
    """Tell how much of a cluster's ink lies inside an image of (width, height) pixels."""
    rows, columns = np.nonzero(cluster.glyph.ink)
    weights = cluster.glyph.ink[rows, columns]
    x, y = moved(columns + float(cluster.x), rows + float(cluster.y), matrix)
    inside = (x > -0.5) & (y > -0.5) & (x < size[0] - 0.5) & (y < size[1] - 0.5)
    return float(weights[inside].sum() / weights.sum())


def moved(x: Matrix, y: Matrix, m: Matrix) -> tuple[Matrix, Matrix]:
    """Move points by a 3 x 3 matrix."""
    scale = m[2, 0] * x + m[2, 1] * y + m[2, 2]
    moved_x = (m[0, 0] * x + m[0, 1] * y + m[0, 2]) / scale
    moved_y = (m[1, 0] * x + m[1, 1] * y + m[1, 2]) / scale
    return moved_x, moved_y
