"""docs/forms.md and its Korean twin name every format, and their mappings read their examples."""

import json
import re
from pathlib import Path

import pytest

from balance.imports.foreign_forms import FORMS
from balance.imports.importing import import_lines
from tests.annotated_forms import page
from tests.documents import ROOT, blocks

DOCUMENTS = ("forms.md", "forms.ko.md")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_format_is_named(name: str) -> None:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    named = {
        format for row in re.findall(r"^\| ((?:`[\w-]+`(?:, )?)+) \|", text, re.MULTILINE)
        for format in re.findall(r"`([\w-]+)`", row)
    }  # fmt: skip
    assert set(FORMS) - {"json"} <= named


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_examples_of_a_mapping_read_their_json(name: str, tmp_path: Path) -> None:
    shown = blocks(f"docs/{name}")
    contents = [block.text for block in shown if block.language == "json"]
    mappings = [block.text for block in shown if block.language == "toml"]
    assert len(contents) == len(mappings) == 2
    labels = []
    for order, (content, mapping) in enumerate(zip(contents, mappings, strict=True)):
        folder = tmp_path / str(order)
        folder.mkdir()
        json.loads(content)
        (folder / "labels.json").write_text(content, encoding="utf-8")
        (folder / "own.toml").write_text(mapping, encoding="utf-8")
        for image in ("scan_01.jpg", "scan_07.jpg"):
            (folder / image).write_bytes(page())
        done = import_lines(
            folder / "labels.json", "json", folder / "out", mapping=folder / "own.toml"
        )
        assert done.tally.as_dict() == {}
        row = (folder / "out/rec_gt.txt").read_text(encoding="utf-8").strip()
        labels.append(row.split("\t")[1])
    assert labels == ["합계 12,500원", "No. 7"]
