"""Lines of text as carriers: read from text files, tidied, and cut where they are too long.

A text is cut at spaces where there are any, never inside a cluster; what is odd is counted by
file:line.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from hashlib import blake2b
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from synth.corpus.joiners import without_idle
from synth.draws import Draws
from textlines.defects import Defect, of_lines, of_texts
from textlines.encodings import guess_encoding
from textlines.errors import InputError
from textlines.files import open_named, unreadable
from textlines.labels.canonical import LabelError, canonical, clusters
from textlines.labels.scripts import script_of
from textlines.labels.tally import Tally

STOPS = frozenset(".,;:!?)]}。，、；：！？）】」』…")
"""Marks that a text without spaces is rather cut behind."""


UNSPACED = frozenset({"Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer", "Myanmar"})
"""Scripts without spaces between words: a line of them is cut between any two clusters."""


def pieces(text: str, longest: int, wanted: Callable[[], int]) -> Iterator[str]:
    """Cut a text into pieces.

    Args:
        text: canonical, single spaces, none at the ends.
        longest: in characters (code points); no piece is longer.
        wanted: gives the length to aim at for the next piece, so that pieces differ in length.

    >>> list(pieces("the quick brown fox", 11, lambda: 9))
    ['the quick', 'brown fox']
    >>> list(pieces("今天天气好，我们去公园。", 8, lambda: 7))
    ['今天天气好，', '我们去公园。']
    """
    piece, aim = "", min(max(wanted(), 1), longest)
    for word in text.split(" "):
        joined = f"{piece} {word}" if piece else word
        if len(joined) <= aim:
            piece = joined
            continue
        if piece:
            yield piece
            piece, aim = "", min(max(wanted(), 1), longest)
        if len(word) <= longest:
            # A word longer than the aim stays whole: aims are wishes, `longest` is not.
            piece = word
            continue
        *whole, piece = _split_word(word, longest, aim, wanted)
        yield from whole
    if piece:
        yield piece


def _split_word(word: str, longest: int, aim: int, wanted: Callable[[], int]) -> list[str]:
    """Cut a word that is longer than a carrier may be, behind a stop or between clusters."""
    done: list[str] = []
    held: list[str] = []
    length = 0
    for cluster in clusters(word):
        if held and length + len(cluster) > aim:
            stop = next((k for k in range(len(held), 0, -1) if held[k - 1] in STOPS), 0)
            # A stop in the first half would leave a stump.
            at = stop if stop * 2 > len(held) else len(held)
            done.append("".join(held[:at]))
            held = held[at:]
            length = sum(map(len, held))
            aim = min(max(wanted(), length + 1, 2), longest)
        if len(cluster) > longest:
            continue
        held.append(cluster)
        length += len(cluster)
    return [*done, "".join(held)]


def window(text: str, char: str, longest: int, start: int) -> str | None:
    """Cut words out of a line around one occurrence of a character.

    Args:
        text: the line. char: what the part must hold. longest: in characters.
        start: any number; which occurrence and which side grows first depend on it.

    Returns:
        Whole words, at most `longest` characters; within a word, between clusters, only in a
        script that sets no spaces. None if the word itself is longer.

    >>> window("total due by 12 May please", "2", 9, 0)
    'by 12 May'
    """
    words = text.split(" ")
    holders = [k for k, word in enumerate(words) if char in word]
    if not holders:
        return None
    first = last = holders[start % len(holders)]
    length = len(words[first])
    if length > longest:
        return _inside(words[first], char, longest, start) if is_unspaced(char) else None
    turn = start
    while True:
        left = first > 0 and length + 1 + len(words[first - 1]) <= longest
        right = last + 1 < len(words) and length + 1 + len(words[last + 1]) <= longest
        if not left and not right:
            return " ".join(words[first : last + 1])
        if left and (turn % 2 or not right):
            first -= 1
            length += 1 + len(words[first])
        else:
            last += 1
            length += 1 + len(words[last])
        turn += 1


def is_unspaced(char: str) -> bool:
    """Whether a character's script sets no spaces between words.

    >>> is_unspaced("金"), is_unspaced("ก"), is_unspaced("あ"), is_unspaced("값")
    (True, True, True, False)
    """
    return script_of(char[0]) in UNSPACED


def _inside(word: str, char: str, longest: int, start: int) -> str | None:
    """Cut clusters out of a word without spaces, around one occurrence of a character.

    None where the character's own cluster is longer.
    """
    units = clusters(word)
    at = next((k for k, unit in enumerate(units) if char in unit), None)
    if at is None or len(units[at]) > longest:
        return None
    if longest == 1:
        return units[at]
    first = last = at
    length = len(units[at])
    before = start % longest
    while first > 0 and before >= len(units[first - 1]) <= longest - length:
        first -= 1
        before -= len(units[first])
        length += len(units[first])
    while last + 1 < len(units) and length + len(units[last + 1]) <= longest:
        last += 1
        length += len(units[last])
    while first > 0 and length + len(units[first - 1]) <= longest:
        first -= 1
        length += len(units[first])
    return "".join(units[first : last + 1]).strip("".join(STOPS))


MOST_BYTES = 16 << 20
"""Of one line. A longer one is skipped without being held in memory."""

_SPACES = re.compile(r"[\t \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_ODD_SPACE = re.compile(r"[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")


def read_lines(
    path: Path, *, longest: int, tally: Tally, length: Callable[[Draws], int]
) -> Iterator[str]:
    """Read the carriers of a text file in its order.

    Args:
        path: UTF-8, one byte order mark allowed.
        longest: of a carrier, in characters; longer lines are cut.
        tally: grows by the defects of `of_texts.CORPUS`, with `file:line` as places.
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
            tally.add(of_texts.LINE_TOO_LONG, place)
            continue
        if number == 1 and raw.startswith(b"\xef\xbb\xbf"):
            tally.add(of_texts.BOM, place)
            raw = raw[3:]
        text = _clean(raw, place, tally)
        if len(text) <= longest:
            if text:
                yield text
            continue
        yield from cut(text, longest, length, place, tally)


def cut(
    text: str, longest: int, length: Callable[[Draws], int], place: str, tally: Tally
) -> Iterator[str]:
    """Cut a clean line into carriers; which lengths it aims at depends on the line alone."""
    tally.add(of_texts.CUT, place)
    key = int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")
    draws = Draws(0, key, purpose="cut")
    held = 0
    for piece in pieces(text, longest, lambda: length(draws)):
        if piece:
            held += len(piece) - piece.count(" ")
            yield piece
    if held < len(text) - text.count(" "):
        tally.add(of_texts.CLUSTER_TOO_LONG, place)


def fitted(
    line: str, longest: int, length: Callable[[Draws], int], place: str, tally: Tally
) -> Iterator[str]:
    """Yield a line tidied, in parts where it is too long; nothing of a blank one, which counts."""
    text, changes = tidy(line)
    if not text:
        tally.add(of_lines.BLANK_LINE, place)
        return
    for change in changes:
        tally.add(change, place)
    if len(text) <= longest:
        yield text
    else:
        yield from cut(text, longest, length, place, tally)


def _raw_lines(file: BinaryIO) -> Iterator[bytes | None]:
    """Return the lines without their ends; None for one that is too long to hold."""
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
        tally.add(of_lines.NOT_UTF8, f"{place} (byte {error.start}{looks})")
        return ""
    changes: list[Defect] = []
    if not text.isascii() and _INVISIBLE.search(text):
        changes.append(of_texts.INVISIBLE)
        text = _INVISIBLE.sub("", text)
    text, spaces = tidy(text)
    changes += spaces
    if not unicodedata.is_normalized("NFC", text):
        changes.append(of_texts.NFD)
    try:
        text = canonical(text)
    except LabelError as error:
        # What was changed of a line that is not there is of no use to anybody.
        defect = of_lines.BLANK_LINE if error.reason == "empty_label" else of_texts.CONTROL
        tally.add(defect, place)
        return ""
    for change in dict.fromkeys(changes):  # two kinds may be invisible
        tally.add(change, place)
    return text


def tidy(text: str) -> tuple[str, list[Defect]]:
    r"""Make spaces plain and single, none at the ends, and take out joiners that do not show.

    Returns:
        The text and what was changed.

    >>> text, changes = tidy(" a\tb  c")
    >>> text, [defect.code for defect in changes]
    ('a b c', ['odd_spaces', 'doubled_spaces', 'edge_spaces'])
    """
    changes: list[Defect] = []
    seen = without_idle(text)
    if seen != text:
        changes.append(of_texts.INVISIBLE)
        text = seen
    if _ODD_SPACE.search(text):
        changes.append(of_texts.ODD_SPACES)
    plain = _ODD_SPACE.sub(" ", text)
    bare = plain.strip(" ")
    if "  " in bare:
        changes.append(of_texts.DOUBLED_SPACES)
    if bare != plain:
        changes.append(of_texts.EDGE_SPACES)
    return _SPACES.sub(" ", bare), changes
