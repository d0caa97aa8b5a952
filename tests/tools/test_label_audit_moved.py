"""The audit's way back to the flat line: bends, widths, sizes, gaps and native heights."""

import argparse
import json
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.rendering.bends import arc, bent, elastic
from tests.running import run_module
from tools.label_audit import audit, planes, rows
from tools.label_audit.ink import Cluster, Glyph
from tools.label_audit.limits import read_limits
from tools.label_audit.matching import coverage, followed, measure, read_line
from tools.label_audit.planes import Way, arc_of, laid_back
from tools.label_audit.setting import advances_of, scale_of

HEIGHT, WIDTH, LINES = 64, 300, 30
TEXTS = ("Total 9.75", "AB12 CD34", "No. 38-12", "Room 7b", "2025 0731")
STYLE = Path(rows.__file__).with_name("looks_style.toml")


def squares(count: int, size: int, x: int, y: int) -> list[Cluster]:
    """Return open squares with a bar across, in a row."""
    ink = np.zeros((size, size), np.float32)
    ink[:4], ink[-4:], ink[:, :4], ink[:, -4:] = 1, 1, 1, 1
    ink[size // 3 : size // 3 + 3] = 1
    steps = [x + at * (size + 8) for at in range(count)]
    return [
        Cluster("x", at, Glyph(ink, 0, 0), left, y, False, extent=(left, left + size))
        for at, left in enumerate(steps)
    ]


def box_of(clusters: list[Cluster]) -> tuple[int, int, int, int]:
    size = clusters[0].glyph.ink.shape[0]
    return clusters[0].x, clusters[0].y, clusters[-1].x + size, clusters[0].y + size


@given(rise=st.floats(-1.5, 1.5), count=st.integers(2, 6), y=st.integers(6, 28))
def test_an_arc_is_laid_flat_again(rise: float, count: int, y: int) -> None:
    clusters = squares(count, 28, 30, y)
    flat = coverage(clusters, (HEIGHT, WIDTH))
    moved = bent((flat * 255).astype(np.uint8), arc(HEIGHT, WIDTH, box_of(clusters), rise=rise))
    way = Way((WIDTH, HEIGHT), np.eye(3), arc_of(rise, clusters, (WIDTH, HEIGHT)))
    back = laid_back(255 - moved.astype(np.float32), way)
    assert np.corrcoef(back.ravel(), flat.ravel())[0, 1] < -0.9
    line = read_line(back, clusters)
    assert min(measure(line, cluster).fit for cluster in clusters) > 0.85


@given(seed=st.integers(0, 2**32 - 1), amount=st.floats(0.02, 0.06))
def test_clusters_that_are_moved_unevenly_are_followed(seed: int, amount: float) -> None:
    clusters = squares(6, 28, 30, 18)
    flat = (coverage(clusters, (HEIGHT, WIDTH)) * 255).astype(np.uint8)
    bend = elastic(HEIGHT, WIDTH, box_of(clusters), amount=amount, cell=1.0, seed=seed)
    grey = 255 - bent(flat, bend).astype(np.float32)
    line = read_line(grey, clusters)
    led = followed(line, clusters, 5)
    line_led = read_line(grey, led)
    before = min(measure(line, cluster).fit for cluster in clusters)
    after = min(measure(line_led, cluster).fit for cluster in led)
    assert after >= min(before, 0.8)
    middle = [bend.x[32, 44 + at * 36] - (44 + at * 36) for at in range(6)]
    shifts = [one.x - other.x for one, other in zip(led, clusters, strict=True)]
    assert np.abs(np.add(shifts, middle)).max() <= 2


@given(scale=st.floats(0.75, 1.35), left=st.integers(-3, 5), width=st.integers(2, 30))
def test_a_wider_glyph_has_as_much_more_ink_from_its_pen(
    scale: float, left: int, width: int
) -> None:
    ink = np.linspace(0.2, 1, 5 * width, dtype=np.float32).reshape(5, width)
    wide = Glyph(ink, left, -5).widened(scale)
    assert wide.ink.sum() == pytest.approx(ink.sum() * scale, rel=1e-3)
    assert abs(wide.left - left * scale) <= 1
    assert abs(wide.left + wide.ink.shape[1] - (left + width) * scale) <= 1


def test_widths_come_in_whole_pixels() -> None:
    glyph = Glyph(np.ones((5, 10), np.float32), 1, -5)
    assert scale_of(glyph, 12, 1.0) == 1.0
    assert scale_of(glyph, 12, 1.3) == pytest.approx(16 / 12)
    line = {"size_px": 40, "sizes": [40, 20], "widths": [1.5, 1.0]}
    assert advances_of(line, [10, 10]) == [15, 5]


@pytest.fixture(scope="module")
def moved_run(tmp_path_factory: pytest.TempPathFactory, korean_fonts: Path) -> Path:
    """Draw lines with all that moves single characters."""
    folder = tmp_path_factory.mktemp("moved")
    (folder / "texts.txt").write_text("\n".join(TEXTS) + "\n", encoding="utf-8")
    done = run_module(
        *("synth", "generate", "--style", STYLE, "--text-list", folder / "texts.txt"),
        *("--count", str(LINES), "--repeat-cap", "0", "--seed", "5", "--workers", "1"),
        *("--fonts", korean_fonts, "--out", folder / "run"),
    )
    assert done.returncode == 0, done.stderr
    return folder / "run"


def audited(run: Path) -> Any:
    args = argparse.Namespace(limit=0, fonts=[], workers=1)
    return audit.audit_folder(run, args, {"looks_style": read_limits()["looks_style"]})


def test_lines_with_everything_that_moves_characters_are_found_again(moved_run: Path) -> None:
    folder, found = audited(moved_run)
    assert (folder.height, folder.gap_em, folder.foreign) == (64, 0.15, frozenset())
    assert [alarms for _, alarms, _ in found if alarms] == []
    held = [row for row, _, _ in found]
    used = {name for row in held for name, _ in row["effects"]}
    assert {"arc", "elastic", "native"} <= used
    assert any("widths" in row["line"] for row in held)
    assert any("sizes" in row["line"] for row in held)
    fits = [one.fit for _, _, measures in found for one in measures]
    assert np.median(fits) > 0.93


def changed(run: Path, copy: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """Copy a run with its first fitting rows changed."""
    shutil.copytree(run, copy)
    lines = [json.loads(line) for line in (copy / "manifest.jsonl").read_text("utf-8").splitlines()]
    for row in lines:
        change(row)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in lines)
    (copy / "manifest.jsonl").write_text(text, encoding="utf-8")
    return copy


def test_wrong_widths_sizes_and_arcs_are_told(moved_run: Path, tmp_path: Path) -> None:
    def unlearn(row: dict[str, Any]) -> None:
        row["line"].pop("sizes", None)
        row["line"].pop("widths", None)
        row["effects"] = [effect for effect in row["effects"] if effect[0] != "arc"]

    _, found = audited(changed(moved_run, tmp_path / "copy", unlearn))
    assert sum(bool(alarms) for _, alarms, _ in found) > LINES / 3


def test_lines_that_a_package_bends_are_counted_and_left_out(
    moved_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = changed(moved_run, tmp_path / "copy", lambda row: None)
    record = json.loads((copy / "run.json").read_text(encoding="utf-8"))
    record["configuration"]["style"]["bend"]["sway"] = {"p": 1.0}
    (copy / "run.json").write_text(json.dumps(record), encoding="utf-8")
    row = json.loads((copy / "manifest.jsonl").read_text("utf-8").split("\n", 1)[0])
    sway = {**row, "effects": [*row["effects"], ["sway", {}]]}
    rest = (copy / "manifest.jsonl").read_text("utf-8").split("\n", 1)[1]
    text = json.dumps(sway, ensure_ascii=False) + "\n" + rest
    (copy / "manifest.jsonl").write_text(text, encoding="utf-8")
    result = audited(copy)
    assert result[1][0][1:] == ([], [])
    audit.tell([result])
    assert "1 lines bent by sway: ink not compared" in capsys.readouterr().out


def test_a_bent_line_that_is_a_pixel_higher_than_its_glyphs_is_laid_flat() -> None:
    clusters = squares(7, 28, 20, 14)
    flat = (coverage(clusters, (HEIGHT, WIDTH)) * 255).astype(np.uint8)
    x0, y0, x1, y1 = box_of(clusters)
    moved = bent(flat, arc(HEIGHT, WIDTH, (x0, y0 - 1, x1, y1), rise=0.6))
    row = {"matrix": None, "line": {"width": WIDTH}, "effects": [["arc", {"rise": 0.6}]]}
    ways = planes.ways_of(row, clusters, HEIGHT)
    grey = 255 - moved.astype(np.float32)
    way, back = rows._likeliest(ways, grey, clusters)
    assert way is ways[2]
    line = read_line(back, clusters)
    fits = [measure(line, cluster).fit for cluster in clusters]
    other = read_line(laid_back(grey, ways[0]), clusters)
    assert min(fits) > 0.9 > min(measure(other, cluster).fit for cluster in clusters)


@given(seed=st.integers(0, 2**32 - 1))
def test_plain_bars_side_by_side_are_each_followed_to_its_own_place(seed: int) -> None:
    ink = np.ones((30, 4), np.float32)
    clusters = [
        Cluster("l", at, Glyph(ink, 0, 0), 40 + 11 * at, 17, False, extent=(0, 0))
        for at in range(9)
    ]
    flat = (coverage(clusters, (HEIGHT, WIDTH)) * 255).astype(np.uint8)
    bend = elastic(HEIGHT, WIDTH, (40, 17, 132, 47), amount=0.05, cell=1.5, seed=seed)
    grey = 255 - bent(flat, bend).astype(np.float32)
    led = followed(read_line(grey, clusters), clusters, 5)
    assert all(right.x - left.x > 0 for left, right in pairwise(led))
    moves = [bend.x[32, 42 + 11 * at] - (42 + 11 * at) for at in range(9)]
    shifts = [one.x - other.x for one, other in zip(led, clusters, strict=True)]
    assert np.median(np.abs(np.add(shifts, moves))) <= 1.5


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"effects": [["arc", {}]]}, ""),
        ({"effects": [["wave", {}], ["arc", {}]]}, "bent by wave"),
    ],
)
def test_what_is_not_drawn_again_is_said(row: dict[str, Any], why: str) -> None:
    folder = rows.Folder(Path(), [], {}, {}, [], 48, 0.0, frozenset({"wave"}))
    assert folder.not_followed(row) == why
