"""Where texts are drawn from: files of lines and of patterns, none of them used up twice."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from hashlib import blake2b
from typing import NamedTuple, Protocol

from synth.corpus.character_classes import holds, is_cluster, is_joined
from synth.corpus.pattern_matching import yields
from synth.corpus.patterns import Grammar, LineRule, draw, pruned
from synth.corpus.sources import LineSource, PatternSource
from synth.draws import Draws
from synth.plan.bounds import Cell, Limits, cell_of, distance
from synth.plan.text_shares import TextShare
from textlines.defects import of_lines, of_texts
from textlines.labels.canonical import clusters
from textlines.labels.tally import Tally

MEASURED = 100_000
"""Lines of a source, at most about, that its character counts are taken from."""

Fits = Callable[[str], bool]
"""Says whether a text may carry what it is wanted for."""

PATTERN_TRIES = 64
"""Refusals in a row after which a pattern source counts as used up."""

FIT_TRIES = 16
"""Texts that do not fit, in a row, after which a pattern source is passed over."""

MOST_PATIENT = 16
"""Times as many refusals, at most, where most texts are those of other blocks."""

FEWEST_TRIES = 4
"""Texts that are drawn for a character, at least, that several times was sought in vain."""

NEAR_TRIES = 4
"""Texts that are drawn for one near to a wanted length."""

SIFTED = 12
"""Texts that a rule is tried with before the run."""

MEASURED_TEXTS = 300
"""Texts that the character counts are taken from."""

MEASURED_CELLS = 48
"""Texts of each rule that say which lengths it yields."""


class Repeats:
    """Counts texts by a 64-bit hash of their content, the same on every machine.

    A text is never let through more often than the cap. Two texts that share a cell of the
    table (one in eight or fewer, at the end of the run) share its count, so that a text may,
    seldom, be stopped early. Takes 16 to 32 bytes a row, and no row's text is held.

    Attributes:
        share: of a block of a run: how often each text may stand in it, in the cap's place.

    >>> repeats = Repeats(rows=10, cap=2)
    >>> for text in ("a", "b", "a"):
    ...     repeats.add(text)
    >>> repeats.is_full("a"), repeats.is_full("b"), dict(repeats.histogram())
    (True, False, {1: 1, 2: 1})
    """

    __slots__ = ("_cap", "_cells", "_hashes", "_mask", "share")

    def __init__(self, rows: int, cap: int | None) -> None:
        bits = max(10, (rows * 8).bit_length())
        self._cap = cap
        self._mask = (1 << bits) - 1
        self._cells = array("H", bytes(2 << bits)) if cap else array("H")
        self._hashes = array("Q")
        self.share: TextShare | None = None

    def is_full(self, text: str) -> bool:
        """Return whether one more of the text would break the cap."""
        if self._cap is None:
            return False
        cap = self._cap if self.share is None else self.share.of(text)
        return not cap or self._cells[_hash(text) & self._mask] >= cap

    def add(self, text: str) -> None:
        """Count the text once."""
        value = _hash(text)
        self._hashes.append(value)
        if self._cap:
            self._cells[value & self._mask] += 1

    def histogram(self) -> Mapping[int, int]:
        """Count the distinct texts by how often they stand in the run."""
        import numpy as np

        if not self._hashes:
            return {}
        _, times = np.unique(np.frombuffer(self._hashes, np.uint64), return_counts=True)
        return dict(sorted(Counter(times.tolist()).items()))


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


class LinePool(Protocol):
    """Lines, by their position in a source."""

    def draw(self, draws: Draws, cell: Cell | None, is_open: Callable[[int], bool]) -> int | None:
        """Draw a line that is open; None when there is none left."""


class EvenPool:
    """Draws each entry as often as the others, whatever its length.

    Args:
        entries: positions of lines; a position may stand in it several times.
    """

    __slots__ = ("_entries",)

    def __init__(self, entries: "array[int]") -> None:
        self._entries = entries[:]

    def draw(self, draws: Draws, cell: Cell | None, is_open: Callable[[int], bool]) -> int | None:
        """Draw an open line, whatever is asked for in `cell`; None when there is none left."""
        entries = self._entries
        while entries:
            k = draws.whole(0, len(entries))
            if is_open(entries[k]):
                return entries[k]
            # Used up for good: the last entry takes its place, so no draw meets it again.
            entries[k] = entries[-1]
            entries.pop()
        return None


class CellPool:
    """Draws a line whose length and spaces are nearest to what is asked for.

    Args:
        entries: positions of lines. texts: the lines.
    """

    __slots__ = ("_cells",)

    def __init__(self, entries: "array[int]", texts: Sequence[str]) -> None:
        self._cells: dict[Cell, EvenPool] = {}
        grouped: dict[Cell, array[int]] = {}
        for entry in entries:
            grouped.setdefault(cell_of(texts[entry]), array("I")).append(entry)
        for cell in sorted(grouped):
            self._cells[cell] = EvenPool(grouped[cell])

    def draw(self, draws: Draws, cell: Cell | None, is_open: Callable[[int], bool]) -> int | None:
        """Draw an open line of the nearest length and spaces; None when there is none left."""
        while self._cells:
            aim = cell if cell is not None else draws.pick(list(self._cells))
            near = (
                aim
                if aim in self._cells
                else min(self._cells, key=lambda have: (distance(have, aim), have))
            )
            drawn = self._cells[near].draw(draws, None, is_open)
            if drawn is not None:
                return drawn
            del self._cells[near]
        return None


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
        """Return whether a text may be planned once more; a fault against the limits is counted."""
        fault = self.limits.fault(text)
        if fault:
            self.tally.add(of_texts.PLAN[fault], f"{source} {text!r}")
            return False
        return not self.repeats.is_full(text)

    def steered(self, text: str, draws: Draws, char: str = "") -> str | None:
        """Write other digits into a text that may not be planned, so that it may, by its share.

        Args:
            char: that the text is to hold; "" for none.

        Returns:
            None where that cannot be, or every text may be planned wherever it is drawn.
        """
        share = self.repeats.share
        return None if share is None else share.steered(text, draws, char)

    @property
    def patience(self) -> int:
        """Return how many times as many refusals are borne as where every text may be planned."""
        share = self.repeats.share
        return 1 if share is None else min(share.tries, MOST_PATIENT)


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
                desk.tally.add(of_texts.PLAN[fault], f"{self.name} {text!r}")
            kept[k] = fault is None
        self.entries = array("I", (k for k in source.entries if kept[k]))
        self._pools: dict[tuple[str, str], LinePool] = {}
        self._shared: bytearray | None = None
        self._all = self._pool(self.entries)

    def divide(self, share: TextShare) -> None:
        """Draw no more lines than those that may stand in a block."""
        self._shared = bytearray(len(self.texts))
        for k in set(self.entries):
            self._shared[k] = share.of(self.texts[k]) > 0
        self._pools.clear()
        self._all = self._pool(self.entries)

    def _pool(self, entries: "array[int]") -> LinePool:
        shared = self._shared
        if shared is not None:
            entries = array("I", (k for k in entries if shared[k]))
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
        index: dict[str, array[int]] = {}
        for k in sorted(set(self.entries)):
            for char in sorted(of(self.texts[k])):
                index.setdefault(char, array("I")).append(k)
        return index

    @property
    def characters(self) -> Iterable[str]:
        """Return every character that the texts hold: clusters, and what they are made of."""
        return {*self.holders, *(part for cluster in self.holders for part in cluster)}

    def sample(self) -> Iterator[str]:
        """Yield the lines as they come, or every n-th where there are more than `MEASURED`."""
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

    def _drawn(self, pool: LinePool, draws: Draws, cell: Cell | None) -> Carrier | None:
        texts, is_full = self.texts, self._desk.repeats.is_full
        k = pool.draw(draws, cell, lambda k: not is_full(texts[k]))
        return None if k is None else Carrier(texts[k], self.name, self.within, self.yields)


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
        self._vain: Counter[tuple[str, str]] = Counter()

    @property
    def characters(self) -> Iterable[str]:
        """Return every character that the patterns can yield."""
        return self.grammar.characters

    def sample(self) -> Iterator[str]:
        """Yield some texts as they come."""
        for k in range(MEASURED_TEXTS if self.grammar.rules else 0):
            yield self.grammar.draw(Draws(0, k, purpose="sample"))

    def natural(self, draws: Draws, cell: Cell | None) -> Carrier | None:
        """Draw a text; None if several in a row were refused."""
        if not self.grammar.rules:
            return None
        grammar = self._yielding(cell, "") if cell else self.grammar
        tries = PATTERN_TRIES * self._desk.patience
        return self._nearest((grammar.draw(draws) for _ in range(tries)), draws, cell)

    def carrier(
        self, char: str, draws: Draws, cell: Cell | None, fits: Fits | None, key: str
    ) -> Carrier | None:
        """Draw a text that holds the character and fits; None if several in a row do not."""
        if char not in self.grammar.characters:
            return None
        grammar = self._yielding(cell, char) if cell else self.grammar
        tries = FIT_TRIES if fits else PATTERN_TRIES
        if self._desk.repeats.share is not None:
            # In a block texts of others are met for good: what was sought in vain is sought less.
            tries = max(FEWEST_TRIES, tries >> self._vain[char, key])
        drawn = (grammar.draw_with(char, draws) for _ in range(tries))
        held = (text if text and holds(text, char) else None for text in drawn)
        found = self._nearest(held, draws, cell, fits, char)
        self._vain[char, key] = 0 if found else self._vain[char, key] + 1
        return found

    def _nearest(
        self,
        drawn: Iterable[str | None],
        draws: Draws,
        cell: Cell | None,
        fits: Fits | None = None,
        char: str = "",
    ) -> Carrier | None:
        best, least, seen = "", 1 << 30, 0
        for one in drawn:
            text = self._opened(one, draws, fits, char) if one else None
            if text is None:
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

    def _opened(self, text: str, draws: Draws, fits: Fits | None, char: str) -> str | None:
        """Return a drawn text, or one with other digits, that may be planned; None without one."""
        if fits and not fits(text):
            return None
        if self._desk.is_open(text, self.name):
            return text
        other = self._desk.steered(text, draws, char)
        if other is None or (char and not holds(other, char)) or not self.yields(other):
            return None
        is_right = (not fits or fits(other)) and self._desk.is_open(other, self.name)
        return other if is_right else None

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
        near = self._near.get((cell, char))
        if near is None:
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
            near = self._near[cell, char] = Grammar(tuple(rules))
        return near


def _sifted(grammar: Grammar, name: str, desk: Desk) -> Grammar:
    """Leave out of the rules what the limits refuse, and the rules that yield nothing else."""
    kept = []
    for whole in grammar.rules:
        node = pruned(whole.node, desk.limits.can_hold)
        if node is None or not node.characters:
            desk.tally.add(
                of_texts.pattern_fault(of_lines.OUTSIDE_DICTIONARY.code), f"{name}/{whole.name}"
            )
            continue
        rule = replace(whole, node=node)
        faults = [desk.limits.fault(draw(rule, Draws(0, k, purpose="sift"))) for k in range(SIFTED)]
        refused = [fault for fault in faults if fault is not None]
        if len(refused) < len(faults):
            kept.append(rule)
        else:
            desk.tally.add(of_texts.pattern_fault(refused[0]), f"{name}/{rule.name}")
    return Grammar(tuple(kept))
