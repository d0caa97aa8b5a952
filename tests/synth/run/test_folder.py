import fcntl
import os
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from synth.run import folder
from synth.run.folder import Share, locked, make_folder, open_run, recording
from tests.leaving import leave_behind
from textlines.errors import InputError
from textlines.formats.run_record import RunRecord
from textlines.partials import forget_sweeps

WHOLE = Share()


@pytest.fixture(autouse=True)
def short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "LOCK_WAIT_S", 0.05)


def opened(out: Path, seed: int = 1, **configuration: Any) -> RunRecord:
    make_folder(out)
    return open_run(out, configuration, seed, {"corpus": "ab12"})


def with_plan(out: Path, record: RunRecord) -> None:
    record.model_copy(update={"outputs": {"plan.jsonl": "cd34"}}).write(out / "run.json")


def test_the_same_run_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "run"
    with_plan(out, opened(out, style="lcd"))
    assert opened(out, style="lcd").outputs == {"plan.jsonl": "cd34"}


@pytest.mark.parametrize(
    ("seed", "changes", "named"),
    [
        (2, {"style": "lcd"}, r"differs in seed \(1, not 2\)\."),
        (1, {"style": "receipt"}, r"differs in style \(lcd, not receipt\)\."),
        (1, {}, r"differs in style \(lcd, not None\)\."),
        (1, {"style": "lcd", "faces": ["x" * 90]}, r"differs in faces\."),
    ],
)
def test_another_run_is_refused_by_name(
    seed: int, changes: Mapping[str, Any], named: str, tmp_path: Path
) -> None:
    with_plan(tmp_path, opened(tmp_path, style="lcd"))
    with pytest.raises(InputError, match=named):
        opened(tmp_path, seed, **changes)
    assert RunRecord.read(tmp_path / "run.json").configuration == {"style": "lcd"}


def test_other_versions_are_another_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_plan(tmp_path, opened(tmp_path))
    monkeypatch.setattr(folder, "versions", lambda: {"pillow": "1.0"})
    with pytest.raises(InputError, match=r"pillow \([0-9.]+, not 1\.0\)"):
        opened(tmp_path)


def test_a_run_that_came_to_no_plan_gives_way(tmp_path: Path) -> None:
    opened(tmp_path, seed=1)
    assert opened(tmp_path, seed=2).seed == 2
    assert RunRecord.read(tmp_path / "run.json").seed == 2


def test_leftovers_of_a_killed_start_are_no_foreign_files(tmp_path: Path) -> None:
    for name in ("run.json.ab-1-0.part", "plan.jsonl.ab-1-1.part", "plan.jsonl", ".lock"):
        (tmp_path / name).touch()
    (tmp_path / "images").mkdir()
    make_folder(tmp_path)
    (tmp_path / "notes.txt").touch()
    with pytest.raises(InputError, match=r"is not empty and holds no run\.json \(notes\.txt"):
        make_folder(tmp_path)


@pytest.mark.parametrize("share", [WHOLE, Share(0, 2)])
def test_half_written_files_are_swept(share: Share, tmp_path: Path) -> None:
    make_folder(tmp_path)
    left = [leave_behind("file", tmp_path / name) for name in ("run.json", "shards/0001.jsonl")]
    forget_sweeps()
    with locked(tmp_path, share):
        assert not any(path.exists() for path in left)


def holder(out: Path, share: Share) -> Iterator[None]:
    """Hold a share from another process until asked for the second time."""
    ready, done = os.pipe(), os.pipe()
    child = os.fork()
    if not child:
        with locked(out, share):
            os.write(ready[1], b"1")
            os.read(done[0], 1)
        os._exit(0)
    os.read(ready[0], 1)
    yield
    os.write(done[1], b"1")
    os.waitpid(child, 0)
    for end in (*ready, *done):
        os.close(end)


@pytest.mark.parametrize(
    ("held", "wanted", "may"),
    [
        (WHOLE, WHOLE, False),
        (WHOLE, Share(0, 2), False),
        (Share(0, 2), WHOLE, False),
        (Share(0, 2), Share(0, 2), False),
        (Share(0, 2), Share(1, 2), True),
    ],
)
def test_shares_work_side_by_side_and_a_whole_run_alone(
    held: Share, wanted: Share, may: bool, tmp_path: Path
) -> None:
    make_folder(tmp_path)
    other = holder(tmp_path, held)
    next(other)
    if may:
        with locked(tmp_path, wanted):
            pass
    else:
        with (
            pytest.raises(InputError, match="is being written by another run"),
            locked(tmp_path, wanted),
        ):
            pass
    assert next(other, None) is None
    with locked(tmp_path, wanted):
        pass


def test_a_record_is_written_by_one_at_a_time(tmp_path: Path) -> None:
    make_folder(tmp_path)
    steps = []

    def second() -> None:
        with recording(tmp_path):
            steps.append("second")

    with recording(tmp_path):
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.02)
        steps.append("first")
    thread.join()
    assert steps == ["first", "second"]


def test_a_lock_ends_with_its_process(tmp_path: Path) -> None:
    make_folder(tmp_path)
    child = os.fork()
    if not child:
        handle = os.open(tmp_path / ".lock", os.O_RDWR | os.O_CREAT)
        fcntl.flock(handle, fcntl.LOCK_EX)
        os.kill(os.getpid(), 9)
    os.waitpid(child, 0)
    with locked(tmp_path, WHOLE):
        pass
