"""The factor on spaces moves words apart and leaves letters alone."""

import pytest

from synth.draws import Draws
from synth.faces.display import display_faces
from synth.faces.face_metrics import metrics_of
from synth.ink.layout import Layout, lay_out
from synth.styles.model import Output, Text
from synth.styles.spans import Span


def laid(text: str, factor: float) -> Layout:
    face = next(face for face in display_faces() if face.kind == "dot_matrix")
    style = Text(word_space=Span(low=factor, high=factor), fill=Span(low=0.7, high=0.7))
    return lay_out(text, metrics_of(face), style, Output(), Draws(1, 0))


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
