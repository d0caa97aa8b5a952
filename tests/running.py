"""Commands of ours, run as a user runs them."""

import subprocess
import sys
from pathlib import Path
from typing import Any


def run_module(
    tool: str, *arguments: str | Path, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Run `python -m TOOL` with these arguments; `options` go to `subprocess.run`."""
    return subprocess.run(
        [sys.executable, "-m", tool, *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        **options,
    )
