"""A file that is no dictionary is told what it is; what PaddleOCR's dictionaries hold passes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.errors import InputError
from textlines.labels.alphabet import Alphabet
from textlines.labels.dictionary_kinds import misfit, units

Write = Callable[[str, str | bytes], Path]

DIGITS = "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            "crops/1.jpg\t합계 900원\ncrops/2.jpg\t영수증\n",
            r"a label file \(2 of its 2 lines hold a tab between texts; the first is "
            r"'crops/1\.jpg\\t합계 900원'\)",
        ),
        (DIGITS + "a\t12\n", r"a table \(1 of its 11 lines holds a tab between texts"),
        ("가,120\n나,80\n다,7\n", r"a table \(3 of its 3 lines; the first is '가,120'\)"),
        ("a.png\nb.png\n", r"a list of images \('a\.png'\)"),
        ("Global:\n  use_gpu: true\n  epoch_num: 5\n", r"a YAML file .*\. Name it with its end"),
        (
            "[2024/05/01 10:00:01] ppocr INFO: train\n[2024/05/01 10:00:02] ppocr INFO: eval\n",
            r"a log \(2 of its 2 lines; the first is '\[2024/05/01 10:00:01\] ppocr INFO: train'",
        ),
        ("2024-05-01 start\n2024-05-01 end\n", "a log"),
        ('{"path": "a.jpg", "text": "1"}\n{"path": "b.jpg", "text": "2"}\n', "JSON lines"),
        ('[\n  "가",\n  "나"\n]\n', r"JSON\."),
        (
            json.dumps({"version": "1.0", "model": {"vocab": {"x": 1}}}),
            r"the tokenizer of a formula or document model \(JSON\)\. Such models read no text",
        ),
        (
            "a\nb\nc\n\\alpha\n\\beta\n\\frac\n",
            r"a formula model \(3 of its 6 lines are commands of LaTeX; the first is '\\\\alpha'",
        ),
        ("<td>\n</td>\n<td\n colspan=\"2\"\n>\n", "a table model, of HTML tags"),
        ("영수증 번호\n합계 금액\n", r"lines of text \(2 of its 2 lines hold a space between"),
        ("请妥善保管您的小票\n欢迎下次再来本店\n", r"lines of text \(2 of its 2 lines hold sev"),
        ("사과\n배\n포도\n", r"a list of words \(2 of its 3 lines hold several characters"),
        ("0123456789abcdef\n", r"one line of text \('0123456789abcdef'\)\. Write each of its ch"),
    ],
)  # fmt: skip
def test_another_file_is_told_what_it_looks_like(
    write_file: Write, content: str, told: str
) -> None:
    with pytest.raises(InputError, match=rf"d\.txt: is no dictionary: it looks like .*{told}"):
        Alphabet.read(write_file("d.txt", content))


@pytest.mark.parametrize(
    "entries",
    [
        ["{", "}", "[", "]"],
        ["[", "]"],
        ["q", "p\t", " "],  # a tab that some hand left behind an entry
        ["\t", "a"],
        ["龠 ", "\u3000", "ы "],
        ["ক্ষ", "ক্ত", "্য", "ঃ-", "ড়", "ক", "খ"],  # conjuncts are one written sign
        ["ก็", "กี", "a"],
        ["<b>", "</b>", "<sup>", *"abcdefgh"],
        ["🇰🇷", "🇯🇵", *"abcd"],
        ["\\", "/", "a"],
        [":", ";", "-", "a"],
        [",", ";", "|"],
    ],
)
def test_what_dictionaries_hold_passes(write_file: Write, entries: list[str]) -> None:
    path = write_file("d.txt", "".join(f"{entry}\n" for entry in entries))
    assert list(Alphabet.read(path).entries) == entries


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=1),
        min_size=1,
        max_size=60,
    )
)
def test_one_character_a_line_is_never_anything_else(entries: list[str]) -> None:
    assert misfit("".join(f"{entry}\n" for entry in entries), entries) is None


@pytest.mark.parametrize(
    ("entry", "count"),
    [
        ("", 0),
        (" ", 0),
        ("a ", 1),
        ("가", 1),
        ("\u1100\u1161", 1),
        ("ক্ষ্ম", 1),
        ("ab", 2),
        ("가나", 2),
        ("👨\u200d👩", 1),
    ],
)
def test_written_signs_are_counted(entry: str, count: int) -> None:
    assert units(entry) == count
