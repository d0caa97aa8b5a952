"""The record of looks: read as written, known by content, refused where it is no such record."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.errors import InputError
from textlines.formats.look_record import (
    LookedSet,
    LookRecord,
    LookRow,
    content_sha256,
    read_looks,
    write_looks,
)

IMAGES = tuple(f"{number:032x}" for number in range(9))


def key(name: str) -> str:
    return content_sha256([(name.encode(), "label")])


def look(target: str, general: str, **changed: Any) -> LookRow:
    row = {
        **{"base": "a" * 64, "candidate": "b" * 64, "way": "c" * 64, "planned": 3},
        **{"target": (key(target),), "general": (key(general),), "outcome": "failed"},
        **{"number_target": 1, "number_general": 1, "alpha_target": 0.02, "alpha_general": 0.02},
    }
    return LookRow.model_validate(row | changed)


def looked(*numbers: int) -> LookedSet:
    return LookedSet(lines=len(numbers), images=tuple(IMAGES[number] for number in numbers))


RECORD = (
    LookRecord()
    .with_look(look("t", "g"), {key("t"): looked(0, 1), key("g"): looked(2, 3)})
    .with_look(look("t2", "g"), {key("t2"): looked(4), key("g"): looked(2, 3)})
)


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_looks(RECORD, tmp_path / "looks.json")
    assert read_looks(tmp_path / "looks.json") == RECORD
    assert read_looks(tmp_path / "none.json") == LookRecord()
    # A set that several looks share is held once.
    assert len(RECORD.sets) == 3 and len(RECORD.looks) == 2


def test_looks_are_found_by_any_image_that_they_share_whatever_its_role() -> None:
    first, second = RECORD.looks
    assert RECORD.looks_at([IMAGES[1], IMAGES[8]]) == (first,)
    assert RECORD.looks_at([IMAGES[4]]) == (second,)
    assert RECORD.looks_at([IMAGES[3]]) == (first, second)
    assert RECORD.looks_at([IMAGES[7]]) == () == RECORD.looks_at([])
    assert RECORD.images_of([key("t"), key("t2")]) == {IMAGES[0], IMAGES[1], IMAGES[4]}


lines = st.lists(st.tuples(st.binary(min_size=16, max_size=16), st.text()), max_size=6)


@given(lines, st.randoms())
def test_a_set_is_known_by_its_lines_in_whatever_order(
    known: list[tuple[bytes, str]], random: Any
) -> None:
    shuffled = random.sample(known, len(known))
    assert content_sha256(shuffled) == content_sha256(known)
    for at, (digest, label) in enumerate(known):
        corrected = [*known[:at], (digest, f"{label}x"), *known[at + 1 :]]
        assert content_sha256(corrected) != content_sha256(known)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 9}, "of version 9, this program reads version 1"),
        ({"sets": {}}, "names a set that it does not hold"),
        ({"more": 1}, "may not: more"),
        ({"looks": [{}]}, r"looks\[0\]\.base: field required"),
    ],
)
def test_what_is_no_record_of_looks_is_refused_with_the_way_out(
    change: dict[str, Any], message: str, tmp_path: Path
) -> None:
    path = tmp_path / "looks.json"
    content = RECORD.model_dump(mode="json") | change
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match=message) as refused:
        read_looks(path)
    assert str(refused.value).startswith(str(path)) and "train gate --looks" in str(refused.value)


def test_a_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "looks.json").write_text("a.jpg\tlabel\n")
    with pytest.raises(InputError, match="the record of looks"):
        read_looks(tmp_path / "looks.json")
