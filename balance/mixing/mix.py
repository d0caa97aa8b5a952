"""The mix itself: which lines stand in which epoch, and what the epochs hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from balance.mixing.amounts import Amounts, find_amounts
from balance.mixing.arrays import Hashes
from balance.mixing.drift import Drift
from balance.mixing.epoch import Epoch
from balance.mixing.gather_sources import Material
from balance.mixing.lines import Source
from balance.mixing.lists import Part
from balance.mixing.maker import EpochMaker
from balance.mixing.measure import Holding, hold, known_words
from balance.mixing.options import Options
from balance.mixing.pool import Drawer, Pool, make_pool
from balance.mixing.repeats import repeated
from balance.mixing.screen import CODE_POINTS
from balance.mixing.target import Target, divergence, make_target
from balance.mixing.words import count_words, most_frequent

LEAST_WORD_COUNT = 5
"""A word that is rarer among the originals is not frequent, whatever its rank."""


@dataclass(frozen=True)
class Mix:
    """All epochs, and the figures that stand beside them.

    Attributes:
        words: hashes of the frequent words, rising.
        before: what the originals hold; expected: an epoch with new lines drawn at random.
        divergences: of before and expected from the target.
        drift: of the first epoch from the reference.
    """

    material: Material
    options: Options
    amounts: Amounts
    epochs: tuple[Epoch, ...]
    new_pool: Pool
    target: Target
    words: Hashes
    before: Holding
    expected: Holding
    divergences: tuple[float, float]
    drift: Mapping[str, Drift] = field(default_factory=dict)
    drift_before: Mapping[str, Drift] = field(default_factory=dict)


def make_mix(material: Material, options: Options, previous: Sequence[Hashes] = ()) -> Mix:
    """Mix.

    Args:
        previous: for each epoch of an earlier mix the hashes of its new lines.

    Raises:
        InputError: too few new or general lines.
    """
    own = make_pool(material.of("original", "distil"), options.seed, options.by)
    new = make_pool(material.of("new"), options.seed, options.by)
    general = make_pool(material.of("general"), options.seed, options.by)
    words = _frequent_words(material, options)
    own_all = _hold_all(material.of("original", "distil"), words)
    new_all = _hold_all(material.of("new"), words)
    share = float(1 / options.ratio.value) * own.amount / max(new.amount, 1)
    natural = own_all.codes + share * new_all.codes
    target = make_target(natural, options.alpha, material.profile)
    own = repeated(own, own_all.codes, target, options.repeat_originals)
    own_amount = own.amount
    notes = []
    if options.epoch_lines is not None and options.epoch_lines > len(own):
        notes.append(f"{len(own):,} original lines, not {options.epoch_lines:,}: all in each list")
    if options.epoch_lines is not None and options.epoch_lines < len(own):
        own_amount = options.epoch_lines
        if options.by == "characters":
            own_amount = int(own.amount * options.epoch_lines / len(own))
    there = general.amount if len(general) else None
    amounts = find_amounts(own_amount, new.amount, there, options)
    amounts = replace(amounts, notes=(*notes, *amounts.notes))
    replay = {
        name: Part(pool, np.arange(len(pool)))
        for name, pool in _replay_pools(material, options).items()
    }
    maker = EpochMaker(options, new, target, words, new_all, material)
    drawers = Drawer(own.sizes), Drawer(general.sizes)
    everything = amounts.own == own.amount
    epochs = []
    fixed = _sum([hold(p.pool, p.positions, words) for p in replay.values()], words)
    whole = own_all if options.repeat_originals <= 1 else None
    for number in range(options.epochs):
        mine = Part(own, np.arange(len(own)) if everything else drawers[0].draw(amounts.own))
        beside = Part(general, drawers[1].draw(amounts.general))
        held = whole if everything and whole else hold(own, mine.positions, words)
        rest = held.plus(fixed).plus(hold(general, beside.positions, words))
        before = previous[number % len(previous)] if previous else None
        epochs.append(maker.epoch(number, mine, beside, replay, rest, amounts, before))
    share = amounts.new / max(new.amount, 1)
    expected = Holding(
        own_all.codes + np.rint(share * new_all.codes).astype(np.int64),
        own_all.words + np.rint(share * new_all.words).astype(np.int64),
    )
    spread = tuple(
        divergence(part.codes[target.codes].astype(np.float64), target)
        for part in (own_all, expected)
    )
    drift, drift_before = maker.drift(epochs[0])
    return Mix(
        material,
        options,
        amounts,
        tuple(epochs),
        new,
        target,
        words,
        own_all,
        expected,
        (spread[0], spread[1]),
        drift,
        drift_before,
    )


def _frequent_words(material: Material, options: Options) -> Hashes:
    """Find the words with a floor: the most frequent ones of the originals."""
    if not options.even:
        return np.zeros(0, np.uint64)
    words, counts = count_words(source.words for source in material.of("original"))
    return most_frequent(words, counts, options.floor_words, LEAST_WORD_COUNT)


def _hold_all(sources: Sequence[Source], words: Hashes) -> Holding:
    """Say what all lines of some sources hold, from what was counted on reading."""
    codes = np.zeros(CODE_POINTS, np.int64)
    counts = np.zeros(len(words), np.int64)
    for source in sources:
        codes += source.code_counts
        counts += known_words(source.words, words)
    return Holding(codes, counts)


def _replay_pools(material: Material, options: Options) -> dict[str, Pool]:
    names = dict.fromkeys(source.name for source in material.of("replay"))
    return {
        name.partition(":")[2]: make_pool(
            [s for s in material.of("replay") if s.name == name], options.seed, options.by
        )
        for name in names
    }


def _sum(holdings: Sequence[Holding], words: Hashes) -> Holding:
    total = Holding(np.zeros(CODE_POINTS, np.int64), np.zeros(len(words), np.int64))
    for one in holdings:
        total = total.plus(one)
    return total
