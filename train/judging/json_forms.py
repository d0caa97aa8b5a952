"""Predictions in JSON files: one file for all images, or a folder with one for each.

PaddleOCR 3.x, `save_to_json` (PaddleX `JsonMixin`): {"input_path", "page_index", "rec_text",
"rec_score"} in `<stem>_res.json`, wrapped in {"res": …} as the `json` property returns it; whole
pages have "rec_texts" and "rec_scores".

RapidOCR: lists of [box, text, score] or, without detection, [text, score], alone or beside the
elapsed times (1.x); "txts" and "scores" (2.x and later, the fields of RapidOCROutput and
TextRecOutput); {"box", "txt", "score"} (`to_json`); {"0": {"rec_txt", "dt_boxes", "score"}}
(rapidocr_api). None of them names the image: it is a key around the result, beside it, or the
name of the file.
"""

import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from textlines.defects import of_readings
from textlines.errors import InputError
from textlines.files import files_below, read_text
from textlines.formats.predictions import is_predictions, read_outcomes
from textlines.labels.canonical import short
from textlines.labels.tally import Tally
from textlines.parsing import parse_json
from textlines.pixels.decode import IMAGE_SUFFIXES
from train.judging.text_forms import Form, Prediction, literal, read_score

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

_MEND = (
    'Each result needs its image: {path: result, …}, a list of results with a "path", or a '
    "folder of files named after the images."
)


def path_in(value: Any) -> str:
    """Return the image's path that stands beside a result; "" when there is none."""
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
    """Whether a result is PaddleOCR's."""
    inner = value.get("res", value) if isinstance(value, dict) else None
    return isinstance(inner, dict) and ("rec_text" in inner or "rec_texts" in inner)


def texts_in(value: Any) -> list[Text] | None:
    """Return the readings of one image; None when the value is no result at all.

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
    joined: list[Text] = []
    for value in values:
        texts = texts_in(value) if isinstance(value, (list, dict)) and value else None
        if texts is None:
            return None
        joined += texts
    return joined


def _is_score(value: Any) -> bool:
    if isinstance(value, str):
        return value.replace(".", "", 1).replace("e-", "", 1).isdecimal()
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_times(value: Any) -> bool:
    """Whether a value is what RapidOCR 1.x returns as elapsed times."""
    if isinstance(value, float):
        return True
    return isinstance(value, list) and all(v is None or isinstance(v, (int, float)) for v in value)


def read_json_file(path: Path, text: str, tally: Tally) -> tuple[Form, list[Prediction]]:
    """Read a JSON or JSON-lines file.

    Raises:
        InputError: it is not JSON, or a result does not say which image it is of.
    """
    if is_predictions(text):
        return "rapidocr", _ours(path, tally)
    predictions: list[Prediction] = []
    forms: set[Form] = set()
    for place, document in _documents(path, text):
        for name, result in _results(path, document, place):
            forms.add("res_json" if is_res_json(result) else "rapidocr")
            _add(predictions, name, result, place, tally)
    return ("res_json" if forms == {"res_json"} else "rapidocr"), predictions


def _ours(path: Path, tally: Tally) -> list[Prediction]:
    """Read what `train evaluate` and `train mine` wrote; crops that they could not read count."""
    predictions = []
    for number, outcome in enumerate(read_outcomes(path), 1):
        place = f"{path}:{number}"
        if outcome.fault:
            tally.add(of_readings.UNREADABLE_ENTRY, f"{place} {outcome.path}")
        else:
            score = min(outcome.score, 1.0)
            predictions.append(Prediction(outcome.path, outcome.text, score, place))
    return predictions


def read_json_folder(path: Path, tally: Tally) -> tuple[Form, list[Prediction], list[Path]]:
    """Read all `*.json` files of a folder and its folders, in order of their names.

    Raises:
        InputError: there is none, or one is no JSON.
    """
    files = [file for file in files_below(path) if file.name.endswith(".json")]
    if not files:
        endings = sorted({file.suffix or file.name for file in path.iterdir()})[:8]
        raise InputError(
            str(path),
            f"is a folder without any .json file (it holds {', '.join(endings) or 'nothing'})",
            "Name the folder that `save_to_json` wrote into, or a file of predictions.",
        )
    predictions: list[Prediction] = []
    forms: set[Form] = set()
    for file in files:
        form, in_file = read_json_file(file, read_text(file, "the prediction file"), tally)
        forms.add(form)
        predictions += in_file
    return ("res_json" if forms == {"res_json"} else "rapidocr"), predictions, files


def _documents(path: Path, text: str) -> Iterator[tuple[str, Any]]:
    """Yield the JSON values of a file with their places: one, or one a line."""
    what, mend = "the prediction file", "Write it again."
    try:
        document = parse_json(text, str(path), what, mend)
    except InputError as error:
        lines = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
        if len(lines) < 2 or not _is_more_than_one(error):
            raise
    else:
        yield str(path), document
        return
    for number, line in lines:
        place = f"{path}:{number}"
        yield place, parse_json(line, place, "this line of the prediction file", mend)


def read_printed(path: Path, text: str, tally: Tally) -> list[Prediction]:
    """Read what `res.print()` prints: a dict a line, as Python writes it; [] for another form."""
    lines = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
    printed = [(f"{path}:{n}", literal(line)) for n, line in lines]
    # JSON with nothing but texts and numbers reads alike: its quotes set it apart.
    if "'" not in lines[0][1][:2] or not all(isinstance(value, dict) for _, value in printed):
        return []
    predictions: list[Prediction] = []
    for place, value in printed:
        for name, result in _results(path, value, place):
            _add(predictions, name, result, place, tally)
    return predictions


def _is_more_than_one(error: InputError) -> bool:
    cause = error.__cause__
    return isinstance(cause, json.JSONDecodeError) and cause.msg == "Extra data"


def _results(path: Path, document: Any, place: str) -> Iterator[tuple[str, Any]]:
    """Yield each result with the path of its image; "" for the name of the file itself."""
    if named := path_in(document):
        yield named, document
    elif isinstance(document, list) and document and all(path_in(item) for item in document):
        for item in document:
            yield path_in(item), item
    elif _is_by_path(document):
        yield from document.items()
    elif texts_in(document) is not None:
        yield "", document
    else:
        raise InputError(
            place, f"holds JSON that is no known result: {short(json.dumps(document))}", _MEND
        )


def _holds(document: Any, key: str) -> bool:
    inner = document.get("res", document) if isinstance(document, dict) else None
    return isinstance(inner, dict) and key in inner


def _is_by_path(document: Any) -> bool:
    """Whether a value maps images to results."""
    if not isinstance(document, dict) or not document:
        return False
    endings = (PurePosixPath(key.replace("\\", "/")).suffix.lower() for key in document)
    return all(ending in IMAGE_SUFFIXES for ending in endings)


def _add(predictions: list[Prediction], name: str, result: Any, place: str, tally: Tally) -> None:
    texts = texts_in(result)
    if texts is None and _holds(result, "dt_polys"):
        raise InputError(
            place,
            "is what a text detector found: boxes without a text",
            "Name what a recognizer read in crops, one result for each.",
        )
    if texts is None:
        tally.add(of_readings.UNREADABLE_ENTRY, f"{place} {name}".strip())
    elif len(texts) != 1:
        tally.add(
            of_readings.SEVERAL_TEXTS if texts else of_readings.NO_TEXT, f"{place} {name}".strip()
        )
    else:
        text, score = texts[0]
        # `save_to_json` names its file <stem of the image>_res.json.
        stem = Path(place.rpartition(":")[0] or place).name.removesuffix(".json")
        path = name.replace("\\", "/") or stem.removesuffix("_res")
        is_stem = not name and PurePosixPath(path).suffix.lower() not in IMAGE_SUFFIXES
        predictions.append(
            Prediction(path, text, read_score(score, place, tally), place, is_stem=is_stem)
        )
