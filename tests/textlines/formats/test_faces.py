"""The face of a sample, in plans and manifests."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rows import manifest_record
from textlines.formats.faces import FaceOf, face_id, face_of
from textlines.formats.manifest import manifest_line, manifest_row
from textlines.formats.rows import RowError

STATIC: dict[str, Any] = {"family": "A", "sha256": "f" * 64, "index": 0, "licence": ""}
FIXED = st.integers(-(2**31), 2**31 - 1).map(lambda bits: bits / 65536)
"""What an axis can hold: a 16.16 fixed-point number."""


def test_a_manifest_from_before_instances_is_read_and_written_as_it_was() -> None:
    face = face_of(STATIC)
    assert face.instance == ()
    assert face.as_dict() == STATIC
    assert face.id == "f" * 16 + "-0"


@given(st.lists(st.tuples(st.sampled_from(["wght", "opsz", "A   "]), FIXED), max_size=3))
def test_an_instance_is_read_as_it_was_written(axes: list[tuple[str, float]]) -> None:
    face = FaceOf("A", "f" * 64, 2, "OFL-1.1", tuple(axes))
    row = manifest_record(face=face.as_dict())
    assert manifest_row(json.loads(manifest_line(row))).face == face


@given(FIXED, FIXED)
def test_two_places_of_an_axis_never_share_an_id(one: float, other: float) -> None:
    ids = {face_id("f" * 64, 0, (("wght", value),)) for value in (one, other)}
    assert len(ids) == len({one, other})


@pytest.mark.parametrize(
    ("instance", "why"),
    [
        ("wght", "face.instance is 'wght', not a list of"),
        ([["wght"]], "face.instance"),
        ([["wght", "400"]], "face.instance"),
        ([["wght", float("nan")]], "face.instance"),
        ([["wght", True]], "face.instance"),
        ([[400, "wght"]], "face.instance"),
    ],
)
def test_what_is_no_instance_is_refused(instance: object, why: str) -> None:
    with pytest.raises(RowError, match=why):
        face_of(STATIC | {"instance": instance})


def test_a_face_with_a_key_too_many_is_refused() -> None:
    with pytest.raises(RowError, match="an object of family, index, licence, sha256"):
        face_of(STATIC | {"weight": 400})
