r"""Patterns: a small grammar of ours for texts that follow a form.

A pattern file is TOML. `[rules]` names parts, `[[line]]` names what becomes a line, `[lines.NAME]`
makes a part of the lines of text files that lie beside it:

    [rules]
    won = "<number 100..990000 step 100 group ,>원"

    [[line]]
    name = "total"
    group = "ko"
    weight = 2
    rule = "(합계|총액|받을금액@2) <won>"

    [lines.word]                # <word>: any line of these files, none longer than `longest`
    files = ["words.txt"]
    longest = 18

In a rule,

- `abc 값` yields itself; `\` before one of ``\ [ ] ( ) { } | ? < > @`` makes it itself;
- `[0-9A-F]` yields one character of the class, each as often;
- `x{3}` and `x{2,4}` yield x three times, and two to four times (at most 64);
- `x?` yields x or nothing, each half of the time;
- `(a|b@3|)` yields one of them, `@3` three times as often; one may be empty;
- `<won>` yields what the rule of that name does; rules may not go round in circles;
- `<number 0.00..999.99>` yields a number with as many places as its bounds have, each count of
  digits as often; then, in this order, may come `step 0.5`, `group ,` (between thousands),
  `point ,` (the decimal mark) and `pad 4` (zeros in front);
- `<date %Y-%m-%d>` yields a day that exists, from 2000 to 2035 or `<date 1950..2010 %y>`; it has
  `%Y %y %m %-m %b %^b %B %d %-d %a %^a %A`, `%k` (월) and `%z` (一);
- `<time %H:%M>` yields a time of day; it has `%H %-H %I %-I %M %S`, `%p` (AM), `%P` (오전) and
  `%N` (上午); `<time 09:00..11:30 step 30 %H:%M>` one between the two, in steps of minutes;
- `<id business>` yields a number with its check digit: of a Korean `business`, a `corporate` one
  (registration numbers), a barcode (`ean13`), a freight `container`, an air waybill (`awb`), or
  an international postal item without its country (`s10`).

That is all: no anchors, no look-ahead, no unbounded repetition. A rule always ends, every
character that it can yield is known (`characters`), and a text that holds a wanted one is
built and not searched for (`draw_with`).
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from pathlib import Path
from unicodedata import normalize

from pydantic import BaseModel, Field

from synth.corpus.carriers import read_lines
from synth.corpus.nodes import Node, OneText
from synth.corpus.parse import Parser, PatternError
from synth.corpus.tables import read_table
from synth.draws import Draws
from textlines.errors import InputError
from textlines.files import sha256_of
from textlines.labels.tally import Tally

ANY = 1 << 30
"""No limit to the length of a line: none is cut."""


class _LineTable(BaseModel, frozen=True, extra="forbid", defer_build=True):
    name: str = Field(min_length=1)
    rule: str = Field(min_length=1)
    group: str = ""
    weight: float = Field(1.0, gt=0)


class _LinesTable(BaseModel, frozen=True, extra="forbid", defer_build=True):
    files: tuple[str, ...] = Field(min_length=1)
    longest: int = Field(18, ge=1)


class _PatternTable(BaseModel, frozen=True, extra="forbid", defer_build=True):
    rules: dict[str, str] = {}
    lines: dict[str, _LinesTable] = {}
    line: tuple[_LineTable, ...] = Field(min_length=1)


@dataclass(frozen=True)
class LineRule:
    """One `[[line]]` of a pattern file, parsed."""

    name: str
    group: str
    weight: float
    node: Node

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
    return _tidy("".join(out))


def draw_with(rule: LineRule, char: str, draws: Draws) -> str | None:
    """Draw a text that holds the character; None if the rule cannot yield it.

    >>> from synth.draws import Draws
    >>> rule = parse_patterns('[[line]]\\nname = "kwh"\\nrule = "[0-9]{3}(L|kWh)"').rules[0]
    >>> "k" in draw_with(rule, "k", Draws(1, 1)), draw_with(rule, "x", Draws(1, 1))
    (True, None)
    """
    if char not in rule.characters:
        return None
    out: list[str] = []
    rule.node.draw_with(char, draws, out)
    return _tidy("".join(out))


def characters(rule: LineRule) -> frozenset[str]:
    """Name every character that the rule can yield."""
    return rule.characters


def _tidy(text: str) -> str:
    return " ".join(word for word in text.split(" ") if word) if " " in text else text


def load_patterns(path: Path) -> Grammar:
    """Read a pattern file.

    Raises:
        InputError: the file cannot be read or holds an unknown key.
        PatternError: a rule breaks the grammar.
    """
    return _loaded(path, _stamps(path.parent))


@lru_cache(maxsize=32)
def _loaded(path: Path, stamps: object) -> Grammar:
    """Read a pattern file once: a run asks for those of the package as texts and as stand-ins."""
    return _grammar(read_table(path, _PatternTable), str(path), path.parent)


def _stamps(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Return name, size and time of all files of a folder; () for none that can be listed."""
    try:
        with os.scandir(folder) as entries:
            files = [(one.name, one.stat()) for one in entries if one.is_file()]
    except OSError:
        return ()
    return tuple(sorted((name, stat.st_size, stat.st_mtime_ns) for name, stat in files))


def parse_patterns(text: str, where: str = "patterns") -> Grammar:
    """Read the text of a pattern file.

    Raises:
        InputError, PatternError: as `load_patterns`; `where` names the text.
    """
    return _grammar(read_table(where, _PatternTable, text), where)


def _grammar(table: _PatternTable, where: str, folder: Path | None = None) -> Grammar:
    read: list[str] = []
    parsed: dict[str, Node] = {
        name: _text_lines(f"{where}: lines.{name}", lines, folder, read)
        for name, lines in table.lines.items()
    }
    twice = sorted(table.rules.keys() & parsed.keys())
    if twice:
        raise InputError(where, f"has rules and lines of one name, {twice[0]!r}", "Rename one.")
    open_rules: list[str] = []

    def named(name: str) -> Node:
        if name in open_rules:
            raise PatternError(
                f"{where}: rule {name!r}",
                f"leads back to itself: {' > '.join([*open_rules, name])}",
                "Take one of these references out.",
            )
        if name not in parsed:
            source = table.rules[name]
            open_rules.append(name)
            parsed[name] = Parser(
                f"{where}: rule {name!r}", normalize("NFC", source), named
            ).parse()
            open_rules.pop()
        return parsed[name]

    for name in table.rules:
        named(name)
    rules = []
    for line in table.line:
        node = Parser(f"{where}: line {line.name!r}", normalize("NFC", line.rule), named).parse()
        rules.append(LineRule(line.name, line.group, line.weight, node))
    return Grammar(tuple(rules), tuple(read))


def _text_lines(where: str, table: _LinesTable, folder: Path | None, read: list[str]) -> Node:
    """Make a part of the lines of some files; adds their sha256 to `read`.

    Raises:
        InputError: the patterns have no folder, or a file cannot be read or holds no such line.
    """
    texts: list[str] = []
    for name in table.files:
        if folder is None:
            raise InputError(where, "names files, and the patterns lie in no folder", "")
        path = folder / name
        found = read_lines(path, longest=ANY, tally=Tally(), length=lambda _: ANY)
        texts += [text for text in found if len(text) <= table.longest]
        read.append(sha256_of(path))
    if not texts:
        raise InputError(
            where, f"holds no line of up to {table.longest} characters", "Name other files."
        )
    return OneText(tuple(dict.fromkeys(texts)))
