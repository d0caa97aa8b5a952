"""Carriers made of real lines with one character replaced by one of its class.

A digit that its form does not take (the 3 of `13월`) is set by drawing the form anew; what takes it
nowhere (`0斤`) is refused, and counted: see `synth.corpus.digit_forms`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from synth.corpus.carriers import window
from synth.corpus.character_classes import (
    class_of,
    coarse,
    holds,
    in_word,
    is_cluster,
    is_joined,
    jamo_apart,
    joined_up,
    pieces,
)
from synth.corpus.digit_forms import allows, keeps_forms, redrawn, with_digit
from synth.corpus.pattern_numbers import DIGITS
from synth.draws import Draws
from synth.plan.bounds import Cell, cell_of, distance
from synth.plan.stocks import Carrier, Desk, Fits, LineStock, PatternStock

TRIES = 8
"""Edits that are drawn before the rest is gone through in turn."""

MOST_SCANNED = 600
"""Edits that are gone through in turn for one line."""

GIVE_UP = 3
"""Lines in vain after which a character's edits are no longer gone through."""

Place = tuple[LineStock | PatternStock, str]
"""A source and a character in it that another may stand in for."""


class Editor:
    """Sets characters into lines that do not hold them.

    Args:
        lines, patterns: what to edit; those with a share are taken before those without. Closed
            ones are left alone: what an edit may make of them they yield themselves.
    """

    def __init__(
        self, lines: Sequence[LineStock], patterns: Sequence[PatternStock], desk: Desk
    ) -> None:
        lines = [stock for stock in lines if stock.within is None]
        patterns = [stock for stock in patterns if stock.within is None]
        self._tiers: tuple[tuple[LineStock | PatternStock, ...], ...] = (
            tuple(stock for stock in lines if stock.share),
            tuple(stock for stock in patterns if stock.share),
            tuple(stock for stock in lines if not stock.share),
            tuple(stock for stock in patterns if not stock.share),
        )
        self._desk = desk
        self._siblings: dict[str, tuple[Place, ...]] = {}
        self._barren: Counter[str] = Counter()

    def edited(
        self,
        char: str,
        draws: Draws,
        cell: Cell | None,
        fits: Fits | None = None,
        *,
        spares_words: bool = False,
    ) -> Carrier | None:
        """Replace one character of a real line by `char`, and nothing else of it but its form.

        Syllables of Hangul go where one stands that shares most of their parts.

        Args:
            spares_words: no letter of a word is replaced, but digits, signs, letters of codes.

        Returns:
            None if no line can take it.
        """
        best: Carrier | None = None
        least = 1 << 30
        for seen, (text, name) in enumerate(self._texts(char, draws, spares_words)):
            if best and seen >= TRIES:
                break
            if not text or (fits and not fits(text)) or not self._desk.is_open(text, name):
                continue
            if cell is None:
                return Carrier(text, name, edited=True)
            apart = distance(cell_of(text), cell)
            if apart < least:
                best, least = Carrier(text, name, edited=True), apart
        if best is None and fits is None and not spares_words:
            self._barren[char] += 1
        return best

    def _texts(self, char: str, draws: Draws, spares_words: bool) -> Iterator[tuple[str, str]]:
        """Yield edited texts with their sources: some drawn ones, then all in turn."""
        siblings = self.siblings(char)
        for _ in range(TRIES if siblings else 0):
            # The nearest most of the time, and the others too.
            stock, sibling = siblings[int(draws.unit() ** 3 * len(siblings))]
            if isinstance(stock, PatternStock):
                text = stock.grammar.draw_with(sibling, draws) or ""
            else:
                text = stock.texts[draws.pick(stock.holding(sibling))]
            units = pieces(text, sibling)
            places = [
                k
                for k, other in enumerate(units)
                if other == sibling and not (spares_words and in_word(units, k))
            ]
            if places:
                yield self._set(units, draws.pick(places), char, draws), stock.edit_name
        if siblings and self._barren[char] < GIVE_UP:
            start = draws.whole(0, len(siblings))
            turned = siblings[start:] + siblings[:start]
            yield from islice(self._all(turned, char, draws, spares_words), MOST_SCANNED)

    def _all(
        self, siblings: Sequence[Place], char: str, draws: Draws, spares_words: bool
    ) -> Iterator[tuple[str, str]]:
        """Yield every line with one of the siblings replaced, source by source."""
        for stock, sibling in siblings:
            if isinstance(stock, LineStock):
                for k in stock.holding(sibling):
                    units = pieces(stock.texts[k], sibling)
                    for at, other in enumerate(units):
                        if other == sibling and not (spares_words and in_word(units, at)):
                            yield self._set(units, at, char, draws), stock.edit_name

    def _set(self, units: tuple[str, ...], at: int, char: str, draws: Draws) -> str:
        """Put a character in the place of a unit; "" where it cannot stand there.

        It cannot where it would join what is beside it, or where the form around has no room.
        """
        text, first = "".join(units), sum(map(len, units[:at]))
        if char in DIGITS and units[at] in DIGITS:
            redrawn_text = with_digit(text, first, char, draws)
            self._desk.refused_edits += redrawn_text is None
            return redrawn_text or ""
        if not allows(text, first, units[at], char):
            self._desk.refused_edits += 1
            return ""
        changed = (*units[:at], char, *units[at + 1 :])
        return joined_up(changed, apart=is_cluster(char)) or ""

    def siblings(self, char: str) -> tuple[Place, ...]:
        """Return the characters in whose place `char` may stand, and the sources with them."""
        if char not in self._siblings:
            self._siblings[char] = self._find(char)
        return self._siblings[char]

    def _find(self, char: str) -> tuple[Place, ...]:
        if not char.strip():  # a space in a sign's place makes no words
            return ()
        name = class_of(char)
        for wanted, of in ((name, class_of), (coarse(name), lambda c: coarse(class_of(c)))):
            for tier in self._tiers:
                counts: dict[str, int] = {}
                for stock in tier:
                    for other, count in _counts(stock, is_joined(char)):
                        if other != char and of(other) == wanted:
                            counts[other] = counts.get(other, 0) + count
                near = sorted(counts, key=lambda c: (jamo_apart(char, c), -counts[c], c))
                places = tuple(
                    (stock, other) for other in near for stock in tier if _holds(stock, other)
                )
                if places:
                    return places
        return ()

    def redrawn(self, stock: LineStock, draws: Draws) -> Carrier | None:
        """Redraw the digits of a real line, for texts that follow a used-up one."""
        digits = [stock.holders[d] for d in DIGITS if d in stock.holders]
        for _ in range(TRIES if digits else 0):
            text = redrawn(stock.texts[draws.pick(draws.pick(digits))], draws)
            if self._desk.is_open(text, stock.edit_name):
                return Carrier(text, stock.edit_name, edited=True)
            other = self._desk.steered(text, draws)
            if other and keeps_forms(text, other) and self._desk.is_open(other, stock.edit_name):
                return Carrier(other, stock.edit_name, edited=True)
        return None

    def part(
        self, stock: LineStock, char: str, draws: Draws, cell: Cell | None, fits: Fits | None
    ) -> Carrier | None:
        """Take some words around the character out of a longer real line."""
        held = stock.holding(char)
        for _ in range(TRIES if held else 0):
            line = stock.texts[draws.pick(held)]
            longest = cell[0] if cell else draws.whole(min(3, len(line)), len(line) + 1)
            text = window(line, char, longest, draws.bits(8))
            if not text or not holds(text, char) or len(text) <= len(char):
                continue
            if (fits is None or fits(text)) and self._desk.is_open(text, stock.name):
                return Carrier(text, stock.name)
        return None


def _counts(stock: LineStock | PatternStock, joined: bool) -> list[tuple[str, int]]:
    """Count the texts of a stock by cluster, or by the marks that join others."""
    if isinstance(stock, PatternStock):
        return [(char, 1) for char in sorted(stock.grammar.characters) if is_joined(char) == joined]
    held = stock.marks if joined else stock.holders
    return [(char, len(places)) for char, places in held.items()]


def _holds(stock: LineStock | PatternStock, char: str) -> bool:
    if isinstance(stock, PatternStock):
        return char in stock.grammar.characters
    return bool(stock.holding(char))
