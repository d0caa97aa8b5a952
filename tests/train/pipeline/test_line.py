"""The whole line by doit, with stubs for the commands: ends, skips, kills."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.train.pipeline.conftest import ROOT, Line

TARGET = ["train mine", "synth generate", "balance mix", "train plan", "train rec"]
AFTER = ["train export", "train gate"]
GUARD = ["synth guard"]
FOLDS = ["balance mix", "train fold"]
LINES = ["synth fonts", *["synth generate"] * 3, *GUARD]


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    for number in range(400):
        (folder / f"{number}.png").write_bytes(f"image {number}".encode())
    file = folder / "rec_gt.txt"
    file.write_text("".join(f"{number}.png\t{number}\n" for number in range(400)))
    return file


def test_all_stages_end_and_nothing_is_done_twice(line: Line, stubs: Any, tmp_path: Path) -> None:
    done = line(codes={"train_gate": [1], "train_rec": [4, 0]})
    assert done.returncode == 0, done.stderr
    assert "verdict on synthetic lines: failed" in done.stdout
    rec = ["train rec", "train rec"]
    assert stubs.calls() == ["train weights", *LINES, *TARGET[:-1], *rec, *AFTER]
    manifests = tmp_path / "work" / "manifests"
    assert json.loads((manifests / "gate.json").read_text())["exit_code"] == 1
    assert json.loads((manifests / "gate.json").read_text())["synthetic"] is True
    assert json.loads((manifests / "export.json").read_text())["synthetic"] is False
    again = line(codes={"train_gate": [1]})
    assert (again.returncode, stubs.calls()) == (0, [])
    assert "verdict on synthetic lines: failed" in again.stdout


def test_a_change_runs_what_hangs_on_it(line: Line, stubs: Any, tmp_path: Path) -> None:
    assert line().returncode == 0
    stubs.calls()
    settings = tmp_path / "pipeline.toml"
    settings.write_text("work = 'work'\nminutes = 9\n", encoding="utf-8")
    assert line().returncode == 0
    assert stubs.calls() == ["train plan", "train rec", *AFTER]
    (tmp_path / "work" / "gate" / "verdict.json").unlink()
    assert line().returncode == 0
    assert stubs.calls() == ["train gate"]


@pytest.mark.parametrize("code", [0, 1, 3])
def test_on_own_crops_it_ends_with_the_code_of_the_gate(
    line: Line, stubs: Any, labels: Path, tmp_path: Path, code: int
) -> None:
    done = line(codes={"train_gate": [code]}, LABELS=str(labels))
    assert done.returncode == code, done.stderr
    assert "own crops: train " in done.stdout
    assert stubs.calls() == ["train weights", *GUARD, *FOLDS, *TARGET, *AFTER]
    # Each stage was told of the roles that there are.
    told = {
        name: next((tmp_path / "work").rglob(name)).read_text()
        for name in ("plan.toml", "run.json", "verdict.json")
    }
    assert "--stop-on work/own/stop.txt:exact --folds work/fold/folds" in told["plan.toml"]
    assert "--target work/own/judge.txt:exact" in told["verdict.json"]
    assert "--own work/own/train.txt" in told["run.json"]
    assert "--exclude-texts work/own/judge.txt" in told["run.json"]


def test_crops_without_labels_end_with_a_queue_and_what_to_call_next(
    line: Line, stubs: Any, tmp_path: Path
) -> None:
    crops = tmp_path / "crops"
    crops.mkdir()
    (crops / "a.png").write_bytes(b"a")
    done = line(CROPS=str(crops))
    assert done.returncode == 0, done.stderr
    assert stubs.calls() == ["train weights", "train collect"]
    queue = Path("work") / "collect" / "queue"
    assert f"to label: {queue / 'label.html'}" in done.stdout
    assert f"train collect {queue} --answers answers.json --out labelled/" in done.stdout
    assert "make loop LABELS=labelled/rec_gt.txt IMAGES=labelled" in done.stdout
    told = (tmp_path / queue / "queue.json").read_text()
    assert f"--images {crops}" in told and "--budget 50" in told
    line(CROPS=str(crops))
    assert stubs.calls() == []
    (crops / "b.png").write_bytes(b"b")
    line(CROPS=str(crops))
    assert stubs.calls() == ["train collect"]


def test_crops_and_labels_together_and_no_folder_are_refused(
    line: Line, labels: Path, tmp_path: Path
) -> None:
    done = line(CROPS=str(labels.parent), LABELS=str(labels))
    assert done.returncode == 2 and "CROPS, LABELS" in done.stderr
    done = line(CROPS=str(tmp_path / "none"))
    assert done.returncode == 1 and "is no folder" in done.stderr


def test_few_lines_train_all_and_roles_that_are_written_stay(
    line: Line, stubs: Any, labels: Path, tmp_path: Path
) -> None:
    rows = labels.read_text().splitlines(keepends=True)
    labels.write_text("".join(rows[:50]))
    # The gate cannot tell, as there is no line to judge by.
    assert line(codes={"train_gate": [3]}, LABELS=str(labels)).returncode == 3
    assert stubs.calls() == ["train weights", *GUARD, *FOLDS, *TARGET, *AFTER]
    arguments = {path.stem: path.read_text() for path in (tmp_path / "work/lines").glob("*.args")}
    assert arguments == {"generate": "", "plan": "--folds\nwork/fold/folds\n", "gate": ""}
    trained = (tmp_path / "work/own/train.txt").read_text()
    assert trained.count("\n") == 50
    labels.write_text("".join(rows))
    assert line(LABELS=str(labels)).returncode == 0
    assert set(trained.splitlines()) <= set(
        (tmp_path / "work/own/train.txt").read_text().splitlines()
    )
    assert (tmp_path / "work/own/judge.txt").read_text().count("\n") >= 60
    # Without folds and without lines to stop by, nothing says when training is to end.
    (tmp_path / "pipeline.toml").write_text("work = 'few'\n[own]\nfolds = 0\n")
    labels.write_text("".join(rows[:50]))
    done = line(LABELS=str(labels))
    assert done.returncode == 2
    assert "[own] folds = 0: and 50 lines to train on: too few to stop by" in done.stderr


@pytest.mark.parametrize(
    "at",
    [
        "train weights",
        "synth guard",
        "train fold",
        "synth generate",
        "balance mix",
        "train plan",
        "train rec",
        "train gate",
    ],
)
def test_killed_anywhere_it_ends_as_unbroken(
    line: Line, stubs: Any, labels: Path, tmp_path: Path, at: str
) -> None:
    def manifests(work: str) -> dict[str, Any]:
        folder = tmp_path / work / "manifests"
        return {path.stem: json.loads(path.read_text()) for path in folder.iterdir()}

    killed = line(STUB_KILL=at, LABELS=str(labels))
    assert killed.returncode == -9
    before = stubs.calls()
    assert before[-1] == at
    assert line(LABELS=str(labels)).returncode == 0
    first = stubs.calls()[0]
    # What was done stays: the stage that was broken is the first to run again.
    assert first == at
    assert line(LABELS=str(labels), WORK="other").returncode == 0
    broken, unbroken = manifests("work"), manifests("other")
    assert broken.keys() == unbroken.keys()
    for name, found in broken.items():
        assert found["exit_code"] == unbroken[name]["exit_code"] == 0
        assert found["outputs"].keys() == unbroken[name]["outputs"].keys()
    # What goes on keeps what it had; all else starts over in a cleared folder.
    halves = len(list((tmp_path / "work").rglob("half")))
    assert halves == (at in ("synth guard", "train fold", "synth generate", "train gate"))


@pytest.mark.parametrize(
    ("codes", "code", "message"),
    [
        ({"train_plan": [2]}, 2, "stage plan: train plan ended with 2"),
        ({"train_mine": [1]}, 1, "stage mine: train mine ended with 1"),
        ({"synth_generate": [1]}, 1, "synth generate"),
    ],
)
def test_a_failed_stage_ends_the_line_with_its_code(
    line: Line, stubs: Any, codes: dict[str, list[int]], code: int, message: str
) -> None:
    done = line(codes=codes)
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert "train gate" not in stubs.calls()


def test_a_folder_that_holds_other_files_is_refused(line: Line, stubs: Any, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"meow")
    done = line(WORK="photos")
    assert done.returncode == 1
    assert "photos: holds other files; stages clear the folders in it" in done.stderr
    assert stubs.calls() == []
    assert (tmp_path / "photos" / "cat.jpg").read_bytes() == b"meow"


def test_settings_and_labels_that_are_wrong_are_told_in_one_line(
    line: Line, tmp_path: Path
) -> None:
    done = line(LABELS="none.txt")
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "none.txt: file is not there" in done.stderr
    (tmp_path / "pipeline.toml").write_text("modell = 'x'\n")
    done = line()
    assert done.returncode == 2
    assert "modell: Extra inputs are not permitted" in done.stderr


def test_doit_lists_the_stages(line: Line, tmp_path: Path) -> None:
    # doit works in the folder of its file unless it is told another one.
    listed = line("-m", "doit", "list", "-f", str(ROOT / "dodo.py"), "-d", str(tmp_path))
    assert listed.returncode == 0, listed.stderr
    names = {row.split()[0] for row in listed.stdout.splitlines()}
    assert names == {"base", "lines", "mine", "generate", "mix", "plan", "rec", "export", "gate"}
