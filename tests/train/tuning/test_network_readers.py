"""The exported network with other weights put in."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.train.tuning.conftest import draw_crop
from textlines.errors import InputError
from textlines.pixels.decode import read_image


@pytest.fixture(scope="module")
def graph(little_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Export the little network once."""
    from train.models.base_folder import read_base
    from train.tuning.network_readers import TuningGraph
    from train.tuning.tunable import Tunable

    base = read_base(little_base)
    built = Tunable.of(base.spec, base.tensors())
    return TuningGraph(built, tmp_path_factory.mktemp("graph"))


@pytest.mark.parametrize("width", [320, 448])
def test_weights_put_in_read_as_paddle_does(
    paddle: Any, graph: Any, tunable: Any, tmp_path: Path, width: int
) -> None:
    from train.tuning.network_readers import FeatureReader

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


@pytest.mark.parametrize("width", [320, 448])
def test_from_features_the_head_gives_the_same_bits(
    graph: Any, tunable: Any, tmp_path: Path, width: int
) -> None:
    from train.tuning.network_readers import FeatureReader, HeadReader

    random = np.random.default_rng(3)
    base = tunable.tensors()
    other = {
        name: one if name.startswith("backbone") else (one * 1.1).astype(np.float32)
        for name, one in base.items()
    }
    graph.write(base, tmp_path / "base.onnx")
    graph.write(other, tmp_path / "other.onnx")
    graph.write_head(other, tmp_path / "head.onnx")
    lines = random.random((2, 3, 48, width), np.float32) * 2 - 1
    features = FeatureReader(tmp_path / "base.onnx").read(lines)[1]
    wanted = FeatureReader(tmp_path / "other.onnx").read(lines)[0]
    assert np.array_equal(HeadReader(tmp_path / "head.onnx").read(features), wanted)


def test_sets_are_judged_from_features_as_they_are_from_crops(
    graph: Any, tunable: Any, little_base: Path, tmp_path: Path
) -> None:
    from textlines.formats.judged_set import JudgedSet
    from textlines.pixels.resize import to_recognizer
    from train.models.base_folder import read_base
    from train.reading.turning import prepared_turns
    from train.tuning import run_readings
    from train.tuning.network_readers import FeatureEngine, FeatureReader, HeadReader
    from train.tuning.stopping_sets import StopLine, StopSet, judge, judge_by

    alphabet = read_base(little_base).alphabet
    lines = []
    for number, text in enumerate(["12.5", "7", "480.25", "3"]):
        draw_crop(tmp_path / f"{number}.png", text)
        image = read_image(tmp_path / f"{number}.png")
        crops = prepared_turns(to_recognizer, image, "auto" if number % 2 else "off")
        lines.append(StopLine(f"{number}.png", crops, text))
    sets = [StopSet(JudgedSet(tmp_path / "stop.txt"), True, tuple(lines))]
    graph.write(tunable.tensors(), tmp_path / "base.onnx")
    graph.write_head(tunable.tensors(), tmp_path / "head.onnx")
    reader = FeatureReader(tmp_path / "base.onnx")
    channels = tunable.network.backbone.channels
    known = run_readings.features_of(reader, sets, 2, channels)
    assert known is not None
    engine = FeatureEngine(HeadReader(tmp_path / "head.onnx"), known, alphabet)
    assert judge_by(engine, sets, 2) == judge(tmp_path / "base.onnx", alphabet, sets, 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_readings, "MOST_BYTES", 1000)
        assert run_readings.features_of(reader, sets, 2, channels) is None


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

    from train.tuning import network_readers

    def nameless(_: object, path: Path) -> None:
        onnx.save(helper.make_model(helper.make_graph([], "none", [], [])), str(path))

    monkeypatch.setattr(network_readers, "_export", nameless)
    with pytest.raises(InputError, match=r"lacks (\d+) of \1 weights \(first: backbone\."):
        network_readers.TuningGraph(tunable, tmp_path)
