"""How much memory a page takes at a limit, told before it is taken.

What a network holds while it runs grows with the pixels that it sees, and hardly with anything
else. But by how much a pixel is no constant: onnxruntime's arena takes memory in regions, and how
well the tensors of a page fill them hangs on the size of the page. Measured (onnxruntime 1.32, the
process's peak, nothing else run before): PP-OCRv4 takes 150 bytes a pixel at 960 and 1920 pixels
square and 205 at 1536 square and at 2496 x 3520; the same network out of another file (v5) 145 to
185. Without the arena all sizes take 145, and five times as long. So a page is told from the worst
of some sizes, which a process of its own runs: a peak never falls again. It goes the whole way from
image to boxes: a page, normalised, is another 12 bytes a pixel.
`benchmarks/det_memory.py` holds what is told against what is taken.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from textlines.errors import InputError
from train.detection.detector import Detector
from train.detection.map_networks import PaddleMaps
from train.detection.settings import PredictionSettings
from train.reading.onnx_session import how_ended

Size = tuple[int, int]
"""(height, width) in pixels."""

_SIDES = (640, 960, 1280, 1536)
"""In pixels, of the squares that are run: those between which the arena's regions double."""

_SECONDS = 600

# Linux lets a process inherit the peak of the one that started it (ru_maxrss is kept over exec);
# VmHWM is of its own memory alone.
_MEASURED = """
import json, resource, sys
from dataclasses import replace
from pathlib import Path
import numpy as np
from train.detection.detector import open_detector
model, engine, *sizes = sys.argv[1:]
detector = open_detector(model, engine=engine)
whole = replace(detector.settings, limit_side_len=32, limit_type="min", max_side_limit=10**6)
def peak():
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
peaks = [peak()]
for size in sizes:
    tall, wide = map(int, size.split("x"))
    page = np.full((tall, wide, 3), 240, np.uint8)
    for top in range(8, tall - 16, 40):
        page[top : top + 16, 16 : wide - 16 : 3] = 20
    detector.boxes(page, whole)
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
    """Measure what a detector takes, in a process of its own.

    Raises:
        InputError: that process ended before it was done.
    """
    opened, *peaks = peaks_of(detector, [(side, side) for side in _SIDES])
    pixels = [side * side for side in _SIDES]
    worst = max((peak - opened) / count for peak, count in zip(peaks, pixels, strict=True))
    return MemoryNeed(fixed=opened, per_pixel=max(0.0, worst))


def peaks_of(detector: Detector, sizes: Sequence[Size]) -> list[int]:
    """Return the peak of memory, in bytes, of a process that only finds the boxes of some pages.

    Args:
        sizes: (height, width) of the pages in pixels; each is seen at its own size, in turn.

    Returns:
        The peak once the detector is open, then that after each page.

    Raises:
        InputError: the process ended before it was done.
    """
    engine = "paddle" if isinstance(detector.network, PaddleMaps) else "onnx"
    # The packages are found where this process found them, installed or not.
    root = str(Path(__file__).resolve().parents[2])
    script = f"import sys; sys.path.insert(0, {root!r})\n{_MEASURED}"
    command = [sys.executable, "-c", script, str(detector.source.path.absolute()), engine]
    command += [f"{tall}x{wide}" for tall, wide in sizes]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
        peaks: list[int] = json.loads(done.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        raise _unmeasured(detector, f"not done within {_SECONDS} s", sizes) from None
    except (IndexError, ValueError):
        raise _unmeasured(detector, how_ended(done.returncode), sizes) from None
    return peaks


def _unmeasured(detector: Detector, reason: str, sizes: Sequence[Size]) -> InputError:
    tall, wide = max(sizes)
    return InputError(
        str(detector.source.path),
        f"ends the process that measures its memory ({reason})",
        f"Check that memory is free; pages of up to {wide} x {tall} pixels are run there.",
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
