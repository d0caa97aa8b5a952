"""The mix itself: which lines stand in which epoch, and what the epochs hold."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

import numpy as np

from balance.mixing.amounts import Amounts, There, find_amounts
from balance.mixing.arrays import Hashes
from balance.mixing.drift import Drift
from balance.mixing.epoch import Epoch, Others
from balance.mixing.floors import cost_of_floors
from balance.mixing.lots import Lot, Selection
from balance.mixing.maker import EpochMaker
from balance.mixing.material import Material
from balance.mixing.measure import Holding, hold
from balance.mixing.options import Options
from balance.mixing.repeats import repeated
from balance.mixing.target import Target, divergence, make_target
from textlines.errors import UsageError
from textlines.rules.proportions import OWN_ROWS, times_of
from textlines.wording import Sentence, arranged, say

DEAR = 0.1
"""From this share of the evening on, what the floors cost is told."""


@dataclass(frozen=True)
class Mix:
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
    options: Options
    amounts: Amounts
    epochs: tuple[Epoch, ...]
    new_pool: Lot
    own: Selection
    own_times: int
    originals: Lot
    target: Target
    words: Hashes
    before: Holding
    expected: Holding
    divergences: tuple[float, float]
    drift: Mapping[str, Drift] = field(default_factory=dict)
    drift_before: Mapping[str, Drift] = field(default_factory=dict)

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
        told = say(
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
        return (*self.amounts.notes, told)


def make_mix(material: Material, options: Options, previous: Sequence[Hashes] = ()) -> Mix:
    """Mix.

    Args:
        previous: for each epoch of an earlier mix the hashes of its new lines.

    Raises:
        InputError: too few new or general lines.
    """
    originals, new, general = material.kept, material.new, material.general
    times, told = _times(material, options)
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
    amounts = _amounts(own, originals, new, general, options)
    amounts = replace(amounts, notes=(*told, *amounts.notes, *_edges(material)))
    replay = {name: lot.all() for name, lot in material.replay.items()}
    maker = EpochMaker(options, new, target, words, new_all, material)
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
    return Mix(
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


def _times(material: Material, options: Options) -> tuple[int, tuple[Sentence, ...]]:
    """Find how often each own line stands in an epoch, and say so."""
    lines = sum(source.usable for source in material.of("own"))
    if not lines:
        return 1, ()
    usual = times_of(lines)
    times = options.own_times or usual
    why: str = f"{OWN_ROWS} / {lines}"
    if options.own_times:
        why = say("--own-times; {usual} would be usual", usual=usual)
    told = [
        say(
            "{lines:,} own lines stand {times} times in every epoch ({why}): {rows:,} rows",
            lines=lines,
            times=times,
            why=why,
            rows=lines * times,
        )
    ]
    if rendered := sum(source.rendered for source in material.of("own")):
        # They would pass the ratio by, which is there for them.
        told.append(
            say(
                "{rendered:,} own lines were rendered, and count as original: drawn lines that "
                "teach are --new",
                rendered=rendered,
            )
        )
    return times, tuple(told)


def _edges(material: Material) -> Iterator[Sentence]:
    """Say which files' labels begin or end alike: what crops do not show would be taught."""
    for source in material.sources:
        yield from (
            arranged("{name} ({file}): {told}", name=source.name, file=source.path.name, told=told)
            for told in source.edges
        )


def _amounts(own: Selection, originals: Lot, new: Lot, general: Lot, options: Options) -> Amounts:
    """Find what an epoch holds of each, with a note if it is not what was asked for."""
    there = There(
        own.amount, originals.amount, new.amount, general.amount if len(general) else None
    )
    lines, wanted, notes = len(own) + len(originals), options.epoch_lines, []
    if wanted is not None and wanted > lines:
        notes.append(
            say(
                "{lines:,} original lines, not {wanted:,}: all in each list",
                lines=lines,
                wanted=wanted,
            )
        )
        wanted = lines
    if wanted is not None and wanted < len(own):
        raise UsageError(
            "--epoch-lines",
            f"asks for {wanted:,} originals, own lines alone fill {len(own):,} rows of every epoch",
            "Ask for more, or let own lines stand less often: --own-times.",
        )
    if wanted is not None and options.by == "characters":
        drawn = wanted - len(own)
        wanted = own.amount + int(originals.amount * drawn / max(len(originals), 1))
    amounts = find_amounts(there, wanted, options)
    return replace(amounts, notes=(*notes, *amounts.notes))
