"""Label Studio's exports: JSON (tasks with results) and JSON-MIN.

Shapes are in percent of the page, and a rectangle is turned clockwise about its upper left corner.
In JSON the text is a result of its own with the id of its shape; in JSON-MIN boxes and
transcriptions are two lists of one order.
"""

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlparse

from balance.imports.finding_images import ImageFinder
from balance.imports.json_boxes import finite, load_json, parse_points
from balance.imports.pages import Page, Region, is_unreadable
from textlines.errors import InputError
from textlines.labels.label_paths import shown_path
from textlines.labels.tally import Tally
from textlines.pixels.decode import IMAGE_SUFFIXES
from textlines.pixels.rectify import Point

_UPLOADED = re.compile(r"^[0-9a-f]{8}-")
"""Label Studio puts this before the name of an uploaded file."""


def read_label_studio(source: Path, finder: ImageFinder, tally: Tally) -> Iterator[Page]:
    """Read an export.

    Raises:
        InputError: the file is no JSON list of tasks.
    """
    tasks = load_json(source, tally)
    if not isinstance(tasks, list):
        raise InputError(str(source), "is no list of tasks", "Export as JSON or JSON-MIN.")
    for order, task in enumerate(tasks, 1):
        if not isinstance(task, dict):
            tally.add("malformed", f"{source}: task {order}")
            continue
        place = f"{source}: task {shown_path(str(task.get('id', order)), 40)}"
        data = task.get("data")
        name = _image_name(data if isinstance(data, dict) else task)
        image = find_image(name, finder) if name else None
        if image is None:
            tally.add("image_missing", f"{place} ({shown_path(name) or 'no image named'})")
            continue
        shapes = (
            _results(task, place, tally) if isinstance(data, dict) else _minimal(task, place, tally)
        )
        yield Page(f"{order:06d}-{image.stem}", image, tuple(shapes))


def _image_name(data: Mapping[str, Any]) -> str:
    """Give the first value that names an image."""
    for value in data.values():
        if isinstance(value, str) and _path_of(value).casefold().endswith(IMAGE_SUFFIXES):
            return value
    return ""


def _path_of(address: str) -> str:
    """Give the path in an address; `?d=` of local storage is one."""
    try:
        parts = urlparse(address)
    except ValueError:
        return ""
    local = parse_qs(parts.query).get("d")
    return unquote(local[0] if local else parts.path or parts.netloc)


def find_image(address: str, finder: ImageFinder) -> Path | None:
    """Find the image of an address by its file name, with or without the upload's prefix."""
    name = _path_of(address).rpartition("/")[2]
    return finder.named(name) or finder.named(_UPLOADED.sub("", name))


def _results(task: Mapping[str, Any], place: str, tally: Tally) -> Iterator[Region]:
    """Read the shapes of a task's annotation: the one of ground truth, else the first."""
    found = task.get("annotations") or task.get("completions") or []
    done = [
        one
        for one in (found if isinstance(found, list) else [])
        if isinstance(one, dict) and not one.get("was_cancelled")
    ]
    if not done:
        tally.add("not_annotated", place)
        return
    if len(done) > 1:
        tally.add("other_annotation", place, len(done) - 1)
    chosen = next((one for one in done if one.get("ground_truth")), done[0])
    listed = chosen.get("result")
    if listed is not None and not isinstance(listed, list):
        tally.add("malformed", f"{place} (its result is no list)")
        return
    results = [one for one in listed or [] if isinstance(one, dict)]
    if len(results) < len(listed or []):
        tally.add("malformed", place, len(listed or []) - len(results))
    texts: dict[object, str] = {}
    for one in results:
        value = one.get("value")
        if isinstance(value, dict) and "text" in value:
            texts[str(one.get("id"))] = _text(value["text"])
    seen: set[str] = set()
    for one in results:
        value, key = one.get("value"), str(one.get("id"))
        if not isinstance(value, dict) or key in seen:
            continue
        where = f"{place}, region {shown_path(key, 40)}"
        if "x" in value or "points" in value:
            # A box, its label and its text may be three results that all repeat the shape.
            seen.add(key)
            yield from _region(value, one, texts.get(key, ""), where, tally)
        elif "text" not in value and "choices" not in value:
            tally.add("other_shape", where)


def _minimal(task: Mapping[str, Any], place: str, tally: Tally) -> Iterator[Region]:
    lists = [v for v in task.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
    shapes = next((v for v in lists if "x" in v[0] or "points" in v[0]), [])
    texts = task.get("transcription", [])
    texts = [texts] if isinstance(texts, str) else texts
    if not shapes:
        tally.add("not_annotated", place)
        return
    if not isinstance(texts, list) or len(texts) != len(shapes):
        # Which text belongs to which box is lost.
        tally.add("malformed", place, len(shapes))
        return
    for order, (shape, text) in enumerate(zip(shapes, texts, strict=True), 1):
        where = f"{place}, line {order}"
        if isinstance(shape, dict):
            yield from _region(shape, shape, _text(text), where, tally)
        else:
            tally.add("malformed", where)


def _text(value: object) -> str:
    if isinstance(value, list):
        return " ".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


def _region(
    value: Mapping[str, Any], result: Mapping[str, Any], text: str, where: str, tally: Tally
) -> Iterator[Region]:
    wide, high = map(finite, (result.get("original_width"), result.get("original_height")))
    angle = 0.0 if value.get("rotation") is None else finite(value["rotation"])
    if result.get("image_rotation"):
        tally.add("turned_page", where)
        return
    if "radiusX" in value or "rle" in value or not {"x", "points"} & value.keys():
        tally.add("other_shape", where)
        return
    points = _percent_points(value)
    if not points or angle is None or not wide or not high or min(wide, high) <= 0:
        tally.add("malformed", where)
        return
    corners = tuple((x * wide / 100, y * high / 100) for x, y in points)
    if angle and len(corners) == 4 and "points" not in value:
        corners = turned(corners, angle)
    yield Region(corners, text, is_unreadable(text), where, (round(wide), round(high)))


def _percent_points(value: Mapping[str, Any]) -> tuple[Point, ...] | None:
    if "points" in value:
        return parse_points(value["points"])
    x, y, w, h = (finite(value.get(name)) for name in ("x", "y", "width", "height"))
    if x is None or y is None or w is None or h is None:
        return None
    return ((x, y), (x + w, y), (x + w, y + h), (x, y + h))


def turned(corners: tuple[Point, ...], angle_deg: float) -> tuple[Point, ...]:
    """Turn corners clockwise on screen about the first of them.

    >>> turned(((0, 0), (2, 0), (2, 1), (0, 1)), 90)[1]
    (0.0, 2.0)
    """
    (x0, y0), angle = corners[0], math.radians(angle_deg)
    cos, sin = round(math.cos(angle), 12), round(math.sin(angle), 12)
    return tuple(
        (x0 + (x - x0) * cos - (y - y0) * sin, y0 + (x - x0) * sin + (y - y0) * cos)
        for x, y in corners
    )
