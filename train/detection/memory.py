"""How much memory a page takes at a limit, told before it is taken.

What a network holds while it runs grows with the pixels that it sees, and hardly with anything
else. Measured (onnxruntime 1.32, the process's peak): 160 bytes a pixel for PP-OCRv3 and v4, 215
for PP-OCRv6 small, at 2,500 x 3,500 up to a third more; Paddle without oneDNN takes 280 to 420. So
a page is told from two small ones, which a process of its own runs: a peak never falls again.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from textlines.errors import InputError
from train.detection.detector import Detector
from train.detection.map_networks import PaddleMaps
from train.detection.settings import PredictionSettings
from train.reading.onnx_session import how_ended

_SIDES = (320, 960)
"""In pixels, of the two squares."""

_SECONDS = 600

# Linux lets a process inherit the peak of the one that started it (ru_maxrss is kept over exec);
# VmHWM is of its own memory alone.
_MEASURED = """
import json, resource, sys
import numpy as np
from pathlib import Path
from train.detection.detector import open_detector
model, engine, *sides = sys.argv[1:]
network = open_detector(model, engine=engine).network
def peak():
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
peaks = []
for side in map(int, sides):
    network.map_of(np.zeros((1, 3, side, side), np.float32))
    peaks.append(peak())
print(chr(10) + json.dumps(peaks))
"""


@dataclass(frozen=True, slots=True)
class MemoryNeed:
    """What a network takes in bytes: a part for being there, and one for each pixel it sees."""

    fixed: int
    per_pixel: float

    def of(self, settings: PredictionSettings, page: tuple[int, int]) -> int:
        """Return the bytes for a page of (height, width) pixels.

        >>> need = MemoryNeed(fixed=100_000_000, per_pixel=200.0)
        >>> a4 = (3508, 2480)
        >>> [need.of(PredictionSettings(limit_side_len=n), a4) // 10**6 for n in (960, 4000)]
        [229, 1857]
        """
        tall, wide = settings.input_size(*page)
        return self.fixed + int(self.per_pixel * tall * wide)


def memory_need(detector: Detector) -> MemoryNeed:
    """Measure what the network of a detector takes, in a process of its own.

    Raises:
        InputError: that process ended before it was done.
    """
    engine = "paddle" if isinstance(detector.network, PaddleMaps) else "onnx"
    sides = list(map(str, _SIDES))
    # The packages are found where this process found them, installed or not.
    root = str(Path(__file__).resolve().parents[2])
    script = f"import sys; sys.path.insert(0, {root!r})\n{_MEASURED}"
    command = [sys.executable, "-c", script, str(detector.source.path.absolute()), engine, *sides]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
        small, large = json.loads(done.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        raise _unmeasured(detector, f"not done within {_SECONDS} s") from None
    except (IndexError, ValueError, TypeError):
        raise _unmeasured(detector, how_ended(done.returncode)) from None
    first, second = (side * side for side in _SIDES)
    slope = max(0.0, (large - small) / (second - first))
    return MemoryNeed(fixed=int(max(0, small - slope * first)), per_pixel=slope)


def _unmeasured(detector: Detector, reason: str) -> InputError:
    return InputError(
        str(detector.source.path),
        f"ends the process that measures its memory ({reason})",
        "Check that memory is free; the model runs on squares of 320 and 960 pixels there.",
    )


def free_memory() -> int | None:
    """Return the bytes that this machine can still hand out; None where it does not say."""
    try:
        text = Path("/proc/meminfo").read_text(encoding="ascii")
    except OSError:
        return None
    for line in text.splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def memory_warning(
    need: MemoryNeed, settings: PredictionSettings, page: tuple[int, int], workers: int = 1
) -> str:
    """Return a warning where pages may take more than half of the free memory; "" for none.

    Args:
        page: (height, width) of the largest page, in pixels.
        workers: pages that are run at once.
    """
    free, wanted = free_memory(), need.of(settings, page) * workers
    if free is None or wanted <= free // 2:
        return ""
    tall, wide = settings.input_size(*page)
    return (
        f"{workers} x {wide} x {tall} pixels take about {in_gigabytes(wanted)} of memory, "
        f"{in_gigabytes(free)} are free: a lower limit or fewer --workers take less"
    )


def in_gigabytes(count: int) -> str:
    """Write bytes in gigabytes.

    >>> in_gigabytes(1_640_000_000)
    '1.6 GB'
    """
    return f"{count / 1e9:.1f} GB"
