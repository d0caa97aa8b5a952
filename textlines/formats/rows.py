"""Files of one JSON object a line, read as a stream and bounded before they are parsed."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TypeVar

from textlines.errors import InputError
from textlines.files import open_regular, unreadable
from textlines.labels.label_paths import normal_path, path_fault

LONGEST_ROW = 1 << 20
"""Bytes of a line. A manifest row of 25 characters has a thousand."""

VERSION = 1
"""Of all rows. Rows carry no version of their own; one with another `version` is refused."""


class RowKind(NamedTuple):
    """How messages speak of a file's rows.

    Attributes:
        what: the file's use ("the plan"). noun: of a row ("row of a plan").
        again: how the file is made again, a sentence.
    """

    what: str
    noun: str
    again: str


class RowError(ValueError):
    """A row is at fault; its reader adds where."""


Row = TypeVar("Row")


class Line(NamedTuple):
    """A line of a file, from 1, with its line feed, and what it holds."""

    number: int
    raw: bytes
    content: dict[str, Any]


def read_lines(path: Path, kind: RowKind, *, whole: bool = True) -> Iterator[Line]:
    """Read a file of JSON objects line by line.

    Args:
        whole: the last line must end in a line feed too, or the file was cut there.

    Raises:
        InputError: the file cannot be read; or a line is too long, cut, not UTF-8, no JSON
            object, holds half of a surrogate pair, or is of another version.
    """
    try:
        file = open_regular(path)
    except OSError as error:
        raise unreadable(path, error, kind.what) from error
    with file:
        number = 0
        while True:
            try:
                raw = file.readline(LONGEST_ROW + 1)
            except OSError as error:
                raise unreadable(path, error, kind.what) from error
            if not raw:
                return
            number += 1
            try:
                content = _content(raw, whole)
            except (ValueError, RecursionError) as error:
                refuse(path, number, kind, error)
            yield Line(number, raw, content)


def read_rows(
    path: Path, kind: RowKind, parse: Callable[[dict[str, Any]], Row], *, whole: bool = True
) -> Iterator[Row]:
    """Read a file row by row.

    Args:
        parse: makes a row of an object; raises `RowError`.

    Raises:
        InputError: as `read_lines`, or a row is at fault.
    """
    for line in read_lines(path, kind, whole=whole):
        try:
            row = parse(line.content)
        except RowError as error:
            refuse(path, line.number, kind, error)
        yield row


def parse_row(text: str) -> dict[str, Any]:
    """Parse one line.

    Raises:
        RowError: it is no JSON object, or nested too deeply.
    """
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise RowError(f"no JSON: {error.msg}") from error
    except (ValueError, RecursionError) as error:  # thousands of digits; nesting
        raise RowError("no JSON that can be read: nested too deeply, or endless digits") from error
    if type(content) is not dict:
        raise RowError("no JSON object")
    if "version" in content and content["version"] != VERSION:
        raise RowError(f"of version {_shown(content['version'])}, this program reads {VERSION}")
    # Escapes alone can make one: in valid UTF-8 there is none.
    if "\\u" in text and re.search(r"[\ud800-\udfff]", json.dumps(content, ensure_ascii=False)):
        raise RowError("it holds half of a surrogate pair")
    return content


def refuse(path: Path, number: int, kind: RowKind, error: Exception) -> NoReturn:
    """Raise what is wrong with a line, with its place.

    Raises:
        InputError: always.
    """
    raise InputError(f"{path}:{number}", f"is no {kind.noun} ({error})", kind.again) from error


def _content(raw: bytes, whole: bool) -> dict[str, Any]:
    if len(raw) > LONGEST_ROW:
        raise RowError(f"longer than {LONGEST_ROW:,} bytes")
    if whole and raw[-1] != 10:
        raise RowError("cut: the file ends inside the line")
    try:
        text = str(raw, "utf-8")
    except UnicodeDecodeError as error:
        raise RowError(f"not UTF-8 at byte {error.start} of the line") from error
    return parse_row(text)


# What a row of ours is checked by. Plain functions: a manifest has a million rows, and
# pydantic takes several times as long as parsing the JSON does.


def refuse_keys(content: dict[str, Any], wanted: frozenset[str]) -> None:
    """Refuse an object that lacks a key, or has one that nobody knows.

    Raises:
        RowError: names them.
    """
    lacking = sorted(wanted - content.keys())
    if lacking:
        raise RowError(f"lacks {', '.join(lacking)}")
    unknown = sorted(content.keys() - wanted - {"version"})
    if unknown:
        raise RowError(f"has the unknown key {_shown(unknown[0])}")


def wrong(key: str, value: object, wanted: str) -> RowError:
    """Return the error for a value that is none of its key's."""
    return RowError(f"{key} is {_shown(value)}, not {wanted}")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."


_NOT_IN_LABELS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


_PLAIN_PATH = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*/)*[A-Za-z0-9_][A-Za-z0-9_.-]*")


def is_label(text: object) -> bool:
    """Whether a value may stand as a label in a line of a label file, in NFC."""
    if type(text) is not str:
        return False
    if text.isascii() and text.isprintable():
        return text != ""
    return text != "" and not _NOT_IN_LABELS.search(text) and unicodedata.is_normalized("NFC", text)


def is_count(value: object) -> bool:
    """Whether a value is a whole number from 0 on (and no bool)."""
    return type(value) is int and value >= 0


def is_path_below(path: object) -> bool:
    """Whether a value is a path in its normal form that stays below its folder."""
    if type(path) is not str:
        return False
    # As our own are; asking in general takes four times as long.
    if _PLAIN_PATH.fullmatch(path):
        return True
    return (
        path_fault(path) is None
        and "\\" not in path
        and normal_path(path) == path
        and not _NOT_IN_LABELS.search(path)
    )
