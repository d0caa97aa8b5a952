"""`train init` and `train line`, as they are typed."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.documents import ROOT
from textlines.errors import UsageError
from train.commands.init import InitRequest
from train.commands.line_command import LineRequest


@pytest.fixture
def call(tmp_path: Path, plain_environment: dict[str, str], stubs: Any) -> "Call":
    (tmp_path / "pipeline.toml").write_text("new_lines = 1500\n", encoding="utf-8")
    environment = {
        **plain_environment,
        **stubs.environment(),
        "PYTHONPATH": str(ROOT),
        "BIN_FOLDER": str(stubs.bin),
    }
    return Call(tmp_path, environment)


class Call:
    """Calls `train` in a folder with settings."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder, self.environment = folder, environment

    def __call__(self, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "train", *words],
            cwd=self.folder,
            env=self.environment | more,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )


def test_all_of_it_is_written_once_and_anew_when_told(call: Call) -> None:
    done = call("init", "--ci", "github", "--dvc")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "written: .github/workflows/mend.yml",
        "written: dvc.yaml",
        "variables to set: MEND_WORK, MEND_LABELS, MEND_IMAGES, PADDLE_INDEX",
        "runners: crops (holds the crops and the folder of the work), crops and gpu",
        "then: dvc repro",
    ]
    workflow = call.folder / ".github" / "workflows" / "mend.yml"
    content = yaml.load(workflow.read_text(encoding="utf-8"), yaml.BaseLoader)
    # A job for each thousand lines that are rendered.
    assert content["jobs"]["render"]["strategy"]["matrix"]["shard"] == ["0", "1"]
    before = workflow.read_bytes()
    again = call("init", "--ci", "github", "--shards", "7")
    assert (again.returncode, again.stdout) == (1, "")
    assert "mend.yml: is there already. --force writes it anew." in again.stderr
    assert workflow.read_bytes() == before
    forced = call(
        *("init", "--ci", "github", "--shards", "7", "--force", "--branch", "trunk"),
        *("--work", "/srv/work", "--labels", "/srv/rec_gt.txt"),
    )
    assert forced.returncode == 0, forced.stderr
    assert "variables to set: PADDLE_INDEX" in forced.stdout
    content = yaml.load(workflow.read_text(encoding="utf-8"), yaml.BaseLoader)
    assert len(content["jobs"]["render"]["strategy"]["matrix"]["shard"]) == 7
    assert content["on"]["push"]["branches"] == ["trunk"]


def test_files_of_others_stay_with_force_too(call: Call) -> None:
    for name, options in {
        ".github/workflows/mend.yml": ("--ci", "github"),
        "dvc.yaml": ("--dvc",),
    }.items():
        path = call.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("stages: {}\n", encoding="utf-8")
        done = call("init", *options, "--force")
        assert done.returncode == 2, done.stdout
        assert "would be lost" in done.stderr
        assert path.read_text(encoding="utf-8") == "stages: {}\n"


def test_a_pipeline_that_is_there_includes_ours(call: Call) -> None:
    theirs = call.folder / ".gitlab-ci.yml"
    theirs.write_text("build: { script: [make] }\n", encoding="utf-8")
    done = call("init", "--ci", "gitlab")
    assert done.returncode == 0, done.stderr
    assert "written: .gitlab/mend.yml" in done.stdout
    assert "in .gitlab-ci.yml: include: [{ local: .gitlab/mend.yml }]" in done.stdout
    assert theirs.read_text(encoding="utf-8") == "build: { script: [make] }\n"
    ours = yaml.safe_load((call.folder / ".gitlab" / "mend.yml").read_text(encoding="utf-8"))
    # Nothing that would change the jobs of the other file.
    assert all(name == ".mend" or name.startswith("mend:") for name in ours)


def test_settings_below_the_repository_are_named_from_its_top(call: Call, tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    (repository / "settings").mkdir(parents=True)
    (repository / "settings" / "lcd.toml").write_text("seed = 4\n", encoding="utf-8")
    words = ("--out", "repository", "--settings", "repository/settings/lcd.toml")
    done = call("init", "--ci", "github", "--dvc", *words)
    assert done.returncode == 0, done.stderr
    workflow = repository / ".github" / "workflows" / "mend.yml"
    content = yaml.load(workflow.read_text(encoding="utf-8"), yaml.BaseLoader)
    assert content["env"]["SETTINGS"] == "settings/lcd.toml"
    stages = yaml.safe_load((repository / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    assert stages["base"]["cmd"] == "train line base --settings settings/lcd.toml"
    words = ("--out", "repository", "--settings", "pipeline.toml")
    outside = call("init", "--ci", "gitlab", *words)
    assert outside.returncode == 2 and "lies outside of repository" in outside.stderr


def test_settings_or_labels_that_are_not_there_leave_nothing_behind(call: Call) -> None:
    done = call("init", "--dvc", "--labels", "none.txt")
    assert done.returncode == 1 and "none.txt: file is not there" in done.stderr
    (call.folder / "pipeline.toml").write_text("modell = 'x'\n", encoding="utf-8")
    done = call("init", "--ci", "gitlab")
    assert done.returncode == 2 and "modell: Extra inputs are not permitted" in done.stderr
    done = call("init", "--ci", "gitlab", "--out", "none")
    assert done.returncode == 1 and "none: is no folder" in done.stderr
    assert [path.name for path in call.folder.glob("*.y*ml")] == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({}, "--ci, --dvc: neither is said. Say --ci github, --ci gitlab or --dvc."),
        ({"ci": "jenkins"}, "--ci: 'jenkins' is not one of 'github', 'gitlab'"),
        ({"ci": "github", "shards": 0}, "--shards: 0 is not in the range 1<=x<=64"),
        ({"ci": "github", "work": "work"}, "--work work: starts from the checkout, which each job"),
        ({"ci": "github", "images": "/a"}, "--images: has no label file beside it"),
        ({"ci": "github", "labels": "$HOME/a"}, "holds a $ or what cannot be printed"),
        ({"ci": "github", "package": "a\nb"}, "holds a $ or what cannot be printed"),
        ({"ci": "github", "branch": "a' || true"}, "--branch a' || true: is no name of a branch"),
    ],
)
def test_what_does_not_fit_is_told(words: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as told:
        InitRequest(**words)
    assert message in str(told.value)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"shard": "0/2"}, "--shard: is for one stage. Name it: train line generate."),
        (
            {"stages": ("generate",), "shard": "0/2", "parts": Path("p")},
            "--parts, --shard: do not go together",
        ),
    ],
)
def test_options_of_a_stage_are_for_one(words: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as told:
        LineRequest(**words)
    assert message in str(told.value)


def test_stages_by_name_are_those_that_doit_runs(call: Call, stubs: Any) -> None:
    done = call("line", "base", "lines", "own-mix", "fold", "mine")
    assert done.returncode == 0, done.stderr
    # Of a line that renders its own lines; its jobs are written for any.
    assert "own-mix: not in this line" in done.stdout
    assert stubs.calls()[-1] == "train mine"
    code = call.environment | stubs.environment(train_gate=[3])
    done = call("line", **code)
    assert done.returncode == 3, done.stderr
    assert "mine: nothing changed" in done.stdout
    assert stubs.calls()[0] == "synth generate"
    assert call("line", "gate", "--any-verdict").returncode == 0
    assert call("line", "gate").returncode == 3
    assert stubs.calls() == []


def test_a_stage_that_is_none_and_parts_of_another_are_refused(call: Call) -> None:
    done = call("line", "bake")
    assert done.returncode == 2
    assert "stage bake: is none of this line. It has base, lines, mine" in done.stderr
    done = call("line", "mix", "--shard", "0/2")
    assert done.returncode == 2 and "--shard: is for the stage generate alone" in done.stderr
