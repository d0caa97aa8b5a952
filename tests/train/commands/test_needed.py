"""A library that is missing: one line, which names it and what installs it."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.running import run_without
from textlines.errors import InputError
from train.commands import needed

Write = Callable[[str, str | bytes], Path]

PADDLE = ("paddle", "paddle2onnx")
ALL = (*PADDLE, "onnx", "onnxruntime", "paddleocr", "paddlex", "yaml")


def told_in_one_line(stderr: str) -> str:
    assert stderr.count("\n") == 1, stderr
    assert stderr.startswith("train: error: ")
    return stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["weights", "m.onnx", "--out", "base"],
        ["plan", "--model", "base", "--mix", "mix", "--stop-on", "s.txt", "--out", "run"],
    ],
)
def test_without_paddle_a_command_names_it_and_the_line_that_installs_it(
    arguments: list[str], tmp_path: Path
) -> None:
    done = run_without(ALL, "train", *arguments, cwd=tmp_path)
    assert done.returncode == 1
    told = told_in_one_line(done.stderr)
    if sys.version_info < (3, 13):
        assert "needs paddle and paddle2onnx and onnx and onnxruntime, which are not" in told
        assert "[train]" in told
        assert " paddlepaddle. On a GPU name Paddle's paddlepaddle-gpu in its place" in told
    assert list(tmp_path.iterdir()) == []


def test_what_was_named_is_looked_at_before_paddle_is_missed(tmp_path: Path) -> None:
    done = run_without(ALL, "train", "export", tmp_path, "--out", tmp_path / "candidate")
    assert done.returncode == 1
    assert "is no run folder" in told_in_one_line(done.stderr)


def test_an_onnx_file_without_onnxruntime_is_one_line(write_file: Write) -> None:
    labels = write_file("rec_gt.txt", "a.jpg\ta\n")
    model = write_file("m.onnx", b"x")
    done = run_without(ALL, "train", "evaluate", "--model", model, "--labels", labels)
    assert done.returncode == 1
    told = told_in_one_line(done.stderr)
    assert "reads ONNX models and is not installed. Run: " in told
    assert "[train]" in told


@pytest.mark.parametrize("missing", [["onnx"], ["paddle2onnx", "onnx"]])
def test_where_paddle_is_there_it_is_not_asked_for(
    monkeypatch: pytest.MonkeyPatch, missing: list[str]
) -> None:
    """A line with paddlepaddle in it would overwrite a team's paddlepaddle-gpu."""
    monkeypatch.setattr(sys, "version_info", (3, 12, 0))
    with pytest.raises(InputError) as caught:
        needed.refuse("train rec", missing)
    assert "[train]" in str(caught.value)
    assert "paddlepaddle" not in str(caught.value)


def test_where_no_wheel_of_the_converter_is_it_says_what_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 13, 0))
    with pytest.raises(InputError, match=r"paddle2onnx, which has no wheel for Python 3\.13") as at:
        needed.refuse("train weights", ["paddle2onnx"])
    assert "Python 3.11 or 3.12" in str(at.value)
    assert "pip install" not in str(at.value)


def test_what_writes_a_model_computes_on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    from train.networks import devices

    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(devices, "use_device", lambda *given: asked.append(given))
    monkeypatch.setattr(needed, "missing_modules", lambda *names: [])
    needed.need_paddle_on_cpu("train export", "yaml")
    assert asked == [("cpu", "train export")]
    monkeypatch.setattr(needed, "missing_modules", lambda *names: ["yaml"])
    with pytest.raises(InputError, match="train export: needs yaml, which is not installed"):
        needed.need_paddle_on_cpu("train export", "yaml")
    assert len(asked) == 1
