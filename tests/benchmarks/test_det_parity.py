import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks import det_parity
from benchmarks.det_parity import Agreement, Rows, compared
from tests.train.detection.conftest import detector_file  # noqa: F401
from tests.train.detection.made_pages import box, labelled
from textlines.pixels.arrays import Image
from train.detection.detector import Detector

pytest.importorskip("onnxruntime")


def test_boxes_that_are_the_same_are_identical() -> None:
    boxes = [box(10, 20, 60, 20), box(10, 60, 60, 20)]
    assert compared(boxes, [0.9, 0.8], boxes, [0.9, 0.8]) == Agreement(2, True, 0.0, 0.0)
    assert compared([], [], [], []) == Agreement(0, True, 0.0, 0.0)


def test_the_largest_difference_is_told_with_the_boxes_of_both() -> None:
    ours, theirs = [box(10, 20, 60, 20)], [box(10, 20, 60, 21)]
    found = compared(ours, [0.9], theirs, [0.75])
    assert (found.boxes, found.same_count, found.corner) == (1, True, 1.0)
    assert found.score == pytest.approx(0.15)
    assert found.ours == [ours[0].tolist()] and found.theirs == [theirs[0].tolist()]


def test_other_counts_of_boxes_or_corners_have_no_difference() -> None:
    one, more = box(10, 20, 60, 20), np.vstack([box(10, 20, 60, 20), [[5, 30]]])
    for ours, theirs in (([one], [one, one]), ([more], [one])):
        found = compared(ours, [0.9] * len(ours), theirs, [0.9] * len(theirs))
        assert not found.same_count and found.corner is None and found.score is None


def test_rows_are_read_again_without_one_that_was_cut_off(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    rows = Rows(file)
    rows.put("a", Agreement(2, True, 0.0, 0.0))
    rows.put("b", compared([box(1, 2, 30, 9)], [0.5], [box(1, 2, 30, 10)], [0.5]))
    whole = file.read_bytes()
    file.write_bytes(whole + b'{"key": "c", "boxe')
    again = Rows(file)
    assert again.get("a") == rows.get("a") and again.get("c") is None
    differing = again.get("b")
    assert differing is not None and differing.corner == 1.0
    assert file.read_bytes() == whole


class Mirror:
    """paddleocr as this project's own detector: it counts how often it is asked."""

    asked = 0

    def __init__(self, detector: Detector) -> None:
        self._detector = detector

    def predict(self, images: list[Image], batch_size: int) -> list[dict[str, object]]:
        type(self).asked += 1
        found = self._detector.boxes(images[0])
        polygons = [one.polygon for one in found]
        return [{"dt_polys": polygons, "dt_scores": [one.score for one in found]}]


def test_a_call_that_was_ended_goes_on_where_it_was(
    detector_file: Callable[..., Path],  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = tmp_path / "data"
    lines = {f"{n}.png": [("a", (20, 60 * n + 20, 90, 30))] for n in range(3)}
    labelled(data / "set" / "dev", lines)
    rows = tmp_path / "rows.jsonl"
    monkeypatch.setattr(det_parity, "reference", lambda detector, folder: Mirror(detector))
    monkeypatch.setattr(Mirror, "asked", 0)
    arguments = ["--data", str(data), "--models", str(detector_file()), "--out", str(rows)]
    monkeypatch.setattr(sys, "argv", ["det_parity.py", *arguments])
    det_parity.main()
    first = capsys.readouterr().out
    assert Mirror.asked == 3 and "onnx         3" in first
    kept = rows.read_text(encoding="utf-8").splitlines()
    assert [json.loads(row)["corner"] for row in kept] == [0.0, 0.0, 0.0]
    rows.write_text("\n".join(kept[:2]) + "\n", encoding="utf-8")
    det_parity.main()
    assert Mirror.asked == 4 and capsys.readouterr().out == first
