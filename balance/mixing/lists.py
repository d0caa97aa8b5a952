"""The lists of a mix, written whole or not at all, in an order that no input order changes."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from balance.mixing.arrays import Bytes, Hashes, Ints, records
from balance.mixing.gathering import scatter
from balance.mixing.lots import Index, Lot, Selection, order_of
from textlines.files import replacing_bytes
from textlines.formats.roles import role_rows

_LINES = 1 << 17
"""Lines put together before they are written."""

_NONE = np.zeros(0, np.int32)


def write_list(
    path: Path,
    roles: Path,
    parts: Sequence[Selection],
    heads: Sequence[str],
    codes: Sequence[str],
) -> tuple[str, str]:
    """Write lines of several lots as one label file, by rising key, and their roles beside it.

    Args:
        heads: what stands before the paths of each label file.
        codes: of the roles, two for each label file: of its lines, and of its rendered ones.

    Returns:
        The sha256 of both files.

    Raises:
        InputError: the file cannot be written.
    """
    texts, of_roles = hashlib.sha256(), hashlib.sha256()
    with replacing_bytes(path) as out, replacing_bytes(roles) as beside:
        for some in _by_key(parts):
            rows, origins = _rows_of(some, heads)
            texts.update(rows.data)
            out.write(rows.data)
            role_column = role_rows(codes, origins)
            of_roles.update(role_column)
            beside.write(role_column)
    return texts.hexdigest(), of_roles.hexdigest()


def _by_key(parts: Sequence[Selection]) -> Iterator[list[tuple[Lot, Index]]]:
    """Yield the lines of neighbouring keys together, in the order of the parts.

    Keys are spread evenly, so that equal ranges of them hold about as many lines.
    """
    pieces: list[tuple[Selection, range | Ints, Hashes]] = []
    for part in parts:
        for piece in part.pieces:
            if isinstance(piece, range):
                keys = part.lot.keys[piece.start : piece.stop]
            else:
                keys = part.lot.keys[piece]
                order = order_of(keys)
                piece, keys = piece[order], keys[order]
            pieces.append((part, piece, keys))
    cuts = 1 + sum(len(piece) for _, piece, _ in pieces) // _LINES
    starts = [0] * len(pieces)
    for number in range(1, cuts + 1):
        some = []
        for at, (part, piece, keys) in enumerate(pieces):
            end = len(piece)
            if number < cuts:
                end = int(np.searchsorted(keys, np.uint64((number << 64) // cuts)))
            index: Index
            if isinstance(piece, range):
                index = slice(piece.start + starts[at], piece.start + end)
            else:
                index = piece[starts[at] : end]
            starts[at] = end
            some.append((part.lot, part.counting(index)))
        yield some
        for part in parts:
            part.lot.let_go()


def _rows_of(some: Sequence[tuple[Lot, Index]], heads: Sequence[str]) -> tuple[Bytes, Ints]:
    """Put lines one behind another, by rising key: each with its head and a line feed.

    Returns:
        The rows, and the origins of the lines in their order.
    """
    texts = [np.frombuffer(head.encode(), np.uint8) for head in heads]
    head_lengths = np.array([len(text) for text in texts], np.int64)
    origins = np.concatenate([_NONE, *(lot.origins[index] for lot, index in some)])
    if not len(origins):
        return np.zeros(0, np.uint8), origins
    lengths = np.concatenate([lot.lengths[index] for lot, index in some])
    order = order_of(np.concatenate([lot.keys[index] for lot, index in some]))
    before = head_lengths[origins >> 1]
    whole = lengths + before + 1
    ends = np.cumsum(whole[order])
    places = np.empty(len(order), np.int64)
    places[order] = ends - whole[order]
    rows = np.empty(int(ends[-1]), np.uint8)
    rows[ends - 1] = 10
    for number, text in enumerate(texts):
        if len(text):
            records(rows, len(text))[places[origins >> 1 == number]] = text.view(f"V{len(text)}")[0]
    places += before
    low = 0
    for lot, index in some:
        starts = lot.starts[index]
        high = low + len(starts)
        scatter(rows, places[low:high], lot.texts, starts, lengths[low:high])
        low = high
    return rows, origins[order]
