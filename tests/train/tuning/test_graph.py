"""The exported network with other weights put in."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from textlines.errors import InputError


@pytest.fixture(scope="module")
def graph(little_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Export the little network once."""
    from train.tuning.graph import TuningGraph
    from train.tuning.tunable import Tunable
    from train.weights.base_folder import read_base

    base = read_base(little_base)
    built = Tunable.of(base.spec, base.tensors())
    return TuningGraph(built, tmp_path_factory.mktemp("graph"))


@pytest.mark.parametrize("width", [320, 448])
def test_weights_put_in_read_as_paddle_does(
    paddle: Any, graph: Any, tunable: Any, tmp_path: Path, width: int
) -> None:
    from train.tuning.graph import FeatureReader

    random = np.random.default_rng(2)
    other = {
        name: (one * random.uniform(0.8, 1.2, one.shape)).astype(np.float32)
        for name, one in tunable.tensors().items()
    }
    tunable.put(other)
    graph.write(other, tmp_path / "other.onnx")
    lines = random.random((2, 3, 48, width), np.float32) * 2 - 1
    probabilities, features = FeatureReader(tmp_path / "other.onnx").read(lines)
    with paddle.no_grad():
        tensor = paddle.to_tensor(lines)
        wanted = tunable.network(tensor).numpy()
        wanted_features = tunable.network.features(tensor).numpy()[:, :, 0]
    assert probabilities.shape == (2, width // 8, 13)
    assert np.abs(probabilities - wanted).max() < 1e-5
    scale = np.abs(wanted_features).max()
    assert np.abs(features - wanted_features).max() < 1e-5 * max(scale, 1)


def test_a_missing_or_other_tensor_is_refused(graph: Any, tunable: Any, tmp_path: Path) -> None:
    weights = dict(tunable.tensors())
    bias = weights.pop("head.fc.bias")
    with pytest.raises(ValueError, match=r"head\.fc\.bias is missing"):
        graph.write(weights, tmp_path / "a.onnx")
    with pytest.raises(ValueError, match=r"head\.fc\.bias is \(12,\), the graph has \(13,\)"):
        graph.write({**weights, "head.fc.bias": bias[1:]}, tmp_path / "a.onnx")
    assert not (tmp_path / "a.onnx").exists()


def test_a_graph_without_its_names_is_refused(
    tunable: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import onnx
    from onnx import helper

    from train.tuning import graph as module

    def nameless(_: object, path: Path) -> None:
        onnx.save(helper.make_model(helper.make_graph([], "none", [], [])), str(path))

    monkeypatch.setattr(module, "_export", nameless)
    with pytest.raises(InputError, match=r"lacks (\d+) of \1 weights \(first: backbone\."):
        module.TuningGraph(tunable, tmp_path)
