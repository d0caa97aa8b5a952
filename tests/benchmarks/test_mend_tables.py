"""Tests for the cells of the whole line, and for what they say together."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.mend_cells import CALIBRATED, read_cells
from benchmarks.mend_tables import told

LINES = 40


def _row(arm: str, labels: int, right: int, style: str = "", **more: Any) -> dict[str, Any]:
    """Return a cell that reads so many of its lines right."""
    lines = [[f"crops/{at}.png", f"a{at}1", at < right, False] for at in range(LINES)]
    row = {"kind": "labels", "scene": "meters", "model": "PP-OCRv4_mobile_rec", "variant": ""}
    row |= {"arm": arm, "labels": labels, "seed": 1, "style": style, "stop": "", "character": ""}
    return row | {"lines": lines, "minutes": 1.0} | more


def test_cells_without_drawn_lines_are_of_every_style(tmp_path: Path) -> None:
    matrix = tmp_path / "matrix.toml"
    matrix.write_text(
        '[[cells]]\nkind = "labels"\nscene = "meters"\nmodel = "PP-OCRv4_mobile_rec"\n'
        'labels = 25\narm = ["none", "drawn"]\nstyle = ["", "calibrated"]\n'
    )
    keys = [cell.key for cell in read_cells(matrix)]
    assert keys == [
        "labels-meters-PP-OCRv4-none-25-s1",
        "labels-meters-PP-OCRv4-drawn-25-s1",
        "labels-meters-PP-OCRv4-drawn-25-calibrated-s1",
    ]


def test_each_style_has_rows_of_its_own() -> None:
    rows = [_row("none", 25, 20), _row("drawn", 25, 28), _row("drawn", 25, 36, CALIBRATED)]
    text, missed = told([*rows, _row("none", 100, 28)])
    assert "meters | 25 | 0.500 | 0.700 | the scene's own style | +20.0" in text
    assert "meters | 25 | 0.500 | 0.900 | calibrated | +40.0" in text
    assert "25 own and drawn against 100 own, pooled: +20.0" in text
    assert not missed


@pytest.mark.parametrize(
    ("right", "fault"),
    [
        (26, "25 own and drawn against 100 own: -5.0"),
        (14, "own and drawn in calibrated against own alone: -15.0"),
    ],
)
def test_what_falls_short_is_missed(right: int, fault: str) -> None:
    rows = [_row("none", 25, 20), _row("drawn", 25, right, CALIBRATED), _row("none", 100, 28)]
    text, missed = told(rows)
    assert missed
    assert f"MISSED: {fault}" in text


def test_a_must_without_its_cells_is_not_reached() -> None:
    text, missed = told([_row("none", 25, 20), _row("drawn", 25, 28, CALIBRATED)])
    assert missed
    assert "MISSED: 25 own and drawn against 100 own: -\n" in text + "\n"


def test_left_out_characters_are_told_by_style() -> None:
    shares = {"own": 10, "drawn": 20, "both": 22, "served": 30, "holding": 32}
    rows = [
        _row(arm, 50, right, kind="left-out", character="1", style=style)
        for arm, right in shares.items()
        for style in (("", CALIBRATED) if arm in ("drawn", "both", "served") else ("",))
    ]
    text, _ = told(rows)
    assert "left out, calibrated: scene | character" in text
    assert text.count("meters | 1 | 0.250 | 0.500 | 0.550 | 0.750 | 0.800") == 2
    assert text.count("of the way to lines that hold it: 0.91") == 2


@pytest.mark.parametrize("kind", ["labels", "left-out"])
def test_cells_without_any_drawn_line_reach_no_must(kind: str) -> None:
    arm = "none" if kind == "labels" else "own"
    assert told([_row(arm, 25, 20, kind=kind, character="1")])[1]
