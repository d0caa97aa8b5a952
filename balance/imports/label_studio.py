"""Label Studio's exports: JSON (tasks with results) and JSON-MIN.

Shapes are in percent of the page, and a rectangle is turned clockwise about its upper left corner.
In JSON the text is a result of its own with the id of its shape, named by its text area; in
JSON-MIN shapes and texts are lists of one order, one for each tool and text area of the template.

Which text area holds the labels is asked of the whole file, or a comment would be taken for the
label of a line that has none: the one that is named, else `transcription`, else the only one.
Without any, the note of a region (`meta.text`) is its text. A choice is no text.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlparse

from balance.imports.marked_files import load
from balance.imports.page_regions import Page, Region
from balance.imports.source_files import ImageFinder
from textlines.defects import Defect, of_annotations
from textlines.errors import InputError
from textlines.labels.label_paths import shown_path
from textlines.labels.tally import Tally
from textlines.pixels.decode import IMAGE_SUFFIXES
from textlines.pixels.rectify import Point
from textlines.regions.page_file import finite, is_unreadable, parse_points
from textlines.wording.counts import count_of

_UPLOADED = re.compile(r"^[0-9a-f]{8}-")
"""Label Studio puts this before the name of an uploaded file."""


_USUAL = "transcription"
"""The text area of Label Studio's own OCR template."""

_OF_THE_TASK = frozenset({"id", "annotator", "annotation_id", "created_at", "updated_at"})
"""What JSON-MIN writes beside the data and the lists; never a text area."""

_EXPORT_AS_JSON = "or export as JSON, which keeps each text with its shape."


def read_label_studio(
    source: Path, finder: ImageFinder, tally: Tally, text_area: str = ""
) -> Iterator[Page]:
    """Read an export.

    Args:
        text_area: the name of the one that holds the labels; "" takes `transcription`, or the
            only one.

    Raises:
        InputError: the file is no JSON list of tasks, or which text area holds the labels cannot
            be told.
    """
    tasks = load(source, tally)
    if not isinstance(tasks, list):
        raise InputError(str(source), "is no list of tasks", "Export as JSON or JSON-MIN.")
    full = [task for task in tasks if isinstance(task, dict) and isinstance(task.get("data"), dict)]
    minimal = [t for t in tasks if isinstance(t, dict) and not isinstance(t.get("data"), dict)]
    area = _area_of(source, full, text_area)
    listed = _list_of(source, minimal, text_area)
    for order, task in enumerate(tasks, 1):
        if not isinstance(task, dict):
            tally.add(of_annotations.MALFORMED, f"{source}: task {order}")
            continue
        place = f"{source}: task {shown_path(str(task.get('id', order)), 40)}"
        data = task.get("data")
        name = _image_name(data if isinstance(data, dict) else task)
        image = find_image(name, finder) if name else None
        if image is None:
            tally.add(
                of_annotations.IMAGE_MISSING, f"{place} ({shown_path(name) or 'no image named'})"
            )
            continue
        shapes = (
            _results(task, area, place, tally)
            if isinstance(data, dict)
            else _minimal(task, listed, place, tally)
        )
        yield Page(f"{order:06d}-{image.stem}", image, tuple(shapes))


def _image_name(data: Mapping[str, Any]) -> str:
    """Return the first value that names an image."""
    for value in data.values():
        if isinstance(value, str) and _path_of(value).casefold().endswith(IMAGE_SUFFIXES):
            return value
    return ""


def _path_of(address: str) -> str:
    """Return the path in an address; `?d=` of local storage is one."""
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


@dataclass(frozen=True, slots=True)
class _Annotation:
    """One annotation of a task, in JSON: the first result of each shape, and its texts by area."""

    shapes: Mapping[str, Mapping[str, Any]]
    texts: Mapping[str, Mapping[str, list[str]]]
    choices: frozenset[str]
    others: tuple[str, ...]


def _area_of(source: Path, tasks: Iterable[Mapping[str, Any]], wanted: str) -> str:
    """Return the text area that holds the labels of an export as JSON; "" where there is none."""
    names = Counter(
        name
        for task in tasks
        if (chosen := _chosen(task)) is not None
        for texts in _annotation(_listed(chosen)).texts.values()
        for name in texts
    )
    if not names or (_USUAL in names and not wanted):
        return _USUAL if names else ""
    counts = ", ".join(f"{shown_path(name, 40)}: {count:,}" for name, count in names.items())
    if wanted and wanted not in names:
        raise InputError(
            str(source), f"has no text area {wanted!r}, but {counts}", "Name another --text-area."
        )
    if not wanted and len(names) > 1:
        raise InputError(
            str(source),
            f"has texts in several text areas ({counts}), and none is named {_USUAL}",
            "Name the one that holds the labels with --text-area.",
        )
    return wanted or next(iter(names))


def _chosen(task: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the annotation that counts: the one of ground truth, else the first."""
    done = _done(task)
    first = done[0] if done else None
    return next((annotation for annotation in done if annotation.get("ground_truth")), first)


def _done(task: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    annotations = task.get("annotations") or task.get("completions") or []
    return [
        annotation
        for annotation in (annotations if isinstance(annotations, list) else [])
        if isinstance(annotation, dict) and not annotation.get("was_cancelled")
    ]


def _listed(annotation: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the results of an annotation that are objects."""
    listed = annotation.get("result")
    results = listed if isinstance(listed, list) else []
    return [
        result
        for result in results
        if isinstance(result, dict) and isinstance(result.get("value"), dict)
    ]


def _annotation(results: Iterable[Mapping[str, Any]]) -> _Annotation:
    shapes: dict[str, Mapping[str, Any]] = {}
    texts: dict[str, dict[str, list[str]]] = {}
    choices, others = set(), []
    for result in results:
        value, key = result["value"], str(result.get("id"))
        # A box, its label and its text may be three results that all repeat the shape.
        if "x" in value or "points" in value:
            shapes.setdefault(key, result)
        elif not {"text", "choices"} & value.keys():
            others.append(key)
        if "text" in value:
            name = result.get("from_name")
            area = name if isinstance(name, str) and name else _USUAL
            held = texts.setdefault(key, {}).setdefault(area, [])
            held += [text for text in _texts(value["text"]) if text not in held]
        if "choices" in value:
            choices.add(key)
    # A text area of the whole page has an id of its own.
    of_shapes = {key: texts[key] for key in texts if key in shapes}
    others = [key for key in others if key not in shapes]
    return _Annotation(shapes, of_shapes, frozenset(choices), tuple(others))


def _results(task: Mapping[str, Any], area: str, place: str, tally: Tally) -> Iterator[Region]:
    """Read the shapes of a task's annotation."""
    chosen = _chosen(task)
    if chosen is None:
        is_predicted = bool(task.get("predictions"))
        tally.add(
            of_annotations.PREDICTIONS_ONLY if is_predicted else of_annotations.NOT_ANNOTATED,
            place,
        )
        return
    if len(_done(task)) > 1:
        tally.add(of_annotations.OTHER_ANNOTATION, place, len(_done(task)) - 1)
    listed = chosen.get("result")
    if listed is not None and not isinstance(listed, list):
        tally.add(of_annotations.MALFORMED, f"{place} (its result is no list)")
        return
    broken = sum(not isinstance(result, dict) for result in listed or [])
    if broken:
        tally.add(of_annotations.MALFORMED, place, broken)
    annotation = _annotation(_listed(chosen))
    for key in annotation.others:
        tally.add(of_annotations.OTHER_SHAPE, f"{place}, region {shown_path(key, 40)}")
    for key, shape in annotation.shapes.items():
        where = f"{place}, region {shown_path(key, 40)}"
        areas = annotation.texts.get(key, {})
        texts, doubts = areas.get(area, []), []
        for name in areas.keys() - {area}:
            tally.add(of_annotations.OTHER_TEXT, f"{where} ({shown_path(name, 40)})")
        if not area:
            meta = shape.get("meta")
            texts = _texts(meta.get("text")) if isinstance(meta, dict) else []
            doubts = [of_annotations.META_TEXT] if texts else []
        if not texts and key in annotation.choices:
            tally.add(of_annotations.CHOICE_ONLY, where)
            continue
        yield from _region(shape["value"], shape, texts, doubts, where, tally)


def _list_of(source: Path, tasks: Iterable[Mapping[str, Any]], wanted: str) -> str:
    """Return the list that holds the texts of an export as JSON-MIN; "" where there is no shape."""
    named: Counter[str] = Counter()
    single: Counter[str] = Counter()
    is_usual = has_shapes = False
    for task in tasks:
        lengths = [len(shapes) for shapes in _shape_lists(task).values()]
        # Where each tool has a list of its own, the texts of all of them are in one.
        counts = {*lengths, sum(lengths)} - {0}
        has_shapes = has_shapes or bool(counts)
        is_usual = is_usual or _USUAL in task
        for name, value in task.items() if counts else ():
            if isinstance(value, list) and len(value) in counts and any(map(_texts, value)):
                named[name] += 1
            # The text of a single shape is no list.
            elif 1 in counts and isinstance(value, str) and not _is_of_the_task(name, value):
                single[name] += 1
    names = {**named, **single}
    if wanted and has_shapes and wanted not in names:
        raise InputError(
            str(source),
            f"has no list {wanted!r} of texts; there are: {_told(names)}",
            f"Name another --text-area, {_EXPORT_AS_JSON}",
        )
    if wanted or is_usual or not has_shapes:
        return wanted or _USUAL
    lists = list(named or single)
    if len(lists) != 1:
        raise InputError(
            str(source),
            f"has no list {_USUAL} of texts; lists of another name: {_told(names)}",
            f"Name the one that holds the labels with --text-area, {_EXPORT_AS_JSON}",
        )
    return lists[0]


def _told(names: Iterable[str]) -> str:
    return ", ".join(shown_path(name, 40) for name in names) or "none"


def _is_of_the_task(name: str, value: str) -> bool:
    """Whether a text of JSON-MIN is the image, or what stands beside every annotation."""
    return name in _OF_THE_TASK or _path_of(value).casefold().endswith(IMAGE_SUFFIXES)


def _shape_lists(task: Mapping[str, Any], text_list: str = _USUAL) -> dict[str, list[Any]]:
    """Return the lists of shapes of a task in JSON-MIN, by the name of their tool."""
    return {
        name: value
        for name, value in task.items()
        # A text that was not typed is replaced by its box (label-studio#4504).
        if name != text_list and isinstance(value, list) and value and _is_shape(value[0])
        and not any(isinstance(text, str) for text in value)
    }  # fmt: skip


def _is_shape(value: object) -> bool:
    return isinstance(value, dict) and bool({"x", "points"} & value.keys())


def _whole_list(lists: Mapping[str, list[Any]]) -> list[Any] | None:
    """Return the list that holds the shapes of all lists; None where no list does.

    A tool that draws and one that names what was drawn write the same shapes twice.
    """

    def outlines(shapes: Iterable[Any]) -> set[str]:
        return {
            str([shape.get(key) for key in ("x", "y", "width", "height", "rotation", "points")])
            for shape in shapes
            if isinstance(shape, dict)
        }  # fmt: skip

    every = set().union(*(outlines(shapes) for shapes in lists.values()))
    return next((shapes for shapes in lists.values() if outlines(shapes) == every), None)


def _minimal(task: Mapping[str, Any], text_list: str, place: str, tally: Tally) -> Iterator[Region]:
    lists = _shape_lists(task, text_list)
    if not lists:
        tally.add(of_annotations.NOT_ANNOTATED, place)
        return
    shapes = _whole_list(lists)
    texts = task.get(text_list)
    texts = [texts] if isinstance(texts, str) else texts
    if shapes is None:
        sizes = ", ".join(
            f"{shown_path(name, 40)}: {len(values)}" for name, values in lists.items()
        )
        tally.add(of_annotations.TWO_TOOLS, f"{place} ({sizes})", sum(map(len, lists.values())))
        return
    texts = [""] * len(shapes) if texts is None else texts
    if not isinstance(texts, list) or len(texts) != len(shapes):
        count = len(texts) if isinstance(texts, list) else 0
        tally.add(
            of_annotations.TEXTS_LOST,
            f"{place} ({count_of(len(shapes), 'shape')}, {count_of(count, 'text')})",
            len(shapes),
        )
        return
    if text_list != _USUAL:
        tally.add(of_annotations.NAMED_TEXTS, f"{place} ({shown_path(text_list, 40)})")
    for order, (shape, text) in enumerate(zip(shapes, texts, strict=True), 1):
        where = f"{place}, line {order}"
        if not isinstance(shape, dict):
            tally.add(of_annotations.MALFORMED, where)
        elif isinstance(text, dict):
            tally.add(of_annotations.TEXT_IS_BOX, where)
        else:
            yield from _region(shape, shape, _texts(text), [], where, tally)


def _texts(value: object) -> list[str]:
    """Return the texts of a text area, which may be sent more than once."""
    texts = value if isinstance(value, list) else [value]
    return [text for text in texts if isinstance(text, str) and text.strip()]


def _region(
    value: Mapping[str, Any],
    result: Mapping[str, Any],
    texts: list[str],
    doubts: list[Defect],
    where: str,
    tally: Tally,
) -> Iterator[Region]:
    wide, high = map(finite, (result.get("original_width"), result.get("original_height")))
    angle = 0.0 if value.get("rotation") is None else finite(value["rotation"])
    if result.get("image_rotation"):
        tally.add(of_annotations.TURNED_PAGE, where)
        return
    if "radiusX" in value or "rle" in value or not {"x", "points"} & value.keys():
        tally.add(of_annotations.OTHER_SHAPE, where)
        return
    points = _percent_points(value)
    if not points or angle is None or not wide or not high or min(wide, high) <= 0:
        tally.add(of_annotations.MALFORMED, where)
        return
    corners = tuple((x * wide / 100, y * high / 100) for x, y in points)
    is_turned = bool(angle) and "points" not in value
    if is_turned:
        corners = turned(corners, angle)
    text = " ".join(texts)
    yield Region(
        corners,
        text,
        is_unreadable(text),
        where,
        (round(wide), round(high)),
        start_is_stated=is_turned,
        doubts=(*doubts, *([of_annotations.JOINED_TEXTS] if len(texts) > 1 else [])),
    )


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
