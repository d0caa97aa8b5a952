import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from benchmarks import det_memory
from tests.train.detection.conftest import detector_file  # noqa: F401
from train.detection.memory import MemoryNeed

pytest.importorskip("onnxruntime")


@pytest.mark.parametrize(("per_pixel", "code"), [(100.0, 0), (89.0, 1), (141.0, 1)])
def test_what_is_told_too_low_or_too_high_ends_with_1(
    detector_file: Callable[..., Path],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    per_pixel: float,
    code: int,
) -> None:
    asked: list[tuple[int, int]] = []

    def taken(detector: object, sizes: Sequence[tuple[int, int]]) -> list[int]:
        asked.extend(sizes)
        return [0, 100 * sizes[0][0] * sizes[0][1]]

    monkeypatch.setattr(det_memory, "memory_need", lambda detector: MemoryNeed(0, per_pixel))
    monkeypatch.setattr(det_memory, "peaks_of", taken)
    arguments = ["--models", str(detector_file()), "--sizes", "320x640", "4512x992"]
    monkeypatch.setattr(sys, "argv", ["det_memory.py", *arguments])
    assert det_memory.main() == code
    told = capsys.readouterr().out
    assert asked == [(640, 320), (992, 4512)], "a page is seen at its own size, whatever its side"
    assert f"| 320 x 640 | {per_pixel * 0.2048:.0f} | 20 | {per_pixel / 100:.2f}" in told
    assert f"{2 * code} outside of 0.9 to 1.4" in told
