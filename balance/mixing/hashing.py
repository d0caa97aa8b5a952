"""Hashes of many slices of bytes at once; they decide which line is drawn when.

Slices of as many 8-byte words are hashed together, a word of all of them at a time: multiply,
shift, exclusive or, and the finisher of SplitMix64 (Steele, Lea, Flood 2014). No shield against
an enemy who looks for equal hashes: for that `sha256` stands in the manifest.
"""

import hashlib
import itertools

import numpy as np

from balance.mixing.arrays import Bytes, Hashes, Ints, Whole, records, runs

_ROWS = 1 << 16
"""Slices hashed at a time, so that their words stay in the cache."""

_START = np.uint64(0x9E3779B97F4A7C15)
_STEP = np.uint64(0xD6E8FEB86659FD93)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def hash_slices(buffer: Bytes, starts: Ints, lengths: Whole) -> Hashes:
    """Hash slices of a buffer: equal bytes give equal hashes, wherever they stand.

    Args:
        buffer: with at least 8 bytes behind the last slice (`with_slack`).
        starts, lengths: in bytes, one of each for a slice.

    >>> from balance.mixing.arrays import with_slack
    >>> found = hash_slices(with_slack(b"one two one"), np.array([0, 4, 8]), np.array([3, 3, 3]))
    >>> bool(found[0] == found[2]), bool(found[0] == found[1])
    (True, False)
    """
    found = np.empty(len(starts), np.uint64)
    words = (lengths + 7) >> 3
    order = np.argsort(words.astype(np.uint16), kind="stable")
    edges = runs(words[order])
    for low, high in itertools.pairwise(edges):
        for at in range(int(low), int(high), _ROWS):
            some = order[at : min(at + _ROWS, int(high))]
            found[some] = _hash_rows(buffer, starts[some], lengths[some], int(words[order[low]]))
    return found


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
    """Give each line the number that it is drawn by: a function of seed, source and line.

    The smallest are drawn first. Another source or seed gives an order of its own.
    """
    name = hashlib.blake2b(f"{seed}\0{source}".encode(), digest_size=8).digest()
    return finish(hashes ^ np.uint64(int.from_bytes(name, "little")))
