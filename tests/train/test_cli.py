import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.running import run_module
from textlines.formats.profile import load_profile

Write = Callable[[str, str | bytes], Path]
HEAVY = ("paddle", "albumentations", "trdg", "cv2", "PIL", "jinja2", "onnxruntime", "torch")


def train(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return run_module("train", *arguments)


@pytest.fixture
def table(write_file: Write) -> Path:
    rows = ["60.00\t60.00"] * 60 + ["49.01\t49.07"] * 30 + ["34.80\t3480"] * 9
    rows += ["값 1\t갑 1"] * 5 + ["47.00\t#47.00"] * 3
    lines = [f"{n}.jpg\t{row}\t0.9\n" for n, row in enumerate(rows)]
    return write_file("p.tsv", "path\ttruth\tprediction\tscore\n" + "".join(lines))


def test_mine_names_the_worst_characters_and_writes_both_files(table: Path, tmp_path: Path) -> None:
    out, html = tmp_path / "new" / "profile.json", tmp_path / "profile.html"
    run = train("mine", "--predictions", table, "--out", out, "--html", html)
    assert (run.returncode, run.stderr) == (0, "")
    first = next(line for line in run.stdout.splitlines() if line.startswith("1 "))
    assert "7 ×30" in first
    assert "#" in run.stdout
    told = run.stdout.splitlines()
    part = next(line for line in told if line.startswith("받침 ㅄ→ㅂ"))
    assert part.split()[2:5] == ["5", "of", "5"]
    assert part.rstrip().endswith("ㅂ ×5, in 1 of 1 syllables")
    assert told.index(part) < told.index(first)
    assert "(받침 ㅄ→ㅂ ×5)" in next(line for line in told if line.startswith("값 "))
    assert "47 without their crop" in run.stdout
    assert load_profile(out).ranked[0].char == "1"
    assert html.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_page_of_mine_shows_as_many_misread_lines_as_it_may(
    table: Path, tmp_path: Path
) -> None:
    misread = 47
    shown = {}
    for crops in (0, 5, misread):
        html = tmp_path / f"{crops}.html"
        run = train("mine", "--predictions", table, "--html", html, "--crops", str(crops))
        assert run.returncode == 0, run.stderr
        page = html.read_text(encoding="utf-8")
        shown[crops] = page.count("data-path=")
        assert (f"{misread - crops} more are left out" in page) == (crops < misread)
    assert shown == {crops: crops for crops in shown}


def test_mine_prints_json_for_programs(table: Path) -> None:
    run = train("mine", "--predictions", table, "--json", "--max-length", "40", "--no-space")
    content = json.loads(run.stdout)
    assert content["ranked"][0]["char"] == "1"
    assert content["max_text_length"] == 40
    assert (content["out"], content["html"]) == (None, None)


def test_the_same_input_gives_the_same_profile(table: Path, tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        assert train("mine", "--predictions", table, "--out", tmp_path / name).returncode == 0
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_marks_are_obeyed(table: Path, write_file: Write, tmp_path: Path) -> None:
    marks = write_file("marks.tsv", "path\tmark\n60.jpg\tignore\n61.jpg\tlabel_wrong\n")
    out = tmp_path / "profile.json"
    run = train("mine", "--predictions", table, "--marks", marks, "--out", out)
    assert "ignore 1, label_wrong 1" in run.stdout
    assert load_profile(out).lines.lines == 105


@pytest.mark.parametrize(
    "arguments, code, message",
    [
        (["mine", "--predictions", "none.tsv"], 1, "none.tsv: the prediction file is not there"),
        (["mine"], 2, "--predictions, --model: exactly one of them is needed"),
        (["mine", "--predictions", "x", "--model", "y"], 2, "exactly one of them is needed"),
        (["mine", "--model", "y"], 2, "--labels: is missing"),
        (["mine", "--predictions", "x", "--bogus"], 2, "No such option: --bogus"),
        (
            ["mine", "--predictions", "x", "--max-length", "0"],
            2,
            "Invalid value for '--max-length'",
        ),
    ],
)
def test_errors_are_one_message_and_an_exit_code(
    arguments: list[str], code: int, message: str
) -> None:
    run = train(*arguments)
    assert run.returncode == code
    assert message in " ".join(run.stderr.split())
    assert "Traceback" not in run.stderr


def test_an_unwritable_place_is_told(table: Path, tmp_path: Path) -> None:
    run = train("mine", "--predictions", table, "--out", tmp_path)
    assert run.returncode == 1
    assert run.stderr == f"train: error: {tmp_path}: is a folder. Name a file.\n"


def test_strict_is_an_error_where_a_line_is_left_out(table: Path, write_file: Write) -> None:
    labels = write_file("rec_gt.txt", "0.jpg\t60.00\nno-tab\n")
    lenient = train("mine", "--predictions", table, "--labels", labels)
    assert lenient.returncode == 0
    assert "prediction without a label, left out: 106" in lenient.stdout
    assert "line without a tab, left out: 1" in lenient.stdout
    strict = train("mine", "--predictions", table, "--labels", labels, "--strict")
    assert strict.returncode == 1
    assert "rec_gt.txt:2: line without a tab" in strict.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["mine", "--help"], ["mine", "--predictions"]])
def test_nothing_heavy_is_loaded(arguments: list[str], table: Path) -> None:
    if arguments[-1] == "--predictions":
        arguments = [*arguments, str(table)]
    code = (
        "import sys; from train.cli import main; sys.argv = ['train', *sys.argv[1:]]\n"
        "try: main()\n"
        f"finally: print('LOADED', [m for m in {HEAVY!r} if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1] == "LOADED []"
