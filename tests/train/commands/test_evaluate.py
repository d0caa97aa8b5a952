import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from textlines.console import guarded
from textlines.formats.profile import load_profile
from train.cli import app

Train = Callable[..., "Run"]

ROWS = [
    ("crops/a_1.png", "값 1", "값 1"),
    ("crops/a_2.png", "l1", "11"),
    ("crops/b_1.png", "a.b", "a.b"),
    ("crops/b_2.png", "b", "b"),
    ("crops/c_1.png", "1l1l", "1111"),
]


@dataclass(frozen=True)
class Run:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def train(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Train:
    """Return a function that runs the command in this process: a new one takes seconds."""

    def run(*arguments: str | Path) -> Run:
        monkeypatch.setattr(sys, "argv", ["train", *map(str, arguments)])
        code = guarded(app, "train")
        told = capsys.readouterr()
        return Run(code, told.out, told.err)

    return run


@pytest.fixture
def labels(tiny: Any, tmp_path: Path) -> Path:
    file: Path = tiny.labels(tmp_path / "set", ROWS)
    return file


def test_a_model_is_measured_and_its_predictions_measure_alike(
    train: Train, tiny: Any, labels: Path, tmp_path: Path
) -> None:
    out, html = tmp_path / "made" / "predictions.jsonl", tmp_path / "e.html"
    run = train(
        *("evaluate", "--model", tiny.path, "--labels", labels, "--group", "^crops/([a-z])_"),
        *("--out", out, "--html", html),
    )
    assert run.returncode == 0, run.stderr
    assert "0.600" in run.stdout
    assert "spaces ignored" in run.stdout and "ignore_space" in run.stdout
    assert "3 groups are too few" in run.stdout
    assert html.read_text(encoding="utf-8").startswith("<!doctype html>")
    again = train("evaluate", "--predictions", out, "--labels", labels, "--compare", out, "--json")
    found = json.loads(again.stdout)
    assert found["comparisons"]["all"]["line_accuracy"]["value"] == 0.6
    assert found["versus"][0]["same_text"] == 5
    assert labels.as_posix() in found["inputs"]


def test_json_tells_of_the_model(train: Train, tiny: Any, labels: Path) -> None:
    run = train("evaluate", "--model", tiny.path, "--labels", labels, "--json")
    found = json.loads(run.stdout)
    assert found["model"] == "tiny.onnx"
    assert found["versions"]["engine"].startswith("onnxruntime")
    assert "tiny.onnx/tiny.onnx" in found["inputs"]


def test_crops_that_cannot_be_read_are_told(train: Train, tiny: Any, labels: Path) -> None:
    (labels.parent / "crops/b_2.png").write_bytes(b"")
    (labels.parent / "crops/a_2.png").unlink()
    run = train("evaluate", "--model", tiny.path, "--labels", labels)
    assert run.returncode == 0
    assert "note: 2 of 5 crops could not be read" in run.stdout
    assert "crop of 0 bytes, left out: 1 (crops/b_2.png)" in run.stdout
    strict = train("evaluate", "--model", tiny.path, "--labels", labels, "--strict")
    assert strict.returncode == 1
    assert "a_2.png: crop that is not there (2 of 5 crops could not be read)" in strict.stderr


def test_mining_a_model_tells_of_crops_that_cannot_be_read(
    train: Train, tiny: Any, labels: Path, tmp_path: Path
) -> None:
    (labels.parent / "crops/b_2.png").write_bytes(b"")
    (labels.parent / "crops/a_1.png").unlink()
    page = tmp_path / "profile.html"
    run = train("mine", "--model", tiny.path, "--labels", labels, "--html", page)
    assert run.returncode == 0, run.stderr
    assert "note: crop of 0 bytes, left out: 1 (crops/b_2.png)" in run.stdout
    assert "note: crop that is not there, left out: 1 (crops/a_1.png)" in run.stdout
    assert "crop of 0 bytes, left out: 1" in page.read_text(encoding="utf-8")
    strict = train("mine", "--model", tiny.path, "--labels", labels, "--strict")
    assert strict.returncode == 1
    assert "a_1.png: crop that is not there (2 of 5 crops could not be read)" in strict.stderr


def test_marks_are_among_the_inputs_of_a_profile(
    train: Train, tiny: Any, labels: Path, tmp_path: Path
) -> None:
    marks = tmp_path / "marks.tsv"
    marks.write_text("path\tmark\ncrops/a_2.png\tignore\n", encoding="utf-8")
    out = tmp_path / "profile.json"
    train("mine", "--model", tiny.path, "--labels", labels, "--marks", marks, "--out", out)
    assert marks.as_posix() in load_profile(out).inputs


def test_mining_a_model_gives_a_profile_with_its_alphabet(
    train: Train, tiny: Any, labels: Path, tmp_path: Path
) -> None:
    out = tmp_path / "mined" / "profile.json"
    marks = tmp_path / "marks.tsv"
    marks.write_text("path\tmark\ncrops/a_2.png\tlabel_wrong\n", encoding="utf-8")
    run = train("mine", "--model", tiny.path, "--labels", labels, "--marks", marks, "--out", out)
    assert run.returncode == 0, run.stderr
    profile = load_profile(out)
    assert profile.alphabet.entries == tiny.entries
    assert not profile.alphabet.assumed
    assert profile.model == "tiny.onnx"
    assert profile.lines.lines == 4
    assert profile.marks == {"label_wrong": 1}
    predictions = out.with_name("predictions.jsonl")
    assert {labels.as_posix(), predictions.as_posix(), "tiny.onnx/tiny.onnx"} <= set(profile.inputs)
    assert profile.versions["engine"].startswith("onnxruntime")
    same = tmp_path / "same.json"
    again = train("mine", "--predictions", predictions, "--labels", labels, "--out", same)
    assert again.returncode == 0
    assert load_profile(same).lines.lines == 5


@pytest.mark.parametrize(
    "arguments, code, message",
    [
        (["evaluate"], 2, "--model, --predictions: exactly one of them is needed"),
        (["evaluate", "--model", "x"], 2, "--labels: is missing"),
        (
            ["mine", "--model", "TINY", "--labels", "LABELS", "--reference", "--engine", "onnx"],
            2,
            "--reference, --engine: name two engines",
        ),
        (
            ["mine", "--model", "TINY", "--labels", "LABELS", "--engine", "paddle"],
            2,
            "needs a folder",
        ),
        (["mine", "--model", "TINY", "--labels", "LABELS", "--reference"], 1, "no exported Paddle"),
        (["evaluate", "--model", "none/m.onnx", "--labels", "LABELS"], 1, "is not there"),
        (["evaluate", "--model", "TINY", "--labels", "none.txt"], 1, "the label file is not there"),
        (
            ["evaluate", "--model", "TINY", "--labels", "LABELS", "--images", "."],
            1,
            "Name that folder: --images",
        ),
        (["evaluate", "--model", "TINY", "--labels", "LABELS", "--group", "x"], 2, "captures no"),
        (["evaluate", "--predictions", "p.tsv", "--out", "o"], 2, "belong to --model"),
    ],
)
def test_errors_are_one_message_and_an_exit_code(
    arguments: list[str], code: int, message: str, train: Train, tiny: Any, labels: Path
) -> None:
    named = {"TINY": str(tiny.path), "LABELS": str(labels)}
    run = train(*(named.get(one, one) for one in arguments))
    assert (run.returncode, message in " ".join(run.stderr.split())) == (code, True), run.stderr
    assert "Traceback" not in run.stderr


def test_an_empty_label_file_is_told(train: Train, tiny: Any, tmp_path: Path) -> None:
    labels = tmp_path / "empty.txt"
    labels.write_text("\n")
    run = train("evaluate", "--model", tiny.path, "--labels", labels)
    assert run.returncode == 1
    assert "empty.txt: holds no label line" in run.stderr


TURNED = [("값 1", 0), ("lab.", 180), ("값 1a", 180), ("abl.abl.", 270), ("bal", 0)]


@pytest.fixture
def turned_labels(upright: Any, tmp_path: Path) -> Path:
    """Write crops of which three lie turned."""
    for number, (text, turn) in enumerate(TURNED):
        upright.turned(tmp_path / f"turned/{number}.png", text, turn)
    file = tmp_path / "turned/rec_gt.txt"
    rows = [f"{number}.png\t{text}\n" for number, (text, _) in enumerate(TURNED)]
    file.write_text("".join(rows), encoding="utf-8")
    return file


def test_crops_that_lie_turned_are_told_and_read_when_asked(
    train: Train, upright: Any, turned_labels: Path, tmp_path: Path
) -> None:
    html, out = tmp_path / "e.html", tmp_path / "auto.jsonl"
    names = ("evaluate", "--model", upright.path, "--labels", turned_labels)
    plain = train(*names, "--html", html)
    assert "3 of 5 crops lie turned" in plain.stdout
    assert "--turn auto reads 1.000 of the lines exactly, not 0.400" in plain.stdout
    page = html.read_text(encoding="utf-8")
    assert "Turned crops" in page and page.count("data:image/jpeg;base64,") == 3
    found = json.loads(train(*names, "--json").stdout)
    assert found["comparisons"]["all"]["line_accuracy"]["value"] == 0.4
    assert found["turned"]["turning"] == "off" and "turn" not in found["versions"]
    auto = train(*names, "--turn", "auto", "--json", "--out", out)
    found = json.loads(auto.stdout)
    assert found["comparisons"]["all"]["line_accuracy"]["value"] == 1.0
    assert found["versions"]["turn"] == "auto"
    assert [(one["path"], one["truth"], one["turn"]) for one in found["turned"]["crops"]] == [
        (f"{number}.png", text, turn) for number, (text, turn) in enumerate(TURNED) if turn
    ]
    # The file that it leaves is measured alike.
    again = train("evaluate", "--predictions", out, "--labels", turned_labels, "--json")
    assert json.loads(again.stdout)["comparisons"] == found["comparisons"]


def test_turning_belongs_to_a_model(train: Train, tmp_path: Path) -> None:
    table = tmp_path / "p.tsv"
    table.write_text("path\ttruth\tprediction\na.png\tx\tx\n", encoding="utf-8")
    for command in ("evaluate", "mine"):
        run = train(command, "--predictions", table, "--turn", "auto")
        assert run.returncode == 2 and "--turn" in run.stderr and "--model" in run.stderr


def test_a_profile_counts_the_crops_that_lie_turned(
    train: Train, upright: Any, turned_labels: Path, tmp_path: Path
) -> None:
    names = ("mine", "--model", upright.path, "--labels", turned_labels)
    plain, auto = tmp_path / "plain/profile.json", tmp_path / "auto/profile.json"
    run = train(*names, "--out", plain, "--html", tmp_path / "p.html")
    assert run.returncode == 0 and "3 of 5 crops lie turned" in run.stdout
    profile = load_profile(plain)
    assert profile.counts["lies_turned"] == 3 and profile.lines.exact == 0.4
    assert "Turned crops" in (tmp_path / "p.html").read_text(encoding="utf-8")
    run = train(*names, "--out", auto, "--turn", "auto", "--json")
    told = json.loads(run.stdout)["turned"]
    assert told["accuracy_auto"] == 1.0
    assert [crop["truth"] for crop in told["crops"]] == [text for text, turn in TURNED if turn]
    profile = load_profile(auto)
    assert profile.counts["read_turned"] == 3 and profile.lines.exact == 1.0
    assert profile.versions["turn"] == "auto"


def test_a_model_whose_file_says_so_is_read_in_turns_without_being_asked(
    train: Train, make_tiny: Any, turned_labels: Path, tmp_path: Path
) -> None:
    model = make_tiny(tmp_path / "t.onnx", upper=True, properties={"ocr-mend-turn": "auto"})
    names = ("evaluate", "--model", model, "--labels", turned_labels, "--json")
    found = json.loads(train(*names).stdout)
    assert found["comparisons"]["all"]["line_accuracy"]["value"] == 1.0
    off = json.loads(train(*names, "--turn", "off").stdout)
    assert off["comparisons"]["all"]["line_accuracy"]["value"] == 0.4


def test_paths_with_a_prefix_are_told_and_read_by_an_option(
    train: Train, labels: Path, tiny: Any
) -> None:
    other = labels.with_name("prefixed.txt")
    rows = labels.read_text("utf-8").splitlines(keepends=True)
    other.write_bytes("".join(f"train_data/{row}" for row in rows).encode("cp949"))
    model = tiny.path
    run = train("evaluate", "--model", model, "--labels", other, "--encoding", "cp949")
    assert run.returncode == 1
    assert "5 of 5 images stand in" in run.stderr
    assert 'without "train_data/" before their paths' in run.stderr
    assert "Name another file" not in run.stderr
    more = ("--encoding", "cp949", "--cut-prefix", "train_data", "--json")
    run = train("evaluate", "--model", model, "--labels", other, *more)
    assert run.returncode == 0, run.stderr
    plain = train("evaluate", "--model", model, "--labels", labels, "--json")
    both = [json.loads(one.stdout) for one in (run, plain)]
    assert both[0]["comparisons"] == both[1]["comparisons"]
    assert both[0]["counts"] == {"cut_prefix": 5}


def test_mining_takes_the_same_options(train: Train, labels: Path, tmp_path: Path) -> None:
    other = labels.with_name("prefixed.txt")
    rows = labels.read_text("utf-8").splitlines(keepends=True)
    other.write_text("".join(f"C:\\old\\{row}" for row in rows), "utf-16")
    table = tmp_path / "read.tsv"
    table.write_text("path\tprediction\n" + "".join(f"{p}\t{r}\n" for p, _, r in ROWS), "utf-8")
    out = tmp_path / "profile.json"
    more = ("--encoding", "UTF-16", "--cut-prefix", "C:\\old")
    run = train("mine", "--predictions", table, "--labels", other, *more, "--out", out)
    assert run.returncode == 0, run.stderr
    assert load_profile(out).lines.lines == 5


def spaced_table(folder: Path, label: str = " {}") -> Path:
    """Write readings of plates that are right but for what all labels share; one in four is not."""
    plates = [f"AB {1000 + 37 * n}" for n in range(40)]
    rows = [
        f"i/{n}.png\t{label.format(one)}\t{one if n % 4 else one.replace('AB', 'A8')}\n"
        for n, one in enumerate(plates)
    ]
    file = folder / "read.tsv"
    file.write_text("path\ttruth\tprediction\n" + "".join(rows), encoding="utf-8")
    return file


def test_labels_that_start_with_a_space_are_told_beside_the_strict_figure(
    train: Train, tmp_path: Path
) -> None:
    table = spaced_table(tmp_path)
    run = train("evaluate", "--predictions", table)
    assert run.returncode == 0, run.stderr
    assert "everything counted      40  0.000 (0.000–0.088)" in run.stdout
    assert (
        "all 40 labels start with a space that no reading has: 30 of the 40 wrong lines are right "
        "without it, line accuracy 0.750 (0.598–0.859) then"
    ) in run.stdout
    figures = json.loads(train("evaluate", "--predictions", table, "--json").stdout)
    assert (figures["agreed"]["right"], figures["agreed"]["wrong"]) == (30, 40)
    assert figures["comparisons"]["all"]["line_accuracy"]["value"] == 0.0


def test_mining_tells_once_what_all_labels_share_and_ranks_nothing_for_it(
    train: Train, tmp_path: Path
) -> None:
    out, page = tmp_path / "profile.json", tmp_path / "p.html"
    table = spaced_table(tmp_path, '"{}"')
    run = train("mine", "--predictions", table, "--out", out, "--html", page)
    assert run.returncode == 0, run.stderr
    told = [line for line in run.stdout.splitlines() if line.startswith("convention")]
    assert told[0].startswith(
        "convention: all 40 labels start with '\"' and end with '\"' that no reading has. Where "
    )
    assert told[1].startswith("conventions: 30 of the 40 wrong lines are right but for them; ")
    assert len(told) == 2
    profile = load_profile(out)
    assert [row.char for row in profile.ranked if row.gain] == ["B"]
    assert [row.char for row in profile.unproven if row.right < row.support] == []
    assert (profile.lines.exact, profile.lines.agreed) == (0.0, 0.75)
    (convention,) = profile.conventions
    assert (convention.kind, convention.chars, convention.count) == ("affix", '"…"', 40)
    assert "beginning or end" in page.read_text(encoding="utf-8")


def test_spaces_that_are_set_aside_are_told_apart_from_spaces_that_are_lost(
    train: Train, tmp_path: Path
) -> None:
    run = train("mine", "--predictions", spaced_table(tmp_path))
    assert "spaces: 40 of 40 read, 0 lost, 0 inserted, 40 set aside by a convention" in run.stdout


@pytest.mark.parametrize("command", ["evaluate", "mine"])
@pytest.mark.parametrize(
    "rows, why",
    [
        ("", "no prediction is left (it holds none)"),
        ("a.png\t\tx\n", "whose truth is empty or holds a control character, left out: 1"),
    ],
)
def test_a_table_without_a_line_says_why(
    command: str, rows: str, why: str, train: Train, tmp_path: Path
) -> None:
    table = tmp_path / "read.tsv"
    table.write_text(f"path\ttruth\tprediction\n{rows}")
    run = train(command, "--predictions", table)
    assert run.returncode == 1
    assert why in run.stderr and "--labels" not in run.stderr


@pytest.mark.parametrize("command", ["evaluate", "mine"])
def test_readings_that_are_all_empty_are_told(command: str, train: Train, tmp_path: Path) -> None:
    table = tmp_path / "read.tsv"
    table.write_text("path\ttruth\tprediction\na.png\tA\t\nb.png\t값\t\n", encoding="utf-8")
    run = train(command, "--predictions", table)
    assert run.returncode == 0
    assert "note: all 2 readings are empty: nothing was read in these crops" in run.stdout


def test_a_page_without_a_misread_line_says_so(train: Train, tmp_path: Path) -> None:
    table, page = tmp_path / "read.tsv", tmp_path / "p.html"
    table.write_text("path\ttruth\tprediction\na.png\tA\tA\n")
    run = train("mine", "--predictions", table, "--html", page)
    assert f"page: {page} (no line to show: none of the 1 is misread)" in run.stdout


def test_a_label_file_of_refused_lines_says_why_in_words(
    train: Train, tiny: Any, tmp_path: Path
) -> None:
    labels = tmp_path / "refused.txt"
    labels.write_text("a\n/b.png\tx\n")
    run = train("evaluate", "--model", tiny.path, "--labels", labels)
    assert run.returncode == 1
    assert "line without a tab, left out: 1" in run.stderr
    assert "absolute path, left out: 1" in run.stderr


def test_a_flag_that_contradicts_the_model_is_refused(
    train: Train, tiny: Any, labels: Path
) -> None:
    asked = ("mine", "--model", tiny.path, "--labels", labels)
    told = f"--no-space: contradicts {tiny.path}, which has a space after its entries. Leave"
    refused = train(*asked, "--no-space")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert told in refused.stderr
    assert train(*asked, "--use-space-char").returncode == 0


@pytest.mark.parametrize("command", ["mine", "evaluate"])
def test_a_file_of_predictions_is_read_and_refused_alike(
    train: Train, tmp_path: Path, command: str
) -> None:
    table, gt = tmp_path / "p.tsv", tmp_path / "gt.txt"
    table.write_text("path\tprediction\na.jpg\t1\nb.jpg\t2\n", encoding="utf-8")
    gt.write_text("a.jpg\t1\nc.jpg\t3\n", encoding="utf-8")
    unlabelled = train(command, "--predictions", table)
    assert unlabelled.returncode == 2
    assert f"--labels: is missing: {table} (table with a header (path, " in unlabelled.stderr
    matched = train(command, "--predictions", table, "--labels", gt)
    assert matched.returncode == 0, matched.stderr
    assert matched.stdout.startswith("1 line")
    strict = train(command, "--predictions", table, "--labels", gt, "--strict")
    assert strict.returncode == 1
    assert f"{table}:3: prediction without a label (1 in all)" in strict.stderr
    assert f"Mend it, or {command} without --strict." in strict.stderr
    gt.write_text("z.jpg\t1\n", encoding="utf-8")
    nothing = train(command, "--predictions", table, "--labels", gt)
    assert nothing.returncode == 1
    assert "no prediction is left (" in nothing.stderr
