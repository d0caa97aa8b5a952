"""What `import train` offers: the words of the commands, their files, their errors."""

import json
import subprocess
import sys
from collections.abc import Callable
from itertools import islice, product
from pathlib import Path
from typing import Any

import pytest

import train
from tests.running import files_of, run_module
from textlines import MendError, UsageError

ROWS = [
    (
        f"crops/{'abc'[number % 3]}_{number}.png",
        text.replace("1", "l") if number < 20 else text,
        text,
    )
    for number, text in enumerate(map("".join, islice(product("1lab", repeat=3), 48)))
]
"""Lines of three documents; in the first of them every 1 is drawn as an l."""


@pytest.fixture
def labels(tiny: Any, tmp_path: Path) -> Path:
    file: Path = tiny.labels(tmp_path / "set", ROWS)
    return file


def moved(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder, and take them away for another call to write them."""
    files = files_of(folder)
    folder.rename(folder.with_name(folder.name + ".before"))
    return files


def test_mine_by_a_call_and_by_the_command_are_the_same(
    tiny: Any, labels: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    made = tmp_path / "made"
    files = {"out": made / "profile.json", "html": made / "p.html", "rules_out": made / "r.toml"}
    words = [word for name, path in files.items() for word in (f"--{name}".replace("_", "-"), path)]
    told = run_module(
        *("train", "mine", "--model", tiny.path, "--labels", labels, "--lang", "en", "--json"),
        *words,
    )
    assert told.returncode == 0, told.stderr
    written = moved(made)
    assert {"profile.json", "p.html", "r.toml", "predictions.jsonl"} <= set(written)
    mined = train.mine(
        train.MineRequest(model=str(tiny.path), labels=labels, lang="en", **files)  # type: ignore[arg-type]
    )
    assert capfd.readouterr().out == ""
    assert mined == json.loads(told.stdout)
    assert files_of(made) == written


def test_evaluate_by_a_call_and_by_the_command_are_the_same(
    tiny: Any, labels: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    made = tmp_path / "made"
    told = run_module(
        *("train", "evaluate", "--model", tiny.path, "--labels", labels, "--json"),
        *("--group", "^crops/([a-z])_", "--out", made / "p.jsonl"),
        *("--html", made / "e.html", "--lang", "en"),
    )
    assert told.returncode == 0, told.stderr
    written = moved(made)
    evaluation = train.evaluate(
        train.EvaluateRequest(
            model=str(tiny.path),
            labels=labels,
            group="^crops/([a-z])_",
            out=made / "p.jsonl",
            html=made / "e.html",
            lang="en",
        )
    )
    assert capfd.readouterr().out == ""
    assert evaluation == json.loads(told.stdout)
    assert files_of(made) == written


def test_gate_by_a_call_and_by_the_command_are_the_same(
    tiny_at: Callable[[Path], Any],
    make_tiny: Callable[..., Path],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    tiny = tiny_at(tmp_path / "none")
    turn = {"1": "l", "l": "1"}
    base = make_tiny(tmp_path / "base.onnx", entries=[turn.get(e, e) for e in tiny.entries])
    candidate = make_tiny(tmp_path / "candidate.onnx", entries=tiny.entries)

    def lines(name: str, texts: Any) -> Path:
        rows = [(f"{n}.png", "".join(text), "".join(text)) for n, text in enumerate(texts)]
        file: Path = tiny.labels(tmp_path / name, rows)
        return file

    target = lines("judge", product("1l", "1.", "1l"))
    general = lines("general", islice(product("ab값.", repeat=4), 60))
    made = tmp_path / "made"
    files = {name: made / f"v.{name}" for name in ("html", "json", "junit")}
    told = run_module(
        *("train", "gate", "--base", base, "--candidate", candidate, "--target", target),
        *("--general", f"{general}:nospace", "--lang", "en", "--workers", "1"),
        *(word for name, path in files.items() for word in (f"--{name}", path)),
    )
    written = moved(made)
    verdict = train.gate(
        train.GateRequest(
            base=str(base),
            candidate=str(candidate),
            target=(train.JudgedSet(target),),
            general=(train.JudgedSet(general, "nospace"),),
            lang="en",
            workers=1,
            **files,  # type: ignore[arg-type]
        )
    )
    assert isinstance(verdict, train.GateVerdict)
    assert capfd.readouterr().out == ""
    assert verdict.exit_code == told.returncode
    assert told.stdout.startswith(verdict.outcome.replace("_", " ").upper())
    assert files_of(made) == written


WRONG: list[tuple[str, dict[str, object]]] = [
    ("mine", {}),
    ("mine", {"predictions": Path("none.tsv")}),
    ("mine", {"predictions": Path("none.tsv"), "model": "x"}),
    ("mine", {"predictions": Path("none.tsv"), "turn": "auto"}),
    ("evaluate", {"model": "x"}),
    ("evaluate", {"predictions": Path("none.tsv"), "reference": True}),
    ("gate", {"base": "none.onnx", "candidate": "other.onnx", "general": ("g.txt",)}),
    ("plan", {"model": Path("none"), "mix": Path("m"), "out": Path("run")}),
    ("plan", {"model": Path("none"), "mix": Path("m"), "out": Path("run"), "stop_on": ("s",)}),
]
REQUESTS: dict[str, tuple[Any, Any]] = {
    name: (getattr(train, name), getattr(train, f"{name.capitalize()}Request"))
    for name in ("mine", "evaluate", "gate", "plan")
}


@pytest.mark.parametrize(("name", "asked"), WRONG)
def test_an_error_is_raised_with_the_words_of_the_command(
    name: str, asked: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words: list[str] = []
    for option, value in asked.items():
        for each in value if isinstance(value, tuple) else (value,):
            words += [f"--{option.replace('_', '-')}"] + ([] if each is True else [str(each)])
    told = run_module("train", name, *words)
    call, request = REQUESTS[name]
    sets = ("general", "stop_on")
    asked = {
        option: tuple(map(train.JudgedSet.parse, value)) if option in sets else value  # type: ignore[arg-type]
        for option, value in asked.items()
    }
    with pytest.raises(MendError) as error:
        call(request(**asked))
    assert told.stderr.splitlines()[-1] == f"train: error: {error.value}"
    assert told.returncode == error.value.exit_code


def test_numbers_and_choices_that_a_command_line_refuses_are_refused() -> None:
    with pytest.raises(UsageError, match=r"--batch: 0 is not in the range x>=1"):
        train.PlanRequest(model=Path("a"), mix=Path("b"), out=Path("c"), batch=0)
    with pytest.raises(UsageError, match=r"--delta: 0\.0 is not in the range 0\.01<=x<=100"):
        train.GateRequest(base="a", candidate="b", general=(), delta=0.0)
    with pytest.raises(UsageError, match=r"--engine: 'tf' is not one of 'auto', 'onnx', 'paddle'"):
        train.MineRequest(model="a", engine="tf")  # type: ignore[arg-type]


def test_importing_it_loads_nothing_heavy() -> None:
    code = (
        "import sys, train\n"
        "assert set(dir(train)) >= {'__all__'}\n"
        "asked = train.MineRequest(predictions='a')\n"
        "heavy = ('paddle', 'onnxruntime', 'cv2', 'numpy')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    assert all(hasattr(train, name) for name in train.__all__)
    with pytest.raises(AttributeError, match="module 'train' has no attribute 'tune'"):
        train.tune  # noqa: B018
