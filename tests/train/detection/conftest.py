"""A detector small enough to be made here: what is dark on a page is text."""

from collections.abc import Callable
from pathlib import Path

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
