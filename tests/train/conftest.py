"""A recognizer small enough to be made in a test: it reads grey columns as characters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

ENTRIES = ("값", "1", "l", "a", "b", ".")
"""Of the tiny model's dictionary; a space follows them."""

CLASSES = len(ENTRIES) + 2

LEVELS = [0.0, *(-1 + 2 * k / (CLASSES - 1) for k in range(CLASSES - 1))]
"""The grey, -1..1, that each class stands for; blank is the grey of the padding."""


@dataclass(frozen=True)
class Tiny:
    """Makes crops of texts and the model that reads them back."""

    path: Path
    entries: tuple[str, ...] = ENTRIES

    def crop(self, path: Path, text: str, *, dim: float = 1.0, height: int = 48) -> Path:
        """Write a crop: a column of 16 pixels of a character's grey, then 8 of the blank's.

        A character with `~` behind it is drawn between its own grey and the next class's.
        """
        import cv2

        columns: list[float] = []
        for char in text:
            if char == "~":
                step = 2 / (CLASSES - 1)
                columns[-3:-1] = [columns[-2] + 0.45 * step] * 2
                continue
            number = len(self.entries) + 1 if char == " " else self.entries.index(char) + 1
            columns += [LEVELS[number] * dim, LEVELS[number] * dim, 0.0]
        grey = np.rint((np.repeat(columns, 8) / 2 + 0.5) * 255).astype(np.uint8)
        image = np.repeat(np.repeat(grey[None, :, None], height, axis=0), 3, axis=2)
        path.parent.mkdir(parents=True, exist_ok=True)
        assert cv2.imwrite(str(path), image)
        return path

    def turned(self, path: Path, text: str, turn: int, *, dim: float = 1.0) -> Path:
        """Write a crop with the text in its upper half, that a turn of so much sets upright."""
        import cv2

        image = cv2.imread(str(self.crop(path, text, dim=dim)))
        assert image is not None
        image[24:] = 128
        assert cv2.imwrite(str(path), np.rot90(image, -turn // 90))
        return path

    def labels(self, folder: Path, rows: Sequence[tuple[str, str, str]]) -> Path:
        """Write crops and their label file: rows of path, what is drawn, and label."""
        for path, drawn, _ in rows:
            self.crop(folder / path, drawn)
        file = folder / "rec_gt.txt"
        file.write_text("".join(f"{path}\t{label}\n" for path, _, label in rows), encoding="utf-8")
        return file


def write_tiny(
    path: Path,
    *,
    entries: Sequence[str] | None = ENTRIES,
    shape: Sequence[Any] = ("N", 3, 48, "W"),
    softmax: bool = True,
    upper: bool = False,
    properties: "dict[str, str] | None" = None,
) -> Path:
    """Write the ONNX file: mean grey of 8 columns, nearest level, softmax.

    Args:
        upper: of their upper half alone: it reads nothing in a crop that lies upside down.
        properties: further metadata.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    levels = np.array(LEVELS, np.float32)
    nodes = [
        helper.make_node(
            "AveragePool", ["x"], ["p"], kernel_shape=[24 if upper else 48, 8], strides=[48, 8]
        ),
        helper.make_node("ReduceMean", ["p"], ["m"], axes=[1, 2], keepdims=0),
        helper.make_node("Unsqueeze", ["m", "last"], ["u"]),
        helper.make_node("Sub", ["u", "levels"], ["d"]),
        helper.make_node("Mul", ["d", "d"], ["s"]),
        helper.make_node("Mul", ["s", "scale"], ["logits" if softmax else "y"]),
    ]
    if softmax:
        nodes.append(helper.make_node("Softmax", ["logits"], ["y"], axis=-1))
    constants = [
        numpy_helper.from_array(np.array([2], np.int64), "last"),
        numpy_helper.from_array(levels, "levels"),
        numpy_helper.from_array(np.array(-300, np.float32), "scale"),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, list(shape))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", "T", len(levels)])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    if entries is not None:
        held = {"character": "\n".join(entries), **(properties or {})}
        helper.set_model_props(model, held)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(path))
    return path


@pytest.fixture(scope="session")
def make_tiny(skip_or_fail: Callable[[str], NoReturn]) -> Callable[..., Path]:
    """Return the function that writes tiny models."""
    for name in ("onnx", "onnxruntime"):
        try:
            __import__(name)
        except ImportError:
            skip_or_fail(f"needs {name}, of the extra `train`")
    return write_tiny


@pytest.fixture
def tiny(make_tiny: Callable[..., Path], tmp_path: Path) -> Tiny:
    """Return a tiny model with its dictionary inside."""
    return Tiny(make_tiny(tmp_path / "tiny.onnx"))


@pytest.fixture
def upright(make_tiny: Callable[..., Path], tmp_path: Path) -> Tiny:
    """Return a tiny model that reads only the upper half of a crop: nothing, upside down."""
    return Tiny(make_tiny(tmp_path / "upright.onnx", upper=True))


@pytest.fixture(scope="session")
def tiny_at(make_tiny: Callable[..., Path]) -> Callable[[Path], Tiny]:
    """Return the function that wraps a model file, for fixtures that outlive a test."""
    return Tiny


@pytest.fixture
def production(tmp_path: Path) -> Path:
    """Return an empty folder for crops of production."""
    folder = tmp_path / "production"
    folder.mkdir()
    return folder
