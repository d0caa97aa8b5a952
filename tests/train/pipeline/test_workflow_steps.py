"""The shell of what `train init --ci` writes, run job by job in clean folders.

The commands of the line are stand-ins, what the jobs themselves call is ours.
"""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.batch_systems import BatchSystem, Ended
from tests.documents import ROOT
from tests.running import run_module

SETTINGS = "new_lines = 2500\n[own]\nfolds = 2\nlike = '{like}'\n"

SHIM = """\
#!/bin/bash
# Stands for a Python that makes environments and installs: notes what it was asked for.
echo "python $*" >> "$PIP_LOG"
if [ "$1 $2" = "-m venv" ]; then mkdir -p "$3/bin" && cp "$0" "$3/bin/python"; fi
"""

COMMAND = """\
#!/bin/bash
PYTHONPATH={root} exec {python} -m {tool} "$@"
"""

CHECKED = """\
#!/bin/bash
echo "{tool} $1 ${{*:2}}" >> "$STUB_LOG"
exit "${{{tool}_CODE:-0}}"
"""


@pytest.fixture
def system(stubs: Any, tmp_path: Path, plain_environment: dict[str, str]) -> BatchSystem:
    """Return a repository with settings, a disk with 400 crops, and commands on the path."""
    disk = tmp_path / "disk"
    (disk / "crops").mkdir(parents=True)
    rows = []
    for number in range(400):
        (disk / "crops" / f"{number}.png").write_bytes(f"image {number}".encode())
        rows.append(f"{number}.png\t{number}\n")
    (disk / "rec_gt.txt").write_text("".join(rows), encoding="utf-8")
    (disk / "production.txt").write_text("a.png\t7\n", encoding="utf-8")
    repository = tmp_path / "repository"
    repository.mkdir()
    text = SETTINGS.format(like=disk / "production.txt")
    (repository / "pipeline.toml").write_text(text, encoding="utf-8")
    commands = tmp_path / "commands"
    commands.mkdir()
    for name, script in {
        "python3": SHIM,
        "train": COMMAND.format(root=ROOT, python=sys.executable, tool="train"),
        "synth": CHECKED.format(tool="synth"),
        "balance": CHECKED.format(tool="balance"),
    }.items():
        (commands / name).write_text(script, encoding="utf-8")
        (commands / name).chmod(0o755)
    own = {
        "PIP_LOG": str(tmp_path / "pip.txt"),
        "BIN_FOLDER": str(stubs.bin),
        **stubs.environment(train_rec=[4, 0]),
    }
    kept = {key: plain_environment[key] for key in ("HOME", "LC_ALL") if key in plain_environment}
    return BatchSystem(
        folder=tmp_path / "system",
        repository=repository,
        disk=disk,
        commands=commands,
        variables={
            "MEND_WORK": str(disk / "work"),
            "MEND_LABELS": str(disk / "rec_gt.txt"),
            "MEND_IMAGES": str(disk / "crops"),
            "PADDLE_INDEX": "file:///an/index",
        },
        environment={**kept, **own},
    )


Run = Callable[..., list[Ended]]


@pytest.fixture(params=["github", "gitlab"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def run(kind: str, system: BatchSystem) -> Run:
    """Return a function that runs what is written for a system, or some of its jobs."""
    done = run_module("train", "init", "--ci", kind, "--out", system.repository)
    assert done.returncode == 0, done.stderr
    name = {"github": ".github/workflows/mend.yml", "gitlab": ".gitlab-ci.yml"}[kind]

    def call(*only: str) -> list[Ended]:
        system.ended.clear()
        shutil.rmtree(system.folder / "jobs", ignore_errors=True)
        names = [f"mend:{job}" if kind == "gitlab" else job for job in only]
        ended: list[Ended] = getattr(system, f"run_{kind}")(
            system.repository / name, *([names] if only else [])
        )
        return ended

    return call


def of_github(test: Callable[..., None]) -> Callable[..., None]:
    return pytest.mark.parametrize("kind", ["github"], indirect=True)(test)


CALLS = [
    *("synth doctor", "balance check"),
    *("train weights", "synth guard", "balance mix", "train fold", "train mine"),
    *["synth generate"] * 3,
    *("synth merge", "balance mix"),
    *("train plan", "train rec", "train rec", "train export"),
    "train gate",
]


def first_words(calls: list[str]) -> list[str]:
    return [" ".join(call.split()[:2]) for call in calls]


def test_the_whole_line_is_run_once_in_clean_folders(
    kind: str, run: Run, system: BatchSystem, stubs: Any
) -> None:
    ended = run()
    assert [(one.name, one.code) for one in ended if one.code] == [], ended[-1].log
    assert first_words(stubs.calls()) == CALLS
    needs_of_each_job(system)
    nothing_of_crops_is_kept(system)
    if kind == "github":
        what_is_done_stays(run, system, stubs)
    # The verdict alone anew: what is kept of it hangs on the code, and 3 is no failure.
    for code in (0, 1, 3) if kind == "github" else (3,):
        shutil.rmtree(system.artefacts)
        (system.disk / "work" / "manifests" / "gate.json").unlink()
        system.environment = {**system.environment, **stubs.environment(train_gate=[code])}
        (gate,) = run("gate")
        assert gate.code == (0 if code == 3 and kind == "github" else code), gate.log
        names = {path.name for path in system.artefacts.rglob("*") if path.is_file()}
        assert {"verdict.json", "verdict.xml", "verdict.md"} <= names
        assert ("export.toml" in names) == (code == 0)
        if kind == "github":
            assert gate.summary.startswith("--base ")  # what the stand-in wrote


def what_is_done_stays(run: Run, system: BatchSystem, stubs: Any) -> None:
    """Jobs that are run again do what is not done, and no more."""
    # Rendering begins anew on a machine that keeps nothing; what it gives is there already.
    run("render", "mix")
    assert first_words(stubs.calls()) == ["synth generate"] * 3
    # A stage that fails ends its job with its code; what was done before it stays.
    (system.disk / "work" / "manifests" / "export.json").unlink()
    system.environment = {**system.environment, **stubs.environment(train_export=[2])}
    (train,) = run("train")
    assert train.code == 2 and "stage export: train export ended with 2" in train.log
    system.environment = {**system.environment, **stubs.environment()}
    assert not run("train")[0].code
    assert first_words(stubs.calls()) == ["train export"] * 2


def needs_of_each_job(system: BatchSystem) -> None:
    """Each job has made the environment that it needs, with Paddle for its machine."""
    asked = Path(system.environment["PIP_LOG"]).read_text(encoding="utf-8").splitlines()
    made = [line for line in asked if " -m venv " in line]
    paddle = [line for line in asked if "paddlepaddle" in line]
    assert len(made) == 8 and len(paddle) == 5
    on_gpu = [line for line in paddle if "paddlepaddle-gpu>=3.2" in line]
    assert len(on_gpu) == 2
    assert all("--extra-index-url file:///an/index" in line for line in on_gpu)


def nothing_of_crops_is_kept(system: BatchSystem) -> None:
    """No crop and no page that shows some has left the disk; rendering had all that it names."""
    found = list(system.artefacts.rglob("*"))
    kept = [path for path in found if path.is_file()]
    assert not [path for path in found if path.is_symlink() or path.suffix in (".png", ".html")]
    assert not [path for path in kept if path.read_bytes().startswith(b"image ")]
    (told, *_) = [path.read_text(encoding="utf-8") for path in kept if path.name == "run.json"]
    for option, file in (
        ("--own", "own/train.txt"),
        ("--exclude-texts", "own/judge.txt"),
        ("--profile", "mine/profile.json"),
        ("--like", "like/production.txt"),
    ):
        assert f"{option} to-render/{file}" in told
    assert str(system.disk) not in told
    handed = {path.name for path in kept}
    assert {"profile.json", "train.txt", "judge.txt", "production.txt", "handed.json"} <= handed
    assert not {"stop.txt", "roles.tsv"} & handed


@of_github
def test_wrong_labels_end_it_before_it_costs_anything(
    run: Run, system: BatchSystem, stubs: Any
) -> None:
    system.environment = {**system.environment, "balance_CODE": "1"}
    assert [(one.name, one.code) for one in run()] == [("check", 1)]
    assert stubs.calls() == [
        "synth doctor ",
        f"balance check {system.disk / 'rec_gt.txt'} --images {system.disk / 'crops'}",
    ]
    # Lines that are rendered have no label file to be checked.
    system.variables = {"MEND_WORK": str(system.disk / "work")}
    assert not run("check")[0].code
    assert stubs.calls() == ["synth doctor "]


def test_without_a_folder_of_the_work_nothing_begins(run: Run, system: BatchSystem) -> None:
    system.variables = {}
    (ended,) = run()
    assert ended.code and "WORK: is the folder of the work, on the disk of the crops" in ended.log
