"""Geometry as 3 x 3 matrices, and moving pixels and points by them.

Pixel (x, y) has its centre at (x, y), as OpenCV counts. Matrices map the source to the target.
All is computed with the four basic operations on float64, and rounded before use, so that it
does not depend on the linear algebra that numpy was built with.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from textlines.pixels.noise import coarse_grid

Matrix: TypeAlias = npt.NDArray[np.float64]
"""3 x 3 float64, for points as columns (x, y, 1)."""

Points: TypeAlias = npt.NDArray[np.float64]
"""N x 2 float64, (x, y) in pixels."""

Corner = tuple[float, float]


def compose(*matrices: Matrix) -> Matrix:
    """Multiply matrices; the first named is applied first.

    >>> shift = np.array([[1, 0, 5], [0, 1, 0], [0, 0, 1.0]])
    >>> compose(shift, rotation(1, 1, deg=90.0)).round(6).tolist()
    [[0.0, 1.0, 0.0], [-1.0, 0.0, -5.0], [0.0, 0.0, 1.0]]
    """
    result = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    for matrix in matrices:
        m = matrix.tolist()
        result = [
            [r[0] * result[0][c] + r[1] * result[1][c] + r[2] * result[2][c] for c in range(3)]
            for r in m
        ]
    return np.array(result)


def steady(matrix: Matrix) -> Matrix:
    """Round to a fixed grid, 1e-7 (the last row: 1e-11), for equal bytes on every machine."""
    (a, b, c), (d, e, f), (g, h, i) = matrix.tolist()
    near = [[round(v * 1e7) / 1e7 for v in row] for row in ((a, b, c), (d, e, f))]
    return np.array([*near, [round(v * 1e11) / 1e11 for v in (g, h, i)]])


def _around_centre(width: int, height: int, a: float, b: float, c: float, d: float) -> Matrix:
    """Apply the linear map ((a, b), (c, d)) around the middle of the image."""
    x, y = (width - 1) / 2, (height - 1) / 2
    return np.array([[a, b, x - a * x - b * y], [c, d, y - c * x - d * y], [0.0, 0.0, 1.0]])


def rotation(width: int, height: int, *, deg: float) -> Matrix:
    """Turn around the middle, counter-clockwise as seen, in degrees."""
    cos, sin = math.cos(math.radians(deg)), math.sin(math.radians(deg))
    return _around_centre(width, height, cos, sin, -sin, cos)


def shear(width: int, height: int, *, deg: float) -> Matrix:
    """Lean uprights to the right by this many degrees (to the left when negative)."""
    return _around_centre(width, height, 1.0, -math.tan(math.radians(deg)), 0.0, 1.0)


def slope(width: int, height: int, *, deg: float) -> Matrix:
    """Let the line climb (counter-clockwise) by this many degrees and keep uprights upright."""
    return _around_centre(width, height, 1.0, 0.0, -math.tan(math.radians(deg)), 1.0)


def from_corners(width: int, height: int, corners: Sequence[Corner]) -> Matrix:
    """Map the image's corners (left top, right top, right bottom, left bottom) to `corners`.

    Closed form of Heckbert, "Fundamentals of Texture Mapping and Image Warping" (1989), 2.2.3.

    Raises:
        ValueError: the corners do not span a convex quadrilateral.
    """
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
    turns = []
    for i in range(4):
        (ax, ay), (bx, by), (cx, cy) = (corners[(i + k) % 4] for k in range(3))
        turns.append((bx - ax) * (cy - by) - (by - ay) * (cx - bx))
    if min(turns) <= 0:
        raise ValueError(f"corners {list(corners)} do not span a convex quadrilateral")
    dx1, dx2, dx3 = x1 - x2, x3 - x2, x0 - x1 + x2 - x3
    dy1, dy2, dy3 = y1 - y2, y3 - y2, y0 - y1 + y2 - y3
    whole = dx1 * dy2 - dx2 * dy1
    g = (dx3 * dy2 - dx2 * dy3) / whole
    h = (dx1 * dy3 - dx3 * dy1) / whole
    u, v = max(1, width - 1), max(1, height - 1)
    return np.array(
        [
            [(x1 - x0 + g * x1) / u, (x3 - x0 + h * x3) / v, x0],
            [(y1 - y0 + g * y1) / u, (y3 - y0 + h * y3) / v, y0],
            [g / u, h / v, 1.0],
        ]
    )


def perspective(width: int, height: int, *, spread: float, seed: int) -> Matrix:
    """Move each corner by up to `spread` (0..0.2) of the shorter side in x and in y.

    Below a quarter of the shorter side no choice of shifts folds the image.
    """
    right, bottom = max(1, width - 1), max(1, height - 1)
    reach = min(max(spread, 0.0), 0.2) * min(right, bottom)
    shifts = ((coarse_grid(4, 2, seed).astype(np.float64) / 127.5 - 1) * reach).tolist()
    plain = ((0.0, 0.0), (right, 0.0), (right, bottom), (0.0, bottom))
    corners = [(x + dx, y + dy) for (x, y), (dx, dy) in zip(plain, shifts, strict=True)]
    return from_corners(width, height, corners)


def keystone(width: int, height: int, *, side: float = 0.0, top: float = 0.0) -> Matrix:
    """See the plane from one side.

    Args:
        width, height: of the image in pixels.
        side: how much lower the left edge becomes, as a share of the height (-0.5..0.5;
            negative: the right edge).
        top: by how much the upper edge is drawn in at both ends, as a share of the height
            (negative: the lower edge).
    """
    right, bottom = max(1, width - 1), max(1, height - 1)
    left, far = max(0.0, side) * bottom / 2, max(0.0, -side) * bottom / 2
    limit = 0.4 * right
    above, below = (min(max(0.0, k * top) * bottom, limit) for k in (1.0, -1.0))
    corners = [
        (above, left),
        (right - above, far),
        (right - below, bottom - far),
        (below, bottom - left),
    ]
    return from_corners(width, height, corners)


def warp(
    array: npt.NDArray[np.uint8],
    matrix: Matrix,
    size: tuple[int, int],
    border: Literal["constant", "replicate", "reflect"] = "constant",
) -> npt.NDArray[np.uint8]:
    """Move pixels, between four neighbours by OpenCV's fixed-point weights.

    Args:
        array: H x W or H x W x 3 uint8. Left as it is.
        matrix: from the source to the target; rounded by `steady` first.
        size: (width, height) of the target.
        border: what lies outside the source: 0, its last pixels, or its mirror image.

    Returns:
        A new array of the given size.
    """
    m = steady(matrix)
    modes = {
        "constant": cv2.BORDER_CONSTANT,
        "replicate": cv2.BORDER_REPLICATE,
        "reflect": cv2.BORDER_REFLECT_101,
    }
    if m[2, 0] == 0.0 and m[2, 1] == 0.0 and m[2, 2] == 1.0:
        return cv2.warpAffine(
            array, m[:2], size, flags=cv2.INTER_LINEAR, borderMode=modes[border], borderValue=0
        )
    return cv2.warpPerspective(
        array, m, size, flags=cv2.INTER_LINEAR, borderMode=modes[border], borderValue=0
    )


def warp_points(points: Points, matrix: Matrix) -> Points:
    """Move points, N x 2 (x, y), by the matrix as `warp` rounds it. A new array.

    >>> warp_points(np.array([[0.0, 0.0]]), rotation(3, 1, deg=90.0)).round(6).tolist()
    [[1.0, 1.0]]
    """
    m = steady(matrix)
    moved = points[:, :1] * m[:, 0] + points[:, 1:] * m[:, 1] + m[:, 2]
    return moved[:, :2] / moved[:, 2:]


GEOMETRY: Mapping[str, Callable[..., Matrix]] = {
    "shear": shear,
    "rotation": rotation,
    "slope": slope,
    "keystone": keystone,
    "perspective": perspective,
}
