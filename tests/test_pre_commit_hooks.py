"""The hooks that other repositories name: they are well formed, and run as pre-commit runs them."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

import cv2
import numpy as np
import pytest
import yaml

from tests.documents import ROOT, blocks

MANIFEST = ROOT / ".pre-commit-hooks.yaml"
HOOKS: list[dict[str, Any]] = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))

REQUIRED = {"id", "name", "entry", "language"}
KNOWN = REQUIRED | {
    "description", "files", "exclude", "types", "types_or", "exclude_types", "always_run",
    "fail_fast", "verbose", "pass_filenames", "require_serial", "language_version",
    "minimum_pre_commit_version", "args", "stages", "additional_dependencies", "log_file",
}  # fmt: skip

hooks = pytest.mark.parametrize("hook", HOOKS, ids=[hook["id"] for hook in HOOKS])


@hooks
def test_a_hook_is_what_pre_commit_reads(hook: dict[str, Any]) -> None:
    assert hook.keys() >= REQUIRED
    assert hook.keys() <= KNOWN
    assert hook["language"] == "python"  # installed by pip, from this repository
    assert hook["types"] == ["text"]
    assert hook["require_serial"] is True
    assert hook.get("pass_filenames", True) is True
    assert re.fullmatch(r"\d+\.\d+\.\d+", hook["minimum_pre_commit_version"])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert shlex.split(hook["entry"])[0] in project["scripts"]


def test_each_hook_has_an_id_of_its_own() -> None:
    assert [hook["id"] for hook in HOOKS] == ["balance-check", "balance-check-text"]


def test_pre_commit_itself_takes_the_manifest(skip_or_fail: Callable[[str], NoReturn]) -> None:
    if find_spec("pre_commit") is None:
        skip_or_fail("pre-commit is not installed (extra `dev`)")
    from pre_commit.clientlib import load_manifest

    assert [hook["id"] for hook in load_manifest(MANIFEST)] == [hook["id"] for hook in HOOKS]


@hooks
@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("rec_gt.txt", True),
        ("data/rec_gt_train.txt", True),
        ("데이터/rec_gt-2.txt", True),
        ("data/Label.txt", False),
        ("rec_gt.txt.bak", False),
        ("my_rec_gt.txt", False),
        ("rec_gt/notes.txt", False),
        ("requirements.txt", False),
    ],
)
def test_label_files_by_the_names_that_paddleocr_gives_them(
    hook: dict[str, Any], name: str, taken: bool
) -> None:
    assert bool(re.search(hook["files"], name)) is taken


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Make a repository of label files: a sound one, one that names no image, one at fault."""
    draw = np.random.default_rng(3)
    for number, text in enumerate(("12.50", "SUM")):
        image = np.full((40, 24 * len(text) + 16, 3), 225, np.uint8)
        cv2.putText(image, text, (8, 30), 0, 1.0, (30, 30, 30), 2, cv2.LINE_AA)
        image = np.clip(image + draw.integers(-4, 5, image.shape), 0, 255).astype(np.uint8)
        done, data = cv2.imencode(".png", image)
        assert done
        place = tmp_path / "data" / f"{number}.png"
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(data.tobytes())
    (tmp_path / "data/rec_gt_합계.txt").write_text("0.png\t12.50\n1.png\tSUM\n")
    (tmp_path / "data/rec_gt_gone.txt").write_text("gone.png\t합계\n")
    (tmp_path / "data/rec_gt_bad.txt").write_text(f"0.png\t{'값' * 26}\n1.png SUM\n")
    return tmp_path


@pytest.fixture
def call(repository: Path) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Call a hook as pre-commit does: entry, then args, then files, from the repository's top."""

    def run(
        hook: dict[str, Any], *files: str, args: Sequence[str] = ()
    ) -> "subprocess.CompletedProcess[str]":
        program, *rest = shlex.split(hook["entry"])
        found = shutil.which(program, path=str(Path(sys.executable).parent))
        start = [found] if found else [sys.executable, "-m", program]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PRE_COMMIT": "1"}
        environment["XDG_CACHE_HOME"] = str(repository / "cache")
        return subprocess.run(
            [*start, *rest, *hook.get("args", ()), *args, *files],
            cwd=repository, env=environment, capture_output=True, text=True, encoding="utf-8",
            check=False,
        )  # fmt: skip

    return run


def by_id(name: str) -> dict[str, Any]:
    return next(hook for hook in HOOKS if hook["id"] == name)


@hooks
def test_a_sound_file_passes(hook: dict[str, Any], call: Any, repository: Path) -> None:
    before = (repository / "data/rec_gt_합계.txt").read_bytes()
    done = call(hook, "data/rec_gt_합계.txt")
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 lines in 1 file" in done.stdout
    assert (repository / "data/rec_gt_합계.txt").read_bytes() == before


@hooks
def test_a_file_at_fault_fails_and_is_named(hook: dict[str, Any], call: Any) -> None:
    done = call(hook, "data/rec_gt_합계.txt", "data/rec_gt_bad.txt")
    assert done.returncode == 1
    assert "error too_long: label beyond the length limit (1)" in done.stdout
    assert "  data/rec_gt_bad.txt:2" in done.stdout
    assert "4 lines" not in done.stdout and "3 lines in 2 files" in done.stdout


def test_images_are_asked_for_by_the_first_hook_alone(call: Any) -> None:
    opened = call(by_id("balance-check"), "data/rec_gt_gone.txt")
    assert opened.returncode == 1
    assert "data/rec_gt_gone.txt:1: '합계': gone.png is not there" in opened.stdout
    closed = call(by_id("balance-check-text"), "data/rec_gt_gone.txt")
    assert (closed.returncode, closed.stderr) == (0, "")


@hooks
def test_args_of_a_user_stand_before_the_files(hook: dict[str, Any], call: Any) -> None:
    assert call(hook, "data/rec_gt_합계.txt", args=["--strict"]).returncode == 1
    assert call(hook, "data/rec_gt_합계.txt", args=["--max-length", "2"]).returncode == 1
    # An option that takes several files has its value after "=", or the hook's files are its own.
    judged = call(hook, "data/rec_gt_합계.txt", args=["--val=data/rec_gt_합계.txt"])
    assert judged.returncode == 2
    assert "is named twice" in judged.stderr
    leak = call(hook, "data/rec_gt_bad.txt", args=["--val=data/rec_gt_합계.txt"])
    assert leak.returncode == 1
    assert "error leak_image" in leak.stdout


@pytest.mark.parametrize("name", ["README.md", "README.ko.md"])
def test_the_readme_shows_hooks_that_are_there(name: str) -> None:
    shown = [yaml.safe_load(block.text) for block in blocks(name) if block.language == "yaml"]
    (config,) = [block for block in shown if "repos" in block]
    (repo,) = config["repos"]
    assert {"repo", "rev", "hooks"} == repo.keys()
    known = {hook["id"] for hook in HOOKS}
    for hook in repo["hooks"]:
        assert hook["id"] in known
        assert hook.keys() <= KNOWN
        for word in hook.get("args", ()):
            assert not word.startswith("--val") or word.startswith("--val=")
