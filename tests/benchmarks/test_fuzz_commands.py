"""The frame that runs command lines over mutated files sees each kind of fault."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"

TOOL = """
import os, signal, sys, time
def main():
    word = sys.argv[1]
    if word == "raise":
        raise ValueError("boom")
    if word == "hang":
        time.sleep(60)
    if word == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if word == "grow":
        held = bytearray(b"x") * (300 << 20)
    sys.exit(int(word) if word.isdigit() else 0)
"""


@pytest.fixture
def frame(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Return the module that runs cases, with a tool of known faults beside it."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.syspath_prepend(str(tmp_path))
    name = f"tool_{tmp_path.name.replace('-', '_')}"
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").touch()
    (tmp_path / name / "cli.py").write_text(TOOL)
    from benchmarks import fuzz_run

    return fuzz_run


@pytest.fixture
def tool(frame: Any, tmp_path: Path) -> str:
    """Name the tool of known faults."""
    return f"tool_{tmp_path.name.replace('-', '_')}"


@pytest.mark.parametrize(
    ("word", "verdict"),
    [
        ("0", "ok"),
        ("2", "refused"),
        ("130", "refused"),
        ("7", "killed"),
        ("raise", "traceback"),
        ("hang", "hang"),
        ("die", "killed"),
    ],
)
def test_each_end_gets_its_verdict(
    word: str, verdict: str, frame: Any, tool: str, tmp_path: Path
) -> None:
    folder = tmp_path / "case"
    folder.mkdir()
    ended = frame.run_command([tool, word], folder, 2.0)
    assert ended.verdict == verdict
    assert word != "raise" or "ValueError: boom" in ended.said


def test_memory_is_measured(
    frame: Any, tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "case"
    folder.mkdir()
    words = [tool, "grow"]
    grown = frame.run_command(words, folder, 60.0).kib
    assert grown > 300 << 10
    monkeypatch.setattr(frame, "MOST_KIB", 200 << 10)
    assert frame.run_command(words, folder, 60.0).verdict == "memory"


@pytest.mark.parametrize(
    "content",
    [b'{"a": [1, {"b": "c"}]}', b'{"a": 1}\n{"a": 2}\n', b"a.jpg\tx\nb.jpg\ty\n", b"[t]\na = 1\n",
     b"1,2,3,x\n", b"", bytes(range(256)), "값\n".encode()],
)  # fmt: skip
def test_a_mutation_is_a_function_of_its_number(content: bytes, frame: Any, tmp_path: Path) -> None:
    from benchmarks.fuzz_mutate import mutate

    path, seen = tmp_path / "f", set()
    for number in range(60):
        found = []
        for _ in range(2):
            path.write_bytes(content)
            done = mutate(path, random.Random(f"x {number}"))
            found.append((done, path.read_bytes() if path.is_file() else b""))
            if path.is_dir() and not path.is_symlink():
                path.rmdir()
            else:
                path.unlink(missing_ok=True)
        assert found[0] == found[1]
        seen.add(found[0][1])
    assert len(seen) > 25


def test_json_stays_json_when_its_structure_changes(frame: Any) -> None:
    from benchmarks.fuzz_mutate import change_json

    rows = [change_json(b'{"a": {"b": [1, 2]}, "c": "x"}', random.Random(k)) for k in range(30)]
    assert all(row is not None and json.loads(row) is not Ellipsis for row in rows)


def test_the_command_prints_a_table_and_ends_with_0(tmp_path: Path) -> None:
    words = ["style", "import: lsvt", "--count", "4", "--workers", "1", "--keep", tmp_path / "keep"]
    done = subprocess.run(
        [sys.executable, BENCHMARKS / "fuzz.py", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(BENCHMARKS.parent)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    assert rows[0] == [
        "reader",
        "cases",
        *["ok", "refused", "traceback", "hang", "memory", "killed"],
    ]
    assert [row[-7] for row in rows[1:4]] == ["2", "2", "4"]
