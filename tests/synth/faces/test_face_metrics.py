from collections.abc import Callable
from pathlib import Path
from typing import Any

from synth.faces.display import display_faces
from synth.faces.face_metrics import FaceMetrics, metrics_of
from synth.faces.font_face import Face

Installed = Callable[[str], Face]


def test_boxes_and_advances_are_in_font_units(
    make_font: Callable[..., Path], rectangle: Any
) -> None:
    metrics = FaceMetrics(make_font({"H": (rectangle(50, 0, 550, 700),), " ": ()}))
    assert metrics.upem == 1000
    assert (metrics.ascender, metrics.descender) == (800, -200)
    assert metrics.box(metrics.nominal("H")) == (50, 0, 550, 700)
    assert metrics.box(metrics.nominal(" ")) == (0, 0, 0, 0)
    assert metrics.advance(metrics.nominal("H")) == 600
    assert metrics.nominal("값") == 0


def test_a_line_is_shaped_glyph_by_glyph(make_font: Callable[..., Path], rectangle: Any) -> None:
    shapes = {char: (rectangle(50, 0, 550, 700),) for char in "Hi"}
    metrics = FaceMetrics(make_font(shapes))
    shaped = metrics.shape("HiH")
    assert shaped.gids == [metrics.nominal(char) for char in "HiH"]
    assert shaped.advances == [600] * 3
    assert shaped.offsets == [(0, 0)] * 3
    assert shaped.clusters == [0, 1, 2]


def test_kerning_and_features_are_obeyed(installed_font: Installed) -> None:
    metrics = metrics_of(installed_font("DejaVuSans.ttf"))
    kerned = sum(metrics.shape("AVAVA").advances)
    plain = sum(metrics.shape("AVAVA", {"kern": False}).advances)
    assert kerned < plain
    assert len(metrics.shape("office", {"liga": False}).gids) == 6


def test_a_mark_shares_the_cluster_of_its_base(installed_font: Installed) -> None:
    metrics = metrics_of(installed_font("DejaVuSans.ttf"))
    shaped = metrics.shape("x\u0323a")
    assert shaped.clusters[:2] == [0, 0]
    assert shaped.clusters[-1] == 2


def test_the_reference_ink_is_that_of_the_script(installed_font: Installed) -> None:
    korean = metrics_of(installed_font("NotoSansKR-Regular.otf"))
    syllable = korean.box(korean.nominal("국"))
    assert korean.reference == (syllable[1], syllable[3])
    latin = metrics_of(installed_font("DejaVuSans.ttf"))
    assert latin.reference == (
        latin.box(latin.nominal("g"))[1],
        latin.box(latin.nominal("H"))[3],
    )


def test_a_display_face_is_measured_by_its_digits() -> None:
    face = next(f for f in display_faces() if f.kind == "seven_segment")
    assert metrics_of(face).reference == (0, 720)


def test_a_face_is_opened_once(installed_font: Installed) -> None:
    face = installed_font("DejaVuSans.ttf")
    assert metrics_of(face) is metrics_of(face)
