import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from textlines.console import guarded
from textlines.formats.profile import load_profile
from train.cli import app

Train = Callable[..., "Run"]

ROWS = [
    ("crops/a_1.png", "값 1", "값 1"),
    ("crops/a_2.png", "l1", "11"),
    ("crops/b_1.png", "a.b", "a.b"),
    ("crops/b_2.png", "b", "b"),
    ("crops/c_1.png", "1l1l", "1111"),
]


@dataclass(frozen=True)
class Run:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def train(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Train:
    """Give a function that runs the command in this process: a new one takes seconds."""

    def run(*arguments: str | Path) -> Run:
        monkeypatch.setattr(sys, "argv", ["train", *map(str, arguments)])
        code = guarded(app, "train")
        told = capsys.readouterr()
        return Run(code, told.out, told.err)

    return run


@pytest.fixture
def labels(tiny: Any, tmp_path: Path) -> Path:
    file: Path = tiny.labels(tmp_path / "set", ROWS)
    return file


def test_a_model_is_measured_and_its_predictions_measure_alike(
    train: Train, tiny: Any, labels: Path, tmp_path: Path
) -> None:
    out, html = tmp_path / "made" / "predictions.jsonl", tmp_path / "e.html"
    run = train(
        *("evaluate", "--model", tiny.path, "--labels", labels, "--group", "^crops/([a-z])_"),
        *("--out", out, "--html", html),
    )
    assert run.returncode == 0, run.stderr
    assert "0.600" in run.stdout
    assert "spaces ignored" in run.stdout and "ignore_space" in run.stdout
    assert "3 groups are too few" in run.stdout
    assert html.read_text(encoding="utf-8").startswith("<!doctype html>")
    again = train("evaluate", "--predictions", out, "--labels", labels, "--compare", out, "--json")
    found = json.loads(again.stdout)
    assert found["comparisons"]["all"]["line_accuracy"]["value"] == 0.6
    assert found["versus"][0]["same_text"] == 5
    assert labels.as_posix() in found["inputs"]


def test_json_tells_of_the_model(train: Train, tiny: Any, labels: Path) -> None:
    run = train("evaluate", "--model", tiny.path, "--labels", labels, "--json")
    found = json.loads(run.stdout)
    assert found["model"] == "tiny.onnx"
    assert found["versions"]["engine"].startswith("onnxruntime")
    assert "tiny.onnx/tiny.onnx" in found["inputs"]


def test_crops_that_cannot_be_read_are_told(train: Train, tiny: Any, labels: Path) -> None:
    (labels.parent / "crops/b_2.png").write_bytes(b"")
    (labels.parent / "crops/a_2.png").unlink()
    run = train("evaluate", "--model", tiny.path, "--labels", labels)
    assert run.returncode == 0
    assert "note: 2 of 5 crops could not be read" in run.stdout
    assert "crop of 0 bytes, left out: 1 (crops/b_2.png)" in run.stdout
    strict = train("evaluate", "--model", tiny.path, "--labels", labels, "--strict")
    assert strict.returncode == 1
    assert "a_2.png: crop that is not there (2 of 5 crops could not be read)" in strict.stderr


def test_mining_a_model_tells_of_crops_that_cannot_be_read(
    train: Train, tiny: Any, labels: Path, tmp_path: Path
) -> None:
    (labels.parent / "crops/b_2.png").write_bytes(b"")
    (labels.parent / "crops/a_1.png").unlink()
    page = tmp_path / "profile.html"
    run = train("mine", "--model", tiny.path, "--labels", labels, "--html", page)
    assert run.returncode == 0, run.stderr
    assert "note: crop of 0 bytes, left out: 1 (crops/b_2.png)" in run.stdout
    assert "note: crop that is not there, left out: 1 (crops/a_1.png)" in run.stdout
    assert "crop of 0 bytes, left out: 1" in page.read_text(encoding="utf-8")
    strict = train("mine", "--model", tiny.path, "--labels", labels, "--strict")
    assert strict.returncode == 1
    assert "a_1.png: crop that is not there (2 of 5 crops could not be read)" in strict.stderr


def test_marks_are_among_the_inputs_of_a_profile(
    train: Train, tiny: Any, labels: Path, tmp_path: Path
) -> None:
    marks = tmp_path / "marks.tsv"
    marks.write_text("path\tmark\ncrops/a_2.png\tignore\n", encoding="utf-8")
    out = tmp_path / "profile.json"
    train("mine", "--model", tiny.path, "--labels", labels, "--marks", marks, "--out", out)
    assert marks.as_posix() in load_profile(out).inputs


def test_mining_a_model_gives_a_profile_with_its_alphabet(
    train: Train, tiny: Any, labels: Path, tmp_path: Path
) -> None:
    out = tmp_path / "mined" / "profile.json"
    marks = tmp_path / "marks.tsv"
    marks.write_text("path\tmark\ncrops/a_2.png\tlabel_wrong\n", encoding="utf-8")
    run = train("mine", "--model", tiny.path, "--labels", labels, "--marks", marks, "--out", out)
    assert run.returncode == 0, run.stderr
    profile = load_profile(out)
    assert profile.alphabet.entries == tiny.entries
    assert not profile.alphabet.assumed
    assert profile.model == "tiny.onnx"
    assert profile.lines.lines == 4
    assert profile.marks == {"label_wrong": 1}
    predictions = out.with_name("predictions.jsonl")
    assert {labels.as_posix(), predictions.as_posix(), "tiny.onnx/tiny.onnx"} <= set(profile.inputs)
    assert profile.versions["engine"].startswith("onnxruntime")
    same = tmp_path / "same.json"
    again = train("mine", "--predictions", predictions, "--labels", labels, "--out", same)
    assert again.returncode == 0
    assert load_profile(same).lines.lines == 5


@pytest.mark.parametrize(
    "arguments, code, message",
    [
        (["evaluate"], 2, "--model, --predictions: exactly one of them is needed"),
        (["evaluate", "--model", "x"], 2, "--labels: is missing"),
        (
            ["mine", "--model", "TINY", "--labels", "LABELS", "--reference", "--engine", "onnx"],
            2,
            "--reference, --engine: name two engines",
        ),
        (
            ["mine", "--model", "TINY", "--labels", "LABELS", "--engine", "paddle"],
            2,
            "needs a folder",
        ),
        (["mine", "--model", "TINY", "--labels", "LABELS", "--reference"], 1, "no exported Paddle"),
        (["evaluate", "--model", "none/m.onnx", "--labels", "LABELS"], 1, "is not there"),
        (["evaluate", "--model", "TINY", "--labels", "none.txt"], 1, "the label file is not there"),
        (
            ["evaluate", "--model", "TINY", "--labels", "LABELS", "--images", "."],
            1,
            "Is --images right?",
        ),
        (["evaluate", "--model", "TINY", "--labels", "LABELS", "--group", "x"], 2, "captures no"),
        (["evaluate", "--predictions", "p.tsv", "--out", "o"], 2, "belong to --model"),
    ],
)
def test_errors_are_one_message_and_an_exit_code(
    arguments: list[str], code: int, message: str, train: Train, tiny: Any, labels: Path
) -> None:
    named = {"TINY": str(tiny.path), "LABELS": str(labels)}
    run = train(*(named.get(one, one) for one in arguments))
    assert (run.returncode, message in " ".join(run.stderr.split())) == (code, True), run.stderr
    assert "Traceback" not in run.stderr


def test_an_empty_label_file_is_told(train: Train, tiny: Any, tmp_path: Path) -> None:
    labels = tmp_path / "empty.txt"
    labels.write_text("\n")
    run = train("evaluate", "--model", tiny.path, "--labels", labels)
    assert run.returncode == 1
    assert "empty.txt: holds no label line" in run.stderr
