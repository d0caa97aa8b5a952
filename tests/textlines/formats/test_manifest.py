"""Rows of a manifest: what earlier versions lack is optional, and what is wrong is named."""

from typing import Any

import pytest

from tests.rows import manifest_record
from textlines.formats.manifest import manifest_row
from textlines.formats.rows import RowError


def line(**changes: Any) -> dict[str, Any]:
    return {**manifest_record()["line"], **changes}


def test_rows_of_earlier_versions_have_no_palette_and_characters_of_one_size_and_width() -> None:
    row = manifest_row(manifest_record())
    assert (row.palette, row.line.widths, row.line.sizes) == (None, (), ())


def test_palette_widths_and_sizes_are_read_as_they_are_written() -> None:
    record = manifest_record(
        palette=["#1f6f3a", "#f4f4ee"], line=line(widths=[0.9, 1.2], sizes=[40, 24])
    )
    row = manifest_row(record)
    assert row.palette == ("#1f6f3a", "#f4f4ee")
    assert (row.line.widths, row.line.sizes) == ((0.9, 1.2), (40, 24))


def test_parts_and_the_way_a_line_is_set_are_read_as_they_are_written() -> None:
    assert (manifest_row(manifest_record()).parts, manifest_row(manifest_record()).vertical) == (
        (),
        "",
    )
    first = manifest_record()["face"]
    other = first | {"family": "Other Sans", "sha256": "e" * 64}
    row = manifest_row(manifest_record(parts=[[0, 1, other], [2, 3, other]], vertical="mixed"))
    assert [(start, end, face.family) for start, end, face in row.parts] == [
        (0, 1, "Other Sans"),
        (2, 3, "Other Sans"),
    ]
    assert [face.family for face in row.faces()] == ["Own Sans", "Other Sans"]
    assert row.vertical == "mixed"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"parts": [[0, 1]]}, r"parts.*a list of \[start, end, face\]"),
        ({"parts": [[0, 1, "f-0"]]}, "face.*an object of"),
        ({"parts": [[0, 4, manifest_record()["face"]]]}, "parts.*in order among 3 characters"),
        ({"vertical": "down"}, "vertical is 'down', not one of mixed, turned, upright"),
        ({"palette": ["#1f6f3a"]}, "palette.*a ground and an ink as #rrggbb"),
        ({"palette": ["green", "#ffffff"]}, "palette.*a ground and an ink as #rrggbb"),
        ({"line": line(widths="1")}, r"line\.widths.*a list of numbers"),
        ({"line": line(sizes=[1.5])}, r"line\.sizes.*a list of whole numbers"),
        ({"line": line(heights=[1])}, "line.*an object of"),
    ],
)
def test_what_is_wrong_in_a_row_is_named(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(RowError, match=told):
        manifest_row(manifest_record(**changes))
