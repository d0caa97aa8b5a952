import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.leaving import leave_behind
from textlines import partials
from textlines.files import replacing
from textlines.partials import (
    forget_sweeps,
    holds_anything,
    is_partial,
    partial_file,
    partial_folder,
    sweep,
    take_place,
)

HOUR = 3700


@pytest.fixture(autouse=True)
def command_begins() -> None:
    forget_sweeps()


def write(path: Path, text: str) -> None:
    with replacing(path) as out:
        out.write(text)


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_a_killed_process_left_goes_with_the_next_file(kind: str, tmp_path: Path) -> None:
    left = leave_behind(kind, tmp_path / "train.txt")
    assert is_partial(left.name)
    write(tmp_path / "other.txt", "whole")
    assert [one.name for one in tmp_path.iterdir()] == ["other.txt"]


def test_what_is_being_written_stays(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from textlines.partials import partial_file, partial_folder\n"
        "with partial_file(Path('a.txt'), 'wb') as (out, path):\n"
        "    with partial_folder(Path('b')) as made:\n"
        "        print('ready', flush=True); sys.stdin.read()\n"
        "        path.replace('a.txt'); made.rename('b')\n"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert writer.stdout is not None and writer.stdin is not None
    assert writer.stdout.readline() == b"ready\n"
    # However long ago something was written: the lock tells.
    for path in [*tmp_path.iterdir(), *tmp_path.glob("*/*")]:
        os.utime(path, (0, 0))
    write(tmp_path / "c.txt", "")
    assert sum(is_partial(one.name) for one in tmp_path.iterdir()) == 2
    writer.stdin.close()
    assert writer.wait(30) == 0
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.txt", "b", "c.txt"]


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_another_machines_stays_for_an_hour(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = leave_behind(kind, tmp_path / "train.txt")
    monkeypatch.setattr(partials, "_HOST", "0" * 8)
    sweep(tmp_path)
    assert left.exists()
    before = time.time() - HOUR
    for path in [*left.rglob("*"), left]:
        os.utime(path, (before, before))
    sweep(tmp_path, again=True)
    assert not left.exists()


def test_where_there_are_no_locks_time_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = leave_behind("file", tmp_path / "train.txt")

    def no_locks(handle: int, kind: int) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(partials.fcntl, "flock", no_locks)
    write(tmp_path / "a.txt", "whole")
    assert left.exists() and (tmp_path / "a.txt").read_text() == "whole"
    os.utime(left, (0, 0))
    sweep(tmp_path, again=True)
    assert not left.exists()


@pytest.mark.parametrize(
    "name",
    [
        "train.txt.part",
        "x.part",
        "a.0a1b2c3d-1-0.part",
        ".mix-store-ab12",
        "a.txt.99.part",
        "crops",
    ],
)
def test_what_is_not_ours_stays(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("a user's")
    (tmp_path / f"{name}.d").mkdir()
    write(tmp_path / "a.txt", "")
    assert (tmp_path / name).read_text() == "a user's" and (tmp_path / f"{name}.d").is_dir()


def test_no_link_or_pipe_of_our_name_is_followed(tmp_path: Path) -> None:
    goal = tmp_path / "goal"
    goal.mkdir()
    (goal / "kept").write_text("kept")
    own = "a.txt.0a1b2c3d-4e5f6071-99-{}.part"
    (tmp_path / own.format(0)).symlink_to(goal)
    os.mkfifo(tmp_path / own.format(1))
    sweep(tmp_path)
    assert (goal / "kept").exists()
    assert len(list(tmp_path.iterdir())) == 3


def test_a_kill_between_two_renamings_gives_the_old_folder_back(tmp_path: Path) -> None:
    target = tmp_path / "base"
    target.mkdir()
    (target / "model.toml").write_text("old")
    # The folder itself went into what is left.
    left = leave_behind("replaced", target)
    assert not target.exists()
    sweep(tmp_path)
    assert (target / "model.toml").read_text() == "old" and not left.exists()


def test_a_folder_takes_anothers_place(tmp_path: Path) -> None:
    target = tmp_path / "base"
    for text in ("first", "second"):
        with partial_folder(target) as made:
            (made / "model.toml").write_text(text)
            take_place(made, target)
    assert (target / "model.toml").read_text() == "second"
    assert [one.name for one in tmp_path.iterdir()] == ["base"]


def test_a_name_as_long_as_the_system_takes(tmp_path: Path) -> None:
    name = "값" * 84 + ".a"  # 254 bytes
    write(tmp_path / name, "whole")
    assert [one.name for one in tmp_path.iterdir()] == [name]


def test_a_sweep_that_is_quicker_than_the_lock_costs_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = partials._hold, iter(range(9))

    def swept(handle: int) -> bool | None:
        if next(calls) == 0:
            for one in tmp_path.iterdir():
                one.unlink() if one.is_file() else shutil.rmtree(one)
        return real(handle)

    monkeypatch.setattr(partials, "_hold", swept)
    with partial_file(tmp_path / "a.txt", "wb") as (out, path):
        out.write(b"whole")
        path.replace(tmp_path / "a.txt")
    calls = iter(range(9))
    with partial_folder(tmp_path / "b") as made:
        made.rename(tmp_path / "b")
    assert [one.name for one in tmp_path.iterdir()] == ["b"]


def test_a_folder_that_cannot_be_swept_is_left(tmp_path: Path) -> None:
    sweep(tmp_path / "none")
    file = tmp_path / "file"
    file.write_text("")
    sweep(file)


def test_what_a_kill_left_is_nothing_in_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    assert not holds_anything(folder)
    folder.mkdir()
    left = leave_behind("file", folder / "reading.json")
    assert not holds_anything(folder) and not left.exists()
    (folder / "history.json").write_text("")
    assert holds_anything(folder) and not holds_anything(folder, but=("history.json",))
