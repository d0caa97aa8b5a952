"""Boxes of lines: PaddleOCR's detection labels, PPOCRLabel, LSVT, and ICDAR's box files.

PaddleOCR, PPOCRLabel     path<TAB>[{"transcription": ..., "points": [[x, y], ...],
                          "difficult": false}, ...]     one page a row
LSVT                      {"gt_0": [{"transcription": ..., "points": ..., "illegibility": false},
                          ...], ...}                    one file; images are gt_0.jpg, ...

One text file a page, one line of the page a row:

ICDAR 2015, SROIE, MTWI   x1,y1,x2,y2,x3,y3,x4,y4,text
ICDAR MLT 2017, 2019      x1,y1,x2,y2,x3,y3,x4,y4,script,text
RCTW-17                   x1,y1,x2,y2,x3,y3,x4,y4,difficult,"text"
ICDAR 2013                left, top, right, bottom, "text"     or set apart by spaces

The text may hold commas. What a field too many is cannot be told row by row, so that all rows of a
source are looked at first: where each has a script behind its corners, it is MLT's, and no text
begins with it. ICDAR names its files `gt_<image>.txt`; MTWI goes round the corners anticlockwise
and has fractions; SROIE's were published in more than one encoding.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from balance.imports.foreign_forms import FORMS, Format
from balance.imports.marked_files import decoded, decoded_from, load, rows_of
from balance.imports.page_regions import Corners, Page, Region, box
from balance.imports.source_files import ImageFinder
from textlines.defects import of_annotations
from textlines.errors import InputError
from textlines.labels.label_file import Dialect
from textlines.labels.label_paths import shown_path
from textlines.labels.other_forms import MLT_SCRIPTS, form_of_box_rows
from textlines.labels.tally import Tally
from textlines.regions.page_file import (
    Mark,
    is_unreadable,
    label_file_of,
    parse_marks,
    parse_pages,
)


def read_ppocr_det(source: Path, images: Path | None, tally: Tally) -> Iterator[Page]:
    """Read PaddleOCR's detection labels, or PPOCRLabel's `Label.txt` (a folder that holds it).

    Where its images are, `textlines.regions.page_file` says.
    """
    file = label_file_of(source)
    text, encoding = decoded_from(file, tally)
    for row in parse_pages(text, file, images, tally, Dialect(encoding)):
        yield Page(row.path.rpartition(".")[0] or row.path, row.image, _of(row.marks))


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
            yield Page(name, image, _of(parse_marks(marks, place, tally)))


def _of(marks: Iterable[Mark]) -> tuple[Region, ...]:
    return tuple(
        Region(
            mark.points,
            mark.text,
            is_unreadable(mark.text),
            mark.place,
            is_difficult=mark.is_difficult,
        )
        for mark in marks
    )


FEW_ROWS = 3
"""With so many rows all that look alike do not do so by chance."""


def read_text_boxes(
    source: Path, files: Sequence[Path], format: Format, finder: ImageFinder, tally: Tally
) -> Iterator[Page]:
    """Read text files, in their order.

    Raises:
        InputError: the rows are of another form, told by what stands in every one of them.
    """
    _refuse_other_form(source, files, format)
    for file in files:
        rows = _rows(file, tally)
        if rows is None:
            continue
        stem = file.name.removesuffix(file.suffix)
        image = finder.of_stem(stem, file) or finder.of_stem(stem.removeprefix("gt_"), file)
        if image is None:
            tally.add(of_annotations.IMAGE_MISSING, str(file))
            continue
        regions = []
        for number, row in rows:
            region = parse_row(row, format, f"{file}:{number}")
            if region is None:
                tally.add(of_annotations.MALFORMED, f"{file}:{number}")
            else:
                regions.append(region)
        yield Page(stem.removeprefix("gt_"), image, tuple(regions))


def parse_row(row: str, format: Format, place: str) -> Region | None:
    """Read one row; None if it is not of the format.

    >>> parse_row('1,2,9,2,9,5,1,5,0,"a,b"', "rctw17", "x").text
    'a,b'
    >>> parse_row("1,2,9,2,9,5,1,5,Korean,값 1,5", "mlt", "x").text
    '값 1,5'
    >>> parse_row("1,2,9,2,9,5,1,5,Seoul,값", "mlt", "x") is None
    True
    """
    row = row.rstrip("\r")
    if format == "icdar2013":
        return _parse_box(row, place)
    has_field = format in ("mlt", "rctw17")
    fields = row.split(",", 9 if has_field else 8)
    if len(fields) < (10 if has_field else 9):
        return None
    try:
        numbers = [float(field) for field in fields[:8]]
    except ValueError:
        return None
    points: Corners = tuple(zip(numbers[::2], numbers[1::2], strict=True))
    text, difficult = fields[-1], False
    if format == "mlt" and fields[8].strip() not in MLT_SCRIPTS:
        return None
    if format == "rctw17":
        if fields[8].strip() not in ("0", "1"):
            return None
        difficult = fields[8].strip() == "1"
        text = text.strip()
        if len(text) > 1 and text[0] == text[-1] == '"':
            text = text[1:-1]
    return Region(points, text, is_unreadable(text), place, is_difficult=difficult)


_SIDE = r"\s*(-?\d+(?:\.\d+)?)\s*"
_BY_COMMAS = re.compile(rf"{_SIDE},{_SIDE},{_SIDE},{_SIDE},\s*(.*)")
_BY_SPACES = re.compile(r"\s*(-?\d+) +(-?\d+) +(-?\d+) +(-?\d+) +(\".*\")\s*$")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.|""|"(?=.*"\s*$))*)"\s*$')
_NUMBERS = re.compile(r"\s*-?\d+(?:\.\d+)?\s*,")


def _parse_box(row: str, place: str) -> Region | None:
    match = _BY_COMMAS.match(row) or _BY_SPACES.match(row)
    if match is None:
        return None
    text = match[5]
    quoted = _QUOTED.match(text)
    if quoted:
        # ICDAR's word lists put a backslash before quotes and backslashes.
        text = re.sub(r"\\([\"\\])", r"\1", quoted[1])
    elif text.startswith('"') or _NUMBERS.match(text):
        # Half a quote; or more numbers, which other forms have there.
        return None
    points = box(*(float(match[at]) for at in range(1, 5)))
    return Region(points, text, is_unreadable(text), place)


_ROW_WITH_MORE = re.compile(r"(?:\s*-?\d+(?:\.\d+)?\s*,){12,}")


def _refuse_other_form(source: Path, files: Sequence[Path], format: Format) -> None:
    """Refuse rows whose every one has what another form has there, before any becomes a label."""
    if format not in FORMS["icdar2015"].like:
        return
    rows: list[str] = []
    with_more = True
    for row in _all_rows(files):
        other = form_of_box_rows([row])
        if other is None:
            continue  # a broken row
        with_more = with_more and bool(_ROW_WITH_MORE.match(row))
        if not with_more and other.format == "icdar2015":
            return
        # A few rows say as much as all: each was looked at.
        rows = [*rows[:FEW_ROWS], row]
    form = form_of_box_rows(rows)
    if form is not None and form.format in ("mlt", "rctw17"):
        raise InputError(
            str(source),
            f"is {form.name}, not {FORMS[format].name}: a further field stands between the "
            "corners and the text in every row",
            f"Call: balance import {form.format} {source}",
        )
    if with_more and len(rows) >= FEW_ROWS:
        raise InputError(
            str(source),
            f"has more than eight numbers before the text in every row: polygons, not "
            f"{FORMS[format].name}",
            "Export it with four corners a line, or as JSON that --mapping describes.",
        )


def _all_rows(files: Iterable[Path]) -> Iterator[str]:
    for file in files:
        rows = _rows(file, Tally())
        yield from (row for _, row in rows or ())


def _rows(file: Path, tally: Tally) -> list[tuple[int, str]] | None:
    """Read the rows that are not blank, with their numbers; None (counted) for no text."""
    try:
        return rows_of(decoded(file, tally))
    except InputError as error:
        if error.__cause__ is None or not isinstance(error.__cause__, UnicodeDecodeError):
            raise
        tally.add(of_annotations.NOT_TEXT, str(file))
        return None
