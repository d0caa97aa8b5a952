"""Our own display faces: what they hold, and that equal parameters give equal bytes."""

import hashlib
from itertools import combinations
from pathlib import Path

import pytest

from synth.faces.display import build_display_font, display_faces, ghost_text, kind_of, stands_for
from synth.faces.display_glyphs import GHOST_CELL, GHOST_POINT, HEIGHT, LIT, DotMatrix, SevenSegment
from synth.faces.dots5x7 import DOTS
from synth.faces.face_metrics import metrics_of
from synth.faces.font_catalogue import Catalogue, read_catalogue
from synth.faces.font_face import Face
from synth.faces.font_files import read_font_file
from synth.faces.glyph_gate import Gate
from textlines.errors import InputError


@pytest.fixture(scope="module")
def faces() -> list[Face]:
    return display_faces()


def test_the_catalogue_holds_24_seven_segment_and_8_dot_faces(faces: list[Face]) -> None:
    kinds = [face.kind for face in faces]
    assert (kinds.count("seven_segment"), kinds.count("dot_matrix")) == (24, 8)
    assert len({face.id for face in faces}) == 32
    assert len({face.family for face in faces}) == 32


def test_every_face_draws_all_it_declares_and_no_two_of_them_alike(faces: list[Face]) -> None:
    gate = Gate([chr(code) for code in range(33, 127)] + [*DOTS])
    for face in faces:
        assert face.declared is not None
        for char in sorted(face.declared):
            assert gate.of(face).facts(char) == ("ok", (), ""), (face.family, char)


@pytest.mark.parametrize(
    "pair", ["0O", "1I", "1l", "Il", "l|", "5S", "8B", "2Z", "6b", "9g", ".,", "'`"]
)
def test_pairs_that_people_mix_up_are_clear_in_dots(faces: list[Face], pair: str) -> None:
    dots = [face for face in faces if face.kind == "dot_matrix"]
    gate = Gate(pair)
    assert all(gate.distinct(face, *pair) for face in dots)


def test_of_look_alikes_a_seven_segment_face_has_one(faces: list[Face]) -> None:
    for face in faces:
        if face.kind == "seven_segment":
            assert face.declared is not None
            assert face.declared >= set("0123456789-.,: ")
            assert not face.declared & set("SOZIBlgq")


def test_segments_and_dots_are_all_different() -> None:
    assert len({frozenset(lit) for lit in LIT.values()}) == len(LIT)
    assert all(a != b for a, b in combinations(DOTS.values(), 2))
    assert all(len(rows) == 7 and {len(row) for row in rows} == {5} for rows in DOTS.values())
    assert {chr(code) for code in range(33, 127)} <= set(DOTS)


def test_a_six_without_its_top_leaves_no_b() -> None:
    spec = SevenSegment(name="x", six_tail=False)
    assert "b" not in stands_for(spec)
    assert "b" in stands_for(SevenSegment(name="x"))


def test_an_open_zero_leaves_no_capital_o() -> None:
    assert "O" not in stands_for(DotMatrix(name="x", zero="open"))


@pytest.mark.parametrize("spec", [SevenSegment(name="x"), DotMatrix(name="x", dot="round")])
def test_equal_parameters_give_equal_bytes(spec: SevenSegment | DotMatrix) -> None:
    assert build_display_font(spec) == build_display_font(spec.model_copy())


def test_the_file_declares_what_its_glyphs_stand_for(faces: list[Face]) -> None:
    for face, spec in zip(
        faces,
        (*read_catalogue().seven_segment, *read_catalogue().dot_matrix),
        strict=True,
    ):
        (read,) = read_font_file(face.path).as_faces(face.path)
        assert read == face
        assert (face.declared, face.kind) == (stands_for(spec), kind_of(spec))


def test_files_are_built_once(tmp_path: Path) -> None:
    few = Catalogue(seven_segment=(SevenSegment(name="a"), SevenSegment(name="b", stroke=0.2)))
    first = display_faces(tmp_path, few)
    stamps = {path: path.stat().st_mtime_ns for path in sorted(tmp_path.iterdir())}
    assert display_faces(tmp_path, few) == first
    assert {path: path.stat().st_mtime_ns for path in sorted(tmp_path.iterdir())} == stamps
    assert hashlib.sha256(first[0].path.read_bytes()).hexdigest() == first[0].sha256


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="Set XDG_CACHE_HOME"):
        display_faces(tmp_path / "file" / "display")


@pytest.mark.parametrize("text", ["123.45", "-1.2:3,4 A", "0. "])
def test_ghosts_are_as_wide_as_what_they_stand_under(faces: list[Face], text: str) -> None:
    for face in faces:
        metrics = metrics_of(face)
        assert metrics.shape(ghost_text(text)).advances == metrics.shape(text).advances
        assert 0 not in metrics.shape(ghost_text(text)).gids


def test_a_ghost_shows_every_segment_of_every_digit(faces: list[Face]) -> None:
    for face in faces:
        metrics = metrics_of(face)
        eight, ghost = (metrics.box(metrics.nominal(char)) for char in ("8", GHOST_CELL))
        assert ghost[0] <= eight[0]
        assert ghost[1] <= eight[1]
        assert ghost[2] >= eight[2]
        assert ghost[3] >= eight[3]


def test_a_tucked_point_does_not_move_the_pen_and_lies_low_between_the_cells() -> None:
    tucked, own = SevenSegment(name="x"), SevenSegment(name="y", point_advance=0.2)
    advance = own.point_advance * HEIGHT
    from synth.faces.display_glyphs import segment_outlines

    drawn, wide = segment_outlines(tucked), segment_outlines(own)
    assert drawn["."].advance == 0
    assert wide["."].advance == advance
    assert drawn[GHOST_POINT].contours == ()
    xs = [x for contour in drawn["."].contours for x, _ in contour]
    ys = [y for contour in drawn["."].contours for _, y in contour]
    side = (tucked.pitch - tucked.width) / 2 * HEIGHT
    assert max(ys) < HEIGHT / 4
    # Leant along with the digits: at the foot of the cell it stands left of the pen.
    assert -2 * side < min(xs) < max(xs) < side


def test_one_stands_at_the_right_of_its_cell(faces: list[Face]) -> None:
    for face in faces:
        if face.kind == "seven_segment":
            metrics = metrics_of(face)
            one, eight = (metrics.box(metrics.nominal(char)) for char in "18")
            assert one[0] > (eight[0] + eight[2]) / 2 - 100
            assert metrics.advance(metrics.nominal("1")) == metrics.advance(metrics.nominal("8"))
