"""`train det export` as a user runs it, and as a call."""

import importlib.util
import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

for name in ("paddle", "paddle2onnx", "onnx", "onnxruntime", "yaml"):
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed (extra `train`)", allow_module_level=True)

import onnx  # noqa: E402

import train  # noqa: E402
from tests.running import run_here, run_module, run_without  # noqa: E402
from tests.train.detection.detector_runs import write_run  # noqa: E402
from textlines.errors import UsageError  # noqa: E402
from train.detection.settings import PredictionSettings  # noqa: E402

Make = Callable[..., Path]

HEAVY = ("paddle", "onnx", "onnxruntime", "cv2", "shapely", "numpy")

FOUND = PredictionSettings(
    limit_side_len=256, limit_type="min", unclip_ratio=1.1, use_dilation=True
)


def export(*words: object) -> Any:
    return run_here("train", "det", "export", *words)


@pytest.fixture
def run(detector_file: Make, tmp_path: Path) -> Path:
    return write_run(tmp_path / "run", onnx.load(str(detector_file())), settings=FOUND)


def test_it_says_what_it_wrote_and_how_it_is_deployed(
    run: Path, dark_pages: Make, tmp_path: Path
) -> None:
    labels = dark_pages(count=3)
    (labels.parent / "images" / "1.png").write_bytes(b"no image")
    out = tmp_path / "candidate"
    done = export(run, "--out", out, "--labels", labels)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == f"{out}: PP-OCRv6_tiny_det from {run}/best, fp32"
    assert "  program   exported anew from the graph, height and width free" in lines
    assert (
        f"  settings  {run}/best/tuned.toml: min 256, thresh 0.3, box_thresh 0.6, unclip_ratio 1.1"
    ) in lines
    assert sum("  parity    " in line and "at most on 7 pages" in line for line in lines) == 2
    assert sum(line.startswith("  labels    ") for line in lines) == 1
    assert "  history   1 step saw 2 images" in lines
    for note in ("takes use_dilation: true from inference.yml alone", "limit_type min"):
        assert any(line.startswith("note: ") and note in line for line in lines)
    (call,) = [line for line in lines if line.startswith("TextDetection(")]
    assert f'model_dir="{out}", limit_side_len=256, limit_type="min"' in call


def test_json_is_what_the_call_returns(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "candidate"
    done = export(run, "--out", out, "--as-deployed", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    request = train.DetExportRequest(source=str(run), out=out, as_deployed=True)
    assert train.det_export(request) == told
    assert told["source"] == {"path": str(run), "of": "run", "name": "PP-OCRv6_tiny_det"}
    assert told["program"] == "anew"
    assert told["settings"]["of"] == "deployed" and told["settings"]["thresh"] == 0.2
    assert [one["pages"] for one in told["parity"]] == [5, 5]
    assert told["history"]["steps"] == 1
    assert set(told["files"]) == {path.name for path in out.iterdir()} - {
        *("export.toml", "history.json", "seen_images.npy")
    }


def test_another_programs_settings_can_be_named(run: Path, tmp_path: Path) -> None:
    tuned = run / "best" / "tuned.toml"
    other = tuned.rename(tmp_path / "other.toml")
    done = export(run, "--out", tmp_path / "candidate", "--tuned", other)
    assert f"  settings  {other}: min 256" in done.stdout
    assert (tmp_path / "candidate" / "tuned.toml").read_bytes() == other.read_bytes()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--tuned", "a.toml", "--as-deployed"), "--tuned, --as-deployed: name two settings"),
        (("--images", "pages"), "--images: belongs to --labels"),
        (("--pdparams",), "--pdparams: needs pages like those that will be trained on"),
    ],
)
def test_options_that_contradict_each_other(words: tuple[str, ...], message: str) -> None:
    done = export("PP-OCRv4_mobile_det", "--out", "candidate", *words)
    assert done.returncode == 2
    assert message in done.stderr
    with pytest.raises(UsageError, match="name two settings"):
        train.DetExportRequest(source="a", out=Path("b"), tuned=Path("c"), as_deployed=True)


def test_a_checkpoint_is_refused_of_networks_whose_names_are_not_known(
    run: Path, dark_pages: Make, tmp_path: Path
) -> None:
    words = ("--out", tmp_path / "candidate", "--labels", dark_pages(count=1), "--pdparams")
    done = export(run, *words)
    assert done.returncode == 1
    assert "is not the network that PaddleOCR trains as PP-OCRv4 or v5 mobile (it" in done.stderr
    assert not (tmp_path / "candidate").exists()


def test_the_run_itself_is_never_written_over(run: Path) -> None:
    for out in (run, run / "best"):
        done = export(run, "--out", out)
        assert done.returncode == 2
        assert "--out, SOURCE: " in done.stderr


def test_faults_of_what_was_named_are_told_before_paddle_is_asked_for(tmp_path: Path) -> None:
    done = run_without(("paddle",), "train", "det", "export", tmp_path, "--out", tmp_path / "out")
    assert done.returncode == 1
    assert f"{tmp_path}: holds no model" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_paddle_it_says_what_to_install(detector_file: Make, tmp_path: Path) -> None:
    path = detector_file()
    done = run_without(("paddle",), "train", "det", "export", path, "--out", tmp_path / "out")
    assert done.returncode == 1
    assert "train det export: needs paddle, which is not installed. Run: " in done.stderr


def test_a_full_disk_leaves_nothing(run: Path, tmp_path: Path) -> None:
    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))

    before = sorted(tmp_path.iterdir())
    # The graph was tried by an earlier call: what is written is the folder alone.
    assert export(run, "--out", tmp_path / "first").returncode == 0
    done = run_module(
        *("train", "det", "export", run, "--out", tmp_path / "candidate"), preexec_fn=small
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "the disk is full" in done.stderr
    assert sorted(tmp_path.iterdir()) == sorted([*before, tmp_path / "first"])


def test_help_is_light() -> None:
    code = (
        "import sys; sys.argv = ['train', 'det', 'export', '--help']\n"
        "from train.cli import app\n"
        "try:\n    app()\nexcept SystemExit:\n    pass\n"
        f"heavy = set({HEAVY!r}) & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "--as-deployed" in done.stdout and "SOURCE" in done.stdout
