"""The mix itself: which lines stand in which epoch, and what the epochs hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

import numpy as np

from balance.mixing.amounts import Amounts, find_amounts
from balance.mixing.arrays import Hashes
from balance.mixing.drift import Drift
from balance.mixing.epoch import Epoch
from balance.mixing.maker import EpochMaker
from balance.mixing.material import Material
from balance.mixing.measure import Holding, hold
from balance.mixing.memory_stock import MemoryLot
from balance.mixing.options import Options
from balance.mixing.pool import Pool
from balance.mixing.repeats import repeated
from balance.mixing.stock import Lot, Stock
from balance.mixing.target import Target, divergence, make_target


@dataclass(frozen=True)
class Mix:
    """All epochs, and the figures that stand beside them.

    Attributes:
        own: all original and distilled lines.
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
    own: Lot
    target: Target
    words: Hashes
    before: Holding
    expected: Holding
    divergences: tuple[float, float]
    drift: Mapping[str, Drift] = field(default_factory=dict)
    drift_before: Mapping[str, Drift] = field(default_factory=dict)


def make_mix(
    material: Material, options: Options, stock: Stock, previous: Sequence[Hashes] = ()
) -> Mix:
    """Mix.

    Args:
        stock: all lines of the material.
        previous: for each epoch of an earlier mix the hashes of its new lines.

    Raises:
        InputError: too few new or general lines.
    """
    own, new, general = stock.lot("original", "distil"), stock.new, stock.lot("general")
    words = stock.frequent_words() if options.even else np.zeros(0, np.uint64)
    own_all, new_all = stock.holds(words, "original", "distil"), stock.holds(words, "new")
    share = float(1 / options.ratio.value) * own.amount / max(new.amount, 1)
    natural = own_all.codes + share * new_all.codes
    target = make_target(natural, options.alpha, material.profile)
    whole: Holding | None = own_all
    if options.repeat_originals > 1 and isinstance(own, MemoryLot):
        pool = repeated(own.pool, own_all.codes, target, options.repeat_originals)
        own, whole = MemoryLot(pool), None
    amounts = _amounts(own, new, general, options)
    replay = {name: lot.all() for name, lot in stock.replay().items()}
    maker = EpochMaker(options, new, target, words, new_all, material)
    drawers = own.drawer(), general.drawer()
    everything = amounts.own == own.amount
    epochs = []
    fixed = hold(chain.from_iterable(part.label_blocks() for part in replay.values()), words)
    for number in range(options.epochs):
        mine = own.all() if everything else drawers[0].draw(amounts.own)
        beside = drawers[1].draw(amounts.general)
        held = whole if everything and whole else hold(mine.label_blocks(), words)
        rest = held.plus(fixed).plus(hold(beside.label_blocks(), words))
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
        own,
        target,
        words,
        own_all,
        expected,
        (spread[0], spread[1]),
        drift,
        drift_before,
    )


def _amounts(own: Lot, new: Pool, general: Lot, options: Options) -> Amounts:
    """Find what an epoch holds of each, with a note if it is not what was asked for."""
    wanted, amount, notes = options.epoch_lines, own.amount, []
    if wanted is not None and wanted > len(own):
        notes.append(f"{len(own):,} original lines, not {wanted:,}: all in each list")
    if wanted is not None and wanted < len(own):
        amount = wanted
        if options.by == "characters":
            amount = int(own.amount * wanted / len(own))
    there = general.amount if len(general) else None
    amounts = find_amounts(amount, new.amount, there, options)
    return replace(amounts, notes=(*notes, *amounts.notes))
