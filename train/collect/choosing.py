"""Which crops are labelled: a random part first, to stop and judge by; then those that teach most.

The two are never mixed. The random part is drawn from all crops before anything is chosen, so that
what is measured on it holds for production; whatever shares a document or a picture with a crop of
it cannot be chosen to train on. Pictures are shared by near copies: crops that read alike and whose
fingerprints hardly differ.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from textlines.formats.line_roles import LineRole
from textlines.profile.align import align
from textlines.profile.units import splitter
from train.collect.suspicion import Crop, Suspicion
from train.judging.significance import LEAST_JUDGED
from train.own.sharing import documents_of, share_of

LEAST_STOPPED = 40
"""Random crops beyond those that judge, from which on some are set apart to stop by. With fewer
than `LEAST_JUDGED` random ones all of them are: no verdict can be based on so few."""

OF_TEXT, OF_CONFUSION, OF_LOOK, OF_FORM = 0.4, 0.8, 0.9, 0.9
"""What a crop is still worth for each one chosen before it that shares its reading, the confusion
in it, its look, or the form of its text."""

OF_CLEAR = 2.0
"""Power of the highest score of a crop's readings by which its doubt counts: the most doubted crops
are cut through or blurred beyond reading, and halves of characters are no lesson."""

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


@dataclass(frozen=True, slots=True)
class Amounts:
    """How many crops of each role are to be labelled."""

    train: int
    stop: int
    judge: int

    @property
    def random(self) -> int:
        """How many are drawn at random."""
        return self.stop + self.judge


def amounts_of(budget: int, stop: int | None = None, judge: int | None = None) -> Amounts:
    """Share a budget of labels out: half of it random, unless numbers are given.

    >>> amounts_of(50), amounts_of(150), amounts_of(300)
    (Amounts(train=25, stop=25, judge=0), Amounts(train=75, stop=0, judge=75), \
Amounts(train=150, stop=50, judge=100))
    """
    if stop is None and judge is None:
        random = budget // 2
        if random < LEAST_JUDGED:
            judge = 0
        elif random < LEAST_JUDGED + LEAST_STOPPED:
            judge = random
        else:
            judge = max(LEAST_JUDGED, round(random * 2 / 3))
        stop = random - judge
    stop, judge = stop or 0, judge or 0
    return Amounts(max(0, budget - stop - judge), stop, judge)


def drawn(
    crops: Sequence[Crop], groups: Sequence[str], amounts: Amounts, seed: int
) -> dict[int, LineRole]:
    """Draw the random part, by hash of the path: the same whatever else is there.

    Crops of one group have one role, and none of it can be chosen to train on: so at most half of
    the groups are drawn from. Where there are enough of them, each crop that can be read has the
    same chance.

    Returns:
        The role of each crop drawn, by number: fewer where there are fewer crops.
    """
    order = sorted(
        (number for number, crop in enumerate(crops) if not crop.fault),
        key=lambda number: share_of(crops[number].path, seed),
    )
    left: dict[LineRole, int] = {"stop": amounts.stop, "judge": amounts.judge}
    of_group: dict[str, LineRole] = {}
    roles: dict[int, LineRole] = {}
    most = max(1, len({groups[number] for number in order}) // 2)
    for number in order:
        if not any(left.values()):
            break
        group = groups[number]
        if group not in of_group and len(of_group) >= most:
            continue
        # Where its group has no role yet: the one that most crops are still missing of.
        missing: LineRole = "stop" if left["stop"] >= left["judge"] else "judge"
        role = of_group.get(group, missing)
        if left[role] <= 0:
            continue
        of_group[group] = role
        roles[number] = role
        left[role] -= 1
    return roles


def chosen(
    crops: Sequence[Crop],
    suspicions: Mapping[int, Suspicion],
    candidates: Sequence[int],
    count: int,
) -> list[int]:
    """Choose crops to train on: doubted ones, spread over texts, confusions, forms and looks.

    Greedy, among crops that can be read at all: the crop that is worth most is taken, and what is
    like it is then worth less (`OF_TEXT` and the others). Labels of copies of one line teach
    little, and what fools the readers of one look only says nothing of the others.

    Args:
        suspicions: of each candidate. candidates: numbers of crops, without near copies.

    Returns:
        Numbers, the most worth first.
    """
    traits = {number: _traits(crops[number], suspicions[number]) for number in candidates}
    taken: Counter[tuple[str, str]] = Counter()
    worth = {
        number: suspicions[number].doubt * min(crops[number].clear, 1.0) ** OF_CLEAR
        for number in candidates
    }
    picked: list[int] = []
    # A heap with what was last known of each: the first whose worth still holds is the best one.
    heap = [(-worth[number], crops[number].path, number) for number in candidates]
    heapq.heapify(heap)
    while heap and len(picked) < count:
        known, path, number = heapq.heappop(heap)
        now = worth[number]
        for trait, factor in traits[number]:
            now *= factor ** log2(1 + taken[trait])
        if -known > now + 1e-12:
            heapq.heappush(heap, (-now, path, number))
            continue
        picked.append(number)
        taken.update(trait for trait, _ in traits[number])
    return picked


def _traits(crop: Crop, suspicion: Suspicion) -> list[tuple[tuple[str, str], float]]:
    traits = [
        (("text", crop.text), OF_TEXT),
        (("look", " ".join(str(value // 48) for value in crop.look)), OF_LOOK),
        (("form", str(len(crop.text))), OF_FORM),
    ]
    if suspicion.rival is not None:
        split = splitter(None)
        edits = align(split(crop.text), split(suspicion.rival))
        apart = sorted({f"{edit.label}>{edit.read}" for edit in edits if edit.label != edit.read})
        traits += [(("confusion", pair), OF_CONFUSION) for pair in apart[:3]]
    return traits


def near_copies(crops: Sequence[Crop]) -> Pairs:
    """Find pairs of near copies: they read alike, and `NEAR_BITS` of their fingerprints differ.

    A chain of pairs is one picture; where there are many copies, not each pair of a chain is there.
    """
    pairs: list[tuple[int, int]] = []
    for numbers in _by_reading(crops).values():
        prints = _bits([crops[number].fingerprint for number in numbers])
        pairs += ((numbers[first], numbers[second]) for first, second in _near(prints))
    return pairs


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
    names = documents_of([crop.path for crop in crops], group)
    joined = _Joined(names)
    for first, second in near:
        joined.join(names[first], names[second])
    return tuple(map(joined.first, names))


def copies_of(numbers: Sequence[int], near: Pairs) -> dict[int, int]:
    """Map each near copy among some crops to the one of them that stands for it, an earlier one."""
    joined = _Joined(numbers)
    there = set(numbers)
    for crop, copy in near:
        if crop in there and copy in there:
            joined.join(crop, copy)
    return {number: first for number in numbers if (first := joined.first(number)) != number}


def _by_reading(crops: Sequence[Crop]) -> Mapping[str, list[int]]:
    numbers: dict[str, list[int]] = defaultdict(list)
    for number, crop in enumerate(crops):
        if not crop.fault:
            numbers[crop.text].append(number)
    return numbers


def _bits(prints: Sequence[bytes]) -> npt.NDArray[np.uint8]:
    return np.frombuffer(b"".join(prints), np.uint8).reshape(len(prints), -1)


_ONES = np.array([bin(value).count("1") for value in range(256)], np.uint8)


def _near(prints: npt.NDArray[np.uint8]) -> list[tuple[int, int]]:
    """Find pairs of fingerprints that are near, or enough of them to join each to its like."""
    if len(prints) <= MOST_COMPARED:
        return _near_among(prints, np.arange(len(prints)))
    pairs: list[tuple[int, int]] = []
    # Pairs with 7 bits apart or fewer have one of 8 bands of 16 bits in common.
    bands = np.ascontiguousarray(prints).view(np.uint16)
    for band in bands.T:
        order = np.argsort(band, kind="stable")
        starts = np.flatnonzero(np.diff(band[order])) + 1
        for run in np.split(order, starts):
            for at in range(0, len(run), BLOCK):
                pairs += _near_among(prints, run[at : at + BLOCK])
    return pairs


def _near_among(
    prints: npt.NDArray[np.uint8], numbers: npt.NDArray[np.intp]
) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    for start in range(0, len(numbers), BLOCK):
        for other_start in range(start, len(numbers), BLOCK):
            rows, columns = (
                numbers[start : start + BLOCK],
                numbers[other_start : other_start + BLOCK],
            )
            apart = _ONES[prints[rows][:, None] ^ prints[columns][None]].sum(axis=2, dtype=np.int16)
            for first, second in np.argwhere(apart <= NEAR_BITS).tolist():
                if rows[first] != columns[second]:
                    pairs.append((int(rows[first]), int(columns[second])))
    return pairs


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

    def join(self, name: Name, other: Name) -> None:
        first, second = sorted((self.first(name), self.first(other)), key=self._order.__getitem__)
        self._over[second] = first
