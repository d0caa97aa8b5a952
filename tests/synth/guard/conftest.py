"""Families of faces whose every glyph is a pattern of boxes of its own, and a dictionary."""

from collections.abc import Callable
from pathlib import Path

import pytest

ASCII = tuple(map(chr, range(0x21, 0x7F)))


def write_family(path: Path, name: str, chars: tuple[str, ...] = ASCII) -> Path:
    """Write a font: a glyph is a column on the left and a box for each bit of its code."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    def drawn(code: int) -> object:
        pen = TTGlyphPen(None)
        boxes = [(60, 0, 160, 700)]
        boxes += [
            (220 + 110 * (bit % 3), 240 * (bit // 3), 310 + 110 * (bit % 3), 200 + 240 * (bit // 3))
            for bit in range(9)
            if code >> bit & 1
        ]
        for left, bottom, right, top in boxes:
            pen.moveTo((left, bottom))
            for point in ((left, top), (right, top), (right, bottom)):
                pen.lineTo(point)
            pen.closePath()
        return pen.glyph()

    glyphs = {f"uni{ord(char):04X}": drawn(ord(char)) for char in chars}
    glyphs = {".notdef": drawn(0), "space": TTGlyphPen(None).glyph(), **glyphs}
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(list(glyphs))
    builder.setupCharacterMap({ord(c): f"uni{ord(c):04X}" for c in chars} | {32: "space"})
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(dict.fromkeys(glyphs, (600, 60)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": name, "styleName": "Regular"}, mac=False)
    builder.setupOS2()
    builder.setupPost()
    builder.save(path)
    return path


@pytest.fixture
def fonts(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes so many families into a folder."""

    def write(count: int) -> Path:
        folder = tmp_path / f"fonts{count}"
        folder.mkdir()
        for number in range(count):
            # Not of one content: a file that is there twice counts once.
            write_family(folder / f"{number}.ttf", f"Boxes {number}")
        return folder

    return write


@pytest.fixture
def dictionary(tmp_path: Path) -> Path:
    """Write a dictionary of ASCII."""
    file = tmp_path / "dictionary.txt"
    file.write_text("".join(f"{char}\n" for char in ASCII), encoding="utf-8")
    return file
