"""Made-up judged sets whose true change is known, for `benchmarks/gate.py`.

A set has fixed labels and fixed lines that the base has wrong. A draw of a candidate breaks and
mends lines at random: a share `flips` of all lines flips for no reason, either way alike, and the
true change comes on top. Each flipped line has one character in it that was lost or found, drawn
among those of its label.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from textlines.formats.judged_set import JudgedSet
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from train.judging.paired_characters import CharacterPair
from train.judging.set_criteria import SetNumbers

WORDS = 4_000
"""Of the made-up vocabulary, used with the frequencies of Zipf."""


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of set: which made-up labels, how they are compared, and how well the base reads."""

    name: str
    accuracy: float
    is_target: bool = False
    source: str = ""
    """Label file below the data folder, with its comparison; "" for none of its sort."""


METERS = Sort("meters", 0.684, True, "sevenseg/dev/rec_gt.txt:exact")
RECEIPTS = Sort("receipts", 0.683, False, "sroie/dev/rec_gt.txt:casefold")
SIGNS = Sort("signs", 0.954, False, "iiit5k/dev/rec_gt.txt:alnum")
MORE_RECEIPTS = Sort("more receipts", 0.683, False, "sroie/train/rec_gt.txt:casefold")
MORE_SIGNS = Sort("more signs", 0.954, False, "iiit5k/train/rec_gt.txt:alnum")


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """A set before any candidate.

    Attributes:
        right: whether the base has each line right.
        texts: code points of the labels one after another. starts, sizes: of each label in it.
        lost: index into `texts` of the character that the base has wrong in each wrong line.
    """

    sort: Sort
    name: str
    right: npt.NDArray[np.bool_]
    texts: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]
    lost: npt.NDArray[np.int64]


def labels_of(sort: Sort, count: int, rng: np.random.Generator, data: Path | None) -> list[str]:
    """Return labels of a sort, as they are compared: real ones where a data folder has them."""
    if data is not None and sort.source:
        judged = JudgedSet.parse(str(data / sort.source))
        found = [judged.key(line.label) for line in read_labels(judged.path, tally=Tally())]
        texts = [text for text in found if text]
        return [texts[n] for n in rng.choice(len(texts), count, replace=count > len(texts))]
    if sort.is_target:
        cents = np.where(rng.random(count) < 0.58, 0, rng.integers(0, 100, count))
        return [f"{n}.{c:02d}" for n, c in zip(rng.integers(5, 250, count), cents, strict=True)]
    words, chance = vocabulary()
    sizes = rng.integers(1, 5, count) if "receipts" in sort.name else np.ones(count, np.int64)
    picks = iter(rng.choice(len(words), int(sizes.sum()), p=chance).tolist())
    return [" ".join(words[next(picks)] for _ in range(size)) for size in sizes.tolist()]


@lru_cache
def vocabulary() -> tuple[list[str], npt.NDArray[np.float64]]:
    """Make words of letters in uneven use, and how often each is used."""
    fixed = np.random.default_rng(0)
    letters = list("eaonirtslducmhpgbfywkvxzjq0123456789:./-")
    use = np.array([1 / (k + 3) for k in range(len(letters))])
    words = [
        "".join(fixed.choice(letters, fixed.integers(2, 9), p=use / use.sum()))
        for _ in range(WORDS)
    ]
    chance = 1 / np.arange(1, WORDS + 1)
    return words, chance / chance.sum()


def world_of(
    sort: Sort, count: int, rng: np.random.Generator, name: str = "", data: Path | None = None
) -> World:
    """Make a set of so many lines."""
    labels = labels_of(sort, count, rng, data)
    sizes = np.array([len(label) for label in labels])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    texts = np.array([ord(char) for label in labels for char in label])
    right = rng.random(count) < sort.accuracy
    lost = starts + (rng.random(count) * sizes).astype(np.int64)
    return World(sort, name or sort.name, right, texts, starts, sizes, lost)


def candidate_of(
    worlds: Sequence[World],
    changes: Sequence[float],
    flips: Sequence[float],
    rng: np.random.Generator,
) -> tuple[list[SetNumbers], list[CharacterPair]]:
    """Draw a candidate.

    Args:
        changes: true change of each set, a share of its lines.
        flips: share of its lines that flip besides, half of them either way.
    """
    sets = []
    highest = max(int(one.texts.max()) for one in worlds) + 1
    support, misread, fell, rose = (np.zeros(highest, np.int64) for _ in range(4))
    for world, change, noise in zip(worlds, changes, flips, strict=True):
        share_right = world.right.mean()
        breaking = (noise / 2 + max(-change, 0)) / share_right
        mending = (noise / 2 + max(change, 0)) / (1 - share_right)
        drawn = rng.random(len(world.right))
        broken, mended = world.right & (drawn < breaking), ~world.right & (drawn < mending)
        sets.append(
            SetNumbers(
                world.name, world.sort.is_target, world.right, (world.right & ~broken) | mended
            )
        )
        hit = np.flatnonzero(broken)
        places = world.starts[hit] + (rng.random(len(hit)) * world.sizes[hit]).astype(np.int64)
        support += np.bincount(world.texts, minlength=highest)
        misread += np.bincount(world.texts[world.lost[~world.right]], minlength=highest)
        fell += np.bincount(world.texts[places], minlength=highest)
        rose += np.bincount(world.texts[world.lost[mended]], minlength=highest)
    base = support - misread
    return sets, [
        CharacterPair(chr(k), *(int(a[k]) for a in (support, base, base - fell + rose, fell, rose)))
        for k in np.flatnonzero(support)
    ]
