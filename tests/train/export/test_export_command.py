"""`train export` as it is typed."""

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.running import run_module
from train.weights.base_folder import BaseFolder

HEAVY = ("paddle", "onnx", "onnxruntime", "cv2", "numpy")


def export(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    return run_module("train", "export", *arguments, **options)


@pytest.fixture(scope="module")
def base(make_base: Callable[..., BaseFolder], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_base(tmp_path_factory.mktemp("base") / "base").path


def test_it_says_what_it_wrote(base: Path, tmp_path: Path) -> None:
    done = export(base, "--out", tmp_path / "candidate")
    assert done.returncode == 0, done.stderr
    assert "opens as    PP-OCRv3_mobile_rec, for paddleocr" in done.stdout
    assert "our network and the ONNX file: " in done.stdout
    assert "on 6 of 6 lines" in done.stdout
    assert "not whole: `train gate` cannot tell which lines it has seen (" in done.stdout
    assert "has no history.json: what its model has seen is not known)" in done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["candidate"]


@pytest.mark.parametrize("limit", [1_000, 300_000])
def test_a_full_disk_leaves_nothing(base: Path, tmp_path: Path, limit: int) -> None:
    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = export(base, "--out", tmp_path / "candidate", preexec_fn=small)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "the disk is full" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_errors_are_one_line(tmp_path: Path) -> None:
    done = export(tmp_path, "--out", tmp_path / "candidate")
    assert done.returncode == 1
    assert "is no run folder" in done.stderr
    assert "Traceback" not in done.stderr


def test_help_is_light() -> None:
    code = (
        "import sys; sys.argv = ['train', 'export', '--help']\n"
        "from train.cli import app\n"
        "try:\n    app()\nexcept SystemExit:\n    pass\n"
        f"heavy = set({HEAVY!r}) & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "--pdparams" in done.stdout
