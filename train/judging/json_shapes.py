"""The shapes in which readings come as JSON.

PaddleOCR 3.x, `save_to_json` (PaddleX `JsonMixin`): {"input_path", "page_index", "rec_text",
"rec_score"} in `<stem>_res.json`, wrapped in {"res": …} as the `json` property gives it; whole
pages have "rec_texts" and "rec_scores".

RapidOCR: lists of [box, text, score] or, without detection, [text, score], alone or beside the
elapsed times (1.x); "txts" and "scores" (2.x and later, the fields of RapidOCROutput and
TextRecOutput); {"box", "txt", "score"} (`to_json`); {"0": {"rec_txt", "dt_boxes", "score"}}
(rapidocr_api). None of them names the image: it is a key around the result, beside it, or the
name of the file.
"""

from typing import Any

Text = tuple[str, Any]
"""A reading and its score, not yet checked."""

PATHS = (
    *("input_path", "img_path", "image_path", "image", "img", "path", "file", "filename"),
    "file_name",
)
_TEXTS = ("rec_texts", "txts")
_TEXT = ("rec_text", "rec_txt", "txt", "text")
_SCORE = ("rec_score", "score", "confidence")
_WRAPPERS = ("res", "result")


def path_in(value: Any) -> str:
    """Give the image's path that stands beside a result; "" when there is none."""
    if not isinstance(value, dict):
        return ""
    inner: dict[str, Any] = next(
        (value[name] for name in _WRAPPERS if isinstance(value.get(name), dict)), {}
    )
    for holder in (value, inner):
        for name in PATHS:
            if isinstance(holder.get(name), str) and holder[name]:
                return str(holder[name])
    return ""


def is_res_json(value: Any) -> bool:
    """Say whether a result is PaddleOCR's."""
    inner = value.get("res", value) if isinstance(value, dict) else None
    return isinstance(inner, dict) and ("rec_text" in inner or "rec_texts" in inner)


def texts_in(value: Any) -> list[Text] | None:
    """Give the readings of one image; None when the value is no result at all.

    >>> texts_in([[[[0, 0], [9, 0], [9, 9], [0, 9]], "60.00", 0.98]])
    [('60.00', 0.98)]
    >>> texts_in([[["60.00", "0.98"]], [0.01]]), texts_in({"txts": ["a"], "scores": [0.5]})
    ([('60.00', '0.98')], [('a', 0.5)])
    >>> texts_in(None), texts_in({}), texts_in({"boxes": 3})
    ([], [], None)
    """
    if value is None or value == [] or value == {}:
        return []
    return _in_dict(value) if isinstance(value, dict) else _in_list(value)


def _in_dict(value: dict[str, Any]) -> list[Text] | None:
    for name in _TEXTS:
        if name in value:
            texts = value[name] or []
            scores = value.get(name.replace("txts", "scores").replace("texts", "scores")) or []
            if isinstance(texts, str):
                texts = [texts]
            scores = scores if isinstance(scores, list) else [scores]
            if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
                return None
            return [(t, scores[i] if i < len(scores) else None) for i, t in enumerate(texts)]
    for name in _TEXT:
        if isinstance(value.get(name), str):
            return [(value[name], next((value[s] for s in _SCORE if s in value), None))]
    for name in _WRAPPERS:
        if name in value:
            return texts_in(value[name])
    if all(key.isdecimal() for key in value):
        return _joined(list(value.values()))
    return None


def _in_list(value: Any) -> list[Text] | None:
    if not isinstance(value, list):
        return None
    if isinstance(value[0], str):
        return [(value[0], value[1])] if len(value) == 2 and _is_score(value[1]) else None
    if len(value) == 3 and isinstance(value[1], str) and isinstance(value[0], (list, dict)):
        return [(value[1], value[2])] if _is_score(value[2]) else None
    if len(value) == 2 and _is_times(value[1]):
        return texts_in(value[0])
    return _joined(value)


def _joined(values: list[Any]) -> list[Text] | None:
    found: list[Text] = []
    for value in values:
        texts = texts_in(value) if isinstance(value, (list, dict)) and value else None
        if texts is None:
            return None
        found += texts
    return found


def _is_score(value: Any) -> bool:
    if isinstance(value, str):
        return value.replace(".", "", 1).replace("e-", "", 1).isdecimal()
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_times(value: Any) -> bool:
    """Say whether a value is what RapidOCR 1.x gives as elapsed times."""
    if isinstance(value, float):
        return True
    return isinstance(value, list) and all(v is None or isinstance(v, (int, float)) for v in value)
