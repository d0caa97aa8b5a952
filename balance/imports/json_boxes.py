"""Annotations in JSON: PaddleOCR's detection labels, PPOCRLabel, LSVT.

PaddleOCR, PPOCRLabel   path<TAB>[{"transcription": ..., "points": [[x, y], ...],
                        "difficult": false}, ...]     one page a row
LSVT                    {"gt_0": [{"transcription": ..., "points": ..., "illegibility": false},
                        ...], ...}                    one file; images are gt_0.jpg, ...
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from balance.imports.marked_files import WAY_OUT, decoded_from, load
from balance.imports.page_regions import Page, Region, is_unreadable, parse_points
from balance.imports.source_files import ImageFinder, is_file, on_disk
from textlines.defects import of_annotations, of_lines
from textlines.errors import InputError
from textlines.files import real_path
from textlines.labels.fitting import fitted
from textlines.labels.label_file import Dialect
from textlines.labels.label_paths import (
    from_folder,
    names_of_folder,
    normal_path,
    path_fault,
    shown_path,
    without_prefix,
)
from textlines.labels.tally import Tally
from textlines.parsing import parse_json


def read_ppocr_det(source: Path, images: Path | None, tally: Tally) -> Iterator[Page]:
    """Read PaddleOCR's detection labels, or PPOCRLabel's `Label.txt` (a folder that holds it).

    Paths start from `images`, else from the file's folder, else (PPOCRLabel writes the folder's
    own name first) from the one above. Where no page is found so, they lose what they begin with
    (`textlines.labels.fitting`; counted): the folder was renamed, or is another machine's.
    """
    file = source / "Label.txt" if source.is_dir() else source
    text, encoding = decoded_from(file, tally)
    roots = [images] if images else [file.parent, real_path(file.parent).parent]
    folder, dialect = fitted(file, images, Dialect(encoding))
    if dialect.prefix:
        roots = [folder]
    names = [beginning for root in roots for beginning in names_of_folder(root)]
    for number, row in enumerate(text.split("\n"), 1):
        place = f"{file}:{number}"
        if not row.strip():
            continue
        name, tab, content = row.rstrip("\r").partition("\t")
        marks = _row_json(content, place) if tab else None
        if not isinstance(marks, list):
            tally.add(of_annotations.MALFORMED, place)
            continue
        name = name.replace("\\", "/")
        if (cut := without_prefix(name, dialect.prefix)) is not None:
            tally.add(of_lines.CUT_PREFIX, f"{place} ({dialect.prefix})")
            name = cut
        fault = path_fault(name)
        if fault == "absolute_path" and (inside := from_folder(name, names)):
            tally.add(of_lines.FROM_IMAGES, place)
            name, fault = inside, path_fault(inside)
        if fault:
            tally.add(of_lines.LABEL_FILE[fault], place)
            continue
        image = next(filter(is_file, (on_disk(r, name) for r in roots)), None)
        if image is None:
            tally.add(of_annotations.IMAGE_MISSING, f"{place} ({shown_path(name)})")
            continue
        regions = tuple(_regions(marks, place, tally))
        yield Page(normal_path(name).rpartition(".")[0] or name, image, regions)


def read_lsvt(source: Path, finder: ImageFinder, tally: Tally) -> Iterator[Page]:
    """Read LSVT's full annotations; the weak ones (a text without corners) are counted.

    Raises:
        InputError: the file is no JSON object of lists.
    """
    content = load(source, tally)
    if not isinstance(content, dict):
        raise InputError(
            str(source),
            "is no JSON object of image names",
            "Name LSVT's train_full_labels.json.",
        )
    for name, marks in content.items():
        place = f"{source}: {shown_path(name)}"
        image = finder.of_stem(name) or finder.named(name)
        if not isinstance(marks, list):
            tally.add(of_annotations.MALFORMED, place)
        elif image is None:
            tally.add(of_annotations.IMAGE_MISSING, place)
        else:
            yield Page(name, image, tuple(_regions(marks, place, tally)))


def _regions(marks: list[Any], place: str, tally: Tally) -> Iterator[Region]:
    for order, mark in enumerate(marks, 1):
        where = f"{place}, line {order}"
        text = mark.get("transcription", 0) if isinstance(mark, dict) else 0
        # X-AnyLabeling writes null for a box that was given no text.
        text = "" if text is None else text
        if not isinstance(text, str):
            tally.add(of_annotations.MALFORMED, where)
            continue
        if not mark.get("points"):
            tally.add(of_annotations.NO_POINTS, where)
            continue
        points = parse_points(mark["points"])
        if points is None:
            tally.add(of_annotations.MALFORMED, where)
            continue
        difficult = any(_is_set(mark.get(flag)) for flag in ("difficult", "illegibility"))
        yield Region(points, text, is_unreadable(text), where, is_difficult=difficult)


def _is_set(flag: object) -> bool:
    """Read a flag; scripts that convert annotations write it as a text or a number, too.

    >>> [_is_set(flag) for flag in (True, 1, "True", "1", False, "false", "0", "", None)]
    [True, True, True, True, False, False, False, False, False]
    """
    if isinstance(flag, str):
        return flag.strip().casefold() in ("true", "1", "yes")
    return isinstance(flag, (bool, int)) and bool(flag)


def _row_json(text: str, place: str) -> Any:
    """Read the JSON of a row; None if it is none, or holds what no label can."""
    try:
        return parse_json(text, place, "the annotation", WAY_OUT)
    except InputError:
        return None
