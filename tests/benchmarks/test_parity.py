"""The benchmark of parity compares each probability, and counts what differs."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.labels.alphabet import Alphabet

pytest.importorskip("paddle")

from benchmarks.parity_network import Apart

ROOT = Path(__file__).resolve().parents[2]
ALPHABET = Alphabet(("a", "b"), use_space_char=False)


def line(*best: float) -> Any:
    """Make the probabilities of blank and `a` at each time step; `b` has the rest of 0."""
    return np.asarray([[[1 - one, one, 0] for one in best]], np.float32)


def test_a_line_is_counted_by_what_differs() -> None:
    base = line(0.9, 0.1)
    same = Apart().with_line(base, base, ALPHABET)
    assert same == Apart(lines=1, same=1)
    near = same.with_line(base, line(0.9003, 0.1), ALPHABET)
    assert (near.lines, near.same, near.beyond, near.ties) == (2, 2, 1, 0)
    assert near.largest == pytest.approx(0.0003, rel=1e-2)
    tie = near.with_line(line(0.4999, 0.1), line(0.5001, 0.1), ALPHABET)
    assert (tie.same, tie.ties, tie.differing()) == (2, 1, 0)
    other = tie.with_line(base, line(0.2, 0.1), ALPHABET)
    assert (other.same, other.ties, other.differing()) == (2, 1, 1)
    assert other.largest == pytest.approx(0.7)


def test_readings_of_unlike_shape_are_no_parity() -> None:
    with pytest.raises(ValueError, match=r"ours reads \(1, 2, 3\), the other \(1, 1, 3\)"):
        Apart().with_line(line(0.9, 0.1), line(0.9), ALPHABET)


@given(differences=st.lists(st.floats(0, 0.05), min_size=1, max_size=8), cut=st.integers(0, 8))
def test_parts_add_up_to_the_whole(differences: list[float], cut: int) -> None:
    def read(part: list[float]) -> Apart:
        found = Apart()
        for one in part:
            found = found.with_line(line(0.9, 0.1), line(0.9 - one, 0.1), ALPHABET)
        return found

    whole = read(differences)
    assert read(differences[:cut]) + read(differences[cut:]) == whole
    assert whole.largest == pytest.approx(max(differences), abs=1e-6)
    assert whole.lines == whole.same == len(differences)


def test_one_call_reads_a_model_by_our_network_and_by_its_own_graph(
    tmp_path: Path, skip_or_fail: Callable[[str], NoReturn]
) -> None:
    for name in ("paddle2onnx", "onnx", "onnxruntime"):
        try:
            __import__(name)
        except ImportError:
            skip_or_fail(f"needs {name}, of the extra `train`")
    import cv2

    from tests.train.graphs import ENTRIES, recognizer, shipped

    model = shipped(tmp_path / "ours", recognizer(), ENTRIES)
    labels = tmp_path / "sets/dev/rec_gt.txt"
    labels.parent.mkdir(parents=True)
    random = np.random.default_rng(3)
    for name in ("a", "b", "c"):
        image = random.integers(0, 256, (48, 200, 3), np.uint8)
        assert cv2.imwrite(str(labels.parent / f"{name}.png"), image)
    labels.write_text("a.png\t1\nb.png\t1\nc.png\t1\nnone.png\t1\n", encoding="utf-8")
    command = [sys.executable, "benchmarks/parity.py", "--network"]
    command += ["--model", str(model), "--labels", str(labels), "--out", str(tmp_path / "out")]
    done = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, (done.stdout, done.stderr[-2000:])
    cells = [[one.strip() for one in row.split("|")[1:-1]] for row in done.stdout.splitlines()]
    rows = [row for row in cells if row[0] == model.name]
    assert [row[1:4] for row in rows] == [
        ["onnxruntime, plain", "sets/dev", "3"],
        ["onnxruntime", "sets/dev", "3"],
        ["onnxruntime, plain", "all", "3"],
        ["onnxruntime", "all", "3"],
    ]
    assert all(float(row[4]) <= 1e-4 and row[5:] == ["0", "3", "0"] for row in rows)
    assert f"{labels}: " in done.stderr  # the crop that is not there is counted
