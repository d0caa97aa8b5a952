"""Patterns as values: their parts, what these can yield, and how a text is drawn from them.

Every part answers three questions. `characters`: which characters can it yield. `draw`: append
one drawn text. `draw_with`: append a drawn text that holds a wanted character, built so by
choosing the branches that lead to it, never by drawing until it happens to be there. A `Grammar`
holds the rules of lines, each of such a part; `synth.corpus.pattern_file` reads them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple, Protocol

from synth.draws import Draws


class PatternNode(Protocol):
    """One part of a parsed pattern."""

    @property
    def characters(self) -> frozenset[str]:
        """Name every character (code point) that the part can yield."""

    def draw(self, draws: Draws, out: list[str]) -> None:
        """Append one drawn text."""

    def draw_with(self, char: str, draws: Draws, out: list[str]) -> None:
        """Append a drawn text that holds `char`, one of `characters`."""


@dataclass(frozen=True)
class Literal:
    """A fixed text."""

    text: str

    @cached_property
    def characters(self) -> frozenset[str]:
        """Return the characters of the text."""
        return frozenset(self.text)

    def draw(self, draws: Draws, out: list[str]) -> None:
        """Append the text."""
        out.append(self.text)

    def draw_with(self, char: str, draws: Draws, out: list[str]) -> None:
        """Append the text, which holds `char`."""
        out.append(self.text)


@dataclass(frozen=True)
class OneOf:
    """One character of a class such as `[0-9A-F]`, each as often as the others."""

    members: str

    @cached_property
    def characters(self) -> frozenset[str]:
        """Return the members of the class."""
        return frozenset(self.members)

    def draw(self, draws: Draws, out: list[str]) -> None:
        """Append one of the members."""
        out.append(draws.pick(self.members))

    def draw_with(self, char: str, draws: Draws, out: list[str]) -> None:
        """Append `char`, one of the members."""
        out.append(char)


@dataclass(frozen=True, eq=False)
class OneText:
    """One of many texts, such as the lines of a file, each as often as the others."""

    texts: tuple[str, ...]

    @cached_property
    def _holders(self) -> dict[str, list[int]]:
        """For each character, the places of the texts that hold it."""
        holders: dict[str, list[int]] = {}
        for k, text in enumerate(self.texts):
            for char in dict.fromkeys(text):
                holders.setdefault(char, []).append(k)
        return holders

    @cached_property
    def characters(self) -> frozenset[str]:
        """Name every character that the texts hold."""
        return frozenset(self._holders)

    @cached_property
    def by_length(self) -> dict[int, frozenset[str]]:
        """Group the texts by their number of characters."""
        lengths = sorted({len(text) for text in self.texts})
        return {n: frozenset(text for text in self.texts if len(text) == n) for n in lengths}

    def draw(self, draws: Draws, out: list[str]) -> None:
        """Append one of the texts."""
        out.append(draws.pick(self.texts))

    def draw_with(self, char: str, draws: Draws, out: list[str]) -> None:
        """Append one of the texts that hold `char`."""
        out.append(self.texts[draws.pick(self._holders[char])])


@dataclass(frozen=True)
class Sequel:
    """Parts one after the other."""

    parts: tuple[PatternNode, ...]

    @cached_property
    def _holders(self) -> dict[str, list[int]]:
        """The places of the parts that can yield a character; grows by use."""
        return {}

    @cached_property
    def characters(self) -> frozenset[str]:
        """Return what any of the parts can yield."""
        empty: frozenset[str] = frozenset()
        return empty.union(*(part.characters for part in self.parts))

    def draw(self, draws: Draws, out: list[str]) -> None:
        """Append what each part draws, in turn."""
        for part in self.parts:
            part.draw(draws, out)

    def draw_with(self, char: str, draws: Draws, out: list[str]) -> None:
        """Append what each part draws; one of those that can yields `char`."""
        holders = self._holders.get(char)
        if holders is None:
            places = range(len(self.parts))
            holders = [k for k in places if char in self.parts[k].characters]
            self._holders[char] = holders
        holder = draws.pick(holders)
        for k, part in enumerate(self.parts):
            if k == holder:
                part.draw_with(char, draws, out)
            else:
                part.draw(draws, out)


@dataclass(frozen=True)
class Alternatives:
    """One of several parts, drawn by weight."""

    parts: tuple[PatternNode, ...]
    weights: tuple[float, ...]

    @cached_property
    def characters(self) -> frozenset[str]:
        """Return what any of the parts can yield."""
        empty: frozenset[str] = frozenset()
        return empty.union(*(part.characters for part in self.parts))

    @cached_property
    def _running(self) -> Sequence[float]:
        return list(accumulate(self.weights))

    @cached_property
    def _able(self) -> dict[str, tuple[list[PatternNode], list[float]]]:
        """The parts that can yield a character, with their running weights; grows by use."""
        return {}

    def draw(self, draws: Draws, out: list[str]) -> None:
        """Append what one part draws."""
        draws.weighted(self.parts, self._running).draw(draws, out)

    def draw_with(self, char: str, draws: Draws, out: list[str]) -> None:
        """Append what one of the parts that can yield `char` draws with it."""
        able = self._able.get(char)
        if able is None:
            places = [k for k, part in enumerate(self.parts) if char in part.characters]
            running = list(accumulate(self.weights[k] for k in places))
            able = self._able[char] = [self.parts[k] for k in places], running
        draws.weighted(*able).draw_with(char, draws, out)


@dataclass(frozen=True)
class Repeat:
    """A part drawn `low` to `high` times (both included), each number as often."""

    part: PatternNode
    low: int
    high: int

    @cached_property
    def characters(self) -> frozenset[str]:
        """Return what the part can yield; nothing where it is never drawn."""
        return self.part.characters if self.high else frozenset()

    def draw(self, draws: Draws, out: list[str]) -> None:
        """Append the part as often as is drawn."""
        for _ in range(draws.whole(self.low, self.high + 1)):
            self.part.draw(draws, out)

    def draw_with(self, char: str, draws: Draws, out: list[str]) -> None:
        """Append the part, at least once; one of them holds `char`."""
        times = draws.whole(max(self.low, 1), self.high + 1)
        holder = draws.whole(0, times)
        for k in range(times):
            if k == holder:
                self.part.draw_with(char, draws, out)
            else:
                self.part.draw(draws, out)


class Form(NamedTuple):
    """A part of a text, from `start` up to `end`, and what yields others of its form."""

    kind: str
    start: int
    end: int
    node: PatternNode


def pruned(node: PatternNode, allows: Callable[[str], bool]) -> PatternNode | None:
    """Leave out of a part what can only yield characters that are not allowed.

    Returns:
        A part that yields the texts of `node` whose characters are all allowed (numbers and
        dates go whole or not at all); None if there is no such text.
    """
    if all(map(allows, node.characters)):
        return node
    match node:
        case OneOf(members):
            kept = "".join(filter(allows, members))
            return OneOf(kept) if kept else None
        case OneText(texts):
            fitting = tuple(text for text in texts if all(map(allows, text)))
            return OneText(fitting) if fitting else None
        case Sequel(parts):
            kept_parts = [pruned(part, allows) for part in parts]
            whole = tuple(part for part in kept_parts if part)
            return Sequel(whole) if len(whole) == len(parts) else None
        case Alternatives(parts, weights):
            pairs = zip(parts, weights, strict=True)
            able = [(p, weight) for part, weight in pairs if (p := pruned(part, allows))]
            return (
                Alternatives(tuple(p for p, _ in able), tuple(w for _, w in able)) if able else None
            )
        case Repeat(part, low, high):
            inner = pruned(part, allows)
            if inner:
                return Repeat(inner, low, high)
            return None if low else Literal("")
    return None


@dataclass(frozen=True)
class LineRule:
    """One `[[line]]` of a pattern file, parsed."""

    name: str
    group: str
    weight: float
    node: PatternNode

    @cached_property
    def characters(self) -> frozenset[str]:
        """Name every character that the rule can yield, but for the space."""
        return self.node.characters - {" "}


@dataclass(frozen=True)
class Grammar:
    """The line rules of a pattern file, or of some of its groups.

    Attributes:
        read: sha256 of the text files that its parts are made of.
    """

    rules: tuple[LineRule, ...]
    read: tuple[str, ...] = ()

    @cached_property
    def characters(self) -> frozenset[str]:
        """Name every character that any of the rules can yield."""
        empty: frozenset[str] = frozenset()
        return empty.union(*(rule.characters for rule in self.rules))

    @cached_property
    def _running(self) -> Sequence[float]:
        return list(accumulate(rule.weight for rule in self.rules))

    @cached_property
    def _able(self) -> dict[str, tuple[tuple[LineRule, ...], list[float]]]:
        return {}

    def draw(self, draws: Draws) -> str:
        """Draw a rule by weight and a text from it."""
        return draw(draws.weighted(self.rules, self._running), draws)

    def draw_with(self, char: str, draws: Draws) -> str | None:
        """Draw a text that holds the character; None if no rule can yield it."""
        if char not in self._able:
            rules = tuple(rule for rule in self.rules if char in rule.characters)
            self._able[char] = rules, list(accumulate(rule.weight for rule in rules))
        rules, running = self._able[char]
        return draw_with(draws.weighted(rules, running), char, draws) if rules else None

    def only(self, groups: Sequence[str]) -> "Grammar":
        """Keep the rules of these groups; all of them when none is named."""
        kept = tuple(rule for rule in self.rules if not groups or rule.group in groups)
        return Grammar(kept, self.read)


def draw(rule: LineRule, draws: Draws) -> str:
    """Draw one text; spaces that optional parts left doubled or at an end are taken out."""
    out: list[str] = []
    rule.node.draw(draws, out)
    return tidied("".join(out))


def draw_with(rule: LineRule, char: str, draws: Draws) -> str | None:
    r"""Draw a text that holds the character; None if the rule cannot yield it.

    >>> from synth.corpus.pattern_file import parse_patterns
    >>> from synth.draws import Draws
    >>> rule = parse_patterns('[[line]]\nname = "kwh"\nrule = "[0-9]{3}(L|kWh)"').rules[0]
    >>> "k" in draw_with(rule, "k", Draws(1, 1)), draw_with(rule, "x", Draws(1, 1))
    (True, None)
    """
    if char not in rule.characters:
        return None
    out: list[str] = []
    rule.node.draw_with(char, draws, out)
    return tidied("".join(out))


def characters(rule: LineRule) -> frozenset[str]:
    """Name every character that the rule can yield."""
    return rule.characters


def tidied(text: str) -> str:
    """Return a drawn text with single spaces, none at its ends."""
    return " ".join(word for word in text.split(" ") if word) if " " in text else text
