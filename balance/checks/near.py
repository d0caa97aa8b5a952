"""Pairs of images that show the same line, though their bytes differ.

Candidates share a quarter of a window's hash at the same place (locality-sensitive hashing);
those whose hashes are near are compared pixel by pixel, so that two readings of one meter that
differ by a digit are told apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from balance.checks.image_facts import CELL_UNIT, HEIGHT, ImageFacts, line_grey
from textlines.pixels.arrays import Image
from textlines.pixels.decode import ImageError, read_image

NEIGHBOURS = 16
"""An image is compared with so many that follow it in a bucket: images of one template share
buckets by the thousand."""

FAR_SHARE, FAR_WINDOW = 0.14, 14
"""Bits that may differ: as a share of all, and in one window of 64."""

FAR_CELLS = 0.6
"""The mean difference of 2 x 2 cells beyond which a pair is not compared pixel by pixel, in
standard deviations: copies at 0.6 of the size stay below it (95 %: 0.52), nine of ten pairs of
lines of digits in one typeface do not."""

MOST_PAIRS = 500_000
"""Pairs that are compared pixel by pixel at most."""

DIFFERENT, DIFFERENT_SHORT = 0.33, 0.2
"""The largest mean difference in a block of 8 x 8 pixels, in standard deviations of the line,
that two pictures of one line may have; the second for lines of one window.

Measured on receipts, meters and signs: JPEG at quality 40, noise of 6 levels and changed
brightness stay below 0.2, a copy at 1.5 or 0.6 of the size below 0.31 and 0.47 (95 %: 0.24 and
0.40); a changed character moves a block by 1 (in 95 % by more than 0.33). Two prints of one
digit in one typeface come as near as 0.18, two prints of a word as near as 0.26.
"""


SOFT_PX = 2.0
"""Standard deviation of the blur before lines of height 32 are compared: edges of another
resizing are not differences."""


@dataclass(frozen=True, slots=True)
class NearPair:
    """Two paths whose images show the same line; `difference` as `DIFFERENT` has it."""

    first: str
    second: str
    difference: float


@dataclass(frozen=True, slots=True)
class NearSearch:
    """What a search found.

    Attributes:
        compared: pairs that were compared pixel by pixel.
        left_out: pairs that were not, for their number.
    """

    pairs: tuple[NearPair, ...]
    compared: int
    left_out: int


def find_near(facts: Mapping[str, ImageFacts]) -> NearSearch:
    """Find pairs of sound images that show the same line; files of equal bytes are left out.

    The result depends on the paths and images only, not on their order.
    """
    by_count: dict[int, list[tuple[str, bytes, bytes]]] = {}
    seen: set[bytes] = set()
    for path in sorted(facts):
        image = facts[path]
        # Of equal files one stands for all; a blank image is near to every other.
        if image.fault or image.is_blank or image.sha256 in seen:
            continue
        seen.add(image.sha256)
        for hashes, cells in zip(image.hashes, image.cells, strict=True):
            by_count.setdefault(len(hashes) // 8, []).append((path, hashes, cells))
    wanted: dict[tuple[str, str], None] = {}
    for count, members in sorted(by_count.items()):
        table = np.frombuffer(b"".join(hashes for _, hashes, _ in members), np.uint8)
        near_rows = candidates(table.reshape(len(members), 8 * count))
        grid = np.frombuffer(b"".join(cells for _, _, cells in members), np.int8)
        for first, second in alike(grid.reshape(len(members), 8, 8 * count), near_rows):
            wanted[members[first][0], members[second][0]] = None
    pairs = list(wanted)
    near = []
    for a, b in pairs[:MOST_PAIRS]:
        apart = compare(Path(a), Path(b))
        is_short = all(len(hashes) == 8 for hashes in facts[a].hashes)
        if apart <= (DIFFERENT_SHORT if is_short else DIFFERENT):
            near.append(NearPair(a, b, round(apart, 3)))
    compared = min(len(pairs), MOST_PAIRS)
    return NearSearch(tuple(near), compared, len(pairs) - compared)


def candidates(table: npt.NDArray[np.uint8]) -> list[tuple[int, int]]:
    """Find pairs of rows whose hashes are near.

    Args:
        table: N x 8·C uint8, the hashes of C windows of N images.

    Returns:
        Pairs of row numbers, the lower first, in order.
    """
    rows, width = table.shape
    quarters = np.ascontiguousarray(table).view(np.uint16)
    pairs: list[npt.NDArray[np.int64]] = []
    for column in range(width // 2):
        values = quarters[:, column]
        order = np.argsort(values, kind="stable")
        ranked = values[order]
        # A quarter without a bit is flat paper: it says nothing.
        some = ranked != 0
        for step in range(1, min(NEIGHBOURS, rows - 1) + 1):
            same = (ranked[step:] == ranked[:-step]) & some[step:]
            if not same.any():
                break
            left, right = order[:-step][same], order[step:][same]
            near = _is_near(table, left, right)
            pair = np.stack([np.minimum(left, right)[near], np.maximum(left, right)[near]], 1)
            pairs.append(pair)
    if not pairs:
        return []
    unique = np.unique(np.concatenate(pairs), axis=0)
    return [(int(first), int(second)) for first, second in unique]


def alike(cells: npt.NDArray[np.int8], pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Keep the pairs whose brightness differs nowhere by much.

    Args:
        cells: N x 8 x 8·C int8, as `window_cells` gives them.
        pairs: of row numbers.
    """
    kept: list[tuple[int, int]] = []
    for start in range(0, len(pairs), 20_000):  # bounds the memory
        part = np.array(pairs[start : start + 20_000])
        apart = np.abs(cells[part[:, 0]].astype(np.int16) - cells[part[:, 1]])
        rows = apart[:, :-1] + apart[:, 1:]
        blocks = rows[:, :, :-1] + rows[:, :, 1:]
        near = blocks.max(axis=(1, 2)) <= 4 * FAR_CELLS * CELL_UNIT
        kept += [(int(first), int(second)) for first, second in part[near]]
    return kept


def _is_near(
    table: npt.NDArray[np.uint8], left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Return which pairs of rows differ in few bits, over all and in every window."""
    near = np.zeros(len(left), np.bool_)
    for start in range(0, len(left), 200_000):  # bounds the memory
        part = slice(start, start + 200_000)
        apart = np.bitwise_count(table[left[part]] ^ table[right[part]])
        windows = apart.reshape(len(apart), -1, 8).sum(axis=2)
        near[part] = (windows.max(axis=1) <= FAR_WINDOW) & (
            windows.sum(axis=1) <= FAR_SHARE * 8 * table.shape[1]
        )
    return near


def compare(first: Path, second: Path) -> float:
    """Return the largest local difference of two images; infinite if one cannot be read."""
    try:
        left, right = read_image(first), read_image(second)
    except ImageError:
        return float("inf")
    width = sum(round(image.shape[1] * HEIGHT / image.shape[0]) for image in (left, right)) // 2
    # Both as coarse as the coarser one, or a copy at half the size differs at every edge.
    coarse = min(left.shape[0], right.shape[0], HEIGHT)
    lines = [_line(image, min(max(width, 24), 2048), coarse) for image in (left, right)]
    return difference(*lines)


def _line(image: Image, width: int, height: int) -> np.ndarray:
    """Bring a crop to grey, `width` x 32, by way of a lower height."""
    import cv2

    if image.shape[0] > height:
        reduced_width = max(round(image.shape[1] * height / image.shape[0]), 1)
        image = np.asarray(
            cv2.resize(image, (reduced_width, height), interpolation=cv2.INTER_AREA), np.uint8
        )
    return line_grey(image, width)


def difference(first: np.ndarray, second: np.ndarray) -> float:
    """Compare two grey lines of one size, best of small shifts.

    Args:
        first, second: 32 x W uint8, W >= 24.

    Returns:
        The largest mean difference over blocks of 8 x 8 pixels, both lines brought to mean 0 and
        standard deviation 1: brightness and contrast do not count.
    """
    import cv2

    a, b = _level(first), _level(second)
    inner = a[1:-1, 3:-3]
    best = float("inf")
    for down in (0, 1, 2):
        for right in range(7):
            moved = b[down : down + inner.shape[0], right : right + inner.shape[1]]
            blocks = cv2.blur(np.abs(inner - moved), (8, 8))
            best = min(best, float(blocks.max()))
    return best


def _level(grey: np.ndarray) -> npt.NDArray[np.float32]:
    import cv2

    soft = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), SOFT_PX)
    return np.asarray((soft - soft.mean()) / max(float(soft.std()), 1.0), np.float32)
