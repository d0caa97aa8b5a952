import json
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import det_metric
from tests.train.detection.made_pages import box, labelled
from textlines.regions.page_file import LabelledRegion, PageLabels

METRIC = """
from .counting import count

class DetMetric:
    def __init__(self):
        self.results = []

    def __call__(self, preds, batch):
        for pred, corners, tags in zip(preds, batch[2], batch[3]):
            self.results.append(count(corners, tags, pred["points"]))

    def get_metric(self):
        of, boxes, right = (
            sum(one[key] for one in self.results) for key in ("gtCare", "detCare", "detMatched"))
        return {"precision": right / boxes, "recall": right / of, "hmean": 2 * right / (of + boxes)}
"""

COUNTING = """
def count(corners, tags, points):
    there = [one.tolist() for one, tag in zip(corners, tags) if not tag]
    right = sum(any(one == box.tolist() for box in points) for one in there)
    return {"gtCare": len(there), "detCare": len(points), "detMatched": right + MORE}
"""


def tree(folder: Path, more: int) -> Path:
    """A checkout with a metric of our own: boxes match where they are the same."""
    metrics = folder / "ppocr" / "metrics"
    metrics.mkdir(parents=True)
    (metrics / "det_metric.py").write_text(METRIC, encoding="utf-8")
    counting = COUNTING.replace("MORE", str(more))
    (metrics / "counting.py").write_text(counting, encoding="utf-8")
    return folder


@pytest.mark.parametrize(("more", "code"), [(0, 0), (1, 1)])
def test_a_metric_that_counts_otherwise_is_told(
    more: int, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    rows = []
    for name in det_metric.SETS:
        lines = {f"{n}.png": [("a", (20, 60 * n + 20, 90, 30))] for n in range(3)}
        for page in labelled(tmp_path / "data" / name, lines):
            points = [region.polygon.tolist() for region in page.regions]
            rows.append(f"{name}/{page.path}\t{json.dumps([{'points': one} for one in points])}")
    (tmp_path / "boxes.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")
    monkeypatch.setattr(det_metric, "STRENGTHS", ())
    # Of the metric that was loaded before, another module is left.
    for module in [name for name in sys.modules if name.startswith("paddleocr_metrics")]:
        monkeypatch.delitem(sys.modules, module)
    arguments = [
        "--paddleocr",
        str(tree(tmp_path / "tree", more)),
        "--data",
        str(tmp_path / "data"),
    ]
    boxes = ["--boxes", f"same={tmp_path / 'boxes.txt'}"]
    monkeypatch.setattr(sys, "argv", ["det_metric.py", *arguments, *boxes])
    assert det_metric.main() == code
    told = capsys.readouterr().out
    assert f"{0 if code else 6} of 6 alike" in told
    assert "| sroie/dev | same | 1.0000/1.0000/1.0000 |" in told
    for module in [name for name in sys.modules if name.startswith("paddleocr_metrics")]:
        monkeypatch.delitem(sys.modules, module)


def test_corners_are_read_as_paddleocr_reads_them() -> None:
    marks = [
        {"transcription": "a", "points": [[0, 0], [9.3, 0], [9, 9]]},
        {"transcription": "###", "points": [[0, 0], [9, 0], [9, 9], [0, 9]]},
        {"transcription": "*", "points": [[0, 0], [9, 0], [9, 9], [0, 9]]},
    ]
    corners, tags = det_metric.encoded(json.dumps(marks))
    assert corners.dtype == np.float32 and corners.shape == (3, 4, 2)
    assert corners[0, 3].tolist() == [9, 9] and tags.tolist() == [False, True, True]


@given(count=st.integers(0, 6), seed=st.integers(0, 99))
def test_what_is_not_disturbed_is_the_labels_in_whole_pixels(count: int, seed: int) -> None:
    regions = tuple(LabelledRegion(box(10.4, 30 * n, 60, 20), "a", "") for n in range(count))
    page = PageLabels("a.png", Path("a.png"), "Label.txt:1", regions, not regions)
    found = det_metric.disturbed(page, 0, np.random.default_rng(seed))
    assert sorted(one.tolist() for one in found) == [
        np.rint(region.polygon).tolist() for region in regions
    ]
    again = [det_metric.disturbed(page, 0.4, np.random.default_rng(seed)) for _ in range(2)]
    assert all(np.array_equal(one, other) for one, other in zip(*again, strict=True))
