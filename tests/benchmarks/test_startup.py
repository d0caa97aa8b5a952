"""The figures of a first call come out of one command."""

import os
import re
import subprocess
import sys
from pathlib import Path

BENCHMARK = Path(__file__).resolve().parents[2] / "benchmarks" / "startup.py"


def test_every_figure_is_printed(tmp_path: Path) -> None:
    command = [sys.executable, str(BENCHMARK), "--rounds", "1", "--lines", "6"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "OCR_FONT_DIRS": ""}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    found = re.findall(r"^(.+?) +([0-9.]+) (s CPU|MiB)", done.stdout, re.MULTILINE)
    assert [name for name, _, _ in found] == [
        "floor: the libraries imported",
        "synth --help",
        "synth generate --help",
        "first image, API, lcd",
        "first image, API, document",
        "first image, synth generate",
        "peak memory of a process",
    ]
    assert all(float(value) > 0 for _, value, _ in found)
