"""The Paddle engine reads a base folder as the network itself does."""

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
from train.reading.opening import open_model

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
    from train.networks.build import build

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
