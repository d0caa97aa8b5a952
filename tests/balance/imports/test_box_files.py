"""Rows of corners and a text: what a further field is, and what is no text."""

from typing import Any

import pytest

from balance.imports.box_files import parse_row
from balance.imports.importing import import_lines
from textlines.errors import InputError


def run(pages: Any, source: str, format: Any, **options: Any) -> dict[str, int]:
    done = import_lines(pages.folder / source, format, pages.folder / "out", **options)
    return done.tally.as_dict()


def test_mlt_has_a_script_before_its_text(pages: Any) -> None:
    pages.page("img_1.png")
    a, b, c = pages.quads
    pages.text(
        "gt_img_1.txt",
        pages.row(a, "Korean,합계 12,500원") + pages.row(b, "None,###")
        + pages.row(c, "Seoul,강남") + pages.row(b, "Latin,a, b"),
    )  # fmt: skip
    assert run(pages, ".", "mlt") == {"malformed": 1, "unreadable_mark": 1}
    assert pages.labels() == ["합계 12,500원", "a, b"]
    assert all(pages.reads_right(crop) for crop in pages.crops())


@pytest.mark.parametrize("named", ["icdar2015", "sroie", "mtwi"])
def test_rows_of_mlt_are_no_labels_that_begin_with_a_script(named: Any, pages: Any) -> None:
    pages.page("img_1.png")
    pages.page("img_2.png")
    row = pages.row(pages.quads[0], "Korean,합계 12,500원")
    pages.text("gt_img_1.txt", row)
    pages.text("gt_img_2.txt", pages.row(pages.quads[1], "None,###") + "broken\n")
    with pytest.raises(InputError) as raised:
        run(pages, ".", named)
    assert "is an ICDAR MLT box file, not " in str(raised.value)
    assert f"Call: balance import mlt {pages.folder}" in str(raised.value)
    # One row without a script: a text may begin with the word.
    pages.text("gt_img_2.txt", pages.row(pages.quads[1], "Latin America"))
    assert run(pages, ".", named) == {}
    assert pages.labels() == ["Korean,합계 12,500원", "Latin America"]


def test_a_single_file_is_told_as_well(pages: Any) -> None:
    pages.page("img_1.png")
    pages.text("gt_img_1.txt", pages.row(pages.quads[0], "Korean,값"))
    with pytest.raises(InputError, match="is an ICDAR MLT box file, not ICDAR 2015 box files"):
        run(pages, "gt_img_1.txt", "icdar2015")
    pages.text("gt_img_1.txt", pages.row(pages.quads[0], "값, 5"))
    with pytest.raises(InputError, match=r"is an ICDAR 2015 box file, not ICDAR MLT box files"):
        run(pages, "gt_img_1.txt", "mlt")
    with pytest.raises(InputError, match=r"is an ICDAR 2015 box file, not RCTW-17 box files"):
        run(pages, "gt_img_1.txt", "rctw17")


def test_a_folder_of_another_form_gives_no_line_and_says_which_it_is(pages: Any) -> None:
    pages.page("img_1.png")
    pages.text("gt_img_1.txt", pages.row(pages.quads[0], "값, 5"))
    with pytest.raises(InputError) as raised:
        run(pages, ".", "mlt")
    assert f"look like icdar2015: balance import icdar2015 {pages.folder}" in str(raised.value)


def test_a_mark_of_difficulty_is_no_part_of_the_text(pages: Any) -> None:
    pages.page("a.png")
    a, b, _ = pages.quads
    pages.text("a.txt", pages.row(a, '0,"값"') + pages.row(b, '1,"###"'))
    with pytest.raises(InputError, match="is an RCTW-17 box file, not ICDAR 2015 box files"):
        run(pages, ".", "icdar2015")
    # Amounts begin with 1 and a comma too.
    pages.text("a.txt", pages.row(a, "1,200") + pages.row(b, "1,500원"))
    assert run(pages, ".", "icdar2015") == {}
    assert pages.labels() == ["1,200", "1,500원"]


def test_polygons_are_no_texts_that_begin_with_numbers(pages: Any) -> None:
    pages.page("a.png")
    rows = "".join(pages.row(quad, "1,2,3,4,5,6,값") for quad in pages.quads)
    pages.text("a.txt", rows)
    with pytest.raises(InputError, match="more than eight numbers before the text in every row"):
        run(pages, ".", "icdar2015")


def test_icdar2013_with_commas_and_with_spaces(pages: Any) -> None:
    pages.page("img_1.png")
    pages.page("img_2.png")
    pages.text(
        "gt_img_1.txt",
        '20, 20, 180, 50, "Say \\"hi\\", you"\n20,20,180,50,plain, text\n20, 20, 180, 50, "###"\n'
        '20,20,180,20,180,50,20,50,"quad"\n20, 20, 180, 50, "half\n',
    )
    pages.text("gt_img_2.txt", '20 20 180 50 "값 1"\n20 20 180 50 bare\n')
    assert run(pages, ".", "icdar2013") == {"malformed": 3, "unreadable_mark": 1}
    assert pages.labels() == ['Say "hi", you', "plain, text", "값 1"]
    assert [crop.shape[:2] for crop in pages.crops()] == [(30, 160)] * 3


@pytest.mark.parametrize(
    ("row", "format", "text"),
    [
        ('1,2,9,5,"a ""b"" c"', "icdar2013", 'a ""b"" c'),
        ('1, 2, 9, 5, "back\\\\slash"', "icdar2013", "back\\slash"),
        ("1,2,9,2,9,5,1,5,Mixed,", "mlt", ""),
        ("1,2,9,2,9,5,1,5,2,값", "rctw17", None),
        ("1,2,9,2,9,5,1,5,Korean", "mlt", None),
        ("1,2,9,5,6,값", "icdar2013", None),
    ],
)
def test_rows(row: str, format: Any, text: str | None) -> None:
    region = parse_row(row, format, "x")
    assert (region.text if region else None) == text
