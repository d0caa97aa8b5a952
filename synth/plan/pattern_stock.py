"""Patterns of a corpus made ready to draw carriers from."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property, partial

from synth.corpus.character_classes import holds
from synth.corpus.pattern_matching import yields
from synth.corpus.patterns import Grammar, LineRule, draw, pruned
from synth.corpus.sources import PatternSource
from synth.draws import Draws
from synth.plan.shape import Cell, cell_of, distance
from synth.plan.stock import Carrier, Desk, Fits

TRIES = 64
"""Refusals in a row after which a pattern source counts as used up."""

FIT_TRIES = 16
"""Texts that do not fit, in a row, after which a pattern source is passed over."""

NEAR_TRIES = 4
"""Texts that are drawn for one near to a wanted length."""

SIFTED = 12
"""Texts that a rule is tried with before the run."""

MEASURED = 300
"""Texts that the character counts are taken from."""

MEASURED_CELLS = 48
"""Texts of each rule that say which lengths it yields."""


class PatternStock:
    """One pattern file; `within`: see `Carrier`."""

    def __init__(self, source: PatternSource, desk: Desk) -> None:
        self.name, self.share = f"pattern:{source.name}", source.share
        self.edit_name, self.is_last = f"edit:{source.name}", source.is_last
        self.grammar = _sifted(source.grammar, self.name, desk)
        self.yields: Fits = partial(yields, self.grammar)
        self.within = self.yields if source.is_closed else None
        self._desk = desk
        self._near: dict[tuple[Cell, str], Grammar] = {}

    @property
    def characters(self) -> Iterable[str]:
        """Give every character that the patterns can yield."""
        return self.grammar.characters

    def sample(self) -> Iterator[str]:
        """Give some texts as they come."""
        for k in range(MEASURED if self.grammar.rules else 0):
            yield self.grammar.draw(Draws(0, k, purpose="sample"))

    def natural(self, draws: Draws, cell: Cell | None) -> Carrier | None:
        """Draw a text; None if several in a row were refused."""
        if not self.grammar.rules:
            return None
        grammar = self._yielding(cell, "") if cell else self.grammar
        return self._nearest((grammar.draw(draws) for _ in range(TRIES)), cell, None)

    def carrier(
        self, char: str, draws: Draws, cell: Cell | None, fits: Fits | None, key: str
    ) -> Carrier | None:
        """Draw a text that holds the character and fits; None if several in a row do not."""
        if char not in self.grammar.characters:
            return None
        grammar = self._yielding(cell, char) if cell else self.grammar
        tries = FIT_TRIES if fits else TRIES
        drawn = (grammar.draw_with(char, draws) for _ in range(tries))
        held = (text if text and holds(text, char) else None for text in drawn)
        return self._nearest(held, cell, fits)

    def _nearest(
        self, drawn: Iterable[str | None], cell: Cell | None, fits: Fits | None
    ) -> Carrier | None:
        best, least, seen = "", 1 << 30, 0
        for text in drawn:
            if not text or (fits and not fits(text)) or not self._desk.is_open(text, self.name):
                continue
            if cell is None:
                return Carrier(text, self.name, self.within, self.yields)
            seen += 1
            apart = distance(cell_of(text), cell)
            if apart < least:
                best, least = text, apart
            if least == 0 or seen == NEAR_TRIES:
                break
        return Carrier(best, self.name, self.within, self.yields) if best else None

    @cached_property
    def _cells(self) -> list[Counter[Cell]]:
        """For each rule, the cells of some of its texts."""
        return [
            Counter(
                cell_of(draw(rule, Draws(0, k, purpose="cells"))) for k in range(MEASURED_CELLS)
            )
            for rule in self.grammar.rules
        ]

    def _yielding(self, cell: Cell, char: str) -> Grammar:
        """Weigh the rules (that hold the character) by how often they come near to a cell."""
        found = self._near.get((cell, char))
        if found is None:
            able = [
                (rule, cells)
                for rule, cells in zip(self.grammar.rules, self._cells, strict=True)
                if not char or char in rule.characters
            ]
            apart = 0
            rules: list[LineRule] = []
            while not rules:
                for rule, cells in able:
                    hits = sum(n for have, n in cells.items() if distance(have, cell) <= apart)
                    if hits:
                        rules.append(replace(rule, weight=rule.weight * hits))
                apart = 2 * apart + 1
            found = self._near[cell, char] = Grammar(tuple(rules))
        return found


def _sifted(grammar: Grammar, name: str, desk: Desk) -> Grammar:
    """Leave out of the rules what the limits refuse, and the rules that yield nothing else."""
    kept = []
    for whole in grammar.rules:
        node = pruned(whole.node, desk.limits.can_hold)
        if node is None or not node.characters:
            desk.tally.add("rule_outside_dictionary", f"{name}/{whole.name}")
            continue
        rule = replace(whole, node=node)
        faults = [desk.limits.fault(draw(rule, Draws(0, k, purpose="sift"))) for k in range(SIFTED)]
        if None in faults:
            kept.append(rule)
        else:
            desk.tally.add(f"rule_{faults[0]}", f"{name}/{rule.name}")
    return Grammar(tuple(kept))
