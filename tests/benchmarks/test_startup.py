"""The figures of a first call come out of one command."""

import re
import subprocess
import sys
from pathlib import Path

BENCHMARK = Path(__file__).resolve().parents[2] / "benchmarks" / "startup.py"


def test_every_figure_is_printed(cache_home: Path) -> None:
    command = [sys.executable, str(BENCHMARK), "--rounds", "1", "--lines", "6"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = re.findall(r"^(.+?) +([0-9.]+) (s CPU|MiB)", done.stdout, re.MULTILINE)
    assert [name for name, _, _ in found] == [
        "synth --help",
        "synth generate --help",
        "first image, API, lcd",
        "first image, API, document",
        "first image, synth generate",
        "peak memory of a process",
    ]
    assert all(float(value) > 0 for _, value, _ in found)
