"""The registry of defects: what is decided about them is decided by their records."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import textlines.defects as registry
from balance.mixing.label_columns import LONGEST_LINE as LONGEST_IN_A_MIX
from synth.corpus.carriers import MOST_BYTES
from tests.running import run_here
from textlines.defects import Defect, of_lines, of_readings, of_texts
from textlines.defects.defect import by_code, changed, kept, left_out
from textlines.errors import InputError
from textlines.labels.label_file import LONGEST_LINE, read_labels
from textlines.labels.lmdb_store import MOST_IMAGE_BYTES
from textlines.labels.tally import Tally
from textlines.wording import Sentence, say
from train.tuning.paddleocr_plan import STEPS

ROOT = Path(__file__).parents[3]
MODULES = [getattr(registry, name) for name in registry.__all__ if name.startswith("of_")]


def records() -> Iterator[tuple[str, Defect]]:
    for module in MODULES:
        for name, one in vars(module).items():
            if isinstance(one, Defect):
                yield f"{module.__name__}.{name}", one


def test_a_sentence_says_what_became_of_it() -> None:
    lost = left_out("lost", say("odd line"))
    assert lost.sentence == "odd line, left out" and lost.is_loss and lost.is_error
    assert kept("odd", say("odd line")).sentence == "odd line"
    told = changed("odd", say("odd line"), told=say("odd line, made even"))
    assert (told.what, told.sentence) == ("odd line", "odd line, made even")


def test_a_table_refuses_a_code_that_stands_twice() -> None:
    one = kept("odd", say("odd line"))
    with pytest.raises(ValueError, match="two defects of a table have one code: odd"):
        by_code(one, replace(one, what=say("even line")))


def test_every_record_stands_in_a_table_of_its_module() -> None:
    for module in MODULES:
        tables = [
            one
            for name, one in vars(module).items()
            if isinstance(one, dict) and name.isupper() and not name.startswith("_")
        ]
        listed = {id(defect) for table in tables for defect in table.values()}
        for name, one in vars(module).items():
            if isinstance(one, Defect) and not name.startswith("_"):
                in_runs = module is of_texts and f"{of_texts.TEXT}{one.code}" in of_texts.RUN
                assert id(one) in listed or in_runs, f"{module.__name__}.{name}"


def test_a_sentence_names_the_limit_that_its_reader_has() -> None:
    assert f"{LONGEST_LINE:,} bytes" in of_lines.LINE_TOO_LONG.what
    assert LONGEST_IN_A_MIX == LONGEST_LINE
    assert f"{MOST_BYTES >> 20} MB" in of_texts.LINE_TOO_LONG.what
    assert f"{MOST_IMAGE_BYTES >> 20} MB" in registry.of_annotations.IMAGE_TOO_LONG.what
    assert f"the {STEPS} time steps" in of_lines.SQUEEZED.what


# Sentences that say the opposite of what their records do: whoever decides by words is misled.
TAKEN, LOST = Sentence("line that is taken"), Sentence("line that is there, left out")


@pytest.fixture
def misleading(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in MODULES:
        for name, one in vars(module).items():
            if isinstance(one, Defect):
                words = TAKEN if one.is_loss else LOST
                monkeypatch.setattr(module, name, replace(one, what=words, told=words))
            elif isinstance(one, dict) and name.isupper():
                for code, defect in one.items():
                    if isinstance(defect, Defect):
                        words = TAKEN if defect.is_loss else LOST
                        monkeypatch.setitem(one, code, replace(defect, what=words, told=words))


@pytest.fixture
def crops(tmp_path: Path) -> Path:
    for number in range(8):
        (tmp_path / f"{number}.png").write_bytes(b"P5 1 1 255 %d" % number)
    return tmp_path


@pytest.mark.usefixtures("misleading")
@pytest.mark.parametrize(
    ("content", "is_refused"),
    [
        (b"\xef\xbb\xbf0.png\ta\r\n.\\1.png\tb\n\n", False),  # changed, and a blank line
        (b"0.png\ta\nno tab\n", True),
        (b"0.png\ta\n../1.png\tb\n", True),
    ],
)
def test_strict_reading_asks_no_sentence(crops: Path, content: bytes, is_refused: bool) -> None:
    file = crops / "gt.txt"
    file.write_bytes(content)
    tally = Tally()
    if is_refused:
        with pytest.raises(InputError, match="line that is taken"):
            list(read_labels(file, tally=tally, strict=True))
    else:
        assert len(list(read_labels(file, tally=tally, strict=True))) == 2


@pytest.mark.usefixtures("misleading")
@pytest.mark.parametrize(
    ("label", "is_refused"),
    [("a  b", False), ("\u1112\u1161", False), ("x" * 30, True), ("a\x07", True)],
)
def test_a_strict_mix_asks_no_sentence(crops: Path, label: str, is_refused: bool) -> None:
    original, new = crops / "gt.txt", crops / "new.txt"
    rows = [f"{number}.png\tlabel {number}\n" for number in range(6)]
    original.write_text("".join(rows) + f"6.png\t{label}\n", encoding="utf-8")
    new.write_text("7.png\tnew\n", encoding="utf-8")
    sources = ("--original", original, "--new", new, "--max-length", 25)
    run = run_here("balance", "mix", *sources, "--strict", "--out", crops / "mix")
    assert run.returncode == int(is_refused), run.stderr
    assert ("line that is taken" in run.stderr) == is_refused


@pytest.mark.usefixtures("misleading")
@pytest.mark.parametrize(("row", "is_refused"), [("2.png\ta\t7\n", False), ("9.png\ta\t1\n", True)])
def test_strict_measuring_asks_no_sentence(crops: Path, row: str, is_refused: bool) -> None:
    labels, table = crops / "gt.txt", crops / "read.tsv"
    labels.write_text("0.png\ta\n1.png\tb\n2.png\ta\n", encoding="utf-8")
    read = "path\tprediction\tscore\n0.png\ta\t1\n1.png\tb\t1\n"
    table.write_text(f"{read}{row}" + ("2.png\ta\t1\n" if is_refused else ""), encoding="utf-8")
    asked = ("--predictions", table, "--labels", labels)
    run = run_here("train", "evaluate", *asked, "--strict")
    assert run.returncode == int(is_refused), run.stderr


@pytest.mark.usefixtures("misleading")
@pytest.mark.parametrize(
    ("row", "is_refused"),
    [
        ("./6.png\t a \n", False),
        ("6.png\t\u1112\u1161\n", False),
        ("no tab\n", True),
        ("9.png\ta\n", True),
    ],
)
def test_a_strict_import_asks_no_sentence(crops: Path, row: str, is_refused: bool) -> None:
    file = crops / "gt.txt"
    rows = [f"{number}.png\tlabel {number}\n" for number in range(6)]
    file.write_text("".join(rows) + row, encoding="utf-8")
    run = run_here("balance", "import", "ppocr-rec", file, "--strict", "--out", crops / "out")
    assert run.returncode == int(is_refused), run.stderr
    assert ("line that is taken" in run.stdout + run.stderr) == is_refused


_TESTS_OF_TEXT = {"endswith", "startswith", "removesuffix", "removeprefix"}


def test_no_code_looks_for_what_became_of_a_line_in_its_words() -> None:
    for package in ("textlines", "synth", "balance", "train"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                words: list[ast.expr] = []
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    words = node.args if node.func.attr in _TESTS_OF_TEXT else []
                elif isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
                    words = [node.left]
                for one in words:
                    is_text = isinstance(one, ast.Constant) and isinstance(one.value, str)
                    assert not (is_text and "left out" in one.value), f"{path}:{node.lineno}"  # type: ignore[attr-defined, operator]


def test_every_fault_of_a_decoder_is_told_wherever_crops_are_read() -> None:
    for table, begins in ((of_readings.CROP_FAULTS, "crop_"), (of_readings.STOP_FAULTS, "stop_")):
        assert {code.removeprefix(begins) for code in table} == set(of_readings.IMAGE_FAULTS)
