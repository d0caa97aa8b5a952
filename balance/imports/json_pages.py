"""JSON of one page a file, or of named pages: ReCTS, CORD, FUNSD, XFUND, labelme, UFO.

    ReCTS           {"chars": [...], "lines": [{"points": [x1, ...], "transcription", "ignore"}]}
    CORD            {"valid_line": [{"words": [{"quad": {"x1": ...}, "text", "row_id"}]}], "meta"}
    FUNSD           {"form": [{"box": [l, t, r, b], "text", "words": [{"box", "text"}]}]}
    XFUND           {"documents": [{"img": {"fname"}, "document": [{"box", "text", "words"}]}]}
    labelme         {"shapes": [{"label", "description", "points", "shape_type", "flags"}]}
    UFO             {"images": {name: {"words": {id: {"points", "transcription", "illegibility"}}}}}

What spans several lines (an entity of FUNSD, a group of CORD) is cut into them by its words.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from balance.imports.foreign_forms import Format
from balance.imports.marked_files import Marked, NotOfFormError, Parser, load
from balance.imports.page_regions import (
    Corners,
    Region,
    Size,
    around,
    box,
    box_by_corners,
    corners_of,
    is_on,
    maps_in,
    quad_by_keys,
    region_of,
    size_of,
)
from textlines.defects import of_annotations, of_lines
from textlines.errors import InputError
from textlines.labels.canonical import short
from textlines.labels.label_paths import shown_path
from textlines.labels.tally import Tally
from textlines.pixels.decode import IMAGE_SUFFIXES
from textlines.regions.page_file import is_unreadable

GAP = 2.0
"""In heights of a line: words further apart are lines of their own."""


def _wanted(content: object, key: str, what: str) -> Any:
    if not isinstance(content, dict) or not isinstance(content.get(key), list):
        raise NotOfFormError(f"has no list {key!r}, as {what} has")
    return content[key]


def parse_rects(content: Any, file: Path, tally: Tally) -> Iterator[Marked]:
    """Read ReCTS; characters are parts of their lines and not taken by themselves."""
    regions: list[Region] = []
    for order, line in maps_in(_wanted(content, "lines", "ReCTS"), str(file), tally):
        where = f"{file}: line {order}"
        regions += region_of(
            corners_of(line.get("points")),
            line.get("transcription"),
            where,
            tally,
            marked=line.get("ignore"),
        )
    chars = content.get("chars")
    if isinstance(chars, list) and chars:
        tally.add(of_annotations.PART_OF_LINE, str(file), len(chars))
    yield Marked("", str(file), tuple(regions))


def parse_cord(content: Any, file: Path, tally: Tally) -> Iterator[Marked]:
    """Read CORD: the words of one row of a group are joined to a line."""
    groups = _wanted(content, "valid_line", "CORD")
    meta = content.get("meta")
    size = size_of(meta.get("image_size")) if isinstance(meta, dict) else None
    regions: list[Region] = []
    for order, group in maps_in(groups, str(file), tally):
        place = f"{file}: group {order}"
        rows: dict[object, list[tuple[Corners, str]]] = {}
        for at, word in maps_in(group.get("words"), place, tally):
            quad, text = quad_by_keys(word.get("quad")), word.get("text")
            if (
                quad is None
                or not isinstance(text, str)
                or not isinstance(word.get("row_id", 0), (int, str))
            ):
                tally.add(of_annotations.MALFORMED, f"{place}, word {at}")
            elif not text.strip():
                tally.add(of_lines.EMPTY_LABEL, f"{place}, word {at}")
            else:
                rows.setdefault(word.get("row_id", 0), []).append((quad, text.strip()))
        for words in rows.values():
            for line in _lines_of_row(words):
                text = " ".join(text for _, text in line)
                points = around([quad for quad, _ in line])
                marked = any(is_unreadable(text) for _, text in line)
                regions += region_of(points, text, place, tally, is_mark=marked, size=size)
    unread = content.get("dontcare")
    if isinstance(unread, list) and unread:
        tally.add(of_annotations.UNREADABLE_MARK, str(file), len(unread))
    yield Marked("", str(file), tuple(regions))


def _lines_of_row(words: Sequence[tuple[Corners, str]]) -> Iterator[list[tuple[Corners, str]]]:
    """Cut the words of a row where the gap is wide: another column begins there."""
    ordered = sorted(words, key=lambda word: min(x for x, _ in word[0]))
    line: list[tuple[Corners, str]] = []
    for word in ordered:
        if line:
            high = max(_height(quad) for quad, _ in (*line, word))
            gap = min(x for x, _ in word[0]) - max(x for quad, _ in line for x, _ in quad)
            if gap > GAP * high:
                yield line
                line = []
        line.append(word)
    if line:
        yield line


def _height(points: Corners) -> float:
    return max(y for _, y in points) - min(y for _, y in points)


def parse_funsd(content: Any, file: Path, tally: Tally) -> Iterator[Marked]:
    """Read FUNSD: an entity of several lines is cut into them."""
    entities = _wanted(content, "form", "FUNSD")
    regions: list[Region] = []
    for order, entity in maps_in(entities, str(file), tally):
        regions += _entity(entity, f"{file}: entity {order}", None, tally)
    yield Marked("", str(file), tuple(regions))


def parse_xfund(content: Any, file: Path, tally: Tally) -> Iterator[Marked]:
    """Read XFUND: one file of many pages, with entities as FUNSD's."""
    for order, page in maps_in(_wanted(content, "documents", "XFUND"), str(file), tally):
        image = page.get("img")
        name = image.get("fname") if isinstance(image, dict) else None
        name = name if isinstance(name, str) and name else str(page.get("id", ""))
        place = f"{file}: {shown_path(name, 60) or f'page {order}'}"
        if not name:
            tally.add(of_annotations.IMAGE_MISSING, f"{place} (no image named)")
            continue
        regions: list[Region] = []
        for at, entity in maps_in(page.get("document"), place, tally):
            regions += _entity(entity, f"{place}, entity {at}", size_of(image), tally)
        yield Marked(name, place, tuple(regions))


def _entity(entity: dict[str, Any], where: str, size: Size, tally: Tally) -> Iterator[Region]:
    text, points = entity.get("text"), box_by_corners(entity.get("box"))
    words: list[tuple[Corners, str]] = []
    for at, word in maps_in(entity.get("words"), where, tally):
        corners = box_by_corners(word.get("box"))
        if corners is None or not isinstance(word.get("text"), str):
            tally.add(of_annotations.MALFORMED, f"{where}, word {at}")
            return
        words.append((corners, word["text"]))
    lines = _stacked(words)
    if len(lines) < 2 or not isinstance(text, str):
        yield from region_of(points, text, where, tally, size=size)
        return
    start = 0
    cut: list[tuple[Corners, str]] = []
    for line in lines:
        end = _end_of(text, start, [part for _, part in line])
        if end < 0:
            tally.add(of_annotations.SEVERAL_LINES, where)
            return
        lefts, tops = zip(*(points[0] for points, _ in line), strict=True)
        rights, bottoms = zip(*(points[2] for points, _ in line), strict=True)
        corners = box(min(lefts), min(tops), max(rights), max(bottoms))
        cut.append((corners, text[start:end].strip()))
        start = end
    for at, (corners, part) in enumerate(cut, 1):
        yield from region_of(corners, part, f"{where}, line {at}", tally, size=size)


def _stacked(words: Sequence[tuple[Corners, str]]) -> list[list[tuple[Corners, str]]]:
    """Cut words in reading order where one stands below the one before, to its left."""
    lines: list[list[tuple[Corners, str]]] = []
    for word in words:
        (_, top), _, (_, bottom), _ = word[0]
        before = lines[-1][-1][0] if lines else None
        if (
            before is None
            or (top + bottom) / 2 > before[2][1]
            or (top > (before[0][1] + before[2][1]) / 2 and word[0][0][0] < before[2][0])
        ):
            lines.append([])
        lines[-1].append(word)
    return lines


def _end_of(text: str, start: int, parts: Sequence[str]) -> int:
    """Return where the words of a line end in an entity's text, spaces apart; -1 if they differ."""
    at = start
    for char in "".join(parts):
        if char.isspace():
            continue
        while at < len(text) and text[at].isspace():
            at += 1
        if at >= len(text) or text[at] != char:
            return -1
        at += 1
    return at


_LINES = frozenset({"rectangle", "polygon", "rotation", "quadrilateral", ""})
_CLASS_NAMES = frozenset({"text", "word", "line", "box", "region", "ocr", "label", "텍스트"})
_FLAGS = frozenset(
    {"difficult", "ignore", "ignored", "illegible", "unreadable", "dontcare", "don't care"}
)

SAME_LABELS = 5
"""So many shapes that all have one label are of a class: their texts stand elsewhere."""


def labelme_parser(has_descriptions: bool, named: str) -> Parser:
    """Return the parser of labelme's files.

    Args:
        has_descriptions: whether texts stand in `description`; else they are the labels.
        named: the format, for messages.
    """

    def parse(content: Any, file: Path, tally: Tally) -> Iterator[Marked]:
        shapes = _wanted(content, "shapes", named)
        size = size_of(content, "imageWidth", "imageHeight")
        regions: list[Region] = []
        for order, shape in maps_in(shapes, str(file), tally):
            regions += _shape(shape, f"{file}: shape {order}", has_descriptions, size, tally)
        name = content.get("imagePath")
        yield Marked(name if isinstance(name, str) else "", str(file), tuple(regions))

    return parse


def _shape(
    shape: dict[str, Any], where: str, has_descriptions: bool, size: Size, tally: Tally
) -> Iterator[Region]:
    kind = shape.get("shape_type") or ""
    points = corners_of(shape.get("points"))
    if not isinstance(kind, str) or kind not in _LINES:
        tally.add(of_annotations.OTHER_SHAPE, where)
        return
    if points and (kind == "rectangle" or len(points) == 2):
        points = box(*(end(p[at] for p in points) for end in (min, max) for at in (0, 1)))
    text = shape.get("description" if has_descriptions else "label")
    flags = shape.get("flags")
    marks = flags if isinstance(flags, dict) else {}
    marked = is_on(shape.get("difficult")) or any(
        is_on(value) and str(name).strip().casefold() in _FLAGS for name, value in marks.items()
    )
    text = "" if text is None and has_descriptions else text
    yield from region_of(points, text, where, tally, marked=marked, size=size)


def texts_are_descriptions(files: Sequence[Path], format: Format) -> bool:
    """Return whether the texts of all files stand in `description`: where any shape has one.

    Raises:
        InputError: nothing holds a text: the labels name classes, or (X-AnyLabeling) no shape has
            a description.
    """
    labels: list[str] = []
    for file in files:
        for shape in _shapes_of(file):
            description, label = shape.get("description"), shape.get("label")
            if isinstance(description, str) and description.strip():
                return True
            if isinstance(label, str):
                labels.append(label)
    where = str(files[0].parent if len(files) > 1 else files[0])
    if format == "x-anylabeling" and labels:
        raise InputError(
            where,
            "has no shape with a description, which is where X-AnyLabeling keeps texts",
            "Type them there, or import as labelme to take the labels for texts.",
        )
    if labels_are_classes(labels):
        raise InputError(
            where,
            f"has the label {short(labels[0])} on all {len(labels)} shapes and no description: "
            "it names a class, not what stands there",
            "Type the texts into the labels or descriptions.",
        )
    return False


def _shapes_of(file: Path) -> Iterator[dict[str, Any]]:
    try:
        content = load(file, Tally())
    except InputError:
        return  # told where it is read
    if isinstance(content, dict):
        yield from (shape for _, shape in maps_in(content.get("shapes"), "", Tally()))


def labels_are_classes(labels: Sequence[str]) -> bool:
    """Whether the labels of all shapes are the name of a class, and not what stands in them.

    >>> labels_are_classes(["text", "text"]), labels_are_classes(["값", "값"])
    (True, False)
    """
    if len(set(labels)) != 1:
        return False
    return len(labels) >= SAME_LABELS or labels[0].strip().casefold() in _CLASS_NAMES


def parse_ufo(content: Any, file: Path, tally: Tally) -> Iterator[Marked]:
    """Read UFO: a map of images, each with a map of words."""
    images = content.get("images") if isinstance(content, dict) else None
    if not isinstance(images, dict):
        raise NotOfFormError("has no map 'images', as UFO has")
    for name, page in images.items():
        place = f"{file}: {shown_path(name, 60)}"
        words = page.get("words") if isinstance(page, dict) else None
        if not isinstance(words, dict):
            tally.add(of_annotations.MALFORMED, place)
            continue
        regions: list[Region] = []
        for key, word in words.items():
            where = f"{place}, word {shown_path(key, 40)}"
            if not isinstance(word, dict):
                tally.add(of_annotations.MALFORMED, where)
                continue
            text = word.get("transcription")
            marked = is_on(word.get("illegibility"))
            regions += region_of(
                corners_of(word.get("points")),
                "" if text is None and marked else text,
                where,
                tally,
                marked=marked,
                size=size_of(page, "img_w", "img_h"),
            )
        yield Marked(name, place, tuple(regions))


def parse_doctr_pages(content: Any, file: Path, tally: Tally) -> Iterator[Marked]:
    """Read docTR's labels of pages: {name: {"polygons": [...], "labels": [...]}}."""
    if not isinstance(content, dict):
        raise NotOfFormError("is no map of images, as docTR's labels.json is")
    for name, page in content.items():
        place = f"{file}: {shown_path(name, 60)}"
        polygons = page.get("polygons") if isinstance(page, dict) else None
        labels = page.get("labels") if isinstance(page, dict) else None
        if not isinstance(polygons, list):
            tally.add(of_annotations.MALFORMED, place)
            continue
        if not isinstance(labels, list) or len(labels) != len(polygons):
            # Detection alone has no texts; of unequal lists none says which text is whose.
            tally.add(of_annotations.NO_TEXT, place, len(polygons))
            continue
        regions: list[Region] = []
        for order, (polygon, text) in enumerate(zip(polygons, labels, strict=True), 1):
            where = f"{place}, line {order}"
            regions += region_of(corners_of(polygon), text, where, tally)
        if not name.casefold().endswith(IMAGE_SUFFIXES):
            tally.add(of_annotations.MALFORMED, place)
        else:
            yield Marked(name, place, tuple(regions))
