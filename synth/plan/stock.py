"""Lines of a corpus made ready to draw carriers from."""

from array import array
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from synth.corpus.character_classes import is_cluster, is_joined
from synth.corpus.sources import LineSource
from synth.draws import Draws
from synth.plan.limits import Limits
from synth.plan.pools import CellPool, EvenPool, Pool
from synth.plan.repeats import Repeats
from synth.plan.shape import Cell
from textlines.labels.canonical import clusters
from textlines.labels.tally import Tally

MEASURED = 100_000
"""Lines of a source, at most about, that its character counts are taken from."""


Fits = Callable[[str], bool]
"""Says whether a text may carry what it is wanted for."""


class Carrier(NamedTuple):
    """A text and where it is from, as `PlanRow.source` says it.

    within: of a closed source: whether a text is one of its own, and so may stand in its place.
    yields: of any source: whether a text is one of its own; None where the text is only a part of
        one, or edited.
    edited: a character of the text stands in another's place.
    """

    text: str
    source: str
    within: Fits | None = None
    yields: Fits | None = None
    edited: bool = False


class Desk:
    """What all sources share: the limits, the repeats so far, and the tally of refused texts."""

    def __init__(self, limits: Limits, repeats: Repeats, by_cell: bool) -> None:
        self.limits, self.repeats, self.by_cell = limits, repeats, by_cell
        self.tally = Tally()
        self.refused_edits = 0
        """Edits that the form of their text (a date, an amount) has no room for."""

    def is_open(self, text: str, source: str) -> bool:
        """Say whether a text may be planned once more; a fault against the limits is counted."""
        fault = self.limits.fault(text)
        if fault:
            self.tally.add(fault, f"{source} {text!r}")
            return False
        return not self.repeats.is_full(text)


class LineStock:
    """One file's lines. Those that break a limit are left out and counted.

    within: see `Carrier`.
    """

    def __init__(self, source: LineSource, desk: Desk) -> None:
        self.name, self.share, self.texts = f"corpus:{source.name}", source.share, source.texts
        self.is_last = source.is_last
        self._desk = desk
        self.edit_name = f"edit:{source.name}"
        self.yields: Fits = frozenset(source.texts).__contains__
        self.within = self.yields if source.is_closed else None
        kept = bytearray(len(source.texts))
        for k, text in enumerate(source.texts):
            fault = desk.limits.fault(text)
            if fault:
                desk.tally.add(fault, f"{self.name} {text!r}")
            kept[k] = fault is None
        self.entries = array("I", (k for k in source.entries if kept[k]))
        self._pools: dict[tuple[str, str], Pool] = {}
        self._all = self._pool(self.entries)

    def _pool(self, entries: "array[int]") -> Pool:
        return CellPool(entries, self.texts) if self._desk.by_cell else EvenPool(entries)

    @cached_property
    def holders(self) -> dict[str, "array[int]"]:
        """For each grapheme cluster, the positions of the texts that hold it."""
        return self._index(lambda text: set(clusters(text)))

    @cached_property
    def marks(self) -> dict[str, "array[int]"]:
        """For each character that only ever joins another, the positions of the texts with it."""
        several = [char for char in self.holders if len(char) > 1]
        marks = {part for cluster in several for part in cluster[1:] if is_joined(part)}
        return self._index(lambda text: marks.intersection(text)) if marks else {}

    def _index(self, of: Callable[[str], Iterable[str]]) -> dict[str, "array[int]"]:
        found: dict[str, array[int]] = {}
        for k in sorted(set(self.entries)):
            for char in sorted(of(self.texts[k])):
                found.setdefault(char, array("I")).append(k)
        return found

    @property
    def characters(self) -> Iterable[str]:
        """Return every character that the texts hold: clusters, and what they are made of."""
        return {*self.holders, *(part for cluster in self.holders for part in cluster)}

    def sample(self) -> Iterator[str]:
        """Give the lines as they come, or every n-th where there are more than `MEASURED`."""
        entries = self.entries
        for k in range(0, len(entries), 1 + len(entries) // MEASURED):
            yield self.texts[entries[k]]

    def holding(self, char: str) -> "array[int]":
        """Return the positions of the texts that hold a target: see `targets_in_text`."""
        none = array("I")
        if is_cluster(char):
            return self.holders.get(char, none)
        first = clusters(char)[0]
        held = self.marks.get(char[0], none) if is_joined(first) else self.holders.get(first, none)
        return held if len(char) == 1 else array("I", (k for k in held if char in self.texts[k]))

    def natural(self, draws: Draws, cell: Cell | None) -> Carrier | None:
        """Draw a line as often as it stands in the file; None once all are used up."""
        return self._drawn(self._all, draws, cell)

    def carrier(
        self, char: str, draws: Draws, cell: Cell | None, fits: Fits | None, key: str
    ) -> Carrier | None:
        """Draw a line that holds the character and fits; None once all are used up.

        `key` names what `fits` asks for; equal keys ask alike. Without `fits` it is "".
        """
        pool = self._pools.get((char, key))
        if pool is None:
            held = self.holding(char)
            if fits:
                held = array("I", (k for k in held if fits(self.texts[k])))
            pool = self._pools[char, key] = self._pool(held)
        return self._drawn(pool, draws, cell)

    def _drawn(self, pool: Pool, draws: Draws, cell: Cell | None) -> Carrier | None:
        texts, is_full = self.texts, self._desk.repeats.is_full
        k = pool.draw(draws, cell, lambda k: not is_full(texts[k]))
        return None if k is None else Carrier(texts[k], self.name, self.within, self.yields)
