"""The benchmark of kept predictions tells changed pixels from those that were read."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.stock_figures import changed, read_line, read_rows
from textlines.labels.alphabet import Alphabet
from train.reading.engine import Batching, CtcEngine


class Widths:
    """A network that reads every line as one character: `w` if it is 324 wide, else `n`."""

    name, place, classes = "widths", "widths", 4
    batching = Batching(lines=1, chunk=8, is_parallel=True)

    def probabilities(self, lines: Any) -> Any:
        found = np.zeros((len(lines), 2, self.classes), np.float32)
        found[:, 0, 1 if lines.shape[-1] == 324 else 2] = 0.9
        found[:, 1, 0] = 1.0
        return found


@pytest.fixture
def engine() -> CtcEngine:
    return CtcEngine(Widths(), Alphabet(("w", "n")))


def test_the_width_of_a_long_line_is_rounded_down_or_up(engine: CtcEngine) -> None:
    long = np.zeros((50, 337, 3), np.uint8)  # 323.52 wide at height 48
    assert read_line(engine, long, "paddleocr").text == "n"
    assert read_line(engine, long, "ceil").text == "w"
    short = np.zeros((50, 100, 3), np.uint8)
    assert read_line(engine, short, "ceil").text == "n"


def test_only_lossless_crops_below_the_cut_are_as_they_were(
    engine: CtcEngine, tmp_path: Path
) -> None:
    import cv2

    for name, height in (("low.png", 40), ("cut.png", 64), ("low.jpg", 40)):
        cv2.imwrite(str(tmp_path / name), np.full((height, 60, 3), 128, np.uint8))
    rows = "low.png\tn\tn\t0.9000\ncut.png\tn\tw\t0.5\nlow.jpg\tx\tn\t0.9\n"
    (tmp_path / "kept.tsv").write_text("path\ttruth\tprediction\tscore\n" + rows)
    found = read_rows(engine, tmp_path, tmp_path / "kept.tsv", "paddleocr", 64, 90, 0.5)
    assert [row.is_untouched for row in found] == [True, False, False]
    assert [(row.now.text, row.kept) for row in found] == [("n", "n"), ("n", "w"), ("n", "n")]
    assert all(row.again is not None and row.again.text == "n" for row in found)


def test_a_change_keeps_or_shrinks_the_size() -> None:
    image = np.full((40, 60, 3), 128, np.uint8)
    assert changed(image, 90, 1.0).shape == (40, 60, 3)
    assert changed(image, 90, 0.5).shape == (20, 30, 3)
