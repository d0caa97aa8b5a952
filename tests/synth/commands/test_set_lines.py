"""Lines in two faces and vertical lines, as a user draws them: plan, manifest, redraw, preview."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

STYLE = """
faces = ["text"]
[output]
height = 32
[text]
left = 0.2
right = 0.2
"""


@pytest.fixture
def fonts(make_font: Callable[..., Path], rectangle: Any, tmp_path: Path) -> Path:
    """Make two faces of stems with spots by the bits of the character's number."""
    chars = "ABDFKPR 124789"
    for name, foot in (("Near", 90), ("Far", 140)):
        shapes = {
            char: ()
            if char == " "
            else (
                rectangle(60, 0, 150, 700),
                *(
                    rectangle(170 + 110 * (bit % 3), row, 260 + 110 * (bit % 3), row + foot)
                    for bit in range(9)
                    if (37 * (k + 1)) >> bit & 1
                    for row in (200 * (bit // 3),)
                ),
            )
            for k, char in enumerate(chars)
        }
        make_font(shapes, name=name, path=tmp_path / "fonts" / f"{name}.ttf")
    return tmp_path / "fonts"


@pytest.fixture
def options(fonts: Path, tmp_path: Path) -> list[object]:
    """Return the options of a run of 24 lines, without what sets them."""
    style, texts = tmp_path / "mine.toml", tmp_path / "texts.txt"
    style.write_text(STYLE)
    pairs = [f"{one}{other}{last}" for one in "ABDF" for other in "KPR" for last in (" 12", " 47")]
    texts.write_text("".join(f"{text}\n" for text in pairs))
    named: list[object] = ["--style", style, "--text-list", texts, "--fonts", fonts]
    return ["generate", *named, "--seed", 5, "--workers", 1]


def rows_of(run: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / name).read_text(encoding="utf-8").splitlines()]


def test_a_second_face_stands_in_plan_manifest_and_counts(
    options: list[object], synth_here: Run, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    two = ("--set", "text.faces.p=0.5", "--set", "text.faces.at=word")
    assert synth_here(*options, *two, "--out", run).code == 0
    plan, manifest = rows_of(run, "plan.jsonl"), rows_of(run, "manifest.jsonl")
    parts = [row.get("parts", []) for row in plan]
    counts = json.loads((run / "run.json").read_text())["counts"]
    assert counts["with a second face"] == sum(map(bool, parts)) > 4
    for row, drawn in zip(plan, manifest, strict=True):
        spans = [part[:2] for part in row.get("parts", [])]
        assert spans in ([], [[3, 5]])
        assert [part[:2] for part in drawn.get("parts", [])] == spans
        for part in drawn.get("parts", []):
            assert part[2]["family"] != drawn["face"]["family"]
    number = next(k for k, found in enumerate(parts) if found)
    told = json.loads(
        synth_here("redraw", run, "--index", number, "--fonts", tmp_path / "fonts", "--json").out
    )
    assert (told["sha256"], told["was_there"]) == (manifest[number]["sha256"], True)


def test_columns_stand_in_plan_manifest_counts_and_preview(
    options: list[object], synth_here: Run, tmp_path: Path
) -> None:
    run, page = tmp_path / "run", tmp_path / "page.html"
    down = ("--set", "text.vertical={ p = 0.5, forms = { upright = 1, turned = 1 } }")
    assert synth_here(*options, *down, "--out", run).code == 0
    manifest = rows_of(run, "manifest.jsonl")
    forms = [row.get("vertical", "") for row in rows_of(run, "plan.jsonl")]
    assert [row.get("vertical", "") for row in manifest] == forms
    counts = json.loads((run / "run.json").read_text())["counts"]
    for form in ("upright", "turned"):
        assert counts[f"vertical: {form}"] == forms.count(form) > 0
    for row in manifest:
        if row.get("vertical") == "upright":
            assert row["size"][0] >= 1.5 * row["size"][1]
    assert synth_here("preview", run, "--html", page).code == 0
    told = page.read_text(encoding="utf-8").count("<small>vertical, upright</small>")
    assert told == forms.count("upright")


def test_the_same_lines_are_planned_whether_or_not_some_are_set_otherwise(
    options: list[object], synth_here: Run, tmp_path: Path
) -> None:
    runs = {}
    for name, settings in (("plain", ()), ("set", ("--set", "text.vertical.p=0.4"))):
        out = tmp_path / name
        assert synth_here(*options, *settings, "--out", out).code == 0
        runs[name] = rows_of(out, "plan.jsonl")
    for plain, other in zip(runs["plain"], runs["set"], strict=True):
        other.pop("vertical", None)
        assert plain == other


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("text.vertical.forms={ upright = 0 }", "all weights are 0: no way is ever drawn"),
        ("text.vertical.forms={ down = 1 }", "forms.down"),
        ("text.faces.at=line", "'script', 'group' or 'word'"),
        ("text.faces.p=2", "less than or equal to 1"),
    ],
)
def test_what_no_line_can_be_set_as_is_refused(
    setting: str, told: str, options: list[object], synth_here: Run, tmp_path: Path
) -> None:
    ended = synth_here(*options, "--set", setting, "--out", tmp_path / "run")
    assert ended.code == 2
    assert told in " ".join(ended.err.split())
