"""Checkpoints: whole or not there."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.leaving import leave_behind
from textlines.errors import InputError, MachineError
from textlines.partials import forget_sweeps
from train.tuning import run_states
from train.tuning.run_states import (
    AVERAGE,
    FOLDER,
    MOMENTS,
    STATE,
    WEIGHTS,
    Checkpoint,
    State,
    checkpoints_of,
    last,
    locked,
    save,
)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Make a run's folder; what its plan says does not matter here."""
    (tmp_path / "plan.toml").write_text("seed = 1\n", encoding="utf-8")
    return tmp_path


def checkpoint(done: int) -> Checkpoint:
    """Make a checkpoint whose content tells its step."""
    one = {"a": np.full((2, 3), done, np.float32), "b": np.float32([done])}
    return Checkpoint(State(1, 2, 3, done, 4), one, {"a/moment1_0": one["a"] * 2}, {})


def test_it_comes_back_as_it_was(run: Path) -> None:
    save(run, checkpoint(5), keep=2)
    kept = last(run)
    assert kept is not None
    assert kept.state == State(1, 2, 3, 5, 4)
    assert list(kept.weights) == ["a", "b"]
    assert np.array_equal(kept.weights["a"], np.full((2, 3), 5, np.float32))
    assert np.array_equal(kept.moments["a/moment1_0"], np.full((2, 3), 10, np.float32))
    assert kept.average == {}


def test_only_the_last_few_are_kept(run: Path) -> None:
    for done in (2, 4, 10, 100):
        save(run, checkpoint(done), keep=2)
    assert [one.name for one in checkpoints_of(run)] == ["step-00000010", "step-00000100"]


def test_saving_a_step_again_replaces_it(run: Path) -> None:
    save(run, checkpoint(4), keep=2)
    again = Checkpoint(State(done=4), {"a": np.zeros(1, np.float32)}, {}, {})
    save(run, again, keep=2)
    kept = last(run)
    assert kept is not None and list(kept.weights) == ["a"]


def test_a_run_without_checkpoints_has_none(run: Path) -> None:
    assert last(run) is None
    assert checkpoints_of(run) == []


@pytest.mark.parametrize("name", [WEIGHTS, MOMENTS, AVERAGE, "plan.toml", STATE])
@pytest.mark.parametrize("harm", ["cut", "changed", "gone"])
def test_a_harmed_one_falls_back_to_the_one_before(run: Path, name: str, harm: str) -> None:
    save(run, checkpoint(2), keep=3)
    file = save(run, checkpoint(4), keep=3) / name
    content = file.read_bytes()
    if harm == "cut":
        file.write_bytes(content[: len(content) // 2])
    elif harm == "changed":
        at = len(content) // 2
        file.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    else:
        file.unlink()
    kept = last(run)
    assert kept is not None
    assert kept.state.done == 2


@pytest.mark.parametrize("text", ["[]", "{}", '{"state": {}, "files": []}', '{"files": {}}'])
def test_a_state_of_another_shape_is_passed_over(run: Path, text: str) -> None:
    save(run, checkpoint(2), keep=3)
    (save(run, checkpoint(4), keep=3) / STATE).write_text(text, encoding="utf-8")
    kept = last(run)
    assert kept is not None and kept.state.done == 2


def test_a_changed_number_of_the_state_is_passed_over(run: Path) -> None:
    save(run, checkpoint(2), keep=3)
    file = save(run, checkpoint(4), keep=3) / STATE
    content = json.loads(file.read_text(encoding="utf-8"))
    content["state"]["epoch"] += 1
    file.write_text(json.dumps(content), encoding="utf-8")
    kept = last(run)
    assert kept is not None and kept.state.done == 2


def test_a_changed_plan_is_refused(run: Path) -> None:
    save(run, checkpoint(2), keep=2)
    (run / "plan.toml").write_text("seed = 2\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"is not the plan that step-00000002 was trained by"):
        last(run)


@pytest.mark.parametrize("at", range(4))
def test_a_full_disk_leaves_older_ones_whole(
    run: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    for done in (2, 4):
        save(run, checkpoint(done), keep=2)
    calls = iter(range(10))
    real = run_states._synced

    def full(out: Any) -> None:
        if next(calls) == at:
            out.write(out.name.encode()[:1] if "b" in out.mode else "x")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(out)

    monkeypatch.setattr(run_states, "_synced", full)
    with pytest.raises(MachineError, match=r"step-00000006: the disk is full"):
        save(run, checkpoint(6), keep=2)
    monkeypatch.undo()
    assert sorted(one.name for one in (run / FOLDER).iterdir()) == [
        "step-00000002",
        "step-00000004",
    ]
    kept = last(run)
    assert kept is not None and kept.state.done == 4
    save(run, checkpoint(6), keep=2)
    assert [one.name for one in checkpoints_of(run)] == ["step-00000004", "step-00000006"]


def test_what_a_killed_save_left_is_no_checkpoint(run: Path) -> None:
    save(run, checkpoint(2), keep=2)
    forget_sweeps()
    partial = leave_behind("folder", run / FOLDER / "step-00000004")
    kept = last(run)
    assert kept is not None and kept.state.done == 2
    with locked(run):
        assert not partial.exists()
    assert [one.name for one in (run / FOLDER).iterdir()] == ["step-00000002"]


def test_another_process_is_kept_out(run: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from train.tuning.run_states import locked\n"
        "with locked(Path(sys.argv[1])): pass\n"
    )
    with locked(run):
        done = subprocess.run(
            [sys.executable, "-c", code, str(run)], capture_output=True, text=True, check=False
        )
        assert "is being trained by another process" in done.stderr
    with locked(run):  # free again
        pass


def test_a_folder_that_is_not_there_cannot_be_locked(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"), locked(tmp_path / "none"):
        pass
