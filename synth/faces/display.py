"""Display faces of our own as font files: built from parameters, kept in the user's cache."""

import hashlib
import io
import json
from pathlib import Path

from synth.faces.display_glyphs import (
    GHOST_CELL,
    GHOST_COLON,
    GHOST_COMMA,
    GHOST_POINT,
    HEIGHT,
    UPEM,
    Contour,
    DotMatrix,
    Outline,
    SevenSegment,
    dot_characters,
    dot_outlines,
    rectangle,
    segment_characters,
    segment_outlines,
)
from synth.faces.font_catalogue import Catalogue, read_catalogue
from synth.faces.font_face import Face, Kind
from synth.faces.user_cache import cache_dir, write_bytes
from textlines.files import read_regular

DECLARATION_NAME_ID = 256
"""The first name id that the standard leaves to the font."""

_BUILD = "1"
"""Raise it when the drawing changes, so that no old file is taken for a new one."""

_GHOSTS = {".": GHOST_POINT, ",": GHOST_COMMA, ":": GHOST_COLON}


def ghost_text(text: str) -> str:
    r"""Return the text of the layer under `text` that shows all segments, with equal advances.

    >>> ghost_text("1.5") == "\ue000\ue001\ue000"
    True
    """
    return "".join(_GHOSTS.get(char, GHOST_CELL) for char in text)


def build_display_font(spec: SevenSegment | DotMatrix) -> bytes:
    """Build the TrueType file. Equal parameters give equal bytes."""
    from fontTools.fontBuilder import FontBuilder

    drawn = outlines(spec)
    # A box with a wall: it looks like no character of ours, so that the gate knows tofu.
    wall = 40
    tofu = (
        rectangle(wall, -wall, 500, HEIGHT + wall),
        rectangle(2 * wall, 0, 500 - wall, HEIGHT)[::-1],
    )
    glyphs: dict[str, Outline] = {".notdef": Outline(tofu, 540)}
    names = {ord(char): f"uni{ord(char):04X}" for char in sorted(drawn)}
    glyphs |= {names[ord(char)]: drawn[char] for char in sorted(drawn)}

    builder = FontBuilder(UPEM, isTTF=True)
    builder.setupHead(unitsPerEm=UPEM, created=0, modified=0)
    builder.setupGlyphOrder(list(glyphs))
    builder.setupCharacterMap(names)
    builder.setupGlyf({name: _glyph(outline.contours) for name, outline in glyphs.items()})
    table = builder.font["glyf"]
    builder.setupHorizontalMetrics(
        {
            name: (round(outline.advance), getattr(table[name], "xMin", 0))
            for name, outline in glyphs.items()
        }
    )
    builder.setupHorizontalHeader(ascent=HEIGHT + 100, descent=-200)
    builder.setupNameTable(
        {
            "familyName": spec.name,
            "styleName": "Regular",
            "uniqueFontIdentifier": f"ocr-mend {spec.name}",
            "fullName": spec.name,
            "psName": spec.name.replace(" ", ""),
            "version": f"Version {_BUILD}.0",
            "licenseDescription": "Apache License, Version 2.0",
        },
        mac=False,
    )
    declaration = {"kind": kind_of(spec), "stands_for": "".join(sorted(stands_for(spec)))}
    builder.font["name"].setName(
        "ocr-mend " + json.dumps(declaration, ensure_ascii=False, sort_keys=True),
        DECLARATION_NAME_ID, 3, 1, 0x409,
    )  # fmt: skip
    builder.setupOS2(sTypoAscender=HEIGHT + 100, sTypoDescender=-200, usWinAscent=HEIGHT + 100)
    builder.setupPost()
    out = io.BytesIO()
    builder.save(out)
    return out.getvalue()


def outlines(spec: SevenSegment | DotMatrix) -> dict[str, Outline]:
    """Draw every glyph of a display face."""
    return segment_outlines(spec) if isinstance(spec, SevenSegment) else dot_outlines(spec)


def stands_for(spec: SevenSegment | DotMatrix) -> frozenset[str]:
    """Return the characters that a face's glyphs stand for: all but the ghosts."""
    return segment_characters(spec) if isinstance(spec, SevenSegment) else dot_characters(spec)


def kind_of(spec: SevenSegment | DotMatrix) -> Kind:
    """Name what a face is for."""
    return "seven_segment" if isinstance(spec, SevenSegment) else "dot_matrix"


def display_faces(folder: Path | None = None, catalogue: Catalogue | None = None) -> list[Face]:
    """Return the display faces of the catalogue; those not yet built are built on the way.

    folder: where the files are kept; default: in the user's cache.

    Raises:
        InputError: the folder cannot be written, or the catalogue is broken.
    """
    held = catalogue if catalogue is not None else read_catalogue()
    place = folder if folder is not None else cache_dir() / "display"
    return [_built(spec, place) for spec in held.display_faces]


def _built(spec: SevenSegment | DotMatrix, folder: Path) -> Face:
    import fontTools

    # Another fontTools may pack tables otherwise: its files are not taken for ours.
    made_of = f"{_BUILD} {fontTools.version} {kind_of(spec)} {spec.model_dump_json()}"
    key = hashlib.sha256(made_of.encode())
    path = folder / f"{spec.name.replace(' ', '-')}-{key.hexdigest()[:12]}.ttf"
    try:
        data = read_regular(path)
    except OSError:  # not built yet, or not to be read: writing it says what is wrong
        data = build_display_font(spec)
        write_bytes(path, data)
    return Face(
        path=path,
        index=0,
        sha256=hashlib.sha256(data).hexdigest(),
        family=spec.name,
        style="Regular",
        licence="Apache-2.0",
        declared=stands_for(spec),
        kind=kind_of(spec),
    )


def _glyph(contours: tuple[Contour, ...]) -> object:
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    pen = TTGlyphPen(None)
    for contour in contours:
        points = [(round(x), round(y)) for x, y in contour]
        pen.moveTo(points[0])
        for point in points[1:]:
            pen.lineTo(point)
        pen.closePath()
    return pen.glyph()
