"""Label files in PaddleOCR's recognition form: `relative/path.jpg<TAB>label`."""

import codecs
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from typing import BinaryIO, NamedTuple
from unicodedata import is_normalized

from textlines.defects import Defect, of_lines
from textlines.encodings import guess_encoding
from textlines.errors import InputError, UsageError
from textlines.files import open_named, replacing, unreadable
from textlines.labels.canonical import LabelError, canonical, short
from textlines.labels.label_paths import (
    from_folder,
    image_list,
    names_of_folder,
    normal_path,
    path_fault,
    prefix_of,
    shown_path,
    without_prefix,
)
from textlines.labels.tally import Tally

LONGEST_LINE = 100_000
"""In bytes. A longer line is no text line: it is skipped without being held in memory."""


@dataclass(frozen=True, slots=True)
class LabelLine:
    """One labelled image.

    Attributes:
        path: relative to the data folder, with slashes.
        label: canonical; "" only where no label was asked for and none is there.
        number: of the line in its file, from 1.
    """

    path: str
    label: str
    number: int


@dataclass(frozen=True, slots=True)
class Dialect:
    r"""How a label file departs from PaddleOCR's form.

    Attributes:
        encoding: as Python and iconv name it; "" is UTF-8.
        prefix: what paths begin with beyond the folder of the images, with a slash at its end;
            `ALL_FOLDERS` takes their file names alone. "" takes them as they are.

    Raises:
        UsageError: there is no such encoding of texts.

    >>> Dialect("CP949", "train_data\\rec")
    Dialect(encoding='cp949', prefix='train_data/rec/')
    """

    encoding: str = ""
    prefix: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "prefix", prefix_of(self.prefix))
        object.__setattr__(self, "encoding", _codec(self.encoding))


def _codec(name: str) -> str:
    if not name:
        return ""
    try:
        found = codecs.lookup(name).name
        "".encode(found)
    except (LookupError, UnicodeError, ValueError) as error:
        raise UsageError(
            f"--encoding {name}", "is no encoding that is known", "As in CP949, GBK or UTF-16."
        ) from error
    return "" if found in ("utf-8", "ascii") else found


PLAIN = Dialect()
"""PaddleOCR's form itself."""


@dataclass(frozen=True, slots=True)
class Prefixes:
    """What paths may begin with that does not belong to them.

    Attributes:
        cut: as in `Dialect.prefix`.
        folder: names of the folder of the images, for absolute paths (`names_of_folder`).
    """

    cut: str = ""
    folder: tuple[str, ...] = ()


NO_PREFIXES = Prefixes()


def read_labels(
    path: Path,
    *,
    tally: Tally,
    strict: bool = False,
    images: Path | None = None,
    need_label: bool = True,
    home: Path | None = None,
    dialect: Dialect = PLAIN,
) -> Iterator[LabelLine]:
    """Read a label file line by line; what is odd or left out is counted in `tally`.

    Args:
        path: the label file. Read as a stream: its size does not matter.
        tally: grows by the defects of `of_lines.LABEL_FILE`, with `file:line` as places.
        strict: stop at the first line that would be left out.
        images: the data folder; when given, lines whose image is not there are left out.
        need_label: False takes lines without a tab as paths without a label.
        home: what paths start from: absolute ones that lie in it are read from it on. None is
            `images`, else the folder of the file.
        dialect: how the file departs from the form.

    Raises:
        InputError: the file cannot be read, is UTF-16 (and `dialect` does not say so), holds
            detection labels, or (strict) a line is at fault.
    """
    prefixes = Prefixes(dialect.prefix, names_of_folder(home or images or path.parent))
    try:
        with open_named(path) as file:
            refuse_other_form(path, file.peek(START_BYTES)[:START_BYTES], dialect)
            rows = _raw_lines(file) if not dialect.encoding else _recoded(file, path, dialect)
            yield from _read_labels(rows, path, tally, strict, images, need_label, prefixes)
    except OSError as error:
        raise unreadable(path, error, "the label file") from error


START_BYTES = 1 << 16
"""How much of a file tells that it is of another form."""

_BOXES = re.compile(rb'\s*\[\s*\{[^{}]*"(?:points|transcription)"\s*:')


def refuse_other_form(path: Path, start: bytes, dialect: Dialect = PLAIN) -> None:
    """Refuse what is no recognition label file, by its first bytes.

    Raises:
        InputError: it is UTF-16 and is not said to be, or holds PaddleOCR's detection labels.
    """
    if start[:2] in (b"\xff\xfe", b"\xfe\xff") and not dialect.encoding:
        raise InputError(
            str(path),
            "the label file is UTF-16, not UTF-8",
            f"Write it as UTF-8: balance check {path} --encoding UTF-16 --fix NEW.txt",
        )
    labels = [line.partition(b"\t")[2] for line in start.splitlines() if line.strip()]
    # Some may be broken, and the last one cut.
    if labels and sum(map(bool, map(_BOXES.match, labels))) * 5 >= len(labels) * 4:
        raise InputError(
            str(path),
            "holds detection labels (path, tab, boxes as JSON), not those of text lines",
            f"Cut its lines out first: balance import ppocr-det {path} --out FOLDER",
        )


def _read_labels(
    rows: Iterable[bytes | None],
    path: Path,
    tally: Tally,
    strict: bool,
    images: Path | None,
    need_label: bool,
    prefixes: Prefixes,
) -> Iterator[LabelLine]:
    is_cut = bool(prefixes.cut)
    for number, raw in enumerate(rows, 1):
        line = None if raw is None or is_cut else plain_line(raw, number)
        # Not Path.is_file: it raises on a name that is too long for the disk.
        if line and (images is None or os.path.isfile(f"{images}/{line.path}")):  # noqa: PTH113
            yield line
            continue
        counts, found = read_line(raw, number, images, need_label, prefixes)
        for defect, detail, encoding in counts:
            place = f"{path}:{number}{detail}"
            if strict and defect.is_error:
                raise InputError(place, defect.what, "Mend the line or read without --strict.")
            tally.add(defect, place, encoding=encoding)
        yield from found


def _recoded(file: BufferedReader, path: Path, dialect: Dialect) -> Iterator[bytes | None]:
    """Yield the lines of a file in another encoding as UTF-8."""
    text = TextIOWrapper(file, dialect.encoding, newline="\n")
    number = 1
    try:
        while line := text.readline(LONGEST_LINE):
            number += 1
            if len(line) >= LONGEST_LINE and not line.endswith("\n"):
                while line and not line.endswith("\n"):
                    line = text.readline(LONGEST_LINE)
                yield None
            else:
                yield line.removesuffix("\n").removeprefix("\ufeff").encode()
    except UnicodeError as error:
        raise InputError(
            f"{path}:{number}",
            f"is not {dialect.encoding}, here or further on ({error})",
            "Name the encoding that the file was saved in: --encoding CP949, GBK, UTF-16.",
        ) from error
    finally:
        text.detach()


def _raw_lines(file: BinaryIO) -> Iterator[bytes | None]:
    """Yield the lines without their line feed; None for one that is too long."""
    while line := file.readline(LONGEST_LINE + 1):
        if line.endswith(b"\n"):
            yield line[:-1]
        elif len(line) <= LONGEST_LINE:
            yield line
        else:
            while line and not line.endswith(b"\n"):
                line = file.readline(LONGEST_LINE + 1)
            yield None


def plain_line(raw: bytes, number: int) -> LabelLine | None:
    r"""Return a line that nothing is to be counted for; None where `read_line` has to look.

    Nearly all lines are plain, and looking at one so takes a third of the time: all that is asked
    is surely enough, and no more than that.

    >>> plain_line(b"a/1.jpg\t12", 7), plain_line(b"./1.jpg\t12", 7)
    (LabelLine(path='a/1.jpg', label='12', number=7), None)
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    path, _, label = text.partition("\t")
    if (
        path
        and label
        and label.isprintable()
        and path.isprintable()
        and path[0] not in "/[. "
        and path[-1] != "/"
        and path[1:2] != ":"
        and "\\" not in path
        and "//" not in path
        and "/." not in path
        and not label.isspace()
        and (text.isascii() or is_normalized("NFC", label))
    ):
        return LabelLine(path, label, number)
    return None


class Counted(NamedTuple):
    """What a line is counted for.

    Attributes:
        detail: for the place, behind the line's number.
        encoding: what the bytes of a line that is not UTF-8 look like; "" where nothing stands out.
    """

    defect: Defect
    detail: str = ""
    encoding: str = ""


def read_line(
    raw: bytes | None,
    number: int,
    images: Path | None,
    need_label: bool,
    prefixes: Prefixes = NO_PREFIXES,
) -> tuple[list[Counted], list[LabelLine]]:
    """Read one line: what to count, and the lines that it gives."""
    if raw is None:
        return [Counted(of_lines.LINE_TOO_LONG)], []
    counts: list[Counted] = []
    if raw.startswith(b"\xef\xbb\xbf"):
        # At later lines too: files with marks get joined by `cat`.
        counts.append(Counted(of_lines.BOM))
        raw = raw[3:]
    if raw.endswith(b"\r"):
        counts.append(Counted(of_lines.CRLF))
        raw = raw[:-1]
    if not raw.strip():
        return [*counts, Counted(of_lines.BLANK_LINE)], []
    if b"\0" in raw:
        return [*counts, Counted(of_lines.NUL)], []
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        guess = guess_encoding(raw)
        looks = f", looks like {guess}" if guess else ""
        return [*counts, Counted(of_lines.NOT_UTF8, f" (byte {error.start}{looks})", guess)], []
    column, tab, label = text.partition("\t")
    if tab:
        if "\t" in label:
            return [*counts, Counted(of_lines.EXTRA_TAB)], []
    elif need_label:
        return [*counts, Counted(of_lines.NO_TAB)], []
    if label or need_label:
        try:
            composed = canonical(label) if label.strip() else canonical("")
        except LabelError as error:
            return [*counts, Counted(of_lines.LABEL_FILE[error.reason])], []
        if composed != label:
            counts.append(Counted(of_lines.NFD))
            label = composed
    return _read_paths(column, label, number, images, prefixes, counts)


def _read_paths(
    column: str,
    label: str,
    number: int,
    images: Path | None,
    prefixes: Prefixes,
    counts: list[Counted],
) -> tuple[list[Counted], list[LabelLine]]:
    try:
        listed = image_list(column)
    except ValueError:
        return [*counts, Counted(of_lines.IMAGE_LIST_BROKEN)], []
    if listed is not None:
        counts.append(Counted(of_lines.IMAGE_LIST))
    rows = []
    for path in listed or (column,):
        if "\\" in path:
            counts.append(Counted(of_lines.BACKSLASH))
            path = path.replace("\\", "/")
        if (cut := without_prefix(path, prefixes.cut)) is not None:
            counts.append(Counted(of_lines.CUT_PREFIX))
            path = cut
        fault = path_fault(path)
        if fault == "absolute_path" and (inside := from_folder(path, prefixes.folder)):
            counts.append(Counted(of_lines.FROM_IMAGES))
            path, fault = inside, path_fault(inside)
        if fault:
            counts.append(Counted(of_lines.LABEL_FILE[fault]))
            continue
        path = normal_path(path)
        # Not Path.is_file: it raises on a name that is too long for the disk.
        if images is not None and not os.path.isfile(images / path):  # noqa: PTH113
            counts.append(Counted(of_lines.MISSING_IMAGE, f" ({shown_path(path)})"))
            continue
        rows.append(LabelLine(path, label, number))
    return counts, rows


def write_labels(path: Path, rows: Iterable[tuple[str, str]]) -> int:
    """Write a label file, whole or not at all: UTF-8, LF, no byte order mark.

    Args:
        path: the label file.
        rows: image path (relative to the data folder, with slashes) and label; the label is
            made canonical.

    Returns:
        How many lines were written.

    Raises:
        InputError: a path or label that the form cannot hold, or `path` cannot be written.
    """
    number = 0
    with replacing(path) as out:
        for number, (image, label) in enumerate(rows, 1):
            where = f"{path}:{number}"
            fault = path_fault(image)
            what: str = of_lines.LABEL_FILE[fault].what if fault else ""
            if not fault and (image[0] in "[\ufeff" or not image.isprintable() or "\\" in image):
                what = "a path that the form cannot hold"
            if what:
                raise InputError(
                    where,
                    f"{short(image)} is {what}",
                    "Write paths from the data folder on, with slashes.",
                )
            try:
                text = canonical(label if label.strip() else "")
            except LabelError as error:
                raise LabelError(
                    where, f"label {short(label)} {error.what}", error.mend, error.reason
                ) from error
            out.write(f"{normal_path(image)}\t{text}\n")
    return number
