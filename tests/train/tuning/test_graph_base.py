"""A recognizer that is its exported graph: planned, trained, exported and read as any other."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.train.graphs import recognizer, shipped
from tests.train.tuning.conftest import ENTRIES, command, plan_words

CLASSES = len(ENTRIES) + 2


@pytest.fixture(scope="module", params=[True, False], ids=["map", "flat"])
def graph_base(paddle: Any, request: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    from train.weights.convert import convert

    folder = tmp_path_factory.mktemp("graph")
    model = recognizer(classes=CLASSES, has_map=request.param)
    return convert(str(shipped(folder / "tiny", model, ENTRIES)), folder / "base").base


def test_the_tuning_graph_reads_as_the_network(
    paddle: Any, graph_base: Any, tmp_path: Path
) -> None:
    from train.tuning.network_readers import FeatureReader, HeadReader, TuningGraph
    from train.tuning.tunable import Tunable

    random = np.random.default_rng(2)
    tunable = Tunable.of(graph_base.spec, graph_base.tensors())
    graph = TuningGraph(tunable, tmp_path)
    other = {
        name: one
        if name.startswith("backbone.")
        else (one * random.uniform(0.8, 1.2, one.shape)).astype(np.float32)
        for name, one in tunable.tensors().items()
    }
    tunable.put(other)
    graph.write(other, tmp_path / "whole.onnx")
    graph.write_head(other, tmp_path / "head.onnx")
    lines = random.random((2, 3, 48, 448), np.float32) * 2 - 1
    probabilities, features = FeatureReader(tmp_path / "whole.onnx").read(lines)
    assert features.shape == (2, tunable.network.backbone.channels, 56)
    with paddle.no_grad():
        tensor = paddle.to_tensor(lines)
        wanted = tunable.network(tensor).numpy()
        np.testing.assert_allclose(
            features, tunable.network.features(tensor).numpy()[:, :, 0], atol=1e-5
        )
    np.testing.assert_allclose(probabilities, wanted, atol=1e-5)
    assert np.array_equal(HeadReader(tmp_path / "head.onnx").read(features), probabilities)


@pytest.mark.parametrize("part", ["head", "whole"])
def test_a_stage_moves_what_it_tunes(paddle: Any, graph_base: Any, part: Any) -> None:
    from train.tuning.tunable import Tunable

    tunable = Tunable.of(graph_base.spec, graph_base.tensors())
    tunable.choose(part, dropout=True)
    names = {name for name, _ in tunable.learning()}
    assert {"head.fc.weight", "head.fc.bias"} <= names
    assert any(name.startswith("backbone.") for name in names) == (part == "whole")
    assert not any("batch_norm_0_w_1" in name for name in names)


def test_from_plan_to_candidate(graph_base: Any, little_world: Path, tmp_path: Path) -> None:
    import onnx

    from train.models.base_folder import read_base

    run, candidate = tmp_path / "run", tmp_path / "candidate"
    short = ("--tune", "both", "--set", "stages.0.epochs=1", "--set", "stages.1.epochs=1")
    command(*plan_words(graph_base.path, little_world, run), *short)
    command("train", "rec", run)
    tuned = read_base(run / "best")
    assert (tuned.spec, tuned.source.kind) == (graph_base.spec, "tuned")
    told = command("train", "export", run, "--out", candidate).stdout
    assert "PP-OCRv6_tiny_rec" in told
    exported = onnx.load(str(candidate / "inference.onnx"))
    assert [*exported.graph.node] == [*onnx.load(str(graph_base.graph_path)).graph.node]
    labels = little_world / "stop/rec_gt.txt"
    texts = []
    for number, model in enumerate((run / "best", candidate, candidate / "inference.onnx")):
        out = tmp_path / f"read-{number}.jsonl"
        command("train", "evaluate", "--model", model, "--labels", labels, "--out", out)
        rows = map(json.loads, out.read_text(encoding="utf-8").splitlines())
        texts.append([(row["path"], row["text"]) for row in rows])
    assert texts[0]
    assert texts[0] == texts[1] == texts[2]


def test_another_dictionary_gives_the_graph_another_last_layer(
    paddle: Any, graph_base: Any, tmp_path: Path
) -> None:
    from textlines.labels.alphabet import Alphabet
    from train.tuning.network_readers import FeatureReader, TuningGraph
    from train.tuning.prepared_run import with_dictionary
    from train.tuning.tunable import Tunable

    changed = with_dictionary(
        graph_base.spec,
        graph_base.tensors(),
        graph_base.alphabet,
        Alphabet((*ENTRIES, "k", "W"), use_space_char=True),
        {},
    )
    tunable = Tunable.of(changed.spec, changed.tensors)
    graph = TuningGraph(tunable, tmp_path)
    graph.write(tunable.tensors(), tmp_path / "a.onnx")
    lines = np.zeros((1, 3, 48, 320), np.float32)
    assert FeatureReader(tmp_path / "a.onnx").read(lines)[0].shape == (1, 40, CLASSES + 2)


def test_a_checkpoint_for_paddleocrs_training_is_refused(graph_base: Any, tmp_path: Path) -> None:
    out = tmp_path / "candidate"
    done = command("train", "export", graph_base.path, "--out", out, "--pdparams", code=2)
    assert "PP-OCRv6_tiny_rec: is an exported graph" in done.stderr
    assert not out.exists()
