"""Variable fonts made with fontTools: `broken_fonts`' bars, taller and wider by their axes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables.TupleVariation import TupleVariation

from tests.synth.faces import broken_fonts

WEIGHT = ("wght", 100, 400, 900, "Weight")
WIDTH = ("wdth", 75, 100, 125, "Width")
SLANT = ("slnt", -12, 0, 0, "Slant")
THREE = [({"wght": 100}, "Thin"), ({"wght": 400}, "Regular"), ({"wght": 900}, "Black")]

TALLER, WIDER = 300, 200
"""How much the outline and the advance grow from the default to the greatest value, in units."""


def variable(
    path: Path,
    axes: Sequence[tuple[str, float, float, float, str]] = (WEIGHT,),
    named: Sequence[tuple[Mapping[str, float], str]] = tuple(THREE),
    family: str = "",
    features: str = "",
) -> Path:
    """Write a variable font for letters and digits. Equal arguments give equal bytes.

    Args:
        axes: (tag, least, default, most, name). named: instances, as (place, name).
    """
    broken_fonts.true_type(path, features=features, family=family)
    with TTFont(path, recalcTimestamp=False) as font:
        builder = FontBuilder(font=font)
        instances = [{"location": dict(place), "stylename": name} for place, name in named]
        builder.setupFvar(list(axes), instances)
        builder.setupGvar({name: list(_grown(font, name, axes)) for name in font.getGlyphOrder()})
        builder.save(path)
    return path


def _grown(font: TTFont, name: str, axes: Sequence[tuple[Any, ...]]) -> Any:
    """Yield how a glyph grows toward the end of each axis, and shrinks toward its beginning."""
    glyph = font["glyf"][name]
    points = list(glyph.coordinates) if glyph.numberOfContours > 0 else []
    # The four after the points are the phantom ones: the second is the end of the advance.
    for sign, support in ((1, (0.0, 1.0, 1.0)), (-0.5, (-1.0, -1.0, 0.0))):
        moved = [(0, round(sign * TALLER) if y > 0 else 0) for _, y in points]
        moved += [(0, 0), (round(sign * WIDER), 0), (0, 0), (0, 0)]
        for tag, least, default, most, _ in axes:
            if (most if sign > 0 else least) != default:
                yield TupleVariation({tag: support}, moved)
