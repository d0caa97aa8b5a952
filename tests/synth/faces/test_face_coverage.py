from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from synth.faces.face_coverage import (
    SAMPLES,
    ScriptFaces,
    face_rows,
    family_rows,
    script_families,
    scripts_of,
    uncovered,
)
from synth.faces.font_face import Face


@pytest.fixture
def two(
    make_font: Callable[..., Path], face_of: Callable[[Path], Face], rectangle: Any
) -> list[Face]:
    def face(name: str, style: str, chars: str) -> Face:
        shapes = {char: (rectangle(50, 0, 150, 700),) for char in chars}
        return face_of(make_font(shapes, name=name, style=style, licence="OFL"))

    digits = SAMPLES["digits"]
    return [face("Meter", "Bold", digits + "A"), face("Meter", "Regular", digits + "B")]


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        ("ابتثجحخدذرزسشصضطظعغفقكلمنهوي", ("digits", "Arabic")),
        ("กขฃคฅฆงจฉชซฌญฎฏฐฑฒณดต", ("digits", "Thai")),
        ("กขค", ("digits",)),  # some letters that a symbol face has
        ("ᜀᜁᜂᜃᜄᜅᜆᜇᜈᜉᜊ", ("digits", "Tagalog")),  # half of a script of 23 letters
        ("٠١٢٣٤٥٦٧٨٩،؛؟", ("digits",)),  # no letters
    ],
)
def test_a_script_without_a_sample_is_named_by_its_letters(
    letters: str, expected: tuple[str, ...]
) -> None:
    assert scripts_of(frozenset(SAMPLES["digits"] + letters)) == expected


def test_a_family_covers_what_all_its_faces_cover(two: list[Face]) -> None:
    (row,) = family_rows(two, frozenset("0AB값"))
    assert (row.family, row.faces, row.licence) == ("Meter", 2, "OFL-1.1")
    assert (row.scripts, row.held, row.of) == (("digits",), 1, 4)


def test_each_face_has_a_row(two: list[Face]) -> None:
    rows = face_rows(reversed(two), frozenset("0AB값"))
    assert [(row.style, row.held) for row in rows] == [("Bold", 2), ("Regular", 2)]


def test_gaps_are_named(two: list[Face]) -> None:
    assert uncovered(two, ["0", "값", "AB"]) == ("값",)


@pytest.fixture
def digits_face(
    make_font: Callable[..., Path], face_of: Callable[[Path], Face], rectangle: Any
) -> Callable[..., Face]:
    """Return a function that makes a face of bars; `width`: of all of them."""

    def make(name: str, width: int, style: str = "Regular", chars: str = "0123456789.-") -> Face:
        shapes = {char: (rectangle(50, 0, 50 + width, 700),) for char in chars}
        return face_of(make_font(shapes, name=name, style=style))

    return make


def test_a_family_counts_once_whatever_the_number_of_its_weights(
    digits_face: Callable[..., Face],
) -> None:
    faces = [digits_face("Many", 60 + 20 * k, f"S{k}") for k in range(6)]
    counted = script_families([*faces, digits_face("One", 300)])["digits"]
    assert counted == ScriptFaces(("Many", "One"), 7)


def test_families_that_draw_a_script_alike_are_one_design(
    digits_face: Callable[..., Face],
) -> None:
    faces = [digits_face(f"Noto {region}", 100, chars="0123456789.-" + region) for region in "JKS"]
    faces += [digits_face("Noto K", 160, "Bold"), digits_face("Other", 160)]
    # What is alike in one weight is one design, and so "Other" is the bold "Noto".
    assert script_families(faces)["digits"] == ScriptFaces(("Noto J",), 5)


def test_families_that_the_catalogue_calls_one_design_count_once(
    digits_face: Callable[..., Face],
) -> None:
    faces = [digits_face(f"Noto {k}", 100 + 40 * k) for k in range(3)]
    one = [replace(face, design="Noto") for face in faces]
    assert len(script_families(faces)["digits"].families) == 3
    assert script_families(one)["digits"] == ScriptFaces(("Noto",), 3)


def test_a_name_makes_no_script(digits_face: Callable[..., Face]) -> None:
    counted = script_families(
        [digits_face("Nanum Hangul KR", 100), digits_face("A", 90, chars="0")]
    )
    assert counted["Hangul"] == ScriptFaces((), 0)
    assert counted["digits"] == ScriptFaces(("Nanum Hangul KR",), 1)
    assert tuple(counted) == tuple(SAMPLES)


def test_displays_are_no_families_of_a_script(digits_face: Callable[..., Face]) -> None:
    face = replace(digits_face("Shop", 100), kind="dot_matrix")
    assert script_families([face])["digits"].faces == 0


def test_a_korean_face_covers_hangul_kana_and_latin(
    installed_font: Callable[[str], Face],
) -> None:
    from synth.faces.face_coverage import characters_of

    held = scripts_of(characters_of(installed_font("NotoSansKR-Regular.otf")))
    assert {"Hangul", "Latin", "digits"} <= set(held)
