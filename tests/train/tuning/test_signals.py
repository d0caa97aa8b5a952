"""SIGINT and SIGTERM in commands that load Paddle: one line, an exit code, and the work goes on."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.train.tuning.conftest import command, process

CODES = {signal.SIGINT: (130, "interrupted"), signal.SIGTERM: (143, "terminated")}

# Where the process of the command is when it gets the signal: a word that its own thread writes.
WATCHER = """
import os, sys, threading, time

sys.argv = ["train", *sys.argv[2:]]
wanted = os.environ["SIGNAL_AT"]


def watch():
    import glob
    while True:
        if wanted.startswith("module:"):
            there = wanted[7:] in sys.modules
        elif wanted.startswith("file:"):
            there = bool(glob.glob(wanted[5:]))
        if there:
            os.kill(os.getpid(), int(os.environ["SIGNAL"]))
            return
        time.sleep(0.002)


threading.Thread(target=watch, daemon=True).start()
from train.cli import main
main()
"""


def signalled(
    number: signal.Signals, at: str, *words: object
) -> "subprocess.CompletedProcess[str]":
    """Run a command of `train` that gets a signal as soon as it has come to a place."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.run(
            [sys.executable, "-c", WATCHER, "train", *map(str, words)],
            env={**os.environ, "SIGNAL": str(int(number)), "SIGNAL_AT": at},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    finally:
        signal.signal(signal.SIGINT, before)


def assert_ended(done: "subprocess.CompletedProcess[str]", number: signal.Signals) -> None:
    """Hold the end of a command against what is promised: code, one line, no trace."""
    code, word = CODES[number]
    assert done.returncode == code, done.stderr
    said = f"train: {word}. What is finished stays: call it again."
    assert done.stderr.count(said) == 1, done.stderr
    for trace in ("Traceback", "C++", "FatalError", "Aborted"):
        assert trace not in done.stderr + done.stdout


def children_of(process: int) -> list[int]:
    """List the processes whose parent this is."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == process and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def arrays(path: Path) -> dict[str, np.ndarray]:
    with np.load(path) as archive:
        return {name: archive[name] for name in archive.files}


@pytest.fixture
def planned(unbroken: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(unbroken / "planned", tmp_path / "run"))


@pytest.mark.parametrize(
    ("number", "at"),
    [
        (signal.SIGTERM, "module:paddle"),
        (signal.SIGINT, "file:{}/cache/*"),
        (signal.SIGTERM, "file:{}/checkpoints/step-*"),
    ],
)
def test_rec_ends_and_goes_on_to_the_same_model(
    number: signal.Signals, at: str, planned: Path, unbroken: Path
) -> None:
    done = signalled(number, at.format(planned), "rec", planned)
    assert_ended(done, number)
    process("train", "rec", planned)
    mine, whole = (arrays(run / "best" / "weights.npz") for run in (planned, unbroken / "run"))
    assert mine.keys() == whole.keys()
    assert all(np.array_equal(mine[name], whole[name]) for name in whole)
    assert not [one for one in planned.rglob("*") if one.name.endswith(".part")]


@pytest.mark.parametrize(
    ("number", "at"),
    [
        (signal.SIGINT, "module:paddle.nn"),
        (signal.SIGTERM, "file:{}*.part/made/*"),
    ],
)
def test_export_ends_and_leaves_nothing(
    number: signal.Signals, at: str, little_base: Path, tmp_path: Path
) -> None:
    out = tmp_path / "candidate"
    assert_ended(signalled(number, at.format(out), "export", little_base, "--out", out), number)
    assert not list(tmp_path.iterdir())
    command("train", "export", little_base, "--out", out)
    assert (out / "inference.onnx").is_file()


def test_a_plan_that_was_killed_before_its_end_is_planned_again(tmp_path: Path) -> None:
    from textlines.errors import InputError
    from train.tuning.new_run import check_new

    for name in ("history.json", "seen_images.npy", "paddleocr_base.pdparams"):
        (tmp_path / name).touch()
    check_new(tmp_path)
    (tmp_path / "notes.txt").touch()
    with pytest.raises(InputError, match="holds other files"):
        check_new(tmp_path)
