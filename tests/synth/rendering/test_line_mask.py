"""Where a line stands that nothing else places, and what the factor on spaces moves."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.corpus.lookalikes import is_unplaced
from synth.draws import Draws
from synth.faces.display import display_faces
from synth.faces.face_metrics import FaceMetrics, metrics_of
from synth.faces.font_files import read_font_file
from synth.rendering.glyph_bitmaps import GlyphCache, widened
from synth.rendering.line_mask import Layout, draw_mask, lay_out
from synth.rendering.line_runs import SetAs
from synth.rendering.spans import Span
from synth.rendering.style import ImageFile, Window, load_style
from synth.rendering.text_style import Text
from textlines.pixels.arrays import Grey


def ends(text: str, number: int, style: str = "document") -> tuple[float, float]:
    """Return where the ink of a text begins and ends, as shares of the height from above."""
    face = next(face for face in display_faces() if face.family == "Mend Dots 01")
    loaded = load_style(style)
    layout = lay_out(text, FaceMetrics(face.path), loaded.text, loaded.output, Draws(1, number))
    rows = np.flatnonzero(draw_mask(layout, face, GlyphCache()).mask.any(axis=1))
    if is_unplaced(text):
        assert rows[0] > 0 and rows[-1] < layout.height - 1
    return rows[0] / layout.height, (rows[-1] + 1) / layout.height


@pytest.mark.parametrize("style", ["document", "receipt"])
@pytest.mark.parametrize(("low", "high"), [(",", "'"), (".", "-"), ("_", "-"), (".", "'")])
def test_a_low_mark_ends_lower_than_a_high_one_whatever_the_look(
    style: str, low: str, high: str
) -> None:
    lows = [ends(low, number, style) for number in range(40)]
    highs = [ends(high, number, style) for number in range(40)]
    assert min(bottom for _, bottom in lows) > max(bottom for _, bottom in highs) + 0.1
    assert min(bottom for _, bottom in lows) > 0.7


@pytest.mark.parametrize("style", ["document", "receipt"])
def test_a_small_letter_is_smaller_than_its_capital_whatever_the_look(style: str) -> None:
    def heights(text: str) -> list[float]:
        found = [ends(text, number, style) for number in range(40)]
        return [bottom - top for top, bottom in found]

    assert max(heights("z")) < min(heights("Z")) - 0.1
    assert max(heights("oo")) < min(heights("OO")) - 0.1
    assert max(heights("ab")) > 0.6  # what shows its size by itself is drawn at any


def test_the_stream_gives_the_same_number_of_values(tmp_path: Path) -> None:
    face = next(face for face in display_faces() if face.family == "Mend Dots 01")
    after = []
    for text in (",", "a"):
        draws = Draws(1, 1)
        lay_out(text, FaceMetrics(face.path), Text(), load_style("document").output, draws)
        after.append(draws.unit())
    assert after[0] == after[1]


def laid(text: str, factor: float) -> Layout:
    face = next(face for face in display_faces() if face.kind == "dot_matrix")
    style = Text(word_space=Span(low=factor, high=factor), fill=Span(low=0.7, high=0.7))
    return lay_out(text, metrics_of(face), style, ImageFile(), Draws(1, 0))


def steps(layout: Layout) -> list[int]:
    return [end - pen for pen, end in zip(layout.pens, layout.ends, strict=True)]


@pytest.mark.parametrize("factor", [0.5, 0.85, 1.4, 2.0])
def test_only_spaces_change_their_advance(factor: float) -> None:
    plain, moved = steps(laid("TAX 6 X", 1.0)), steps(laid("TAX 6 X", factor))
    for char, before, after in zip("TAX 6 X", plain, moved, strict=True):
        wanted = before * factor if char == " " else before
        assert after == pytest.approx(wanted, abs=1.5)


def test_the_image_grows_with_its_spaces() -> None:
    assert laid("A B C", 0.6).width < laid("A B C", 1.0).width < laid("A B C", 1.6).width


def test_a_line_without_spaces_stays_as_it_is() -> None:
    assert laid("TOTAL", 1.7) == laid("TOTAL", 1.0)


def grouped(text: str, **keys: object) -> tuple[Layout, Grey]:
    """Lay a text out in a dot matrix face, and draw it."""
    face = next(face for face in display_faces() if face.kind == "dot_matrix")
    style = Text.model_validate({"fill": 0.7, "ink_share": 0, **keys})
    layout = lay_out(text, metrics_of(face), style, ImageFile(), Draws(1, 0))
    return layout, draw_mask(layout, face, GlyphCache()).mask


def test_a_gap_is_narrower_than_a_space_and_moves_what_follows() -> None:
    plain, _ = grouped("AB12")
    gapped, _ = grouped("AB12", gaps={"p": 1, "amount": 0.5})
    spaced, _ = grouped("AB 12")
    assert steps(gapped)[0] == steps(plain)[0]
    gap, space = (one.pens[-1] - plain.pens[-1] for one in (gapped, spaced))
    # Of the wide space of such a face, what is wider than 0.3 em does not count.
    assert gap == pytest.approx(min(space, 0.3 * plain.size_px) / 2, abs=1.5)
    assert gap < space / 2


def test_a_factor_on_the_width_scales_ink_and_advance() -> None:
    plain, mask = grouped("AB12")
    wide, wider = grouped("AB12", character_width=1.3)
    assert wide.widths == (1.3,) * 4
    assert steps(wide) == pytest.approx([step * 1.3 for step in steps(plain)], abs=1.5)
    ink = [image.any(0).sum() for image in (mask, wider)]
    assert ink[1] == pytest.approx(ink[0] * 1.3, rel=0.08)
    assert (mask.any(1) == wider.any(1)).all()  # no higher


def test_characters_of_one_line_differ_in_width() -> None:
    layout, _ = grouped("AABBAA", character_width=[0.8, 1.3])
    assert len(set(layout.widths)) == 6


def test_marks_of_a_widened_glyph_lie_on_its_ink() -> None:
    face = next(face for face in display_faces() if face.kind == "dot_matrix")
    (glyph,) = GlyphCache().glyphs(face, 40, ":")
    for factor in (0.8, 1.3):
        wide = widened(glyph, factor)
        assert wide.mask.shape == (wide.height, wide.width) == (glyph.height, wide.width)
        assert len(wide.marks) == len(glyph.marks)
        for x0, y0, x1, y1 in wide.marks:
            assert wide.mask[y0:y1, x0:x1].max() > 128


def test_smaller_groups_stand_on_the_baseline_of_the_others() -> None:
    plain, _ = grouped("AB 12")
    layout, mask = grouped("AB 12", sizes={"p": 1, "factor": 0.5})
    assert sorted(set(layout.sizes)) == [round(layout.size_px / 2), layout.size_px]
    small = [size < layout.size_px for size in layout.sizes]
    assert small in ([True] * 2 + [False] * 3, [False] * 3 + [True] * 2)
    for pen, end, is_small in zip(layout.pens, layout.ends, small, strict=True):
        rows = np.flatnonzero(mask[:, pen:end].any(axis=1))
        if len(rows):
            assert rows[-1] == pytest.approx(layout.baseline, abs=1.5)
            tall = layout.baseline - rows[0]
            assert tall == pytest.approx(layout.size_px * (0.35 if is_small else 0.7), abs=3)
    assert layout.width < plain.width


def test_a_mark_of_a_shaped_line_has_a_box_of_its_own(
    make_font: Callable[..., Path], rectangle: Any
) -> None:
    glyphs = {
        "ก": (rectangle(100, 0, 500, 600),),
        "\u0e48": (rectangle(-120, 700, -60, 840),),  # mai ek, which stands over the letter before
    }
    path = make_font(glyphs)
    (face,) = read_font_file(path).as_faces(path)
    layout = lay_out("กก\u0e48", metrics_of(face), Text(), ImageFile(), Draws(1, 0))
    assert layout.whole
    inked = draw_mask(layout, face, GlyphCache())
    *clusters, mark = inked.boxes.tolist()
    assert len(clusters) == 2
    left, top, right, bottom = mark
    assert right - left < (clusters[1][2] - clusters[1][0]) / 2
    assert bottom < max(y for _, y, _, _ in clusters)  # over the letters, and apart from them
    assert (inked.mask[top:bottom, left:right] >= 128).any()


def in_window(text: str, align: str, width: float | None, *, stretch: float = 1.0) -> Layout:
    face = next(face for face in display_faces() if face.kind == "dot_matrix")
    style = Text.model_validate({"fill": 0.7, "left": 0.1, "right": 0.3, "stretch": stretch})
    output = ImageFile.model_validate({"window": {"width": width, "align": align}})
    return lay_out(text, metrics_of(face), style, output, Draws(1, 0))


@given(text=st.text("AB12", min_size=1, max_size=30), width=st.floats(0.5, 40))
@settings(max_examples=40, deadline=None)
@pytest.mark.parametrize("align", ["left", "centre", "right"])
def test_a_file_is_as_wide_as_its_window_or_as_its_line_needs(
    align: str, text: str, width: float
) -> None:
    layout, tight = in_window(text, align, width), in_window(text, align, None)
    needed = tight.width
    assert layout.size_px == tight.size_px
    assert layout.width == pytest.approx(max(width * 48, needed), abs=1)
    before = layout.pens[0] - tight.pens[0]
    spare = max(layout.width - needed, 0)
    assert before == pytest.approx({"left": 0, "centre": spare / 2, "right": spare}[align], abs=2)


@pytest.mark.parametrize("stretch", [0.5, 1.0, 2.0])
def test_a_window_keeps_its_width_however_its_line_is_stretched(stretch: float) -> None:
    layout = in_window("1A", "right", 6, stretch=stretch)
    assert layout.width * stretch == pytest.approx(6 * 48, abs=2)
    right = (layout.width - layout.ends[-1]) * stretch
    assert right == pytest.approx(0.3 * 48, abs=3)


def test_a_column_has_no_window() -> None:
    face = next(face for face in display_faces() if face.kind == "dot_matrix")
    as_set = SetAs(vertical="upright")
    windows = (ImageFile(), ImageFile(window=Window(width=Span(low=30, high=30))))
    one, other = (
        lay_out("AB", metrics_of(face), Text(), output, Draws(1, 0), as_set=as_set)
        for output in windows
    )
    assert one == other
