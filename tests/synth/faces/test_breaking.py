"""Faces that break while they are drawn: found before the drawing, and told with the place."""

import struct
from pathlib import Path
from typing import Any

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from synth.faces.breaking import MOST_PARTS, BreaksError, composite_fault, drawing, mapped_fault
from synth.faces.face_pool import FacePool
from synth.faces.font_files import read_font_file
from synth.faces.glyph_gate import Gate
from synth.rendering.line_proof import line_fault
from tests.synth.faces import broken_fonts as fonts
from textlines.errors import InputError, MachineError


@pytest.mark.parametrize(
    ("make", "detail"),
    [
        (fonts.cyclic, "glyph b of U+0062 LATIN SMALL LETTER B is a part of itself"),
        (fonts.exploding, "unfolds to more than 1,000 glyphs"),
    ],
)
def test_composites_without_end_are_refused_before_drawing(
    tmp_path: Path, make: Any, detail: str
) -> None:
    record = read_font_file(make(tmp_path / "face.ttf"))
    assert record.refusal == "broken"
    assert detail in record.detail


def _table(graph: dict[int, list[int]], count: int) -> tuple[bytes, list[int]]:
    """Write outlines: composites by their parts, and triangles without a point for the rest."""
    data, places = b"", [0]
    for glyph in range(count):
        parts = graph.get(glyph, [])
        data += struct.pack(">hhhhh", -1 if parts else 1, 0, 0, 9, 9)
        for k, part in enumerate(parts):
            more = 0x20 if k + 1 < len(parts) else 0
            data += struct.pack(">HHbb", 0x2 | more, part, 0, 0)
        data += b"\0" * 4 if not parts else b""
        places.append(len(data))
    return data, places


def _unfolded(graph: dict[int, list[int]], glyph: int, path: tuple[int, ...] = ()) -> float:
    if glyph in path or len(path) > 40:
        return float("inf")
    return 1 + sum(_unfolded(graph, part, (*path, glyph)) for part in graph.get(glyph, []))


@given(
    st.dictionaries(
        st.integers(0, 7), st.lists(st.integers(0, 7), min_size=1, max_size=3), max_size=8
    )
)
def test_a_composite_is_refused_when_it_unfolds_to_too_much_and_only_then(
    graph: dict[int, list[int]],
) -> None:
    fault = composite_fault(*_table(graph, 8))
    too_much = [glyph for glyph in graph if _unfolded(graph, glyph) > MOST_PARTS]
    assert (fault is not None) == bool(too_much)
    assert fault is None or fault[0] in too_much


def test_one_long_composite_that_stands_for_many_glyphs_is_read_once() -> None:
    data, _ = _table({0: [1] * 900}, 2)
    assert composite_fault(data, [0, len(data)] * 20_000) is None


@pytest.mark.parametrize("form", [12, 13])
def test_a_map_of_more_characters_than_there_are_is_refused_before_it_is_unfolded(
    tmp_path: Path, form: int
) -> None:
    table = struct.pack(">HHHHL", 0, 1, 3, 10, 12)
    table += struct.pack(">HHLLL", form, 0, 28, 0, 1) + struct.pack(">LLL", 0, 0xFFFF_FFFF, 1)
    assert mapped_fault(table) == "a table of 4,294,967,296 characters"
    path = fonts.true_type(tmp_path / "face.ttf")
    font = TTFont(path)
    font["cmap"] = _Raw("cmap", table)
    font.save(path)
    assert read_font_file(path).detail == "a table of 4,294,967,296 characters"


class _Raw:
    """A table that is written as it is."""

    def __init__(self, tag: str, data: bytes) -> None:
        self.tableTag, self._data = tag, data

    def compile(self, font: object) -> bytes:
        return self._data


def test_overlapping_ranges_of_a_small_map_count_each_time() -> None:
    ranges = 64
    table = struct.pack(">HHHHL", 0, 1, 3, 1, 12)
    table += struct.pack(">HHHHHHH", 4, 0, 0, ranges * 2, 0, 0, 0)
    table += struct.pack(f">{ranges}H", *[0xFFFF] * ranges) + b"\0\0" + b"\0\0" * ranges
    assert mapped_fault(table) == f"a table of {ranges * 65536:,} characters"
    assert mapped_fault(b"") == mapped_fault(b"\0\0\0\2") == ""


@pytest.mark.parametrize("make", [fonts.endless, fonts.huge])
def test_the_gate_finds_a_glyph_that_breaks_and_keeps_it_found(
    tmp_path: Path, make: Any, face_of: Any
) -> None:
    face = face_of(make(tmp_path / "face.otf"))
    for _ in range(2):
        gate = Gate("abc").of(face)
        assert gate.facts("a").status == "ok"
        found = gate.facts("b")
        assert found.status == "breaks"
        assert found.why.startswith("face breaks at 'b': ")
        assert gate.distinct("a", "b")
        gate.save()


def test_a_glyph_that_breaks_is_no_twin_of_another(tmp_path: Path, face_of: Any) -> None:
    face = face_of(fonts.endless(tmp_path / "face.otf"))
    assert Gate("abcdefg").of(face).facts("c").twins == ()


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (fonts.growing, "its rules let the line grow without end"),
        (fonts.hidden, "broken file"),
    ],
)
def test_a_line_is_proven_and_not_only_its_characters(
    tmp_path: Path, make: Any, why: str, face_of: Any
) -> None:
    face = face_of(make(tmp_path / "face.ttf"))
    assert Gate("abc").of(face).facts("b").status == "ok"
    assert line_fault(face, "aac") is None
    assert line_fault(face, "abc") == f"face breaks at 'abc': {why}"


def test_a_face_that_breaks_is_drawn_with_no_more(tmp_path: Path, face_of: Any) -> None:
    from synth.draws import Draws

    faces = [face_of(make(tmp_path / f"{k}.ttf")) for k, make in enumerate((fonts.growing, good))]
    pool = FacePool(faces, "abc", fault=line_fault)
    before = {pool.choose("aac", Draws(1, k)) for k in range(20)}
    assert before == {face.id for face in faces}
    assert {pool.choose("abc", Draws(1, k)) for k in range(20)} == {faces[1].id}
    assert {pool.choose("aac", Draws(1, k)) for k in range(20)} == {faces[1].id}
    assert list(pool.broken) == [faces[0]]


def good(path: Path) -> Path:
    """Write a face that does not break."""
    return fonts.true_type(path)


def test_no_face_left_is_an_error_in_words(tmp_path: Path, face_of: Any) -> None:
    from synth.draws import Draws

    face = face_of(fonts.growing(tmp_path / "face.ttf"))
    pool = FacePool([face], "abc", fault=line_fault)
    with pytest.raises(InputError, match=r"--fonts: leaves no face .* of 1 breaks .*face\.ttf"):
        pool.choose("b", Draws(1, 1))


def test_a_failure_of_the_machine_is_none_of_the_face(tmp_path: Path, face_of: Any) -> None:
    face = face_of(good(tmp_path / "face.ttf"))
    with pytest.raises(MachineError, match="not enough memory"), drawing(face, "a"):
        raise MemoryError
    with pytest.raises(BreaksError, match=r"face\.ttf: face breaks at 'a': raster overflow"), \
            drawing(face, "a"):  # fmt: skip
        raise OSError("raster overflow")
