"""Leaning, serifs, one width: as a font's tables tell."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fontTools.ttLib import TTFont

from synth.faces.font_tables import traits_of
from synth.faces.scan import find_faces

Make = Callable[..., Path]


@pytest.fixture
def font(make_font: Make, rectangle: Any) -> TTFont:
    shapes = {"a": (rectangle(50, 0, 150, 400),), "b": (rectangle(50, 0, 150, 500),)}
    return TTFont(make_font(shapes, name="Bars"))


def test_a_plain_face_has_none(font: TTFont) -> None:
    assert traits_of(font, "Bars") == ()


@pytest.mark.parametrize("sign", ["angle", "mac", "italic bit", "oblique bit"])
def test_each_sign_of_leaning_counts(font: TTFont, sign: str) -> None:
    if sign == "angle":
        font["post"].italicAngle = -12.0
    elif sign == "mac":
        font["head"].macStyle |= 2
    else:
        font["OS/2"].fsSelection |= 1 if sign == "italic bit" else 1 << 9
    assert traits_of(font, "Bars") == ("italic",)


def test_one_width_is_told_by_post_or_panose(font: TTFont) -> None:
    font["post"].isFixedPitch = 1
    assert traits_of(font, "Bars") == ("mono",)
    font["post"].isFixedPitch = 0
    font["OS/2"].panose.bFamilyType, font["OS/2"].panose.bProportion = 2, 9
    assert traits_of(font, "Bars") == ("mono",)
    font["OS/2"].panose.bFamilyType = 5  # where the field means something else
    assert traits_of(font, "Bars") == ()


@pytest.mark.parametrize(
    ("style", "family_class", "name", "serif"),
    [
        (2, 0, "Bars", True),
        (11, 0, "Some Serif", False),  # PANOSE goes before the name
        (0, 0x0105, "Bars", True),
        (0, 0x0800, "Some Serif", False),
        (0, 0, "Some Serif", True),
        (0, 0, "나눔명조", True),
        (1, 0, "Bars", False),  # "no fit" says nothing
    ],
)
def test_serifs_by_panose_then_class_then_name(
    font: TTFont, style: int, family_class: int, name: str, serif: bool
) -> None:
    font["OS/2"].panose.bFamilyType, font["OS/2"].panose.bSerifStyle = 2, style
    font["OS/2"].sFamilyClass = family_class
    assert traits_of(font, name) == (("serif",) if serif else ())


def test_a_font_without_these_tables_has_none(font: TTFont) -> None:
    del font["OS/2"], font["post"]
    assert traits_of(font, "Bars") == ()


def test_a_scan_tells_traits_from_the_cache_too(tmp_path: Path, font: TTFont) -> None:
    font["post"].italicAngle = -9.0
    folder = tmp_path / "leaning"
    folder.mkdir()
    font.save(folder / "leaning.ttf")
    for _ in range(2):
        (face,) = find_faces([folder]).faces
        assert face.traits == ("italic",)
