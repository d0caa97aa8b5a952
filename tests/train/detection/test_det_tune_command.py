"""`train det tune` as a user runs it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.documents import json_keys
from tests.running import run_here
from train.detection.configuration import read_configuration
from train.detection.tuned_file import read_tuned

pytest.importorskip("onnxruntime")

Make = Callable[..., Path]


def tune(*words: object) -> Any:
    return run_here("train", "det", "tune", *words)


@pytest.fixture
def called(detector_file: Make, dark_pages: Make, tmp_path: Path) -> list[object]:
    """The words of a call that searches on dark bars."""
    out = tmp_path / "found" / "tuned.toml"
    return ["--model", detector_file(), "--labels", dark_pages(), "--folds", 2, "--out", out]


def test_settings_are_searched_written_and_told(called: list[object], tmp_path: Path) -> None:
    done = tune(*called)
    assert done.returncode == 0, done.stderr
    out = tmp_path / "found"
    tuned = read_tuned(out / "tuned.toml")
    assert tuned.judged.hmean.after == 1.0
    assert read_configuration(out / "inference.yml").settings == tuned.settings.settings()
    lines = done.stdout.splitlines()
    ratio = tuned.settings.unclip_ratio
    assert f"  unclip_ratio     1.5 -> {ratio}" in lines
    assert any(line.startswith("  hmean    0.0000 -> 1.0000 (+1.0000, 95 %") for line in lines)
    assert any(f"--text_det_unclip_ratio {ratio}" in line for line in lines)
    assert tune(*called).returncode == 0  # files of ours are replaced


def test_in_json(called: list[object]) -> None:
    done = tune(*called, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told.keys() == json_keys("train det tune")
    assert told["objective"] == "hmean" and told["judged"]["folds"] == 2


def test_the_models_own_configuration_is_not_replaced(
    called: list[object], detector_file: Make, tmp_path: Path
) -> None:
    stranger = tmp_path / "found" / "inference.yml"
    stranger.parent.mkdir()
    stranger.write_text("Global: {model_name: PP-OCRv4_mobile_det}\n", encoding="utf-8")
    before = stranger.read_bytes()
    done = tune(*called)
    assert done.returncode == 2 and "inference.yml is there" in done.stderr
    assert stranger.read_bytes() == before and len(list(stranger.parent.iterdir())) == 1


def test_polygons_are_searched_written_and_evaluated(
    called: list[object], detector_file: Make, tmp_path: Path
) -> None:
    done = tune(*called, "--box-type", "poly")
    assert done.returncode == 0, done.stderr
    out = tmp_path / "found"
    assert read_tuned(out / "tuned.toml").settings.box_type == "poly"
    assert read_configuration(out / "inference.yml").settings.box_type == "poly"
    assert "  box_type         quad -> poly" in done.stdout.splitlines()
    assert "box_type poly is for paddleocr.TextDetection" in done.stdout
    labels = called[called.index("--labels") + 1]
    words = ("--model", detector_file(), "--labels", labels, "--tuned", out / "tuned.toml")
    judged = run_here("train", "det", "evaluate", *words, "--json")
    assert judged.returncode == 0, judged.stderr
    told = json.loads(judged.stdout)
    assert told["settings"]["box_type"] == "poly" and told["hmean"]["value"] == 1.0


def test_reading_needs_a_recognizer(called: list[object]) -> None:
    done = tune(*called, "--objective", "reading")
    assert done.returncode == 2
    assert "--objective reading: needs a --recognizer" in done.stderr


def test_a_folder_for_pages_that_are_not_named(called: list[object], tmp_path: Path) -> None:
    done = tune(*called, "--judge-images", tmp_path)
    assert done.returncode == 2 and "--judge-images: belongs to --judge" in done.stderr
