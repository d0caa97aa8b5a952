from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synth.faces.coverage import (
    SAMPLES,
    face_rows,
    family_rows,
    script_counts,
    scripts_of,
    uncovered,
)
from synth.faces.face import Face


@pytest.fixture
def two(
    make_font: Callable[..., Path], face_of: Callable[[Path], Face], rectangle: Any
) -> list[Face]:
    def face(name: str, style: str, chars: str) -> Face:
        shapes = {char: (rectangle(50, 0, 150, 700),) for char in chars}
        return face_of(make_font(shapes, name=name, style=style, licence="OFL"))

    digits = SAMPLES["digits"]
    return [face("Meter", "Bold", digits + "A"), face("Meter", "Regular", digits + "B")]


def test_a_family_covers_what_all_its_faces_cover(two: list[Face]) -> None:
    (row,) = family_rows(two, frozenset("0AB값"))
    assert (row.family, row.faces, row.licence) == ("Meter", 2, "OFL-1.1")
    assert (row.scripts, row.held, row.of) == (("digits",), 1, 4)


def test_each_face_has_a_row(two: list[Face]) -> None:
    rows = face_rows(reversed(two), frozenset("0AB값"))
    assert [(row.style, row.held) for row in rows] == [("Bold", 2), ("Regular", 2)]


def test_scripts_are_counted_and_gaps_named(two: list[Face]) -> None:
    counts = script_counts(two)
    assert counts["digits"] == 2
    assert counts["Hangul"] == counts["Latin"] == 0
    assert uncovered(two, ["0", "값", "AB"]) == ("값",)


def test_a_korean_face_covers_hangul_kana_and_latin(
    installed_font: Callable[[str], Face],
) -> None:
    from synth.faces.coverage import characters_of

    held = scripts_of(characters_of(installed_font("NotoSansKR-Regular.otf")))
    assert {"Hangul", "Latin", "digits"} <= set(held)
