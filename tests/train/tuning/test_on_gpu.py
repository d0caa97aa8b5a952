"""The way a run takes on a GPU, on a device that only says it is one: Paddle's CPU."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.train.tuning.conftest import SHORT, command, plan_words
from textlines.errors import InputError
from textlines.labels.alphabet import Alphabet
from train.reading.ctc import read_probabilities
from train.reading.model_opening import open_model
from train.tuning.ranks import Ranks
from train.tuning.run_records import read_metrics


def test_a_run_on_a_gpu_ends_as_one_on_a_cpu_does(
    planned: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, paddle: Any
) -> None:
    from train.tuning import full_run

    chosen = []
    monkeypatch.setattr(full_run, "use_device", lambda device, _: chosen.append(device))
    options = ("--set", "stages.1.epochs=1", "--set", "step.amp=true", "--set", "workers=1")
    run = planned(*SHORT, "--device", "gpu", "--tune", "both", *options)
    command("train", "rec", run)
    assert chosen == ["gpu"]
    events = read_metrics(run)
    assert events[-1]["event"] == "finished"
    steps = [one for one in events if one["event"] == "steps"]
    assert {one["stage"] for one in steps} == {0, 1}
    assert all(one["skipped"] == 0 and one["scale"] == 1024 for one in steps)
    assert all(np.isfinite(one["ctc"]) for one in steps)
    assert open_model(str(run / "best")).engine.read  # the graph reads as the network does: parity
    rows = (run / "readings.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 24 and json.loads(rows[0])["label"]
    assert not (run / "cache/base.onnx").exists()  # nothing was read by onnxruntime


def test_the_whole_network_is_the_default_on_a_gpu(
    little_base: Path, little_world: Path, tmp_path: Path
) -> None:
    said = command(*plan_words(little_base, little_world, tmp_path / "run"), "--device", "gpu")
    plan = (tmp_path / "run/plan.toml").read_text(encoding="utf-8")
    assert 'tunes = "whole"' in plan and 'device = "gpu"' in plan and 'workers = "auto"' in plan
    # What the same weights after a resume means there.
    assert "gpu, float32; a run that was killed goes on" in said.stdout
    assert "differ in their last digits" in said.stdout


def test_a_budget_for_a_gpu_that_is_not_here_is_refused(
    little_base: Path, little_world: Path, tmp_path: Path
) -> None:
    from train.networks.devices import count_gpus

    if count_gpus():
        pytest.skip("there is one")
    words = plan_words(little_base, little_world, tmp_path / "run")
    said = command(*words, "--device", "gpu", "--minutes", "5", code=2).stderr
    assert "needs a GPU" in said and "paddlepaddle-gpu" in said


@pytest.fixture
def reader(tunable: Any) -> Any:
    """Read by Paddle, as on a GPU."""
    from train.tuning.network_readers import DeviceReader

    return DeviceReader(tunable.network.spec, tunable.tensors())


def test_the_device_reads_what_the_graph_reads(reader: Any, tunable: Any, tmp_path: Path) -> None:
    from train.tuning.network_readers import FeatureReader, TuningGraph

    TuningGraph(tunable, tmp_path).write(tunable.tensors(), tmp_path / "base.onnx")
    onnx = FeatureReader(tmp_path / "base.onnx")
    lines = np.random.default_rng(3).uniform(-1, 1, (3, 3, 48, 320)).astype(np.float32)
    theirs = onnx.computed(lines, 4, (2, 5))
    ours = reader.computed(lines, 4, (2, 5))
    for one, two in zip(ours, theirs, strict=True):
        for mine, known in zip(one, two, strict=True):
            assert (mine.shape, mine.dtype) == (known.shape, known.dtype)
        assert one[0] == pytest.approx(two[0], abs=2e-3)
        assert one[2] == pytest.approx(two[2], abs=2e-3)
        assert not np.isin(one[1][one[2] > 0], (2, 5)).any()
    best, sure = reader.best(lines)
    probabilities = onnx.read(lines)[0]
    assert sure == pytest.approx(probabilities.max(-1), abs=1e-4)
    assert np.array_equal(best, reader.probabilities(lines).argmax(-1))


def test_a_network_whose_weights_are_broken_reads_nothing(reader: Any, tunable: Any) -> None:
    from train.tuning.network_readers import DeviceEngine

    alphabet = Alphabet(tuple("0123456789."))
    crops = [np.full((48, 60, 3), 200, np.uint8)] * 2
    engine = DeviceEngine(reader, alphabet)
    wanted = read_probabilities(engine.probabilities(crops), alphabet)
    assert engine.read(crops) == wanted
    broken = tunable.tensors()
    broken["head.fc.bias"] = np.full_like(broken["head.fc.bias"], np.nan)
    reader.put(broken)
    with pytest.raises(InputError, match="NaN or infinity"):
        engine.read(crops)


def test_losses_that_are_looked_at_later_still_end_the_run(tunable: Any) -> None:
    from train.tuning.training_lines import TrainingLine
    from train.tuning.training_steps import Losses, check_finite

    lines = [TrainingLine(f"crops/{one}.png", (1, 2), 320, False, False) for one in range(5)]
    check_finite(Losses(1.0, 2.0, 5), 20, lines, 10)
    with pytest.raises(InputError, match=r"one of the 10 steps up to 20.*crops/0\.png") as told:
        check_finite(Losses(float("nan"), 2.0, 5), 20, lines, 10)
    assert "last checkpoint is whole" in str(told.value)

    class OtherBroke(Ranks):
        def all_hold(self, holds: bool) -> bool:
            return False

    # Its own losses are numbers, and the weights of all are no more.
    with pytest.raises(InputError, match="not finite in another process of the run"):
        check_finite(Losses(1.0, 2.0, 5), 20, lines, 10, OtherBroke(0, 2))
