"""`boxes.jsonl`: read as it is written; what is wrong is named."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.rows import manifest_record
from textlines.errors import InputError
from textlines.formats.line_boxes import LineBoxes, boxes_line, read_boxes
from textlines.formats.manifest import manifest_row
from textlines.formats.rows import RowError

BOXES = [[0, 1, 3, 5, 40, 45], [2, 3, 60, 6, 80, 44]]


def test_it_is_read_as_it_is_written(tmp_path: Path) -> None:
    record = manifest_record(boxes=BOXES, mask="a" * 64)
    rows = [manifest_row(record), manifest_row(manifest_record(1, boxes=BOXES[:1]))]
    (tmp_path / "boxes.jsonl").write_text("".join(map(boxes_line, rows)), encoding="utf-8")
    boxes = tuple(tuple(box) for box in BOXES)
    assert (
        list(read_boxes(tmp_path / "boxes.jsonl"))
        == [
            LineBoxes(record["image"], (120, 48), "값 1", boxes, "masks/0000/000000.png"),  # type: ignore[arg-type]
            LineBoxes("images/0000/000001.jpg", (120, 48), "값 1", boxes[:1]),  # type: ignore[arg-type]
        ]
    )


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"boxes": [[0, 1, 3, 5, 40]]}, "boxes.*a list of boxes: start, end, x0, y0, x1, y1"),
        ({"boxes": [[0, 1, 3, 5, 40, -1]]}, "boxes.*a list of boxes"),
        ({"boxes": [[0, 1, 3, 5, 121, 45]]}, r"the box \[0, 1, 3, 5, 121, 45\] is none of this"),
        ({"boxes": [[2, 4, 3, 5, 40, 45]]}, "is none of this line"),
        ({"boxes": [[0, 1, 40, 5, 40, 45]]}, "is none of this line"),
        ({"mask": "../a.png"}, "mask.*a path below the run's folder"),
        ({"size": [0, 48]}, "size.*a width and a height from 1 on"),
        ({"lines": 1}, "lines"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], told: str, tmp_path: Path) -> None:
    row = {"image": "images/0/0.jpg", "size": [120, 48], "text": "값 1", "boxes": BOXES, **changes}
    path = tmp_path / "boxes.jsonl"
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=rf"boxes\.jsonl:1: is no row of boxes \(.*{told}"):
        list(read_boxes(path))


@pytest.mark.parametrize(
    ("changes", "told"),
    [({"boxes": "none"}, "boxes.*a list of boxes"), ({"mask": "0"}, "mask.*64 hexadecimal digits")],
)
def test_a_manifest_is_held_to_the_same(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(RowError, match=told):
        manifest_row(manifest_record(**changes))
