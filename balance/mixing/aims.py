"""What the evened choice aims at: shares for characters and lengths, floors for frequent ones."""

from dataclasses import dataclass

import numpy as np

from balance.mixing.arrays import Floats, Ints
from balance.mixing.coverage import Coverage
from balance.mixing.measure import Holding
from balance.mixing.target import Target

LIKE_WEIGHT = 0.5
"""What the lengths of the reference count beside all characters together, which count 1."""

BINS = 128
"""Lengths up to 63 characters, without a space and with."""


LEAST_COUNT = 5
"""What is due more seldom in an epoch is not frequent, whatever its rank: no floor."""


@dataclass(frozen=True, slots=True)
class Floors:
    """How often the frequent words and characters stand in an epoch at least.

    Attributes:
        words: for each known word. characters: for each of the target's; 0 for the rare ones.
        due_words: how often they would stand there if new lines were drawn at random and held no
            more of them than the other lines do.
    """

    words: Ints
    characters: Ints
    due_words: Floats

    def missed(self, mix: Holding, target: Target) -> tuple[Ints, Ints]:
        """Give the known words, and the characters, that stand below their floor in a mix."""
        return (
            np.flatnonzero(mix.words < self.words),
            np.flatnonzero(mix.codes[target.codes] < self.characters),
        )


def make_floors(
    rest: Holding, pool: Holding, share: float, target: Target, floor: float, most: int
) -> Floors:
    """Set the floors of one epoch, relative to the diluted expectation.

    New lines thin out what the others hold. What would be left of a word with new lines drawn at
    random is the measure, not what the others alone hold. The pool of new lines says nothing of
    what is frequent: it may hold one word hundreds of times because it was drawn for it, and a
    floor from that would undo the evening. So no word or character is due in new lines more often
    than at the rate at which the other lines hold it.

    Args:
        rest: what the epoch holds without new lines. pool: what all new lines hold.
        share: of the pool that is drawn, 0..1 or more.
        floor: of what is due, 0..1.
        most: how many of the most frequent characters have a floor.
    """
    drawn = share * pool.codes[target.codes]
    others = rest.codes[target.codes]
    grown = float(drawn.sum()) / max(int(others.sum()), 1)
    due = rest.words + np.minimum(share * pool.words, grown * rest.words)
    characters = others + np.minimum(drawn, grown * others)
    held = np.zeros(len(characters), np.int64)
    # By count, then by code point: no two orders of the input give two answers.
    frequent = np.lexsort((target.codes, -others))[:most]
    frequent = frequent[characters[frequent] >= LEAST_COUNT]
    held[frequent] = _at_least(floor * characters[frequent])
    return Floors(_at_least(floor * due), held, due)


def _at_least(counts: Floats) -> Ints:
    """Give the least whole counts that are not below these, but for what rounding adds."""
    return np.ceil(counts - 1e-6).astype(np.int64)


def make_coverage(
    target: Target, floors: Floors, characters: float, like: Floats | None, lines: int
) -> Coverage:
    """Put the objective together, features in the order of `make_features`.

    Args:
        characters: how many the whole epoch is expected to hold.
        like: shares of the bins in the reference, or None. lines: of the whole epoch.
    """
    shares, costs = (
        [target.shares, np.zeros(len(floors.words))],
        [
            np.full(len(target.codes), 1 / max(characters, 1.0)),
            np.zeros(len(floors.words)),
        ],
    )
    held = [floors.characters.astype(np.float64), floors.words.astype(np.float64)]
    if like is not None:
        shares.append(LIKE_WEIGHT * like)
        costs.append(np.full(BINS, LIKE_WEIGHT / max(lines, 1)))
        held.append(np.zeros(BINS))
    floors_of_all = np.concatenate(held)
    return Coverage(
        np.concatenate(shares), floors_of_all, np.concatenate(costs), np.zeros(len(floors_of_all))
    )


def bins_of(characters: Ints, spaces: Ints) -> Ints:
    """Give the bin of each line: its length, and whether it holds a space."""
    found: Ints = 2 * np.minimum(characters, BINS // 2 - 1) + (spaces > 0)
    return found
