from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from textlines.errors import InputError
from train.reading.onnx_network import OnnxNetwork

Make = Callable[..., Path]


def test_a_graph_tells_its_classes_and_its_dictionary(make_tiny: Make, tmp_path: Path) -> None:
    network = OnnxNetwork(make_tiny(tmp_path / "m.onnx", entries=("a", "\u2028", "값")))
    assert network.classes == 8
    assert network.entries == ("a", "\u2028", "값")
    assert network.name.startswith("onnxruntime ")
    assert OnnxNetwork(make_tiny(tmp_path / "n.onnx", entries=None)).entries is None


def test_a_line_gives_the_same_bits_in_any_batch(make_tiny: Make, tmp_path: Path) -> None:
    network = OnnxNetwork(make_tiny(tmp_path / "m.onnx"))
    lines = np.random.default_rng(1).uniform(-1, 1, (5, 3, 48, 336)).astype(np.float32)
    together = network.probabilities(lines)
    for number, line in enumerate(lines):
        assert np.array_equal(network.probabilities(line[None])[0], together[number])


@pytest.mark.parametrize(
    "shape, told",
    [
        (("N", 3, 32, "W"), "takes x N x 3 x 32 x W, not N x 3 x 48 x any width"),
        (("N", 3, 48, 320), "takes x N x 3 x 48 x 320, not"),
        ((8, 3, 48, "W"), "takes x 8 x 3 x 48 x W, not"),
    ],
)
def test_a_graph_of_another_shape_is_refused(
    make_tiny: Make, tmp_path: Path, shape: tuple[object, ...], told: str
) -> None:
    path = make_tiny(tmp_path / "m.onnx", shape=shape)
    with pytest.raises(InputError, match=told):
        OnnxNetwork(path)


def test_a_graph_without_softmax_is_refused(make_tiny: Make, tmp_path: Path) -> None:
    path = make_tiny(tmp_path / "m.onnx", softmax=False)
    with pytest.raises(InputError, match="gives no probabilities"):
        OnnxNetwork(path)


def test_what_is_no_onnx_is_told(make_tiny: Make, tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(b"no model")
    with pytest.raises(InputError, match=r"m\.onnx: is no ONNX model that onnxruntime opens"):
        OnnxNetwork(path)
    whole = make_tiny(path).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="is no ONNX model"):
        OnnxNetwork(path)
