"""Crops are upright, or they are counted, listed and named."""

import json
from typing import Any

import pytest

from balance.imports.crop_cutting import turn_from
from balance.imports.import_records import DoubtfulLine, read_doubts, write_doubts
from balance.imports.importing import import_lines
from balance.imports.page_regions import ImportOptions
from textlines.errors import InputError

Box = list[list[float]]

WIDE: Box = [[20, 20], [180, 20], [180, 50], [20, 50]]
"""The level line of the page: red at its left, blue at its right."""

TILTED: Box = [[220, 30], [380, 60], [374, 92], [214, 62]]


def tall(ratio: float) -> Box:
    """Return a box 40 wide and `ratio` times as high."""
    return [[100, 70], [140, 70], [140, 70 + 40 * ratio], [100, 70 + 40 * ratio]]


def from_corner(box: Box, first: int) -> Box:
    return [*box[first:], *box[:first]]


def run(pages: Any, *marks: tuple[str, Box], **options: Any) -> Any:
    pages.page("a.png")
    rows = [{"transcription": text, "points": points} for text, points in marks]
    source = pages.text("det.txt", f"a.png\t{json.dumps(rows)}\n")
    return import_lines(source, "ppocr-det", pages.folder / "out", options=ImportOptions(**options))


def test_boxes_dragged_from_any_corner_are_read_upright_and_counted(pages: Any) -> None:
    marks = []
    for at in range(4):
        ring = from_corner(WIDE, at)
        marks += [(f"cw {at}", ring), (f"ccw {at}", [ring[0], *reversed(ring[1:])])]
    done = run(pages, *marks)
    assert done.tally.as_dict() == {"start_moved": 6}
    assert all(pages.reads_right(crop) for crop in pages.crops())
    assert {crop.shape for crop in pages.crops()} == {(30, 160, 3)}
    listed = read_doubts(pages.folder / "out")
    assert [doubt.label for doubt in listed] == ["cw 1", "ccw 1", "cw 2", "ccw 2", "cw 3", "ccw 3"]
    assert listed[0] == DoubtfulLine(
        "start_moved",
        "crops/0000/000001_a_003.jpg",
        "cw 1",
        f"{pages.folder / 'det.txt'}:1, line 3",
    )


def test_a_tilted_box_from_its_lower_right_is_cut_as_annotated_and_named(pages: Any) -> None:
    done = run(pages, *((f"at {n}", from_corner(TILTED, n)) for n in range(4)))
    assert done.tally.as_dict() == {"upside_down": 2, "start_moved": 1}
    assert [pages.reads_right(crop) for crop in pages.crops()] == [True, False, False, True]
    assert [(one.reason, one.label) for one in read_doubts(pages.folder / "out")] == [
        ("upside_down", "at 1"), ("upside_down", "at 2"), ("start_moved", "at 3"),
    ]  # fmt: skip


def test_read_upright_no_box_stands_on_its_head(pages: Any) -> None:
    done = run(pages, *((f"at {n}", from_corner(TILTED, n)) for n in range(4)), upright=True)
    assert done.tally.as_dict() == {"start_moved": 3}
    assert all(pages.reads_right(crop) for crop in pages.crops())


def test_a_tilted_tall_box_that_starts_below_is_named(pages: Any) -> None:
    box: Box = [[300, 122], [330, 120], [333, 278], [303, 280]]
    done = run(pages, *((f"at {n}", from_corner(box, n)) for n in range(4)))
    assert done.tally.as_dict() == {"read_up": 2, "read_down": 1, "turned": 1}


@pytest.mark.parametrize(
    ("label", "ratio", "reason", "is_tall"),
    [
        ("총", 1.5, "tall_character", True),
        ("총", 3.0, "tall_character", True),
        ("1", 5.0, "tall_character", True),
        ("A", 1.5, "tall_character", True),
        ("\u1100\u1161\u11a8", 1.6, "tall_character", True),  # composed to one syllable
        ("\u1100\u119e", 1.6, "tall_character", True),  # old Hangul, one cluster of two
        ("é", 1.6, "tall_character", True),
        ("총", 1.49, None, True),
        ("11", 1.6, "tall_pair", True),
        ("11", 1.99, "tall_pair", True),
        ("11", 2.0, "turned", False),
        ("세로", 1.6, "turned_pair", False),
        ("3층", 1.9, "turned_pair", False),
        ("세로", 2.0, "turned", False),
        ("세로쓰기", 4.0, "turned", False),
        ("123", 1.5, "turned", False),
        ("a 1", 1.6, "tall_pair", True),
    ],
)
def test_a_tall_box_is_turned_where_it_is_a_vertical_line(
    label: str, ratio: float, reason: str | None, is_tall: bool, pages: Any
) -> None:
    done = run(pages, (label, tall(ratio)))
    counts = done.tally.as_dict()
    counts.pop("nfd", None)
    assert counts == ({reason: 1} if reason else {})
    (crop,) = pages.crops()
    assert (crop.shape[0] > crop.shape[1]) == is_tall
    assert [one.reason for one in read_doubts(pages.folder / "out")] == ([reason] if reason else [])


def test_a_single_character_from_another_corner_stays_upright(pages: Any) -> None:
    done = run(pages, *(("값", from_corner(tall(2.5), at)) for at in range(4)))
    assert done.tally.as_dict() == {"tall_character": 4, "start_moved": 3}
    assert {crop.shape for crop in pages.crops()} == {(100, 40, 3)}


def test_a_blank_is_no_character() -> None:
    assert turn_from("1 ") == turn_from("1") == float("inf")
    assert turn_from("1 1") == 2.0 and turn_from("1 1 1") == 1.5


def test_an_import_is_not_gone_on_with_other_options(pages: Any) -> None:
    run(pages, ("x", TILTED))
    with pytest.raises(InputError, match="or with other options"):
        run(pages, ("x", TILTED), upright=True)
    out = pages.folder / "out"
    (out / "run.json").unlink()
    pages.text("out/import.jsonl", '{"key": "of another"}\n')
    with pytest.raises(InputError, match="unfinished import of another source, or with other opt"):
        run(pages, ("x", TILTED), upright=True)


def test_a_clean_import_lists_no_doubt(pages: Any) -> None:
    run(pages, ("x", WIDE))
    assert not (pages.folder / "out/doubts.jsonl").exists()
    assert read_doubts(pages.folder / "out") == []


def test_doubts_are_read_as_they_were_written(pages: Any) -> None:
    doubts = [
        DoubtfulLine("turned", "crops/a.jpg", "값 <b>", "x:1"),
        DoubtfulLine("b", "c/d.png", '"', "é\n"),
    ]
    write_doubts(pages.folder, doubts)
    assert read_doubts(pages.folder) == doubts
    with (pages.folder / "doubts.jsonl").open("a") as file:
        file.write('{"reason": 1, "path": "a", "label": "x", "place": ""}\n')
    with pytest.raises(InputError, match=r"doubts\.jsonl:3: is no doubtful line \(reason is 1"):
        read_doubts(pages.folder)
