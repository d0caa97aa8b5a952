"""Columns: what may stand in one, and that its file is the column turned onto its left side."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.draws import Draws
from synth.faces.face_metrics import metrics_of
from synth.faces.font_face import Face
from synth.faces.font_files import read_font_file
from synth.rendering.columns import (
    ALONE,
    ALONG,
    JOINED,
    MIXED_UP,
    NO_FORMS,
    SIGNS,
    ColumnForm,
    column_fault,
    turned_fault,
)
from synth.rendering.composition import turned_whole
from synth.rendering.glyph_bitmaps import GlyphCache
from synth.rendering.line_mask import Layout, draw_mask, lay_out
from synth.rendering.line_runs import SetAs
from synth.rendering.style import ImageFile
from synth.rendering.text_style import Text
from textlines.pixels.geometry import warp_points

WIDE = "漢字値国格火水木を営業中一二三값합계주문오우はルー"
LATIN = "ABDKPRTYabdeghkHNIl1245679cO0 "
SIGNS_HELD = "、。（）：！,.-!"


@pytest.fixture(scope="module")
def face(tmp_path_factory: pytest.TempPathFactory) -> Face:
    """Make a face of unlike shapes: `、` and `（` have vertical forms, that of `！` is blank."""
    return face_at(tmp_path_factory.mktemp("fonts") / "column.ttf")


def face_at(path: Path) -> Face:
    from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    chars = sorted(set(WIDE + LATIN + SIGNS_HELD))
    names = {char: f"uni{ord(char):04X}" for char in chars}
    boxes: dict[str, list[tuple[int, int, int, int]]] = {".notdef": [(50, 0, 90, 700)]}
    advances = {".notdef": 600}
    for number, char in enumerate(chars):
        name, wide = names[char], char in WIDE
        advances[name] = 1000 if wide or ord(char) > 0x3000 else 600
        right = advances[name] - 80
        # A foot, a stem and an arm, each of another length by character: no two are alike, and
        # none is like itself once it is turned.
        boxes[name] = [
            (80, 0, right, 60 + 5 * (number % 7)),
            (80, 0, 170, 720),
            (80, 400 + 3 * number, 300 + 4 * number, 470 + 3 * number),
        ]
    boxes[names[" "]] = []
    boxes[names["、"]], boxes["down"] = [(60, 0, 260, 200)], [(740, 560, 940, 800)]
    boxes[names["（"]], boxes["above"] = [(600, -50, 900, 800)], [(100, 0, 900, 250)]
    boxes["void"] = []
    advances |= {"down": 1000, "above": 1000, "void": 1000}
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(list(boxes))
    builder.setupCharacterMap({ord(char): name for char, name in names.items()})
    glyphs = {}
    for name, parts in boxes.items():
        pen = TTGlyphPen(None)
        for left, bottom, right, top in parts:
            pen.moveTo((left, bottom))
            for point in ((left, top), (right, top), (right, bottom)):
                pen.lineTo(point)
            pen.closePath()
        glyphs[name] = pen.glyph()
    builder.setupGlyf(glyphs)
    table = builder.font["glyf"]
    sides = {name: (advances[name], getattr(table[name], "xMin", 0)) for name in boxes}
    builder.setupHorizontalMetrics(sides)
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": "Column", "styleName": "Regular"}, mac=False)
    builder.setupOS2()
    builder.setupPost()
    rules = f"sub {names['、']} by down; sub {names['（']} by above;"
    rules += f" sub {names['！']} by void;"
    addOpenTypeFeaturesFromString(builder.font, f"feature vert {{ {rules} }} vert;")
    builder.save(path)
    return read_font_file(path).as_faces(path)[0]


def column(text: str, face: Face, form: ColumnForm = "upright", **changes: Any) -> Layout:
    style = Text(**{"fill": 0.8, "left": 0.2, "right": 0.2, "ink_share": 1.0} | changes)
    file = ImageFile(height=64)
    return lay_out(text, metrics_of(face), style, file, Draws(1, 0), as_set=SetAs(vertical=form))


@pytest.mark.parametrize(
    ("text", "form", "fault"),
    [
        ("漢字", "upright", None),
        ("BAR 47", "mixed", ALONG),
        ("営業中", "upright", None),
        ("값 합계", "upright", None),
        ("BAR 4", "upright", None),
        ("漢", "upright", ALONE),
        ("A ", "upright", ALONE),
        ("กข", "upright", JOINED),
        ("سلام", "upright", JOINED),
        ("नमस्ते", "mixed", JOINED),
        ("ae\u0301b", "upright", JOINED),
        ("漢,字", "upright", SIGNS),
        ("B-4", "upright", SIGNS),
        ("漢字-", "mixed", SIGNS),
        ("値24.50国", "mixed", None),
        ("一二三", "upright", MIXED_UP),
        ("NOH", "upright", MIXED_UP),
        ("오우", "upright", MIXED_UP),
        ("漢一国 Il1", "mixed", MIXED_UP),
        ("ルー火1水", "upright", MIXED_UP),
        ("漢、字", "upright", None),
        ("漢（字", "upright", None),
        ("漢。字", "upright", NO_FORMS),
        ("ルー水火", "upright", NO_FORMS),
        ("漢字！", "upright", NO_FORMS),
    ],
)
def test_what_a_column_would_not_tell_is_passed_over(
    text: str, form: ColumnForm, fault: str | None, face: Face
) -> None:
    assert column_fault(text, metrics_of(face), form) == fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Total 4.20", None),
        ("합계 12", None),
        ("漢字", None),
        ("문 논", MIXED_UP),
        ("809", MIXED_UP),
        ("pod", MIXED_UP),
        ("A", MIXED_UP),
        ("一口田", MIXED_UP),
    ],
)
def test_a_text_is_upside_down_only_where_a_reader_sees_that(text: str, fault: str | None) -> None:
    assert turned_fault(text) == fault


TEXTS = st.lists(st.sampled_from("漢字値国格火水木営業中값합계"), min_size=2, max_size=9).map(
    "".join
)


@given(text=TEXTS, spacing=st.floats(0, 0.5), seed=st.integers(0, 99))
def test_the_file_turned_clockwise_is_the_column(
    text: str, spacing: float, seed: int, face: Face
) -> None:
    layout = column(text, face, spacing=spacing)
    glyphs = GlyphCache()
    inked = draw_mask(layout, face, glyphs)
    upright = np.rot90(inked.mask, -1)
    # Characters stand one below the other as the face draws them.
    tops = []
    for char, (x0, y0, x1, y1) in zip(text, inked.boxes.tolist(), strict=False):
        standing = upright[x0:x1, layout.height - y1 : layout.height - y0]
        drawn = glyphs.glyphs(face, layout.size_px, char)[0].mask
        assert np.array_equal(standing, drawn[:, drawn.any(axis=0)])
        tops.append((x0, x1))
    assert all(before[1] <= after[0] for before, after in pairwise(tops))
    assert layout.width >= 1.5 * layout.height


@given(text=TEXTS)
def test_every_pixel_of_ink_lies_in_a_box(text: str, face: Face) -> None:
    inked = draw_mask(column(text, face), face, GlyphCache())
    left = inked.mask.copy()
    for x0, y0, x1, y1 in inked.boxes.tolist():
        left[y0:y1, x0:x1] = 0
    assert not left.any()
    for x0, y0, x1, y1 in inked.boxes.tolist()[: len(text)]:
        ink = inked.mask[y0:y1, x0:x1]
        assert all(side.any() for side in (ink[0], ink[-1], ink[:, 0], ink[:, -1]))


@pytest.mark.parametrize("form", ["upright", "mixed", "turned"])
def test_a_short_line_is_still_what_is_turned(form: Any, face: Face) -> None:
    layout = column("漢字", face, form, left=0.0, right=0.0, fill=0.3)
    assert layout.width == 1.5 * layout.height


def test_vertical_forms_are_the_faces_own(face: Face) -> None:
    layout = column("漢、字", face)
    inked = draw_mask(layout, face, GlyphCache())
    upright = np.rot90(inked.mask, -1)
    _, mark, _ = inked.boxes.tolist()[:3]
    cell = upright[layout.pens[1] : layout.pens[2]]
    rows, columns = np.nonzero(cell)
    scale = layout.size_px / 1000
    # In the upper right of its cell, where the glyph of lines stands in the lower left.
    assert mark[2] - mark[0] == pytest.approx(240 * scale, abs=2)
    assert columns.mean() > upright.shape[1] / 2
    assert rows.mean() < cell.shape[0] / 2


def test_words_lie_along_a_mixed_column_as_they_stand_on_a_line(face: Face) -> None:
    layout, glyphs = column("漢字 BAR 24", face, "mixed"), GlyphCache()
    assert [middle is None for middle in layout.middles] == [False] * 3 + [True] * 6
    inked = draw_mask(layout, face, glyphs)
    for char, (x0, y0, x1, y1) in zip("BAR24", inked.boxes.tolist()[2:], strict=False):
        glyph = glyphs.glyphs(face, layout.size_px, char)[0]
        assert y1 == layout.baseline + glyph.top + glyph.height
        assert np.array_equal(inked.mask[y0:y1, x0:x1], glyph.mask)


def test_letters_are_stacked_at_even_steps_in_the_middle_of_the_column(face: Face) -> None:
    layout = column("BARK", face)
    steps = np.diff(layout.pens)
    assert steps.max() - steps.min() <= 1
    middles = [middle[1] for middle in layout.middles if middle]
    assert max(middles) - min(middles) <= 1


def test_lines_of_a_style_without_columns_are_laid_out_as_before(face: Face) -> None:
    style, file = Text(), ImageFile()
    plain = lay_out("漢字", metrics_of(face), style, file, Draws(1, 0))
    assert (plain.middles, plain.faces, plain.sizes) == ((), (), ())


@given(data=st.data())
def test_what_is_turned_whole_keeps_its_ink_in_its_boxes(data: st.DataObject) -> None:
    height, width = data.draw(st.integers(4, 20)), data.draw(st.integers(4, 30))
    x0, y0 = data.draw(st.integers(0, width - 2)), data.draw(st.integers(0, height - 2))
    x1, y1 = data.draw(st.integers(x0 + 1, width)), data.draw(st.integers(y0 + 1, height))
    mask = np.zeros((height, width), np.uint8)
    mask[y0:y1, x0:x1] = 255
    (turned,), boxes, matrix = turned_whole((mask,), np.array([[x0, y0, x1, y1]], np.int32))
    left, top, right, bottom = boxes[0].tolist()
    assert turned[top:bottom, left:right].min() == 255
    assert int(turned.sum()) == int(mask.sum())
    # The middle of the first pixel comes to the middle of the last.
    assert warp_points(np.array([[x0, y0]], np.float64), matrix)[0].tolist() == [
        right - 1,
        bottom - 1,
    ]


def test_real_faces_set_their_punctuation_as_they_say(
    installed: Callable[[str], Face],
) -> None:
    """A face of the wheels turns brackets and the long vowel sign, and moves the full stop."""
    face = installed("Noto Sans JP")
    assert column_fault("（ルール）。", metrics_of(face), "upright") is None
    layout, glyphs = column("ルール。", face), GlyphCache()
    inked = draw_mask(layout, face, glyphs)
    x0, y0, x1, y1 = inked.boxes.tolist()[1]
    # ー lies in the file as on a line: it stands in the column.
    assert x1 - x0 > 3 * (y1 - y0)


@pytest.fixture
def installed(skip_or_fail: Callable[[str], Any]) -> Callable[[str], Face]:
    """Return a function that finds an installed face by its family."""
    from synth.faces.scan import find_faces

    def find(family: str) -> Face:
        for face in find_faces().faces:
            if face.family == family:
                return face
        skip_or_fail(f"no {family} is installed")
        raise AssertionError

    return find
