"""Faces that break while they are drawn, as a user meets them: left out, counted, named."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.synth.faces import broken_fonts as fonts

Run = Callable[..., Any]

BREAKING = {
    "cyclic.ttf": fonts.cyclic,
    "exploding.ttf": fonts.exploding,
    "growing.ttf": fonts.growing,
    "endless.otf": fonts.endless,
    "hidden.otf": fonts.hidden,
    "huge.otf": fonts.huge,
}

STYLE = "[output]\nheight = 24\n[camera]\nsensor_noise = { p = 0.5, level = [1, 2] }\n"


@pytest.fixture
def generate(synth_here: Run, write_file: Callable[..., Path], tmp_path: Path) -> Run:
    """Return a function that draws some texts; the first hold no `b`, at which the faces break."""
    style = write_file("plain.toml", STYLE)
    texts = write_file("list.txt", "aac\ncar\n" * 4 + "abc\nb12\n" + "cab\nx9\n" * 4)
    shared = ("--style", style, "--text-list", texts, "--count", 80, "--seed", 5)

    def run(folder: Path, name: str, *words: object) -> Any:
        out = () if name == "" else ("--out", tmp_path / name)
        return synth_here("generate", *shared, "--fonts", folder, *out, *words)

    return run


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Make a folder of all faces that break and two that do not."""
    folder = tmp_path / "fonts"
    for name, make in BREAKING.items():
        make(folder / name)
    fonts.true_type(folder / "good.ttf")
    fonts.post_script(folder / "better.otf")
    return folder


def test_faces_that_break_are_left_out_counted_and_named(
    generate: Run, mixed: Path, tmp_path: Path
) -> None:
    ended = generate(mixed, "run", "--workers", 1)
    assert ended.code == 0, ended.err
    counts = json.loads((tmp_path / "run" / "run.json").read_text())["counts"]
    assert counts["left out: font: broken"] == 2
    assert counts["left out: font: breaks"] == 4
    assert counts["samples"] == 80
    assert "font: breaks while it is drawn, left out: 4 (" in ended.err
    for name in ("growing.ttf", "endless.otf", "hidden.otf", "huge.otf"):
        family = name.partition(".")[0]
        assert f"{mixed / name}: {family} breaks at " in ended.err
    rows = [json.loads(line) for line in (tmp_path / "run" / "manifest.jsonl").open()]
    families = {row["face"]["family"] for row in rows if "b" in row["text"]}
    assert families == {"good", "better"}
    # Before they met what breaks them, they drew.
    assert {row["face"]["family"] for row in rows} > families


def test_a_dry_run_names_them_too(generate: Run, mixed: Path) -> None:
    ended = generate(mixed, "", "--dry-run", "--json")
    assert ended.code == 0, ended.err
    events = [json.loads(line) for line in ended.err.splitlines()]
    told = next(event for event in events if event["reason"] == "font: breaks")
    assert told["count"] == 4
    assert any("endless breaks at 'b'" in place for place in told["places"])


def test_the_same_bytes_though_faces_break_in_the_middle(
    generate: Run, mixed: Path, tmp_path: Path, contents_of: Run, synth_here: Run
) -> None:
    for name, workers in (("one", 1), ("two", 2)):
        assert generate(mixed, name, "--workers", workers).code == 0
    for part in ("0/2", "1/2"):
        assert generate(mixed, "parts", "--shard", part, "--workers", 1).code == 0
    assert synth_here("merge", tmp_path / "parts").code in (0, 1)
    whole = contents_of(tmp_path / "one")
    assert contents_of(tmp_path / "two") == whole
    assert contents_of(tmp_path / "parts") == whole
    # A run that was stopped goes on from its plan: the faces are not asked again.
    again = tmp_path / "two"
    for gone in ("rec_gt_train.txt", "manifest.jsonl"):
        (again / gone).unlink()
    for image in again.glob("images/0000/*"):
        image.unlink()
    for done in again.glob("shards/*"):
        done.unlink()
    assert generate(mixed, "two", "--workers", 2).code == 0
    assert contents_of(again) == whole


@pytest.mark.parametrize("name", BREAKING)
def test_one_that_breaks_alone_is_an_error_in_words(
    name: str, generate: Run, tmp_path: Path
) -> None:
    font = BREAKING[name](tmp_path / "alone" / name)
    ended = generate(font, "run", "--workers", 1)
    assert ended.code == 1
    assert "Traceback" not in ended.err
    assert "holds no usable font" in ended.err or "leaves no face to draw with" in ended.err
    assert str(font) in ended.err


def test_a_font_that_changed_after_the_plan_ends_the_run_by_name(tmp_path: Path) -> None:
    from synth.faces.font_files import read_font_file
    from synth.rendering.sample import Setup
    from synth.rendering.style import Style
    from textlines.errors import InputError
    from textlines.formats.plan_rows import PlanRow

    path = fonts.post_script(tmp_path / "face.otf")
    face = read_font_file(path).as_faces(path)[0]
    fonts.hidden(path)
    engine = Setup(Style(name="plain"), (face,), None, 1).engine()
    with pytest.raises(InputError, match=r"face\.otf: face breaks at 'abc': broken file\. Take"):
        engine.sample(PlanRow(0, "abc", (), face.id, "plain"))
