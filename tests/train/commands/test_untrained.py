"""What needs no training, as a user asks for it: rules found and applied, other models compared."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from textlines.formats.profile import load_profile
from train.cli import main
from train.models import model_sources as model_names

Train = Callable[..., tuple[int, str, str]]


@pytest.fixture
def train(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Train:
    """Return a function that runs the command in this process, with its own end."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["train", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        told = capsys.readouterr()
        return int(end.value.code or 0), told.out, told.err

    return run


def table(path: Path, rows: list[tuple[str, str, str]]) -> Path:
    path.write_text(
        "path\ttruth\tprediction\n" + "".join("\t".join(row) + "\n" for row in rows),
        encoding="utf-8",
    )
    return path


def plates(first: int, count: int) -> list[tuple[str, str, str]]:
    """Rows of plates, half of which lose their space."""
    rows = []
    for n in range(first, first + count):
        label = f"{n % 90 + 10}{'가나다라'[n % 4]} {n * 37 % 9000 + 1000}"
        rows.append((f"p{n}.png", label, label.replace(" ", "") if n % 2 else label))
    return rows


def test_rules_are_found_written_down_and_applied(train: Train, tmp_path: Path) -> None:
    mined = table(tmp_path / "mined.tsv", plates(0, 80))
    rules, out, page = tmp_path / "rules.toml", tmp_path / "p.json", tmp_path / "p.html"
    code, told, error = train(
        *("mine", "--predictions", mined, "--rules-out", rules, "--out", out, "--html", page)
    )
    assert code == 0, error
    assert "rule: “␣” stands at place 4 from the start" in told
    assert "Mends 40, breaks 0 of 80 lines; 0.500 → 1.000" in told
    assert f"rules: {rules} (1;" in told
    search = load_profile(out).rules
    assert search is not None and search.after == 1.0
    assert "Rules, without training" in page.read_text(encoding="utf-8")
    assert json.loads(train("mine", "--predictions", mined, "--json")[1])["rules"]["tried"] == 1

    others = table(tmp_path / "others.tsv", plates(80, 40))
    code, told, error = train("evaluate", "--predictions", others, "--rules", rules)
    assert code == 0, error
    assert "20 of 40 readings changed, 20 lines mended, 0 broken; 0.500 without, +0.500" in told
    assert "proves nothing" not in told
    same = json.loads(train("evaluate", "--predictions", mined, "--rules", rules, "--json")[1])
    assert same["comparisons"]["all"]["line_accuracy"]["value"] == 1.0
    assert same["rules"]["has_seen"] and rules.as_posix() in same["inputs"]


def test_mining_says_what_further_labels_are_worth(train: Train, tmp_path: Path) -> None:
    mined = table(tmp_path / "mined.tsv", plates(0, 80))
    like = tmp_path / "like.txt"
    like.write_text("a.png\t서울 1\nb.png\t서울 2\nbad\n", encoding="utf-8")
    told = train("mine", "--predictions", mined, "--like", like)[1]
    assert "labels: were these 80 to train" in told
    assert "with 80 own lines the next 25 were worth" in told
    assert "characters: 서 (2; 0), 울 (2; 0)" in told
    assert "without a tab" in told or "no tab" in told
    assert "characters: 가 (20; 20)" in train("mine", "--predictions", mined)[1]


def test_groups_keep_rules_apart_by_document(train: Train, tmp_path: Path) -> None:
    rows = [
        (f"{'ab'[bool(n % 2)]}_{path}", *texts) for n, (path, *texts) in enumerate(plates(0, 80))
    ]
    mined = table(tmp_path / "mined.tsv", rows)
    found = json.loads(train("mine", "--predictions", mined, "--group", "^(.)_", "--json")[1])
    # All misread lines are of one document: what mends that is proven for no other.
    assert (found["rules"]["documents"], found["rules"]["found"]) == (2, [])


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["mine", "--predictions", "few.tsv", "--rules-out", "r.toml"], 1, "too few to find rules"),
        (["mine", "--predictions", "few.tsv", "--rules-out", "few.tsv"], 2, "name the same file"),
        (["mine", "--predictions", "few.tsv", "--rules-out", "own.toml"], 2, "would be lost"),
        (["evaluate", "--predictions", "few.tsv", "--rules", "own.toml"], 1, "no file of rules"),
        (["evaluate", "--predictions", "few.tsv", "--rules", "none.toml"], 1, "is not there"),
        (
            ["evaluate", "--predictions", "few.tsv", "--compare", "PP-OCRv0_none_rec"],
            2,
            "names the model PP-OCRv0_none_rec, and there is no --labels",
        ),
        (["evaluate", "--predictions", "few.tsv", "--compare", "none/x.tsv"], 1, "is not there"),
    ],
)
def test_errors_are_one_message_and_an_exit_code(
    arguments: list[str],
    code: int,
    message: str,
    train: Train,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    table(tmp_path / "few.tsv", plates(0, 6))
    (tmp_path / "own.toml").write_text("a = 1\n")
    ended, _, error = train(*arguments)
    assert (ended, message in " ".join(error.split())) == (code, True), error
    assert (tmp_path / "own.toml").read_text() == "a = 1\n"


ROWS = [(f"{n}.png", text, text) for n, text in enumerate(["a.b", "11", "값 1", "b", "la", "a1"])]


@pytest.fixture
def labels(tiny: Any, tmp_path: Path) -> Path:
    file: Path = tiny.labels(tmp_path / "set", [(p, drawn, label) for p, drawn, label in ROWS])
    return file


def test_models_and_files_are_compared_in_one_table(
    train: Train, tiny: Any, make_tiny: Callable[..., Path], labels: Path, tmp_path: Path
) -> None:
    """A model whose dictionary has two entries changed, and a file, beside the one measured."""
    worse = make_tiny(tmp_path / "other" / "worse.onnx", entries=("값", "l", "1", "a", "b", "."))
    file = table(tmp_path / "read.tsv", [(path, label, "x") for path, label, _ in ROWS])
    code, told, error = train(
        *("evaluate", "--model", worse, "--labels", labels, "--compare", tiny.path, file)
    )
    assert code == 0, error
    (row,) = [line for line in told.splitlines() if line.rstrip().endswith(tiny.path.as_posix())]
    assert row.split()[0] == "1.000" and "4" in row.split()
    assert "any of them" in told and "against" in told
    found = json.loads(
        train("evaluate", "--model", worse, "--labels", labels, "--compare", tiny.path, "--json")[1]
    )
    kinds = [one["kind"] for one in found["contest"]["contenders"]]
    assert kinds == ["model", "model"] and found["contest"]["contenders"][1]["only"] == 4
    assert f"{tiny.path.as_posix()}/{tiny.path.name}" in found["inputs"]


@pytest.fixture
def stock(monkeypatch: pytest.MonkeyPatch, tiny: Any) -> None:
    """Let one published name be on this machine, and another not."""

    class Here(model_names.InWheel):
        def place(self) -> tuple[Path, Path | None]:
            return tiny.path, None

    class Away(model_names.InWheel):
        def place(self) -> None:
            return None

    wheels = {
        "PP-OCRv4_mobile_rec": (Here("wheel-a", "1", "a", "m"),),
        "PP-OCRv5_mobile_rec": (Away("wheel-b", "2", "b", "m"),),
    }
    monkeypatch.setattr(model_names, "WHEELS", wheels)
    monkeypatch.setattr(model_names, "cached_folder", lambda name: Path("/nonexistent") / name)


@pytest.mark.usefixtures("stock")
def test_stock_stands_for_what_is_here_and_what_is_not_is_named(
    train: Train, make_tiny: Callable[..., Path], labels: Path, tmp_path: Path
) -> None:
    worse = make_tiny(tmp_path / "worse.onnx", entries=("값", "l", "1", "a", "b", "."))
    code, told, error = train(
        "evaluate", "--model", worse, "--labels", labels, "--compare", "stock"
    )
    assert code == 0, error
    rows = [line.split() for line in told.splitlines()]
    assert [row[0] for row in rows if row[-1:] == ["PP-OCRv4_mobile_rec"]] == ["1.000"]
    assert "not compared, as it is not on this machine: PP-OCRv5_mobile_rec (get it: " in told
    assert "wheel-b==2.*" in told
    code, _, error = train(
        "evaluate", "--model", worse, "--labels", labels, "--compare", "PP-OCRv5_mobile_rec"
    )
    assert code == 1 and "PP-OCRv5_mobile_rec: is no path" in error and "wheel-b==2.*" in error


@pytest.mark.usefixtures("stock")
@pytest.mark.parametrize(("kind", "named"), [("onnx", False), ("tuned", True)])
def test_a_base_is_not_compared_with_the_model_that_it_is(
    kind: str, named: bool, monkeypatch: pytest.MonkeyPatch, labels: Path, tmp_path: Path
) -> None:
    from train.commands import compared
    from train.models import base_folder

    spec, source = SimpleNamespace(name="PP-OCRv4_mobile_rec"), SimpleNamespace(kind=kind)
    base = SimpleNamespace(spec=spec, source=source)
    monkeypatch.setattr(base_folder, "read_base", lambda _: base)
    (tmp_path / base_folder.MODEL).touch()
    told = " ".join(compared.others_at_hand(str(tmp_path), labels, None))
    assert ("PP-OCRv4_mobile_rec" in told) == named
    assert compared.named(["stock"], str(tmp_path))[0] == ["PP-OCRv4_mobile_rec"] * named


@pytest.mark.usefixtures("stock")
def test_mining_a_model_names_the_others_and_the_command(
    train: Train, make_tiny: Callable[..., Path], labels: Path, tmp_path: Path
) -> None:
    own = make_tiny(tmp_path / "own.onnx")
    told = train("mine", "--model", own, "--labels", labels)[1]
    assert (
        "PP-OCRv4_mobile_rec; not here: PP-OCRv5_mobile_rec. Compare: train evaluate "
        f"--model {own} --labels {labels} --compare PP-OCRv4_mobile_rec" in told
    )
    assert "models:" not in train("mine", "--model", "PP-OCRv4_mobile_rec", "--labels", labels)[1]


def test_several_values_follow_one_option_in_a_shell(tmp_path: Path) -> None:
    one, two = (table(tmp_path / f"{n}.tsv", plates(0, 9)) for n in (1, 2))
    done = subprocess.run(
        [sys.executable, "-m", "train", "evaluate", "--predictions", one, "--compare", one, two],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("against ") == 2
