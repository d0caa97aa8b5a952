"""The sources of a corpus made ready to draw carriers from."""

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

from synth.corpus.grammar import Grammar, draw
from synth.corpus.nodes import pruned
from synth.corpus.sources import LineSource, PatternSource
from synth.draws import Draws
from synth.plan.limits import Limits
from synth.plan.pools import CellPool, EvenPool, Pool
from synth.plan.repeats import Repeats
from synth.plan.shape import Cell, cell_of, distance
from textlines.labels.tally import Tally

PATTERN_TRIES = 64
"""Refusals in a row after which a pattern source counts as used up."""

MEASURED = 100_000
"""Lines of a source, at most about, that its character counts are taken from."""

FIT_TRIES = 16
"""Texts that do not fit, in a row, after which a pattern source is passed over."""

NEAR_TRIES = 6
"""Texts that are drawn for one near to a wanted length."""

SAMPLES = 12
"""Texts that a rule is tried with before the run."""


class Carrier(NamedTuple):
    """A text and where it is from, as `PlanRow.source` says it."""

    text: str
    source: str


Fits = Callable[[str], bool]
"""Says whether a text may carry what it is wanted for."""


class Desk:
    """What all sources share: the limits, the repeats so far, and the tally of refused texts."""

    def __init__(self, limits: Limits, repeats: Repeats, by_cell: bool) -> None:
        self.limits, self.repeats, self.by_cell = limits, repeats, by_cell
        self.tally = Tally()

    def is_open(self, text: str, source: str) -> bool:
        """Say whether a text may be planned once more; a fault against the limits is counted."""
        fault = self.limits.fault(text)
        if fault:
            self.tally.add(fault, f"{source} {text!r}")
            return False
        return not self.repeats.is_full(text)


class LineStock:
    """One file's lines. Those that break a limit are left out and counted."""

    def __init__(self, source: LineSource, desk: Desk) -> None:
        self.name, self.share, self.texts = f"corpus:{source.name}", source.share, source.texts
        self._desk = desk
        self.edit_name = f"edit:{source.name}"
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
        """For each character, the positions of the texts that hold it."""
        found: dict[str, array[int]] = {}
        for k in sorted(set(self.entries)):
            for char in sorted(set(self.texts[k])):
                found.setdefault(char, array("I")).append(k)
        return found

    @property
    def characters(self) -> Iterable[str]:
        """Give every character that the texts hold."""
        return self.holders.keys()

    def sample(self) -> Iterator[str]:
        """Give the lines as they come, or every n-th where there are more than `MEASURED`."""
        entries = self.entries
        for k in range(0, len(entries), 1 + len(entries) // MEASURED):
            yield self.texts[entries[k]]

    def holding(self, char: str) -> "array[int]":
        """Give the positions of the texts that hold a character or cluster."""
        held = self.holders.get(char[0], array("I"))
        if len(char) == 1:
            return held
        return array("I", (k for k in held if char in self.texts[k]))

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
        return None if k is None else Carrier(texts[k], self.name)


class PatternStock:
    """One pattern file."""

    def __init__(self, source: PatternSource, desk: Desk) -> None:
        self.name, self.share = f"pattern:{source.name}", source.share
        self.edit_name = f"edit:{source.name}"
        self.grammar = _sifted(source.grammar, self.name, desk)
        self._desk = desk

    @property
    def characters(self) -> Iterable[str]:
        """Give every character that the patterns can yield."""
        return self.grammar.characters

    def sample(self) -> Iterator[str]:
        """Give some texts as they come."""
        for k in range(300 if self.grammar.rules else 0):
            yield self.grammar.draw(Draws(0, k, purpose="sample"))

    def natural(self, draws: Draws, cell: Cell | None) -> Carrier | None:
        """Draw a text; None if several in a row were refused."""
        if not self.grammar.rules:
            return None
        return self._nearest((self.grammar.draw(draws) for _ in range(PATTERN_TRIES)), cell, None)

    def carrier(
        self, char: str, draws: Draws, cell: Cell | None, fits: Fits | None, key: str
    ) -> Carrier | None:
        """Draw a text that holds the character and fits; None if several in a row do not."""
        if char not in self.grammar.characters:
            return None
        tries = FIT_TRIES if fits else PATTERN_TRIES
        drawn = (self.grammar.draw_with(char, draws) for _ in range(tries))
        return self._nearest((text for text in drawn if text), cell, fits)

    def _nearest(
        self, drawn: Iterator[str], cell: Cell | None, fits: Fits | None
    ) -> Carrier | None:
        best, least, seen = "", 1 << 30, 0
        for text in drawn:
            if not text or (fits and not fits(text)) or not self._desk.is_open(text, self.name):
                continue
            if cell is None:
                return Carrier(text, self.name)
            seen += 1
            apart = distance(cell_of(text), cell)
            if apart < least:
                best, least = text, apart
            if least == 0 or seen == NEAR_TRIES:
                break
        return Carrier(best, self.name) if best else None


def _sifted(grammar: Grammar, name: str, desk: Desk) -> Grammar:
    """Leave out of the rules what the limits refuse, and the rules that yield nothing else."""
    kept = []
    for whole in grammar.rules:
        node = pruned(whole.node, desk.limits.can_hold)
        if node is None or not node.characters:
            desk.tally.add("rule_outside_dictionary", f"{name}/{whole.name}")
            continue
        rule = replace(whole, node=node)
        faults = [
            desk.limits.fault(draw(rule, Draws(0, k, purpose="sift"))) for k in range(SAMPLES)
        ]
        if None in faults:
            kept.append(rule)
        else:
            desk.tally.add(f"rule_{faults[0]}", f"{name}/{rule.name}")
    return Grammar(tuple(kept))
