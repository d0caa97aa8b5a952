"""Slices of bytes by the million: seen, copied and hashed together.

Slices of as many 8-byte words are hashed together, a word of all of them at a time: multiply,
shift, exclusive or, and the finisher of SplitMix64 (Steele, Lea, Flood 2014). No shield against
an enemy who looks for equal hashes: for that `sha256` stands in the manifest.
"""

import hashlib
import itertools
from typing import Any

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int32]
Whole = npt.NDArray[np.signedinteger[Any]]
"""Whole numbers of any width."""

Hashes = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
SLACK = 64
"""Zero bytes behind the content of every buffer: slices are read in whole words."""


def with_slack(content: bytes) -> Bytes:
    """Put bytes into a buffer of their own that ends in `SLACK` zeros."""
    buffer = np.zeros(len(content) + SLACK, np.uint8)
    buffer[: len(content)] = np.frombuffer(content, np.uint8)
    return buffer


def records(buffer: Bytes, size: int) -> npt.NDArray[np.void]:
    """See a buffer as overlapping records: record k is the `size` bytes from byte k on.

    No copy is made. Taking or setting records at given starts moves whole slices at once, some
    10 ns each, where an index for every byte would cost as much for a byte.
    """
    return np.ndarray((len(buffer) - size + 1,), f"V{size}", buffer, strides=(1,))


def runs(sorted_values: npt.NDArray[np.generic]) -> Ints:
    """Return the starts of the runs of equal values, and the length of the array at the end.

    >>> runs(np.array([3, 3, 5, 7, 7, 7])).tolist()
    [0, 2, 3, 6]
    """
    if not len(sorted_values):
        return np.zeros(1, np.int64)
    edges = np.flatnonzero(sorted_values[1:] != sorted_values[:-1]) + 1
    return np.concatenate(([0], edges, [len(sorted_values)])).astype(np.int64)


def spread(starts: Ints, lengths: Ints) -> Ints:
    """Return all positions of slices, one after another.

    >>> spread(np.array([10, 50]), np.array([3, 2])).tolist()
    [10, 11, 12, 50, 51]
    """
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    shift = np.repeat(starts - (ends - lengths), lengths)
    return np.arange(total, dtype=np.int64) + shift


def scatter(out: Bytes, places: Ints, buffer: Bytes, starts: Ints, lengths: Whole) -> None:
    """Copy slices of a buffer to places in `out`, those of one length at a time."""
    # Numbers of 16 bits are sorted by their digits, in a fifth of the time.
    few = len(lengths) == 0 or int(lengths.max()) < 1 << 15
    order = np.argsort(lengths.astype(np.int16 if few else np.int32), kind="stable")
    ordered = lengths[order]
    edges = runs(ordered)
    for low, high in itertools.pairwise(edges):
        size = int(ordered[low])
        if size:
            some = order[low:high]
            records(out, size)[places[some]] = records(buffer, size)[starts[some]]


def gather(buffer: Bytes, starts: Ints, lengths: Whole, end: int = 10) -> tuple[Bytes, Ints]:
    """Copy slices into a new buffer, in the order given, each followed by the byte `end`.

    Returns:
        The buffer, with slack behind it, and the start of each slice in it.
    """
    ends = np.cumsum(lengths + 1, dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    out = np.zeros(total + SLACK, np.uint8)
    places = ends - lengths - 1
    scatter(out, places, buffer, starts, lengths)
    out[ends - 1] = end
    return out, places


_HASHED = 1 << 16
"""Slices hashed at a time, so that their words stay in the cache."""

_START = np.uint64(0x9E3779B97F4A7C15)
_STEP = np.uint64(0xD6E8FEB86659FD93)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def hash_slices(buffer: Bytes, starts: Ints, lengths: Whole) -> Hashes:
    """Hash slices of a buffer: equal bytes give equal hashes, wherever they stand.

    Args:
        buffer: with at least 8 bytes behind the last slice (`with_slack`).
        starts, lengths: in bytes, one of each for a slice.

    >>> found = hash_slices(with_slack(b"one two one"), np.array([0, 4, 8]), np.array([3, 3, 3]))
    >>> bool(found[0] == found[2]), bool(found[0] == found[1])
    (True, False)
    """
    hashes = np.empty(len(starts), np.uint64)
    words = (lengths + 7) >> 3
    order = np.argsort(words.astype(np.uint16), kind="stable")
    edges = runs(words[order])
    for low, high in itertools.pairwise(edges):
        for at in range(int(low), int(high), _HASHED):
            some = order[at : min(at + _HASHED, int(high))]
            hashes[some] = _hash_rows(buffer, starts[some], lengths[some], int(words[order[low]]))
    return hashes


def _hash_rows(buffer: Bytes, starts: Ints, lengths: Whole, words: int) -> Hashes:
    state: Hashes = lengths.astype(np.uint64) * _START
    if words:
        rows = records(buffer, 8 * words)[starts].view("<u8").reshape(len(starts), words)
        # What stands behind the slice in its last word is no part of it.
        spare = (8 * words - lengths).astype(np.uint64) * np.uint64(8)
        rows[:, -1] &= np.uint64(0xFFFFFFFFFFFFFFFF) >> spare
        for column in range(words):
            state = (state ^ rows[:, column]) * _STEP
            state ^= state >> np.uint64(32)
    return finish(state)


def finish(state: Hashes) -> Hashes:
    """Spread every bit over all 64 (the finisher of SplitMix64); a new array, one to one."""
    state = (state ^ (state >> np.uint64(30))) * _FIRST
    state = (state ^ (state >> np.uint64(27))) * _SECOND
    return state ^ (state >> np.uint64(31))


def draw_keys(hashes: Hashes, seed: int, source: str) -> Hashes:
    """Return each line the number that it is drawn by: a function of seed, source and line.

    The smallest are drawn first. Another source or seed gives an order of its own.
    """
    name = hashlib.blake2b(f"{seed}\0{source}".encode(), digest_size=8).digest()
    return finish(hashes ^ np.uint64(int.from_bytes(name, "little")))
