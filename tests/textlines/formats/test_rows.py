"""Plans, manifests and shards from anywhere: each damage is told with file, line and way out."""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from tests.rows import manifest_record
from textlines.errors import InputError
from textlines.formats.manifest import (
    ManifestRow,
    manifest_line,
    manifest_row,
    read_facts,
    read_manifest,
    read_shard,
)
from textlines.formats.plan_rows import FaceSpan, PlanRow, read_plan
from textlines.formats.rows import LONGEST_ROW, RowError, is_path_below
from textlines.labels.label_paths import normal_path, path_fault

Write = Callable[[str, str | bytes], Path]
Read = Callable[[Path], Iterator[object]]


def plan_line(**changes: Any) -> str:
    return json.dumps(json.loads(PlanRow(0, "a", (), "f-0", "lcd").to_json()) | changes)


def line_of(**changes: Any) -> str:
    return manifest_line(manifest_record(**changes))


READERS: list[tuple[Read, str]] = [
    (read_plan, plan_line()),
    (read_manifest, line_of()),
    (read_facts, line_of()),
    (lambda path: read_shard(path, 0, 0), line_of()),
]


def test_why_a_line_is_drawn_is_in_its_row_and_left_out_where_nothing_says_it() -> None:
    plain, told = (PlanRow(0, "a", ("a",), "f-0", "lcd", why=why) for why in ("", "lacking"))
    assert "why" not in plain.to_json()
    assert told.to_json() == plain.to_json()[:-1] + ',"why":"lacking"}'
    assert [PlanRow.from_json(row.to_json()) for row in (plain, told)] == [plain, told]
    with pytest.raises(InputError, match="why is 'luck', not one of kept, lacking, misread"):
        PlanRow.from_json(plan_line(why="luck"))


DAMAGES = [
    (lambda line: line[:30] + "\n", r"no JSON"),
    (lambda line: line, r"cut: the file ends inside the line"),
    (lambda line: "not json\n", r"no JSON"),
    (lambda line: "\n", r"no JSON"),
    (lambda line: "[]\n", r"no JSON object"),
    (lambda line: "7\n", r"no JSON object"),
    (lambda line: "{}\n", r"lacks "),
    (lambda line: line[:-1] + ', "more": 1}\n', r"has the unknown key 'more'"),
    (lambda line: line[:-1] + ', "version": 2}\n', r"of version 2, this program reads 1"),
    (lambda line: "[" * 100_000 + "\n", r"nested too deeply"),
    (lambda line: '{"index": ' + "9" * 6000 + "}\n", r"endless digits"),
    (lambda line: line.replace('"train"', '"\\ud800"') + "\n", r"half of a surrogate pair"),
    (lambda line: " " * LONGEST_ROW + line + "\n", r"longer than 1,048,576 bytes"),
    (lambda line: b"\xff" + line.encode() + b"\n", r"not UTF-8 at byte 0"),
]


@pytest.mark.parametrize(("read", "line"), READERS)
@pytest.mark.parametrize(("damage", "told"), DAMAGES)
def test_each_damage_of_a_row_is_told_with_its_line(
    read: Read, line: str, damage: Callable[[str], str | bytes], told: str, write_file: Write
) -> None:
    first = line.replace('"index": 0', '"index":0')
    bad = damage(line)
    path = write_file(
        "rows.jsonl", f"{first}\n".encode() + (bad if isinstance(bad, bytes) else bad.encode())
    )
    with pytest.raises(InputError, match=rf"rows\.jsonl:2: is no row of a \w+ \(.*{told}") as found:
        list(read(path))
    assert found.value.mend


@pytest.mark.parametrize("read", [read for read, _ in READERS])
def test_a_pipe_is_no_file_of_rows(read: Read, tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "rows.jsonl")
    with pytest.raises(InputError, match=r"is a named pipe and no regular file"):
        list(read(tmp_path / "rows.jsonl"))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"index": -1}, "index is -1, not a whole number from 0 on"),
        ({"index": True}, "index is True"),
        ({"text": "a\tb"}, "text is 'a\\\\tb', not a label"),
        ({"text": ""}, "text is ''"),
        ({"text": "e\u0301"}, "not a label in NFC"),
        ({"text": ["a"]}, "text is \\['a'\\]"),
        ({"targets": "a"}, "targets is 'a', not a list of characters"),
        ({"face": 7}, "face is 7, not text"),
        ({"parts": [[0, 1, 7]]}, "parts is .*, not a list of \\[start, end, face\\]"),
        ({"parts": [[0, 2, "f-1"]]}, "parts is .*, not spans in order among 1 character"),
        ({"parts": [[1, 1, "f-1"]]}, "parts is .*, not spans in order"),
        (
            {"text": "ab", "parts": [[1, 2, "f-1"], [0, 1, "f-1"]]},
            "parts is .*, not spans in order",
        ),
        ({"vertical": True}, "vertical is True, not one of mixed, turned, upright"),
    ],
)
def test_a_plan_row_of_wrong_values_is_told(
    changes: dict[str, Any], told: str, write_file: Write
) -> None:
    with pytest.raises(InputError, match=f"plan.jsonl:1: .*{told}"):
        list(read_plan(write_file("plan.jsonl", plan_line(**changes) + "\n")))


def test_a_plan_row_with_parts_is_read_as_it_was_written() -> None:
    parts = (FaceSpan(0, 1, "f-1"), FaceSpan(2, 3, "f-2"))
    row = PlanRow(0, "abc", (), "f-0", "sign", parts=parts, vertical="upright")
    assert PlanRow.from_json(row.to_json()) == row
    plain = PlanRow(0, "abc", (), "f-0", "sign").to_json()
    assert "parts" not in plain and "vertical" not in plain


@pytest.mark.parametrize(
    ("image", "told"),
    [
        ("../../secret.jpg", "not a path below"),
        ("images/0000/../../../etc/passwd", "not a path below"),
        ("/etc/passwd", "not a path below"),
        ("C:/windows/a.jpg", "not a path below"),
        ("images\\0000\\a.jpg", "not a path below"),
        ("images/0000/a\tb.jpg", "not a path below"),
        ("images/0000/./a.jpg", "not a path below"),
        ("images/0001/001000.jpg", "does not lie in images/0000/"),
        ("images/0000/deep/a.jpg", "does not lie in images/0000/"),
        ("run.json", "does not lie in images/0000/"),
        ("images/0000", "does not lie in images/0000/"),
        (7, "image is 7"),
    ],
)
def test_a_shard_names_images_of_its_own_folder_alone(
    image: object, told: str, write_file: Write
) -> None:
    path = write_file("0000.jsonl", line_of(image=image) + "\n")
    with pytest.raises(InputError, match=rf"0000\.jsonl:1: .*{told}"):
        list(read_shard(path, 0, 0))


def test_a_manifest_row_is_read_as_it_was_written(write_file: Write) -> None:
    path = write_file("manifest.jsonl", line_of(matrix=[1.0] * 9) + "\n")
    row = next(read_manifest(path))
    assert (row.face.family, row.size, row.line.pens) == ("Own Sans", (120, 48), (3, 40))
    assert row.effects == (("shear", {"deg": -1}),)
    assert next(read_facts(path)).face == row.face


def _places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield place
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from _places(value[key], (*place, key))


RECORD = manifest_record(matrix=[1.0] * 9)
PLACES = [place for place in _places(RECORD) if place]
VALUES = st.sampled_from(
    [None, True, -1, 0, 1, 300, 2.5, "", "x", "a\tb", [], [1, 2], {}, {"x": 1}]
)
FREE = {"surface", "effects", "distractors"}
"""Parts whose parameters are the style's own: any value may stand there."""


@given(place=st.sampled_from(PLACES), value=VALUES)
def test_the_quick_check_lets_nothing_through_that_the_model_refuses(
    place: tuple[Any, ...], value: Any
) -> None:
    content = copy.deepcopy(RECORD)
    holder: Any = content
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = value
    try:
        row = manifest_row(content)
    except RowError as error:
        assert str(place[0]) in str(error) or place[0] in FREE
        return
    try:
        TypeAdapter(ManifestRow).validate_python(content)
    except ValidationError as error:  # pragma: no cover
        raise AssertionError(f"{place} = {value!r} passed: {row}") from error


@given(st.text(st.sampled_from("a0_-./\\: \t값"), max_size=12))
def test_the_quick_look_at_a_path_says_what_the_slow_one_says(path: str) -> None:
    is_sound = (
        path_fault(path) is None
        and "\\" not in path
        and "\t" not in path
        and normal_path(path) == path
    )
    assert is_path_below(path) is is_sound
