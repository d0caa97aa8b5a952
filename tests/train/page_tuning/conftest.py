"""A detector of two layers that does not quite see dark bars, and pages of them."""

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

WritePages = Callable[..., Path]


@pytest.fixture
def faint(tmp_path: Path) -> Path:
    """Return an ONNX file of a detector that gives dark pixels .2 or so, and bright ones less."""
    onnx = pytest.importorskip("onnx")
    helper, float_ = onnx.helper, onnx.TensorProto.FLOAT
    random = np.random.default_rng(5)
    values = {
        "first": random.normal(0, 0.05, (4, 3, 3, 3)).astype(np.float32),
        "first_bias": np.full(4, 0.1, np.float32),
        "last": np.full((1, 4, 1, 1), 0.1, np.float32),
        "last_bias": np.array([[-1.5]], np.float32).reshape(1),
    }
    values["first"][:, :, 1, 1] -= 0.4
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["x", "first", "first_bias"], ["seen"], pads=[1, 1, 1, 1]),
            helper.make_node("Relu", ["seen"], ["kept"]),
            helper.make_node("Conv", ["kept", "last", "last_bias.b_0"], ["sum"]),
            helper.make_node("Sigmoid", ["sum"], ["map"]),
        ],
        "faint",
        [helper.make_tensor_value_info("x", float_, ["n", 3, "h", "w"])],
        [helper.make_tensor_value_info("map", float_, ["n", 1, "h", "w"])],
        [
            onnx.numpy_helper.from_array(value, name if name != "last_bias" else "last_bias.b_0")
            for name, value in values.items()
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)])
    model.ir_version = 8
    path = tmp_path / "faint.onnx"
    path.write_bytes(model.SerializeToString())
    return path


@pytest.fixture
def write_pages(tmp_path: Path) -> WritePages:
    """Return a function that writes pages with two dark bars each, and their label file."""

    def write(name: str, count: int, *, empty: int = 0, seed: int = 0) -> Path:
        folder = tmp_path / name
        (folder / "images").mkdir(parents=True)
        random = np.random.default_rng(seed)
        rows = []
        for page in range(count + empty):
            image = np.full((200, 280, 3), 235, np.uint8)
            image += random.integers(0, 20, image.shape, np.uint8)
            marks = []
            for top in (30, 120) if page < count else ():
                left, shift = 20 + int(random.integers(30)), int(random.integers(20))
                corners = (left, top + shift, left + 180, top + shift + 30)
                image[corners[1] : corners[3], corners[0] : corners[2]] = 30
                marks.append({"transcription": f"{name}{page}", "points": _quad(*corners)})
            assert cv2.imwrite(str(folder / "images" / f"{page}.png"), image)
            rows.append(f"images/{page}.png\t{json.dumps(marks)}\n")
        (folder / "Label.txt").write_text("".join(rows), encoding="utf-8")
        return folder / "Label.txt"

    return write


def _quad(left: int, top: int, right: int, bottom: int) -> list[list[int]]:
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


@pytest.fixture
def mixed(tmp_path: Path, write_pages: WritePages) -> Path:
    """Return the folder of a mix: 16 own pages and 12 of another scene, 2 of them without text."""
    from balance import MixRequest, mix

    mix(
        MixRequest(
            own=(write_pages("own", 16),),
            original=(write_pages("other", 10, empty=2, seed=1),),
            epochs=2,
            out=tmp_path / "mix",
        )
    )
    return tmp_path / "mix"
