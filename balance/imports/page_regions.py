"""What every foreign format is read into: pages with marked lines, their corners and their texts.

Corners are read as annotations spell them: pairs, flat lists, boxes by size or by two corners.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from balance.imports.foreign_forms import Format
from textlines.defects import Defect, of_annotations
from textlines.labels.tally import Tally
from textlines.pixels.rectify import Point, area
from textlines.regions.page_file import finite, is_unreadable

Counts = list[tuple[Defect, str]]
"""What was met in a source, and where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """What changes the outcome of an import beyond its source; all of it is in the import's key.

    Attributes:
        take_difficult: lines that are marked difficult are taken.
        upright: every box is read from its upper left, whatever corner it starts at.
        placeholders: texts that stand for none; None takes those that the format's tool writes.
        text_area: of Label Studio, the name of the text area that holds the labels; "" takes
            `transcription`, or the only one.
    """

    take_difficult: bool = False
    upright: bool = False
    placeholders: tuple[str, ...] | None = None
    text_area: str = ""


AS_USUAL = ImportOptions()


@dataclass(frozen=True, slots=True)
class Region:
    """One marked line of a page.

    Attributes:
        points: corners in pixels of the upright image, in the order of the annotation: four of
            them start where the reading starts and go round. () takes the whole image.
        text: as annotated.
        is_unreadable: the text is a mark for a line that nobody can read.
        place: file:line or the like, for messages.
        page_size: (width, height) of the page that was annotated, where the source says so.
        is_difficult: a flag beside the text says so (difficult, illegible); the text may be good.
        start_is_stated: the source says by an angle of its own where reading starts, so that the
            first corner is no accident of a drag.
        doubts: reasons to look at the line (of `of_annotations.DOUBTS`), met while the source was
            read.
    """

    points: tuple[Point, ...]
    text: str
    is_unreadable: bool
    place: str
    page_size: tuple[int, int] | None = None
    is_difficult: bool = False
    start_is_stated: bool = False
    doubts: tuple[Defect, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """An image with its marked lines.

    Attributes:
        name: what the crops are named by; unique in a source.
        image: the file; None when `data` holds its bytes.
    """

    name: str
    image: Path | None
    regions: tuple[Region, ...]
    data: bytes = b""


Corners = tuple[Point, ...]


def number(value: object) -> float | None:
    """Return a number of JSON, or a text that is one; None for what no corner can lie at.

    >>> number("12.50"), number(3), number("nan"), number(None), number("1_0")
    (12.5, 3.0, None, None, None)
    """
    if isinstance(value, str):
        text = value.strip()
        if len(text) > 40 or "_" in text:
            return None
        try:
            return finite(float(text))
        except ValueError:
            return None
    return finite(value)


def numbers(values: Iterable[object]) -> list[float] | None:
    """Return all of some values as numbers; None when one is none."""
    read = [number(value) for value in values]
    kept = [value for value in read if value is not None]
    return kept if len(kept) == len(read) else None


def corners_of(value: object) -> Corners | None:
    """Read corners: pairs, maps of x and y, or one flat list; None if they are none.

    A list of one such list (COCO's `segmentation`) is that list.

    >>> corners_of([1, 2, 9, 2, 9, 5]), corners_of([{"x": 1, "y": 2}, {"x": "3", "y": 4}])
    (((1.0, 2.0), (9.0, 2.0), (9.0, 5.0)), ((1.0, 2.0), (3.0, 4.0)))
    >>> corners_of([[1, 2, 9, 2, 9, 5]]), corners_of([1, 2, 3]), corners_of([])
    (((1.0, 2.0), (9.0, 2.0), (9.0, 5.0)), None, None)
    """
    if not isinstance(value, list) or not value:
        return None
    if len(value) == 1 and isinstance(value[0], list):
        return corners_of(value[0])
    flat: list[object] = []
    for corner in value:
        if isinstance(corner, dict) and {"x", "y"} <= corner.keys():
            flat += [corner["x"], corner["y"]]
        elif isinstance(corner, list) and len(corner) == 2:
            flat += corner
        elif isinstance(corner, (list, dict)):
            return None
        else:
            flat.append(corner)
    coordinates = numbers(flat)
    if coordinates is None or len(coordinates) % 2 or len(coordinates) < 4:
        return None
    return tuple(zip(coordinates[::2], coordinates[1::2], strict=True))


def box(left: float, top: float, right: float, bottom: float) -> Corners:
    """Return the corners of an upright box, from its upper left one clockwise."""
    (left, right), (top, bottom) = sorted((left, right)), sorted((top, bottom))
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def box_by_size(value: object) -> Corners | None:
    """Read a box of left, top, width, height: four numbers in a list, or a map of them.

    >>> box_by_size([1, 2, 8, 3])
    ((1.0, 2.0), (9.0, 2.0), (9.0, 5.0), (1.0, 5.0))
    >>> box_by_size({"x": 1, "y": 2, "width": -8, "height": 3}) is None
    True
    """
    if isinstance(value, dict):
        wide, high = ("width", "height") if "width" in value else ("w", "h")
        value = [value.get(key) for key in ("x", "y", wide, high)]
    sides = numbers(value) if isinstance(value, list) and len(value) == 4 else None
    if sides is None or min(sides[2:]) < 0:
        return None
    return box(sides[0], sides[1], sides[0] + sides[2], sides[1] + sides[3])


def box_by_corners(value: object) -> Corners | None:
    """Read a box of left, top, right, bottom.

    >>> box_by_corners([9, 5, 1, 2])
    ((1.0, 2.0), (9.0, 2.0), (9.0, 5.0), (1.0, 5.0))
    """
    sides = numbers(value) if isinstance(value, list) and len(value) == 4 else None
    return None if sides is None else box(*sides)


def quad_by_keys(value: object) -> Corners | None:
    """Read a map of x1, y1 to x4, y4."""
    if not isinstance(value, Mapping):
        return None
    keys = [f"{axis}{at}" for at in range(1, 5) for axis in "xy"]
    return corners_of([value.get(key) for key in keys])


def by_axes(xs: object, ys: object) -> Corners | None:
    """Read corners of which the x stand in one list and the y in another.

    Four that go down the left side and then down the right one (AI-Hub) are put in their order.

    >>> by_axes([1, 1, 9, 9], [2, 5, 2, 5])
    ((1.0, 2.0), (9.0, 2.0), (9.0, 5.0), (1.0, 5.0))
    """
    if not isinstance(xs, list) or not isinstance(ys, list) or len(xs) != len(ys):
        return None
    points = corners_of([value for pair in zip(xs, ys, strict=True) for value in pair])
    if points is None or len(points) != 4:
        return points
    down = (points[0], points[2], points[3], points[1])
    # Corners in zigzag enclose two areas that take each other away.
    return down if abs(area(points)) < abs(area(down)) / 2 else points


def around(parts: Sequence[Corners]) -> Corners:
    """Return the box around the words of a line, along the line, from where reading starts.

    Args:
        parts: corners of each word, four or more, in reading order.

    >>> around([((0, 1), (4, 1), (4, 3), (0, 3)), ((6, 0), (9, 0), (9, 2), (6, 2))])[0]
    (0.0, 0.0)
    """
    if len(parts) == 1:
        return parts[0]
    # The direction of the words' upper and lower sides, the long ones most.
    across = sum(quad[1][0] - quad[0][0] + quad[2][0] - quad[3][0] for quad in parts)
    down = sum(quad[1][1] - quad[0][1] + quad[2][1] - quad[3][1] for quad in parts)
    length = math.hypot(across, down)
    cos, sin = (across / length, down / length) if length else (1.0, 0.0)
    points = [point for quad in parts for point in quad]
    along = [x * cos + y * sin for x, y in points]
    below = [y * cos - x * sin for x, y in points]
    ends = ((min(along), min(below)), (max(along), min(below)),
            (max(along), max(below)), (min(along), max(below)))  # fmt: skip
    return tuple((u * cos - v * sin, u * sin + v * cos) for u, v in ends)


def size_of(content: object, wide: str = "width", high: str = "height") -> tuple[int, int] | None:
    """Return the size of a page as its annotation has it; None where that has none."""
    if not isinstance(content, dict):
        return None
    size = numbers([content.get(wide), content.get(high)])
    if size is None or min(size) <= 0:
        return None
    return round(size[0]), round(size[1])


def first_of(content: Mapping[str, Any], *keys: str) -> Any:
    """Return the value of the first of some keys that a map has; None where it has none."""
    return next((content[key] for key in keys if key in content), None)


Size = tuple[int, int] | None


def maps_in(value: object, place: str, tally: Tally) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the maps of a list with their numbers from 1; what is none is counted."""
    if not isinstance(value, list):
        if value is not None:
            tally.add(of_annotations.MALFORMED, place)
        return
    for order, item in enumerate(value, 1):
        if isinstance(item, dict):
            yield order, item
        else:
            tally.add(of_annotations.MALFORMED, f"{place}, line {order}")


def region_of(
    points: Corners | None,
    text: object,
    where: str,
    tally: Tally,
    *,
    marked: object = False,
    is_mark: bool = False,
    size: Size = None,
) -> Iterator[Region]:
    """Yield a marked line; one without corners or with another thing for text is counted.

    Args:
        marked: a flag beside the text, that nobody can read it or that it is hard to.
        is_mark: whether the text itself is one, beside those of all forms.
    """
    if points is None or not isinstance(text, str):
        tally.add(of_annotations.MALFORMED, where)
        return
    # Where a flag stands and no text, there is none to take.
    nothing = is_mark or is_unreadable(text) or (is_on(marked) and not text.strip())
    yield Region(points, text, nothing, where, size, is_difficult=is_on(marked))


def is_on(value: object) -> bool:
    """Whether a mark is set, as JSON, XML and tables write it.

    >>> is_on("false"), is_on("1"), is_on(0), is_on(True)
    (False, True, False, True)
    """
    if isinstance(value, str):
        return value.strip().casefold() not in ("", "0", "false", "no", "none", "null")
    return bool(value)


# Words that labelling tools write where nobody typed a text are left out as a mark only where that
# is certain: a word is one that PPOCRLabel writes itself, as it stands, in a format that
# PPOCRLabel writes. A new box gets the first of its language, a box in which the model reads
# nothing the second (resources/strings of PPOCRLabel: `tempLabel`, `nullLabel`; no language beside
# English and simplified Chinese has them):
#
#     TEMPORARY   NULL        English
#     待识别       无法识别     Chinese
#
# Label Studio exports no such word (its `placeholder` is shown and never stored), nor does
# X-AnyLabeling (it writes an empty text or null). But scripts between a tool and this one make a
# text of a missing value, or take the name of a class for it. Such a word ("None", "text") is a
# true label on many a screen, so it is taken, and told where it stands on at least `MANY` lines
# that are at least `MANY_SHARE` of all. `--placeholder` says which words stand for none, instead
# of all this.
PPOCRLABEL = ("TEMPORARY", "NULL", "待识别", "无法识别")

_FROM_TOOLS: tuple[Format, ...] = ("ppocr-det", "ppocr-rec", "lmdb", "label-studio")
"""What PPOCRLabel writes, what is made of that, and what is labelled from its readings. In public
sets, and in lines that were rendered, the same words are true labels."""

DOUBTFUL = frozenset({"none", "null", "nan", "undefined", "text", "recognized text"})
"""Casefolded: Python's, JSON's, pandas' and JavaScript's missing value; the class that OCR
templates name their boxes by; what Label Studio's OCR template shows in an empty field."""

MANY, MANY_SHARE = 3, 0.01


def placeholders_of(format: Format, named: tuple[str, ...] | None = None) -> frozenset[str]:
    """Return the texts that stand for none in a source; `named` ones take the place of the tool's.

    >>> sorted(placeholders_of("label-studio", ("NULL",))), sorted(placeholders_of("sroie"))
    (['NULL'], [])
    """
    if named is not None:
        return frozenset(named)
    return frozenset(PPOCRLABEL if format in _FROM_TOOLS else ())


def doubtful_words(labels: Iterable[str]) -> Mapping[str, int]:
    """Return the labels that many lines have and that may stand for none, with their counts.

    >>> doubtful_words(["None"] * 3 + ["값"] * 97), doubtful_words(["None"] * 2)
    ({'None': 3}, {})
    """
    counts = Counter(labels)
    least = max(MANY, MANY_SHARE * counts.total())
    return {
        word: count
        for word, count in counts.items()
        if word.casefold() in DOUBTFUL and count >= least
    }
