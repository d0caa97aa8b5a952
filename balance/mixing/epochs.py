"""Epochs made one after another out of the same lots, new lines chosen beside all others."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from balance.mixing.epoch_amounts import EpochAmounts
from balance.mixing.evening import EvenedChoice, Groups
from balance.mixing.floors import choose_with_floors
from balance.mixing.label_blocks import Holding, hold, lengths_of
from balance.mixing.likeness import FactTable, LineShape, MixDrift, Reference, drifts
from balance.mixing.lots import Lot, Selection
from balance.mixing.material import Material
from balance.mixing.mix_request import MixOptions
from balance.mixing.objective import (
    BINS,
    CharacterTarget,
    Coverage,
    Features,
    Floors,
    bins_of,
    divergence,
    make_coverage,
    make_features,
    make_floors,
)
from balance.mixing.slices import Flags, Floats, Hashes, Ints, finish, hash_slices
from textlines.rules.proportions import LOWEST


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


def shares_of(lot: Lot, amount: int, epochs: int) -> Ints:
    """Deal the lines of a lot out to the epochs that can have lines of their own.

    If each epoch chose from all that is left, the first would take what is rare and the last find
    none of it. By a hash of the line, so that other lines change nothing.

    Returns:
        The number of the epoch that each line is kept for.
    """
    shares = np.uint64(max(1, min(epochs, lot.amount // max(amount, 1))))
    # Not the key itself: its order is that of drawing.
    return (finish(lot.keys) % shares).astype(np.int64)


def share_with_floors(
    features: Features, share: Ints, rows: Ints, base: Floats, coverage: Coverage
) -> Ints:
    """Add to an epoch's share those lines that hold what the share has too little of.

    Args:
        share: of `rows`, the lines that no epoch used yet.
    """
    short = np.flatnonzero(base + features.totals(share) < coverage.floors)
    if not len(short):
        return share
    weights = np.zeros(features.count, np.int64)
    weights[short] = 1
    holding = np.flatnonzero(features.sums(weights, len(features)))
    return np.union1d(share, np.intersect1d(rows, holding))


class Chooser:
    """Chooses the new lines of each epoch beside all its other lines.

    Grows by the lines that were used.

    Args:
        held: what all new lines hold.
        like: the lines that the mix should look like; None asks for no lengths.
    """

    def __init__(
        self,
        options: MixOptions,
        new: Lot,
        target: CharacterTarget,
        words: Hashes,
        held: Holding,
        facts: FactTable,
        like: Reference | None,
    ) -> None:
        self._options, self._new, self._target, self._words = options, new, target, words
        self._held, self._facts, self._like = held, facts, like
        self._uses = np.zeros(len(new), np.int64)
        self._features = self._find_features()
        self._shares = np.zeros(0, np.int64)

    def _find_features(self) -> Features:
        labels, size = self._new.labels(slice(None))
        bins = None
        if self._like:
            bins = bins_of(*lengths_of(labels, size))
        return make_features(labels, size, self._target.codes, self._words, bins, BINS)

    def choose(
        self,
        number: int,
        rest: Holding,
        floors: Floors,
        amount: int,
        others: Sequence[Selection],
        preferred: Flags | None,
    ) -> EvenedChoice:
        """Choose among the epoch's share of the lines used least; if too few, go on to others.

        Args:
            rest: what the other lines of the epoch hold. others: these lines.
            preferred: lines to take before equally good ones.
        """
        if not len(self._shares):
            self._shares = shares_of(self._new, amount, self._options.epochs)
        target, sizes = self._target, self._new.sizes.astype(np.int64)
        parts = [rest.codes[target.codes], rest.words]
        if self._like:
            parts.append(sum((self._like.bins(p) for p in others), np.zeros(BINS, np.int64)))
        base = np.concatenate(parts).astype(np.float64)
        share = amount / max(self._new.amount, 1)
        characters = float((rest.codes + share * self._held.codes)[target.codes].sum())
        new_lines = int(share * len(self._new))
        shares = self._like.shares if self._like else None
        coverage = make_coverage(
            target, floors, characters, shares, sum(map(len, others)) + new_lines
        )
        groups = self._groups(new_lines)
        taken, free = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        choices: list[EvenedChoice] = []
        here = np.zeros(len(self._new), np.bool_)
        left = amount
        while left > 0:
            if here.all():
                here[:] = False
            turn = self._uses[~here].min()
            rows = np.flatnonzero(~here & (self._uses == turn))
            own_share = rows[self._shares[rows] == number]
            if turn == 0 and len(own_share):
                rows = share_with_floors(self._features, own_share, rows, base, coverage)
            chosen = unbound = rows
            if int(sizes[rows].sum()) > left:
                features = self._features if len(rows) == len(here) else self._features.take(rows)
                choice = choose_with_floors(
                    features,
                    coverage,
                    base,
                    left,
                    sizes=sizes[rows],
                    groups=[Groups(g.of_line[rows], g.limit) for g in groups],
                    preferred=None if preferred is None else preferred[rows],
                )
                choices.append(choice)
                chosen = unbound = rows[choice.rows]
                if choice.free is not None:
                    unbound = rows[choice.free]
            if not len(chosen):
                break
            self._uses[chosen] += 1
            here[chosen] = True
            base = base + self._features.totals(chosen)
            left -= int(sizes[chosen].sum())
            taken.append(chosen)
            free.append(unbound)
        return _together(np.concatenate(taken), np.concatenate(free), choices)

    def _groups(self, lines: int) -> list[Groups]:
        """Find the groups that are capped; a line is in one group of each kind at most."""
        groups = []
        for cap in self._options.caps:
            if cap.kind == "text":
                labels, size = self._new.labels(slice(None))
                ends = np.flatnonzero(labels[:size] == 10)
                starts = np.concatenate(([0], ends[:-1] + 1))
                texts = hash_slices(labels, starts, ends - starts)
                of_line = np.unique(texts, return_inverse=True)[1].astype(np.int64)
            else:
                of_line = self._facts.of_kind(self._new, cap.kind)
            groups.append(Groups(of_line, cap.limit(lines)))
        return groups


def _together(rows: Ints, free: Ints, choices: list[EvenedChoice]) -> EvenedChoice:
    return EvenedChoice(
        rows,
        sum(choice.rounds for choice in choices),
        max((choice.loss for choice in choices), default=0.0),
        min((choice.certain for choice in choices), default=1.0),
        sum(choice.over_caps for choice in choices),
        free=free if any(choice.free is not None for choice in choices) else None,
    )


class EpochMaker:
    """Draws the new lines of each epoch; no line comes again before all were used.

    Grows by the lines that were used.
    """

    def __init__(
        self,
        options: MixOptions,
        new: Lot,
        target: CharacterTarget,
        words: Hashes,
        pool_holding: Holding,
        material: Material,
    ) -> None:
        self._options, self._new = options, new
        self._target, self._words, self._held = target, words, pool_holding
        self._hashes = new.hashes()
        self._drawer = new.drawer()
        facts = FactTable(material.paths())
        self._like = Reference(material.like[1], facts) if material.like else None
        self._chooser = None
        if options.even and len(new):
            self._chooser = Chooser(options, new, target, words, pool_holding, facts, self._like)

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
        share = wanted / max(self._new.amount, 1)
        # Without the copies: what stands again is no more frequent in the scene for it.
        floors = make_floors(
            rest,
            self._held,
            share,
            self._target,
            self._options.word_floor,
            self._options.floor_characters,
        )
        rest = rest.plus(again)
        choice = None
        if self._chooser is None:
            new = self._drawer.draw(wanted)
        else:
            preferred = np.isin(self._hashes, previous) if previous is not None else None
            choice = self._chooser.choose(number, rest, floors, wanted, others.all, preferred)
            new = Selection(self._new, (choice.rows,))
        holding = rest.plus(hold(new.label_blocks(), self._words))
        below = floors.missed(holding, self._target)
        free = None
        if choice is not None and choice.free is not None:
            unbound = Selection(self._new, (choice.free,))
            free = self._divergence(rest.plus(hold(unbound.label_blocks(), self._words)))
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
        return divergence(holding.codes[self._target.codes].astype(np.float64), self._target)

    def drift(self, epoch: Epoch) -> tuple[Mapping[str, MixDrift], Mapping[str, MixDrift]]:
        """Compare an epoch, and its original lines alone, with the reference."""
        if not self._like:
            return {}, {}
        kept, whole = self._shape_of(epoch.kept), self._shape_of(epoch.parts)
        return drifts(whole, self._like.shape), drifts(kept, self._like.shape)

    def _shape_of(self, parts: Sequence[Selection]) -> LineShape:
        assert self._like
        return functools.reduce(LineShape.plus, map(self._like.shape_of, parts))
