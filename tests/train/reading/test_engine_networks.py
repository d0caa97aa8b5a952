"""A network read by onnxruntime, and by Paddle."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from textlines.errors import InputError, UsageError
from textlines.labels.alphabet import Alphabet
from train.models.base_folder import Source, write_base
from train.networks.spec import FAMILIES
from train.reading.engine import CtcEngine
from train.reading.engine_networks import OnnxNetwork
from train.reading.model_opening import open_model

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


ALPHABET = Alphabet(("값", "1", "l", "a", "b", "."))


def _no_graph(path: Path) -> None:
    path.write_bytes(b"")


@pytest.fixture(scope="module")
def paddle(skip_or_fail: Callable[[str], NoReturn]) -> Any:
    try:
        import paddle as found
    except ImportError:
        skip_or_fail("paddlepaddle is not installed (extra `train`)")
    return found


@pytest.fixture(scope="module")
def network(paddle: Any) -> Any:
    from train.networks.building import build

    paddle.seed(11)
    return build(FAMILIES["svtr_mobilenet_v3"].with_classes(ALPHABET.classes))


@pytest.fixture
def base(network: Any, tmp_path: Path) -> Path:
    tensors = {name: value.numpy() for name, value in network.state_dict().items()}
    write_base(
        tmp_path / "base",
        spec=network.spec,
        tensors=tensors,
        alphabet=ALPHABET,
        write_graph=_no_graph,
        source=Source(kind="checkpoint", files={}, tensors={}),
    )
    return tmp_path / "base"


def test_probabilities_are_the_networks(paddle: Any, network: Any, base: Path) -> None:
    engine = open_model(str(base), engine="paddle").engine
    assert isinstance(engine, CtcEngine)
    assert engine.name.endswith("on cpu")
    rng = np.random.default_rng(2)
    crops = [engine.prepare(rng.integers(0, 256, (30, 90, 3), np.uint8)) for _ in range(3)]
    found = engine.probabilities(crops)
    assert found.shape == (3, 40, ALPHABET.classes)
    for crop, one in zip(crops, found, strict=True):
        np.testing.assert_allclose(engine.probabilities([crop])[0], one, atol=1e-5)
    from textlines.pixels.resize import network_input

    image = rng.integers(0, 256, (48, 400, 3), np.uint8)
    with paddle.no_grad():
        wanted = network(paddle.to_tensor(network_input(image)[None])).numpy()
    np.testing.assert_array_equal(engine.probabilities([engine.prepare(image)]), wanted)


def test_a_gpu_that_is_not_there_is_told(paddle: Any, base: Path) -> None:
    if paddle.device.is_compiled_with_cuda() and paddle.device.cuda.device_count():
        assert open_model(str(base), device="gpu").engine.name.endswith("on gpu")
        return
    with pytest.raises(UsageError, match=r"--device gpu: needs a GPU; this Paddle .*--device cpu"):
        open_model(str(base), device="gpu")


def test_weights_of_another_network_are_refused(network: Any, tmp_path: Path) -> None:
    tensors = {name: value.numpy() for name, value in network.state_dict().items()}
    del tensors["head.fc.bias"]
    write_base(
        tmp_path / "base",
        spec=network.spec,
        tensors=tensors,
        alphabet=ALPHABET,
        write_graph=_no_graph,
        source=Source(kind="checkpoint", files={}, tensors={}),
    )
    with pytest.raises(InputError, match=r"lacks 1 and misfits 0 of \d+ tensors .*head\.fc\.bias"):
        open_model(str(tmp_path / "base"), engine="paddle")
