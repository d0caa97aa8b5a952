"""`train plan` and `train rec` as users run them."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.train.tuning.conftest import SHORT, command, plan_words, process
from textlines.pixels.decode import read_image
from train.reading.model_opening import open_model
from train.tuning.pacing import read_decisions
from train.tuning.prepared_run import ready
from train.tuning.run_records import read_metrics
from train.tuning.run_states import FOLDER, checkpoints_of


def weights_of(run: Path) -> dict[str, np.ndarray]:
    """Read the last checkpoint's weights."""
    with np.load(checkpoints_of(run)[-1] / "weights.npz") as archive:
        return {name: archive[name] for name in archive.files}


def test_a_run_ends_with_a_model_a_report_and_a_history(unbroken: Path) -> None:
    run = unbroken / "run"
    said = (unbroken / "said.txt").read_text(encoding="utf-8")
    assert "stopping sets: target" in said
    assert (run / "best/model.toml").is_file()
    assert (run / "best/inference.onnx").is_file()
    # Who reads by it need not be told how it was trained and stopped.
    assert open_model(str(run / "best")).turning == "auto"
    page = (run / "report.html").read_text(encoding="utf-8")
    rules = page.split('id="rules"')[1].split("</section>")[0]
    assert "learning rate scaled linearly with the batch" in rules
    assert rules.count("broken") >= 1
    assert "Blends" in page and "Losses" in page
    events = [one["event"] for one in read_metrics(run)]
    assert events.count("blend") >= 1
    assert events[-1] == "finished"
    history = json.loads((run / "history.json").read_text(encoding="utf-8"))
    steps = {one["step"] for one in history["steps"]}
    assert {"train on (original)", "train on (distil)", "train on (new)", "stop on"} <= steps
    assert "is finished" in command("train", "rec", run).stdout


@pytest.fixture(scope="module")
def unbroken_whole(
    little_base: Path, little_world: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Train all of the network, as `unbroken` does its last layer, and further."""
    folder = tmp_path_factory.mktemp("whole")
    words = plan_words(little_base, little_world, folder / "planned")
    rate = ("--set", "stages.0.epochs=3", "--set", "stages.0.rate=0.02", "--set", "save_every=2")
    command(*words, "--tune", "whole", *rate, "--set", "step.pull=0.1")
    shutil.copytree(folder / "planned", folder / "run")
    process("train", "rec", folder / "run")
    return folder


@pytest.mark.parametrize("trained", ["unbroken", "unbroken_whole"])
def test_a_killed_run_goes_on_to_the_same_weights(
    trained: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    folder: Path = request.getfixturevalue(trained)
    broken = Path(shutil.copytree(folder / "planned", tmp_path / "broken"))
    train = str(Path(sys.executable).with_name("train"))
    started = subprocess.Popen([train, "rec", str(broken)], stdout=subprocess.DEVNULL)
    end = time.monotonic() + 300
    while not checkpoints_of(broken) and time.monotonic() < end and started.poll() is None:
        time.sleep(0.02)
    os.kill(started.pid, signal.SIGKILL)
    started.wait()
    assert checkpoints_of(broken), "the run ended before its first checkpoint"
    # In a process of its own as the unbroken run is: what other tests have loaded here changes how
    # this one rounds numbers next to zero.
    process("train", "rec", broken)
    one, two = weights_of(folder / "run"), weights_of(broken)
    assert one.keys() == two.keys()
    for name in one:
        assert np.array_equal(one[name], two[name]), name


@pytest.fixture
def noting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let processes that `train rec` starts note their steps; return the folder of the notes."""
    notes = tmp_path / "notes"
    notes.mkdir()
    script = Path(__file__).with_name("noting_rank.py")
    python = tmp_path / "python"
    # Called as `python -m train ...`: the first two words are the script's to replace.
    call = shlex.join([sys.executable, str(script), str(notes)])
    python.write_text(f'#!/bin/sh\nshift 2\nexec {call} "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    monkeypatch.setattr(sys, "executable", str(python))
    return notes


def test_two_processes_share_each_step(
    planned: Callable[..., Path], little_base: Path, little_world: Path, noting: Path
) -> None:
    # With a budget, both end where the first one decides.
    run = planned(*SHORT, "--set", "stages.0.epochs=3", "--devices", "2", "--minutes", "60")
    command("train", "rec", run)
    events = read_metrics(run)
    decided = read_decisions(run)
    assert [one.stage for one in decided] == [0, 0]  # behind the first and the second epoch
    assert {one.steps for one in decided} == {events[-1]["done"]}
    assert events[-1]["event"] == "finished"
    assert (run / "best/model.toml").is_file()

    # Each step is of two batches, one a process: no line is in both, and each is in one of them.
    first, second = (
        [json.loads(row) for row in (noting / f"{rank}.jsonl").read_text("utf-8").splitlines()]
        for rank in (0, 1)
    )
    steps = events[-1]["done"]
    assert [row["done"] for row in first] == [row["done"] for row in second] == list(range(steps))
    prepared = ready(run)
    at = 0
    for epoch in range(3):
        paths = [line.path for line in prepared.lines_of(epoch)]
        assert len(set(paths)) == len(paths)
        trained: list[str] = []
        for ours, theirs in pairs_of(first, second, at, prepared.steps_of(epoch)):
            assert 0 < len(ours) <= 8 and len(theirs) <= 8
            assert not set(ours) & set(theirs)
            trained += [*ours, *theirs]
        assert sorted(trained) == sorted(paths)
        at += prepared.steps_of(epoch)
    assert at == steps

    # Each reads its share of the stopping lines: put together, they are what one would read.
    engine = open_model(str(little_base)).engine
    rows = [json.loads(row) for row in (run / "readings.jsonl").read_text().splitlines()]
    assert len(rows) == 24
    for row in rows:
        folder = little_world / ("stop" if row["target"] else "general")
        crop = engine.prepare(read_image(folder / row["path"]))
        assert engine.read([crop])[0].text == row["base"], row["path"]
    # And of the base readings: none is missing in any width.
    for done in (run / "cache/lines").glob("*.done.npy"):
        assert np.load(done).all()


def pairs_of(
    first: Sequence[Mapping[str, Any]], second: Sequence[Mapping[str, Any]], at: int, steps: int
) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the lines of both processes in each of so many steps."""
    for ours, theirs in zip(first[at : at + steps], second[at : at + steps], strict=True):
        yield ours["paths"], theirs["paths"]


def test_processes_that_were_not_planned_are_refused(planned: Callable[..., Path]) -> None:
    run = planned(*SHORT)
    refused = command("train", "rec", run, "--processes", "2", code=2).stderr
    assert "--processes 2: is not what was planned (1)" in refused
    assert "train plan --devices 2" in refused
    assert not (run / FOLDER).exists()


def test_training_makes_the_loss_smaller(unbroken_whole: Path) -> None:
    events = read_metrics(unbroken_whole / "run")
    losses = [one["ctc"] for one in events if one["event"] == "steps"]
    assert losses[-1] < 0.7 * losses[0]


def test_a_vanished_image_ends_the_run_with_its_place(
    planned: Callable[..., Path], little_world: Path
) -> None:
    run = planned(*SHORT)
    image = little_world / "new/crops/003.png"
    content = image.read_bytes()
    image.unlink()
    try:
        said = command("train", "rec", run, code=1).stderr
    finally:
        image.write_bytes(content)
    assert "missing_image" in said
    assert "were planned" in said


def test_a_changed_plan_is_refused_by_its_checkpoints(unbroken: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(unbroken / "run", tmp_path / "run"))
    (run / "report.html").unlink()
    for line in ("metrics.jsonl",):
        (run / line).unlink()
    text = (run / "plan.toml").read_text(encoding="utf-8")
    (run / "plan.toml").write_text(text.replace("seed = 0", "seed = 1"), encoding="utf-8")
    assert "is not the plan that" in command("train", "rec", run, code=1).stderr


def test_a_run_that_is_being_trained_is_left_alone(planned: Callable[..., Path]) -> None:
    import fcntl

    run = planned(*SHORT)
    with (run / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "another process" in command("train", "rec", run, code=1).stderr
    assert not (run / FOLDER).exists()


def test_stopping_on_lines_that_are_trained_on_is_refused(
    planned: Callable[..., Path], little_base: Path, little_world: Path, tmp_path: Path
) -> None:
    said = command(
        "train",
        "plan",
        "--model",
        little_base,
        "--mix",
        little_world / "mixed",
        "--stop-on",
        little_world / "original/rec_gt.txt",
        "--out",
        tmp_path / "run",
        code=2,
    ).stderr
    assert "is trained on in this mix" in said


def test_a_budget_that_is_too_short_says_what_would_do(planned: Callable[..., Path]) -> None:
    planned("--minutes", "0.01", code=2)
