"""Programs run as where nothing of this checkout is on the path."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

BY_REGISTRY = os.environ.get("OCR_MEND_REGISTRY") == "1"
"""Set by `make wheel`: a registry may be asked."""


def run(*words: str | Path, cwd: Path, codes: Sequence[int] = (0,), **more: str) -> str:
    """Run a program without what this process's paths add to it, and return what it printed.

    Args:
        codes: exit codes that are right.
        more: of its environment.
    """
    environment = {
        key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")
    }
    done = subprocess.run(
        [*map(str, words)],
        cwd=cwd,
        env=environment | {"PYTHONNOUSERSITE": "1"} | more,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode in codes, (words, done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout
