"""What `make` and the checks of the project promise: exit codes, commands, the CI's order."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.documents import ROOT, blocks

yaml = pytest.importorskip("yaml")

MAKE = (ROOT / "Makefile").read_text(encoding="utf-8")
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def make(environment: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run `make` in the checkout with an environment that counts as made."""
    return subprocess.run(
        ["make", "-C", str(ROOT), f"VENV={environment}", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env=os.environ | {"LC_ALL": "C"},
    )


@pytest.fixture
def stub(tmp_path: Path) -> Path:
    """Make an environment whose Python ends with STUB_CODE, and notes how it was called."""
    environment = tmp_path / "venv"
    (environment / "bin").mkdir(parents=True)
    python = environment / "bin" / "python"
    python.write_text(
        '#!/bin/sh\necho "$*|$LABELS|$IMAGES|$WORK|$SETTINGS" >> "$0.calls"\nexit "$STUB_CODE"\n'
    )
    python.chmod(0o755)
    for stamp in ("core", "models", "dev"):
        (environment / stamp).touch()
    return environment


@pytest.mark.parametrize("code", [0, 1, 2, 3, 4, 130])
def test_make_loop_ends_with_2_whatever_failed_and_prints_the_code(
    stub: Path, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUB_CODE", str(code))
    done = make(stub, "loop", "LABELS=rec_gt.txt", "IMAGES=crops")
    assert (stub / "bin" / "python.calls").read_text() == "dodo.py|rec_gt.txt|crops||\n"
    if code:
        assert done.returncode == 2
        assert re.search(rf"loop\] Error {code}$", done.stderr.strip()), done.stderr
    else:
        assert done.returncode == 0


def test_dodo_ends_with_the_code_that_make_turns_into_2(tmp_path: Path) -> None:
    """Label files that are not there: 1 by itself, 2 by make."""
    environment = os.environ | {"LABELS": "/nope/rec_gt.txt", "WORK": str(tmp_path / "work")}
    done = subprocess.run(
        [sys.executable, "dodo.py"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("line: error: /nope: ")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("README.md", "`make` ends with 2 whatever failed, and prints the real code;"),
        ("README.ko.md", "`make`는 무엇이 실패하든 2로 끝나며 실제 코드를 출력합니다."),
        ("docs/pipeline.md", "`make` ends with 2 whatever failed, and prints the real code;"),
        ("docs/pipeline.ko.md", "`make`는 무엇이 실패하든 2로 끝나며 실제 코드를 출력합니다."),
    ],
)
def test_the_documents_tell_one_truth_of_exit_codes(name: str, sentence: str) -> None:
    text = " ".join((ROOT / name).read_text(encoding="utf-8").split())
    assert sentence in text
    assert "python dodo.py" in text
    for part in re.split(r"(?<=[.;])\s", text):
        assert not ("make loop" in part and "exit code" in part), part
        assert not ("make loop" in part and "종료 코드" in part), part


def test_the_lines_of_the_pipelines_document_are_make_and_doit() -> None:
    (first,) = [block for block in blocks("docs/pipeline.md") if "make loop" in block.text]
    assert first.lines() == [
        "make loop",
        "make loop LABELS=rec_gt.txt IMAGES=crops",
        "make loop CROPS=crops",
        "make loop CROPS=crops ROUNDS=3",
        "python dodo.py",
        "doit list; doit run export",
    ]


def test_doit_lists_the_stages_that_the_document_names(tmp_path: Path) -> None:
    pytest.importorskip("doit")
    labels = tmp_path / "rec_gt.txt"
    labels.write_text("a.png\t1\n", encoding="utf-8")
    listed = []
    for own in ({}, {"LABELS": str(labels)}, {"CROPS": str(tmp_path)}):
        work = tmp_path.parent / f"{tmp_path.name}-{'-'.join(own)}"
        done = subprocess.run(
            [sys.executable, "-m", "doit", "list"],
            cwd=ROOT,
            env=os.environ | own | {"WORK": str(work), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        listed.append({line.split()[0] for line in done.stdout.splitlines() if line.strip()})
    rendered, own_crops, without_labels = listed
    text = (ROOT / "docs/pipeline.md").read_text(encoding="utf-8")
    table = text.split("## What a stage is")[1].split("\n## ")[0]
    stages = re.findall(r"^\| `([\w-]+)` \| .*\| `", table, re.MULTILINE)
    assert without_labels == {"base", "collect"} <= set(stages)
    stages.remove("collect")
    assert own_crops == set(stages)
    # "there for them alone"
    assert own_crops - rendered == {"own-mix", "fold"}
    assert " → ".join(stages) in text


def test_the_checks_begin_with_the_two_commands_in_a_fresh_copy() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    commands = [line for line in script.splitlines() if re.match(r"(make|git|pip|python)\b", line)]
    assert commands[0].startswith("git ")
    assert "archive HEAD" in commands[0]
    (two,) = [block for block in blocks("README.md") if "make demo" in block.text]
    assert [line.partition(" |")[0] for line in commands[1:3]] == two.lines()
    assert commands[3:] == ["make check", "make wheel"]
    assert "set -euo pipefail" in script
    assert 'HOME="$fresh/home"' in script
    assert subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")], check=False).returncode == 0


def test_make_refuses_a_python_that_is_too_old(tmp_path: Path) -> None:
    python = tmp_path / "python3.9"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    done = make(tmp_path / "new", f"PYTHON={python}", "demo")
    assert done.returncode == 2
    assert f"{python} is older than 3.11" in done.stderr
    assert not (tmp_path / "new").exists()


def test_a_pin_of_make_is_that_of_the_constraints() -> None:
    pins = dict(
        line.split(";")[0].split("==")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line and not line.startswith("#")
    )
    named = re.findall(r"([\w-]+)==([\w.]+)", MAKE)
    named += [("opencv-python-headless", *re.findall(r"^OPENCV := (\S+)$", MAKE, re.MULTILINE))]
    assert len(named) >= 4
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    for extra in extras.values():
        named += re.findall(r"([\w-]+)==([\w.]+)", " ".join(extra))
    for name, release in named:
        assert pins[name] == release, name


def test_no_extra_brings_paddle_and_each_brings_one_release_of_opencv() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    for extra, wanted in extras.items():
        assert not [one for one in wanted if re.match(r"paddlepaddle", one)], extra
        releases = {one.partition("==")[2] for one in wanted if one.startswith("opencv")}
        assert len(releases) <= 1, extra


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_calls_the_targets_that_the_checks_call(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    job = next(iter(yaml.safe_load(text)["jobs"].values()))
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    runs = [step["run"] for step in job["steps"] if "run" in step]
    targets = set(re.findall(r"^(\w+):", MAKE, re.MULTILINE))
    assert set(re.findall(r"^(?:sudo )?make (\w+)", "\n".join(runs), re.MULTILINE)) <= targets
    called = {word for run in runs for word in re.findall(r"make (\w+)", run)}
    assert {"demo", "test", "check"} <= called
    assert "secrets" not in text
    assert "://" not in text


def test_there_is_a_workflow() -> None:
    assert WORKFLOWS
