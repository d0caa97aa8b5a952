"""A run with a variable font: all its instances occur, are recorded, and are drawn again."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synth.faces.font_files import read_font_file
from tests.synth.faces import broken_fonts
from tests.synth.faces.variable_fonts import variable
from textlines.files import sha256_of
from textlines.formats.manifest import ManifestRow, read_manifest
from textlines.formats.plan_rows import read_plan

Run = Callable[..., Any]

STYLE = "[output]\nheight = 24\n[camera]\nsensor_noise = { p = 0.5, level = [1, 2] }\n"
COUNT = 120


@pytest.fixture(scope="module")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fonts")
    variable(folder / "many.ttf", family="Many")
    broken_fonts.true_type(folder / "one.ttf", family="One")
    return folder


@pytest.fixture
def run(synth_here: Run, write_file: Callable[..., Path], fonts: Path, tmp_path: Path) -> Path:
    style = write_file("plain.toml", STYLE)
    texts = write_file("list.txt", "aac\ncar\nx9\nb12\n")
    shared = ("--style", style, "--text-list", texts, "--count", COUNT, "--repeat-cap", 0)
    ended = synth_here(
        "generate", *shared, "--seed", 5, "--fonts", fonts, "--out", tmp_path / "run"
    )
    assert ended.code == 0, ended.err
    return tmp_path / "run"


def rows_of(run: Path) -> list[ManifestRow]:
    return list(read_manifest(run / "manifest.jsonl"))


def test_all_instances_occur_and_their_number_gives_a_family_no_more_lines(run: Path) -> None:
    rows = rows_of(run)
    families = Counter(row.face.family for row in rows)
    assert abs(families["Many"] - COUNT / 2) <= 25
    weights = Counter(row.face.instance for row in rows if row.face.family == "Many")
    assert weights.keys() == {(("wght", float(value)),) for value in (100, 400, 900)}
    assert {row.face.instance for row in rows if row.face.family == "One"} == {()}


def test_plan_manifest_and_record_name_one_face(run: Path) -> None:
    planned = [row.face for row in read_plan(run / "plan.jsonl")]
    assert [row.face.id for row in rows_of(run)] == planned
    record = json.loads((run / "run.json").read_text())
    assert set(planned) == set(record["configuration"]["faces"])


def test_a_taller_instance_leaves_a_taller_line(run: Path, fonts: Path) -> None:
    faces = read_font_file(fonts / "many.ttf").faces
    sizes: dict[str, set[int]] = {}
    for face in faces:
        sizes[face.style] = {
            row.line.size_px for row in rows_of(run) if row.face.instance == face.instance
        }
    # The taller the ink, the fewer pixels to the em fill the line.
    assert max(sizes["Black"]) < min(sizes["Thin"])


def test_every_sample_is_drawn_again_to_the_same_bytes(
    run: Path, fonts: Path, synth_here: Run
) -> None:
    drawn: set[str] = set()
    for row in rows_of(run):
        if row.face.id in drawn:
            continue
        drawn.add(row.face.id)
        ended = synth_here("redraw", run, "--index", row.index, "--fonts", fonts)
        assert (ended.code, "the same bytes" in ended.out) == (0, True), ended.err
    assert len(drawn) == 4


def test_a_plan_from_before_instances_is_drawn_at_the_default(
    run: Path, fonts: Path, synth_here: Run, tmp_path: Path
) -> None:
    default = next(row for row in rows_of(run) if row.face.instance == (("wght", 400.0),))
    plan = run / "plan.jsonl"
    plan.write_text(plan.read_text().replace("-0-wght400", "-0"))
    out = tmp_path / "again.jpg"
    ended = synth_here("redraw", run, "--index", default.index, "--fonts", fonts, "--out", out)
    assert ended.code == 0, ended.err
    assert sha256_of(out) == default.sha256
