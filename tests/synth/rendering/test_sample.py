"""A line that no attempt made legible is drawn plain; the plan enters the stream of every look."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.faces.display import display_faces
from synth.rendering.colour import apart, colour_of, luminance
from synth.rendering.sample import Setup
from synth.rendering.style import load_style
from textlines.formats.manifest import manifest_line, manifest_row
from textlines.formats.plan_rows import PlanRow
from textlines.pixels.geometry import warp_points

Run = Callable[..., Any]
LEVEL = st.integers(0, 255)
COLOUR = st.tuples(LEVEL, LEVEL, LEVEL)

# A ground of green, ink darker or lighter, and a demand that effects of this strength never meet.
GREEN = (
    "surfaces={ lcd = { level = 90, tint = 1, lit = 0, gradient = 0 } }",
    "legible.contrast=60",
    "ink.relative=false",
    "ink.contrast=0.02",
)


def plain_lines(*settings: str, style: str = "lcd", count: int = 30) -> list[Any]:
    """Draw lines; give those that were drawn plain."""
    faces = tuple(face for face in display_faces() if face.kind == "seven_segment")
    engine = Setup(load_style(style, settings), faces, None, 4).engine()
    rows = [PlanRow(k, f"{k}{k * 7 % 10}.5", (), faces[0].id, style) for k in range(count)]
    return [s for s in map(engine.sample, rows) if s.record["fallback"]]


@pytest.mark.parametrize("dark", [0, 0.5, 1])
def test_it_keeps_the_sides_and_the_colours_of_the_style(dark: float) -> None:
    lines = plain_lines(*GREEN, f"ink.dark={dark}")
    assert len(lines) > 20
    for sample in lines:
        levels = sample.record["luminance"]
        assert levels["contrast"] >= 60  # legible
        assert levels["surface"] < 200  # no white paper under a display
        if dark in (0, 1):
            assert (levels["ink"] < levels["surface"]) == bool(dark)
        name, params = sample.record["surface"]
        assert (name, params["level"]) == ("lcd", 90)
        assert sample.record["effects"] == [] and sample.record["distractors"] == []
    hues = {tuple(int(c) for c in sample.image[0, 0]) for sample in lines}
    assert len(hues) > 1  # of the style's surfaces, and not of one page


def test_at_last_it_is_black_on_white() -> None:
    settings = (*GREEN, "legible.contrast=128", "ink.dark=0.999", "output.height=12")
    lines = plain_lines(*settings)
    assert len(lines) > 20
    for sample in lines:
        levels = sample.record["luminance"]
        assert abs(levels["surface"] - levels["ink"]) >= 128
        assert levels["contrast"] >= 128 or {levels["surface"], levels["ink"]} == {0, 255}


def test_a_grey_style_stays_grey() -> None:
    for sample in plain_lines(*GREEN, "output.colour=false", "ink.tint=200"):
        assert (sample.image[..., 0] == sample.image[..., 2]).all()


@given(under=COLOUR, ink=COLOUR, darker=st.booleans(), least=st.integers(0, 255))
def test_apart_is_far_enough_on_the_side_that_is_asked_for(
    under: tuple[int, int, int], ink: tuple[int, int, int], darker: bool, least: int
) -> None:
    ground, moved = apart(under, ink, darker=darker, least=least)
    distance = luminance(ground) - luminance(moved)
    # Channels that are cut at black or white move less than they were to.
    assert (distance if darker else -distance) >= least - 1 or {min(ground), max(ground)} & {0, 255}
    if least == 255:
        assert (ground, moved) == ((255,) * 3, (0,) * 3) if darker else ((0,) * 3, (255,) * 3)
    if (luminance(under) - luminance(ink)) * (1 if darker else -1) >= least:
        assert (ground, moved) == (under, ink)


def test_they_are_counted_and_told_as_before(
    synth_here: Run, quick_run: Callable[[int], list[str]], tmp_path: Path
) -> None:
    words = ["--set", "legible.contrast=128", "--set", "ink.contrast=0.02"]
    ended = synth_here(*quick_run(30), *words, "--workers", 1, "--out", tmp_path / "r")
    assert ended.code == 0, ended.err
    counts = json.loads((tmp_path / "r/run.json").read_text(encoding="utf-8"))["counts"]
    assert counts["fallback"] > 20
    assert "lines were legible only when drawn plain (attempts refused: contrast " in ended.err


def looks(plan: str, attempt: str = "usual", count: int = 40) -> list[Any]:
    """Draw numbers of one seed; give the surface, effects and bytes of each."""
    # Ink that no attempt makes legible is drawn plain, from a stream of its own.
    settings = () if attempt == "usual" else ("legible.contrast=60", "ink.contrast=0.02")
    faces = tuple(face for face in display_faces() if face.kind == "seven_segment")
    engine = Setup(load_style("lcd", settings), faces, None, 7, plan=plan).engine()
    rows = [PlanRow(k, f"{k}.5", (), faces[0].id, "lcd") for k in range(count)]
    drawn = [engine.sample(row) for row in rows]
    return [(s.record["surface"], s.record["effects"], s.data) for s in drawn]


def test_one_plan_is_drawn_to_the_same_bytes() -> None:
    assert looks("ab12") == looks("ab12")


def test_two_plans_of_one_seed_look_different_line_by_line() -> None:
    for attempt in ("usual", "plain"):
        one, other = looks("ab12", attempt), looks("ab13", attempt)
        alike = [a for a, b in zip(one, other, strict=True) if a[0] == b[0]]
        assert not alike, attempt
        assert not [a for a, b in zip(one, other, strict=True) if a[2] == b[2]]


PALETTE = (
    'palette=[{ ground = "#1F6F3A", ink = "#f4f4ee", spread = 4 }, '
    '{ ground = "#f4c20d", ink = "#181818", spread = 4 }]'
)


def drawn_lines(*settings: str, count: int = 40) -> list[Any]:
    faces = tuple(face for face in display_faces() if face.kind == "dot_matrix")
    style = load_style("document", ('faces=["dot_matrix"]', *settings))
    engine = Setup(style, faces, None, 4).engine()
    rows = [PlanRow(k, f"AB{k:02d}34", (), faces[0].id, "document") for k in range(count)]
    return list(map(engine.sample, rows))


def test_each_line_is_drawn_in_a_pair_of_the_palette_and_names_it() -> None:
    seen = set()
    for sample in drawn_lines(PALETTE, "legible.contrast=30"):
        row = manifest_row(json.loads(manifest_line(sample.record)))
        assert row.palette
        seen.add(row.palette)
        if row.attempt == 0:
            wanted = colour_of(row.palette[1])
            assert all(abs(a - b) <= 4 for a, b in zip(row.ink, wanted, strict=True))
            assert row.luminance.surface == pytest.approx(
                luminance(colour_of(row.palette[0])), abs=20
            )
        assert (row.luminance.ink < row.luminance.surface) == (row.palette[1] == "#181818")
    assert seen == {("#1f6f3a", "#f4f4ee"), ("#f4c20d", "#181818")}


def test_files_are_as_high_as_the_camera_saw_the_line() -> None:
    lines = drawn_lines("output.height=64", "output.native=[18, 64]")
    heights = {sample.image.shape[0] for sample in lines}
    assert len(heights) > 15 and min(heights) >= 18 and max(heights) <= 64
    for sample in lines:
        row = manifest_row(json.loads(manifest_line(sample.record)))
        assert row.size == (sample.image.shape[1], sample.image.shape[0])
        if row.size[1] < 64:
            # The pens of the flat line lie inside the file once the matrix has moved them.
            assert row.matrix is not None
            pens = np.array([(pen, row.line.baseline) for pen in row.line.pens], float)
            moved = warp_points(pens, np.array(row.matrix).reshape(3, 3))
            assert (moved > -3).all() and (moved < np.array(row.size) + 3).all()


def test_lines_may_be_small_and_enlarged_again() -> None:
    lines = drawn_lines("output.native=[16, 24]", "output.enlarge=true", "camera={}")
    assert {sample.image.shape[0] for sample in lines} == {48}
    sharp = drawn_lines("camera={}")
    steps = [
        np.mean([np.abs(np.diff(s.image[..., 1].astype(int), axis=1)).max() for s in some])
        for some in (lines, sharp)
    ]
    assert steps[0] < 0.8 * steps[1]


def test_small_lines_that_are_drawn_plain_are_as_high_as_the_largest() -> None:
    settings = ("output.native=[16, 30]", "legible.contrast=100", "ink.contrast=0.02")
    plain = [s for s in drawn_lines(*settings) if s.record["fallback"]]
    assert len(plain) > 10
    assert {sample.image.shape[0] for sample in plain} == {30}


def test_keys_that_are_unset_leave_the_record_of_a_run_as_it_was() -> None:
    def style(*settings: str) -> dict[str, Any]:
        setup = Setup(load_style("document", settings), (), None, 1)
        return dict(setup.identity()["style"])

    plain = style()
    assert "palette" not in plain
    assert not {"native", "enlarge", "window"} & set(plain["output"])
    assert not {"character_width", "gaps"} & set(plain["text"])
    changed = style(PALETTE, "output.native=30", "text.gaps.p=0.5", "text.character_width=1.1")
    assert len(changed["palette"]) == 2
    assert changed["output"]["native"]["low"] == 30
    framed = style("output.window.width=4", "output.window.align=right")
    assert framed["output"]["window"]["align"] == "right"
    assert changed["text"]["gaps"]["p"] == 0.5
    assert changed["text"]["character_width"]["low"] == 1.1
