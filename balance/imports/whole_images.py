"""Sources whose images are crops already: label lists of many tools, pairs of files, and LMDB.

PaddleOCR       path<TAB>text
TRDG            0.jpg text                 the first space behind the image's suffix
EasyOCR         filename,words             a CSV file with that header
ICDAR           word_1.png, "text"         MLT: word_1.png,script,text
docTR           {"0.jpg": "text"}
text_renderer   {"labels": {"0": "text"}}  names without suffix
kraken          0.gt.txt beside 0.png      one line
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from balance.imports.json_pages import parse_doctr_pages
from balance.imports.marked_files import Marked, NotOfFormError, decoded, rows_of
from balance.imports.page_regions import Page, Region
from balance.imports.source_files import ImageFinder, walked
from textlines.defects import of_annotations, of_lines
from textlines.encodings import guess_encoding
from textlines.errors import InputError
from textlines.files import read_regular
from textlines.labels.fitting import fitted
from textlines.labels.label_file import Dialect, read_labels
from textlines.labels.label_paths import is_file, normal_path, on_disk, path_fault, shown_path
from textlines.labels.lmdb_store import read_lmdb
from textlines.labels.other_forms import MLT_SCRIPTS
from textlines.labels.tally import Tally
from textlines.pixels.decode import IMAGE_SUFFIXES
from textlines.regions.page_file import is_unreadable

ENDINGS = "|".join(re.escape(suffix) for suffix in IMAGE_SUFFIXES)


def read_ppocr_rec(source: Path, images: Path | None, tally: Tally) -> Iterator[Page]:
    """Read a recognition label file, such as PPOCRLabel's `rec_gt.txt` (a folder that holds it).

    One that is all in another encoding than UTF-8 is read in that one (counted). Where no image is
    found as the paths say, they lose what they begin with (`textlines.labels.fitting`; counted).
    """
    file = source / "rec_gt.txt" if source.is_dir() else source
    encoding = _other_encoding(file)
    if encoding:
        tally.add(of_annotations.RECODED, f"{file} ({encoding})")
    folder, dialect = fitted(file, images, Dialect(encoding))
    for line in read_labels(file, tally=tally, home=folder, dialect=dialect):
        place = f"{file}:{line.number}"
        region = Region((), line.label, is_unreadable(line.label), place)
        yield Page(line.path.rpartition(".")[0] or line.path, on_disk(folder, line.path), (region,))


def _other_encoding(file: Path) -> str:
    """Return the encoding that the whole of a file looks like; "" for UTF-8, or where none does."""
    try:
        data = read_regular(file)
        data.decode()
    except OSError:
        return ""  # read_labels says why
    except UnicodeDecodeError:
        encoding = guess_encoding(data)
        try:
            data.decode(encoding or "ascii")
        except UnicodeDecodeError:
            return ""
        return encoding
    return ""


def read_lmdb_pages(source: Path, tally: Tally) -> Iterator[Page]:
    """Read an LMDB in PaddleOCR's layout."""
    for sample in read_lmdb(source, tally):
        place = f"{source}: sample {sample.number}"
        region = Region((), sample.label, is_unreadable(sample.label), place)
        yield Page(f"{sample.number:09d}", None, (region,), sample.image)


Pair = tuple[str, str, str]
"""Name of the image, its text, and the place."""

Splitter = Callable[[Path, Tally], Iterator[Pair]]
"""Reads one list."""


def read_pairs(
    files: Iterable[Path],
    finder: ImageFinder,
    tally: Tally,
    split: Splitter,
) -> Iterator[Page]:
    """Read lists of image names and texts."""
    for file in files:
        for name, text, place in split(file, tally):
            name = name.strip().replace("\\", "/")
            fault = path_fault(name)
            if fault:
                tally.add(of_lines.LABEL_FILE[fault], place)
                continue
            image = _beside(file, name) or finder.of(name, file)
            if image is None:
                tally.add(of_annotations.IMAGE_MISSING, f"{place} ({shown_path(name)})")
                continue
            yield Page(image.stem, image, (Region((), text, is_unreadable(text), place),))


def _beside(file: Path, name: str) -> Path | None:
    path = on_disk(file.parent, normal_path(name))
    return path if is_file(path) else None


_SPACED = re.compile(rf"(.*?(?:{ENDINGS})) +(\S.*?)\r?$", re.IGNORECASE)


def split_trdg(file: Path, tally: Tally) -> Iterator[Pair]:
    """Read rows of a name, a space and a text, which may hold spaces."""
    for number, row in rows_of(decoded(file, tally)):
        match = None if "\t" in row else _SPACED.match(row)
        if match is None:
            tally.add(of_annotations.MALFORMED, f"{file}:{number}")
        else:
            yield match[1], match[2], f"{file}:{number}"


def split_easyocr(file: Path, tally: Tally) -> Iterator[Pair]:
    """Read a CSV file with the header filename,words; texts with commas stand in quotes.

    Raises:
        InputError: it has another header.
    """
    rows = _csv_rows(decoded(file, tally), file, tally)
    first = next(rows, (1, []))[1]
    header = [cell.strip().casefold() for cell in first]
    if header != ["filename", "words"]:
        raise InputError(
            f"{file}:1",
            f"has the header {','.join(header)[:60] or '(none)'}, not filename,words",
            "Name EasyOCR's labels.csv.",
        )
    for number, row in rows:
        # A comma that no quotes hold cannot be told from one that sets cells apart.
        if len(row) != 2:
            tally.add(of_annotations.MALFORMED, f"{file}:{number}")
        else:
            yield row[0], row[1], f"{file}:{number}"


def _csv_rows(text: str, file: Path, tally: Tally) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a CSV text that are not empty, with the numbers of their first lines."""
    if "\0" in text:
        raise InputError(str(file), "the annotation holds a NUL: no text", "Name a CSV file.")
    reader = csv.reader(text.replace("\r\n", "\n").split("\n"), strict=True)
    while True:
        before = reader.line_num
        try:
            row = next(reader, None)
        except csv.Error:
            # After a quote that is left open the reader has taken the rows behind it as one.
            place = f"{file}:{before + 1}"
            tally.add(of_annotations.MALFORMED, place, max(reader.line_num - before, 1))
            continue
        if row is None:
            return
        if any(cell.strip() for cell in row):
            yield before + 1, row


_WORD = re.compile(rf"([^,]*?(?:{ENDINGS}))\s*,\s*(.*?)\s*$", re.IGNORECASE)


def split_icdar_words(file: Path, tally: Tally) -> Iterator[Pair]:
    """Read ICDAR's lists of word images; with a script in every row they are MLT's.

    Quotes around a text go, and backslashes before quotes and backslashes.
    """
    rows = rows_of(decoded(file, tally))
    matches = [(number, _WORD.match(row)) for number, row in rows]
    texts = [match[2] for _, match in matches if match]
    scripts = [text.partition(",") for text in texts]
    is_mlt = bool(texts) and all(comma and script in MLT_SCRIPTS for script, comma, _ in scripts)
    for number, match in matches:
        if match is None:
            tally.add(of_annotations.MALFORMED, f"{file}:{number}")
            continue
        text = match[2].partition(",")[2] if is_mlt else match[2]
        if len(text) > 1 and text[0] == text[-1] == '"':
            text = re.sub(r"\\([\"\\])", r"\1", text[1:-1])
        yield match[1], text, f"{file}:{number}"


def parse_doctr(content: Any, file: Path, tally: Tally) -> Iterator[Marked]:
    """Read docTR's labels.json, of crops or of pages."""
    if not isinstance(content, dict):
        raise NotOfFormError("is no map of images, as docTR's labels.json is")
    if any(isinstance(value, dict) for value in content.values()):
        yield from parse_doctr_pages(content, file, tally)
    else:
        yield from _crops(content, file, tally)


def parse_text_renderer(content: Any, file: Path, tally: Tally) -> Iterator[Marked]:
    """Read text_renderer's labels.json."""
    labels = content.get("labels") if isinstance(content, dict) else None
    if not isinstance(labels, dict):
        raise NotOfFormError("has no map 'labels', as text_renderer's labels.json has")
    yield from _crops(labels, file, tally)


def _crops(labels: dict[str, Any], file: Path, tally: Tally) -> Iterator[Marked]:
    for name, text in labels.items():
        place = f"{file}: {shown_path(name, 60)}"
        if not isinstance(text, str) or not name.strip():
            tally.add(of_annotations.MALFORMED, place)
        else:
            yield Marked(name, place, (Region((), text, is_unreadable(text), place),))


def read_gt_txt(
    source: Path, files: Sequence[Path], finder: ImageFinder, tally: Tally
) -> Iterator[Page]:
    """Read texts that stand beside their images, one line each; images without one are counted."""
    used: set[Path] = set()
    for file in files:
        stem = file.name[: -len(".gt.txt")]
        image = _image_beside(file, stem) or finder.of_stem(stem, file)
        if image is None:
            tally.add(of_annotations.IMAGE_MISSING, str(file))
            continue
        used.add(image)
        try:
            rows = rows_of(decoded(file, tally))
        except InputError as error:
            tally.add(of_annotations.BROKEN_FILE, f"{error.where} ({error.what})")
            continue
        if len(rows) > 1:
            tally.add(of_annotations.SEVERAL_LINES, str(file))
            continue
        text = rows[0][1].rstrip("\r") if rows else ""
        yield Page(image.stem, image, (Region((), text, is_unreadable(text), str(file)),))
    if source.is_dir():
        folders = {file.parent for file in files}
        for path in walked(source):
            is_image = path.name.casefold().endswith(IMAGE_SUFFIXES)
            if is_image and path.parent in folders and path not in used:
                tally.add(of_annotations.MISSING_LABEL, str(path))


def _image_beside(file: Path, stem: str) -> Path | None:
    """Return the image of a text; kraken's may have a word before its suffix (`0.nrm.png`)."""
    names = sorted(
        entry.name
        for entry in file.parent.iterdir()
        if entry.name.startswith(f"{stem}.") and entry.name.casefold().endswith(IMAGE_SUFFIXES)
    )
    plain = [name for name in names if name.rpartition(".")[0] == stem]
    return file.parent / (plain or names)[0] if names else None
