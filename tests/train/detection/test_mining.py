from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.train.detection.made_pages import Told, box, labelled
from textlines.formats.missed_lines import read_missed
from textlines.labels.tally import Tally
from textlines.regions import Polygon
from train.detection.evaluation import evaluate_pages
from train.detection.judged_pages import judge_pages
from train.detection.mine_text import print_det_mined
from train.detection.mine_words import bin_words, convention_lines, finding
from train.detection.mining import (
    DetMined,
    LineFacts,
    Mined,
    contrast_of,
    facts_of,
    mine,
    place_of,
    standing_out,
)


def mined(folder: Path, pages: dict[str, list], *found: list[Polygon], ink: int = 20) -> Mined:
    labels = labelled(folder, pages, ink=ink)
    judged, lines = [], []
    for page, image in judge_pages(labels, Told(*found), Tally()):
        lines += facts_of(page, len(judged), image, lambda high, wide: (high // 2, wide // 2))
        judged.append(page)
    return mine(judged, lines, evaluate_pages(judged, detector="det", settings={"limit": 960}))


SMALL = [("small", (20, 60 * at + 20, 90, 10)) for at in range(6)]
LARGE = [("large", (220, 60 * at + 20, 160, 40)) for at in range(6)]


def large_boxes() -> list[Polygon]:
    return [box(*frame) for _, frame in LARGE]


def test_lines_are_told_by_size_on_the_page_and_as_they_are_seen(tmp_path: Path) -> None:
    one = mined(tmp_path, {"a.png": [*SMALL, *LARGE]}, large_boxes())
    by_height = {
        (bin_.property, bin_.low): (bin_.lines, bin_.failed.value) for bin_ in one.figures.bins
    }
    assert by_height["height", 8] == (6, 1.0) and by_height["height", 32] == (6, 0.0)
    assert by_height["seen_height", None] == (6, 1.0) and by_height["seen_height", 16] == (6, 0.0)
    told = finding(one.figures)
    assert told.startswith("6 of 12 labels have no box, most of them missed (6).")
    assert "height on the page 8 to 12 px, where 100.0% of 6 fail" in told
    assert told.endswith("against 50.0% of all.")


def test_every_line_is_in_one_bin_of_each_property(tmp_path: Path) -> None:
    one = mined(tmp_path, {"a.png": [*SMALL, *LARGE], "b.png": LARGE}, [], large_boxes())
    for name in ("height", "seen_height", "contrast", "place"):
        bins = [bin_ for bin_ in one.figures.bins if bin_.property == name]
        assert sum(bin_.lines for bin_ in bins) == 18
        assert sum(sum(bin_.failures.values()) for bin_ in bins) == 12
        for bin_ in bins:
            assert sum(bin_.failures.values()) == round(bin_.failed.value * bin_.lines)
            assert bin_words(bin_)
    assert DetMined.model_validate_json(one.figures.model_dump_json()) == one.figures


def test_contrast_is_that_of_the_ink(tmp_path: Path) -> None:
    pale = mined(tmp_path / "pale", {"a.png": LARGE}, [], ink=200)
    dark = mined(tmp_path / "dark", {"a.png": LARGE}, [], ink=20)
    assert all(line.contrast == pytest.approx(40 / 255, abs=0.02) for line in pale.lines)
    assert all(line.contrast == pytest.approx(220 / 255, abs=0.02) for line in dark.lines)


@given(st.integers(-50, 700), st.integers(-50, 500), st.integers(1, 90), st.integers(1, 90))
def test_a_region_anywhere_has_a_contrast_and_a_place(x: int, y: int, w: int, h: int) -> None:
    grey = np.tile(np.arange(0, 250, dtype=np.uint8), (400, 2))[:, :500]
    assert 0 <= contrast_of(grey, box(x, y, w, h)) <= 1
    inside = x > 2 and y > 2 and x + w < 498 and y + h < 398
    assert (place_of(box(x, y, w, h), 400, 500) == "edge") != inside


def test_a_convention_is_told_before_everything_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [("word", (20 + 70 * at, 60 * row + 20, 60, 20)) for row in range(5) for at in range(4)]
    lines = [box(20, 60 * row + 20, 270, 20) for row in range(5)]
    one = mined(tmp_path, {"a.png": words}, lines)
    assert one.convention and one.convention.kind == "words"
    assert finding(one.figures).startswith("The labels are words and the detector finds lines: 20")
    assert "With them joined, hmean is 1.000, not 0.000." in finding(one.figures)
    print_det_mined(one.figures, ["a page was odd"])
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("The labels are words") and told[1].startswith("No setting mends")
    assert told[2] == "Between neighbours lie 0.50 heights (median of 5 lines)."
    assert any(line.startswith("merged") and " 20 " in line for line in told)
    assert told[-1] == "note: a page was odd"


def test_labels_of_lines_have_their_own_way_out(tmp_path: Path) -> None:
    lines = [("a line", (20, 60 * row + 20, 270, 20)) for row in range(6)]
    words = [box(20 + 70 * at, 60 * row + 20, 60, 20) for row in range(6) for at in range(4)]
    one = mined(tmp_path, {"a.png": lines}, words)
    told = convention_lines(one.figures)
    assert told[0].startswith("The labels are lines and the detector finds words: 6 of the 6")
    assert "join its boxes after detection" in told[1]


def test_nothing_missed_is_said_so(tmp_path: Path) -> None:
    one = mined(tmp_path, {"a.png": LARGE}, large_boxes())
    assert finding(one.figures) == "All 6 labels have their boxes."
    assert convention_lines(one.figures) == []


def test_no_bin_stands_out_by_chance_or_where_all_fail(tmp_path: Path) -> None:
    one = mined(tmp_path, {"a.png": LARGE}, large_boxes()[:3])
    assert standing_out(one.figures.bins, 0.5) == []
    all_missed = mined(tmp_path / "b", {"a.png": LARGE}, [])
    assert standing_out(all_missed.figures.bins, 1.0) == []


def test_ignored_labels_are_no_lines(tmp_path: Path) -> None:
    one = mined(tmp_path, {"a.png": [*LARGE, ("###", (20, 20, 90, 20))]}, large_boxes())
    assert len(one.lines) == 6 and all(isinstance(line, LineFacts) for line in one.lines)


def test_pages_can_be_rendered_for_what_is_written(tmp_path: Path) -> None:
    one = mined(tmp_path, {"a.png": [*SMALL, *LARGE]}, large_boxes())
    path = tmp_path / "det.json"
    path.write_text(one.figures.model_dump_json())
    missed = read_missed(path)
    assert missed.detector == "det"
    written = [(b.property, b.low, b.high, b.place, b.lines) for b in one.figures.bins]
    assert [(b.of_property, b.low, b.high, b.place, b.lines) for b in missed.bins] == written
    assert sum(b.missed for b in missed.of("height")) == pytest.approx(6)
