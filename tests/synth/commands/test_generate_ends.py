"""How a run ends before its time: signals, a dead worker, a full disk, another run."""

import fcntl
import json
import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SAMPLES = 6000
"""Enough to be still drawing when the first shard is done."""

Run = Callable[..., Any]
Options = Callable[[int], list[str]]


def until(holds: Callable[[], Any], process: "subprocess.Popen[str]") -> None:
    """Wait until something holds while a process runs."""
    while not holds():
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)


def workers_of(process: "subprocess.Popen[str]") -> list[int]:
    """List the children of a process."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(word) for word in children.read_text().split()]


def is_alive(process: int) -> bool:
    """Return whether a process runs (one that ended and waits for its parent does not)."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("workers", [1, 2])
def test_a_signal_leaves_a_folder_that_goes_on(
    name: str,
    workers: int,
    tmp_path: Path,
    quick_run: Options,
    start_synth: Run,
    synth_here: Run,
) -> None:
    out, options = tmp_path / "run", quick_run(SAMPLES if workers > 1 else 2500)
    run = start_synth(*options, "--workers", workers, "--out", out)
    until((out / "shards" / "0000.jsonl").exists, run)
    children = workers_of(run)
    assert len(children) == (workers if workers > 1 else 0)
    # Ctrl-C reaches the workers too; a supervisor's SIGTERM the parent alone.
    if name == "SIGINT":
        os.killpg(run.pid, signal.SIGINT)
    else:
        run.terminate()
    _, err = run.communicate(timeout=60)
    word, code = {"SIGINT": ("interrupted", 130), "SIGTERM": ("terminated", 143)}[name]
    assert run.returncode == code
    assert err.splitlines()[-1] == f"synth: {word}. What is finished stays: call it again."
    assert err.count(word) == 1 and "Traceback" not in err
    assert not any(map(is_alive, children))
    first = (out / "shards" / "0000.jsonl").stat().st_mtime_ns
    assert not (out / "rec_gt_train.txt").exists()
    again = synth_here(*options, "--workers", 1, "--out", out)
    assert again.code == 0, again.err
    assert (out / "shards" / "0000.jsonl").stat().st_mtime_ns == first
    assert len((out / "rec_gt_train.txt").read_text().splitlines()) in (SAMPLES, 2500)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_dead_worker_ends_the_run_with_its_cause(
    number: signal.Signals, tmp_path: Path, quick_run: Options, start_synth: Run
) -> None:
    out = tmp_path / "run"
    run = start_synth(*quick_run(SAMPLES), "--workers", 2, "--out", out)
    until(lambda: any(out.glob("images/0000/*")), run)
    first, second = workers_of(run)
    os.kill(second, number)
    _, err = run.communicate(timeout=60)
    assert run.returncode == 1
    assert f"worker 1: was killed by {number.name}." in err
    assert "the same call goes on" in err
    assert ("use fewer --workers" in err) == (number is signal.SIGKILL)
    assert "Traceback" not in err
    assert not is_alive(first)


def small_files(limit: int) -> Callable[[], None]:
    """Return what a child runs so that no file of it can grow larger, as on a full disk."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


@pytest.mark.parametrize(
    ("limit", "workers", "what"),
    [
        (300, 1, "run.json: the disk is full"),
        (40_000, 1, "plan.jsonl: the disk is full"),
        (150_000, 2, "0000.jsonl: the disk is full"),
    ],
)
def test_a_full_disk_is_named_and_the_run_goes_on_later(
    limit: int,
    workers: int,
    what: str,
    tmp_path: Path,
    quick_run: Options,
    run_synth: Run,
    synth_here: Run,
) -> None:
    out, options = tmp_path / "run", quick_run(1000)
    ended = run_synth(*options, "--workers", workers, "--out", out, preexec_fn=small_files(limit))
    assert ended.code == 1
    assert what in ended.err
    assert "Free some space or write elsewhere." in ended.err
    assert "Traceback" not in ended.err
    assert not (out / "rec_gt_train.txt").exists()
    assert not list(out.rglob("*.part"))
    assert synth_here(*options, "--workers", 1, "--out", out).code == 0


def test_an_image_that_does_not_fit_ends_the_run(
    tmp_path: Path, quick_run: Options, run_synth: Run, synth_here: Run
) -> None:
    out = tmp_path / "run"
    large = [*quick_run(60), "--set", "output.height=400", "--set", 'output.format="png"']
    for workers in (1, 2):
        ended = run_synth(
            *large, "--workers", workers, "--out", out, preexec_fn=small_files(25_000)
        )
        assert ended.code == 1
        assert "cannot be written (" in ended.err
        assert "the same call goes on from there" in ended.err
        assert "Traceback" not in ended.err
    assert not list((out / "shards").iterdir())
    assert synth_here(*large, "--workers", 1, "--out", out).code == 0


def test_two_runs_at_once_draw_it_once(
    tmp_path: Path, quick_run: Options, start_synth: Run
) -> None:
    out = tmp_path / "run"
    runs = [start_synth(*quick_run(300), "--workers", 1, "--out", out) for _ in range(2)]
    told = [(*run.communicate(timeout=120), run.returncode) for run in runs]
    assert [code for *_, code in told] == [0, 0], told
    assert sorted("(300 drawn now)" in out for out, *_ in told) == [False, True]


def test_a_second_run_of_other_options_is_refused_even_when_started_at_once(
    tmp_path: Path, quick_run: Options, start_synth: Run
) -> None:
    out, options = tmp_path / "run", quick_run(300)
    runs = [start_synth(*options, "--seed", seed, "--workers", 1, "--out", out) for seed in (3, 4)]
    told = [(run.communicate(timeout=120)[1], run.returncode) for run in runs]
    assert sorted(code for _, code in told) == [0, 1], told
    assert "holds another run; it differs in" in max(told, key=lambda end: end[1])[0]
    record = json.loads((out / "run.json").read_text())
    assert record["seed"] == (3 if told[0][1] == 0 else 4)


def test_a_folder_that_is_held_is_left_alone(
    tmp_path: Path, quick_run: Options, synth_here: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from synth.run import folder

    out, options = tmp_path / "run", quick_run(60)
    assert synth_here(*options, "--workers", 1, "--out", out).code == 0
    monkeypatch.setattr(folder, "LOCK_WAIT_S", 0.1)
    with (out / ".lock").open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        for command in ([*options, "--workers", 1, "--out", out], ["merge", out]):
            ended = synth_here(*command)
            assert ended.code == 1
            assert f"{out}: is being written by another run." in ended.err
    assert synth_here(*options, "--workers", 1, "--out", out).code == 0
