"""Annotations that no tool should have written: counted or refused in words, never a traceback."""

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from balance.imports.crop_cutting import _stem
from balance.imports.importing import import_lines
from tests.running import run_module
from textlines.errors import MendError
from textlines.labels.label_paths import image_list
from textlines.pixels.rectify import CannotRectifyError, rectify
from textlines.regions.page_file import finite

DEEP = "[" * 200_000
LONG = "9" * 5_000
GOOD: dict[str, Any] = {
    "id": 1,
    "data": {"ocr": "/data/upload/1/a.png"},
    "annotations": [
        {
            "result": [
                {
                    "id": "x",
                    "type": "rectangle",
                    "original_width": 400,
                    "original_height": 300,
                    "value": {"x": 5, "y": 5, "width": 40, "height": 20, "rotation": 0},
                },
                {"id": "x", "value": {"text": ["12.50"]}},
            ]
        }
    ],
}


def changed(path: str, value: object) -> str:
    """Put a value somewhere into a task of Label Studio's."""
    task = copy.deepcopy(GOOD)
    *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    place: Any = task
    for step in steps:
        place = place[step]
    place[last] = value
    return json.dumps([task])


RESULT = "annotations/0/result"
BOX = f"{RESULT}/0/value"


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (RESULT, True, "malformed"),
        (RESULT, 7, "malformed"),
        (RESULT, {"a": 1}, "malformed"),
        (RESULT, [None, 3, "x"], "malformed"),
        ("annotations", 12, "not_annotated"),
        ("annotations", [[], None], "not_annotated"),
        ("data", {"ocr": 5}, "image_missing"),
        ("data", {"ocr": "http://[::1/a.png"}, "image_missing"),
        ("data", {"ocr": "file:///etc/../../../../etc/passwd.png"}, "image_missing"),
        ("data", {"ocr": "/data/local-files/?d=%2e%2e%2f%00a.png"}, "image_missing"),
        ("data", {"ocr": "\\\\host\\share\\%ff%fe.png"}, "image_missing"),
        (f"{BOX}/x", float("nan"), "malformed"),
        (f"{BOX}/x", 10**400, "malformed"),
        (f"{BOX}/width", float("inf"), "malformed"),
        (f"{BOX}/width", 1e308, "no_crop"),
        (f"{BOX}/height", None, "malformed"),
        (f"{BOX}/rotation", float("-inf"), "malformed"),
        (f"{BOX}/rotation", [90], "malformed"),
        (f"{RESULT}/0/original_width", float("inf"), "malformed"),
        (f"{RESULT}/0/original_width", 10**400, "malformed"),
        (f"{RESULT}/0/original_height", True, "malformed"),
        (BOX, {"points": 3}, "malformed"),
        (BOX, {"points": []}, "malformed"),
        (f"{RESULT}/1/value", {"text": 3}, "empty_label"),
        (f"{RESULT}/1/value", {"text": [None, {}]}, "empty_label"),
    ],
)
def test_a_task_of_other_types_is_counted(
    path: str, value: object, reason: str, pages: Any
) -> None:
    pages.page("a.png")
    pages.text("good.json", json.dumps([GOOD]))
    assert import_lines(pages.folder / "good.json", "label-studio", pages.folder / "fine").lines
    pages.text("tasks.json", changed(path, value))
    with pytest.raises(MendError) as raised:
        import_lines(pages.folder / "tasks.json", "label-studio", pages.folder / "out")
    assert "gives no line (" in str(raised.value)
    assert "tasks.json" in str(raised.value)
    from textlines.defects.of_annotations import IMPORT

    assert IMPORT[reason].sentence in str(raised.value)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (DEEP, "is nested deeper than 64"),
        (f'[{{"id": {LONG}}}]', "is no JSON (Exceeds the limit"),
        ('[{"data": "\\ud800"}]', "holds half of a surrogate pair"),
        ('[{"data": ', "is no JSON ("),
        ("", "is no JSON ("),
        ("null", "is no list of tasks"),
        (b"\xff\xfe[\0]\0", "read in the encoding it looks like: 1"),
        (b"[\xff]", "is not UTF-8 at byte 1"),
    ],
)
def test_an_export_that_cannot_be_read_is_refused_with_its_place(
    content: str | bytes, what: str, pages: Any
) -> None:
    source = pages.folder / "tasks.json"
    source.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(MendError) as raised:
        import_lines(source, "label-studio", pages.folder / "out")
    assert str(raised.value).startswith(str(source))
    assert what in str(raised.value)


def test_a_mark_at_the_start_is_read_over(pages: Any) -> None:
    pages.page("a.png")
    source = pages.folder / "tasks.json"
    source.write_bytes(b"\xef\xbb\xbf" + json.dumps([GOOD]).encode())
    assert import_lines(source, "label-studio", pages.folder / "out").lines == 1


def test_a_key_that_stands_twice_is_counted(pages: Any) -> None:
    pages.page("gt_0.png")
    mark = json.dumps([{"transcription": "x", "points": pages.quads[0]}])
    pages.text("lsvt.json", f'{{"gt_0": {mark}, "gt_0": {mark}}}')
    done = import_lines(pages.folder / "lsvt.json", "lsvt", pages.folder / "out")
    assert done.tally["key_twice"] == 1
    assert done.tally.places("key_twice") == (f"{pages.folder / 'lsvt.json'}: 'gt_0'",)


@pytest.mark.parametrize("row", ["{}", "7", DEEP, f"[{LONG}]", '[{"transcription": "\\udc00"}]'])
def test_a_broken_row_of_paddleocr_is_counted_and_the_others_are_read(row: str, pages: Any) -> None:
    pages.page("a.png")
    mark = json.dumps([{"transcription": "x", "points": pages.quads[0]}])
    pages.text("det.txt", f"a.png\t{row}\na.png\t{mark}\n")
    done = import_lines(pages.folder / "det.txt", "ppocr-det", pages.folder / "out")
    assert (done.lines, done.tally["malformed"]) == (1, 1)


VALUES = st.sampled_from(
    [None, True, 0, -1, 7, 10**400, 1e308, float("nan"), float("inf"), "", "x", "../a.png",
     "\x1b[2J", [], [[]], [1, 2], {}, {"x": 1}, {"points": [[1, 2]]}, {"text": "a"}]
)  # fmt: skip


def _paths(value: Any, path: str = "") -> list[str]:
    below = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, inner in below:
        found.append(f"{path}{key}")
        if isinstance(inner, (dict, list)):
            found += _paths(inner, f"{path}{key}/")
    return found


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(path=st.sampled_from(_paths(GOOD)), value=VALUES, minimal=st.booleans())
def test_any_value_of_another_type_ends_in_lines_or_in_words(
    path: str, value: object, minimal: bool, pages: Any, tmp_path_factory: Any
) -> None:
    pages.page("a.png")
    task = json.loads(changed(path, value))[0]
    if minimal and isinstance(task.get("annotations"), list):
        task = {"ocr": "a.png", "label": task["annotations"], "transcription": ["a"], "x": value}
    pages.text("tasks.json", json.dumps([task]))
    try:
        import_lines(
            pages.folder / "tasks.json", "label-studio", tmp_path_factory.mktemp("o") / "out"
        )
    except MendError as error:
        assert error.where


@pytest.mark.parametrize("numbers", ["nan", "inf", "-inf", "1e308", "9" * 400])
def test_corners_without_a_place_give_no_crop(numbers: str, pages: Any) -> None:
    pages.page("a.png")
    good = "10,10,110,10,110,40,10,40,x"
    pages.text("a.txt", f"{numbers},2,9,2,9,5,1,5,text\n{good}\n")
    done = import_lines(pages.folder / "a.txt", "icdar2015", pages.folder / "out")
    assert (done.lines, done.tally["no_crop"]) == (1, 1)


def test_numbers_of_json_are_corners_only_where_they_are_finite() -> None:
    assert finite(2) == 2.0
    assert [finite(n) for n in (True, "2", None, [2], 10**400, float("nan"), float("inf"))] == (
        [None] * 7
    )


@pytest.mark.parametrize(
    ("size", "corners"),
    [
        ((60, 40), [(-80, -40), (150, -40), (150, 110), (-80, 110)]),
        ((20, 9000), [(0, 0), (35_000, 0), (35_000, 19), (0, 19)]),
        ((20, 40_000), [(0, 0), (33_000, 0), (33_000, 19), (0, 19)]),
        ((20, 40_000), [(0, 0), (900, 0), (900, 19), (0, 19)]),
    ],
)
def test_what_no_page_holds_is_refused_before_it_costs_memory(
    size: tuple[int, int], corners: list[tuple[float, float]]
) -> None:
    try:
        crop = rectify(np.zeros((*size, 3), np.uint8), corners).image
    except CannotRectifyError as error:
        assert "would be " in str(error) or "cannot be cut (" in str(error)
    else:
        assert crop.shape[:2] == (19, 900)


@pytest.mark.parametrize("name", ["𠀀" * 80, "값" * 80, "a" * 80, "../" * 30, "\ud7ff\U0010ffff"])
def test_a_page_of_any_name_gives_a_name_that_a_disk_takes(name: str) -> None:
    stem = _stem(name)
    assert len(stem.encode()) <= 190
    assert "/" not in stem


@pytest.mark.parametrize("column", [DEEP, f"[{LONG}]", '["\\ud800.jpg"]', "[1]", "[]", '["a"'])
def test_a_list_of_images_that_is_none_is_a_value_error(column: str) -> None:
    with pytest.raises(ValueError, match="list"):
        image_list(column)


def test_the_command_ends_in_words(pages: Any, tmp_path: Path) -> None:
    pages.page("a.png")
    pages.text("tasks.json", changed(RESULT, True))
    words = ["label-studio", pages.folder / "tasks.json", "--out", tmp_path / "out"]
    ended = run_module("balance", "import", *words)
    assert ended.returncode == 1
    assert "annotation that is not of the format, left out: 1" in ended.stderr
    assert "(its result is no list)" in ended.stderr
    assert "Traceback" not in ended.stderr
