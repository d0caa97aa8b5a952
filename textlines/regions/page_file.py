r"""Page label files in PaddleOCR's detection form: one page a row, with the corners of its lines.

    path<TAB>[{"transcription": "...", "points": [[x, y], ...], "difficult": false}, ...]

PPOCRLabel writes it (`Label.txt`) and PaddleOCR trains detectors on it.

Corners are pixels of the upright image: PPOCRLabel shows and PaddleOCR's `DecodeImage` trains on
what `cv2.imdecode(..., IMREAD_COLOR)` returns, which has been turned by its EXIF orientation (seen
with OpenCV 4.10; PaddleOCR's `ignore_orientation` is off in every configuration of its own). So a
page is to be decoded by `textlines.pixels.decode`, which turns it too. Labels drawn on an image as
it is stored (PaddleOCR issue 8538) lie elsewhere and cannot be told from good ones here.

A text that stands for none (`###`, `*`) marks what nobody can read: it is kept, and ignored by
whoever judges or trains a detector. The flag `difficult` is carried and changes nothing, as in
PaddleOCR's `DetLabelEncode`. That one also drops pages without text, which is why detectors trained
there learn to find boxes in ornaments (issues 11480, 11635): here they are kept.
"""

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unicodedata import normalize

import numpy as np

from textlines.defects import Defect, of_annotations, of_lines
from textlines.errors import InputError
from textlines.files import read_text, real_path, replacing
from textlines.labels.fitting import fitted
from textlines.labels.label_file import PLAIN, Dialect
from textlines.labels.label_paths import (
    from_folder,
    is_file,
    names_of_folder,
    normal_path,
    on_disk,
    path_fault,
    shown_path,
    without_prefix,
)
from textlines.labels.tally import Tally
from textlines.parsing import parse_json
from textlines.regions.polygons import Polygon, is_valid, polygon_of

Point = tuple[float, float]

UNREADABLE = ("###", "***", "*")
"""What annotators write for a line that nobody can read. PaddleOCR knows the first and the last,
and takes `***`, or one with a space beside it, for a text."""

FARTHEST_PX = 1_000_000.0
"""No image that can be decoded reaches further; areas of what does overflow."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One marked line as a row spells it.

    Attributes:
        points: corners in the order of the annotation, two or more; not looked at any further.
        text: as annotated, "" for none.
        place: `file:row, line n`.
        is_difficult: a flag beside the text says so.
    """

    points: tuple[Point, ...]
    text: str
    place: str
    is_difficult: bool


@dataclass(frozen=True, slots=True)
class PageRow:
    """One row of a page label file.

    Attributes:
        path: of the image, from its folder on, with slashes.
        image: the file, which is there.
        place: `file:row`.
        marks: its lines that could be read.
        is_negative: the row says that the page has no line.
    """

    path: str
    image: Path
    place: str
    marks: tuple[Mark, ...]
    is_negative: bool


@dataclass(frozen=True, slots=True, eq=False)
class LabelledRegion:
    """A text line of a page, or what nobody can read.

    Attributes:
        polygon: a valid one, its corners in the order of the annotation.
        text: composed (NFC), "" for none.
        place: `file:row, line n`.
        is_ignored: don't care: the text is a mark for a line that nobody can read.
        is_difficult: a flag beside the text says so; the line counts nonetheless.
    """

    polygon: Polygon
    text: str
    place: str
    is_ignored: bool = False
    is_difficult: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class PageLabels:
    """A page with its labelled regions.

    Attributes:
        path: of the image, from its folder on, with slashes; one page has it in a file.
        image: the file, which is there.
        place: `file:row`.
        regions: those that are not left out, in the order of the file.
        is_negative: its row says that the page has no line. A page all of whose regions were left
            out is none.
    """

    path: str
    image: Path
    place: str
    regions: tuple[LabelledRegion, ...]
    is_negative: bool


def is_unreadable(text: str) -> bool:
    """Return whether a text is a mark that stands for a line that nobody can read.

    >>> is_unreadable(" ### "), is_unreadable("#1")
    (True, False)
    """
    return text.strip() in UNREADABLE


def read_pages(
    path: Path, *, tally: Tally, images: Path | None = None, strict: bool = False
) -> Iterator[PageLabels]:
    """Read a page label file; what is odd or left out is counted in `tally`.

    Args:
        path: the file, or a folder of PPOCRLabel's that holds `Label.txt`.
        tally: grows by the defects of `of_annotations.PAGE_FILE`, with places of the file. Of
            rows with one path the first is taken.
        images: what its paths start from; None looks in the file's folder and above it.
        strict: stop at the first page or region that would be left out.

    Raises:
        InputError: the file cannot be read or is not UTF-8, or (strict) something is at fault.
    """
    file = label_file_of(path)
    counts = _StrictTally(tally) if strict else tally
    seen: set[str] = set()
    for row in parse_pages(read_text(file, "the page label file"), file, images, counts):
        if row.path in seen:
            counts.add(of_annotations.PAGE_TWICE, f"{row.place} ({shown_path(row.path)})")
            continue
        seen.add(row.path)
        regions = tuple(_regions(row, counts))
        if row.is_negative:
            counts.add(of_annotations.WITHOUT_REGIONS, row.place)
        yield PageLabels(row.path, row.image, row.place, regions, row.is_negative)


def label_file_of(path: Path) -> Path:
    """Return the file itself, or a folder's `Label.txt`, as PPOCRLabel names it."""
    return path / "Label.txt" if path.is_dir() else path


class _StrictTally(Tally):
    """Raises in the place of counting what is an error; counts the rest in another tally."""

    __slots__ = ("_counts_in",)

    def __init__(self, counts_in: Tally) -> None:
        super().__init__()
        self._counts_in = counts_in

    def add(self, reason: Defect | str, place: str = "", *rest: Any, **more: Any) -> None:
        if isinstance(reason, Defect) and reason.is_error:
            raise InputError(place, reason.what, "Mend it or read without --strict.")
        self._counts_in.add(reason, place, *rest, **more)


def parse_pages(
    text: str, file: Path, images: Path | None, tally: Tally, dialect: Dialect = PLAIN
) -> Iterator[PageRow]:
    """Read the rows of a page label file as they are spelled.

    Paths start from `images`, else from the file's folder, else (PPOCRLabel writes the folder's
    own name first) from the one above. Where no page is found so, they lose what they begin with
    (`textlines.labels.fitting`; counted): the folder was renamed, or is another machine's.

    Args:
        text: of the file, decoded. file: its name, for places and paths.
        tally: as in `read_pages`.
        dialect: how the file departs from the form.
    """
    roots = [images] if images else [file.parent, real_path(file.parent).parent]
    folder, dialect = fitted(file, images, dialect)
    if dialect.prefix:
        roots = [folder]
    names = [beginning for root in roots for beginning in names_of_folder(root)]
    for number, row in enumerate(text.split("\n"), 1):
        place = f"{file}:{number}"
        if not row.strip():
            continue
        column, tab, content = row.rstrip("\r").partition("\t")
        marks = _row_json(content, place) if tab else None
        if not isinstance(marks, list):
            tally.add(of_annotations.MALFORMED, place)
            continue
        name = _path(column, place, names, dialect, tally)
        if name is None:
            continue
        image = next(filter(is_file, (on_disk(root, name) for root in roots)), None)
        if image is None:
            tally.add(of_annotations.IMAGE_MISSING, f"{place} ({shown_path(name)})")
            continue
        read = tuple(parse_marks(marks, place, tally))
        yield PageRow(name, image, place, read, is_negative=not marks)


def _path(
    name: str, place: str, names: Sequence[str], dialect: Dialect, tally: Tally
) -> str | None:
    """Return the path of a row from its folder on; None (counted) for one that cannot be taken."""
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
        return None
    return normal_path(name)


def _row_json(text: str, place: str) -> Any:
    """Read the JSON of a row; None if it is none, or holds what no label can."""
    try:
        return parse_json(text, place, "the annotation", "Export it again.")
    except InputError:
        return None


def parse_marks(marks: Sequence[Any], place: str, tally: Tally) -> Iterator[Mark]:
    """Read the marked lines of a page from its JSON; what is none is counted.

    Args:
        marks: maps of `transcription`, `points` and a flag `difficult` or (LSVT) `illegibility`.
        place: of the page.
    """
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
        yield Mark(points, text, where, difficult)


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
        x, y = map(finite, corner)
        if x is None or y is None:
            return None
        points.append((x, y))
    return tuple(points)


def finite(value: object) -> float | None:
    """Return a number of JSON; None for what is none, or none that a corner can lie at.

    >>> finite(3), finite(10**400), finite(float("nan")), finite(True)
    (3.0, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _is_set(flag: object) -> bool:
    """Read a flag; scripts that convert annotations write it as a text or a number, too.

    >>> [_is_set(flag) for flag in (True, 1, "True", "1", False, "false", "0", "", None)]
    [True, True, True, True, False, False, False, False, False]
    """
    if isinstance(flag, str):
        return flag.strip().casefold() in ("true", "1", "yes")
    return isinstance(flag, (bool, int)) and bool(flag)


def _regions(row: PageRow, tally: Tally) -> Iterator[LabelledRegion]:
    for mark in row.marks:
        corners = list(mark.points)
        if len(corners) == 2:
            (left, top), (right, bottom) = corners
            corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        if len(set(corners)) < 3:
            tally.add(of_annotations.NO_AREA, mark.place)
            continue
        polygon = polygon_of(corners)
        if np.abs(polygon).max() > FARTHEST_PX:
            tally.add(of_annotations.FAR_OFF, mark.place)
            continue
        if not is_valid(polygon):
            tally.add(of_annotations.CROSSES_ITSELF, mark.place)
            continue
        text = normalize("NFC", mark.text)
        yield LabelledRegion(polygon, text, mark.place, is_unreadable(mark.text), mark.is_difficult)


def write_pages(path: Path, pages: Iterable[tuple[str, Sequence[LabelledRegion]]]) -> int:
    """Write a page label file, whole or not at all: UTF-8, LF, corners to a tenth of a pixel.

    Args:
        path: the file.
        pages: path of the image (from the file's folder on, with slashes) and its regions; a page
            without any is written with an empty list, which `read_pages` keeps.

    Returns:
        How many pages were written.

    Raises:
        InputError: a path that the form cannot hold, or `path` cannot be written.
    """
    count = 0
    with replacing(path) as out:
        for count, (image, regions) in enumerate(pages, 1):
            fault = path_fault(image)
            if fault or not image.isprintable() or "\\" in image:
                what = of_lines.LABEL_FILE[fault].what if fault else "a path the form cannot hold"
                raise InputError(
                    f"{path}:{count}",
                    f"{shown_path(image)!r} is {what}",
                    "Write paths from the data folder on, with slashes.",
                )
            marks = [_mark(region) for region in regions]
            out.write(f"{normal_path(image)}\t{json.dumps(marks, ensure_ascii=False)}\n")
    return count


def _mark(region: LabelledRegion) -> dict[str, object]:
    points = [[round(float(x), 1), round(float(y), 1)] for x, y in region.polygon]
    mark: dict[str, object] = {"transcription": region.text, "points": points}
    return {**mark, "difficult": True} if region.is_difficult else mark
