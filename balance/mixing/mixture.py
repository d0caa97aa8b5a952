"""The mix itself: epochs made one after another out of the same lots, and its room for more.

New lines are chosen beside all others (`line_choice`); here stand which lines stand in which epoch,
and what the epochs hold.
"""

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from math import ceil

import numpy as np

from balance.mixing.epoch_amounts import EpochAmounts, There, epoch_amounts, own_times
from balance.mixing.evening import EvenedChoice, repeated
from balance.mixing.label_blocks import Holding, hold
from balance.mixing.likeness import FactTable, LineShape, MixDrift, Reference, drifts
from balance.mixing.line_choice import Chooser, NewLines, cost_of_floors
from balance.mixing.lots import Lot, Selection
from balance.mixing.material import Material
from balance.mixing.mix_request import MixOptions
from balance.mixing.objective import (
    CharacterTarget,
    Floors,
    divergence,
    make_floors,
    make_target,
)
from balance.mixing.slices import Hashes, Ints
from textlines.rules.proportions import LOWEST
from textlines.wording import Sentence, arranged, say, say_n


@dataclass(frozen=True, slots=True)
class Others:
    """All lines of an epoch but the new ones.

    Attributes:
        own: own lines, as often as they stand. originals: original and distilled lines.
        replay: by the name of the set.
    """

    own: Selection
    originals: Selection
    general: Selection
    replay: Mapping[str, Selection]

    @property
    def all(self) -> tuple[Selection, ...]:
        """All of them."""
        return (self.own, self.originals, self.general, *self.replay.values())

    @property
    def kept(self) -> int:
        """Return what counts as original in original : new, in lines or characters."""
        return self.own.amount + self.originals.amount


@dataclass(frozen=True, slots=True)
class Epoch:
    """One list.

    Attributes:
        others: all its lines but the new ones.
        holding: what all its labels hold. given: code points of all but the new lines.
        floors: of this epoch.
        below: how many frequent words, and characters, stand below their floor.
        divergence: of its characters from the target, in nats.
        choice: how good the evened choice is; None for one by hash.
        churn: share of an earlier mix's choice that is not in this one; None without one.
        free_divergence: what `divergence` would be if no floor were to hold; None where the floors
            changed nothing.
    """

    number: int
    others: Others
    new: Selection
    holding: Holding
    given: Ints
    floors: Floors
    below: tuple[int, int]
    divergence: float
    choice: EvenedChoice | None = None
    churn: float | None = None
    free_divergence: float | None = None

    @property
    def parts(self) -> tuple[Selection, ...]:
        """All lines that carry their label as the target of training."""
        others = self.others
        return (*self.kept, self.new, others.general, *others.replay.values())

    @property
    def kept(self) -> tuple[Selection, ...]:
        """The lines among them that count as original."""
        return (self.others.own, self.others.originals.of_role("original"))

    @property
    def distil(self) -> Selection:
        """The lines whose target is the base model's reading."""
        return self.others.originals.of_role("distil")


class EpochMaker:
    """Draws the new lines of each epoch; no line comes again before all were used.

    Grows by the lines that were used.
    """

    def __init__(self, new: NewLines, material: Material) -> None:
        self._new = new
        self._hashes = new.lot.hashes()
        self._drawer = new.lot.drawer()
        facts = FactTable(material.paths())
        self._like = Reference(material.like[1], facts) if material.like else None
        self._chooser = None
        if new.options.even and len(new.lot):
            self._chooser = Chooser(new, facts, self._like)

    def epoch(
        self,
        number: int,
        others: Others,
        rest: Holding,
        again: Holding,
        amounts: EpochAmounts,
        previous: Hashes | None,
    ) -> Epoch:
        """Choose the new lines of one epoch beside all its other lines, and measure it.

        Args:
            rest: what the other lines hold, each own line once. again: what its copies hold more.
            previous: hashes of the lines that an earlier mix had in this epoch.
        """
        wanted = amounts.new
        if len(others.own):
            # Drawn originals may come short of their amount where characters are counted.
            wanted = min(wanted, others.kept // LOWEST)
        share = wanted / max(self._new.lot.amount, 1)
        # Without the copies: what stands again is no more frequent in the scene for it.
        floors = make_floors(
            rest,
            self._new.holding,
            share,
            self._new.target,
            self._new.options.word_floor,
            self._new.options.floor_characters,
        )
        rest = rest.plus(again)
        choice = None
        if self._chooser is None:
            new = self._drawer.draw(wanted)
        else:
            preferred = np.isin(self._hashes, previous) if previous is not None else None
            choice = self._chooser.choose(number, rest, floors, wanted, others.all, preferred)
            new = Selection(self._new.lot, (choice.rows,))
        holding = rest.plus(hold(new.label_blocks(), self._new.words))
        below = floors.missed(holding, self._new.target)
        free = None
        if choice is not None and choice.free is not None:
            unbound = Selection(self._new.lot, (choice.free,))
            free = self._divergence(rest.plus(hold(unbound.label_blocks(), self._new.words)))
        churn = None
        if previous is not None and len(previous):
            kept = np.isin(previous, self._hashes[new.positions])
            churn = 1 - float(kept.mean())
        return Epoch(
            number,
            others,
            new,
            holding,
            rest.codes,
            floors,
            (len(below[0]), len(below[1])),
            self._divergence(holding),
            choice,
            churn,
            free,
        )

    def _divergence(self, holding: Holding) -> float:
        target = self._new.target
        return divergence(holding.codes[target.codes].astype(np.float64), target)

    def drift(self, epoch: Epoch) -> tuple[Mapping[str, MixDrift], Mapping[str, MixDrift]]:
        """Compare an epoch, and its original lines alone, with the reference."""
        if not self._like:
            return {}, {}
        kept, whole = self._shape_of(epoch.kept), self._shape_of(epoch.parts)
        return drifts(whole, self._like.shape), drifts(kept, self._like.shape)

    def _shape_of(self, parts: Sequence[Selection]) -> LineShape:
        assert self._like
        return functools.reduce(LineShape.plus, map(self._like.shape_of, parts))


DEAR = 0.1
"""From this share of the evening on, what the floors cost is told."""


@dataclass(frozen=True)
class Mixture:
    """All epochs, and the figures that stand beside them.

    Attributes:
        own: own lines, as often as they stand in every epoch; own_times: of each.
        originals: all original and distilled lines.
        words: hashes of the frequent words, rising.
        before: what own and original lines hold, each once; expected: an epoch with new lines drawn
            at random.
        divergences: of before and expected from the target.
        drift: of the first epoch from the reference.
    """

    material: Material
    options: MixOptions
    amounts: EpochAmounts
    epochs: tuple[Epoch, ...]
    new_pool: Lot
    own: Selection
    own_times: int
    originals: Lot
    target: CharacterTarget
    words: Hashes
    before: Holding
    expected: Holding
    divergences: tuple[float, float]
    drift: Mapping[str, MixDrift] = field(default_factory=dict)
    drift_before: Mapping[str, MixDrift] = field(default_factory=dict)

    def floor_cost(self, epoch: Epoch) -> float:
        """Return the share of an epoch's evening that the floors cost, as `cost_of_floors`."""
        if epoch.free_divergence is None:
            return 0.0
        return cost_of_floors(epoch.divergence, epoch.free_divergence, self.divergences[1])

    @property
    def notes(self) -> tuple[Sentence, ...]:
        """What was accepted although it was asked otherwise, and what floors cost, in words."""
        costs = [self.floor_cost(epoch) for epoch in self.epochs]
        dear = sum(cost > DEAR for cost in costs)
        if not dear:
            return self.amounts.notes
        cost = max(costs)
        epoch = self.epochs[costs.index(cost)]
        where = say("in epoch {number}", number=epoch.number)
        if len(costs) > 1:
            where = say(
                "in {dear} of {count} lists, most in epoch {number}",
                dear=dear,
                count=len(costs),
                number=epoch.number,
            )
        note = say(
            "the floors of frequent words and characters (--word-floor {floor:g}) cost {cost:.0%} "
            "of the evening {where}: divergence {divergence:.4f}, without them {free:.4f}, at "
            "random {random:.4f}; a lower --word-floor evens more",
            floor=self.options.word_floor,
            cost=cost,
            where=where,
            divergence=epoch.divergence,
            free=epoch.free_divergence,
            random=self.divergences[1],
        )
        return (*self.amounts.notes, note)


def make_mix(material: Material, options: MixOptions, previous: Sequence[Hashes] = ()) -> Mixture:
    """Mix.

    Args:
        previous: for each epoch of an earlier mix the hashes of its new lines.

    Raises:
        InputError: too few new or general lines.
    """
    originals, new, general = material.kept, material.new, material.general
    owned = material.of("own")
    times, own_notes = own_times(
        sum(source.usable for source in owned), sum(source.rendered for source in owned), options
    )
    own = material.own.copied(np.full(len(material.own), times)).all()
    words = np.zeros(0, np.uint64)
    if options.even:
        words = material.frequent_words(options.floor_words)
    # Each own line once: that it stands again says nothing of what a scene holds.
    kept_all = material.holds(words, "own", "original", "distil")
    new_all = material.holds(words, "new")
    kept_amount = material.own.amount + originals.amount
    share = float(1 / options.ratio.value) * kept_amount / max(new.amount, 1)
    natural = kept_all.codes + share * new_all.codes
    target = make_target(natural, options.alpha, material.profile)
    once = material.holds(words, "own")
    again = once.times(times - 1)
    whole: Holding | None = material.holds(words, "original", "distil")
    if options.repeat_originals > 1:
        counts = kept_all.plus(again).codes
        originals, whole = repeated(originals, counts, target, options.repeat_originals), None
    there = There(
        *(own.amount, originals.amount, new.amount),
        general.amount if len(general) else None,
        options.by,
    )
    amounts = epoch_amounts(there, len(own), len(originals), options)
    amounts = replace(amounts, notes=(*own_notes, *amounts.notes, *_edges(material)))
    replay = {name: lot.all() for name, lot in material.replay.items()}
    maker = EpochMaker(NewLines(new, options, target, words, new_all), material)
    drawers = originals.drawer(), general.drawer()
    everything = amounts.originals == originals.amount
    epochs = []
    fixed = hold(chain.from_iterable(part.label_blocks() for part in replay.values()), words)
    for number in range(options.epochs):
        mine = originals.all() if everything else drawers[0].draw(amounts.originals)
        beside = drawers[1].draw(amounts.general)
        held = whole if everything and whole else hold(mine.label_blocks(), words)
        rest = held.plus(once).plus(fixed).plus(hold(beside.label_blocks(), words))
        before = previous[number % len(previous)] if previous else None
        others = Others(own, mine, beside, replay)
        epochs.append(maker.epoch(number, others, rest, again, amounts, before))
    share = amounts.new / max(new.amount, 1)
    expected = Holding(
        kept_all.codes + np.rint(share * new_all.codes).astype(np.int64),
        kept_all.words + np.rint(share * new_all.words).astype(np.int64),
    )
    spread = tuple(
        divergence(part.codes[target.codes].astype(np.float64), target)
        for part in (kept_all, expected)
    )
    drift, drift_before = maker.drift(epochs[0])
    return Mixture(
        material,
        options,
        amounts,
        tuple(epochs),
        new,
        own,
        times if len(own) else 0,
        originals,
        target,
        words,
        kept_all,
        expected,
        (spread[0], spread[1]),
        drift,
        drift_before,
    )


def _edges(material: Material) -> Iterator[Sentence]:
    """Yield which files' labels begin or end alike: what crops do not show would be taught."""
    for source in material.sources:
        yield from (
            arranged("{name} ({file}): {told}", name=source.name, file=source.path.name, told=edge)
            for edge in source.edges
        )


SAMPLES = 200
"""Of each hard character that users found to be enough (PaddleOCR issue 4909)."""


@dataclass(frozen=True, slots=True)
class Budget:
    """New lines of one epoch, and how many hard characters they can serve.

    Attributes:
        kept: own, original and distilled lines (or characters) of an epoch.
        least, most: new amounts that 10:1 and 5:1 allow. wanted: hard characters of the profile.
        met: of these, how many the new lines hold at all.
        hits: hard characters in a new line of the choice, on average.
        samples: of all hard characters together in one epoch.
        rounds: epochs with other lines until each has `SAMPLES`; None if no line holds one.
        lists_before_repeat: epochs until the first new line comes again.
    """

    kept: int
    new: int
    least: int
    most: int
    wanted: int
    met: int
    hits: float
    samples: int
    rounds: int | None
    lists_before_repeat: int

    def told_repeat(self) -> Sentence:
        """Return in words when new lines come again."""
        lists = self.lists_before_repeat
        return say_n("{n:,} epoch passes", "{n:,} epochs pass", lists)


def make_budget(mix: Mixture) -> Budget:
    """Count what the first epoch gives the hard characters of the profile."""
    target, first = mix.target, mix.epochs[0]
    rest = first.holding.codes[target.codes[target.hard]]
    others = first.given[target.codes[target.hard]]
    new = rest - others
    lines = max(1, len(first.new))
    hits = float(new.sum()) / lines
    wanted = len(target.hard)
    rounds = ceil(wanted * SAMPLES / (hits * lines)) if hits and wanted else None
    least, most = mix.options.ratio.bounds(mix.amounts.kept)
    return Budget(
        mix.amounts.kept,
        mix.amounts.new,
        least,
        most,
        wanted,
        int(np.count_nonzero(new)),
        hits,
        int(new.sum()),
        rounds,
        max(1, mix.new_pool.amount // max(mix.amounts.new, 1)),
    )
