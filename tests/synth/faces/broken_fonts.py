"""Fonts that break while something of them is drawn, made with fontTools."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from string import ascii_letters, digits
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.misc.psCharStrings import T2CharString
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import newTable
from fontTools.ttLib.tables._g_l_y_f import Glyph, GlyphComponent

Program = Sequence[int | str]

CHARS = sorted(ascii_letters + digits)


def _height(number: int) -> int:
    return 250 + 8 * number


def shape(number: int) -> Any:
    """Make an outline that no other number's looks like."""
    pen = TTGlyphPen(None)
    for bit in [k for k in range(7) if number + 1 >> k & 1]:
        left = 40 + 75 * bit
        for k, (x, y) in enumerate(((0, 0), (0, 1), (1, 1), (1, 0))):
            (pen.lineTo if k else pen.moveTo)((left + 60 * x, _height(number) * y))
        pen.closePath()
    return pen.glyph()


def composed(*parts: str) -> Any:
    """Make a glyph of other glyphs."""
    glyph = Glyph()
    glyph.numberOfContours, glyph.components = -1, []
    glyph.xMin = glyph.yMin = 0
    glyph.xMax = glyph.yMax = 500
    for part in parts:
        one = GlyphComponent()
        one.glyphName, one.x, one.y, one.flags = part, 0, 0, 0x3
        glyph.components.append(one)
    return glyph


def _finished(builder: FontBuilder, names: Sequence[str], family: str, path: Path) -> Path:
    builder.setupHorizontalMetrics(dict.fromkeys(names, (600, 40)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"}, mac=False)
    builder.setupOS2()
    builder.setupPost()
    builder.font.recalcBBoxes = False
    path.parent.mkdir(parents=True, exist_ok=True)
    # The same bytes at every call: which of two faces is named first may hang on their hashes.
    builder.font.recalcTimestamp = False
    builder.font["head"].created = builder.font["head"].modified = 0
    builder.save(path)
    return path


def true_type(
    path: Path, changed: Mapping[str, Any] | None = None, features: str = "", family: str = ""
) -> Path:
    """Write a face for letters and digits; `changed`: glyphs over its own, or beside them."""
    glyphs = {".notdef": shape(100), "space": TTGlyphPen(None).glyph()}
    glyphs |= {char: shape(number) for number, char in enumerate(CHARS)}
    glyphs |= changed or {}
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(list(glyphs))
    builder.setupCharacterMap({32: "space"} | {ord(char): char for char in CHARS})
    table = newTable("glyf")
    table.glyphs, table.glyphOrder = glyphs, list(glyphs)
    for glyph in glyphs.values():
        if glyph.numberOfContours >= 0:
            glyph.recalcBounds(table)
    builder.font["glyf"], builder.font["loca"] = table, newTable("loca")
    top = builder.font["maxp"]
    top.tableVersion = 0x00010000
    for name in ("Points", "Contours", "CompositePoints", "CompositeContours", "ComponentElements"):
        setattr(top, f"max{name}", 100)
    for name in ("Zones", "TwilightPoints", "Storage", "FunctionDefs", "InstructionDefs"):
        setattr(top, f"max{name}", 0)
    top.maxStackElements = top.maxSizeOfInstructions = 0
    top.maxComponentDepth = 40
    head = builder.font["head"]
    head.xMin = head.yMin = 0
    head.xMax = head.yMax = 1000
    if features:
        builder.addOpenTypeFeatures(features)
    return _finished(builder, list(glyphs), family or path.stem, path)


def post_script(
    path: Path,
    changed: Mapping[str, Program] | None = None,
    subroutines: Sequence[Program] = (),
    features: str = "",
) -> Path:
    """Write the same face with outlines in CFF; `changed`: charstrings over its own."""

    def bar(number: int) -> Program:
        program: list[int | str] = [600]
        at = 0
        for bit in [k for k in range(7) if number + 1 >> k & 1]:
            high = _height(number)
            program += [40 + 75 * bit - at, 0, "rmoveto", high, "vlineto", 60, "hlineto"]
            program += [-high, "vlineto", -60, "hlineto"]
            at = 40 + 75 * bit
        return [*program, "endchar"]

    programs: dict[str, Program] = {".notdef": bar(100), "space": [600, "endchar"]}
    programs |= {char: bar(number) for number, char in enumerate(CHARS)}
    programs |= changed or {}
    builder = FontBuilder(1000, isTTF=False)
    builder.setupGlyphOrder(list(programs))
    builder.setupCharacterMap({32: "space"} | {ord(char): char for char in CHARS})
    charstrings = {name: T2CharString(program=list(one)) for name, one in programs.items()}
    builder.setupCFF(path.stem, {"FullName": path.stem}, charstrings, {})
    for one in subroutines:
        builder.font["CFF "].cff.GlobalSubrs.append(T2CharString(program=list(one)))
    if features:
        builder.addOpenTypeFeatures(features)
    return _finished(builder, list(programs), path.stem, path)


def cyclic(path: Path) -> Path:
    """Write a face whose `b` is made of `c` and whose `c` is made of `b`."""
    return true_type(path, {"b": composed("c"), "c": composed("b")})


def exploding(path: Path) -> Path:
    """Write a face whose `b` unfolds to 2 ** 30 glyphs without ink: FreeType needs an hour."""
    steps = {f"step{k}": composed(*[f"step{k + 1}"] * 2) for k in range(29)}
    return true_type(path, {"b": composed("step0"), **steps, "step29": TTGlyphPen(None).glyph()})


def growing(path: Path) -> Path:
    """Write a face whose rules turn one `b` into 4 ** 14."""
    rules = "".join(f"lookup m{k} {{ sub b by b b b b; }} m{k};\n" for k in range(14))
    used = " ".join(f"lookup m{k};" for k in range(14))
    return true_type(path, features=f"{rules}feature ccmp {{ {used} }} ccmp;")


ENDLESS = [[-107, "callgsubr", "return"]]
"""A subroutine that calls itself."""

BROKEN_PROGRAM: Program = [600, 0, 0, "rmoveto", -107, "callgsubr", "endchar"]


def endless(path: Path) -> Path:
    """Write a face whose `b` is a charstring that calls itself."""
    return post_script(path, {"b": BROKEN_PROGRAM}, ENDLESS)


def hidden(path: Path) -> Path:
    """Write a face whose rules put glyphs in the place of `b` that no character leads to."""
    return post_script(
        path,
        {"one": BROKEN_PROGRAM, "two": BROKEN_PROGRAM},
        ENDLESS,
        "feature ccmp { sub b by one two; } ccmp;",
    )


def huge(path: Path) -> Path:
    """Write a face whose `b` is 900 ems high."""
    legs = [30_000, "vlineto"] * 30
    return post_script(path, {"b": [600, 0, 0, "rmoveto", *legs, 60, "hlineto", "endchar"]})
