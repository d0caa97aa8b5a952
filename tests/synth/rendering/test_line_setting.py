"""Lines in two faces and vertical lines: chosen with the face, drawn by it, in the manifest."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from synth.draws import Draws
from synth.faces.face_metrics import metrics_of
from synth.faces.face_pool import FacePool
from synth.faces.font_face import Face
from synth.faces.font_files import read_font_file
from synth.rendering.columns import NO_FORMS, SEGMENTS, column_fault
from synth.rendering.glyph_bitmaps import GlyphCache
from synth.rendering.line_mask import Layout, draw_mask, lay_out
from synth.rendering.line_runs import FacePart, SetAs, in_parts
from synth.rendering.line_setting import NO_PART, NO_SECOND, LineSetter
from synth.rendering.sample import DrawingError, Setup
from synth.rendering.style import ImageFile, load_style
from synth.rendering.text_style import Text
from textlines.formats.manifest import manifest_line, manifest_row
from textlines.formats.plan_rows import FaceSpan, PlanRow, Setting, Vertical
from textlines.pixels.rectify import rectify

Make = Callable[..., Face]
CHARS = "ABDFKPRTabd 124789값합계"
CALM = (
    *("surfaces={ plain = { level = 240 } }", "ink.dark=1", "ink.contrast=0.8", "photos.p=0"),
    *("stroke={}", "geometry={}", "light={}", "camera={}", "distractors={}", "output.quality=95"),
)


@pytest.fixture
def made(make_font: Callable[..., Path], rectangle: Any) -> Make:
    """Return a function that makes a face of stems and spots; those of another `shift` differ."""

    def spot(bit: int, shift: int) -> Any:
        left, bottom = 170 + 110 * (bit % 3), 200 * (bit // 3) + shift // 4
        return rectangle(left, bottom, left + 90 - shift // 2, bottom + 150)

    def make(name: str, chars: str = CHARS, shift: int = 0, high: int = 700) -> Face:
        # Spots by the bits of the character's number: no glyph is like another.
        shapes = {
            char: ()
            if char == " "
            else (
                rectangle(60, 0, 150, high),
                *(spot(bit, shift) for bit in range(9) if (37 * (k + 1)) >> bit & 1),
            )
            for k, char in enumerate(CHARS)
            if char in chars
        }
        path = make_font(shapes, name=name)
        return read_font_file(path).as_faces(path)[0]

    return make


def setter(pool: FacePool, *settings: str) -> LineSetter:
    found = LineSetter.of(load_style("document", settings), pool)
    assert found is not None
    return found


def test_a_style_that_sets_all_lines_in_one_way_asks_for_none(made: Make) -> None:
    assert LineSetter.of(load_style("document"), FacePool([made("A")], CHARS)) is None


def test_a_second_face_holds_what_it_draws(made: Make) -> None:
    whole, latin = made("Whole"), made("Latin", "ABD 12479", shift=120)
    digits = made("Digits", "12", shift=60)
    pool = FacePool([whole, latin, digits], CHARS)
    lines = setter(pool, "text.faces={ p = 1, at = 'script' }")
    faces = Counter(
        part.face
        for k in range(60)
        for part in lines.set("합계 12 AB", whole.id, Draws(1, k)).parts
    )
    assert set(faces) == {latin.id}
    assert lines.set("합계 12 AB", whole.id, Draws(1, 1)).parts == (
        FaceSpan(3, 5, latin.id),
        FaceSpan(6, 8, latin.id),
    )
    assert lines.counts == {"with a second face": 61}
    assert lines.set("합계 12 TR", whole.id, Draws(1, 1)) == Setting()
    assert lines.set("합계", whole.id, Draws(1, 1)) == Setting()
    assert lines.counts[f"without a second face: {NO_SECOND}"] == 1
    assert lines.counts[f"without a second face: {NO_PART}"] == 1


def test_a_display_stands_beside_no_face_of_text(made: Make) -> None:
    whole, shown = made("Whole"), replace(made("Shown", shift=120), kind="seven_segment")
    pool = FacePool([whole, shown], CHARS)
    lines = setter(pool, "text.faces={ p = 1, at = 'word' }", "text.vertical.p=0.5")
    for k in range(20):
        assert not lines.set("AB 12", whole.id, Draws(1, k)).parts
        assert lines.set("AB 12", shown.id, Draws(1, k)) == Setting()
    assert lines.counts[f"not vertical: {SEGMENTS}"] > 4


def test_the_share_of_vertical_lines_and_their_ways_are_those_of_the_style(made: Make) -> None:
    face = made("Whole")
    ways = "text.vertical={ p = 0.5, forms = { mixed = 1, upright = 3 } }"
    lines = setter(FacePool([face], CHARS), ways)
    found = Counter(lines.set("합계값", face.id, Draws(3, k)).vertical for k in range(1000))
    assert abs(found[""] - 500) < 60
    assert abs(found["upright"] - 375) < 60
    assert set(found) == {"", "upright", "mixed"}


def laid(text: str, first: Face, *others: FacePart) -> tuple[Layout, np.ndarray]:
    style = Text(fill=0.8, ink_share=1.0)
    parts = in_parts(text, first, others)
    layout = lay_out(
        text, metrics_of(first), style, ImageFile(height=64), Draws(1, 0), as_set=SetAs(parts)
    )
    return layout, draw_mask(layout, first, GlyphCache()).mask


def test_each_part_is_drawn_by_its_own_face(made: Make) -> None:
    first, second = made("First"), made("Second", shift=150)
    layout, mask = laid("AB12", first, FacePart(2, 4, second))
    assert layout.faces == (first, first, second, second)
    glyphs = GlyphCache()
    for char, face, pen in zip("AB12", layout.faces, layout.pens, strict=True):
        glyph = glyphs.glyphs(face, layout.size_px, char)[0]
        x, y = pen + glyph.left, layout.baseline + glyph.top
        assert np.array_equal(mask[y : y + glyph.height, x : x + glyph.width], glyph.mask)


def test_a_line_in_one_face_is_the_same_in_parts(made: Make) -> None:
    first = made("First")
    whole, mask = laid("AB12 9", first)
    cut, other = laid("AB12 9", first, FacePart(2, 4, first))
    assert np.array_equal(mask, other)
    assert (whole.pens, whole.ends, whole.baseline) == (cut.pens, cut.ends, cut.baseline)


@pytest.mark.parametrize(("high", "times"), [(1600, 0.55), (600, 1.0), (800, 1.0)])
def test_a_second_face_is_about_as_high_as_the_first(made: Make, high: int, times: float) -> None:
    first, second = made("First"), made("Second", shift=150, high=high)
    layout, _ = laid("AB12", first, FacePart(2, 4, second))
    sizes = layout.sizes or (layout.size_px,) * 4
    assert sizes[2] / sizes[0] == pytest.approx(times, rel=0.05)


def engine(*faces: Face, settings: tuple[str, ...] = ()) -> Any:
    style = load_style("document", (*CALM, *settings))
    return Setup(style=style, faces=faces, photos=None, seed=4).engine()


def test_the_manifest_names_both_faces_with_their_spans(made: Make) -> None:
    first, second = made("First"), made("Second", shift=150)
    row = PlanRow(0, "AB 12", (), first.id, "document", parts=(FaceSpan(3, 5, second.id),))
    sample = engine(first, second).sample(row)
    read = manifest_row(json.loads(manifest_line(sample.record)))
    assert [(part.start, part.end, part.face.family) for part in read.parts] == [(3, 5, "Second")]
    assert [face.family for face in read.faces()] == ["First", "Second"]
    assert not sample.record["fallback"]


def test_a_second_face_that_is_not_at_hand_is_named(made: Make) -> None:
    first = made("First")
    row = PlanRow(7, "AB 12", (), first.id, "document", parts=(FaceSpan(3, 5, "gone-0"),))
    with pytest.raises(DrawingError, match="plan row 7: no face gone-0 is at hand"):
        engine(first).sample(row)


@pytest.mark.parametrize("form", ["upright", "mixed", "turned"])
@pytest.mark.parametrize("rough", [False, True])
def test_vertical_lines_are_legible_and_their_files_lie(form: str, rough: bool, made: Make) -> None:
    face = made("First")
    rotation = ("geometry={ rotation = { p = 1, deg = [1, 3] } }", "output.native=[20, 40]")
    drawing = engine(face, settings=rotation if rough else ())
    for index in range(12):
        row = PlanRow(index, "합계값 AB 24", (), face.id, "document", vertical=form)  # type: ignore[arg-type]
        sample = drawing.sample(row)
        read = manifest_row(json.loads(manifest_line(sample.record)))
        width, height = read.size
        assert width >= 1.5 * height - 1
        assert read.vertical == form
        assert read.luminance.contrast >= 18


@pytest.mark.parametrize("text", ["합계값", "AB"])
def test_a_file_is_what_a_detector_and_the_rule_of_paddleocr_give(text: str, made: Make) -> None:
    face = made("First")
    row = PlanRow(0, text, (), face.id, "document", vertical="upright")
    file = engine(face, settings=("output.format=png",)).sample(row).image
    page = np.ascontiguousarray(np.rot90(file, -1))
    height, width = page.shape[:2]
    crop = rectify(page, [(0, 0), (width, height)])
    assert crop.is_turned
    assert np.array_equal(crop.image, file)


def test_a_line_that_is_turned_whole_is_the_line_upside_down(made: Make) -> None:
    face = made("First")
    rows = [PlanRow(0, "합계 AB", (), face.id, "document")]
    rows.append(replace(rows[0], vertical="turned"))
    flat, turned = (
        engine(face, settings=("output.format=png", "text.stretch=1")).sample(row) for row in rows
    )
    assert np.array_equal(flat.image[::-1, ::-1], turned.image)
    height, width = flat.image.shape[:2]
    assert turned.record["matrix"] == [-1, 0, width - 1, 0, -1, height - 1, 0, 0, 1]
    assert flat.record["matrix"] is None


def test_columns_have_a_second_face_as_often_as_lines(made: Make) -> None:
    whole, other = made("Whole"), made("Other", shift=120)
    ways = "text.vertical={ p = 1, forms = { mixed = 1, upright = 1, turned = 1 } }"
    lines = setter(FacePool([whole, other], CHARS), "text.faces={ p = 0.5, at = 'word' }", ways)
    found = [lines.set("합계 24 AB", whole.id, Draws(5, k)) for k in range(300)]
    assert {setting.vertical for setting in found} == {"upright", "mixed", "turned"}
    second = Counter(setting.vertical for setting in found if setting.parts)
    assert abs(sum(second.values()) - 150) < 35 and min(second.values()) > 20
    assert lines.counts["with a second face"] == sum(second.values())
    assert {part.face for setting in found for part in setting.parts} == {other.id}


def test_a_second_face_that_cannot_set_its_part_of_a_column_draws_none_of_it(
    made: Make, make_font: Callable[..., Path]
) -> None:
    first, other = made("First"), made("Other", shift=120)
    path = make_font(dict.fromkeys("값계", ()), name="Blank")
    blank = read_font_file(path).as_faces(path)[0]
    text = "합계 값계"

    def fault(second: Face) -> str | None:
        parts = in_parts(text, first, [FacePart(3, 5, second)])
        return column_fault(text, metrics_of(first), "upright", parts)

    assert column_fault(text, metrics_of(first), "upright") is None
    assert fault(other) is None
    assert fault(blank) == NO_FORMS


@pytest.mark.parametrize("text", ["합계 값계", "합계 AB", "AB 12"])
@pytest.mark.parametrize("high", [700, 1000])
def test_each_part_of_a_column_is_drawn_by_its_own_face_around_one_middle(
    text: str, high: int, made: Make
) -> None:
    first, second = made("First"), made("Second", shift=150, high=high)
    parts = in_parts(text, first, [FacePart(3, len(text), second)])
    style = Text(fill=0.8, ink_share=1.0)
    layout = lay_out(
        text,
        metrics_of(first),
        style,
        ImageFile(height=64),
        Draws(1, 0),
        as_set=SetAs(parts, "upright"),
    )
    glyphs, ink = GlyphCache(), draw_mask(layout, first, GlyphCache())
    assert layout.faces == (first,) * 3 + (second,) * (len(text) - 3)
    sizes = layout.sizes or (layout.size_px,) * len(text)
    assert (sizes[-1] < sizes[0]) == (high == 1000)
    places = [at for at, char in enumerate(text) if char != " "]
    for at, (x0, y0, x1, y1) in zip(places, ink.boxes, strict=False):
        glyph = glyphs.lying(layout.faces[at], sizes[at], text[at])
        assert (y1 - y0, x1 - x0) == glyph.mask.shape  # neighbours may reach into its box
        assert (ink.mask[y0:y1, x0:x1] >= glyph.mask).all()


def test_a_column_in_one_face_is_the_same_in_parts(made: Make) -> None:
    first = made("First")
    style, file = Text(fill=0.8, ink_share=1.0), ImageFile(height=64)
    text = "합계 AB 24"
    forms: tuple[Vertical, ...] = ("upright", "mixed")
    for form in forms:
        masks = []
        for parts in ((), in_parts(text, first, [FacePart(3, 5, first)])):
            as_set = SetAs(parts, form)
            layout = lay_out(text, metrics_of(first), style, file, Draws(1, 0), as_set=as_set)
            masks.append(draw_mask(layout, first, GlyphCache()).mask)
        assert np.array_equal(masks[0], masks[1])


@pytest.mark.parametrize("form", ["upright", "mixed", "turned"])
def test_vertical_lines_in_two_faces_are_legible_and_say_both(form: str, made: Make) -> None:
    first, second = made("First"), made("Second", shift=150)
    drawing = engine(first, second)
    for index in range(6):
        row = PlanRow(
            index,
            "합계값 AB 24",
            (),
            first.id,
            "document",
            parts=(FaceSpan(4, 9, second.id),),
            vertical=form,  # type: ignore[arg-type]
        )
        sample = drawing.sample(row)
        read = manifest_row(json.loads(manifest_line(sample.record)))
        assert read.vertical == form
        assert [face.family for face in read.faces()] == ["First", "Second"]
        assert read.luminance.contrast >= 18
