"""One text file a page, one line of the page a row: ICDAR 2015, SROIE, RCTW-17, MTWI.

    ICDAR 2015, SROIE, MTWI   x1,y1,x2,y2,x3,y3,x4,y4,text
    RCTW-17                   x1,y1,x2,y2,x3,y3,x4,y4,difficult,"text"

The text may hold commas. ICDAR 2015 names its files `gt_<image>.txt`; MTWI goes round the corners
anticlockwise and has fractions; SROIE's were published in more than one encoding.
"""

from collections.abc import Iterator
from pathlib import Path

from balance.imports.finding_images import ImageFinder
from balance.imports.pages import Format, Page, Region, is_unreadable
from textlines.encodings import guess_encoding
from textlines.errors import InputError
from textlines.files import read_regular, unreadable
from textlines.labels.tally import Tally
from textlines.pixels.rectify import Point


def read_text_boxes(
    source: Path, format: Format, finder: ImageFinder, tally: Tally
) -> Iterator[Page]:
    """Read a folder of text files, in the order of their names.

    Raises:
        InputError: the folder holds no text file.
    """
    files = sorted(source.glob("*.txt")) if source.is_dir() else [source]
    if not files:
        raise InputError(str(source), "holds no .txt file", "Name the folder of the annotations.")
    for file in files:
        rows = _rows(file, tally)
        if rows is None:
            continue
        stem = file.name.removesuffix(".txt")
        image = finder.of_stem(stem) or finder.of_stem(stem.removeprefix("gt_"))
        if image is None:
            tally.add("image_missing", str(file))
            continue
        regions = []
        for number, row in rows:
            region = parse_row(row, format, f"{file}:{number}")
            if region is None:
                tally.add("malformed", f"{file}:{number}")
            else:
                regions.append(region)
        yield Page(stem.removeprefix("gt_"), image, tuple(regions))


def parse_row(row: str, format: Format, place: str) -> Region | None:
    """Read one row; None if it is not of the format.

    >>> parse_row('1,2,9,2,9,5,1,5,0,"a,b"', "rctw17", "x").text
    'a,b'
    """
    fields = row.split(",", 9 if format == "rctw17" else 8)
    if len(fields) < (10 if format == "rctw17" else 9):
        return None
    try:
        numbers = [float(field) for field in fields[:8]]
    except ValueError:
        return None
    points: tuple[Point, ...] = tuple(zip(numbers[::2], numbers[1::2], strict=True))
    text, difficult = fields[-1], False
    if format == "rctw17":
        difficult = fields[8].strip() == "1"
        text = text.strip()
        if len(text) > 1 and text[0] == text[-1] == '"':
            text = text[1:-1]
    return Region(points, text, is_unreadable(text), place, is_difficult=difficult)


def _rows(file: Path, tally: Tally) -> list[tuple[int, str]] | None:
    """Read the rows that are not blank, with their numbers; None (counted) for no text."""
    try:
        data = read_regular(file)
    except OSError as error:
        raise unreadable(file, error, "the annotation") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        encoding = guess_encoding(data)
        try:
            text = data.decode(encoding or "ascii")
        except UnicodeDecodeError:
            tally.add("not_text", str(file))
            return None
        tally.add("recoded", f"{file} ({encoding})")
    lines = text.replace("\r\n", "\n").split("\n")
    return [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
