"""Corners as annotations spell them: pairs, flat lists, boxes by size or by two corners."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from balance.imports.json_boxes import finite
from textlines.pixels.rectify import Point, area

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
    found = [number(value) for value in values]
    kept = [value for value in found if value is not None]
    return kept if len(kept) == len(found) else None


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
    found = numbers(flat)
    if found is None or len(found) % 2 or len(found) < 4:
        return None
    return tuple(zip(found[::2], found[1::2], strict=True))


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
    found = numbers(value) if isinstance(value, list) and len(value) == 4 else None
    if found is None or min(found[2:]) < 0:
        return None
    return box(found[0], found[1], found[0] + found[2], found[1] + found[3])


def box_by_corners(value: object) -> Corners | None:
    """Read a box of left, top, right, bottom.

    >>> box_by_corners([9, 5, 1, 2])
    ((1.0, 2.0), (9.0, 2.0), (9.0, 5.0), (1.0, 5.0))
    """
    found = numbers(value) if isinstance(value, list) and len(value) == 4 else None
    return None if found is None else box(*found)


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
    across = sum(one[1][0] - one[0][0] + one[2][0] - one[3][0] for one in parts)
    down = sum(one[1][1] - one[0][1] + one[2][1] - one[3][1] for one in parts)
    length = math.hypot(across, down)
    cos, sin = (across / length, down / length) if length else (1.0, 0.0)
    points = [point for one in parts for point in one]
    along = [x * cos + y * sin for x, y in points]
    below = [y * cos - x * sin for x, y in points]
    ends = ((min(along), min(below)), (max(along), min(below)),
            (max(along), max(below)), (min(along), max(below)))  # fmt: skip
    return tuple((u * cos - v * sin, u * sin + v * cos) for u, v in ends)


def size_of(content: object, wide: str = "width", high: str = "height") -> tuple[int, int] | None:
    """Return the size of a page as its annotation has it; None where that has none."""
    if not isinstance(content, dict):
        return None
    found = numbers([content.get(wide), content.get(high)])
    if found is None or min(found) <= 0:
        return None
    return round(found[0]), round(found[1])


def first_of(content: Mapping[str, Any], *keys: str) -> Any:
    """Return the value of the first of some keys that a map has; None where it has none."""
    return next((content[key] for key in keys if key in content), None)
