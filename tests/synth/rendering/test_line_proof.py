"""Ink of neighbours that lies on each other's: before a line is planned, and as it is drawn."""

from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from synth.draws import Draws
from synth.faces.face_metrics import metrics_of
from synth.faces.face_pool import FacePool
from synth.faces.font_face import Face
from synth.faces.font_files import read_font_file
from synth.faces.glyph_ink import MOST_SHARED
from synth.faces.scan import machine_sources
from synth.rendering.glyph_bitmaps import GlyphCache
from synth.rendering.line_mask import draw_mask, lay_out
from synth.rendering.line_proof import runs_together
from synth.rendering.style import load_style

UPEM = 1000


def bars(path: Path, **widths: int) -> Face:
    """Make a face of bars that begin at 50 and take so many units of an advance of 600."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    builder = FontBuilder(UPEM, isTTF=True)
    names = [".notdef", *widths]
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(char): char for char in widths})
    glyphs = {}
    for name in names:
        pen = TTGlyphPen(None)
        right = 50 + widths.get(name, 60)
        pen.moveTo((50, 0))
        for point in ((50, 700), (right, 700), (right, 0)):
            pen.lineTo(point)
        pen.closePath()
        glyphs[name] = pen.glyph()
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(dict.fromkeys(names, (600, 50)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": path.stem, "styleName": "Regular"}, mac=False)
    builder.setupOS2()
    builder.setupPost()
    builder.save(path)
    return read_font_file(path).as_faces(path)[0]


@pytest.fixture
def face(tmp_path: Path) -> Face:
    """Make a face whose a ends before its advance, b lies on what follows, c keeps off it."""
    return bars(tmp_path / "bars.ttf", a=400, b=700, c=590)


@pytest.mark.parametrize(
    ("text", "together"),
    [("aaa", False), ("ab", False), ("ba", True), ("aaba", True), ("ca", False)],
)
def test_a_line_runs_together_where_one_pair_does(face: Face, text: str, together: bool) -> None:
    assert runs_together(face, text) is together
    style = load_style("document", ("text.spacing=0",))
    layout = lay_out(text, metrics_of(face), style.text, style.output, Draws(1, 1))
    drawn = draw_mask(layout, face, GlyphCache())
    assert (drawn.shared > MOST_SHARED) is together


def test_such_a_face_draws_other_lines_and_that_is_counted(tmp_path: Path, face: Face) -> None:
    apart = bars(tmp_path / "apart.ttf", a=300, b=420, c=540)
    pool = FacePool([face, apart], "abc", runs_together=runs_together)
    assert {pool.choose("ab", Draws(1, k)) for k in range(20)} == {face.id, apart.id}
    assert pool.kept_apart == 0
    assert {pool.choose("ba", Draws(1, k)) for k in range(20)} == {apart.id}
    assert 0 < pool.kept_apart <= 20
    alone = FacePool([face], "abc", runs_together=runs_together)
    assert alone.choose("ba", Draws(1, 1)) is None
    assert alone.why_not("ba") == {"letters run together": 1}
    assert alone.choose("ab", Draws(1, 1)) == face.id


def test_scripts_that_join_by_design_are_not_asked(
    skip_or_fail: Callable[[str], NoReturn],
) -> None:
    paths = [p for s in machine_sources() for p in s.folder.rglob("DejaVuSans.ttf")]
    if not paths:
        skip_or_fail("no DejaVu Sans is installed")
    dejavu = read_font_file(paths[0]).as_faces(paths[0])[0]
    assert not runs_together(dejavu, "سلام عليكم")
    style = load_style("document")
    layout = lay_out("سلام عليكم", metrics_of(dejavu), style.text, style.output, Draws(1, 1))
    assert draw_mask(layout, dejavu, GlyphCache()).shared == 0.0
    assert not runs_together(dejavu, "AVATAR Type, fluff")
