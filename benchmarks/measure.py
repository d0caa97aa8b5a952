"""The cost of a command, as the operating system counts it."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds (user and system, all processes waited for) and the largest peak in MiB."""

    cpu_s: float
    peak_mib: float


def run(command: Sequence[str], env: Mapping[str, str] | None = None) -> Cost:
    """Run a command to its end and give what it cost; its output goes to stderr.

    Raises:
        SystemExit: it failed.
    """
    process = subprocess.Popen(
        command, stdout=sys.stderr, env={**os.environ, **(env or {})}, start_new_session=True
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command[:3])} … ended with {process.returncode}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def image_area(folder: Path, most: int = 1000) -> tuple[int, float]:
    """Count the images below a folder and give the mean area in pixels of the first `most`."""
    from PIL import Image

    files = sorted(path for path in folder.rglob("*") if path.suffix in (".jpg", ".png"))
    areas = []
    for path in files[:: max(1, len(files) // most)]:
        with Image.open(path) as image:
            areas.append(image.width * image.height)
    return len(files), sum(areas) / max(len(areas), 1)
