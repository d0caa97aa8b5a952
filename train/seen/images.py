"""A set of images by their hashes, small enough to travel with a model: 16 bytes an image."""

import hashlib
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from textlines.files import open_regular, raise_if_of_the_machine

WIDTH = 16
"""Bytes of a sha256 that are kept: among a billion images two share them once in 10^21 sets."""

Digests = npt.NDArray[np.uint8]
"""N x 16, one row an image."""


def no_digests() -> Digests:
    """Give the digests of no image."""
    return np.zeros((0, WIDTH), np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class SeenImages:
    """A set of images.

    Attributes:
        digests: N x 16 uint8, in the order of their bytes, none twice. `of` makes it so.
    """

    digests: Digests = field(default_factory=no_digests)

    @classmethod
    def of(cls, digests: Digests) -> "SeenImages":
        """Make a set of digests in any order, repeated or not.

        Raises:
            ValueError: the array is not N x 16 uint8.
        """
        return cls(_rows(np.unique(_keys(digests))))

    def __len__(self) -> int:
        return len(self.digests)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SeenImages):
            return NotImplemented
        return np.array_equal(self.digests, other.digests)

    __hash__ = None  # type: ignore[assignment]  # arrays have none

    def holds(self, digests: Digests) -> npt.NDArray[np.bool_]:
        """Tell of each of N images whether it is in the set."""
        wanted, known = _keys(digests), _keys(self.digests)
        if not len(known):
            return np.zeros(len(wanted), np.bool_)
        # Keys of 16 bytes compare as bytes do (memcmp), so a sorted array is an index.
        at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
        return np.asarray(known[at] == wanted, np.bool_)

    def __or__(self, other: "SeenImages") -> "SeenImages":
        return SeenImages.of(np.concatenate([self.digests, other.digests]))


def digest(data: bytes) -> bytes:
    """Give the 16 bytes that stand for an image file.

    >>> digest(b"").hex()
    'e3b0c44298fc1c149afbf4c8996fb924'
    """
    return hashlib.sha256(data).digest()[:WIDTH]


def digests_of(paths: Sequence[Path], workers: int = 4) -> tuple[Digests, tuple[bool, ...]]:
    """Hash image files.

    Args:
        workers: threads; hashing lets go of the interpreter.

    Returns:
        Digests of the files that could be read (N x 16, in order), and of each path whether it
        could.

    Raises:
        MachineError: a file may not be read, or the machine fails otherwise.
    """
    with ThreadPoolExecutor(workers, thread_name_prefix="hashing") as pool:
        found = list(pool.map(_digest_of, paths))
    return as_digests(one for one in found if one is not None), tuple(
        one is not None for one in found
    )


def as_digests(values: Iterable[bytes]) -> Digests:
    """Put digests of 16 bytes into an array, N x 16."""
    return np.frombuffer(b"".join(values), np.uint8).reshape(-1, WIDTH).copy()


def _digest_of(path: Path) -> bytes | None:
    try:
        with open_regular(path) as file:
            return hashlib.file_digest(file, "sha256").digest()[:WIDTH]
    except (OSError, ValueError) as error:  # ValueError: what no path can be
        # A line whose image is not hashed counts as unseen: that must not come of a full table of
        # open files.
        raise_if_of_the_machine(path, error)
        return None


def _keys(digests: Digests) -> "np.ndarray[tuple[int, ...], np.dtype[np.void]]":
    if digests.dtype != np.uint8 or digests.ndim != 2 or digests.shape[1] != WIDTH:
        raise ValueError(f"need N x {WIDTH} uint8, got {digests.shape} {digests.dtype}")
    return np.ascontiguousarray(digests).view(f"V{WIDTH}").reshape(-1)


def _rows(keys: "np.ndarray[tuple[int, ...], np.dtype[np.void]]") -> Digests:
    return np.ascontiguousarray(keys).view(np.uint8).reshape(-1, WIDTH)
