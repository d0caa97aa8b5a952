"""Which tool or data set a JSON text is of, told by its keys; the start of it is enough."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from textlines.errors import InputError
from textlines.parsing import MAX_DEPTH, parse_json
from textlines.pixels.decode import IMAGE_SUFFIXES
from textlines.wording import say

NameAndFormat = tuple[str, str]
"""What a text is, in words with the article, and the FORMAT of `balance import`, or ""."""

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{},]', re.DOTALL)


def whole_of(text: str) -> str:
    """Cut JSON that ends anywhere behind its last whole value, and close what is open.

    >>> whole_of('{"a": [1, 2, {"b": "c'), whole_of('{"a": 1, "b')
    ('{"a": [1, 2, {}]}', '{"a": 1}')
    """
    open_ones: list[str] = []
    kept, closers = 0, ""
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token in "[{":
            open_ones.append("]" if token == "[" else "}")
            kept, closers = match.end(), "".join(reversed(open_ones))
        elif token in "]}":
            if not open_ones or open_ones.pop() != token:
                break
            kept, closers = match.end(), "".join(reversed(open_ones))
        elif token == ",":
            kept, closers = match.start(), "".join(reversed(open_ones))
        if len(open_ones) > MAX_DEPTH:
            break
        if not open_ones:
            break
    return text[:kept] + closers


def form_of_json(text: str, *, is_cut: bool) -> NameAndFormat | None:
    """Return what a JSON text is; None for one that is none, or that nothing is known of.

    Args:
        text: begins with its first bracket. is_cut: whether it is the start of a longer one.
    """
    content = _parsed(whole_of(text) if is_cut else text)
    if content is None:
        # One value a line.
        line, feed, _ = text.partition("\n")
        content = _parsed(line) if feed else None
        if isinstance(content, dict) and {"path", "text", "score"} <= content.keys():
            return "predictions of this project, one row a crop", ""
        return _of_result(content) if isinstance(content, dict) else None
    if isinstance(content, dict):
        return form_of_map(content)
    return _of_list(content) if isinstance(content, list) else None


def _parsed(text: str) -> Any:
    try:
        return parse_json(text, "", "", "")
    except InputError:
        return None


def _maps(value: object) -> list[dict[str, Any]]:
    """Return the maps of a list, or of a map's values."""
    values = value.values() if isinstance(value, dict) else value
    return [one for one in values if isinstance(one, dict)] if isinstance(values, Iterable) else []


def form_of_map(content: Mapping[str, Any]) -> NameAndFormat | None:
    """Return what a JSON object is, by its keys and those of what stands in it."""
    keys = content.keys()
    if isinstance(content.get("shapes"), list) and keys & {"imagePath", "imageData", "version"}:
        return _of_labelme(content)
    if isinstance(content.get("form"), list):
        return say("a FUNSD form"), "funsd"
    if isinstance(content.get("documents"), list):
        return say("a file of XFUND's forms"), "xfund"
    if isinstance(content.get("valid_line"), list):
        return say("a receipt of CORD's"), "cord"
    if keys & {"imgs", "anns", "imgToAnns"}:
        return _of_coco_text(content)
    if isinstance(content.get("lines"), list) and _has(content["lines"], "transcription"):
        return say("an image of ReCTS"), "rects"
    if isinstance(content.get("images"), dict) and _has(content["images"], "words"):
        return say("a JSON file in UFO (images, words)"), "ufo"
    aihub = _of_aihub(content)
    if aihub is not None:
        return aihub
    labels = content.get("labels")
    if isinstance(labels, dict) and all(isinstance(one, str) for one in labels.values()):
        return "the labels.json of text_renderer", "text-renderer"
    return _of_result(content) or _of_map_by_name(content)


def _has(value: object, key: str) -> bool:
    return any(key in one for one in _maps(value))


def _of_labelme(content: Mapping[str, Any]) -> NameAndFormat:
    shapes = _maps(content["shapes"])
    of_x = {"kie_linking", "difficult", "score", "direction", "attributes"}
    if any(of_x & shape.keys() for shape in shapes):
        return say("a JSON file of X-AnyLabeling"), "x-anylabeling"
    return say("a JSON file of labelme"), "labelme"


def _of_coco_text(content: Mapping[str, Any]) -> NameAndFormat | None:
    marks = _maps(content.get("anns"))
    if any("legibility" in one for one in marks):
        return say("a JSON file of COCO-Text"), "coco-text"
    if any("points" in one for one in marks):
        return say("a JSON file of TextOCR"), "textocr"
    return None


def _of_aihub(content: Mapping[str, Any]) -> NameAndFormat | None:
    images = content.get("images", content.get("Images", content.get("image")))
    marks = content.get("annotations", content.get("annotation"))
    name = say("a JSON file of images and annotations, as AI-Hub's and COCO's")
    if isinstance(images, list) and isinstance(marks, list):
        return name, "aihub"
    if isinstance(images, list) and any(
        one.keys() & {"file_name", "image.file.name", "objects"} for one in _maps(images)
    ):
        return name, "aihub"
    has_text = _has(marks, "annotation.text") or _has(marks, "text")
    if has_text and (_has(marks, "annotation.bbox") or _has(marks, "bbox")):
        return name, "aihub"
    if isinstance(images, dict) and isinstance(marks, (dict, list)):
        return name, "aihub"
    listed = content.get("bbox", content.get("Bbox"))
    text = content.get("text")
    if isinstance(listed, list) and isinstance(text, list):
        return name, "aihub"
    if (isinstance(listed, list) and (isinstance(images, dict) or _has(listed, "data"))) or (
        isinstance(images, dict) and isinstance(text, dict) and text.keys() & {"word", "letter"}
    ):
        return say("a JSON file of AI-Hub's, one an image"), "aihub"
    return None


_RESULTS = frozenset({"rec_text", "rec_texts", "rec_score", "rec_scores", "dt_polys", "rec_res"})


def _of_result(content: Mapping[str, Any]) -> NameAndFormat | None:
    inner = content.get("res")
    found = inner if isinstance(inner, dict) else content
    if found.keys() & _RESULTS:
        return say("a result of PaddleOCR 3 (res.json)"), ""
    return None


def _of_map_by_name(content: Mapping[str, Any]) -> NameAndFormat | None:
    """Return what a map from images to something is."""
    if not content:
        return None
    named = all(name.casefold().endswith(IMAGE_SUFFIXES) for name in content)
    values = list(content.values())
    if named and all(isinstance(one, str) for one in values):
        return "the labels.json of docTR (crops)", "doctr"
    if named and all(isinstance(one, dict) and "polygons" in one for one in values):
        return "the labels.json of docTR (pages)", "doctr"
    lists = [one for one in values if isinstance(one, list)]
    if len(lists) == len(values) and any(_has(one, "transcription") for one in lists):
        return say("a JSON file of LSVT"), "lsvt"
    if named and any(isinstance(one, dict) and one.keys() & _RESULTS for one in values):
        return "results by image", ""
    return None


def _of_list(content: list[Any]) -> NameAndFormat | None:
    tasks = _maps(content)
    if any("data" in one and one.keys() & {"annotations", "predictions"} for one in tasks):
        return say("an export of Label Studio"), "label-studio"
    sized = ("original_width", "original_height")
    for task in tasks:
        if any(all(key in one for key in sized) for value in task.values() for one in _maps(value)):
            return say("an export of Label Studio (JSON-MIN)"), "label-studio"
    if tasks and all(_of_result(one) for one in tasks):
        return "results of PaddleOCR 3", ""
    return None
