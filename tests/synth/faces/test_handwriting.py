"""Handwriting by the tables, and by its letters where the tables say nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fontTools.ttLib import TTFont

from synth.faces.face_metrics import FaceMetrics
from synth.faces.font_face import Face
from synth.faces.handwriting import (
    LEAST_JOINED,
    LEAST_UNSTEADY,
    is_handwritten,
    joined_share,
    unsteadiness,
)

Make = Callable[..., Path]
SMALL, CAPITALS = "aceimnorsuvwxz", "ABDEFHIKLMNPRTXZ"


@pytest.fixture
def bars(make_font: Make, rectangle: Any) -> Callable[..., Path]:
    """Return a function that makes bars for letters: so wide, some of them lifted off the line."""

    def make(name: str, right: int = 500, lifted: dict[str, int] | None = None) -> Path:
        shapes = {}
        for letter in SMALL + CAPITALS:
            up, top = (lifted or {}).get(letter, 0), 500 if letter in SMALL else 700
            shapes[letter] = (rectangle(50, up, right, top + up),)
        return make_font(shapes, name=name)

    return make


def measured(path: Path) -> tuple[float, float]:
    metrics = FaceMetrics(path)
    return unsteadiness(metrics), joined_share(metrics, path, 0)


def by_tables(path: Path, kind: int, weight: int = 0, family_class: int = 0) -> bool:
    font = TTFont(path)
    font["OS/2"].panose.bFamilyType, font["OS/2"].panose.bWeight = kind, weight
    font["OS/2"].sFamilyClass = family_class
    return is_handwritten(font, path, 0)


def test_steady_letters_that_stand_apart_are_print(bars: Callable[..., Path]) -> None:
    path = bars("Print")
    assert measured(path) == (0.0, 0.0)
    assert not by_tables(path, kind=0)


def test_letters_that_run_into_each_other_are_script(bars: Callable[..., Path]) -> None:
    path = bars("Joined", right=700)  # of an advance of 600
    assert measured(path)[1] == 1.0
    assert by_tables(path, kind=0)
    assert by_tables(path, kind=2)


def test_letters_that_dance_are_written_by_hand(bars: Callable[..., Path]) -> None:
    path = bars("Dancing", lifted={"n": 80, "E": -60, "T": 30})
    assert measured(path)[0] == pytest.approx(80 / 500)
    assert by_tables(path, kind=0)


def test_one_dancing_kind_of_letter_is_not_enough(bars: Callable[..., Path]) -> None:
    assert measured(bars("Small", lifted={"n": 200}))[0] == 0.0


@pytest.mark.parametrize(
    ("kind", "weight", "family_class", "handwritten"),
    [
        (3, 5, 0, True),
        (3, 0, 0, True),
        (2, 5, 0x0A01, True),  # IBM's class of scripts
        (2, 5, 0x0801, False),
        (4, 5, 0, False),  # decorative, and its own word counts
    ],
)
def test_what_the_tables_say_goes_before_what_is_measured(
    bars: Callable[..., Path], kind: int, weight: int, family_class: int, handwritten: bool
) -> None:
    joined, apart = bars("Joined", right=700), bars("Print")
    for path in (joined, apart):
        assert by_tables(path, kind, weight, family_class) is handwritten


def test_without_letters_to_measure_a_face_is_print(make_font: Make, rectangle: Any) -> None:
    path = make_font({"값": (rectangle(50, 0, 900, 800),)}, name="Hangul")
    assert measured(path) == (0.0, 0.0)
    assert not by_tables(path, kind=0)


def test_a_glyph_of_many_ems_is_not_drawn(bars: Callable[..., Path], make_font: Make) -> None:
    huge = make_font(
        dict.fromkeys("aemnoux", (((0, 0), (0, 500), (32000, 500), (32000, 0)),)),
        name="Huge",
    )
    font = TTFont(huge)
    font["head"].unitsPerEm = 16
    font.save(huge)
    assert joined_share(FaceMetrics(huge), huge, 0) == 0.0


@pytest.mark.parametrize(
    ("name", "handwritten"),
    [
        ("DejaVuSerif-BoldItalic.ttf", False),
        ("DejaVuSans-Oblique.ttf", False),
        ("NanumPen.ttf", True),
        ("NanumBrush.ttf", True),
    ],
)
def test_real_faces_are_far_from_the_limits(
    installed_font: Callable[[str], Face], name: str, handwritten: bool
) -> None:
    face = installed_font(name)
    unsteady, joined = measured(face.path)
    assert ("handwritten" in face.traits) is handwritten
    assert (unsteady >= LEAST_UNSTEADY or joined >= LEAST_JOINED) is handwritten
