"""What a mix is moved toward: characters, floors of frequent ones, their worth.

The objective of the evened choice is concave in what the mix holds, so that greedy is near best:

F(S) = sum over features f of
         q(f) log(n(f) + 1)                 characters toward their target, lengths toward theirs
       + price(f) min(n(f), floor(f))       frequent words and characters up to their floor
       - rate x characters in S             what a character more costs all others
where n(f) counts f in the originals and in S. Up to terms that do not depend on S, the first
term less the last is -KL(q || mix), with the logarithm of the mix's size taken linear at its
expected size. F is submodular: a concave function of a count whose parts are never negative.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from balance.mixing.label_blocks import CODE_POINTS, Holding, decode, word_slices
from balance.mixing.slices import Bytes, Floats, Hashes, Ints, hash_slices, spread
from textlines.formats.profile import ErrorProfile
from textlines.profile.parts import unseen_syllables

MOST_RAISE = 4.0
"""Times its tempered share that the hardest character gets; others by their gain beside it."""

UNPROVEN_SHARE = 0.2
"""Of all that is raised, at most, for characters that may be well read, for all that is known."""

PSEUDO_COUNT = 1.0
"""Added to every count, so that a character that is missing has a finite divergence."""


@dataclass(frozen=True, slots=True)
class CharacterTarget:
    """What the mix is to hold.

    Attributes:
        codes: code points, rising; line feed and space are not among them.
        shares: q(c) for each of them; together 1.
        hard: positions in `codes` of the profile's hard characters, hardest first.
    """

    codes: Ints
    shares: Floats
    hard: Ints


def make_target(expected: Floats, alpha: float, profile: ErrorProfile | None) -> CharacterTarget:
    """Temper the natural distribution, q(c) ~ p(c)^alpha, and raise the hard characters.

    Tempering is how multilingual models sample their languages (Devlin 2019, XLM 2019):
    1 leaves the distribution as it is, 0 makes all characters equal.

    Args:
        expected: by code point, how often it stands in the mix if new lines are drawn at random.
        alpha: 0..1.
        profile: its characters are raised by their expected gain, those of no proof within
            `UNPROVEN_SHARE`; syllables that it never saw by what their weak parts promise.
    """
    counted = expected.copy()
    counted[[10, 32]] = 0
    codes = np.flatnonzero(counted)
    natural = counted[codes] / counted.sum() if len(codes) else np.zeros(0)
    tempered = natural**alpha
    tempered /= tempered.sum() or 1
    raises, hard = _raises(codes, tempered, profile)
    shares = tempered * raises
    return CharacterTarget(codes, shares / (shares.sum() or 1), hard)


def _raises(codes: Ints, shares: Floats, profile: ErrorProfile | None) -> tuple[Floats, Ints]:
    raises = np.ones(len(codes))
    if profile is None:
        return raises, np.zeros(0, np.int64)
    place = {int(code): at for at, code in enumerate(codes)}
    proven = {row.char: row.gain for row in profile.ranked if row.proof and row.gain > 0}
    for group in unseen_syllables(profile.ranked, profile.parts, map(chr, place)):
        proven |= dict.fromkeys(group.syllables, group.gain / len(group.syllables))
    unproven = {row.char: row.gain for row in profile.unproven if row.gain > 0}
    top = max((*proven.values(), *unproven.values()), default=1.0)
    hard: dict[int, None] = {}
    for gains in (proven, unproven):
        grown = np.ones(len(codes))
        for char, gain in sorted(gains.items(), key=lambda item: -item[1]):
            # An entry of several code points (a cluster, a unit) raises each of them.
            for at in [place[ord(part)] for part in char if ord(part) in place]:
                grown[at] = max(grown[at], 1 + (MOST_RAISE - 1) * gain / top)
                hard.setdefault(at)
        if gains is unproven:
            added = float((shares * (grown - 1)).sum())
            allowed = UNPROVEN_SHARE / (1 - UNPROVEN_SHARE) * float((shares * (raises - 1)).sum())
            if proven and added > allowed:
                grown = 1 + (grown - 1) * (allowed / added)
        raises = np.maximum(raises, grown)
    return raises, np.fromiter(hard, np.int64, len(hard))


def divergence(counts: Floats, target: CharacterTarget) -> float:
    """Return the Kullback-Leibler divergence of a mix from its target, in nats: KL(q || mix).

    Args:
        counts: for each of the target's characters, how often it stands in the mix.
    """
    mix = counts + PSEUDO_COUNT
    wanted = target.shares > 0
    q = target.shares[wanted]
    return float((q * np.log(q / (mix[wanted] / mix.sum()))).sum())


SCALE = float(1 << 52)
"""Worths are integers in units of 2^-52, so that sums do not depend on their order."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The objective, as a value.

    Attributes:
        shares: q(f) of each feature; 0 for one that only has a floor.
        floors: how often each is to stand in the mix at least; 0 for none.
        costs: by feature, what an occurrence costs.
        prices: by feature, what an occurrence below its floor is worth.
    """

    shares: Floats
    floors: Floats
    costs: Floats
    prices: Floats

    def worth(self, counts: Floats) -> float:
        """Return F for the counts of a mix."""
        grown = (self.shares * np.log(counts + PSEUDO_COUNT)).sum()
        held = (self.prices * np.minimum(counts, self.floors)).sum()
        return float(grown + held - (self.costs * counts).sum())

    def gains(self, counts: Floats) -> Ints:
        """Return what one more of each feature adds, in units of 2^-52.

        The sum over a line's features bounds what the line adds from above.
        """
        more = self.shares * np.log1p(1 / (counts + PSEUDO_COUNT))
        more += self.prices * np.clip(self.floors - counts, 0, 1)
        return np.rint((more - self.costs) * SCALE).astype(np.int64)

    def gain_of(self, counts: Floats, added: Floats) -> float:
        """Return what adding these counts adds to F, without the loss of digits of a difference."""
        some = np.flatnonzero(added)
        before, more = counts[some], added[some]
        grown = self.shares[some] * np.log1p(more / (before + PSEUDO_COUNT))
        held = np.minimum(before + more, self.floors[some]) - np.minimum(before, self.floors[some])
        return float((grown + self.prices[some] * held - self.costs[some] * more).sum())


_LIKE_WEIGHT = 0.5
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

    def missed(self, mix: Holding, target: CharacterTarget) -> tuple[Ints, Ints]:
        """Return the known words, and the characters, that stand below their floor in a mix."""
        return (
            np.flatnonzero(mix.words < self.words),
            np.flatnonzero(mix.codes[target.codes] < self.characters),
        )


def make_floors(
    rest: Holding, pool: Holding, share: float, target: CharacterTarget, floor: float, most: int
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
    """Return the least whole counts that are not below these, but for what rounding adds."""
    return np.ceil(counts - 1e-6).astype(np.int64)


def make_coverage(
    target: CharacterTarget, floors: Floors, characters: float, like: Floats | None, lines: int
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
        shares.append(_LIKE_WEIGHT * like)
        costs.append(np.full(BINS, _LIKE_WEIGHT / max(lines, 1)))
        held.append(np.zeros(BINS))
    floors_of_all = np.concatenate(held)
    return Coverage(
        np.concatenate(shares), floors_of_all, np.concatenate(costs), np.zeros(len(floors_of_all))
    )


def bins_of(characters: Ints, spaces: Ints) -> Ints:
    """Return the bin of each line: its length, and whether it holds a space."""
    bins: Ints = 2 * np.minimum(characters, BINS // 2 - 1) + (spaces > 0)
    return bins


_Ids = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Features:
    """Features of lines in rows that stand one after another.

    Attributes:
        ids: the feature of each occurrence; a character that stands twice is there twice.
        starts: of each line in `ids`, and its length at the end.
        count: how many features there are.
    """

    ids: _Ids
    starts: Ints
    count: int

    def __len__(self) -> int:
        return len(self.starts) - 1

    def totals(self, rows: Ints | None = None) -> Ints:
        """Count each feature in some lines, or in all of them."""
        if rows is None:
            return np.bincount(self.ids, minlength=self.count)
        lengths = self.starts[rows + 1] - self.starts[rows]
        return np.bincount(self.ids[spread(self.starts[rows], lengths)], minlength=self.count)

    def take(self, rows: Ints) -> "Features":
        """Return some lines, in the order given, as features of their own."""
        lengths = self.starts[rows + 1] - self.starts[rows]
        ids = self.ids[spread(self.starts[rows], lengths)]
        return Features(ids, np.concatenate(([0], np.cumsum(lengths))), self.count)

    def sums(self, weights: npt.NDArray[np.int64], rows: int) -> Ints:
        """Sum the weights of the features of each of the first lines.

        In integers, so that a sum is the same in whatever order and on whatever machine.
        """
        totals = np.zeros(rows, np.int64)
        step = 1 << 17
        for low in range(0, rows, step):
            high = min(low + step, rows)
            start, end = int(self.starts[low]), int(self.starts[high])
            if end > start:
                # With a 0 at the end, so that empty lines there have a place to start at.
                values = np.append(weights[self.ids[start:end]], 0)
                sums = np.add.reduceat(values, self.starts[low:high] - start)
                # An empty line gets its neighbour's first value instead of nothing.
                empty = self.starts[low + 1 : high + 1] == self.starts[low:high]
                sums[empty] = 0
                totals[low:high] = sums
        return totals


def make_features(
    labels: Bytes, size: int, codes: Ints, words: Hashes, bins: Ints | None, bin_count: int
) -> Features:
    """Find the features of labels that stand one a line.

    Args:
        labels: with slack behind them. size: without it.
        codes: code points that are features, rising: the first ones.
        words: hashes of the words that are features, rising: behind the characters.
        bins: for each line its one bin (its length, say), 0..bin_count - 1; behind the words.
    """
    points = decode(labels[:size])
    table = np.full(CODE_POINTS, -1, np.int32)
    table[codes] = np.arange(len(codes), dtype=np.int32)
    table[10] = -2
    ids = table[points]
    ids = ids[ids != -1]
    ends = np.flatnonzero(ids == -2)
    chars_per_line = np.diff(ends, prepend=-1) - 1
    ids = ids[ids != -2]
    parts = [(ids, np.repeat(np.arange(len(ends)), chars_per_line))]
    if len(words):
        starts, lengths = word_slices(labels, size)
        hashes = hash_slices(labels, starts, lengths)
        at = np.minimum(np.searchsorted(words, hashes), len(words) - 1)
        known = words[at] == hashes
        line_ends = np.flatnonzero(labels[:size] == 10)
        lines = np.searchsorted(line_ends, starts[known])
        parts.append(((at[known] + len(codes)).astype(np.int32), lines))
    if bins is not None:
        shifted = (bins + len(codes) + len(words)).astype(np.int32)
        parts.append((shifted, np.arange(len(ends))))
    total = len(codes) + len(words) + (bin_count if bins is not None else 0)
    return _joined(parts, len(ends), total)


def _joined(parts: list[tuple[_Ids, Ints]], lines: int, count: int) -> Features:
    """Put the features of several kinds line by line, each kind in its order."""
    sizes = [np.bincount(rows, minlength=lines) for _, rows in parts]
    starts = np.concatenate(([0], np.cumsum(np.sum(sizes, axis=0))))
    ids = np.empty(int(starts[-1]), np.int32)
    place = starts[:-1].copy()
    for (values, _), size in zip(parts, sizes, strict=True):
        ids[spread(place, size)] = values
        place += size
    return Features(ids, starts, count)
