"""Predictions in JSON files: one file for all images, or a folder with one for each."""

import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from textlines.errors import InputError
from textlines.files import files_below, read_text
from textlines.formats.predictions import is_predictions, read_outcomes
from textlines.labels.canonical import short
from textlines.labels.tally import Tally
from textlines.parsing import parse_json
from textlines.pixels.decode import IMAGE_SUFFIXES
from train.judging.json_shapes import is_res_json, path_in, texts_in
from train.judging.raw import Form, Prediction, read_score
from train.judging.text_forms import literal

_MEND = (
    'Each result needs its image: {path: result, …}, a list of results with a "path", or a '
    "folder of files named after the images."
)


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
    found = []
    for number, one in enumerate(read_outcomes(path), 1):
        place = f"{path}:{number}"
        if one.fault:
            tally.add("unreadable_entry", f"{place} {one.path}")
        else:
            found.append(Prediction(one.path, one.text, min(one.score, 1.0), place))
    return found


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
        form, found = read_json_file(file, read_text(file, "the prediction file"), tally)
        forms.add(form)
        predictions += found
    return ("res_json" if forms == {"res_json"} else "rapidocr"), predictions, files


def _documents(path: Path, text: str) -> Iterator[tuple[str, Any]]:
    """Give the JSON values of a file with their places: one, or one a line."""
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
    found = [(f"{path}:{n}", literal(line)) for n, line in lines]
    # JSON with nothing but texts and numbers reads alike: told by the quotes.
    if "'" not in lines[0][1][:2] or not all(isinstance(one, dict) for _, one in found):
        return []
    predictions: list[Prediction] = []
    for place, one in found:
        for name, result in _results(path, one, place):
            _add(predictions, name, result, place, tally)
    return predictions


def _is_more_than_one(error: InputError) -> bool:
    cause = error.__cause__
    return isinstance(cause, json.JSONDecodeError) and cause.msg == "Extra data"


def _results(path: Path, document: Any, place: str) -> Iterator[tuple[str, Any]]:
    """Give each result with the path of its image; "" for the name of the file itself."""
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
    """Say whether a value maps images to results."""
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
        tally.add("unreadable_entry", f"{place} {name}".strip())
    elif len(texts) != 1:
        tally.add("several_texts" if texts else "no_text", f"{place} {name}".strip())
    else:
        text, score = texts[0]
        # `save_to_json` names its file <stem of the image>_res.json.
        stem = Path(place.rpartition(":")[0] or place).name.removesuffix(".json")
        path = name.replace("\\", "/") or stem.removesuffix("_res")
        is_stem = not name and PurePosixPath(path).suffix.lower() not in IMAGE_SUFFIXES
        predictions.append(
            Prediction(path, text, read_score(score, place, tally), place, is_stem=is_stem)
        )
