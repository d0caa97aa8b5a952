"""The audit of columns and of lines in two faces: clean ones pass, a wrong character is found."""

import argparse
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from synth.faces.face_metrics import metrics_of
from synth.faces.scan import find_faces
from synth.rendering.columns import ColumnForm, column_fault, set_column
from synth.rendering.glyph_bitmaps import GlyphCache
from synth.rendering.line_runs import FacePart, in_parts
from tests.running import run_module
from tools.label_audit import audit, limits, plant, rows
from tools.label_audit import fonts as fonts_module
from tools.label_audit.columns import Column, words_along
from tools.label_audit.fonts import font_names
from tools.label_audit.ink import open_face
from tools.label_audit.limits import read_limits

GLYPHS = GlyphCache()
LINES = 48
TEXTS = (
    "합계 주문",
    "KTX 승강장",
    "대한민국 24시",
    "PARKED",
    "注文番号: 값",
    "（株）현대 2A",
    "Total 24B",
    "값을 확인",
)
STYLE = Path(rows.__file__).with_name("settings_style.toml")
OTHERS = {"2": "7", "4": "9", "A": "R", "B": "P", "T": "F", "a": "e", "K": "X", "P": "R", "X": "K"}
SETTINGS = ("set as columns", "turned whole", "drawn in two faces")


@pytest.fixture(scope="module")
def run(korean_fonts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Draw columns of both forms, lines turned whole, and lines in two faces."""
    folder = tmp_path_factory.mktemp("settings")
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
    return audit.audit_folder(run, args, read_limits())


@pytest.fixture(scope="module")
def clean(run: Path) -> Any:
    return audited(run)


def test_columns_and_lines_in_two_faces_are_compared_and_pass(clean: Any) -> None:
    folder, found = clean
    assert [(row["text"], alarms) for row, alarms, _ in found if alarms] == []
    assert all(measures for _, _, measures in found)
    assert {folder.not_followed(row) for row, _, _ in found} == {""}
    assert {row.get("vertical") for row, _, _ in found} == {None, "upright", "mixed", "turned"}
    assert {rows.set_otherwise(row) for row, _, _ in found} >= set(SETTINGS)
    for how in SETTINGS:
        held = [one for row, _, each in found if rows.set_otherwise(row) == how for one in each]
        assert np.median([one.fit for one in held]) > 0.9


def test_what_is_compared_is_counted_by_how_it_is_set(
    clean: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    audit.tell([clean])
    said = capsys.readouterr().out
    for how in SETTINGS:
        count = sum(rows.set_otherwise(row) == how for row, _, _ in clean[1])
        assert f"  {count} lines {how}: 0 with an alarm (0.00%)" in said
    assert "ink not compared" not in said


def other_of(char: str) -> str:
    """Return another character of the same kind; "" where none is known."""
    if "가" <= char <= "힣":
        lead = (ord(char) - 0xAC00) // 588
        return chr(ord(char) + (588 if lead < 18 else -588))
    return OTHERS.get(char, "")


def changed(run: Path, copy: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """Copy a run, with each row changed in manifest, plan and label file alike."""
    shutil.copytree(run, copy)
    held = [json.loads(line) for line in (copy / "manifest.jsonl").read_text("utf-8").splitlines()]
    for row in held:
        change(row)
    texts = {row["index"]: row["text"] for row in held}
    plan = [json.loads(line) for line in (copy / "plan.jsonl").read_text("utf-8").splitlines()]
    for name, lines in (
        ("manifest.jsonl", held),
        ("plan.jsonl", [{**row, "text": texts[row["index"]]} for row in plan]),
    ):
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in lines)
        (copy / name).write_text(text, encoding="utf-8")
    labels = "".join(f"{row['image']}\t{row['text']}\n" for row in held)
    (copy / "rec_gt_train.txt").write_text(labels, encoding="utf-8")
    return copy


@pytest.mark.parametrize("from_end", [False, True], ids=["first", "last"])
def test_a_label_with_one_character_changed_is_found(
    run: Path, tmp_path: Path, from_end: bool
) -> None:
    places: dict[int, int] = {}

    def spoil(row: dict[str, Any]) -> None:
        able = [at for at, char in enumerate(row["text"]) if other_of(char)]
        at = places[row["index"]] = able[-1 if from_end else 0]
        row["text"] = row["text"][:at] + other_of(row["text"][at]) + row["text"][at + 1 :]

    _, found = audited(changed(run, tmp_path / "copy", spoil))
    missed = [
        (rows.set_otherwise(row), row["text"], places[row["index"]])
        for row, alarms, _ in found
        if places[row["index"]] not in {alarm.at for alarm in alarms}
    ]
    assert missed == []


def test_the_face_that_a_manifest_names_wrongly_is_found(run: Path, tmp_path: Path) -> None:
    def swap(row: dict[str, Any]) -> None:
        for part in row.get("parts", ()):
            row["face"], part[2] = part[2], row["face"]

    _, found = audited(changed(run, tmp_path / "copy", swap))
    two = [bool(alarms) for row, alarms, _ in found if row.get("parts")]
    assert sum(two) > 0.8 * len(two)
    assert not any(alarms for row, alarms, _ in found if not row.get("parts"))


def test_a_column_set_in_another_form_is_found(run: Path, tmp_path: Path) -> None:
    def restate(row: dict[str, Any]) -> None:
        if row.get("vertical") == "mixed" and words_along(row["text"]):
            row["vertical"] = "upright"

    _, found = audited(changed(run, tmp_path / "copy", restate))
    wrong = [alarms for row, alarms, _ in found if words_along(row["text"])]
    held = [one for one in wrong if one]
    assert held and all("pens" in {alarm.code for alarm in alarms} for alarms in held)


def test_every_font_file_of_a_line_is_looked_for() -> None:
    row = {"face": {"sha256": "a"}, "parts": [[0, 1, {"sha256": "b"}], [2, 3, {"sha256": "c"}]]}
    assert font_names(row) == {"a", "b", "c"}
    assert font_names({"face": {"sha256": "a"}}) == {"a"}


@settings(deadline=None, max_examples=60)
@given(
    text=st.text("漢字値国営業ー、。（）！합계주문오AKRTBPae247 -.", min_size=2, max_size=9)
    | st.text("AKRTBPae247 &", min_size=2, max_size=9),
    form=st.sampled_from(["upright", "mixed"]),
)
@example(text="2&", form="mixed")
def test_a_column_is_set_as_the_engine_sets_it(
    korean_fonts: Path, text: str, form: ColumnForm
) -> None:
    face = find_faces((sorted(korean_fonts.glob("*.otf"))[0],), licence="any").faces[0]
    path, metrics = face.path, metrics_of(face)
    assume(text == " ".join(text.split()) and column_fault(text, metrics, form) is None)
    run = set_column(text, metrics, form)
    column = Column(text, [open_face(path, 0, ())] * len(text), form)
    cells = column.cells
    assert [cell.step for cell in cells] == pytest.approx([s / metrics.upem for s in run.steps])
    assert [cell.shift for cell in cells] == pytest.approx([s / metrics.upem for s in run.shifts])
    for at, (char, cell, middle) in enumerate(zip(text, cells, run.middles, strict=True)):
        assert (cell.middle is None) == (middle is None)
        if char != " " and cell.middle is not None and middle is not None:
            assert cell.middle == pytest.approx([place / metrics.upem for place in middle])
            bitmap = GLYPHS.lying(face, 40, char).mask
            assert np.abs(column.lying(cell, at, 40).ink - bitmap / 255).max() < 0.3


@settings(deadline=None, max_examples=60)
@given(
    text=st.text("漢字値国営業ー、。（）！합계주문오AKRTBPae247 -.", min_size=2, max_size=9)
    | st.text("AKRTBPae247 &", min_size=2, max_size=9),
    form=st.sampled_from(["upright", "mixed"]),
    places=st.tuples(st.integers(0, 8), st.integers(1, 9)),
    turned=st.booleans(),
)
def test_a_column_in_two_faces_is_set_as_the_engine_sets_it(
    korean_fonts: Path, text: str, form: ColumnForm, places: tuple[int, int], turned: bool
) -> None:
    start, end = min(places), min(max(*places, min(places) + 1), len(text))
    assume(start < end and (start or end < len(text)) and text == " ".join(text.split()))
    found = find_faces(tuple(sorted(korean_fonts.glob("*.otf"))[:2]), licence="any").faces
    first, second = found[::-1] if turned else found
    metrics, parts = metrics_of(first), in_parts(text, first, [FacePart(start, end, second)])
    assume(column_fault(text, metrics, form, parts) is None)
    run = set_column(text, metrics, form, parts)
    assert run.faces == (first,) * start + (second,) * (end - start) + (first,) * (len(text) - end)
    opened = [open_face(face.path, 0, ()) for face in run.faces]
    column = Column(text, opened, form, run.scales, open_face(first.path, 0, ()))
    sizes = np.array(run.scales or [1.0] * len(text)) * metrics.upem
    assert [cell.step for cell in column.cells] == pytest.approx(list(run.steps / sizes))
    assert [cell.shift for cell in column.cells] == pytest.approx(list(run.shifts / sizes))
    for at, (char, cell, middle) in enumerate(zip(text, column.cells, run.middles, strict=True)):
        assert (cell.middle is None) == (middle is None)
        if char != " " and cell.middle is not None and middle is not None:
            assert cell.middle == pytest.approx([place / metrics.upem for place in middle])
            bitmap = GLYPHS.lying(run.faces[at], 40, char).mask
            assert np.abs(column.lying(cell, at, 40).ink - bitmap / 255).max() < 0.3


def test_a_character_of_a_column_lies_on_its_side(korean_fonts: Path) -> None:
    face = open_face(sorted(korean_fonts.glob("*.otf"))[0], 0, ())
    column = Column("값나", [face] * 2, "upright")
    first, second = (column.lying(cell, at, 40) for at, cell in enumerate(column.cells))
    upright = face.glyph(face.nominal("값"), 40).inked()
    assert np.array_equal(first.ink, np.rot90(upright.ink))
    assert 0 <= first.left < 10 and abs(first.left + first.ink.shape[1] / 2 - 20) < 4
    assert abs(second.top + second.ink.shape[0] / 2 - first.top - first.ink.shape[0] / 2) < 3


def test_faults_are_planted_in_lines_of_two_faces_and_only_labels_of_columns_spoilt(
    run: Path, tmp_path: Path
) -> None:
    draw = np.random.default_rng(4)
    planted = plant.plant(run, tmp_path / "copy", 9, fonts_module.font_folders([]), draw)
    assert {fault["kind"] for fault in planted} == set(plant.KINDS)
    held = {row["index"]: row for row in rows.read_folder(run).rows}
    columns = [
        fault for fault in planted if rows.set_otherwise(held[fault["index"]]) == SETTINGS[0]
    ]
    assert {fault["kind"] for fault in columns} <= {"label", "label file"}
    result = audit.score([audited(tmp_path / "copy")], planted)
    assert result.missed == []


def test_settings_have_limits_of_their_own_where_there_are_enough(clean: Any) -> None:
    line = next(measures for _, _, measures in clean[1] if measures)
    few, many = limits.FEWEST - 1, limits.FEWEST
    columns, faces = (SETTINGS[0], 0.05, line), (SETTINGS[2], 0.05, line)
    learnt = limits.learn_settings("sign", [("", 0.05, line), *[columns] * many, *[faces] * few])
    assert {name: held["lines"] for name, held in learnt.items()} == {
        "sign": few + 1,
        "sign, set as columns": many,
    }
    own = learnt["sign, set as columns"]
    assert limits.limits_of("sign", learnt, 0.2, SETTINGS[0]) == own
    assert limits.limits_of("sign", learnt, 0.2, SETTINGS[2]) == learnt["sign"]
