"""Names for the arrays that hold millions of lines."""

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
    """Give the starts of the runs of equal values, and the length of the array at the end.

    >>> runs(np.array([3, 3, 5, 7, 7, 7])).tolist()
    [0, 2, 3, 6]
    """
    if not len(sorted_values):
        return np.zeros(1, np.int64)
    edges = np.flatnonzero(sorted_values[1:] != sorted_values[:-1]) + 1
    return np.concatenate(([0], edges, [len(sorted_values)])).astype(np.int64)


def spread(starts: Ints, lengths: Ints) -> Ints:
    """Give all positions of slices, one after another.

    >>> spread(np.array([10, 50]), np.array([3, 2])).tolist()
    [10, 11, 12, 50, 51]
    """
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    shift = np.repeat(starts - (ends - lengths), lengths)
    return np.arange(total, dtype=np.int64) + shift
