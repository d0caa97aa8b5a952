"""A detector small enough to be made here: what is dark on a page is text."""

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from textlines.pixels.arrays import Image

Make = Callable[..., Path]


@pytest.fixture
def detector_file(tmp_path: Path) -> Make:
    """Return a function that writes an ONNX file that finds what is dark.

    Its probability is sigmoid(-steep x mean of the three channels).
    """

    def make(name: str = "dark.onnx", *, steep: float = 6.0, channels: int = 1) -> Path:
        onnx = pytest.importorskip("onnx")
        helper, float_ = onnx.helper, onnx.TensorProto.FLOAT
        weights = onnx.numpy_helper.from_array(
            np.full((channels, 3, 1, 1), -steep / 3, np.float32), "weights"
        )
        graph = helper.make_graph(
            [
                helper.make_node("Conv", ["x", "weights"], ["sum"]),
                helper.make_node("Sigmoid", ["sum"], ["map"]),
            ],
            "dark",
            [helper.make_tensor_value_info("x", float_, ["n", 3, "h", "w"])],
            [helper.make_tensor_value_info("map", float_, ["n", channels, "h", "w"])],
            [weights],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)])
        model.ir_version = 8
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(model.SerializeToString())
        return path

    return make


@pytest.fixture
def page() -> Image:
    """A page of 320 x 480 with two dark bars: (40, 50) to (240, 80) and (60, 200) to (400, 240)."""
    image = np.full((320, 480, 3), 255, np.uint8)
    image[50:80, 40:240] = 0
    image[200:240, 60:400] = 0
    return image


Bar = tuple[int, int, int, int]


@pytest.fixture
def dark_pages(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes pages with two dark bars each, and their label file."""

    def write(name: str = "pages", count: int = 6, *, margin: int = 0, text: str = "ok") -> Path:
        """Mark each bar with a margin around it."""
        folder = tmp_path / name
        (folder / "images").mkdir(parents=True)
        rows = []
        for page in range(count):
            image = np.full((320, 480, 3), 255, np.uint8)
            marks = []
            for left, top, right, bottom in _bars(page):
                image[top:bottom, left:right] = 0
                corners = [left - margin, top - margin, right + margin, bottom + margin]
                marks.append({"transcription": text, "points": _quad(*corners)})
            assert cv2.imwrite(str(folder / "images" / f"{page}.png"), image)
            rows.append(f"images/{page}.png\t{json.dumps(marks)}\n")
        (folder / "Label.txt").write_text("".join(rows), encoding="utf-8")
        return folder / "Label.txt"

    return write


def _bars(page: int) -> list[Bar]:
    shift = 5 * page
    return [(40 + shift, 50, 240 + shift, 80), (60, 200 - shift, 400, 240 - shift)]


def _quad(left: int, top: int, right: int, bottom: int) -> list[list[int]]:
    return [[left, top], [right, top], [right, bottom], [left, bottom]]
