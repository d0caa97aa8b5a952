"""Variable fonts: which faces they give, and that no two of them are mixed up."""

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

import synth
from synth.draws import Draws
from synth.faces.breaking import breaks
from synth.faces.face_metrics import metrics_of
from synth.faces.font_face import Face, open_face
from synth.faces.font_files import read_font_file
from synth.faces.font_tables import MOST_INSTANCES
from synth.faces.glyph_gate import Gate
from synth.faces.scan import find_faces
from synth.rendering.glyph_bitmaps import GlyphCache
from synth.rendering.line_mask import draw_mask, lay_out
from synth.rendering.style import load_style
from tests.synth.faces import broken_fonts
from tests.synth.faces.variable_fonts import (
    SLANT,
    THREE,
    WEIGHT,
    WIDTH,
    variable,
)


def faces_of(path: Path) -> list[Face]:
    return read_font_file(path).as_faces(path)


def told(path: Path) -> list[tuple[str, tuple[tuple[str, float], ...]]]:
    return [(face.style, face.instance) for face in faces_of(path)]


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Face]:
    path = variable(tmp_path_factory.mktemp("variable") / "three.ttf", family="Three")
    return {face.style: face for face in faces_of(path)}


def test_each_named_instance_is_a_face_of_its_own(three: dict[str, Face]) -> None:
    assert {style: face.instance for style, face in three.items()} == {
        "Thin": (("wght", 100.0),),
        "Regular": (("wght", 400.0),),
        "Black": (("wght", 900.0),),
    }
    assert {face.family for face in three.values()} == {"Three"}
    assert len({face.sha256 for face in three.values()}) == 1
    assert [three[style].id[16:] for style in three] == ["-0-wght100", "-0-wght400", "-0-wght900"]


def test_an_instance_that_is_named_twice_is_one_face(tmp_path: Path) -> None:
    path = variable(tmp_path / "twice.ttf", named=[*THREE, ({"wght": 400}, "Book")])
    assert [style for style, _ in told(path)] == ["Thin", "Regular", "Black"]


def test_an_instance_outside_its_axis_stands_at_the_end_of_it(tmp_path: Path) -> None:
    path = variable(tmp_path / "out.ttf", named=[({"wght": 1000}, "Ultra"), THREE[2]])
    assert told(path) == [("Ultra", (("wght", 900.0),))]


@pytest.mark.parametrize(
    ("axes", "expected"),
    [
        ([WEIGHT], ["Regular", "Bold", "Light"]),
        ([("wght", 100, 100, 900, "Weight")], ["Regular", "Regular", "Bold"]),
        ([("wght", 350, 350, 500, "Weight")], ["Regular", "Regular", "wght 500"]),
        ([("wght", 0, 0, 1, "Weight")], ["Regular", "wght 1"]),
        ([WIDTH], ["Regular"]),
        ([WIDTH, WEIGHT], ["Regular", "Bold", "Light"]),
    ],
)
def test_without_names_the_default_and_two_weights_are_drawn(
    axes: list[Any], expected: list[str], tmp_path: Path
) -> None:
    found = told(variable(tmp_path / "unnamed.ttf", axes=axes, named=[]))
    assert [style for style, _ in found] == expected
    default = tuple((tag, float(value)) for tag, _, value, _, _ in axes)
    assert found[0][1] == default
    assert all(dict(place).keys() == dict(default).keys() for _, place in found)
    assert len({place for _, place in found}) == len(found)


def test_axes_other_than_weight_are_drawn_as_they_are_named(tmp_path: Path) -> None:
    named = [({"wdth": 75, "slnt": 0}, "Condensed"), ({"wdth": 100, "slnt": -12}, "Oblique")]
    faces = faces_of(variable(tmp_path / "wide.ttf", axes=[WIDTH, SLANT], named=named))
    assert [face.instance for face in faces] == [
        (("wdth", 75.0), ("slnt", 0.0)),
        (("wdth", 100.0), ("slnt", -12.0)),
    ]
    assert [face.traits for face in faces] == [(), ("italic",)]
    assert faces[1].id.endswith("-0-wdth100-slnt-12")


def test_a_file_whose_outlines_do_not_hang_on_its_axes_is_one_face(tmp_path: Path) -> None:
    path = variable(tmp_path / "still.ttf")
    with TTFont(path) as font:
        del font["gvar"]
        font.save(path)
    assert told(path) == [("Regular", ())]


@pytest.mark.parametrize(
    ("axes", "named", "why"),
    [
        ([("w/gh", 0, 0, 1, "No")], [], r"axes \['w/gh'\]"),
        (
            [WEIGHT],
            [({"wght": 100 + k}, f"W{k}") for k in range(MOST_INSTANCES + 1)],
            "257 instances of 1 axis",
        ),
    ],
)
def test_axes_that_no_font_has_are_refused_with_the_reason(
    axes: list[Any], named: list[Any], why: str, tmp_path: Path
) -> None:
    record = read_font_file(variable(tmp_path / "odd.ttf", axes=axes, named=named))
    assert (record.refusal, record.faces) == ("broken", ())
    assert re.search(why, record.detail)


def test_a_scan_counts_each_instance_and_keeps_them_in_its_cache(tmp_path: Path) -> None:
    variable(tmp_path / "x" / "a.ttf")
    first = find_faces([tmp_path / "x"])
    assert find_faces([tmp_path / "x"]).faces == first.faces
    assert [face.style for face in first.faces] == ["Thin", "Regular", "Black"]
    shutil.copy(tmp_path / "x" / "a.ttf", tmp_path / "x" / "b.ttf")
    again = find_faces([tmp_path / "x"])
    assert (len(again.faces), again.refused) == (3, {"duplicate": 3})


@given(place=st.integers(100, 900), char=st.sampled_from("A1kz"))
def test_ink_and_boxes_agree_at_any_place_of_the_axis(
    three: dict[str, Face], place: int, char: str
) -> None:
    face = replace(three["Regular"], instance=(("wght", float(place)),))
    metrics = metrics_of(face)
    gid, scale = metrics.nominal(char), 200 / metrics.upem
    left, bottom, right, top = (edge * scale for edge in metrics.box(gid))
    for shaped in (False, True):
        font = open_face(face, 200, shaped=shaped)
        core, (x, y) = font.getmask2(char, mode="L", anchor="ls")
        x0, y0, x1, y1 = core.getbbox()
        assert abs(x + x0 - left) <= 1.5
        assert abs(x + x1 - right) <= 1.5
        assert abs(y + y0 + top) <= 1.5
        assert abs(y + y1 + bottom) <= 1.5
        assert abs(font.getlength(char) - metrics.advance(gid) * scale) <= 1
        assert abs(sum(metrics.shape(char).advances) - metrics.advance(gid)) == 0


def test_no_cache_mixes_two_instances(three: dict[str, Face]) -> None:
    glyphs = GlyphCache()
    heights: dict[str, set[int]] = {}
    for _ in range(2):
        for style, face in three.items():
            (drawn,) = glyphs.glyphs(face, 100, "A")
            heights.setdefault(style, set()).add(drawn.height)
            box = metrics_of(face).box(metrics_of(face).nominal("A"))
            assert abs(drawn.height - (box[3] - box[1]) / 10) <= 1.5
    (thin,), (regular,), (black,) = heights["Thin"], heights["Regular"], heights["Black"]
    assert thin < regular < black


def test_each_instance_has_a_gate_and_a_cache_of_its_own(
    three: dict[str, Face], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    gate = Gate("AB1")
    gates = [gate.of(face) for face in three.values()]
    assert len({id(one) for one in gates}) == 3
    for one in gates:
        assert one.facts("A").status == "ok"
        one.save()
    names = sorted(path.name for path in (tmp_path / "ocr-mend" / "gate").iterdir())
    assert names == sorted(f"{face.id}-{gate.key[:16]}.json" for face in three.values())


@pytest.mark.parametrize("style", ["Thin", "Black"])
def test_a_shaped_line_has_its_boxes_where_its_ink_is(style: str, tmp_path: Path) -> None:
    rule = "feature ccmp { sub f i by A; } ccmp;"
    path = variable(tmp_path / "shaped.ttf", features=rule)
    face = next(face for face in faces_of(path) if face.style == style)
    metrics, chosen = metrics_of(face), load_style("document")
    layout = lay_out("fi1k", metrics, chosen.text, chosen.output, Draws(1, 0))
    boxes, marks = np.split(draw_mask(layout, face, GlyphCache()).boxes, [3])
    assert layout.whole
    # The bars of the first glyph stand apart, each with a box of its own inside its cluster's.
    assert len(marks) and (marks[:, :2] >= boxes[0, :2]).all()
    assert (marks[:, 2:] <= boxes[0, 2:]).all()
    scale = layout.size_px / metrics.upem
    for char, pen, box in zip("A1k", layout.pens, boxes.tolist(), strict=True):
        left, bottom, right, top = metrics.box(metrics.nominal(char))
        expected = [pen + left * scale, layout.baseline - top * scale]
        expected += [pen + right * scale, layout.baseline - bottom * scale]
        assert max(abs(a - b) for a, b in zip(box, expected, strict=True)) <= 2


def test_a_face_that_breaks_is_named_with_its_instance(three: dict[str, Face]) -> None:
    assert "(Black)" in str(breaks(three["Black"], "x", "no end"))


def test_a_static_font_stays_what_it_was(tmp_path: Path) -> None:
    (face,) = faces_of(broken_fonts.true_type(tmp_path / "plain.ttf"))
    assert (face.instance, face.id) == ((), f"{face.sha256[:16]}-0")


def test_fonts_are_opened_where_instances_are_heeded() -> None:
    root = Path(synth.__file__).parent
    opening = {
        "ImageFont.truetype(": {"faces/font_face.py", "run/preview_picture.py"},
        "hb.Face(": {"faces/face_metrics.py"},
    }
    for call, places in opening.items():
        found = {path for path in root.rglob("*.py") if call in path.read_text(encoding="utf-8")}
        assert {path.relative_to(root).as_posix() for path in found} == places
