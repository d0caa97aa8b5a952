"""Epochs made one after another out of the same pools."""

from collections.abc import Mapping

import numpy as np

from balance.mixing.aims import BINS, Floors, bins_of, make_coverage, make_floors
from balance.mixing.amounts import Amounts
from balance.mixing.arrays import Flags, Hashes, Ints
from balance.mixing.caps import Groups
from balance.mixing.drift import Drift, drifts
from balance.mixing.epoch import Epoch
from balance.mixing.evening import Choice
from balance.mixing.features import Features, make_features
from balance.mixing.floors import choose_with_floors
from balance.mixing.hashing import hash_slices
from balance.mixing.lists import Part
from balance.mixing.material import Material
from balance.mixing.measure import Holding, hold, labels_of, lengths_of
from balance.mixing.options import Options
from balance.mixing.pool import Drawer, Pool
from balance.mixing.reference import FactTable, Reference
from balance.mixing.shares import share_with_floors, shares_of
from balance.mixing.stock import Some
from balance.mixing.target import Target, divergence


class EpochMaker:
    """Draws the new lines of each epoch; no line comes again before all were used.

    Grows by the lines that were used.
    """

    def __init__(
        self,
        options: Options,
        new: Pool,
        target: Target,
        words: Hashes,
        pool_holding: Holding,
        material: Material,
    ) -> None:
        self._options, self._new = options, new
        self._target, self._words, self._held = target, words, pool_holding
        self._hashes = new.hashes()
        self._drawer = Drawer(new.sizes)
        self._uses = np.zeros(len(new), np.int64)
        self._facts = FactTable()
        self._like = Reference(material.like, self._facts) if material.like else None
        self._features = self._find_features() if options.even else None
        self._shares = np.zeros(0, np.int64)

    def epoch(
        self,
        number: int,
        own: Some,
        general: Some,
        replay: Mapping[str, Some],
        rest: Holding,
        amounts: Amounts,
        previous: Hashes | None,
    ) -> Epoch:
        """Choose the new lines of one epoch beside all its other lines, and measure it.

        Args:
            rest: what the other lines hold.
            previous: hashes of the lines that an earlier mix had in this epoch.
        """
        share = amounts.new / max(self._new.amount, 1)
        floors = make_floors(
            rest,
            self._held,
            share,
            self._target,
            self._options.word_floor,
            self._options.floor_characters,
        )
        choice = None
        if self._features is None:
            positions = self._drawer.draw(amounts.new)
        else:
            lines = len(own) + len(general) + sum(map(len, replay.values()))
            others = [own, general, *replay.values()]
            preferred = np.isin(self._hashes, previous) if previous is not None else None
            if not len(self._shares):
                self._shares = shares_of(self._new, amounts.new, self._options.epochs)
            choice = self._choose(number, rest, floors, amounts.new, lines, others, preferred)
            positions = choice.rows
        new = Part(self._new, positions)
        holding = rest.plus(hold(new.label_blocks(), self._words))
        below = floors.missed(holding, self._target)
        churn = None
        if previous is not None and len(previous):
            kept = np.isin(previous, self._hashes[positions])
            churn = 1 - float(kept.mean())
        counts = holding.codes[self._target.codes].astype(np.float64)
        return Epoch(
            number,
            own,
            new,
            general,
            replay,
            holding,
            rest.codes,
            floors,
            (len(below[0]), len(below[1])),
            divergence(counts, self._target),
            choice,
            churn,
        )

    def _find_features(self) -> Features:
        everything = np.arange(len(self._new))
        labels, size = labels_of(self._new, everything)
        bins = None
        if self._like:
            bins = bins_of(*lengths_of(labels, size))
        return make_features(labels, size, self._target.codes, self._words, bins, BINS)

    def _choose(
        self,
        number: int,
        rest: Holding,
        floors: Floors,
        amount: int,
        lines: int,
        others: list[Some],
        preferred: Flags | None,
    ) -> Choice:
        """Choose among the epoch's share of the lines used least; if too few, go on to others."""
        target, sizes = self._target, self._new.sizes
        parts = [rest.codes[target.codes], rest.words]
        if self._like:
            parts.append(sum((self._like.bins(p) for p in others), np.zeros(BINS, np.int64)))
        base = np.concatenate(parts).astype(np.float64)
        share = amount / max(self._new.amount, 1)
        characters = float((rest.codes + share * self._held.codes)[target.codes].sum())
        new_lines = int(share * len(self._new))
        shares = self._like.shares if self._like else None
        coverage = make_coverage(target, floors, characters, shares, lines + new_lines)
        groups = self._groups(new_lines)
        assert self._features is not None
        taken = [np.zeros(0, np.int64)]
        choices: list[Choice] = []
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
            chosen = rows
            if int(sizes[rows].sum()) > left:
                features = self._features if len(rows) == len(here) else self._features.take(rows)
                found = choose_with_floors(
                    features,
                    coverage,
                    base,
                    left,
                    sizes=sizes[rows],
                    groups=[Groups(g.of_line[rows], g.limit) for g in groups],
                    preferred=None if preferred is None else preferred[rows],
                )
                choices.append(found)
                chosen = rows[found.rows]
            if not len(chosen):
                break
            self._uses[chosen] += 1
            here[chosen] = True
            base = base + self._features.totals(chosen)
            left -= int(sizes[chosen].sum())
            taken.append(chosen)
        return _together(np.concatenate(taken), choices)

    def _groups(self, lines: int) -> list[Groups]:
        """Find the groups that are capped; a line is in one group of each kind at most."""
        found = []
        for cap in self._options.caps:
            if cap.kind == "text":
                labels, size = labels_of(self._new, np.arange(len(self._new)))
                ends = np.flatnonzero(labels[:size] == 10)
                starts = np.concatenate(([0], ends[:-1] + 1))
                texts = hash_slices(labels, starts, ends - starts)
                of_line = np.unique(texts, return_inverse=True)[1].astype(np.int64)
            else:
                of_line = self._facts.of_kind(self._new, cap.kind)
            found.append(Groups(of_line, cap.limit(lines)))
        return found

    def drift(self, epoch: Epoch) -> tuple[Mapping[str, Drift], Mapping[str, Drift]]:
        """Compare an epoch, and its original lines alone, with the reference."""
        if not self._like:
            return {}, {}
        shapes = [self._like.shape_of(part) for part in epoch.parts]
        whole = shapes[0]
        for shape in shapes[1:]:
            whole = whole.plus(shape)
        mine = self._like.shape
        return drifts(whole, mine), drifts(shapes[0], mine)


def _together(rows: Ints, choices: list[Choice]) -> Choice:
    return Choice(
        rows,
        sum(one.rounds for one in choices),
        max((one.loss for one in choices), default=0.0),
        min((one.certain for one in choices), default=1.0),
        sum(one.over_caps for one in choices),
    )
