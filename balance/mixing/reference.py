"""The lines that a mix should look like (`--like`), and what manifests know of the new ones."""

import numpy as np

from balance.mixing.aims import BINS, bins_of
from balance.mixing.arrays import Ints
from balance.mixing.drift import Shape, shape_of
from balance.mixing.lines import Source
from balance.mixing.lists import Part
from balance.mixing.manifests import Facts, group_numbers, read_facts
from balance.mixing.measure import lengths_of
from balance.mixing.pool import Pool, make_pool
from balance.mixing.stock import Some


class FactTable:
    """Manifests, read when first asked for."""

    def __init__(self) -> None:
        self._facts: dict[int, Facts] = {}

    def of(self, source: Source) -> Facts:
        """Give what the manifest beside a source says."""
        if id(source) not in self._facts:
            self._facts[id(source)] = read_facts(source)
        return self._facts[id(source)]

    def of_kind(self, pool: Pool, kind: str) -> Ints:
        """Give the face or the source of each line of a pool as a number; -1 for unknown."""
        facts = [self.of(source) for source in pool.sources]
        values = [fact.face if kind == "face" else fact.source for fact in facts]
        numbers = group_numbers(
            [(value, fact.names) for value, fact in zip(values, facts, strict=True)]
        )
        return self._spread(pool, np.arange(len(pool)), numbers)

    def widths(self, pool: Pool, positions: Ints) -> Ints:
        """Give the width of each line's image at height 48; -1 for unknown."""
        widths = [self.of(source).width for source in pool.sources]
        return self._spread(pool, positions, np.concatenate([np.zeros(0, np.int64), *widths]))

    def _spread(self, pool: Pool, positions: Ints, values: Ints) -> Ints:
        """Bring values in the order of the sources' lines into the order of the pool."""
        counts = [len(source.lines) for source in pool.sources]
        first = np.cumsum([0, *counts])[:-1]
        found: Ints = values[first[pool.of[positions]] + pool.rows[positions]]
        return found


class Reference:
    """Lines of use: how long they are, how many spaces they hold, how wide they are."""

    def __init__(self, like: Source, facts: FactTable) -> None:
        self._facts = facts
        pool = make_pool([like], 0, "lines")
        everything = Part(pool, np.arange(len(pool)))
        self.shape = self.shape_of(everything)
        counts = self.bins(everything).astype(np.float64)
        self.shares = counts / max(counts.sum(), 1)

    def shape_of(self, part: Some) -> Shape:
        """Measure some lines; widths are known of lines in memory alone."""
        none = widths = np.zeros(0, np.int64)
        if isinstance(part, Part):
            widths = self._facts.widths(part.pool, part.positions)
        found = shape_of(none, none, widths)
        for labels, size in part.label_blocks():
            found = found.plus(shape_of(*lengths_of(labels, size), none))
        return found

    def bins(self, part: Some) -> Ints:
        """Count some lines by their length and whether they hold a space."""
        found = np.zeros(BINS, np.int64)
        for labels, size in part.label_blocks():
            found += np.bincount(bins_of(*lengths_of(labels, size)), minlength=BINS)
        return found
