"""The audit on small runs of the engine: clean lines pass, every kind of planted fault is found."""

import argparse
import dataclasses
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tools.label_audit import audit, fonts, ink, limits, matching, page, planes, readers, rows

ROOT = Path(__file__).resolve().parents[2]
PLANT = ("-m", "tools.label_audit.plant")

LINES, FAULTS = 27, 36

STYLE = """
faces = ["{face}"]
[output]
quality = 92
[text]
fill = [0.6, 0.85]
stretch = [0.9, 1.1]
[ink]
contrast = [0.5, 0.9]
[surfaces]
paper = {{ p = 1, level = [200, 245], grain = [1, 4] }}
[geometry]
rotation = {{ p = 0.5, deg = [-2, 2] }}
[camera]
gaussian_blur = {{ p = 0.5, sigma = [0.4, 0.9] }}
sensor_noise = {{ p = 0.5, level = [1, 4] }}
"""


def command(*parts: object) -> str:
    """Run a command of the tree to its end and give what it prints."""
    done = subprocess.run(
        [sys.executable, *map(str, parts)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, korean_fonts: Path) -> list[Path]:
    """Two small runs: display faces of ours, and print in Korean and Latin."""
    folder = tmp_path_factory.mktemp("runs")
    texts = folder / "texts.txt"
    generate = ["-c", "from synth.cli import main; main()", "generate", "--text-list", texts]
    generate += ["--count", LINES, "--seed", 77, "--workers", 1, "--repeat-cap", 0]
    for name, face, lines in (
        ("display", "seven_segment", ("12.34", "0.5", "-78.1", "9:06", "5320")),
        (
            "print",
            "text",
            ("합계 1,250원", "Total: 9.75", "값을 확인하세요", "No. 38-12", "반납일"),
        ),
    ):
        texts.write_text("\n".join(lines) + "\n", encoding="utf-8")
        style = folder / f"{name}.toml"
        style.write_text(STYLE.format(face=face), encoding="utf-8")
        fonts = ["--fonts", korean_fonts] if face == "text" else []
        command(*generate, *fonts, "--style", style, "--out", folder / "out" / name)
    return [folder / "out" / "display", folder / "out" / "print"]


def audited(run: Path, limit: int = 0) -> Any:
    document = limits.read_limits()["document"]
    args = argparse.Namespace(limit=limit, fonts=[], workers=1)
    return audit.audit_folder(run, args, {"display": document, "print": document})


@pytest.fixture(scope="module")
def planted(runs: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("planted") / "out"
    command(*PLANT, *runs, "--out", out, "--count", FAULTS, "--seed", 3)
    return out


@pytest.fixture(scope="module")
def scored(planted: Path) -> Any:
    faults = json.loads((planted / "faults.json").read_text(encoding="utf-8"))
    return audit.score([audited(planted / "display"), audited(planted / "print")], faults)


@pytest.fixture(scope="module")
def clean(runs: list[Path]) -> Any:
    return [row for run in runs for row in audited(run)[1]]


@pytest.mark.parametrize(
    "kind",
    ["label file", "label", "swap", "tofu", "blank", "mark", "cut", "cut stated", "ground"],
)
def test_every_planted_fault_of_a_kind_is_found(scored: Any, kind: str) -> None:
    assert scored.planted[kind] == FAULTS / 9
    assert scored.found[kind] == scored.planted[kind], scored.missed


def test_lines_without_a_fault_pass(scored: Any, clean: Any) -> None:
    assert scored.clean == 2 * LINES - FAULTS
    assert scored.alarmed == []
    assert scored.clean_by_sha256 == 0
    assert [alarms for _, alarms, _ in clean if alarms] == []


def test_a_changed_file_is_known_by_its_sha256_alone(scored: Any) -> None:
    for kind in ("swap", "tofu", "blank", "mark", "ground"):
        assert scored.by_sha256[kind] == scored.planted[kind]
    assert scored.by_sha256["label"] == scored.by_sha256["label file"] == 0


def test_planting_twice_gives_the_same_files(runs: list[Path], tmp_path: Path) -> None:
    for name in ("a", "b"):
        command(*PLANT, runs[0], "--out", tmp_path / name, "--count", 9)
    for path in sorted((tmp_path / "a").rglob("*")):
        if path.is_file():
            again = tmp_path / "b" / path.relative_to(tmp_path / "a")
            assert path.read_bytes() == again.read_bytes()


def spoilt(run: Path, copy: Path, file: str, change: Callable[[str], str]) -> Path:
    """Copy a run with one text file changed."""
    shutil.copytree(run, copy)
    path = copy / file
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    return copy


def test_a_line_missing_from_the_label_file_is_told(runs: list[Path], tmp_path: Path) -> None:
    copy = spoilt(runs[0], tmp_path / "c", "rec_gt_train.txt", lambda text: text.split("\n", 1)[1])
    assert [alarm.code for alarm in audited(copy, limit=1)[1][0][1]] == ["no label"]


def test_a_label_without_a_manifest_row_is_told(runs: list[Path], tmp_path: Path) -> None:
    copy = spoilt(
        runs[0], tmp_path / "c", "rec_gt_train.txt", lambda text: text + "images/x.jpg\t1\n"
    )
    assert rows.folder_alarms(rows.read_folder(copy)) == [
        "images/x.jpg: labelled, not in the manifest"
    ]


def test_a_missing_image_is_told(runs: list[Path], tmp_path: Path) -> None:
    copy = spoilt(runs[0], tmp_path / "c", "run.json", str)
    row = rows.read_folder(copy).rows[0]
    (copy / row["image"]).unlink()
    assert [alarm.code for alarm in audited(copy, limit=1)[1][0][1]] == ["no image"]


def test_pens_that_harfbuzz_would_not_set_are_told(runs: list[Path], tmp_path: Path) -> None:
    def shift(text: str) -> str:
        first, rest = text.split("\n", 1)
        row = json.loads(first)
        row["line"]["pens"][-1] += 9
        return json.dumps(row, ensure_ascii=False) + "\n" + rest

    copy = spoilt(runs[0], tmp_path / "c", "manifest.jsonl", shift)
    assert "pens" in {alarm.code for alarm in audited(copy, limit=1)[1][0][1]}


def test_a_face_that_is_not_here_ends_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="name their folder by --fonts"):
        fonts.fonts_by_sha256([tmp_path], {"0" * 64})


def test_a_style_without_limits_ends_with_the_way_out() -> None:
    with pytest.raises(SystemExit, match="learn them from a clean run by --calibrate"):
        limits.limits_of("nobody's", limits.read_limits())


def test_limits_alarm_no_more_than_their_share_of_the_lines_they_are_learnt_from(
    clean: Any,
) -> None:
    lines = [measures for _, _, measures in clean]
    learnt = limits.learn(lines, share=0.05)
    names = (*limits.LOW, *limits.HIGH)
    for name in names:
        hit = [any(name in limits.beyond(one, learnt) for one in line) for line in lines]
        assert sum(hit) <= 0.05 * len(lines)
    tight = limits.learn(lines, share=0.0)
    assert not any(limits.beyond(one, tight) for line in lines for one in line)


def test_heavy_lines_have_limits_of_their_own_where_there_are_enough(tmp_path: Path) -> None:
    def line(fit: float) -> list[Any]:
        return [dataclasses.replace(matching.ABSENT, fit=fit)]

    few, many = limits.FEWEST - 1, limits.FEWEST
    thin = [(0.06, line(0.9)) for _ in range(50)]
    wide = [(limits.HEAVY, line(0.6)) for _ in range(many)]
    together = limits.learn_style("print", [*thin, *wide[:few]])
    assert together.keys() == {"print"} and together["print"]["fit"] <= 0.6
    apart = limits.learn_style("print", [*thin, *wide])
    assert apart["print"]["fit"] > 0.89 and apart["print, heavy"]["fit"] <= 0.6
    assert limits.learn_style("print", wide).keys() == {"print, heavy"}
    file = tmp_path / "limits.toml"
    limits.write_limits(file, apart)
    read = limits.read_limits(file)
    assert read == apart
    assert limits.limits_of("print", read, 0.05) == apart["print"]
    assert limits.limits_of("print", read, 0.2) == apart["print, heavy"]
    assert limits.limits_of("print", together, 0.2) == together["print"]


def test_strokes_are_measured_across_up_to_a_square_as_high_as_half_the_line() -> None:
    plane = np.zeros((48, 90), np.float32)
    plane[12:36, 10:34] = 1
    assert planes.half_stroke(plane) == 12
    plane[:] = 0
    plane[4:44, 20:26] = plane[4:44, 50:56] = 1
    assert planes.half_stroke(plane) == 3
    assert planes.stroke_width(plane) == pytest.approx(6, rel=0.15)
    assert planes.stroke_width(0 * plane) == 0


def test_a_filled_square_is_found_as_ink_and_not_taken_for_ground() -> None:
    square = np.ones((26, 26), np.float32)
    cluster = ink.Cluster("■", 0, ink.Glyph(square, 0, -26), 20, 11, False)
    grey = np.full((48, 90), 220, np.float32)
    grey[11:37, 20:46] = 60
    found = matching.measure(matching.read_line(grey, [cluster]), cluster)
    assert found.fit > 0.9 and found.gain > 0.8


def test_a_reading_is_decoded_without_blanks_and_repeats() -> None:
    scores = np.full((6, 5), 0.025, np.float32)
    for step, best in enumerate((1, 1, 0, 1, 4, 2)):
        scores[step, best] = 0.9
    text, confidence = readers.decoded(scores, ["a", "b", "c"])
    assert text == "aa b"
    assert confidence == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("label", "text", "sure", "kind"),
    [
        ("합계 1,000", "합계1,000", 0.99, "agrees"),
        ("No. 10", "NO. 1O", 0.99, "lookalike"),
        ("값", "갑", 0.99, "differs"),
        ("값", "갑", 0.3, "unsure"),
    ],
)
def test_a_reading_is_sorted_by_what_it_tells(
    label: str, text: str, sure: float, kind: str
) -> None:
    assert readers.judged(label, text, sure) == kind


def test_the_page_holds_alarms_and_disagreements(planted: Path) -> None:
    found = audited(planted / "display")
    row = found[1][0][0]
    reading = readers.Reading(row, "PP-OCRv6", "<b>", 0.97, "differs")
    html = page.audit_page([found], [(found[0], [reading])])
    assert "&lt;b&gt;" in html
    assert "<b>" not in html
    assert html.count("data:image/jpeg") > FAULTS // 3
