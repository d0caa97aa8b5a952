from collections.abc import Callable
from pathlib import Path

import pytest

from textlines.errors import InputError
from train.detection import memory
from train.detection.detector import open_detector
from train.detection.memory import MemoryNeed, memory_need, memory_warning
from train.detection.settings import PIPELINE, PredictionSettings

Make = Callable[..., Path]

A4 = (3508, 2480)


def test_memory_is_measured_in_a_process_of_its_own(detector_file: Make) -> None:
    pytest.importorskip("onnxruntime")
    need = memory_need(open_detector(str(detector_file())))
    # Three channels in, one map out, in float32: 16 bytes a pixel, and what the runtime adds.
    assert 8 < need.per_pixel < 200
    assert need.fixed > 10**7
    assert need.of(PIPELINE, A4) > need.of(PredictionSettings(), A4)


def test_a_process_that_dies_is_told(detector_file: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnxruntime")
    detector = open_detector(str(detector_file()))
    monkeypatch.setattr(memory, "_MEASURED", "import os; os._exit(3)")
    with pytest.raises(InputError, match=r"ends the process that measures its memory \(code 3\)"):
        memory_need(detector)


@pytest.mark.parametrize(
    ("free", "workers", "warned"), [(4 * 10**9, 1, False), (4 * 10**9, 2, True), (None, 9, False)]
)
def test_pages_that_take_half_of_the_memory_are_warned_of(
    monkeypatch: pytest.MonkeyPatch, free: int | None, workers: int, warned: bool
) -> None:
    monkeypatch.setattr(memory, "free_memory", lambda: free)
    told = memory_warning(MemoryNeed(100_000_000, 200.0), PIPELINE, A4, workers)
    assert bool(told) == warned
    if warned:
        assert told.startswith("2 x 2496 x 3520 pixels take about 3.7 GB of memory, 4.0 GB are")
