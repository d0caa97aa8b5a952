"""Read text files, one line of text a line, as carriers; what is odd is counted by file:line."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from hashlib import blake2b
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from synth.corpus.cutting import pieces
from synth.draws import Draws
from textlines.encodings import guess_encoding
from textlines.errors import InputError
from textlines.files import open_named, unreadable
from textlines.labels.canonical import LabelError, canonical
from textlines.labels.tally import Tally

MOST_BYTES = 16 << 20
"""Of one line. A longer one is skipped without being held in memory."""

REASONS = {
    "bom": "byte order mark at the start, left out",
    "blank_line": "blank line, left out",
    "cut": "line longer than a label may be, cut at word boundaries",
    "spaces": "tabs, special or doubled spaces, made single spaces",
    "invisible": "line with zero-width characters, taken out",
    "nfd": "line that was not composed (NFC), composed",
    "control": "line with a control character, left out",
    "not_utf8": "line that is not UTF-8, left out",
    "line_too_long": f"line of more than {MOST_BYTES >> 20} MB, left out",
    "cluster_too_long": "cluster longer than a label may be, left out",
}
"""All reasons that `read_lines` counts, in words."""

_SPACES = re.compile(r"[\t \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_TIDY = re.compile(r"\t|  |^ | $|[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")


def read_lines(
    path: Path, *, longest: int, tally: Tally, length: Callable[[Draws], int]
) -> Iterator[str]:
    """Read the carriers of a text file in its order.

    Args:
        path: UTF-8, one byte order mark allowed.
        longest: of a carrier, in characters; longer lines are cut.
        tally: grows by the reasons in `REASONS`, with `file:line` as places.
        length: draws the length to aim at when a line is cut. The stream that it draws from
            depends on the line's content alone, so a line is cut alike in any file.

    Raises:
        InputError: the file cannot be read or is UTF-16.
    """
    try:
        with open_named(path) as file:
            yield from _carriers(file, path, longest, tally, length)
    except OSError as error:
        raise unreadable(path, error, "the text file") from error


def _carriers(
    file: BufferedReader,
    path: Path,
    longest: int,
    tally: Tally,
    length: Callable[[Draws], int],
) -> Iterator[str]:
    if file.peek(2)[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError(
            str(path),
            "the text file is UTF-16, not UTF-8",
            f"Convert it: iconv -f UTF-16 -t UTF-8 {path.name} > utf8-{path.name}",
        )
    for number, raw in enumerate(_raw_lines(file), 1):
        place = f"{path}:{number}"
        if raw is None:
            tally.add("line_too_long", place)
            continue
        if number == 1 and raw.startswith(b"\xef\xbb\xbf"):
            tally.add("bom", place)
            raw = raw[3:]
        text = _clean(raw, place, tally)
        if len(text) <= longest:
            if text:
                yield text
            continue
        tally.add("cut", place)
        yield from cut(text, longest, length, place, tally)


def cut(
    text: str, longest: int, length: Callable[[Draws], int], place: str, tally: Tally
) -> Iterator[str]:
    """Cut a clean line into carriers; which lengths it aims at depends on the line alone."""
    key = int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")
    draws = Draws(0, key, purpose="cut")
    held = 0
    for piece in pieces(text, longest, lambda: length(draws)):
        if piece:
            held += len(piece) - piece.count(" ")
            yield piece
    if held < len(text) - text.count(" "):
        tally.add("cluster_too_long", place)


def _raw_lines(file: BinaryIO) -> Iterator[bytes | None]:
    """Give the lines without their ends; None for one that is too long to hold."""
    while line := file.readline(MOST_BYTES + 1):
        if len(line) > MOST_BYTES and not line.endswith(b"\n"):
            while line and not line.endswith(b"\n"):
                line = file.readline(MOST_BYTES + 1)
            yield None
        else:
            yield line.rstrip(b"\r\n")


def _clean(raw: bytes, place: str, tally: Tally) -> str:
    """Make a line canonical with single spaces; "" for one that is left out."""
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        guess = guess_encoding(raw)
        looks = f", looks like {guess}" if guess else ""
        tally.add("not_utf8", f"{place} (byte {error.start}{looks})")
        return ""
    if _TIDY.search(text):
        text = _SPACES.sub(" ", text).strip(" ")
        if text:
            tally.add("spaces", place)
    if not text.isascii():
        if _INVISIBLE.search(text):
            tally.add("invisible", place)
            text = _INVISIBLE.sub("", text).strip(" ")
        if not unicodedata.is_normalized("NFC", text):
            tally.add("nfd", place)
    if not text:
        tally.add("blank_line", place)
        return ""
    try:
        return canonical(text)
    except LabelError as error:
        tally.add(error.reason, place)
        return ""
