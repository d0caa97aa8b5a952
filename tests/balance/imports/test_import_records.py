"""The journal of an unfinished import, read by the call that goes on with it."""

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from balance.imports.crop_cutting import CutPage
from balance.imports.import_records import JOURNAL, DoubtfulLine, Journal, key_of
from balance.imports.page_regions import AS_USUAL, ImportOptions
from textlines.defects.of_annotations import NO_POINTS
from textlines.errors import InputError

DOUBT = {"reason": "turned", "path": "crops/1.jpg", "label": "one", "place": "a.json:1"}
PAGE = {
    "page": 1,
    "lines": [["crops/1.jpg", "one"]],
    "counts": [["no_points", "a.json:1"]],
    "doubts": [DOUBT],
}
CUT = CutPage([("crops/1.jpg", "one")], [(NO_POINTS, "a.json:1")], [DoubtfulLine(**DOUBT)])


def write(out: Path, row: str) -> Journal:
    out.mkdir()
    text = json.dumps({"key": "k"}) + "\n" + json.dumps(PAGE) + "\n" + row
    (out / JOURNAL).write_text(text, encoding="utf-8")
    return Journal(out, "k")


def test_a_row_that_a_kill_cut_goes_and_the_others_stay(tmp_path: Path) -> None:
    assert write(tmp_path / "out", '{"page": 2, "li').read() == {1: CUT}


def test_what_is_added_is_read(tmp_path: Path) -> None:
    journal = write(tmp_path / "out", "")
    journal.add(2, CUT)
    assert Journal(tmp_path / "out", "k").read() == {1: CUT, 2: CUT}


@pytest.mark.parametrize(
    "value",
    [
        {"take_difficult": True},
        {"upright": True},
        {"placeholders": ()},
        {"placeholders": ("x",)},
        {"text_area": "x"},
    ],
)
def test_every_option_that_changes_the_outcome_is_in_the_key(
    tmp_path: Path, value: dict[str, Any]
) -> None:
    source = tmp_path / "det.txt"
    source.write_text("x")
    assert {field.name for field in fields(ImportOptions)} == {
        "take_difficult", "upright", "placeholders", "text_area",
    }  # fmt: skip
    usual = key_of(source, "ppocr-det", None)
    assert usual == key_of(source, "ppocr-det", None, AS_USUAL)
    assert usual != key_of(source, "ppocr-det", None, replace(AS_USUAL, **value))


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("{", "no JSON"),
        ("[]", "no JSON object"),
        ("{}", "lacks counts, doubts, lines, page"),
        (json.dumps(PAGE | {"counts": [["no_box", "a"]]}), "counts is 'no_box'"),
        (json.dumps(PAGE | {"doubts": 1}), "doubts is 1"),
        (json.dumps(PAGE | {"doubts": ["x"]}), "doubts is "),
        (json.dumps(PAGE | {"doubts": [DOUBT | {"path": "../x"}]}), "path is '../x'"),
        (json.dumps(PAGE | {"doubts": [DOUBT | {"label": "\n"}]}), "label is "),
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
