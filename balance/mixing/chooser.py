"""New lines chosen epoch by epoch by what they hold; no line again before all were used."""

from collections.abc import Sequence

import numpy as np

from balance.mixing.aims import BINS, Floors, bins_of, make_coverage
from balance.mixing.arrays import Flags, Hashes, Ints
from balance.mixing.caps import Groups
from balance.mixing.evening import Choice
from balance.mixing.features import Features, make_features
from balance.mixing.floors import choose_with_floors
from balance.mixing.hashing import hash_slices
from balance.mixing.lots import Lot, Selection
from balance.mixing.measure import Holding, lengths_of
from balance.mixing.options import Options
from balance.mixing.reference import FactTable, Reference
from balance.mixing.shares import share_with_floors, shares_of
from balance.mixing.target import Target


class Chooser:
    """Chooses the new lines of each epoch beside all its other lines.

    Grows by the lines that were used.

    Args:
        held: what all new lines hold.
        like: the lines that the mix should look like; None asks for no lengths.
    """

    def __init__(
        self,
        options: Options,
        new: Lot,
        target: Target,
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
    ) -> Choice:
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
            chosen = unbound = rows
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
                chosen = unbound = rows[found.rows]
                if found.free is not None:
                    unbound = rows[found.free]
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
        found = []
        for cap in self._options.caps:
            if cap.kind == "text":
                labels, size = self._new.labels(slice(None))
                ends = np.flatnonzero(labels[:size] == 10)
                starts = np.concatenate(([0], ends[:-1] + 1))
                texts = hash_slices(labels, starts, ends - starts)
                of_line = np.unique(texts, return_inverse=True)[1].astype(np.int64)
            else:
                of_line = self._facts.of_kind(self._new, cap.kind)
            found.append(Groups(of_line, cap.limit(lines)))
        return found


def _together(rows: Ints, free: Ints, choices: list[Choice]) -> Choice:
    return Choice(
        rows,
        sum(one.rounds for one in choices),
        max((one.loss for one in choices), default=0.0),
        min((one.certain for one in choices), default=1.0),
        sum(one.over_caps for one in choices),
        free=free if any(one.free is not None for one in choices) else None,
    )
