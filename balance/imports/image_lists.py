"""JSON in which images and annotations stand in two lists: TextOCR, COCO-Text, AI-Hub's sets.

    TextOCR     {"imgs": {id: {...}}, "anns": {id: {"image_id", "points", "utf8_string"}}}
    COCO-Text   the same with "mask", "polygon" or "bbox" [x, y, w, h], "legibility"
    AI-Hub      {"images": [{"id", "file_name"}],
                 "annotations": [{"image_id", "text", "bbox": [x, y, w, h]}]}
                {"images": [{"image.file.name"}],
                 "annotations": [{"annotation.text", "annotation.bbox"}]}
                {"images": [{"name"}], "annotations": [{"polygons": [{"text", "points"}]}]}
                {"Images": {"identifier", "type"}, "bbox": [{"data", "x": [...], "y": [...]}]}
                {"image": {"file_name"}, "text": {"word": [{"value", "wordbox": [l, t, r, b]}]}}
                {"image": [{"name", "objects": [{"points": [...], "Description"}]}]}

An annotation without a box is of the whole image, where it is the only one of its image.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from balance.imports.marked_files import Marked, NotOfFormError
from balance.imports.page_regions import (
    Corners,
    Region,
    box_by_corners,
    box_by_size,
    by_axes,
    corners_of,
    first_of,
    is_on,
    maps_in,
    region_of,
    size_of,
)
from textlines.defects import of_annotations
from textlines.labels.label_paths import shown_path
from textlines.labels.tally import Tally

UNREADABLE_TEXTS = frozenset({"xxx"})
"""What AI-Hub's outdoor set has for a text that nobody can read."""

_IN_WORDS = ("character", "char")
"""Classes of annotations that repeat, character by character, what a word's holds."""


def parse_coco_text(content: Any, file: Path, tally: Tally) -> Iterator[Marked]:
    """Read TextOCR and COCO-Text; "." is TextOCR's mark of what nobody can read."""
    if not isinstance(content, dict):
        raise NotOfFormError("is no map with 'imgs' and 'anns', as TextOCR and COCO-Text are")
    images, marks = content.get("imgs"), content.get("anns")
    if not isinstance(images, dict) or not isinstance(marks, dict):
        raise NotOfFormError("has no maps 'imgs' and 'anns', as TextOCR and COCO-Text have")
    of_image: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for key, mark in marks.items():
        if isinstance(mark, dict) and isinstance(mark.get("image_id"), (int, str)):
            of_image.setdefault(str(mark["image_id"]), []).append((key, mark))
        else:
            tally.add(of_annotations.MALFORMED, f"{file}: annotation {shown_path(key, 40)}")
    for key, image in images.items():
        place = f"{file}: image {shown_path(key, 40)}"
        name = image.get("file_name") if isinstance(image, dict) else None
        if not isinstance(name, str):
            tally.add(of_annotations.MALFORMED, place)
            continue
        listed = of_image.pop(str(image.get("id", key)), None) or of_image.pop(key, [])
        regions: list[Region] = []
        for number, mark in listed:
            where = f"{place}, annotation {shown_path(number, 40)}"
            regions += _coco_region(mark, size_of(image), where, tally)
        yield Marked(name, place, tuple(regions))
    for key, left in of_image.items():
        tally.add(of_annotations.NO_IMAGE_NAMED, f"{file}: image {shown_path(key, 40)}", len(left))


def _coco_region(
    mark: dict[str, Any], size: tuple[int, int] | None, where: str, tally: Tally
) -> Iterator[Region]:
    text = mark.get("utf8_string")
    marked = mark.get("legibility", "legible") != "legible"
    is_mark = "legibility" not in mark and isinstance(text, str) and text.strip() == "."
    points = corners_of(first_of(mark, "points", "mask", "polygon"))
    if points is None:
        points = box_by_size(mark.get("bbox"))
    yield from region_of(
        points,
        "" if text is None else text,
        where,
        tally,
        marked=marked,
        is_mark=is_mark,
        size=size,
    )


@dataclass(slots=True)
class _Image:
    """An image of a list with the annotations that name it."""

    name: str
    place: str
    size: tuple[int, int] | None
    marks: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


def parse_aihub(content: Any, file: Path, tally: Tally) -> Iterator[Marked]:
    """Read the JSON of AI-Hub's sets and others with lists of images and annotations."""
    if not isinstance(content, dict):
        raise NotOfFormError("is no map with 'images' and 'annotations'")
    images, by_id = _images(content, file, tally)
    marks = _marks(content, file, tally)
    if marks is None and any(image.marks for image in images):
        marks = []
    if marks is None:
        raise NotOfFormError(
            "has no list of annotations that is known (annotations, annotation, bbox, text.word, "
            f"objects); it has {', '.join(sorted(map(str, content))[:8]) or 'nothing'}"
        )
    for place, owner, mark in marks:
        # A file of one image need not number it.
        is_alone = len(images) == 1 and not (owner and by_id)
        target = images[0] if is_alone else by_id.get(owner)
        if target is None:
            tally.add(of_annotations.NO_IMAGE_NAMED, place)
        else:
            target.marks.append((place, mark))
    for image in images:
        yield Marked(image.name, image.place, tuple(_regions(image, tally)))


def _images(
    content: dict[str, Any], file: Path, tally: Tally
) -> tuple[list[_Image], dict[str, _Image]]:
    """Return the images in order, and those that have an id by it; one where none is listed."""
    listed = first_of(content, "images", "Images", "image")
    if isinstance(listed, dict):
        listed = [listed]
    images: list[_Image] = []
    by_id: dict[str, _Image] = {}
    for order, entry in maps_in(listed, f"{file}: images", tally):
        name = first_of(entry, "file_name", "image.file.name", "name", "filename", "fileName")
        name = name if isinstance(name, str) else _identifier(entry)
        place = f"{file}: image {shown_path(name, 60) or order}"
        image = _Image(
            name,
            place,
            size_of(entry) or size_of(entry, "image.width", "image.height"),
        )
        for mark_order, mark in maps_in(entry.get("objects"), place, tally):
            image.marks.append((f"{place}, object {mark_order}", mark))
        images.append(image)
        key = entry.get("id")
        if isinstance(key, (int, str)) and not isinstance(key, bool):
            if str(key) in by_id:
                tally.add(of_annotations.KEY_TWICE, place)
            by_id[str(key)] = image
    if not images:
        images.append(_Image("", str(file), None))
    elif len(images) > 1:
        for image in [image for image in images if not image.name]:
            tally.add(of_annotations.NO_IMAGE_NAMED, image.place)
            images.remove(image)
    return images, by_id


def _identifier(image: Mapping[str, Any]) -> str:
    name, kind = image.get("identifier"), image.get("type")
    if not isinstance(name, str):
        return ""
    return f"{name}.{kind}" if isinstance(kind, str) and 0 < len(kind) <= 4 else name


Mark = tuple[str, str, dict[str, Any]]
"""Place, id of the image or "", the annotation."""


def _marks(content: dict[str, Any], file: Path, tally: Tally) -> list[Mark] | None:
    """Return the annotations of a file; None where no list of them is known."""
    text = content.get("text")
    if isinstance(text, dict) and (isinstance(text.get("word"), list) or "letter" in text):
        words = text.get("word")
        letter = text.get("letter")
        listed = words if isinstance(words, list) else [letter]
        return _flat(listed, f"{file}: word", tally)
    listed = first_of(content, "annotations", "annotation", "bbox", "Bbox")
    if isinstance(listed, dict):
        listed = [listed]
    elif isinstance(text, list) and listed is content.get("bbox"):
        listed = [content]
    if isinstance(listed, list):
        return _flat(listed, f"{file}: annotation", tally)
    return None


def _flat(listed: list[Any], place: str, tally: Tally) -> list[Mark]:
    """Return the annotations of a list, those that hold a list themselves one by one."""
    marks: list[Mark] = []
    for order, entry in maps_in(listed, place, tally):
        owner = entry.get("image_id")
        key = str(owner) if isinstance(owner, (int, str)) and owner != "" else ""
        where = f"{place} {order}"
        inner = first_of(entry, "polygons", "annotations", "words")
        texts, boxes = _text_of(entry), first_of(entry, "annotation.bbox", "bbox", "points")
        if isinstance(texts, list):
            # Two lists of one order.
            if not isinstance(boxes, list) or len(boxes) != len(texts):
                tally.add(of_annotations.MALFORMED, where)
                continue
            parts = zip(texts, boxes, strict=True)
            marks += [
                (
                    f"{where}.{at}",
                    key,
                    {"text": text, "points" if "points" in entry else "bbox": box},
                )
                for at, (text, box) in enumerate(parts, 1)
            ]
        elif isinstance(inner, list) and texts is None:
            for at, part in maps_in(inner, where, tally):
                marks.append((f"{where}.{at}", key, part))
        elif isinstance(entry.get("annotation"), dict):
            marks.append((where, key, entry | entry["annotation"]))
        else:
            marks.append((where, key, entry))
    return marks


def _text_of(mark: Mapping[str, Any]) -> Any:
    return first_of(
        mark, "annotation.text", "text", "data", "value", "transcription", "Description"
    )


def _points_of(mark: Mapping[str, Any]) -> tuple[bool, Corners | None]:
    """Return whether an annotation has corners at all, and those; None where they are none."""
    if isinstance(mark.get("x"), list):
        return True, by_axes(mark["x"], mark.get("y"))
    listed = first_of(mark, "points", "polygon", "annotation.polygon", "segmentation")
    if isinstance(listed, list) and listed:
        return True, corners_of(listed)
    sized = first_of(mark, "annotation.bbox", "bbox")
    if sized is not None and sized != []:
        return True, box_by_size(sized)
    if mark.get("wordbox") is not None:
        return True, box_by_corners(mark["wordbox"])
    return False, None


def _class_of(mark: Mapping[str, Any]) -> str:
    attributes = mark.get("attributes")
    name = attributes.get("class") if isinstance(attributes, dict) else None
    return name if isinstance(name, str) else ""


def _regions(image: _Image, tally: Tally) -> Iterator[Region]:
    has_words = any(_class_of(mark) == "word" for _, mark in image.marks)
    for place, mark in image.marks:
        if has_words and _class_of(mark) in _IN_WORDS:
            tally.add(of_annotations.PART_OF_LINE, place)
            continue
        text = _text_of(mark)
        has_points, points = _points_of(mark)
        is_mark = isinstance(text, str) and text.strip() in UNREADABLE_TEXTS
        marked = any(
            is_on(mark.get(key)) for key in ("ignore", "illegibility", "Don't Care", "difficult")
        )
        if not has_points:
            if len(image.marks) > 1:
                tally.add(of_annotations.NO_POINTS, place)
                continue
            points = ()
        yield from region_of(
            points, text, place, tally, marked=marked, is_mark=is_mark, size=image.size
        )
