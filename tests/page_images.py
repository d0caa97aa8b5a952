"""Pages of our own making with lines at known places."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

QUADS = (
    [[20, 20], [180, 20], [180, 50], [20, 50]],
    [[220, 30], [380, 60], [374, 92], [214, 62]],
    [[300, 120], [330, 120], [330, 280], [300, 280]],
)
"""A level line, one that falls to the right, and a vertical one."""


def page_image() -> np.ndarray:
    """Draw a page, 400 x 300: each line is a frame, red at its start and blue at its end."""
    image = np.full((300, 400, 3), 240, np.uint8)
    for quad in QUADS:
        corners = np.array(quad, np.int32)
        cv2.fillConvexPoly(image, corners, (200, 200, 200))
        a, b, c, d = (np.array(corner, float) for corner in quad)
        start = np.array([a, a + (b - a) * 0.2, d + (c - d) * 0.2, d]).astype(np.int32)
        end = np.array([b + (a - b) * 0.2, b, c, c + (d - c) * 0.2]).astype(np.int32)
        cv2.fillConvexPoly(image, start, (30, 30, 220))
        cv2.fillConvexPoly(image, end, (220, 30, 30))
    return image


def save_page(path: Path) -> Path:
    """Write the page; `path` may be of any script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", page_image())[1].tobytes())
    return path


class Pages:
    """Writes pages and annotations into one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.quads = folder, QUADS

    def page(self, name: str) -> Path:
        """Write the page under a name."""
        return save_page(self.folder / name)

    def text(self, name: str, content: str | bytes) -> Path:
        """Write a file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def labels(self, out: str = "out") -> list[str]:
        """Return the labels of an import in order."""
        rows = (self.folder / out / "rec_gt.txt").read_text(encoding="utf-8").splitlines()
        return [row.split("\t")[1] for row in rows]

    def crops(self, out: str = "out") -> list[np.ndarray]:
        """Return the crops of an import in order."""
        folder = self.folder / out
        rows = (folder / "rec_gt.txt").read_text(encoding="utf-8").splitlines()
        paths = [folder / row.split("\t")[0] for row in rows]
        return [cv2.imdecode(np.frombuffer(p.read_bytes(), np.uint8), 1) for p in paths]

    @staticmethod
    def reads_right(crop: np.ndarray) -> bool:
        """Return whether a crop starts red on the left and ends blue on the right."""
        wide = crop.shape[1]
        left = crop[4:-4, 4 : wide // 7].reshape(-1, 3).mean(axis=0)
        right = crop[4:-4, -(wide // 7) : -4].reshape(-1, 3).mean(axis=0)
        return bool(left[2] > 150 > left[0] and right[0] > 150 > right[2])

    def row(self, quad: Sequence[Sequence[float]], tail: str) -> str:
        """Write corners and what follows, set apart by commas."""
        return ",".join(f"{n:g}" for corner in quad for n in corner) + f",{tail}\n"


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    """Return a folder to write pages into."""
    return Pages(tmp_path)
