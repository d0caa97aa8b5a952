"""Where nothing else places a text, its crop keeps the line of the face."""

from pathlib import Path

import pytest

from synth.corpus.lookalikes import is_unplaced
from synth.draws import Draws
from synth.faces.display import display_faces
from synth.faces.face_metrics import FaceMetrics
from synth.ink.glyphs import GlyphCache
from synth.ink.layout import lay_out
from synth.ink.masks import draw_mask
from synth.styles.load import load_style
from synth.styles.model import Text


def ends(text: str, number: int, style: str = "document") -> tuple[float, float]:
    """Give where the ink of a text begins and ends, as shares of the height from above."""
    face = next(face for face in display_faces() if face.family == "Mend Dots 01")
    loaded = load_style(style)
    layout = lay_out(text, FaceMetrics(face.path), loaded.text, loaded.output, Draws(1, number))
    rows = draw_mask(layout, face, GlyphCache()).mask.any(axis=1).nonzero()[0]
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
