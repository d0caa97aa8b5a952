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


@pytest.mark.parametrize(
    ("changes", "told"),
    [
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
