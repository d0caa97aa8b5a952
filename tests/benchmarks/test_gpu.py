"""The figures of a card come out of one command, which tries itself without one."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

BENCHMARK = Path(__file__).resolve().parents[2] / "benchmarks" / "gpu.py"


@pytest.fixture(autouse=True)
def needs_paddle(skip_or_fail: Callable[[str], NoReturn]) -> None:
    """Skip without Paddle."""
    try:
        import paddle  # noqa: F401
        import paddle2onnx  # noqa: F401
    except ImportError as error:
        skip_or_fail(f"{error.name} is not installed (extra train)")


def run(*words: str) -> subprocess.CompletedProcess[str]:
    root = str(BENCHMARK.parents[1])
    return subprocess.run(
        [sys.executable, str(BENCHMARK), *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": root},
    )


def test_every_figure_is_printed_on_a_cpu_too() -> None:
    done = run("--device", "cpu", "--quick")
    assert done.returncode == 0, (done.stdout, done.stderr[-3000:])
    rows = [line.partition(":")[0] for line in done.stdout.splitlines()]
    rows = [re.sub(r"\d+ workers", "N workers", row) for row in rows]
    assert rows == [
        "cpu",
        "parity with the CPU, whole float32",
        "parity with the CPU, as it trains",
        "half precision after 10 steps",
        "whole steps in float32, batch 8, N workers",
        "waits for crops in float32",
        "whole steps in half precision, batch 8, N workers",
        "waits for crops in half precision",
        "killed and resumed",
        "two processes",
        rows[-1],
    ]
    assert re.fullmatch(r"[\d.]+ minutes", rows[-1])
    # On a CPU the killed run ends with the same bits.
    assert "killed and resumed: 0.0e+00" in done.stdout


def test_without_a_card_it_says_how_it_is_tried() -> None:
    from train.networks.devices import count_gpus

    if count_gpus():
        pytest.skip("there is one")
    done = run()
    assert done.returncode == 1
    assert "needs a GPU" in done.stderr and "--device cpu --quick" in done.stderr
