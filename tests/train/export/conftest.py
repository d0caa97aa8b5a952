"""What the tests of exports share: a base folder of a small network with drawn weights."""

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from textlines.labels.alphabet import Alphabet
from train.models.base_folder import BaseFolder, Source, write_base
from train.networks.spec import FAMILIES

# A blank entry, one of several code points, NFD, and what YAML takes for something else.
ENTRIES = (*"0123456789.abAB값-", "no", "~", "#", "'", '"', "", "㈜회사", "\u1100\u1161", "\u3000")


@pytest.fixture(scope="session", name="paddle")
def paddle_fixture(skip_or_fail: Callable[[str], NoReturn]) -> Any:
    for name in ("paddle", "paddle2onnx", "onnx", "onnxruntime", "yaml"):
        if importlib.util.find_spec(name) is None:
            skip_or_fail(f"{name} is not installed (extra `train`)")
    import paddle

    return paddle


@pytest.fixture(scope="session")
def entries() -> tuple[str, ...]:
    """Return the entries of the dictionary."""
    return ENTRIES


@pytest.fixture(scope="session")
def make_base(paddle: Any) -> Callable[..., BaseFolder]:
    """Return a function that writes a base folder of a network as it is before training."""

    def make(path: Path, *, family: Any = "svtr_mobilenet_v3") -> BaseFolder:
        from train.networks.building import build

        alphabet = Alphabet(ENTRIES)
        spec = replace(FAMILIES[family], name="meters", classes=alphabet.classes)
        paddle.seed(11)
        tensors = {name: value.numpy() for name, value in build(spec).state_dict().items()}
        return write_base(
            path,
            spec=spec,
            tensors=tensors,
            alphabet=alphabet,
            # Nothing here reads the base's own graph; its bytes are only hashed.
            write_graph=lambda graph: graph.write_bytes(b"a graph") and None,
            source=Source(kind="onnx", files={"m.onnx": "ab" * 32}, tensors={"loaded": 1}),
        )

    return make


@pytest.fixture(scope="session")
def write_crops() -> Callable[[Path], Path]:
    """Return a function that writes a label file of three crops of noise, one of them not there."""

    def write(folder: Path) -> Path:
        import cv2

        folder.mkdir(exist_ok=True)
        rng = np.random.default_rng(2)
        for name, shape in (("a.png", (30, 90, 3)), ("b.png", (48, 500, 3))):
            assert cv2.imwrite(str(folder / name), rng.integers(0, 256, shape, np.uint8))
        labels = folder / "rec_gt.txt"
        labels.write_text("a.png\t1\nb.png\t2\nc.png\t3\n", encoding="utf-8")
        return labels

    return write


@pytest.fixture(scope="session")
def small_base(
    make_base: Callable[..., BaseFolder], tmp_path_factory: pytest.TempPathFactory
) -> BaseFolder:
    """Return a base folder of the v3 network: the smaller one."""
    return make_base(tmp_path_factory.mktemp("base") / "base")
