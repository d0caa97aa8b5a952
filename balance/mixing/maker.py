"""Epochs made one after another out of the same pools."""

import functools
from collections.abc import Mapping, Sequence

import numpy as np

from balance.mixing.aims import make_floors
from balance.mixing.amounts import Amounts
from balance.mixing.arrays import Hashes
from balance.mixing.chooser import Chooser
from balance.mixing.drift import Drift, Shape, drifts
from balance.mixing.epoch import Epoch, Others
from balance.mixing.lots import Lot, Selection
from balance.mixing.material import Material
from balance.mixing.measure import Holding, hold
from balance.mixing.options import Options
from balance.mixing.reference import FactTable, Reference
from balance.mixing.target import Target, divergence
from textlines.rules.proportions import LOWEST


class EpochMaker:
    """Draws the new lines of each epoch; no line comes again before all were used.

    Grows by the lines that were used.
    """

    def __init__(
        self,
        options: Options,
        new: Lot,
        target: Target,
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
        amounts: Amounts,
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

    def drift(self, epoch: Epoch) -> tuple[Mapping[str, Drift], Mapping[str, Drift]]:
        """Compare an epoch, and its original lines alone, with the reference."""
        if not self._like:
            return {}, {}
        kept, whole = self._shape_of(epoch.kept), self._shape_of(epoch.parts)
        return drifts(whole, self._like.shape), drifts(kept, self._like.shape)

    def _shape_of(self, parts: Sequence[Selection]) -> Shape:
        assert self._like
        return functools.reduce(Shape.plus, map(self._like.shape_of, parts))
