"""Annotations in JSON: PaddleOCR's detection labels, PPOCRLabel, LSVT.

PaddleOCR, PPOCRLabel   path<TAB>[{"transcription": ..., "points": [[x, y], ...],
                        "difficult": false}, ...]     one page a row
LSVT                    {"gt_0": [{"transcription": ..., "points": ..., "illegibility": false},
                        ...], ...}                    one file; images are gt_0.jpg, ...
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from balance.imports.finding_images import ImageFinder
from balance.imports.pages import Page, Point, Region, is_unreadable
from textlines.errors import InputError
from textlines.files import read_text
from textlines.labels.label_paths import normal_path, path_fault
from textlines.labels.tally import Tally


def read_ppocr_det(source: Path, images: Path | None, tally: Tally) -> Iterator[Page]:
    """Read PaddleOCR's detection labels, or PPOCRLabel's `Label.txt` (a folder that holds it).

    Paths start from `images`, else from the file's folder, else (PPOCRLabel writes the folder's
    own name first) from the one above.
    """
    file = source / "Label.txt" if source.is_dir() else source
    roots = [images] if images else [file.parent, file.parent.resolve().parent]
    for number, row in enumerate(read_text(file, "the annotation").split("\n"), 1):
        place = f"{file}:{number}"
        if not row.strip():
            continue
        name, tab, content = row.rstrip("\r").partition("\t")
        marks = parse_json(content) if tab else None
        if not isinstance(marks, list):
            tally.add("malformed", place)
            continue
        name = name.replace("\\", "/")
        fault = path_fault(name)
        if fault:
            tally.add(fault, place)
            continue
        image = next((r / name for r in roots if os.path.isfile(r / name)), None)  # noqa: PTH113
        if image is None:
            tally.add("image_missing", f"{place} ({name})")
            continue
        regions = tuple(_regions(marks, place, tally))
        yield Page(normal_path(name).rpartition(".")[0] or name, image, regions)


def read_lsvt(source: Path, finder: ImageFinder, tally: Tally) -> Iterator[Page]:
    """Read LSVT's full annotations; the weak ones (a text without corners) are counted.

    Raises:
        InputError: the file is no JSON object of lists.
    """
    content = load_json(source)
    if not isinstance(content, dict):
        raise InputError(
            str(source),
            "is no JSON object of image names",
            "Name LSVT's train_full_labels.json.",
        )
    for name, marks in content.items():
        place = f"{source}: {name}"
        image = finder.of_stem(name) or finder.named(name)
        if not isinstance(marks, list):
            tally.add("malformed", place)
        elif image is None:
            tally.add("image_missing", place)
        else:
            yield Page(name, image, tuple(_regions(marks, place, tally)))


def _regions(marks: list[Any], place: str, tally: Tally) -> Iterator[Region]:
    for order, mark in enumerate(marks, 1):
        where = f"{place}, line {order}"
        text = mark.get("transcription") if isinstance(mark, dict) else None
        if not isinstance(text, str):
            tally.add("malformed", where)
            continue
        if not mark.get("points"):
            tally.add("no_points", where)
            continue
        points = parse_points(mark["points"])
        if points is None:
            tally.add("malformed", where)
            continue
        marked = bool(mark.get("difficult") or mark.get("illegibility"))
        yield Region(points, text, marked or is_unreadable(text), where)


def parse_points(value: object) -> tuple[Point, ...] | None:
    """Read corners: [[x, y], ...]; None if they are none.

    >>> parse_points([[1, 2], [3, 4.5]]), parse_points([[1], [2]])
    (((1.0, 2.0), (3.0, 4.5)), None)
    """
    if not isinstance(value, list):
        return None
    points: list[Point] = []
    for corner in value:
        if not isinstance(corner, list) or len(corner) != 2:
            return None
        x, y = corner
        if not all(isinstance(n, (int, float)) and not isinstance(n, bool) for n in (x, y)):
            return None
        try:
            points.append((float(x), float(y)))
        except OverflowError:
            return None
    return tuple(points)


def parse_json(text: str) -> Any:
    """Read JSON; None if it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def load_json(file: Path) -> Any:
    """Read a JSON file.

    Raises:
        InputError: it cannot be read, or is no JSON; says where.
    """
    text = read_text(file, "the annotation")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(
            f"{file}:{error.lineno}", f"is no JSON ({error.msg})", "Export it again."
        ) from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits; nesting
        raise InputError(str(file), f"is no JSON ({error})", "Export it again.") from error
