"""Whole lines of a file found in blocks of bytes: where each starts, has its tab, and ends."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from balance.mixing.arrays import Bytes, Flags, Ints
from textlines.labels.label_file import LONGEST_LINE

BLOCK = 1 << 22
"""Bytes looked at together: few enough for the cache, many enough for arrays."""

_TAB, _LINE_FEED, _BACKSLASH, _DELETE, _SLASH, _DOT = 9, 10, 92, 127, 47, 46


@dataclass(frozen=True, slots=True)
class LineBlock:
    """Some whole lines of a file: where each starts, has its tab, and ends (its line feed)."""

    starts: Ints
    tabs: Ints
    ends: Ints
    odd: Flags
    first_number: int


def blocks(buffer: Bytes, size: int, number: int = 1) -> Iterator[LineBlock]:
    """Cut the buffer after line feeds into blocks of about `BLOCK` bytes.

    Args:
        number: of the first line in its file.
    """
    start = 0
    while start < size:
        end = min(start + BLOCK, size)
        while end < size:
            found = np.flatnonzero(buffer[end : end + LONGEST_LINE] == _LINE_FEED)
            if len(found):
                end += int(found[0]) + 1
                break
            end = min(end + LONGEST_LINE, size)
        block = _find_lines(buffer[start:end], start, number)
        yield block
        number += len(block.ends)
        start = end


def _find_lines(content: Bytes, offset: int, number: int) -> LineBlock:
    ends = np.flatnonzero(content == _LINE_FEED)
    tabs = np.flatnonzero(content == _TAB)
    starts = np.concatenate(([0], ends[:-1] + 1))
    odd = np.zeros(len(ends), np.bool_)
    if len(tabs) != len(ends) or not bool(((tabs >= starts) & (tabs < ends)).all()):
        line = np.searchsorted(ends, tabs)
        odd |= np.bincount(line, minlength=len(ends)) != 1
        first = ends.copy()
        first[line[::-1]] = tabs[::-1]
        tabs = first
    odd |= ends - starts > LONGEST_LINE
    for place in _odd_places(content, len(ends), int(np.count_nonzero(content == _TAB))):
        odd[np.searchsorted(ends, place)] = True
    head = content[starts]
    # An absolute path, a list, a dot folder, blanks, a byte order mark, an empty path.
    for byte in (_SLASH, 0x5B, _DOT, 0x20, 0xEF, _TAB):
        odd |= head == byte
    second = content[np.minimum(starts + 1, len(content) - 1)]
    odd |= (second == 0x3A) | (tabs == starts)
    odd |= content[np.maximum(tabs - 1, 0)] == _SLASH
    return LineBlock(starts + offset, tabs + offset, ends + offset, odd, number)


def _odd_places(content: Bytes, lines: int, tabs: int) -> Iterator[Ints]:
    """Find the bytes that make a line odd; counting first, as most blocks have none."""
    if int(np.count_nonzero(content < 32)) != lines + tabs:
        yield np.flatnonzero((content < 32) & (content != _LINE_FEED) & (content != _TAB))
    for byte in (_BACKSLASH, _DELETE):
        found = content == byte
        if found.any():
            yield np.flatnonzero(found)
    following = content[1:]
    doubled = (content[:-1] == _SLASH) & ((following == _SLASH) | (following == _DOT))
    if doubled.any():
        yield np.flatnonzero(doubled)


def broken_lines(content: Bytes) -> Flags:
    """Tell of each line whether it is not UTF-8."""
    lines = content.tobytes().split(b"\n")[:-1]
    return np.fromiter((_is_broken(line) for line in lines), np.bool_, len(lines))


def _is_broken(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return True
    return False


def block_labels(content: Bytes, block: LineBlock, keep: Flags) -> Bytes:
    """Copy the labels of some lines of a block out, one a line."""
    sizes = np.empty(2 * len(keep), np.int64)
    sizes[::2] = block.tabs + 1 - block.starts
    sizes[1::2] = block.ends - block.tabs
    # A line without a tab has its tab at its line feed: nothing of it is a label.
    is_label = np.zeros(2 * len(keep), np.bool_)
    is_label[1::2] = keep
    sizes[::2] = np.minimum(sizes[::2], block.ends + 1 - block.starts)
    return content[np.repeat(is_label, sizes)]
