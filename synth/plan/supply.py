"""Carriers in their order: by share, then what stands in, then edited lines."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from synth.corpus.character_classes import (
    class_of,
    exchangeable,
    exchanged,
    is_cluster,
    joined_up,
    only_in_codes,
    pieces,
)
from synth.corpus.digit_forms import keeps_forms
from synth.corpus.sources import Corpus, DictionarySource
from synth.draws import Draws
from synth.plan.bounds import Cell, cell_of, distance
from synth.plan.edits import Editor
from synth.plan.stocks import Carrier, Desk, Fits, LineStock, PatternStock
from synth.plan.text_shares import TextShare
from textlines.defects import of_texts
from textlines.labels.canonical import clusters

CANDIDATES = 3
"""How many carriers are drawn for the best of them to be taken."""

PAIR_TRIES = 16

FAR = 2
"""Characters off the wanted length after which another source is asked too."""

Best = Callable[[Sequence[str]], int]
"""Says which of some texts is best, by its position."""


@dataclass(frozen=True, slots=True)
class Natural:
    """Natural text: counts of its characters (to any scale), and the mean length of a line."""

    characters: Mapping[str, int]
    mean_length: float


class Supply:
    """All carriers of a corpus.

    The order for a wanted character: a source drawn by share among those with a share that hold
    it (real lines or patterns); words out of their longer lines; lines without a share;
    patterns without one; and, where no text holds it, lines in which one character is replaced
    (`edits_first`: before the sources without a share, for characters of which it is true, where
    a source with a share has a place for the character and no word is broken for it).
    """

    def __init__(
        self, corpus: Corpus, desk: Desk, edits_first: Callable[[str], bool] | None = None
    ) -> None:
        self.desk, self._edits_first = desk, edits_first
        self.lines = [LineStock(source, desk) for source in corpus.lines]
        self.patterns = [PatternStock(source, desk) for source in corpus.patterns]
        self.editor = Editor(self.lines, self.patterns, desk)
        self.used_up: list[str] = []
        self._able: dict[str, tuple[LineStock | PatternStock, ...]] = {}
        stocks: list[LineStock | PatternStock] = [*self.lines, *self.patterns]
        shared = [stock for stock in stocks if stock.share]
        self._shared = shared
        self._spare = sorted(
            (stock for stock in stocks if not stock.share), key=lambda stock: stock.is_last
        )
        self._natural: list[LineStock | PatternStock | _Missing] = [
            *shared,
            *(_Missing(source, self) for source in corpus.dictionaries if source.share),
        ]
        self._running = list(accumulate(stock.share for stock in self._natural))

    def divide(self, share: TextShare) -> None:
        """Draw from here on no more than what may stand in a block of the run."""
        self.desk.repeats.share = share
        for stock in self.lines:
            stock.divide(share)

    def natural(self, draws: Draws, cell: Cell | None) -> Carrier | None:
        """Draw a text as it comes; None once every source is used up.

        Where a cell is wanted that the drawn source cannot come near to, lengths go before
        shares: the source that comes nearest gives the text.
        """
        nearest: Carrier | None = None
        stocks, running = self._natural, self._running
        while stocks:
            stock = draws.weighted(stocks, running)
            drawn = stock.natural(draws, cell)
            if drawn and _is_near(drawn, cell):
                return drawn
            if not drawn:
                self._natural = [other for other in self._natural if other is not stock]
                self._running = list(accumulate(other.share for other in self._natural))
                self.used_up.append(stock.name)
            nearest = _nearer(nearest, drawn, cell)
            stocks = [other for other in stocks if other is not stock]
            running = list(accumulate(other.share for other in stocks))
        if nearest:
            return nearest
        lines = [stock for stock in self.lines if stock.share and stock.within is None]
        return next((c for stock in lines if (c := self.editor.redrawn(stock, draws))), None)

    def carrier(
        self,
        char: str,
        draws: Draws,
        cell: Cell | None = None,
        best: Best | None = None,
        fits: Fits | None = None,
        key: str = "",
        partner: str = "",
        *,
        edits: bool = True,
    ) -> Carrier | None:
        """Draw a text that holds the character; None if there is none left.

        Args:
            cell: length and spaces to come near to.
            best: picks one of several candidates of a source; not asked where a cell is wanted.
            fits: what else the text must be; `key` names the question (see `LineStock`).
            partner: what a text of a closed source must allow somewhere in the character's place;
                there it is asked instead of `fits`. Where neither is a digit, a text of any source
                that allows it is taken, beside those that fit.
            edits: whether a text that is edited will do.
        """
        allowed = bool(partner) and not any(map(_is_digit, (char, partner)))

        if char not in self._able:
            self._able[char] = tuple(stock for stock in self._shared if _may_hold(stock, char))
        nearest: Carrier | None = None
        stocks = self._able[char]
        while stocks:
            running = list(accumulate(stock.share for stock in stocks))
            stock = draws.weighted(stocks, running)
            asked, name = _asked(
                stock, char, partner=partner, fits=fits, key=key, is_allowed=allowed
            )
            candidates: list[Carrier] = []
            for _ in range(CANDIDATES if best and cell is None else 1):
                drawn = stock.carrier(char, draws, cell, asked, name)
                if drawn is None:
                    break
                candidates.append(drawn)
            if candidates:
                taken = candidates[
                    best([c.text for c in candidates]) if best and candidates[1:] else 0
                ]
                if stock.within is None:
                    taken = self._shorter(
                        taken, stock, char=char, draws=draws, cell=cell, fits=fits
                    )
                if _is_near(taken, cell):
                    return taken
                nearest = _nearer(nearest, taken, cell)
            stocks = tuple(other for other in stocks if other is not stock)
        if nearest:
            return nearest
        for line in self.lines:
            if not line.share or line.within is not None:
                continue
            if part := self.editor.part(line, char, draws, cell, fits):
                return part
        first = self._edits_first is not None and self._edits_first(char)
        near = self.editor.siblings(char)[:1] if first else ()
        if any(stock.share for stock, _ in near) and (
            whole := self.editor.edited(char, draws, cell, fits, spares_words=True)
        ):
            return whole
        for stock in self._spare:
            asked, name = _asked(
                stock, char, partner=partner, fits=fits, key=key, is_allowed=allowed
            )
            if spare := stock.carrier(char, draws, cell, asked, name):
                return spare
        return self.editor.edited(char, draws, cell, fits) if edits else None

    def _shorter(
        self,
        whole: Carrier,
        stock: LineStock | PatternStock,
        char: str,
        draws: Draws,
        cell: Cell | None,
        fits: Fits | None,
    ) -> Carrier:
        """Take a part of a line that is a good deal longer than what is asked for."""
        if cell and isinstance(stock, LineStock) and len(whole.text) > cell[0] + 2:
            return self.editor.part(stock, char, draws, cell, fits) or whole
        return whole

    def pair(
        self,
        char: str,
        other: str,
        draws: Draws,
        cell: Cell | None = None,
        best: Best | None = None,
    ) -> tuple[Carrier, Carrier] | None:
        """Draw a text that holds `char`, and the same text with the two exchanged.

        Digits, and letters of codes, change places everywhere. Letters of words do not, as of two
        words one would be none, nor signs (`3.25%`, `3,25%`): there, and of a closed source, both
        are texts that the source has itself, with one of the characters replaced. Nor do digits
        where that would leave no date, amount or number of the same form.

        Returns:
            None if there is no such text, or several in a row gave none that is open: then each
            of the two stands in a text of its own.
        """
        if not exchangeable(char, other):
            return None
        same = class_of(char) == class_of(other)
        # Of digits every exchange is plausible: the lines need no sifting.
        is_free = same and _is_digit(char)

        def plausible(text: str) -> bool:
            codes = is_free or only_in_codes(text, char, other)
            return codes and exchanged(text, char, other) is not None

        fits = None if is_free else plausible
        key = "" if is_free else f"exchange {other}"
        for _ in range(PAIR_TRIES):
            first = self.carrier(
                char, draws, cell=cell, best=best, fits=fits, key=key, partner=other, edits=False
            )
            if first is None:
                return None
            is_own = first.within is not None or not plausible(first.text)
            swapped: str | None = None
            if not is_own:
                swapped = exchanged(first.text, char, other)
            elif first.yields:
                replaced = [t for t in _replaced(first.text, char, other) if first.yields(t)]
                swapped = draws.pick(replaced) if replaced else None
            if swapped is None:
                return None
            # What the source might as well have given is no edit.
            is_edited = not is_own and not (first.yields and first.yields(swapped))
            if is_edited and not keeps_forms(first.text, swapped):
                self.desk.refused_edits += 1
                continue
            name = f"edit:{first.source.partition(':')[2]}" if is_edited else first.source
            if swapped != first.text and self.desk.is_open(swapped, name):
                return first, Carrier(swapped, name, first.within, edited=is_edited)
        return None

    def measure(self) -> Natural:
        """Measure the texts of the sources with a share, mixed by share."""
        characters: Counter[str] = Counter()
        length = 0.0
        whole = sum(stock.share for stock in self._shared)
        for stock in self._shared:
            counts, lines = Counter[str](), 0
            for text in stock.sample():
                counts.update(clusters(text))
                lines += 1
            total = sum(counts.values())
            for char, count in counts.items():
                # To one in ten million, and whole numbers: sums of floats depend on their order.
                characters[char] += max(1, round(10_000_000 * stock.share / whole * count / total))
            length += stock.share / whole * total / max(lines, 1)
        return Natural(dict(sorted(characters.items())), max(length, 1.0))

    def held(self) -> frozenset[str]:
        """Return every character that the sources with a share hold."""
        characters: set[str] = set()
        for stock in self._shared:
            characters.update(stock.characters)
        return frozenset(characters)


class _Missing:
    """The characters of a dictionary that no text holds, each in turn in an edited line."""

    def __init__(self, source: DictionarySource, supply: Supply) -> None:
        self.name, self.share = "dictionary", source.share
        self._source, self._supply = source, supply
        self._left: list[str] | None = None
        self._at = 0

    def natural(self, draws: Draws, cell: Cell | None) -> Carrier | None:
        """Draw a text for the next of the characters: one that holds it, else an edited one."""
        if self._left is None:
            held = self._supply.held()
            self._left = [c for c in self._source.chars if not held.issuperset(c)]
            for k in range(len(self._left) - 1, 0, -1):
                j = draws.whole(0, k + 1)
                self._left[k], self._left[j] = self._left[j], self._left[k]
            self._at = 0
        while self._left:
            char = self._left[self._at % len(self._left)]
            drawn = self._supply.carrier(char, draws, cell)
            if drawn:
                self._at += 1
                return drawn._replace(source="dictionary") if drawn.edited else drawn
            self._left.remove(char)
            self._supply.desk.tally.add(of_texts.NO_CARRIER, repr(char))
        return None


def _asked(
    stock: LineStock | PatternStock,
    char: str,
    partner: str,
    fits: Fits | None,
    key: str,
    is_allowed: bool,
) -> tuple[Fits | None, str]:
    """Return what a source's texts must be, and the name of that question.

    is_allowed: of an open source too, a text is taken that the source has with the partner.
    """
    if not partner or (stock.within is None and not is_allowed):
        return fits, key

    def allows(text: str) -> bool:
        if stock.within is None and fits is not None and fits(text):
            return True
        return any(map(stock.yields, _replaced(text, char, partner)))

    return allows, f"allows {partner}"


def _is_digit(char: str) -> bool:
    return class_of(char).startswith("digit")


def _replaced(text: str, char: str, other: str) -> list[str]:
    """Replace a target in a text by another, at each place by itself.

    >>> _replaced("8B8", "8", "B")
    ['BB8', '8BB']
    """
    units = pieces(text, char)
    replaced = (
        joined_up((*units[:k], other, *units[k + 1 :]), apart=is_cluster(other))
        for k, unit in enumerate(units)
        if unit == char
    )
    return [made for made in replaced if made]


def _is_near(carrier: Carrier, cell: Cell | None) -> bool:
    return cell is None or distance(cell_of(carrier.text), cell) <= FAR


def _nearer(carrier: Carrier | None, other: Carrier | None, cell: Cell | None) -> Carrier | None:
    """Return the carrier that comes nearer to the cell; the first of two alike."""
    if carrier is None or other is None or cell is None:
        return carrier or other
    apart = distance(cell_of(other.text), cell)
    return other if apart < distance(cell_of(carrier.text), cell) else carrier


def _may_hold(stock: LineStock | PatternStock, char: str) -> bool:
    if isinstance(stock, PatternStock):
        return char in stock.grammar.characters
    return bool(stock.holding(char))
