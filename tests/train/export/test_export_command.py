"""`train export` as it is typed."""

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.documents import json_keys
from tests.running import run_module
from train.models.base_folder import BaseFolder

HEAVY = ("paddle", "onnx", "onnxruntime", "cv2", "numpy")


def export(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    return run_module("train", "export", *arguments, **options)


@pytest.fixture(scope="module")
def base(make_base: Callable[..., BaseFolder], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_base(tmp_path_factory.mktemp("base") / "base").path


def test_it_says_what_it_wrote(base: Path, tmp_path: Path) -> None:
    done = export(base, "--out", tmp_path / "candidate")
    assert done.returncode == 0, done.stderr
    home = tmp_path / "candidate"
    for line in (
        'paddleocr   paddleocr.TextRecognition(model_name="PP-OCRv3_mobile_rec", '
        f'model_dir="{home}")',
        f'rapidocr    rapidocr.RapidOCR(params={{"Rec.model_path": "{home}/inference.onnx"}})',
        f'openvino    openvino.Core().compile_model("{home}/inference.onnx", "CPU", '
        '{"INFERENCE_PRECISION_HINT": "f32"})',
    ):
        assert f"  {line}\n" in done.stdout
    assert "our network and the ONNX file: " in done.stdout
    assert "on 6 of 6 lines" in done.stdout
    assert "not whole: `train gate` cannot tell which lines it has seen (" in done.stdout
    assert "has no history.json: what its model has seen is not known)" in done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["candidate"]


def test_json_says_what_it_wrote_and_how_others_open_it(
    base: Path, tmp_path: Path, write_crops: Callable[[Path], Path]
) -> None:
    labels = write_crops(tmp_path / "crops")
    words = (base, "--out", tmp_path / "candidate", "--pdparams", "--labels", labels, "--json")
    done = export(*words)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told.keys() == json_keys("train export")
    assert told["source"] == {"path": str(base), "of": "base", "name": "meters"}
    assert told["settled_on"] == "labels"
    assert told["files"].keys() >= {"inference.onnx", "pretrained.pdparams"}
    assert [one["lines"] for one in told["parity"]] == [8, 8, 6]
    assert told["open_with"].keys() == {"paddleocr", "rapidocr", "openvino"}
    assert told["history"]["steps"] == 1  # a checkpoint has seen the lines that it is settled on


def test_a_checkpoint_for_paddleocr_needs_lines_like_those_it_is_trained_on(
    base: Path, tmp_path: Path
) -> None:
    done = export(base, "--out", tmp_path / "candidate", "--pdparams")
    assert done.returncode == 1
    assert (
        f"--pdparams: {base}: is no run: nothing tells what lines it is trained on" in done.stderr
    )
    assert "--labels FILE" in done.stderr
    assert list(tmp_path.iterdir()) == []


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
