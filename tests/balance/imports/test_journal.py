"""The journal of an unfinished import, read by the call that goes on with it."""

import json
from pathlib import Path

import pytest

from balance.imports.journal import JOURNAL, Journal
from textlines.errors import InputError

PAGE = {"page": 1, "lines": [["crops/1.jpg", "one"]], "counts": [["no_box", "a.json:1"]]}


def write(out: Path, row: str) -> Journal:
    out.mkdir()
    text = json.dumps({"key": "k"}) + "\n" + json.dumps(PAGE) + "\n" + row
    (out / JOURNAL).write_text(text, encoding="utf-8")
    return Journal(out, "k")


def test_a_row_that_a_kill_cut_goes_and_the_others_stay(tmp_path: Path) -> None:
    assert write(tmp_path / "out", '{"page": 2, "li').read() == {1: PAGE}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("{", "no JSON"),
        ("[]", "no JSON object"),
        ("{}", "lacks counts, lines, page"),
        (json.dumps(PAGE | {"page": -1}), "page is -1"),
        (json.dumps(PAGE | {"lines": [["../x.jpg", "one"]]}), "lines is "),
        (json.dumps(PAGE | {"lines": "x"}), "lines is 'x'"),
        (json.dumps(PAGE | {"counts": [1]}), r"counts is \[1\]"),
        ("[" * 5000, "nested"),
    ],
)
def test_a_damaged_row_is_told_with_its_line(tmp_path: Path, row: str, told: str) -> None:
    with pytest.raises(InputError, match=rf"import\.jsonl:3: is no page .*{told}"):
        write(tmp_path / "out", row + "\n").read()
