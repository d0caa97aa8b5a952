"""Annotation files in depth: found, decoded, parsed, and paired with their images.

A parser of a form yields what one file says of one image or of many (`Marked`); this module finds
the images and counts what is missing or broken. A file that cannot be read ends the import where
it was named, and is counted where it is one of a folder's.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from balance.imports.page_regions import Page, Region
from balance.imports.source_files import ImageFinder, walked
from textlines.defects import of_annotations
from textlines.encodings import guess_encoding
from textlines.errors import InputError
from textlines.files import not_utf8, read_regular, unreadable
from textlines.labels.canonical import short
from textlines.labels.label_paths import shown_path
from textlines.labels.tally import Tally
from textlines.parsing import parse_json

WAY_OUT = "Export it again."


class NotOfFormError(ValueError):
    """A file's content is not of the form; says what it lacks, to follow on its name."""


@dataclass(frozen=True, slots=True)
class Marked:
    """What a file says of one image.

    Attributes:
        image: its name, or a path that ends in it; "" is named as the annotation file is.
        place: for messages. regions: its marked lines.
    """

    image: str
    place: str
    regions: tuple[Region, ...]


Parser = Callable[[Any, Path, Tally], Iterator[Marked]]
"""Reads the parsed content of a file; raises `NotOfFormError`."""


def annotation_files(source: Path, suffixes: tuple[str, ...], skip: Path | None) -> list[Path]:
    """Return a source itself, or the files of a folder and in depth below it, in order.

    Raises:
        InputError: the folder holds none of these suffixes.
    """
    if not source.is_dir():
        return [source]
    files = [file for file in walked(source, skip) if file.name.casefold().endswith(suffixes)]
    files = sorted(file for file in files if file.is_file())
    if not files:
        raise InputError(
            str(source),
            f"holds no {' or '.join(suffixes)} file",
            "Name the folder of the annotations.",
        )
    return files


def decoded(file: Path, tally: Tally) -> str:
    """Read a text in the encoding it looks like, counted if not UTF-8, without a byte order mark.

    Raises:
        InputError: it cannot be read, or is in no encoding that is known.
    """
    return decoded_from(file, tally)[0]


def decoded_from(file: Path, tally: Tally) -> tuple[str, str]:
    """Read a text as `decoded` does; also return its encoding, "" for UTF-8.

    Raises:
        InputError: it cannot be read, or is in no encoding that is known.
    """
    text, encoding, _ = _decoded(file)
    if encoding:
        tally.add(of_annotations.RECODED, f"{file} ({encoding})")
    return text, encoding


def _decoded(file: Path) -> tuple[str, str, InputError | None]:
    """Return a text, its encoding if that is not UTF-8, and what to raise if it makes no sense."""
    try:
        data = read_regular(file)
    except OSError as error:
        raise unreadable(file, error, "the annotation") from error
    try:
        return data.decode("utf-8-sig"), "", None
    except UnicodeDecodeError as error:
        at = error.start + 3 * data.startswith(b"\xef\xbb\xbf")
        refusal = not_utf8(file, data, at, "the annotation")
        encoding = guess_encoding(data)
        try:
            return data.decode(encoding or "ascii").removeprefix("\ufeff"), encoding, refusal
        except UnicodeDecodeError:
            raise refusal from error


def rows_of(text: str) -> list[tuple[int, str]]:
    """Cut a text into its lines that are not blank, with their numbers from 1."""
    lines = text.replace("\r\n", "\n").split("\n")
    return [(number, line) for number, line in enumerate(lines, 1) if line.strip()]


def load(file: Path, tally: Tally) -> Any:
    """Read a JSON file in the encoding it looks like; of keys that stand twice the last counts.

    Raises:
        InputError: it cannot be read, or is no JSON; says where.
    """

    def mapped(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        content = dict(pairs)
        if len(content) < len(pairs):
            for key, count in Counter(key for key, _ in pairs).items():
                if count > 1:
                    tally.add(of_annotations.KEY_TWICE, f"{file}: {short(key)}", count - 1)
        return content

    text, encoding, refusal = _decoded(file)
    try:
        content = parse_json(text, str(file), "the annotation", WAY_OUT, mapped=mapped)
    except InputError:
        if refusal is not None:
            raise refusal from None
        raise
    if encoding:
        tally.add(of_annotations.RECODED, f"{file} ({encoding})")
    return content


def marked_pages(
    files: Iterable[Path],
    source: Path,
    finder: ImageFinder,
    tally: Tally,
    parse: Parser,
    *,
    read: Callable[[Path, Tally], Any] = load,
) -> Iterator[Page]:
    """Read annotation files as pages.

    Args:
        parse: of the form. read: makes its content of a file.

    Raises:
        InputError: `source` is a file and cannot be read, or is not of the form.
    """
    for file in files:
        try:
            yield from _pages(parse(read(file, tally), file, tally), file, finder, tally)
        except NotOfFormError as error:
            if not source.is_dir():
                raise InputError(
                    str(file), str(error), "Name another FORMAT, or auto to have it told."
                ) from error
            tally.add(of_annotations.OTHER_FORM, f"{file} ({error})")
        except InputError as error:
            if not source.is_dir():
                raise
            tally.add(of_annotations.BROKEN_FILE, f"{error.where} ({error.what})")


def _pages(
    marks: Iterator[Marked], file: Path, finder: ImageFinder, tally: Tally
) -> Iterator[Page]:
    for marked in marks:
        image = finder.of(marked.image, file)
        if image is None:
            named = f" ({shown_path(marked.image)})" if marked.image else ""
            tally.add(of_annotations.IMAGE_MISSING, f"{marked.place}{named}")
        elif not marked.regions:
            tally.add(of_annotations.NOT_ANNOTATED, marked.place)
        else:
            yield Page(image.stem, image, marked.regions)
