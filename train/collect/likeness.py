"""Crops that belong together: of one document, or next to the same picture."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from train.collect.suspicion import Crop
from train.own.sharing import documents_of

NEAR_BITS = 10
"""Of 128 bits of two fingerprints, so many may differ in copies of one picture: frames of a film,
an image saved again. Of 11,000 pairs of real crops that hold one text (four sets) 16 are so near,
all of one print; half of the pairs are 46 bits and more apart (by a script that is not kept)."""

BLOCK = 512
"""Crops whose fingerprints are compared at once."""

MOST_COMPARED = 8192
"""Crops of one reading up to which each is compared with each: of more (those in which nothing is
read, mostly) only those that have a part of their fingerprints in common."""


Pairs = Sequence[tuple[int, int]]
"""Numbers of two crops each."""


def near_copies(crops: Sequence[Crop]) -> Pairs:
    """Find pairs of near copies: they read alike, and `NEAR_BITS` of their fingerprints differ.

    A chain of pairs is one picture; where there are many copies, not each pair of a chain is there.
    """
    found: list[tuple[int, int]] = []
    for numbers in _by_reading(crops).values():
        prints = _bits([crops[number].fingerprint for number in numbers])
        found += ((numbers[one], numbers[other]) for one, other in _near(prints))
    return found


def groups_of(crops: Sequence[Crop], group: str, near: Pairs) -> tuple[str, ...]:
    """Name the group of each crop: its document, and near copies in one group.

    A chain of copies is one group, and joins the documents that they come from.

    Args:
        group: expression on the path whose first brackets name the document; "" takes each crop
            for its own.
        near: of `near_copies`.

    Returns:
        For each crop the path or document that is first among its group.

    Raises:
        UsageError: as `documents_of`.
    """
    names = documents_of([one.path for one in crops], group)
    joined = _Joined(names)
    for one, other in near:
        joined.join(names[one], names[other])
    return tuple(map(joined.first, names))


def copies_of(numbers: Sequence[int], near: Pairs) -> dict[int, int]:
    """Map each near copy among some crops to the one of them that stands for it, an earlier one."""
    joined = _Joined(numbers)
    there = set(numbers)
    for one, other in near:
        if one in there and other in there:
            joined.join(one, other)
    return {number: first for number in numbers if (first := joined.first(number)) != number}


def _by_reading(crops: Sequence[Crop]) -> Mapping[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(crops):
        if not one.fault:
            found[one.text].append(number)
    return found


def _bits(prints: Sequence[bytes]) -> npt.NDArray[np.uint8]:
    return np.frombuffer(b"".join(prints), np.uint8).reshape(len(prints), -1)


_ONES = np.array([bin(value).count("1") for value in range(256)], np.uint8)


def _near(prints: npt.NDArray[np.uint8]) -> list[tuple[int, int]]:
    """Find pairs of fingerprints that are near, or enough of them to join each to its like."""
    if len(prints) <= MOST_COMPARED:
        return _near_among(prints, np.arange(len(prints)))
    found: list[tuple[int, int]] = []
    # Pairs with 7 bits apart or fewer have one of 8 bands of 16 bits in common.
    bands = np.ascontiguousarray(prints).view(np.uint16)
    for band in bands.T:
        order = np.argsort(band, kind="stable")
        starts = np.flatnonzero(np.diff(band[order])) + 1
        for run in np.split(order, starts):
            for at in range(0, len(run), BLOCK):
                found += _near_among(prints, run[at : at + BLOCK])
    return found


def _near_among(
    prints: npt.NDArray[np.uint8], numbers: npt.NDArray[np.intp]
) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start in range(0, len(numbers), BLOCK):
        for other_start in range(start, len(numbers), BLOCK):
            one, other = numbers[start : start + BLOCK], numbers[other_start : other_start + BLOCK]
            apart = _ONES[prints[one][:, None] ^ prints[other][None]].sum(axis=2, dtype=np.int16)
            for first, second in np.argwhere(apart <= NEAR_BITS).tolist():
                if one[first] != other[second]:
                    found.append((int(one[first]), int(other[second])))
    return found


Name = TypeVar("Name", bound=Hashable)


class _Joined(Generic[Name]):
    """Names in sets that grow together; the first name that was given stands for its set."""

    def __init__(self, names: Sequence[Name]) -> None:
        self._order = {name: at for at, name in reversed(list(enumerate(names)))}
        self._over = {name: name for name in names}

    def first(self, name: Name) -> Name:
        while self._over[name] != name:
            self._over[name] = self._over[self._over[name]]
            name = self._over[name]
        return name

    def join(self, one: Name, other: Name) -> None:
        first, second = sorted((self.first(one), self.first(other)), key=self._order.__getitem__)
        self._over[second] = first
