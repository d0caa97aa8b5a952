"""XML: KAIST's scene text, one file an image, and CVAT's export for images.

    KAIST   <images><image><imageName>, <resolution x y>, <words><word x y width height>
            <character char="...">
    CVAT    <annotations><image name width height><box xtl ytl xbr ybr rotation>,
            <polygon points="x,y;x,y"> with <attribute name="text">

A document type is refused before anything is parsed: entities can unfold without an end, or name
files. What expat itself makes of the rest is bounded by the file's length.
"""

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from balance.imports.marked_files import WAY_OUT, Marked, NotOfFormError, decoded
from balance.imports.page_regions import (
    Corners,
    Region,
    Size,
    box,
    box_by_size,
    corners_of,
    is_on,
    numbers,
    region_of,
    size_of,
)
from textlines.defects import of_annotations, of_lines
from textlines.errors import InputError
from textlines.labels.label_paths import shown_path
from textlines.labels.tally import Tally
from textlines.parsing import MAX_DEPTH

_DOCTYPE = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_DECLARED = re.compile(r"^\s*<\?xml[^>]*\?>")
_TEXT_NAMES = ("text", "transcription", "value", "ocr", "label", "텍스트")
_MARK_NAMES = frozenset({"illegible", "unreadable", "difficult", "ignore", "ignored"})


def load_xml(file: Path, tally: Tally) -> Any:
    """Read an XML file without a document type.

    Raises:
        InputError: it cannot be read, is no XML, has a document type or is nested too deeply.
    """
    # Its own declaration may name another encoding than the one it was decoded by.
    text = _DECLARED.sub("", decoded(file, tally), count=1)
    if _DOCTYPE.search(text):
        raise InputError(
            str(file), "the annotation has a document type, which is not read", "Export it without."
        )
    parser: Any = ElementTree.XMLPullParser(events=("start", "end"))
    depth, root = 0, None
    try:
        for start in range(0, len(text), 1 << 16):
            parser.feed(text[start : start + (1 << 16)])
            for event, element in parser.read_events():
                root = element if root is None else root
                depth += 1 if event == "start" else -1
                if depth > MAX_DEPTH:
                    raise InputError(
                        str(file), f"the annotation is nested deeper than {MAX_DEPTH}", WAY_OUT
                    )
        parser.close()
    except ElementTree.ParseError as error:
        line, _ = error.position
        what = re.sub(r": line \d+, column \d+$", "", str(error))
        raise InputError(f"{file}:{line}", f"the annotation is no XML ({what})", WAY_OUT) from error
    except (UnicodeEncodeError, ValueError) as error:
        raise InputError(str(file), f"the annotation is no XML ({error})", WAY_OUT) from error
    if root is None:
        raise InputError(str(file), "the annotation is no XML (no element found)", WAY_OUT)
    return root


def parse_kaist(root: Any, file: Path, tally: Tally) -> Iterator[Marked]:
    """Read KAIST's scene text: a word is what its characters are, in their order."""
    images = [root] if root.tag == "image" else root.findall("image")
    if not images or not any(image.find("words") is not None for image in images):
        raise NotOfFormError("has no image with words, as KAIST's files have")
    for order, image in enumerate(images, 1):
        name = (image.findtext("imageName") or "").strip()
        place = f"{file}: {shown_path(name, 60)}" if name else f"{file}: image {order}"
        resolution = image.find("resolution")
        size = None if resolution is None else size_of(dict(resolution.attrib), "x", "y")
        regions: list[Region] = []
        for at, word in enumerate(image.iterfind("words/word"), 1):
            where = f"{place}, word {at}"
            chars = [character.get("char") for character in word.iterfind("character")]
            if not chars or not all(isinstance(char, str) and char for char in chars):
                tally.add(of_lines.EMPTY_LABEL, where)
                continue
            points = box_by_size(dict(word.attrib))
            regions += region_of(points, "".join(chars), where, tally, size=size)
        if not name and len(images) > 1:
            tally.add(of_annotations.NO_IMAGE_NAMED, place)
        else:
            yield Marked(name, place, tuple(regions))


def parse_cvat(root: Any, file: Path, tally: Tally) -> Iterator[Marked]:
    """Read CVAT's export for images: the text is an attribute's.

    The attribute is the one named text (transcription, value, ...); any name does where a shape
    has one attribute alone.
    """
    if root.tag != "annotations":
        raise NotOfFormError(f"begins with <{shown_path(root.tag, 40)}>, not with <annotations>")
    images = root.findall("image")
    if not images:
        what = "holds tracks of a video" if root.find("track") is not None else "holds no image"
        raise NotOfFormError(f"{what}: export as CVAT for images")
    for order, image in enumerate(images, 1):
        name = (image.get("name") or "").strip()
        place = f"{file}: {shown_path(name, 60) or f'image {order}'}"
        if not name:
            tally.add(of_annotations.NO_IMAGE_NAMED, place)
            continue
        size = size_of(dict(image.attrib))
        regions: list[Region] = []
        for at, shape in enumerate(image, 1):
            regions += _shape(shape, f"{place}, shape {at}", size, tally)
        yield Marked(name, place, tuple(regions))


def _shape(shape: Any, where: str, size: Size, tally: Tally) -> Iterator[Region]:
    if shape.tag == "box":
        points = _turned_box(dict(shape.attrib))
    elif shape.tag == "polygon":
        points = _pairs(shape.get("points") or "")
    elif shape.tag == "tag":
        return
    else:
        tally.add(of_annotations.OTHER_SHAPE, where)
        return
    values = {
        (attribute.get("name") or "").strip(): (attribute.text or "")
        for attribute in shape.iterfind("attribute")
    }
    by_name = {name.casefold(): value for name, value in values.items()}
    named = next((by_name[name] for name in _TEXT_NAMES if name in by_name), None)
    marked = any(is_on(value) for name, value in by_name.items() if name in _MARK_NAMES)
    if named is None:
        others = [value for name, value in by_name.items() if name not in _MARK_NAMES]
        if len(others) != 1:
            tally.add(
                of_annotations.NO_TEXT, f"{where} ({', '.join(sorted(values)) or 'no attribute'})"
            )
            return
        named = others[0]
    yield from region_of(points, named, where, tally, marked=marked, size=size)


def _turned_box(content: dict[str, Any]) -> Corners | None:
    """Read a box, turned clockwise about its middle by `rotation` in degrees."""
    sides = numbers(content.get(key) for key in ("xtl", "ytl", "xbr", "ybr"))
    angle = numbers([content.get("rotation", 0)])
    if sides is None or angle is None:
        return None
    corners = box(*sides)
    if not angle[0]:
        return corners
    middle_x, middle_y = (sides[0] + sides[2]) / 2, (sides[1] + sides[3]) / 2
    cos, sin = math.cos(math.radians(angle[0])), math.sin(math.radians(angle[0]))
    return tuple(
        (
            middle_x + (x - middle_x) * cos - (y - middle_y) * sin,
            middle_y + (x - middle_x) * sin + (y - middle_y) * cos,
        )
        for x, y in corners
    )


def _pairs(text: str) -> Corners | None:
    pairs: list[Any] = [pair.split(",") for pair in text.split(";") if pair.strip()]
    return corners_of(pairs)
